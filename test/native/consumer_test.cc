// Records, credits and batches.
#include "core/consumer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>

#include "consumer_fixture.h"

namespace easyflow::test {
namespace {

TEST_F(ConsumerTest, EveryRecordComesOnceAndInOrder) {
  createTopic("t", 1);
  fill("t", 1, 20'000);
  TestConsumer client = subscribed("g", "t");
  ASSERT_TRUE(client.handleUntil([&] { return client.records >= 20'000; }));
  ASSERT_EQ(1U, client.slots.size());
  expectValues(client.slots.begin()->second.records, 0, 20'000);
}

TEST_F(ConsumerTest, EachPartitionIsASlotOfItsOwn) {
  createTopic("t", 4);
  fill("t", 4, 3000);
  TestConsumer client = subscribed("g", "t");
  ASSERT_TRUE(client.handleUntil([&] { return client.records >= 12'000; }));
  ASSERT_EQ(4U, client.slots.size());
  std::set<std::int32_t> partitions;
  for (const auto& [slot, partition] : client.slots) {
    EXPECT_EQ("t", partition.topic);
    partitions.insert(partition.partition);
    expectValues(partition.records, 0, 3000);
  }
  EXPECT_EQ((std::set<std::int32_t>{0, 1, 2, 3}), partitions);
}

TEST_F(ConsumerTest, NullAndEmptyHeadersAndTimestampsSurvive) {
  createTopic("t", 1);
  const std::string nul("a\0b", 3);
  const std::vector<ExtendedRecord> sent = {
      {std::nullopt, std::nullopt, 0, {}, 0},
      {"", "", 0, {}, 1'700'000'000'123},
      {"key", std::nullopt, 0, {{"h", "1"}, {"h", "2"}, {"h", std::nullopt}, {"", ""}}, 5},
      {nul, nul, 0, {{"nul", nul}, {"big", std::string(100'000, 'x')}}, 6},
      {std::nullopt, "", 0, {{"é", "ü"}}, 7},
  };
  TestProducer filler = producer();
  const std::int32_t topic = filler.topic("t");
  filler.enqueue(ProduceBlock()
                     .extended(1, topic, sent)
                     .plain(2, topic, {{std::nullopt, std::nullopt}, {"", ""}, {nul, nul}}));
  filler.expectDelivered(1, 5);
  filler.expectDelivered(2, 3);

  TestConsumer client = subscribed("g", "t");
  ASSERT_TRUE(client.handleUntil([&] { return client.records >= 8; }));
  const auto& records = client.slots.begin()->second.records;
  for (std::size_t i = 0; i < sent.size(); ++i) {
    EXPECT_EQ(sent[i].key, records[i].key) << i;
    EXPECT_EQ(sent[i].value, records[i].value) << i;
    EXPECT_EQ(sent[i].headers, records[i].headers) << i;
    EXPECT_EQ(sent[i].timestamp, records[i].timestamp) << i;
    EXPECT_EQ(0, records[i].timestampType);
  }
  EXPECT_EQ(std::nullopt, records[5].key);
  EXPECT_EQ(std::nullopt, records[5].value);
  EXPECT_EQ("", records[6].key);
  EXPECT_EQ("", records[6].value);
  EXPECT_EQ(nul, records[7].key);
  EXPECT_GT(records[7].timestamp, 1'600'000'000'000);
}

TEST_F(ConsumerTest, ABatchSaysWhichBrokerItIsFromAndHowFarThePartitionGoes) {
  createTopic("t", 1);
  fill("t", 1, 100);
  TestConsumer client = subscribed("g", "t", small(10));
  ASSERT_TRUE(client.handleUntil([&] { return client.records >= 100; }));
  client.sink().read([](const Seen& seen) {
    EXPECT_GE(seen.batches.size(), 10U);
    for (const Batch& batch : seen.batches) {
      EXPECT_EQ(1, batch.source.brokerId);
      EXPECT_EQ(100, batch.source.highWatermark);
    }
    return 0;
  });
}

TEST_F(ConsumerTest, NeverMoreBlocksThanCredits) {
  createTopic("t", 2);
  fill("t", 2, 5000);
  core::ConsumerOptions options = small(50);
  options.maxBlocksPerPartition = 3;
  TestConsumer client = subscribed("g", "t", options);
  std::map<std::uint32_t, int> out;
  std::deque<std::uint32_t> owed;
  std::size_t handled = 0;
  std::size_t records = 0;
  while (records < 10'000) {
    // With blocks owed, another may come or not; with none, one must.
    ASSERT_TRUE(client.sink().wait([&](const Seen& seen) {
      return !owed.empty() || seen.batches.size() > handled;
    })) << "stalled after "
        << records;
    client.sink().read([&](const Seen& seen) {
      for (; handled < seen.batches.size(); ++handled) {
        const Batch& batch = seen.batches[handled];
        owed.push_back(batch.slot);
        records += batch.records.size();
        EXPECT_LE(++out[batch.slot], 3);
      }
      return 0;
    });
    if (owed.empty()) continue;
    // One back at a time: a credit too many would show as a fourth block.
    --out[owed.front()];
    client.core().done(owed.front());
    owed.pop_front();
  }
  EXPECT_EQ(10'000U, records);
}

TEST_F(ConsumerTest, ASlotWithoutCreditsDoesNotStopTheOthers) {
  createTopic("t", 2);
  fill("t", 2, 1000);
  TestConsumer client = subscribed("g", "t", small(10));
  std::map<std::uint32_t, std::size_t> got;
  std::size_t handled = 0;
  std::uint32_t starved = 0;
  while (got.size() < 2 ||
         got[got.begin()->first == starved ? got.rbegin()->first : got.begin()->first] < 1000) {
    ASSERT_TRUE(
        client.sink().wait([&](const Seen& seen) { return seen.batches.size() > handled; }));
    std::vector<std::uint32_t> done;
    client.sink().read([&](const Seen& seen) {
      for (; handled < seen.batches.size(); ++handled) {
        const Batch& batch = seen.batches[handled];
        if (starved == 0) starved = batch.slot;
        got[batch.slot] += batch.records.size();
        if (batch.slot != starved) done.push_back(batch.slot);
      }
      return 0;
    });
    for (const std::uint32_t slot : done) client.core().done(slot);
  }
  EXPECT_LE(got[starved], 20U);
}

TEST_F(ConsumerTest, PauseHandsOutNothingAndResumeLosesNothing) {
  createTopic("t", 1);
  fill("t", 1, 5000);
  TestConsumer client = subscribed("g", "t", small(100));
  ASSERT_TRUE(client.handleUntil([&] { return client.records >= 500; }));
  const std::uint32_t slot = *client.live.begin();
  for (int round = 0; round < 5; ++round) {
    client.core().setPaused({slot}, true);
    // Answered on the poller, so everything handed out before the pause was seen when it comes.
    client.call("lag");
    client.handleOnce();
    const std::size_t paused = client.records;
    client.core().done(slot);
    client.call("lag");
    client.handleOnce();
    EXPECT_EQ(paused, client.records);
    client.core().setPaused({slot}, false);
    ASSERT_TRUE(client.handleUntil([&] { return client.records >= paused + 300; }));
  }
  ASSERT_TRUE(client.handleUntil([&] { return client.records >= 5000; }));
  expectValues(client.slots.at(slot).records, 0, 5000);
}

TEST_F(ConsumerTest, BatchesKeepToTheirLimits) {
  createTopic("t", 1);
  fill("t", 1, 2000, 1000);
  core::ConsumerOptions options = small(30);
  options.maxBatchBytes = 8000;
  TestConsumer client = subscribed("g", "t", options);
  ASSERT_TRUE(client.handleUntil([&] { return client.records >= 2000; }));
  expectValues(client.slots.begin()->second.records, 0, 2000);
  client.sink().read([](const Seen& seen) {
    for (const Batch& batch : seen.batches) {
      EXPECT_LE(batch.records.size(), 30U);
      EXPECT_LE(batch.bytes, 8000U);
    }
    return 0;
  });
}

// What does not fit is held back, more than once.
TEST_F(ConsumerTest, RecordsOfVeryDifferentSizesKeepTheirOrder) {
  createTopic("t", 1);
  TestProducer filler = producer();
  std::vector<std::pair<Bytes, Bytes>> records;
  for (int i = 0; i < 3000; ++i) {
    std::string value = "v" + std::to_string(i);
    // Long runs of small ones teach a small mean size; then large ones come.
    if (i % 500 > 400) value.resize(static_cast<std::size_t>(500 + (i * 37) % 3000), '.');
    records.emplace_back(std::nullopt, std::move(value));
  }
  filler.enqueue(ProduceBlock().plain(1, filler.topic("t"), records));
  filler.expectDelivered(1, 3000);
  core::ConsumerOptions options = small(1000);
  options.maxBatchBytes = 8000;
  TestConsumer client = subscribed("g", "t", options);
  ASSERT_TRUE(client.handleUntil([&] { return client.records >= 3000; }));
  expectValues(client.slots.begin()->second.records, 0, 3000);
}

TEST_F(ConsumerTest, ARecordLargerThanABatchStillComes) {
  createTopic("t", 1);
  fill("t", 1, 20, 5000);
  core::ConsumerOptions options;
  options.maxBatchBytes = 100;
  TestConsumer client = subscribed("g", "t", options);
  ASSERT_TRUE(client.handleUntil([&] { return client.records >= 20; }));
  expectValues(client.slots.begin()->second.records, 0, 20);
}

TEST_F(ConsumerTest, AWaitGathersABatchUntilItIsFull) {
  createTopic("t", 1);
  core::ConsumerOptions options = small(40);
  options.maxBatchWait = 1h;
  TestConsumer client = subscribed("g", "t", options);
  ASSERT_TRUE(client.handleUntil([&] { return !client.live.empty(); }));
  fill("t", 1, 15);
  fill("t", 1, 15);
  fill("t", 1, 20);
  // The wait alone would take longer than the test's deadline.
  ASSERT_TRUE(client.handleUntil([&] { return client.records >= 40; }));
  client.sink().read([](const Seen& seen) {
    EXPECT_EQ(40U, seen.batches.front().records.size());
    return 0;
  });
}

TEST_F(ConsumerTest, AWaitEndsWhenABatchHasItsBytes) {
  createTopic("t", 1);
  fill("t", 1, 400, 1000);
  core::ConsumerOptions options;
  options.maxBatchBytes = 20'000;
  options.maxBatchWait = 5s;
  TestConsumer client = subscribed("g", "t", options);
  // The first batch waits; from then on the size of records is known.
  ASSERT_TRUE(client.handleUntil([&] { return client.records >= 300; }));
}

TEST_F(ConsumerTest, AWaitHandsOutAnIncompleteBatchInTime) {
  createTopic("t", 1);
  core::ConsumerOptions options;
  options.maxBatchWait = 100ms;
  fill("t", 1, 15);
  TestConsumer client = subscribed("g", "t", options);
  ASSERT_TRUE(client.handleUntil([&] { return client.records >= 15; }));
  fill("t", 1, 3);
  ASSERT_TRUE(client.handleUntil([&] { return client.records >= 18; }));
}

// A process that gets nothing allocates nothing, collects nothing, and would wait for ever.
TEST_F(ConsumerTest, OverTheBudgetOneBlockAtATimeIsStillHandedOut) {
  createTopic("t", 4);
  fill("t", 4, 500);
  core::ConsumerOptions options = small(10);
  options.maxOutstandingBytes = 1;
  TestConsumer client = subscribed("g", "t", options);
  // All partitions have been fetched once before the first block is given back.
  ASSERT_TRUE(eventually([&] {
    const Response lag = client.call("lag");
    return lag.value.size() == 4 &&
           std::all_of(lag.value.begin(), lag.value.end(),
                       [](const json& slot) { return slot["high"] == "500"; });
  }));
  std::size_t handled = 0;
  std::size_t records = 0;
  std::set<std::uint32_t> early;
  while (records < 2000) {
    ASSERT_TRUE(
        client.sink().wait([&](const Seen& seen) { return seen.batches.size() > handled; }));
    std::uint32_t slot = 0;
    client.call("lag");
    client.sink().read([&](const Seen& seen) {
      // Nothing is ever freed here, so only the rule of the one block lets a block go.
      EXPECT_EQ(handled + 1, seen.batches.size());
      slot = seen.batches[handled].slot;
      records += seen.batches[handled].records.size();
      return 0;
    });
    ++handled;
    if (handled > 10 && handled <= 30) early.insert(slot);
    client.core().done(slot);
  }
  EXPECT_EQ(4U, early.size()) << "one partition got all blocks while another waited";
}

TEST_F(ConsumerTest, FreedBytesOpenTheBudgetAgain) {
  createTopic("t", 1);
  fill("t", 1, 1000, 100);
  core::ConsumerOptions options = small(10);
  options.maxOutstandingBytes = 5000;
  options.maxBlocksPerPartition = 1000;
  TestConsumer client = subscribed("g", "t", options);
  std::size_t freed = 0;
  std::size_t records = 0;
  while (records < 1000) {
    ASSERT_TRUE(client.sink().wait([&](const Seen& seen) { return seen.batches.size() > freed; }));
    std::size_t bytes = 0;
    client.sink().read([&](const Seen& seen) {
      bytes = seen.batches[freed].bytes;
      records += seen.batches[freed].records.size();
      return 0;
    });
    EXPECT_LT(client.core().budget()->bytes(), 5000 + 2000);
    ++freed;
    client.core().budget()->freed(static_cast<std::int64_t>(bytes));
    client.core().creditReturned();
  }
}

}  // namespace
}  // namespace easyflow::test
