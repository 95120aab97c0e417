// What every client promises about requests and its end, whatever it is doing.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "client_fixture.h"

namespace easyflow::test {
namespace {

class ClientLifecycleTest : public ClusterTest {};

TEST_F(ClientLifecycleTest, MalformedArgumentsAreAnsweredByAnError) {
  createTopic("t", 1);
  TestConsumer client = subscribed("g", "t");
  for (const char* operation : {"subscribe", "assign", "commit", "committed", "seek",
                                "rebalanceDone", "metadata", "watermarks", "offsetsForTimes"}) {
    for (const char* arguments :
         {"", "{", "[]", "5", "null", "\"text\"", "{\"topics\":5}", "{\"partitions\":[5]}",
          "{\"offsets\":{\"topic\":1}}", "{\"slot\":-1}", "{\"topics\":[{\"topic\":7}]}",
          "{\"offsets\":[{\"topic\":\"t\",\"partition\":0,\"offset\":\"12x\"}]}",
          "{\"timeoutMs\":\"soon\",\"topic\":1}"}) {
      const Response response = client.answerOf(client.sendRaw(operation, arguments));
      const bool mayDo = std::string(operation) == "metadata" || response.value.is_array();
      EXPECT_TRUE(mayDo || response.error) << operation << " " << arguments;
    }
  }
  EXPECT_EQ(RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED, client.call("conquer").error.code);
  EXPECT_FALSE(client.call("lag").error);
}

TEST_F(ClientLifecycleTest, HugeTimeoutsAreNotNegativeOnes) {
  TestProducer client = producer();
  for (const char* timeout : {"9223372036854775807", "1e300", "4294967296", "2147483648"}) {
    const Response response =
        client.answerOf(client.sendRaw("flush", std::string("{\"timeoutMs\":") + timeout + "}"));
    EXPECT_FALSE(response.error) << timeout;
  }
}

TEST_F(ClientLifecycleTest, ACloseWithMalformedArgumentsCloses) {
  for (const char* arguments : {"{", "[]", "7", "{\"timeoutMs\":\"soon\"}", "{\"timeoutMs\":-5}",
                                "{\"timeoutMs\":9223372036854775807}", "{\"timeoutMs\":1e300}"}) {
    TestProducer client = producer();
    const Response response = client.answerOf(client.sendRaw("close", arguments));
    EXPECT_FALSE(response.error) << arguments;
    std::weak_ptr<core::Producer> gone = client.take();
    EXPECT_TRUE(eventually([&] { return gone.expired(); })) << arguments;
  }
}

TEST_F(ClientLifecycleTest, RequestsAfterCloseAndASecondCloseAreAnsweredByDestroy) {
  TestProducer client = producer();
  const std::uint32_t first = client.send("close", {{"timeoutMs", 1000}});
  const std::uint32_t second = client.send("close", {{"timeoutMs", 1000}});
  const std::uint32_t flush = client.send("flush");
  EXPECT_FALSE(client.answerOf(first).error);
  EXPECT_EQ(RD_KAFKA_RESP_ERR__DESTROY, client.answerOf(second).error.code);
  EXPECT_EQ(RD_KAFKA_RESP_ERR__DESTROY, client.answerOf(flush).error.code);
  EXPECT_EQ(RD_KAFKA_RESP_ERR__DESTROY, client.call("flush").error.code);
  client.sink().read([](const Seen& seen) {
    for (const auto& [id, responses] : seen.responses) EXPECT_EQ(1U, responses.size()) << id;
    return 0;
  });
}

TEST_F(ClientLifecycleTest, EveryRequestBeforeACloseIsAnsweredOnce) {
  createTopic("t", 1);
  TestConsumer client = subscribed("g", "t");
  std::vector<std::uint32_t> ids;
  for (int i = 0; i < 100; ++i) ids.push_back(client.send("lag"));
  for (int i = 0; i < 100; ++i) {
    ids.push_back(client.send(
        "commit", {{"offsets", {{{"topic", "t"}, {"partition", 0}, {"offset", "0"}}}}}));
  }
  EXPECT_FALSE(client.close(5000).error);
  client.sink().read([&](const Seen& seen) {
    for (const std::uint32_t id : ids) {
      const auto found = seen.responses.find(id);
      EXPECT_TRUE(found != seen.responses.end() && found->second.size() == 1U) << id;
    }
    return 0;
  });
}

TEST_F(ClientLifecycleTest, NothingComesAfterTheAnswerToClose) {
  createTopic("t", 1);
  fill("t", 1, 5000);
  for (int round = 0; round < 10; ++round) {
    core::ConsumerOptions options;
    options.maxBatchMessages = 10;
    TestConsumer client =
        subscribed("g" + std::to_string(round), "t", options, {{"statistics.interval.ms", "1"}});
    ASSERT_TRUE(client.handleUntil([&] { return client.records > 0; }));
    EXPECT_FALSE(client.close(5000).error);
    const std::size_t events = client.sink().read([](const Seen& seen) { return seen.events; });
    std::weak_ptr<core::Consumer> gone = client.take();
    ASSERT_TRUE(eventually([&] { return gone.expired(); }));
    EXPECT_EQ(events, client.sink().read([](const Seen& seen) { return seen.events; }));
  }
}

TEST_F(ClientLifecycleTest, CloseWhileBlocksAreOut) {
  createTopic("t", 2);
  fill("t", 2, 1000);
  core::ConsumerOptions options;
  options.maxBatchMessages = 10;
  TestConsumer client = subscribed("g", "t", options);
  client.giveCredits = false;
  ASSERT_TRUE(client.handleUntil([&] { return client.records >= 40; }));
  const auto start = std::chrono::steady_clock::now();
  EXPECT_FALSE(client.close(20'000).error);
  EXPECT_LT(millisecondsSince(start), 15'000) << "close ran into its deadline";
  for (const auto& [slot, partition] : client.slots) client.core().done(slot);
  client.core().setPaused({1, 2}, true);
}

TEST_F(ClientLifecycleTest, CloseRightAfterSubscribe) {
  createTopic("t", 1);
  for (int round = 0; round < 20; ++round) {
    TestConsumer client = consumer("g" + std::to_string(round));
    client.send("subscribe", {{"topics", {{{"topic", "t"}, {"offsetReset", "earliest"}}}}});
    if (round % 2 == 1) {
      client.sink().wait([](const Seen& seen) { return !seen.rebalances.empty(); }, 3s);
    }
    const auto start = std::chrono::steady_clock::now();
    EXPECT_FALSE(client.close(20'000).error);
    EXPECT_LT(millisecondsSince(start), 15'000) << "a close ran into its deadline";
  }
}

TEST_F(ClientLifecycleTest, AbandonReturnsWhenTheHandleIsGone) {
  createTopic("t", 1);
  fill("t", 1, 100);
  const std::size_t before = threadsOfProcess();
  {
    // Without a coordinator librdkafka takes the session's time to leave the group.
    TestConsumer consuming = subscribed("g", "t", {}, {{"session.timeout.ms", "1500"}});
    ASSERT_TRUE(consuming.handleUntil([&] { return consuming.records >= 100; }));
    TestProducer sending = producer();
    const std::int32_t topic = sending.topic("t");
    brokersDown();
    sending.enqueue(ProduceBlock().values(1, topic, 10));
    const std::uint32_t pending = consuming.send(
        "commit", {{"offsets", {{{"topic", "t"}, {"partition", 0}, {"offset", "1"}}}}});
    consuming.core().abandon(false);
    sending.core().abandon(false);
    consuming.core().abandon(true);
    sending.core().abandon(true);
    consuming.core().abandon(true);
    EXPECT_EQ(1U, consuming.sink().read(
                      [&](const Seen& seen) { return seen.responses.at(pending).size(); }));
    EXPECT_EQ(1U, sending.sink().read([&](const Seen& seen) { return seen.settled.count(1); }));
    EXPECT_EQ(RD_KAFKA_RESP_ERR__DESTROY, consuming.close(1000).error.code);
    EXPECT_EQ(RD_KAFKA_RESP_ERR__DESTROY, sending.close(1000).error.code);
  }
  EXPECT_TRUE(eventually([&] { return threadsOfProcess() <= before; }));
}

// An environment ends while a call of librdkafka blocks: it must not wait for that call.
TEST_F(ClientLifecycleTest, AbandonDoesNotWaitForACallThatBlocks) {
  createTopic("t", 1);
  brokersDown();
  TestProducer client = producer({{"transactional.id", "tx"}});
  const std::uint32_t init = client.send("initTransactions", {{"timeoutMs", 20'000}});
  std::vector<std::uint32_t> behind;
  for (int i = 0; i < 5; ++i) {
    behind.push_back(client.send("initTransactions", {{"timeoutMs", 60'000}}));
  }
  const auto start = std::chrono::steady_clock::now();
  client.core().abandon(true);
  EXPECT_LT(millisecondsSince(start), 17'000);
  // The loop goes too, as in an environment's cleanup; what is left behind ends by itself.
  loop_->stop();
  std::weak_ptr<core::Producer> gone = client.take();
  EXPECT_TRUE(eventually([&] { return gone.expired(); }));
  EXPECT_TRUE(client.answerOf(init).error);
  for (const std::uint32_t id : behind) {
    EXPECT_EQ(RD_KAFKA_RESP_ERR__DESTROY, client.answerOf(id).error.code);
  }
}

TEST_F(ClientLifecycleTest, AClientOfAStoppedLoopStillCloses) {
  createTopic("t", 1);
  fill("t", 1, 10);
  TestConsumer consuming = subscribed("g", "t");
  ASSERT_TRUE(consuming.handleUntil([&] { return consuming.records >= 10; }));
  TestProducer sending = producer();
  const std::int32_t topic = sending.topic("t");
  sending.enqueue(ProduceBlock().values(1, topic, 10));
  sending.expectDelivered(1, 10);
  loop_->stop();
  sending.enqueue(ProduceBlock().values(2, topic, 10));
  consuming.core().done(1);
  EXPECT_FALSE(consuming.close(2000).error);
  EXPECT_FALSE(sending.close(2000).error);
  sending.outcomeOf(2);
}

TEST_F(ClientLifecycleTest, TwoHundredRoundsLeaveNoThread) {
  createTopic("t", 1);
  { TestProducer warm = producer(); }
  const std::size_t before = threadsOfProcess();
  for (int round = 0; round < 200; ++round) {
    if (round % 2 == 0) {
      TestProducer client = producer();
      client.enqueue(ProduceBlock().values(1, client.topic("t"), 1));
      EXPECT_FALSE(client.close(2000).error);
    } else {
      TestConsumer client = consumer("g");
      EXPECT_FALSE(client.close(2000).error);
    }
  }
  EXPECT_TRUE(eventually([&] { return threadsOfProcess() <= before; }))
      << before << " threads before, " << threadsOfProcess() << " after";
}

TEST_F(ClientLifecycleTest, ClientsOnTheSameLoopCloseSideBySide) {
  createTopic("t", 1);
  for (int round = 0; round < 5; ++round) {
    std::vector<TestProducer> clients;
    std::vector<std::uint32_t> closes;
    for (int i = 0; i < 8; ++i) clients.push_back(producer());
    for (auto& client : clients) {
      client.enqueue(ProduceBlock().values(1, client.topic("t"), 10));
      closes.push_back(client.send("close", {{"timeoutMs", 30'000}}));
    }
    for (std::size_t i = 0; i < clients.size(); ++i) {
      EXPECT_FALSE(clients[i].answerOf(closes[i]).error);
      clients[i].expectDelivered(1, 10);
    }
  }
}

}  // namespace
}  // namespace easyflow::test
