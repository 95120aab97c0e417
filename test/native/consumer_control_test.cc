// What is asked of a consumer: seek, assign, commit, lag, subscriptions.
#include <gtest/gtest.h>

#include "consumer_fixture.h"

namespace easyflow::test {
namespace {

TEST_F(ConsumerTest, SeekRaisesTheGenerationAndStartsAtTheOffset) {
  createTopic("t", 1);
  fill("t", 1, 3000);
  TestConsumer client = subscribed("g", "t", small(100));
  ASSERT_TRUE(client.handleUntil([&] { return client.records >= 1000; }));
  const std::uint32_t slot = *client.live.begin();
  struct Target {
    std::string offset;
    std::int64_t first;
  };
  std::uint32_t generation = 0;
  for (const Target& target : {Target{"2000", 2000}, Target{"10", 10}, Target{"-2", 0}}) {
    ++generation;
    const Response response = client.call(
        "seek", {{"slot", slot}, {"offset", target.offset}, {"generation", generation}});
    ASSERT_FALSE(response.error) << response.error.message;
    const auto firstOf = [&]() -> std::int64_t {
      return client.sink().read([&](const Seen& seen) -> std::int64_t {
        for (const Batch& batch : seen.batches) {
          if (batch.generation == generation) return batch.records.front().offset;
        }
        return -1;
      });
    };
    ASSERT_TRUE(client.handleUntil([&] { return firstOf() >= 0; }));
    EXPECT_EQ(target.first, firstOf());
    // Contiguous from there.
    ASSERT_TRUE(client.handleUntil([&] {
      return client.sink().read([&](const Seen& seen) {
        std::int64_t next = target.first;
        for (const Batch& batch : seen.batches) {
          if (batch.generation != generation) continue;
          for (const Record& record : batch.records) EXPECT_EQ(next++, record.offset);
        }
        return next >= 3000 || next - target.first >= 500;
      });
    }));
  }
}

TEST_F(ConsumerTest, SeekRightAfterTheAssignmentWaitsForThePartition) {
  createTopic("t", 1);
  fill("t", 1, 100);
  for (int round = 0; round < 5; ++round) {
    TestConsumer client = subscribed("g" + std::to_string(round), "t", small(10));
    ASSERT_TRUE(client.sink().wait([&](const Seen& seen) { return !seen.rebalances.empty(); }));
    const std::uint32_t slot = client.sink().read(
        [&](const Seen& seen) { return seen.rebalances.front().partitions.front().slot; });
    const Response response =
        client.call("seek", {{"slot", slot}, {"offset", "60"}, {"generation", 1}});
    ASSERT_FALSE(response.error) << response.error.name();
    ASSERT_TRUE(client.sink().wait([&](const Seen& seen) {
      return !seen.batches.empty() && seen.batches.back().generation == 1;
    }));
    client.sink().read([&](const Seen& seen) {
      for (const Batch& batch : seen.batches) {
        if (batch.generation == 1) {
          EXPECT_EQ(60, batch.records.front().offset);
          break;
        }
      }
      return 0;
    });
  }
}

TEST_F(ConsumerTest, SeekOfAnUnknownSlotIsAnError) {
  createTopic("t", 1);
  TestConsumer client = subscribed("g", "t");
  const Response response =
      client.call("seek", {{"slot", 999}, {"offset", "0"}, {"generation", 1}});
  EXPECT_EQ(RD_KAFKA_RESP_ERR__STATE, response.error.code);
}

TEST_F(ConsumerTest, ManualAssignmentReplacesTheLast) {
  createTopic("t", 2);
  fill("t", 2, 500);
  TestConsumer client = consumer("g", small(50));
  const auto assign = [&](int partition, const std::string& offset) {
    return client.call(
        "assign",
        {{"partitions", {{{"topic", "t"}, {"partition", partition}, {"offset", offset}}}}});
  };
  ASSERT_FALSE(assign(0, "100").error);
  ASSERT_TRUE(client.handleUntil([&] { return client.records >= 400; }));
  const std::uint32_t first = client.slotOf(0);
  expectValues(client.slots.at(first).records, 100, 400);
  // The same partition again, many times: each must come to life.
  for (int round = 0; round < 10; ++round) {
    client.live.clear();
    const std::size_t before = client.records;
    ASSERT_FALSE(assign(0, "450").error);
    ASSERT_TRUE(client.handleUntil([&] { return client.records >= before + 50; })) << round;
    expectValues(client.slots.at(client.slotOf(0)).records, 450, 50);
  }
  client.live.clear();
  const std::size_t before = client.records;
  ASSERT_FALSE(assign(1, "-2").error);
  ASSERT_TRUE(client.handleUntil([&] { return client.records >= before + 500; }));
  ASSERT_FALSE(client.call("assign", {{"partitions", json::array()}}).error);
  EXPECT_TRUE(client.call("lag").value.empty());
}

TEST_F(ConsumerTest, CommitAndCommittedAgree) {
  createTopic("t", 2);
  fill("t", 2, 10);
  {
    TestConsumer client = subscribed("g", "t");
    ASSERT_TRUE(client.handleUntil([&] { return client.records >= 20; }));
    const Response commit = client.call(
        "commit",
        {{"offsets",
          {{{"topic", "t"}, {"partition", 0}, {"offset", "7"}, {"metadata", "über \u0001"}},
           {{"topic", "t"}, {"partition", 1}, {"offset", "3"}}}}});
    ASSERT_FALSE(commit.error) << commit.error.message;
    ASSERT_EQ(2U, commit.value.size());
    EXPECT_TRUE(commit.value[0]["error"].is_null());
    const Response committed = client.call(
        "committed",
        {{"partitions", {{{"topic", "t"}, {"partition", 0}}, {{"topic", "t"}, {"partition", 1}}}},
         {"timeoutMs", 10'000}});
    ASSERT_FALSE(committed.error);
    EXPECT_EQ("7", committed.value[0]["offset"]);
    EXPECT_EQ("über \u0001", committed.value[0]["metadata"]);
    EXPECT_EQ("3", committed.value[1]["offset"]);
    EXPECT_FALSE(client.close(10'000).error);
  }
  TestConsumer next = subscribed("g", "t");
  ASSERT_TRUE(next.handleUntil([&] { return next.records >= 10; }));
  expectValues(next.slots.at(next.slotOf(0)).records, 7, 3);
  expectValues(next.slots.at(next.slotOf(1)).records, 3, 7);
}

TEST_F(ConsumerTest, ACommitWithoutAnswerAtCloseGetsDestroy) {
  createTopic("t", 1);
  fill("t", 1, 1);
  // Without a coordinator librdkafka takes the session's time to leave the group.
  TestConsumer client = subscribed("g", "t", {}, {{"session.timeout.ms", "1500"}});
  ASSERT_TRUE(client.handleUntil([&] { return client.records >= 1; }));
  brokersDown();
  const std::uint32_t commit =
      client.send("commit", {{"offsets", {{{"topic", "t"}, {"partition", 0}, {"offset", "1"}}}}});
  const auto start = std::chrono::steady_clock::now();
  EXPECT_FALSE(client.close(200).error);
  // The commit would wait for a minute.
  EXPECT_LT(millisecondsSince(start), 20'000);
  EXPECT_TRUE(client.answerOf(commit).error);
  EXPECT_EQ(1U,
            client.sink().read([&](const Seen& seen) { return seen.responses.at(commit).size(); }));
}

TEST_F(ConsumerTest, LagIsKnownLocally) {
  createTopic("t", 1);
  fill("t", 1, 100);
  TestConsumer client = subscribed("g", "t");
  ASSERT_TRUE(client.handleUntil([&] { return client.records >= 100; }));
  const Response lag = client.call("lag");
  ASSERT_EQ(1U, lag.value.size());
  EXPECT_EQ("t", lag.value[0]["topic"]);
  EXPECT_EQ("100", lag.value[0]["position"]);
  EXPECT_EQ("100", lag.value[0]["high"]);
}

TEST_F(ConsumerTest, UnsubscribeRevokesAndSubscribeComesBack) {
  createTopic("t", 1);
  fill("t", 1, 100);
  TestConsumer client = subscribed("g", "t");
  ASSERT_TRUE(client.handleUntil([&] { return client.records >= 100; }));
  for (int round = 1; round <= 3; ++round) {
    ASSERT_FALSE(client.call("unsubscribe").error);
    ASSERT_TRUE(client.handleUntil([&] { return client.live.empty(); }));
    ASSERT_FALSE(
        client.call("subscribe", {{"topics", {{{"topic", "t"}, {"offsetReset", "earliest"}}}}})
            .error);
    const std::size_t before = client.records;
    ASSERT_TRUE(client.handleUntil([&] { return client.records >= before + 100; })) << round;
  }
}

TEST_F(ConsumerTest, OffsetResetErrorIsAnErrorOfThePartition) {
  createTopic("t", 1);
  TestConsumer client = consumer("g");
  ASSERT_FALSE(
      client.call("subscribe", {{"topics", {{{"topic", "t"}, {"offsetReset", "error"}}}}}).error);
  ASSERT_TRUE(client.sink().wait([](const Seen& seen) { return !seen.partitionErrors.empty(); }));
  client.sink().read([](const Seen& seen) {
    const PartitionError& error = seen.partitionErrors.front();
    EXPECT_EQ("t", error.topic);
    EXPECT_EQ(0, error.partition);
    EXPECT_NE(0U, error.slot);
    EXPECT_EQ(RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET, error.error.code);
    return 0;
  });
}

}  // namespace
}  // namespace easyflow::test
