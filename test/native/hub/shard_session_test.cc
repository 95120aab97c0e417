#include <gtest/gtest.h>

#include "hub/shard_fixture.h"

namespace easyflow::hub {
namespace {

using nlohmann::json;
using namespace test;

class HubShardSession : public ShardFixture {
 protected:
  static std::string codeOf(const json& error) { return error.value("code", ""); }
  std::string errorCode(HubClient& client) { return codeOf(client.expect("error")); }
};

TEST_P(HubShardSession, WelcomesWhoIsKnown) {
  options_.pingInterval = Milliseconds(25'000);
  start();
  HubClient& client = connect();
  EXPECT_EQ((json{{"type", "welcome"}, {"protocol", 1}, {"pingIntervalMs", 25'000}}),
            client.expect("welcome"));
  client.expectNothingElse();
}

TEST_P(HubShardSession, GreetingComesFirstAndTheHeadIsRead) {
  start();
  HubClient& client = connect(grantOf(), Encoding::kWebSocket, "", textFrame(R"({"type":"101"})"),
                              clientFrame(Opcode::kText, R"({"type":"ping"})"));
  client.expect("101");
  client.expect("welcome");
  client.expect("pong");
}

TEST_P(HubShardSession, ChallengesWhoIsNotKnown) {
  options_.authenticate = Milliseconds(60'000);
  start();
  HubClient& client = connect(std::nullopt);
  EXPECT_EQ((json{{"type", "challenge"}, {"deadlineMs", 60'000}}), client.expect("challenge"));
  client.subscribe(1, {"*"});
  EXPECT_EQ("ERR_HUB_BAD_MESSAGE", errorCode(client));
  client.send({{"type", "publish"}, {"id", 1}, {"route", "r"}, {"data", 1}});
  EXPECT_EQ("ERR_HUB_BAD_MESSAGE", errorCode(client));
  client.send({{"type", "authenticate"}, {"token", "secret"}});
  EXPECT_EQ((json{{"type", "authenticate"}, {"connection", client.id}, {"token", "secret"}}),
            events_->await("authenticate"));
  // One at a time.
  client.send({{"type", "authenticate"}, {"token", "again"}});
  EXPECT_EQ("ERR_HUB_BAD_MESSAGE", errorCode(client));
  shard_->authenticated(client.id, grantOf());
  client.expect("welcome");
  client.subscribe(1, {"*"});
  client.expect("subscribed");
}

TEST_P(HubShardSession, ARefusedTokenEndsTheConnection) {
  start();
  HubClient& client = connect(std::nullopt);
  client.expect("challenge");
  client.send({{"type", "authenticate"}, {"token", "wrong"}});
  events_->await("authenticate");
  shard_->authenticated(client.id, std::nullopt);
  EXPECT_EQ(4501, client.awaitClose());
}

TEST_P(HubShardSession, NoTokenWithinTheDeadline) {
  options_.authenticate = Milliseconds(1);
  start();
  HubClient& client = connect(std::nullopt);
  EXPECT_EQ(4502, client.awaitClose());
}

TEST_P(HubShardSession, NotReadyIsRetriable) {
  startUnready();
  HubClient& client = welcomed();
  client.subscribe(1, {"*"});
  const json error = client.expect("error");
  EXPECT_EQ("ERR_HUB_NOT_READY", codeOf(error));
  EXPECT_EQ(1, error["id"]);
  EXPECT_EQ(true, error["retriable"]);
  makeReady();
  client.subscribe(1, {"*"});
  client.expect("subscribed");
}

TEST_P(HubShardSession, IdsAreUniqueAndKnown) {
  start();
  HubClient& client = welcomed();
  client.subscribe(1, {"a"});
  client.expect("subscribed");
  client.snapshot();
  client.subscribe(1, {"b"});
  EXPECT_EQ("ERR_HUB_DUPLICATE_ID", errorCode(client));
  client.send({{"type", "unsubscribe"}, {"id", 2}});
  EXPECT_EQ("ERR_HUB_UNKNOWN_ID", errorCode(client));
  client.send({{"type", "unsubscribe"}, {"id", 1}});
  EXPECT_EQ(1, client.expect("unsubscribed")["id"]);
  publish({updateOf("a", 0, 0, "1")});
  client.expectNothingElse();
  client.subscribe(1, {"b"});
  client.expect("subscribed");
}

TEST_P(HubShardSession, SubscriptionsAreLimited) {
  options_.limits.subscriptions = 2;
  start();
  HubClient& client = welcomed();
  for (std::uint32_t id = 1; id <= 2; ++id) {
    client.subscribe(id, {"a"});
    client.expect("subscribed");
    client.snapshot();
  }
  client.subscribe(3, {"a"});
  EXPECT_EQ("ERR_HUB_TOO_MANY", errorCode(client));
  client.send({{"type", "unsubscribe"}, {"id", 1}});
  client.expect("unsubscribed");
  client.subscribe(3, {"a"});
  client.expect("subscribed");
}

TEST_P(HubShardSession, RightsAreThoseOfTheGrant) {
  start();
  publish({updateOf("org/acme/1", 0, 0, "1"), updateOf("org/other/1", 0, 1, "1")});
  HubClient& client = welcomed(grantOf({"org/acme/*", "task/1"}));
  for (const char* channel : {"*", "org/*", "org/other/1", "org/acme", "task/*", "task/12"}) {
    client.subscribe(1, {"task/1", channel});
    const json error = client.expect("error");
    EXPECT_EQ("ERR_HUB_FORBIDDEN", codeOf(error)) << channel;
    EXPECT_EQ(false, error["retriable"]);
  }
  client.subscribe(1, {"task/1", "org/acme/*"});
  client.expect("subscribed");
  EXPECT_EQ(1U, client.snapshot().first.size());
}

TEST_P(HubShardSession, ForbiddenAnswersAlikeWhetherThereIsSomethingOrNot) {
  start();
  publish({updateOf("secret/1", 0, 0, "1")});
  HubClient& client = welcomed(grantOf({"task/*"}));
  client.subscribe(1, {"secret/1"});
  const json there = client.expect("error");
  client.subscribe(1, {"secret/2"});
  EXPECT_EQ(there, client.expect("error"));
}

TEST_P(HubShardSession, JsAuthorizesWhatTheGrantDoesNot) {
  options_.asksAuthorize = true;
  start();
  HubClient& client = welcomed(grantOf({"task/*"}));
  client.subscribe(1, {"task/1", "a/*", "b"});
  const json first = events_->await("authorize");
  const json second = events_->await("authorize");
  EXPECT_EQ("a/*", first["pattern"]);
  EXPECT_EQ("b", second["pattern"]);
  EXPECT_EQ("u1", first["subject"]);
  const auto question = first["request"].get<std::uint32_t>();
  client.subscribe(1, {"task/2"});
  EXPECT_EQ("ERR_HUB_DUPLICATE_ID", errorCode(client));
  shard_->authorized(client.id, question, 1);
  client.expectNothingElse();
  shard_->authorized(client.id, question, 1);
  client.expect("subscribed");
  client.snapshot();

  client.subscribe(2, {"c"});
  shard_->authorized(client.id, events_->await("authorize")["request"], 0);
  EXPECT_EQ("ERR_HUB_FORBIDDEN", errorCode(client));
  client.subscribe(2, {"c"});
  shard_->authorized(client.id, events_->await("authorize")["request"], -1);
  const json unavailable = client.expect("error");
  EXPECT_EQ("ERR_HUB_UNAVAILABLE", codeOf(unavailable));
  EXPECT_EQ(true, unavailable["retriable"]);

  client.subscribe(2, {"c"});
  const json late = events_->await("authorize");
  client.send({{"type", "unsubscribe"}, {"id", 2}});
  client.expect("unsubscribed");
  shard_->authorized(client.id, late["request"], 1);
  client.expectNothingElse();
}

TEST_P(HubShardSession, RenewedRightsEndWhatTheyDoNotCover) {
  start();
  HubClient& client = welcomed(grantOf({"a/*", "b/*"}));
  client.subscribe(1, {"a/*"});
  client.expect("subscribed");
  client.snapshot();
  client.subscribe(2, {"b/*"});
  client.expect("subscribed");
  client.snapshot();
  client.send({{"type", "authenticate"}, {"token", "t2"}});
  events_->await("authenticate");
  shard_->authenticated(client.id, grantOf({"a/*"}));
  client.expect("welcome");
  const json error = client.expect("error");
  EXPECT_EQ("ERR_HUB_FORBIDDEN", codeOf(error));
  EXPECT_EQ(2, error["id"]);
  publish({updateOf("b/1", 0, 0, "1"), updateOf("a/1", 0, 1, "1")});
  EXPECT_EQ("a/1", client.expect("update")["channel"]);
}

TEST_P(HubShardSession, ATokenOfAnotherSubjectIsRefused) {
  start();
  HubClient& client = welcomed(grantOf({"*"}, "u1"));
  client.send({{"type", "authenticate"}, {"token", "t2"}});
  events_->await("authenticate");
  shard_->authenticated(client.id, grantOf({"*"}, "u2"));
  EXPECT_EQ(4501, client.awaitClose());
}

TEST_P(HubShardSession, PublishesAreHandedOn) {
  options_.publish = true;
  options_.limits.publishes = 2;
  start();
  Grant grant = grantOf();
  grant.publish = true;
  HubClient& client = welcomed(grant);
  const json message{
      {"type", "publish"}, {"id", 7}, {"route", "r"}, {"key", "k"}, {"data", {{"a", 1}}}};
  client.send(message);
  EXPECT_EQ((json{{"type", "publish"},
                  {"connection", client.id},
                  {"id", 7},
                  {"subject", "u1"},
                  {"route", "r"},
                  {"key", "k"},
                  {"data", {{"a", 1}}}}),
            events_->await("publish"));
  client.send(message);
  client.send(message);
  EXPECT_EQ("ERR_HUB_TOO_MANY", errorCode(client));
  shard_->send(client.id, R"({"type":"published","id":7})");
  client.expect("published");
  client.send(message);
  client.expectNothingElse();

  HubClient& other = welcomed(grantOf());
  other.send(message);
  EXPECT_EQ("ERR_HUB_FORBIDDEN", errorCode(other));
}

TEST_P(HubShardSession, BadMessagesAreAnsweredUntilThereAreTooMany) {
  start();
  HubClient& client = welcomed();
  for (int i = 0; i < 10; ++i) {
    client.sendText("{");
    EXPECT_EQ("ERR_HUB_BAD_MESSAGE", errorCode(client));
  }
  client.sendText("{");
  EXPECT_EQ(4500, client.awaitClose());
}

TEST_P(HubShardSession, MessagesHaveARate) {
  options_.limits.messagesPerSecond = 5;
  start();
  HubClient& client = welcomed();
  for (int i = 0; i < 500; ++i) client.send({{"type", "ping"}});
  EXPECT_EQ(4004, client.awaitClose());
}

TEST_P(HubShardSession, WhoComesBackMaySayAllItsSubscriptionsAtOnce) {
  options_.limits.messagesPerSecond = 1;
  options_.limits.subscriptions = 20;
  start();
  HubClient& client = welcomed();
  for (int id = 0; id < 20; ++id)
    client.send({{"type", "subscribe"}, {"id", id}, {"channels", {"a"}}});
  for (int id = 0; id < 20; ++id) client.expect("subscribed");
}

TEST_P(HubShardSession, PingsOfTheProtocolHaveARateToo) {
  options_.limits.messagesPerSecond = 5;
  start();
  HubClient& client = welcomed();
  for (int i = 0; i < 500; ++i) client.sendRaw(clientFrame(Opcode::kPing, "x"));
  EXPECT_EQ(4004, client.awaitClose());
}

TEST_P(HubShardSession, PingsAreAnswered) {
  start();
  HubClient& client = welcomed();
  client.sendRaw(clientFrame(Opcode::kPing, "payload"));
  client.expectNothingElse();
  EXPECT_EQ(std::vector<std::string>{"payload"}, client.pongs);
}

TEST_P(HubShardSession, WhatIsNotTextClosesWithItsCode) {
  options_.limits.messageBytes = 1'000;
  start();
  const auto closeCode = [&](const std::string& bytes) {
    HubClient& client = welcomed();
    client.sendRaw(bytes);
    const std::uint16_t code = client.awaitClose();
    EXPECT_EQ(code, events_->await("disconnected")["code"]);
    EXPECT_TRUE(client.awaitEnd());
    return code;
  };
  // A close frame answers one that is binary; the others end without.
  EXPECT_EQ(1003, closeCode(clientFrame(Opcode::kBinary, "x") + clientClose(1003)));
  EXPECT_EQ(1007, closeCode(clientFrame(Opcode::kText, "\xff")));
  EXPECT_EQ(1009, closeCode(clientFrame(Opcode::kText, std::string(1'001, 'x'))));
  EXPECT_EQ(1002, closeCode(clientFrame(Opcode::kText, "{}", {.isMasked = false})));
  EXPECT_EQ(1002, closeCode("GET / HTTP/1.1\r\n\r\n"));
}

// What it sent behind the mistake is still in the socket when the close frame goes out.
TEST_P(HubShardSession, TheCodeArrivesThoughMuchFollowedTheMistake) {
  options_.limits.messageBytes = 1'000;
  start();
  HubClient& client = welcomed();
  client.sendRaw(clientFrame(Opcode::kText, std::string(100'000, 'x')));
  EXPECT_EQ(1009, client.awaitClose());
}

TEST_P(HubShardSession, ACloseIsAnsweredWithItsCode) {
  start();
  HubClient& client = welcomed();
  client.sendRaw(clientClose(1000, "bye"));
  EXPECT_EQ(1000, client.awaitClose());
  EXPECT_TRUE(client.awaitEnd());
  const json event = events_->await("disconnected");
  EXPECT_EQ(1000, event["code"]);
  EXPECT_EQ(client.id, event["connection"]);
  EXPECT_EQ("u1", event["subject"]);
  HubClient& plain = welcomed();
  plain.sendRaw(clientFrame(Opcode::kClose, ""));
  EXPECT_EQ(close_code::kNoStatus, plain.awaitClose());
}

TEST_P(HubShardSession, RevokeClosesAllOfASubject) {
  start();
  HubClient& one = welcomed(grantOf({"*"}, "u1"));
  HubClient& two = welcomed(grantOf({"a"}, "u1"));
  HubClient& other = welcomed(grantOf({"*"}, "u2"));
  shard_->revoke("u1");
  EXPECT_EQ(4503, one.awaitClose());
  EXPECT_EQ(4503, two.awaitClose());
  other.expectNothingElse();
}

TEST_P(HubShardSession, DisconnectSaysCodeAndReason) {
  start();
  HubClient& client = welcomed();
  shard_->disconnect(client.id, 4504, "too many");
  EXPECT_EQ(4504, client.awaitClose());
  EXPECT_EQ("too many", client.closeReason());
}

TEST_P(HubShardSession, ExpiringRightsAreToldThenEnded) {
  options_.expiryNotice = Milliseconds(60'000);
  start();
  Grant grant = grantOf();
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  grant.expiresAtMs = std::chrono::duration_cast<Milliseconds>(now).count() + 6'000;
  HubClient& client = connect(grant);
  client.expect("welcome");
  EXPECT_LE(client.expect("expiring")["inMs"].get<int>(), 6'000);
  EXPECT_EQ(4002, client.awaitClose());
}

TEST_P(HubShardSession, APeerThatIsGoneIsForgotten) {
  start();
  HubClient& client = welcomed();
  const std::uint64_t id = client.id;
  dropClient(client);
  const json event = events_->await("disconnected");
  EXPECT_EQ(id, event["connection"]);
  EXPECT_EQ(1006, event["code"]);
  settle();
  EXPECT_EQ(0U, metric(&ShardMetrics::connections));
}

INSTANTIATE_TEST_SUITE_P(Over, HubShardSession, kRelays, relayName);

}  // namespace
}  // namespace easyflow::hub
