#include <gtest/gtest.h>
#include <poll.h>

#include "hub/shard_fixture.h"

namespace easyflow::hub {
namespace {

using nlohmann::json;
using namespace test;

class HubShardLife : public ShardFixture {};

TEST_P(HubShardLife, BeatsWithATokenForWhatIsLive) {
  options_.pingInterval = Milliseconds(1'000);
  start();
  HubClient& client = subscribed({"*"});
  publish({updateOf("a", 1, 41, "1")});
  client.expect("update");
  json ping = client.expect("ping");
  EXPECT_NE(std::string::npos, ping.value("token", "").find("1:41")) << ping;
  EXPECT_GE(client.pings(), 1U);
  // It answers, so it lives on.
  for (int i = 0; i < 3; ++i) client.expect("ping");
  HubClient& idle = connect();
  idle.expect("welcome");
  EXPECT_FALSE(idle.expect("ping").contains("token"));
}

// What a subscription with a maxRateMs still holds back is not claimed, what came before it is.
TEST_P(HubShardLife, BeatsWithATokenThoughARateHoldsBack) {
  options_.pingInterval = Milliseconds(1'000);
  start();
  HubClient& client = subscribed({"*"}, {{"maxRateMs", 3'600'000}});
  publish({updateOf("a", 1, 41, "1")});
  client.expect("update");
  publish({updateOf("a", 1, 50, "2"), updateOf("b", 0, 7, "3")});
  settle();
  client.expect("ping");
  const std::string token = client.expect("ping").value("token", "");
  EXPECT_NE(std::string::npos, token.find("0:6,1:49")) << token;
}

TEST_P(HubShardLife, WhoIsSilentIsClosed) {
  options_.pingInterval = Milliseconds(100);
  start();
  HubClient& client = welcomed();
  client.answersPings = false;
  EXPECT_EQ(4003, client.awaitClose());
}

TEST_P(HubShardLife, CloseTellsEverybodyToComeBack) {
  start();
  HubClient& one = welcomed();
  HubClient& two = subscribed({"*"});
  HubClient& unknown = connect(std::nullopt);
  std::promise<void> closed;
  shard_->close(Milliseconds(50), [&] { closed.set_value(); });
  for (HubClient* client : {&one, &two, &unknown}) {
    EXPECT_EQ(4000, client->awaitClose());
    EXPECT_EQ("after=3000", client->closeReason());
    client->sendRaw(clientClose(4000));
    EXPECT_TRUE(client->awaitEnd());
  }
  ASSERT_EQ(std::future_status::ready, closed.get_future().wait_for(kPatience));
  EXPECT_EQ(0U, metric(&ShardMetrics::connections));
  EXPECT_EQ(0U, metric(&ShardMetrics::subscriptions));
}

TEST_P(HubShardLife, CloseWithoutConnectionsIsDoneAtOnce) {
  start();
  std::promise<void> closed;
  shard_->close(Milliseconds(3'600'000), [&] { closed.set_value(); });
  ASSERT_EQ(std::future_status::ready, closed.get_future().wait_for(kPatience));
}

TEST_P(HubShardLife, CloseEndsThoseThatDoNotAnswer) {
  start();
  HubClient& client = welcomed();
  std::promise<void> closed;
  shard_->close(Milliseconds(0), [&] { closed.set_value(); });
  ASSERT_EQ(std::future_status::ready, closed.get_future().wait_for(kPatience));
  EXPECT_EQ(4000, events_->await("disconnected")["code"]);
  EXPECT_EQ(4000, client.awaitClose());
}

TEST_P(HubShardLife, WhoComesDuringACloseIsSentAway) {
  start();
  HubClient& client = welcomed();
  shard_->close(Milliseconds(0), [] {});
  EXPECT_EQ(4000, connect().awaitClose());
  EXPECT_EQ(4000, client.awaitClose());
}

TEST_P(HubShardLife, StopEndsWhatIsOpen) {
  start();
  HubClient& one = welcomed();
  HubClient& two = subscribed({"*"});
  publish({updateOf("a", 0, 0, "1")});
  shard_->stop();
  EXPECT_EQ(1001, events_->await("disconnected")["code"]);
  EXPECT_EQ(1001, events_->await("disconnected")["code"]);
  one.awaitClose();
  two.awaitClose();
  EXPECT_TRUE(one.awaitEnd());
  EXPECT_TRUE(two.awaitEnd());
  shard_->stop();
}

TEST_P(HubShardLife, AStoppedShardKeepsNothing) {
  start();
  shard_->stop();
  bool isDone = false;
  shard_->take(std::make_shared<const UpdateBatch>(topology_, std::vector<UpdatePtr>(),
                                                   [&] { isDone = true; }));
  EXPECT_TRUE(isDone) << "the batch's credit";
  if (GetParam() == Relay::kDescriptor) {
    EXPECT_TRUE(connect().awaitEnd()) << "the descriptor";
  }
}

TEST_P(HubShardLife, ReadySaidAgainBeginsNoSnapshotAgain) {
  bufferBytes_ = 16 * 1024;
  start();
  constexpr int kEntities = 10'000;
  std::vector<UpdatePtr> updates;
  updates.reserve(kEntities);
  const std::string data = "\"" + std::string(200, 'x') + "\"";
  for (int i = 0; i < kEntities; ++i)
    updates.push_back(updateOf("c/" + std::to_string(i), 0, i, data));
  publish(updates);
  HubClient& client = welcomed();
  client.subscribe(1, {"c/*"});
  client.expect("subscribed");
  makeReady();
  std::size_t items = 0;
  for (bool more = true; more;) {
    const json message = client.expect("snapshot");
    ASSERT_TRUE(message.contains("items"));
    items += message["items"].size();
    more = message["more"];
  }
  EXPECT_EQ(std::size_t{kEntities}, items);
  client.expectNothingElse();
}

TEST_P(HubShardLife, AnotherEpochBeginsSubscriptionsAgain) {
  start();
  publish({updateOf("a", 0, 7, "1")});
  HubClient& client = welcomed();
  client.subscribe(1, {"*"});
  client.expect("subscribed");
  const std::string old = client.snapshot().second;

  follow(topologyOf(2, "e2"));
  // It keeps what it has until the new state is there.
  client.expectNothingElse();
  HubClient& other = welcomed();
  other.subscribe(1, {"*"});
  EXPECT_EQ("ERR_HUB_NOT_READY", other.expect("error")["code"]);
  publish({updateOf("b", 0, 0, "2")});
  client.expectNothingElse();
  makeReady();
  EXPECT_EQ(false, client.expect("subscribed")["recovered"]);
  EXPECT_EQ("b", client.snapshot().first.at(0)["channel"]);
  publish({updateOf("b", 0, 1, "3")});
  EXPECT_EQ(3, client.expect("update")["data"]);
  other.subscribe(1, {"*"}, {{"since", old}});
  EXPECT_EQ(false, other.expect("subscribed")["recovered"]);
  const auto [items, token] = other.snapshot();
  ASSERT_EQ(1U, items.size());
  EXPECT_EQ("b", items[0]["channel"]);
  EXPECT_EQ(0U, token.find("e2~"));
}

TEST_P(HubShardLife, UpdatesOfAnEpochThatIsOverAreDropped) {
  start();
  const auto old = topology_;
  HubClient& client = subscribed({"*"});
  follow(topologyOf(1, "e2"));
  shard_->take(std::make_shared<const UpdateBatch>(
      old, std::vector<UpdatePtr>{updateOf("a", 1, 100, "1")}, [] {}));
  makeReady();
  client.expect("subscribed");
  EXPECT_TRUE(client.snapshot().first.empty());
  client.expectNothingElse();
}

TEST_P(HubShardLife, MorePartitionsChangeNothingForSubscriptions) {
  start(topologyOf(1));
  HubClient& client = subscribed({"*"});
  follow(topologyOf(3));
  publish({updateOf("a", 2, 0, "1")});
  EXPECT_EQ("2:0", client.expect("update")["at"]);
}

INSTANTIATE_TEST_SUITE_P(Over, HubShardLife, kRelays, relayName);

}  // namespace
}  // namespace easyflow::hub
