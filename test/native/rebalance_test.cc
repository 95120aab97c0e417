// Partitions that come and go, with both rebalance protocols.
#include <gtest/gtest.h>

#include <algorithm>

#include "consumer_fixture.h"

namespace easyflow::test {
namespace {

// Two consumers, eager or cooperative: what one gives up the other gets, nothing is lost.
class RebalanceTest : public ConsumerTest, public ::testing::WithParamInterface<const char*> {
 protected:
  core::ConfigEntries strategy() const { return {{"partition.assignment.strategy", GetParam()}}; }
  bool isCooperative() const { return std::string(GetParam()) == "cooperative-sticky"; }

  static bool balanced(const TestConsumer& a, const TestConsumer& b) {
    return a.live.size() == 2 && b.live.size() == 2;
  }
};

TEST_P(RebalanceTest, ASecondConsumerTakesOverItsShareWithoutLoss) {
  createTopic("t", 4);
  fill("t", 4, 500);
  TestConsumer first = subscribed("g", "t", small(20), strategy());
  ASSERT_TRUE(first.handleUntil([&] { return first.live.size() == 4 && first.records >= 400; }));
  TestConsumer second = subscribed("g", "t", small(20), strategy());
  ASSERT_TRUE(first.handleUntil([&] {
    second.handleOnce();
    return balanced(first, second);
  }));
  fill("t", 4, 500);
  ASSERT_TRUE(first.handleUntil([&] {
    second.handleOnce();
    return seenBy({&first, &second}).size() == 4000;
  }));
  // Within a slot: in order, without gaps, without repeats.
  for (const TestConsumer* consumer : {&first, &second}) {
    for (const auto& [slot, partition] : consumer->slots) {
      for (std::size_t i = 1; i < partition.records.size(); ++i) {
        ASSERT_EQ(partition.records[i - 1].offset + 1, partition.records[i].offset);
      }
    }
  }
  // And back again when the second leaves.
  EXPECT_FALSE(second.close(10'000).error);
  ASSERT_TRUE(first.handleUntil([&] { return first.live.size() == 4; }));
}

TEST_P(RebalanceTest, NothingOfARevokedSlotComesAfterItsRevoke) {
  createTopic("t", 4);
  fill("t", 4, 1000);
  // Blocks of a few records of the 64 taken first: the others are held back in the slot, where a
  // rebalance of librdkafka does not reach them.
  core::ConsumerOptions options;
  options.maxBatchBytes = 300;
  TestConsumer first = subscribed("g", "t", options, strategy());
  first.giveCredits = false;
  first.answerRevokes = false;
  ASSERT_TRUE(first.handleUntil([&] { return first.live.size() == 4 && first.records >= 40; }));
  TestConsumer second = subscribed("g", "t", small(10), strategy());
  ASSERT_TRUE(first.handleUntil([&] {
    second.handleOnce();
    return !first.unanswered.empty();
  }));
  // Credits come back while handlers finish: for the revoked slots they buy nothing.
  for (int round = 0; round < 3; ++round) {
    for (const auto& [slot, partition] : first.slots) first.core().done(slot);
    first.call("lag");
    first.handleOnce();
  }
  for (const std::uint32_t id : first.unanswered) first.send("rebalanceDone", {{"id", id}});
  first.answerRevokes = true;
  first.giveCredits = true;
  for (const auto& [slot, partition] : first.slots) first.core().done(slot);
  ASSERT_TRUE(first.handleUntil([&] {
    second.handleOnce();
    return balanced(first, second);
  }));
  // handle() fails on a batch of a slot that is not live; here from the recording itself.
  first.sink().read([](const Seen& seen) {
    for (const Rebalance& rebalance : seen.rebalances) {
      if (rebalance.type == core::RebalanceType::kAssign) continue;
      for (const auto& entry : rebalance.partitions) {
        for (const Batch& batch : seen.batches) {
          if (batch.slot == entry.slot) {
            EXPECT_LT(batch.sequence, rebalance.sequence);
          }
        }
      }
    }
    return 0;
  });
}

TEST_P(RebalanceTest, ARevokeIsHeldUntilItIsAnswered) {
  createTopic("t", 4);
  fill("t", 4, 100);
  TestConsumer first = subscribed("g", "t", small(20), strategy());
  ASSERT_TRUE(first.handleUntil([&] { return first.live.size() == 4; }));
  first.answerRevokes = false;
  TestConsumer second = subscribed("g", "t", small(20), strategy());
  ASSERT_TRUE(first.handleUntil([&] {
    second.handleOnce();
    return !first.unanswered.empty();
  }));
  // A commit made now is still one of the owner.
  const Response commit =
      first.call("commit", {{"offsets", {{{"topic", "t"}, {"partition", 0}, {"offset", "50"}}}}});
  // Mock brokers refuse it in the eager protocol, where a real one accepts it.
  EXPECT_TRUE(!commit.error || commit.error.code == RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS)
      << commit.error.message;
  second.handleOnce();
  EXPECT_TRUE(second.live.empty());
  first.answerRevokes = true;
  for (const std::uint32_t id : first.unanswered) first.send("rebalanceDone", {{"id", id}});
  ASSERT_TRUE(first.handleUntil([&] {
    second.handleOnce();
    return balanced(first, second);
  }));
}

TEST_P(RebalanceTest, ARevokeThatNobodyAnswersEndsByItsDeadline) {
  createTopic("t", 4);
  core::ConsumerOptions options = small(20);
  options.rebalanceTimeout = 300ms;
  TestConsumer first = subscribed("g", "t", options, strategy());
  ASSERT_TRUE(first.handleUntil([&] { return first.live.size() == 4; }));
  first.answerRevokes = false;
  TestConsumer second = subscribed("g", "t", small(20), strategy());
  ASSERT_TRUE(first.handleUntil([&] {
    second.handleOnce();
    return balanced(first, second);
  }));
  EXPECT_FALSE(first.unanswered.empty());
  // A late answer is harmless.
  for (const std::uint32_t id : first.unanswered) {
    EXPECT_FALSE(first.call("rebalanceDone", {{"id", id}}).error);
  }
}

TEST_P(RebalanceTest, CreditsOfRevokedSlotsAreReturned) {
  createTopic("t", 4);
  fill("t", 4, 200);
  core::ConsumerOptions options = small(10);
  options.maxOutstandingBytes = 1;  // only "nothing out" lets a block go
  TestConsumer first = subscribed("g", "t", options, strategy());
  first.giveCredits = false;
  ASSERT_TRUE(first.handleUntil([&] { return first.records > 0; }));
  TestConsumer second = subscribed("g", "t", options, strategy());
  ASSERT_TRUE(first.handleUntil([&] {
    second.handleOnce();
    return balanced(first, second);
  }));
  // Whatever slot the block was of: give it back if it is still there, and the next must come.
  for (const auto& [slot, partition] : first.slots) first.core().done(slot);
  first.giveCredits = true;
  const std::size_t before = first.records;
  ASSERT_TRUE(first.handleUntil([&] { return first.records > before; }));
}

TEST_P(RebalanceTest, CloseWhileARevokeIsUnanswered) {
  createTopic("t", 4);
  fill("t", 4, 100);
  TestConsumer first = subscribed("g", "t", small(20), strategy());
  first.giveCredits = false;
  ASSERT_TRUE(first.handleUntil([&] { return first.live.size() == 4; }));
  first.answerRevokes = false;
  TestConsumer second = subscribed("g", "t", small(20), strategy());
  ASSERT_TRUE(first.handleUntil([&] {
    second.handleOnce();
    return !first.unanswered.empty();
  }));
  const auto start = std::chrono::steady_clock::now();
  EXPECT_FALSE(first.close(20'000).error);
  EXPECT_LT(millisecondsSince(start), 15'000) << "close ran into its deadline";
  ASSERT_TRUE(second.handleUntil([&] { return second.live.size() == 4; }));
}

TEST_P(RebalanceTest, CloseAtAnyMomentOfARebalanceIsQuick) {
  createTopic("t", 4);
  fill("t", 4, 50);
  for (int round = 0; round < 12; ++round) {
    const std::string group = "g" + std::to_string(round);
    TestConsumer first = subscribed(group, "t", small(20), strategy());
    ASSERT_TRUE(first.handleUntil([&] { return first.live.size() == 4; }));
    TestConsumer second = subscribed(group, "t", small(20), strategy());
    // Stop at a different event each time.
    const std::size_t events =
        first.sink().read([](const Seen& seen) { return seen.rebalances.size(); });
    first.handleUntil(
        [&] {
          second.handleOnce();
          const auto now = [](const Seen& seen) { return seen.rebalances.size(); };
          return first.sink().read(now) - events + second.sink().read(now) >=
                 static_cast<std::size_t>(round % 4);
        },
        10s);
    const auto start = std::chrono::steady_clock::now();
    EXPECT_FALSE(first.close(20'000).error);
    EXPECT_FALSE(second.close(20'000).error);
    EXPECT_LT(millisecondsSince(start), 15'000)
        << "a close ran into its deadline in round " << round;
  }
}

TEST_P(RebalanceTest, AbandonWhileARevokeIsUnanswered) {
  createTopic("t", 4);
  TestConsumer first = subscribed("g", "t", small(20), strategy());
  ASSERT_TRUE(first.handleUntil([&] { return first.live.size() == 4; }));
  first.answerRevokes = false;
  TestConsumer second = subscribed("g", "t", small(20), strategy());
  ASSERT_TRUE(first.handleUntil([&] {
    second.handleOnce();
    return !first.unanswered.empty();
  }));
  const auto start = std::chrono::steady_clock::now();
  first.core().abandon(true);
  // The revoke would wait for a minute.
  EXPECT_LT(millisecondsSince(start), 15'000);
}

INSTANTIATE_TEST_SUITE_P(Protocols, RebalanceTest,
                         ::testing::Values("range", "sticky", "cooperative-sticky"),
                         [](const auto& param) {
                           const std::string strategy = param.param;
                           if (strategy == "cooperative-sticky") return std::string("Cooperative");
                           return strategy == "sticky" ? std::string("Sticky")
                                                       : std::string("Eager");
                         });

}  // namespace
}  // namespace easyflow::test
