#include "core/producer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "client_fixture.h"

namespace easyflow::test {
namespace {

class ProducerTest : public ClusterTest {};

const core::ConfigEntries kQuick = {{"linger.ms", "0"}};

TEST_F(ProducerTest, ASectionSettlesOnceWithCountAndBaseOffset) {
  createTopic("t", 1);
  TestProducer client = producer(kQuick);
  const std::int32_t topic = client.topic("t");
  client.enqueue(ProduceBlock().values(1, topic, 100).values(2, topic, 7).values(3, topic, 1));
  EXPECT_EQ(0, client.expectDelivered(1, 100));
  EXPECT_EQ(100, client.expectDelivered(2, 7));
  EXPECT_EQ(107, client.expectDelivered(3, 1));
}

TEST_F(ProducerTest, EachPartitionOfASectionHasItsOwnCountsAndOffsets) {
  createTopic("t", 3);
  TestProducer client = producer(kQuick);
  const std::int32_t topic = client.topic("t");
  std::vector<ExtendedRecord> records;
  for (int partition = 0; partition < 3; ++partition) {
    for (int i = 0; i <= partition * 10; ++i) {
      records.push_back({std::nullopt, "v", partition, {}, 0});
    }
  }
  for (std::uint32_t round = 0; round < 2; ++round) {
    client.enqueue(ProduceBlock().extended(static_cast<int>(round), topic, records));
    const auto outcomes = client.outcomeOf(round);
    ASSERT_EQ(3U, outcomes.size());
    for (const Outcome& outcome : outcomes) {
      const int count = outcome.partition * 10 + 1;
      EXPECT_EQ(0, outcome.error);
      EXPECT_EQ(count, outcome.acknowledged);
      EXPECT_EQ(0, outcome.failed);
      EXPECT_EQ(static_cast<int>(round) * count, outcome.baseOffset);
      // The mock brokers answer every batch with this time.
      EXPECT_EQ(1234, outcome.logAppendTime);
    }
  }
}

TEST_F(ProducerTest, AnEmptySectionSettles) {
  createTopic("t", 1);
  TestProducer client = producer();
  client.enqueue(ProduceBlock().plain(5, client.topic("t"), {}));
  EXPECT_TRUE(client.outcomeOf(5).empty());
}

TEST_F(ProducerTest, AnIdMayBeUsedAgainAfterItIsSettled) {
  createTopic("t", 1);
  TestProducer client = producer(kQuick);
  const std::int32_t topic = client.topic("t");
  for (std::size_t round = 1; round <= 50; ++round) {
    client.enqueue(ProduceBlock().values(9, topic, 3));
    ASSERT_TRUE(client.sink().wait([&](const Seen& seen) {
      return seen.settled.count(9) > 0 && seen.settled.at(9).size() == round;
    }));
  }
}

TEST_F(ProducerTest, ManySendsOfManyBlocksSettleOnceEach) {
  createTopic("t", 4);
  TestProducer client = producer({{"linger.ms", "1"}});
  const std::int32_t topic = client.topic("t");
  constexpr int kBlocks = 200;
  constexpr int kSections = 20;
  for (int b = 0; b < kBlocks; ++b) {
    ProduceBlock block;
    for (int s = 0; s < kSections; ++s) block.values(b * kSections + s, topic, 5);
    client.enqueue(block);
  }
  ASSERT_TRUE(client.sink().wait(
      [&](const Seen& seen) { return seen.settled.size() == kBlocks * kSections; }));
  ASSERT_FALSE(client.close(5000).error);
  client.sink().read([](const Seen& seen) {
    for (const auto& [id, settlements] : seen.settled) {
      EXPECT_EQ(1U, settlements.size()) << "send " << id;
      int acknowledged = 0;
      for (const Outcome& outcome : settlements.front()) acknowledged += outcome.acknowledged;
      EXPECT_EQ(5, acknowledged);
    }
    return 0;
  });
}

TEST_F(ProducerTest, ABadPartitionSettlesWithAnErrorAndFlushEnds) {
  createTopic("t", 2);
  TestProducer client = producer(kQuick);
  const std::int32_t topic = client.topic("t");
  // Once before the topic's metadata is known, once after.
  for (std::uint32_t round = 1; round <= 2; ++round) {
    client.enqueue(ProduceBlock().extended(static_cast<int>(round), topic,
                                           {{std::nullopt, "good", 1, {}, 0},
                                            {std::nullopt, "bad", 99, {}, 0},
                                            {std::nullopt, "bad", -7, {}, 0}}));
    int acknowledged = 0;
    int failed = 0;
    for (const Outcome& outcome : client.outcomeOf(round)) {
      acknowledged += outcome.acknowledged;
      failed += outcome.failed;
      if (outcome.failed > 0) {
        EXPECT_EQ(RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, outcome.error);
      }
    }
    EXPECT_EQ(1, acknowledged);
    EXPECT_EQ(2, failed);
    EXPECT_FALSE(client.call("flush", {{"timeoutMs", 30'000}}).error);
  }
}

TEST_F(ProducerTest, AnUnknownTopicIdSettlesWithAnError) {
  createTopic("t", 1);
  TestProducer client = producer(kQuick);
  const std::int32_t topic = client.topic("t");
  client.enqueue(ProduceBlock().values(1, 77, 3).values(2, -1, 2).values(3, topic, 1));
  for (const std::uint32_t id : {1U, 2U}) {
    const auto outcomes = client.outcomeOf(id);
    ASSERT_EQ(1U, outcomes.size());
    EXPECT_EQ(RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, outcomes[0].error);
    EXPECT_EQ(-1, outcomes[0].partition);
    EXPECT_EQ(0, outcomes[0].acknowledged);
    EXPECT_EQ(id == 1 ? 3 : 2, outcomes[0].failed);
  }
  client.expectDelivered(3, 1);
}

TEST_F(ProducerTest, ATooLargeMessageFailsAloneInItsSection) {
  createTopic("t", 1);
  TestProducer client = producer({{"linger.ms", "0"}, {"message.max.bytes", "2000"}});
  const std::int32_t topic = client.topic("t");
  client.enqueue(ProduceBlock().plain(
      1, topic,
      {{std::nullopt, "a"}, {std::nullopt, std::string(5000, 'x')}, {std::nullopt, "b"}}));
  int acknowledged = 0;
  for (const Outcome& outcome : client.outcomeOf(1)) {
    acknowledged += outcome.acknowledged;
    if (outcome.failed > 0) {
      EXPECT_EQ(1, outcome.failed);
      EXPECT_EQ(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, outcome.error);
    }
  }
  EXPECT_EQ(2, acknowledged);
}

TEST_F(ProducerTest, NeighbouringSectionsKeepTheirOrderAndTheirOwnOutcomes) {
  createTopic("t", 1);
  createTopic("u", 1);
  TestProducer client = producer({{"linger.ms", "0"}, {"message.max.bytes", "2000"}});
  const std::int32_t t = client.topic("t");
  const std::int32_t u = client.topic("u");
  ProduceBlock block;
  block.values(1, t, 2);
  block.plain(2, t, {{std::nullopt, "small"}, {std::nullopt, std::string(5000, 'x')}});
  block.plain(3, t, {});
  block.values(4, t, 3);
  block.extended(6, t, {{std::nullopt, "extended", 0, {}, 0}});
  block.values(5, u, 4);
  block.values(7, 77, 2);
  block.values(8, t, 5000);  // more than cross in one call
  block.values(9, t, 1);
  client.enqueue(block);
  EXPECT_EQ(0, client.expectDelivered(1, 2));
  int failed = 0;
  for (const Outcome& outcome : client.outcomeOf(2)) {
    failed += outcome.failed;
    if (outcome.failed > 0) {
      EXPECT_EQ(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, outcome.error);
    } else {
      EXPECT_EQ(2, outcome.baseOffset);
      EXPECT_EQ(1, outcome.acknowledged);
    }
  }
  EXPECT_EQ(1, failed);
  EXPECT_TRUE(client.outcomeOf(3).empty());
  EXPECT_EQ(3, client.expectDelivered(4, 3));
  EXPECT_EQ(0, client.expectDelivered(5, 4));
  EXPECT_EQ(6, client.expectDelivered(6, 1));
  const auto unknown = client.outcomeOf(7);
  ASSERT_EQ(1U, unknown.size());
  EXPECT_EQ(RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, unknown[0].error);
  EXPECT_EQ(2, unknown[0].failed);
  EXPECT_EQ(7, client.expectDelivered(8, 5000));
  EXPECT_EQ(5007, client.expectDelivered(9, 1));
}

TEST_F(ProducerTest, TheFirstRegistrationOfATopicWins) {
  TestProducer client = producer();
  core::ConfigFailure failure;
  EXPECT_EQ(-1, client.core().registerTopic("t", {{"acks", "many"}}, failure));
  EXPECT_EQ("acks", failure.property);
  const std::int32_t first = client.topic("t", {{"acks", "1"}});
  EXPECT_EQ(first, client.topic("t", {{"acks", "0"}}));
  EXPECT_NE(first, client.topic("u"));
}

// A block is decoded from memory that anybody may have written: nothing outside it may be read, and
// what has an id is answered.
TEST_F(ProducerTest, DamagedSectionsSettleWithInvalidArgument) {
  createTopic("t", 1);
  TestProducer client = producer(kQuick);
  const std::int32_t topic = client.topic("t");
  std::int32_t id = 0;
  struct Damage {
    const char* what;
    std::size_t word;
    std::int32_t value;
    bool isExtended;
  };
  const Damage damages[] = {
      {"section of no bytes", 0, 0, false},
      {"negative section", 0, -32, false},
      {"section smaller than its header", 0, 16, false},
      {"section of an odd size", 0, 41, false},
      {"section larger than its block", 0, 1 << 20, false},
      {"largest section", 0, INT32_MAX - 3, false},
      {"negative count", 3, -1, false},
      {"count larger than the section", 3, 1000, false},
      {"largest count", 3, INT32_MAX, false},
      {"smallest count", 3, INT32_MIN, false},
      {"neither plain nor extended", 4, 2, false},
      {"key longer than the section", 8, 10'000, false},
      {"longest key", 8, INT32_MAX, false},
      {"key of a length below null", 8, -2, false},
      {"value longer than the section", 9, 10'000, false},
      {"longest value", 9, INT32_MAX, false},
      {"value of a length below null", 9, INT32_MIN, false},
      {"count larger than the extended section", 3, 1000, true},
      {"largest extended count", 3, INT32_MAX, true},
      {"extended key longer than the section", 8, 10'000, true},
      {"extended value longer than the section", 9, INT32_MAX, true},
      {"headers longer than the section", 11, INT32_MAX, true},
      {"negative headers", 11, -1, true},
      {"headers that end in a header", 11, 12, true},
      {"headers smaller than a header", 11, 3, true},
      {"header name longer than the headers", 15, 10'000, true},
      {"header name of negative length", 15, -1, true},
      {"longest header name", 15, INT32_MAX, true},
      {"header value longer than the headers", 16, 10'000, true},
      {"header value of a length below null", 16, -2, true},
      {"longest header value", 16, INT32_MAX, true},
  };
  for (const Damage& damage : damages) {
    ProduceBlock block;
    ++id;
    if (damage.isExtended) {
      // Words 8 to 13 are the record, 14 is key and value, 15 and 16 the lengths of the header.
      block.extended(id, topic, {{"k1", "v1", -1, {{"name", "value"}}, 0}});
    } else {
      block.plain(id, topic, {{"k1", "v1"}});
    }
    block.set(damage.word, damage.value);
    client.enqueue(block);
    const auto outcomes = client.outcomeOf(static_cast<std::uint32_t>(id));
    ASSERT_EQ(1U, outcomes.size()) << damage.what;
    EXPECT_EQ(RD_KAFKA_RESP_ERR__INVALID_ARG, outcomes[0].error) << damage.what;
    EXPECT_EQ(0, outcomes[0].acknowledged) << damage.what;
    EXPECT_EQ(-1, outcomes[0].partition) << damage.what;
  }
  // Blocks too small for a section hold no id: nothing to answer, nothing to read.
  for (const std::size_t size : {0U, 1U, 4U, 31U}) {
    const ProduceBlock block = ProduceBlock().values(9999, topic, 1);
    client.core().enqueue(block.data(), size);
  }
  // And the client still works.
  client.enqueue(ProduceBlock().values(5000, topic, 10));
  client.expectDelivered(5000, 10);
  EXPECT_FALSE(client.call("flush", {{"timeoutMs", 30'000}}).error);
}

TEST_F(ProducerTest, FlushCoversWhatWasEnqueuedBeforeIt) {
  createTopic("t", 1);
  for (int round = 0; round < 20; ++round) {
    TestProducer client = producer({{"linger.ms", "5"}});
    const std::int32_t topic = client.topic("t");
    for (int i = 1; i <= 50; ++i) client.enqueue(ProduceBlock().values(i, topic, 100));
    EXPECT_FALSE(client.call("flush", {{"timeoutMs", 30'000}}).error);
    EXPECT_EQ(50U, client.sink().read([](const Seen& seen) { return seen.settled.size(); }));
  }
}

TEST_F(ProducerTest, CommitCoversWhatWasEnqueuedBeforeIt) {
  createTopic("t", 1);
  TestProducer client = producer({{"transactional.id", "tx"}});
  const std::int32_t topic = client.topic("t");
  ASSERT_FALSE(client.call("initTransactions", {{"timeoutMs", 20'000}}).error);
  for (int round = 0; round < 5; ++round) {
    ASSERT_FALSE(client.call("beginTransaction").error);
    for (int i = 1; i <= 50; ++i) client.enqueue(ProduceBlock().values(i, topic, 100));
    const Response response = client.call("commitTransaction", {{"timeoutMs", 20'000}});
    ASSERT_FALSE(response.error) << response.error.message;
    client.sink().read([&](const Seen& seen) {
      EXPECT_EQ(50U, seen.settled.size());
      for (const auto& [id, settlements] : seen.settled) {
        ASSERT_EQ(static_cast<std::size_t>(round + 1), settlements.size());
        EXPECT_EQ(0, settlements.back().front().error);
      }
    });
  }
}

TEST_F(ProducerTest, CloseWithBrokersDownSettlesEverySendByTheDeadline) {
  createTopic("t", 2);
  TestProducer client = producer(kQuick);
  const std::int32_t topic = client.topic("t");
  client.enqueue(ProduceBlock().values(1, topic, 10));
  client.expectDelivered(1, 10);
  brokersDown();
  for (int i = 2; i <= 20; ++i) client.enqueue(ProduceBlock().values(i, topic, 10));
  const auto start = std::chrono::steady_clock::now();
  EXPECT_FALSE(client.close(300).error);
  // A send may take five minutes.
  EXPECT_LT(millisecondsSince(start), 20'000);
  client.sink().read([](const Seen& seen) {
    EXPECT_EQ(20U, seen.settled.size());
    for (const auto& [id, settlements] : seen.settled) {
      ASSERT_EQ(1U, settlements.size());
      if (id == 1) continue;
      int failed = 0;
      for (const Outcome& outcome : settlements.front()) {
        failed += outcome.failed;
        EXPECT_TRUE(outcome.error == RD_KAFKA_RESP_ERR__PURGE_QUEUE ||
                    outcome.error == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT)
            << rd_kafka_err2name(static_cast<rd_kafka_resp_err_t>(outcome.error));
      }
      EXPECT_EQ(10, failed);
    }
  });
}

TEST_F(ProducerTest, CloseDeliversWhatWasEnqueuedBeforeIt) {
  createTopic("t", 1);
  TestProducer client = producer({{"linger.ms", "50"}});
  const std::int32_t topic = client.topic("t");
  for (int i = 1; i <= 20; ++i) client.enqueue(ProduceBlock().values(i, topic, 100));
  EXPECT_FALSE(client.close(30'000).error);
  for (std::uint32_t i = 1; i <= 20; ++i) client.expectDelivered(i, 100);
}

TEST_F(ProducerTest, CloseDoesNotWaitForALongerFlush) {
  createTopic("t", 1);
  TestProducer client = producer(kQuick);
  const std::int32_t topic = client.topic("t");
  client.enqueue(ProduceBlock().values(1, topic, 1));
  client.expectDelivered(1, 1);
  brokersDown();
  client.enqueue(ProduceBlock().values(2, topic, 1));
  const std::uint32_t flush = client.send("flush", {{"timeoutMs", 60'000}});
  const auto start = std::chrono::steady_clock::now();
  EXPECT_FALSE(client.close(300).error);
  EXPECT_LT(millisecondsSince(start), 20'000);
  EXPECT_TRUE(client.answerOf(flush).error);
  EXPECT_EQ(1, client.outcomeOf(2).front().failed);
}

TEST_F(ProducerTest, WhatIsEnqueuedAfterCloseSettlesNowhereAndHurtsNothing) {
  createTopic("t", 1);
  TestProducer client = producer(kQuick);
  const std::int32_t topic = client.topic("t");
  EXPECT_FALSE(client.close(1000).error);
  client.enqueue(ProduceBlock().values(1, topic, 1));
  core::ConfigFailure failure;
  EXPECT_EQ(-1, client.core().registerTopic("u", {}, failure));
  EXPECT_FALSE(failure.message.empty());
  EXPECT_EQ(-1, client.core().registerTopic("t", {}, failure)) << "an id of a topic that is gone";
}

TEST_F(ProducerTest, TopicsMayBeRegisteredWhileTheClientCloses) {
  for (int round = 0; round < 20; ++round) {
    TestProducer client = producer();
    std::atomic<bool> closed{false};
    std::thread js([&] {
      core::ConfigFailure failure;
      for (int i = 0; !closed.load(); ++i) {
        client.core().registerTopic("t" + std::to_string(i % 50), {}, failure);
      }
    });
    EXPECT_FALSE(client.close(100).error);
    closed = true;
    js.join();
  }
}

TEST_F(ProducerTest, ReportsOfErrorsOnlyAreRefused) {
  core::ConfigFailure failure;
  auto sink = std::make_shared<RecordingSink>();
  EXPECT_FALSE(
      core::Producer::create(with({{"delivery.report.only.error", "true"}}), loop_, sink, failure));
  EXPECT_EQ("delivery.report.only.error", failure.property);
}

}  // namespace
}  // namespace easyflow::test
