#include <gtest/gtest.h>

#include <map>

#include "hub/shard_fixture.h"

namespace easyflow::hub {
namespace {

using nlohmann::json;
using namespace test;

class HubShardUpdates : public ShardFixture {};

std::map<std::string, json> byChannel(const std::vector<json>& items) {
  std::map<std::string, json> result;
  for (const json& item : items)
    EXPECT_TRUE(result.emplace(item["channel"], item.value("data", json("gone"))).second) << item;
  return result;
}

TEST_P(HubShardUpdates, SnapshotThenWhatChanges) {
  start();
  publish({updateOf("task/1", 0, 0, "1"), updateOf("task/2", 1, 0, "2"),
           updateOf("org/1", 0, 1, "3"), updateOf("task/1", 0, 2, "4"),
           updateOf("task/3", 0, 3, "5"), removalOf("task/3", 0, 4)});
  HubClient& client = welcomed();
  client.subscribe(1, {"task/*"});
  EXPECT_EQ((json{{"type", "subscribed"},
                  {"id", 1},
                  {"channels", {"task/*"}},
                  {"mode", "latest"},
                  {"recovered", false}}),
            client.expect("subscribed"));
  const auto [items, token] = client.snapshot();
  EXPECT_EQ((std::map<std::string, json>{{"task/1", 4}, {"task/2", 2}}), byChannel(items));
  EXPECT_EQ((Offsets{4, 0}), topology_->parse(token)->offsets);

  publish({updateOf("org/1", 0, 5, "6"), updateOf("task/1", 0, 6, "7", 1'234)});
  EXPECT_EQ(
      (json{
          {"type", "update"}, {"channel", "task/1"}, {"at", "0:6"}, {"time", 1'234}, {"data", 7}}),
      client.expect("update"));
  publish({removalOf("task/2", 1, 1, 5)});
  EXPECT_EQ((json{{"type", "remove"}, {"channel", "task/2"}, {"at", "1:1"}, {"time", 5}}),
            client.expect("remove"));
  client.expectNothingElse();
}

TEST_P(HubShardUpdates, AnUpdateComesOnceForASubscriptionAndOnceForEach) {
  start();
  HubClient& client = subscribed({"*", "task/*", "task/1"});
  publish({updateOf("task/1", 0, 0, "1")});
  client.expect("update");
  client.expectNothingElse();
  client.subscribe(2, {"task/1"});
  client.expect("subscribed");
  client.snapshot();
  publish({updateOf("task/1", 0, 1, "1")});
  client.expect("update");
  client.expect("update");
  client.expectNothingElse();
}

TEST_P(HubShardUpdates, ALargeSnapshotComesInPiecesWithNoUpdateBetween) {
  start();
  std::vector<UpdatePtr> updates;
  updates.reserve(30'000);
  const std::string data = "\"" + std::string(200, 'x') + "\"";
  for (int i = 0; i < 30'000; ++i)
    updates.push_back(updateOf("c/" + std::to_string(i), 0, i, data));
  publish(updates);
  HubClient& client = welcomed();
  client.subscribe(1, {"c/*"});
  publish({updateOf("c/1", 0, 30'000, "1"), removalOf("c/2", 0, 30'001)});
  client.expect("subscribed");
  std::map<std::string, json> view;
  for (bool more = true; more;) {
    const json message = client.expect("snapshot");
    ASSERT_TRUE(message.contains("items"));
    EXPECT_LT(message.dump().size(), 200'000U);
    for (const json& item : message["items"]) {
      if (item.contains("removed")) {
        view.erase(item["channel"]);
      } else {
        view[item["channel"]] = item["data"];
      }
    }
    more = message["more"];
  }
  // The change came within the snapshot or after it.
  while (view["c/1"] != 1 || view.count("c/2") > 0) {
    const json message = client.next();
    ASSERT_TRUE(message.is_object());
    if (message["type"] == "update") view[message["channel"]] = message["data"];
    if (message["type"] == "remove") view.erase(message["channel"]);
  }
  EXPECT_EQ(29'999U, view.size());
}

TEST_P(HubShardUpdates, ResumesWithWhatChanged) {
  start();
  publish({updateOf("a", 0, 0, "1"), updateOf("b", 0, 1, "1"), updateOf("c", 1, 0, "1")});
  HubClient& client = welcomed();
  client.subscribe(1, {"*"});
  client.expect("subscribed");
  const std::string token = client.snapshot().second;
  publish({updateOf("a", 0, 2, "2"), removalOf("b", 0, 3), updateOf("d", 1, 1, "1"),
           updateOf("a", 0, 4, "3")});

  HubClient& other = welcomed();
  other.subscribe(1, {"*"}, {{"since", token}});
  EXPECT_EQ(true, other.expect("subscribed")["recovered"]);
  EXPECT_EQ((std::map<std::string, json>{{"a", 3}, {"b", "gone"}, {"d", 1}}),
            byChannel(other.snapshot().first));
  // Moved as docs/protocol.md says: only what came behind it.
  other.subscribe(2, {"*"}, {{"since", token.substr(0, token.rfind('~') + 1) + "0:3,1:0"}});
  EXPECT_EQ(true, other.expect("subscribed")["recovered"]);
  EXPECT_EQ((std::map<std::string, json>{{"a", 3}, {"d", 1}}), byChannel(other.snapshot().first));
}

TEST_P(HubShardUpdates, ATokenThatProvesNothingGivesAWholeSnapshot) {
  options_.store.historyUpdates = 1;
  options_.store.historyBytes = 1;
  start();
  publish({updateOf("a", 0, 0, "1"), updateOf("b", 0, 1, "1")});
  HubClient& client = welcomed();
  client.subscribe(1, {"*"});
  client.expect("subscribed");
  const std::string token = client.snapshot().second;
  client.send({{"type", "unsubscribe"}, {"id", 1}});
  client.expect("unsubscribed");
  publish({removalOf("b", 0, 2), removalOf("x", 0, 3), updateOf("a", 0, 4, "1")});
  const std::string aged = "e1~1~0:1";
  for (const std::string& since :
       {token, aged, std::string("e2~1~0:1"), std::string("junk"), std::string("~~~")}) {
    client.subscribe(2, {"*"}, {{"since", since}});
    EXPECT_EQ(false, client.expect("subscribed")["recovered"]) << since;
    EXPECT_EQ((std::map<std::string, json>{{"a", 1}}), byChannel(client.snapshot().first));
    client.send({{"type", "unsubscribe"}, {"id", 2}});
    for (json message = client.next(); message["type"] != "unsubscribed"; message = client.next())
      ASSERT_TRUE(message.is_object());
  }
}

TEST_P(HubShardUpdates, ModeAllTellsEveryUpdateInOrder) {
  start();
  publish({updateOf("a", 0, 0, "1")});
  HubClient& client = welcomed();
  client.subscribe(1, {"*"}, {{"mode", "all"}});
  EXPECT_EQ("all", client.expect("subscribed")["mode"]);
  const auto [items, token] = client.snapshot();
  EXPECT_EQ(1U, items.size());
  std::vector<UpdatePtr> updates;
  for (int i = 1; i <= 100; ++i) updates.push_back(updateOf("a", 0, i, std::to_string(i)));
  publish(updates);
  for (int i = 1; i <= 100; ++i) EXPECT_EQ("0:" + std::to_string(i), client.expect("update")["at"]);

  HubClient& other = welcomed();
  other.subscribe(1, {"*"}, {{"mode", "all"}, {"since", token}});
  EXPECT_EQ(true, other.expect("subscribed")["recovered"]);
  EXPECT_TRUE(other.snapshot().first.empty());
  for (int i = 1; i <= 100; ++i) EXPECT_EQ("0:" + std::to_string(i), other.expect("update")["at"]);
  publish({removalOf("a", 0, 101)});
  other.expect("remove");
}

TEST_P(HubShardUpdates, ModeAllWithoutItsHistoryStartsAgain) {
  options_.store.historyUpdates = 1;
  options_.store.historyBytes = 1;
  start();
  publish({updateOf("a", 0, 0, "1")});
  HubClient& client = welcomed();
  client.subscribe(1, {"*"}, {{"mode", "all"}});
  client.expect("subscribed");
  const std::string token = client.snapshot().second;
  publish({updateOf("a", 0, 1, "2"), updateOf("a", 0, 2, "3"), updateOf("a", 0, 3, "4")});
  client.subscribe(2, {"*"}, {{"mode", "all"}, {"since", token}});
  for (json message = client.next();; message = client.next()) {
    ASSERT_TRUE(message.is_object());
    if (message["type"] != "subscribed") continue;
    EXPECT_EQ(false, message["recovered"]);
    return;
  }
}

// What was forgotten of one partition is known to the client; of the other one nothing is missing.
TEST_P(HubShardUpdates, AProvenTokenIsNotTakenBack) {
  options_.store.historyUpdates = 1;
  options_.store.historyBytes = 1;
  for (const char* mode : {"latest", "all"}) {
    SCOPED_TRACE(mode);
    start();
    publish({updateOf("a", 0, 0, "1"), updateOf("b", 1, 0, "1"), updateOf("b", 1, 1, "2"),
             removalOf("b", 1, 2), updateOf("c", 1, 3, "1")});
    HubClient& client = welcomed();
    client.subscribe(1, {"*"}, {{"mode", mode}, {"since", "e1~zzzzzzzz~1:2"}});
    EXPECT_EQ(true, client.expect("subscribed")["recovered"]);
    const auto items = client.snapshot().first;
    if (items.empty()) {
      EXPECT_EQ("0:0", client.expect("update")["at"]);
      EXPECT_EQ("1:3", client.expect("update")["at"]);
    } else {
      EXPECT_EQ((std::map<std::string, json>{{"a", 1}, {"c", 1}}), byChannel(items));
    }
    client.expectNothingElse();
    TearDown();
  }
}

TEST_P(HubShardUpdates, AFilterTellsWhoStopsToMatch) {
  start();
  HubClient& client = subscribed({"*"}, {{"filter", {{"s", {"on", "half"}}}}});
  const auto state = [](const char* value) { return std::string(R"({"s":")") + value + "\"}"; };
  publish({updateOf("a", 0, 0, state("off"))});
  publish({updateOf("a", 0, 1, state("on"))});
  EXPECT_EQ("0:1", client.expect("update")["at"]);
  publish({updateOf("a", 0, 2, state("half"))});
  EXPECT_EQ("0:2", client.expect("update")["at"]);
  publish({updateOf("a", 0, 3, state("off"))});
  EXPECT_EQ("0:3", client.expect("remove")["at"]);
  publish({updateOf("a", 0, 4, state("off")), removalOf("a", 0, 5), removalOf("b", 0, 6)});
  client.expectNothingElse();
  publish({updateOf("b", 0, 7, state("on"))});
  client.expect("update");
  publish({removalOf("b", 0, 8)});
  EXPECT_EQ("0:8", client.expect("remove")["at"]);
}

// The state that left the filter is superseded before it is sent, by one that is outside as well.
TEST_P(HubShardUpdates, LeavingAFilterIsToldThoughMoreFollowsAtOnce) {
  start();
  HubClient& client = subscribed({"*"}, {{"filter", {{"s", "on"}}}});
  for (const bool isRemoved : {false, true}) {
    SCOPED_TRACE(isRemoved);
    const std::int64_t offset = isRemoved ? 10 : 0;
    publish({updateOf("a", 0, offset, R"({"s":"on"})")});
    client.expect("update");
    publish(
        {isRemoved ? removalOf("a", 0, offset + 1) : updateOf("a", 0, offset + 1, R"({"s":"off"})"),
         updateOf("a", 0, offset + 2, R"({"s":"out"})"),
         updateOf("a", 0, offset + 3, R"({"s":"off"})")});
    EXPECT_EQ("a", client.expect("remove")["channel"]);
    client.expectNothingElse();
  }
  // In and out again: the last word is that it is out.
  publish({updateOf("a", 0, 20, R"({"s":"on"})"), updateOf("a", 0, 21, R"({"s":"off"})"),
           updateOf("a", 0, 22, R"({"s":"on"})"), updateOf("a", 0, 23, R"({"s":"off"})"),
           updateOf("a", 0, 24, R"({"s":"off"})")});
  EXPECT_EQ("a", client.expect("remove")["channel"]);
  client.expectNothingElse();
}

TEST_P(HubShardUpdates, AFilterIsTrueForSnapshotsAndResumes) {
  start();
  publish({updateOf("a", 0, 0, R"({"s":"on"})"), updateOf("b", 0, 1, R"({"s":"off"})"),
           updateOf("c", 0, 2, R"({"s":"on"})")});
  HubClient& client = welcomed();
  client.subscribe(1, {"*"}, {{"filter", {{"s", "on"}}}});
  client.expect("subscribed");
  const auto [items, token] = client.snapshot();
  EXPECT_EQ(2U, byChannel(items).size());
  publish({updateOf("a", 0, 3, R"({"s":"off"})"), updateOf("b", 0, 4, R"({"s":"on"})")});
  HubClient& other = welcomed();
  other.subscribe(1, {"*"}, {{"filter", {{"s", "on"}}}, {"since", token}});
  EXPECT_EQ(true, other.expect("subscribed")["recovered"]);
  const auto changes = byChannel(other.snapshot().first);
  EXPECT_EQ("gone", changes.at("a"));
  EXPECT_EQ((json{{"s", "on"}}), changes.at("b"));
}

// The log has forgotten the entity, the client has not.
TEST_P(HubShardUpdates, AnEvictedEntityStillLeavesItsFilter) {
  options_.store.maxEntities = 2;
  start();
  HubClient& client = subscribed({"*"}, {{"filter", {{"s", "on"}}}});
  publish({updateOf("a", 0, 0, R"({"s":"on"})"), updateOf("b", 0, 1, R"({"s":"on"})")});
  client.expect("update");
  client.expect("update");
  publish({updateOf("x", 0, 2, R"({"s":"off"})"), updateOf("y", 0, 3, R"({"s":"off"})")});
  settle();
  EXPECT_EQ(2U, metric(&ShardMetrics::evicted));
  publish({updateOf("a", 0, 4, R"({"s":"off"})"), removalOf("b", 0, 5)});
  const std::set<std::string> gone{client.expect("remove")["channel"],
                                   client.expect("remove")["channel"]};
  EXPECT_EQ((std::set<std::string>{"a", "b"}), gone);
}

TEST_P(HubShardUpdates, MoreEntitiesThanTheStoreHoldsStillArrive) {
  options_.store.maxEntities = 5;
  start();
  HubClient& client = subscribed({"*"});
  std::vector<UpdatePtr> updates;
  updates.reserve(50);
  for (int i = 0; i < 50; ++i) updates.push_back(updateOf("c" + std::to_string(i), 0, i, "1"));
  // Not flushed yet when the store lets go of them.
  publish({updateOf("first", 1, 0, "1")});
  publish(updates);
  std::set<std::string> seen;
  while (seen.size() < 51) {
    const json message = client.expect("update");
    if (!message.contains("channel")) break;
    seen.insert(message["channel"]);
  }
  EXPECT_EQ(51U, seen.size());
}

TEST_P(HubShardUpdates, ARateHoldsUpdatesBackAndTheLastArrives) {
  start();
  HubClient& slow = subscribed({"*"}, {{"maxRateMs", 3'600'000}});
  HubClient& fast = subscribed({"*"});
  publish({updateOf("a", 0, 0, "0")});
  EXPECT_EQ(0, slow.expect("update")["data"]);
  fast.expect("update");
  publish({updateOf("a", 0, 1, "1")});
  fast.expect("update");
  slow.expectNothingElse();

  HubClient& some = subscribed({"a"}, {{"maxRateMs", 20}});
  for (int i = 2; i < 200; ++i) publish({updateOf("a", 0, i, std::to_string(i))});
  int last = 1;
  int count = 0;
  for (; last < 199; ++count) {
    const json message = some.expect("update");
    ASSERT_TRUE(message.contains("data"));
    EXPECT_GT(message["data"].get<int>(), last);
    last = message["data"];
  }
  EXPECT_GE(count, 1);
  some.expectNothingElse();
  slow.expectNothingElse();
}

// Bytes that nobody reads stay within the limit, and whoever reads again gets the last states.
TEST_P(HubShardUpdates, ASlowClientIsConflated) {
  options_.limits.outboundBytes = 64 * 1024;
  bufferBytes_ = 16 * 1024;
  start();
  HubClient& client = subscribed({"*"});
  const std::string padding(1'000, 'x');
  std::int64_t offset = 0;
  for (int round = 0; round < 200; ++round) {
    std::vector<UpdatePtr> updates;
    updates.reserve(100);
    for (int i = 0; i < 100; ++i)
      updates.push_back(
          updateOf("c" + std::to_string(i), 0, offset++,
                   "{\"round\":" + std::to_string(round) + ",\"p\":\"" + padding + "\"}"));
    publish(updates);
    settle();
  }
  std::map<std::string, int> view;
  std::size_t current = 0;
  while (current < 100) {
    const json message = client.expect("update");
    ASSERT_TRUE(message.contains("channel"));
    int& round = view[message["channel"]];
    EXPECT_GE(message["data"]["round"].get<int>(), round);
    round = message["data"]["round"];
    if (round == 199) ++current;
  }
  client.expectNothingElse();
  // 20 MB were published.
  EXPECT_LT(client.received(), 4U << 20U);
  EXPECT_GT(metric(&ShardMetrics::conflated), 1'000U);
}

TEST_P(HubShardUpdates, ASlowClientInModeAllGetsAGapThenTheNewestThenEverything) {
  options_.limits.outboundBytes = 64 * 1024;
  options_.store.historyUpdates = 10;
  options_.store.historyBytes = 10'000;
  bufferBytes_ = 16 * 1024;
  start();
  HubClient& client = subscribed({"*"}, {{"mode", "all"}});
  const std::string padding(1'000, 'x');
  const int published = 5'000;
  for (int i = 0; i < published; ++i) {
    publish({updateOf("c" + std::to_string(i % 10), 0, i,
                      "{\"i\":" + std::to_string(i) + ",\"p\":\"" + padding + "\"}")});
    if (i % 50 == 0) settle();
  }
  settle();
  bool sawGap = false;
  std::int64_t last = -1;
  std::map<std::string, int> view;
  while (last < published - 1) {
    const json message = client.next();
    ASSERT_TRUE(message.is_object());
    if (message["type"] == "gap") {
      EXPECT_EQ((json{{"type", "gap"}, {"id", 1}, {"reason", "overflow"}}), message);
      sawGap = true;
      continue;
    }
    ASSERT_EQ("update", message["type"]);
    const int i = message["data"]["i"];
    if (!sawGap) {
      EXPECT_EQ(last + 1, i);
    }
    EXPECT_GT(i, last);
    last = i;
    view[message["channel"]] = i;
  }
  EXPECT_TRUE(sawGap);
  for (int i = published - 10; i < published; ++i) EXPECT_EQ(i, view["c" + std::to_string(i % 10)]);
  // Live again: every single one.
  publish({updateOf("c1", 0, published, "1"), updateOf("c1", 0, published + 1, "2")});
  EXPECT_EQ(1, client.expect("update")["data"]);
  EXPECT_EQ(2, client.expect("update")["data"]);
  EXPECT_GT(metric(&ShardMetrics::gaps), 0U);
}

TEST_P(HubShardUpdates, OverflowMayCloseInstead) {
  options_.limits.outboundBytes = 64 * 1024;
  options_.store.historyUpdates = 10;
  options_.store.historyBytes = 10'000;
  options_.closeOnOverflow = true;
  bufferBytes_ = 16 * 1024;
  start();
  HubClient& client = subscribed({"*"}, {{"mode", "all"}});
  const std::string data = "\"" + std::string(1'000, 'x') + "\"";
  for (int i = 0; i < 5'000; ++i) {
    publish({updateOf("c", 0, i, data)});
    if (i % 50 == 0) settle();
  }
  EXPECT_EQ(4005, client.awaitClose());
}

TEST_P(HubShardUpdates, WhoTakesNothingIsClosed) {
  options_.limits.outboundBytes = 1U << 20U;
  options_.limits.slow = Milliseconds(5'000);
  bufferBytes_ = 16 * 1024;
  start();
  HubClient& client = subscribed({"*"}, {{"mode", "all"}});
  HubClient& other = subscribed({"other"});
  const std::string data = "\"" + std::string(10'000, 'x') + "\"";
  std::vector<UpdatePtr> updates;
  updates.reserve(100);
  for (int i = 0; i < 100; ++i) updates.push_back(updateOf("c", 0, i, data));
  publish(updates);
  const json event = events_->await("disconnected");
  EXPECT_EQ(client.id, event["connection"]);
  EXPECT_EQ(4001, event["code"]);
  EXPECT_EQ(1U, metric(&ShardMetrics::slowCloses));
  other.expectNothingElse();
}

TEST_P(HubShardUpdates, AnswersToWhoReadsNothingAreBounded) {
  options_.limits.outboundBytes = 16 * 1024;
  options_.limits.messagesPerSecond = 1'000'000;
  options_.limits.slow = Milliseconds(3'600'000);
  bufferBytes_ = 4 * 1024;
  start();
  HubClient& client = welcomed();
  const std::string ping = clientFrame(Opcode::kPing, std::string(120, 'x'));
  std::string pings;
  for (int i = 0; i < 50'000; ++i) pings += ping;
  client.sendRaw(pings);
  const json event = events_->await("disconnected");
  EXPECT_EQ(client.id, event["connection"]);
  EXPECT_EQ(4001, event["code"]);
}

// What waits for it is a piece of its snapshot, larger than the limit.
TEST_P(HubShardUpdates, WhoHasMuchToReadMaySpeak) {
  options_.limits.outboundBytes = 1'024;
  bufferBytes_ = 4 * 1024;
  start();
  std::vector<UpdatePtr> updates;
  updates.reserve(1'000);
  const std::string data = "\"" + std::string(200, 'x') + "\"";
  for (int i = 0; i < 1'000; ++i) updates.push_back(updateOf("c" + std::to_string(i), 0, i, data));
  publish(updates);
  HubClient& client = welcomed();
  client.subscribe(1, {"*"});
  for (int i = 0; i < 10; ++i) {
    settle();
    client.send({{"type", "ping"}});
  }
  std::size_t items = 0;
  std::size_t pongs = 0;
  while (items < 1'000 || pongs < 10) {
    const json message = client.next();
    ASSERT_TRUE(message.is_object()) << client.closeCode();
    if (message["type"] == "snapshot") items += message["items"].size();
    if (message["type"] == "pong") ++pongs;
  }
}

TEST_P(HubShardUpdates, CompressedFramesForThoseThatAgreed) {
  start();
  const std::string data = "\"" + std::string(5'000, 'x') + "\"";
  HubClient& client = welcomed(grantOf(), Encoding::kDeflate);
  HubClient& plain = subscribed({"*"});
  client.sendRaw(clientFrame(Opcode::kText,
                             packed(R"({"type":"subscribe","id":1,"channels":["*"]})"),
                             {.reserved = 0x40}));
  client.expect("subscribed");
  client.snapshot();
  publish({updateOf("a", 0, 0, data, 1, 1'000), updateOf("b", 0, 1, "1", 1, 1'000)});
  EXPECT_EQ(std::string(5'000, 'x'), client.expect("update")["data"]);
  EXPECT_EQ(1, client.expect("update")["data"]);
  EXPECT_EQ(1U, client.compressedFrames());
  EXPECT_LT(client.received(), 2'000U);
  EXPECT_EQ(std::string(5'000, 'x'), plain.expect("update")["data"]);
  EXPECT_EQ(0U, plain.compressedFrames());
}

TEST_P(HubShardUpdates, ServerSentEventsSayTheSameAndWhereToResume) {
  start();
  publish({updateOf("a", 0, 5, "1")});
  const std::string subscribe = R"({"type":"subscribe","id":0,"channels":["*"]})";
  HubClient& client = connect(grantOf(), Encoding::kEvents, subscribe, "HTTP/1.1 200 OK\r\n\r\n");
  const auto awaitText = [&](const std::string& wanted) {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (client.unparsed().find(wanted) == std::string::npos && !client.hasEnded() &&
           std::chrono::steady_clock::now() < until)
      client.receive(std::chrono::milliseconds(1'000));
    EXPECT_NE(std::string::npos, client.unparsed().find(wanted)) << client.unparsed();
  };
  awaitText(":5\n\n");
  EXPECT_EQ(0U, client.unparsed().find("HTTP/1.1 200 OK\r\n\r\ndata: {\"type\":\"welcome\""));
  const std::string token = client.unparsed().substr(client.unparsed().rfind("id: ") + 4);
  EXPECT_TRUE(topology_->parse(token.substr(0, token.find('\n')))) << token;
  publish({updateOf("a", 0, 6, "[1,\n2]")});
  awaitText(
      "data: {\"type\":\"update\",\"channel\":\"a\",\"at\":\"0:6\",\"time\":1000,\"data\":[1, "
      "2]}\n\nid: e1~");
  // What it sends counts for nothing.
  client.sendRaw(clientFrame(Opcode::kText, R"({"type":"ping"})"));
  shard_->revoke("u1");
  awaitText("data: {\"type\":\"close\",\"code\":4503,\"reason\":\"revoked\"}\n\n");
  EXPECT_TRUE(client.awaitEnd());
}

INSTANTIATE_TEST_SUITE_P(Over, HubShardUpdates, kRelays, relayName);

}  // namespace
}  // namespace easyflow::hub
