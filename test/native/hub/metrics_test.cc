#include "hub/metrics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace easyflow::hub {
namespace {

std::size_t bucketOf(std::uint64_t microseconds) {
  LatencyHistogram histogram;
  histogram.record(microseconds, 1);
  for (std::size_t i = 0; i < LatencyHistogram::kBuckets; ++i) {
    if (histogram.buckets()[i] > 0) return i;
  }
  return LatencyHistogram::kBuckets;
}

TEST(HubMetrics, ATimeIsBelowTheEndOfItsBucketAndNotMuch) {
  std::size_t last = 0;
  for (std::uint64_t us = 0; us < 1ULL << 36U; us += 1 + us / 97) {
    const std::size_t bucket = bucketOf(us);
    ASSERT_GE(bucket, last);
    last = bucket;
    const double upper = LatencyHistogram::upperOf(bucket);
    ASSERT_GT(upper, static_cast<double>(us));
    if (us >= 4) {
      ASSERT_LE(upper, static_cast<double>(us) * 1.25 + 1) << us;
    }
    if (bucket > 0) {
      ASSERT_LE(LatencyHistogram::upperOf(bucket - 1), static_cast<double>(us));
    }
  }
  EXPECT_EQ(LatencyHistogram::kBuckets - 1, bucketOf(~0ULL));
}

TEST(HubMetrics, QuantilesAreThoseOfTheTimes) {
  std::mt19937 random(7);
  std::lognormal_distribution<double> latency(8, 1.5);
  ShardMetrics one;
  ShardMetrics other;
  std::vector<double> times;
  for (int i = 0; i < 10'000; ++i) {
    const auto us = static_cast<std::uint64_t>(latency(random));
    const std::uint64_t count = 1 + random() % 3;
    (i % 2 == 0 ? one : other).latency.record(us, count);
    times.insert(times.end(), count, static_cast<double>(us) / 1000);
  }
  std::sort(times.begin(), times.end());
  const FeedMetrics feed;
  const nlohmann::json json = toJson({&one, &other}, feed);
  const double p50 = times[times.size() / 2];
  const double p99 = times[times.size() * 99 / 100];
  EXPECT_GE(json["latencyP50Ms"].get<double>(), p50 * 0.99);
  EXPECT_LE(json["latencyP50Ms"].get<double>(), p50 * 1.26);
  EXPECT_GE(json["latencyP99Ms"].get<double>(), p99 * 0.99);
  EXPECT_LE(json["latencyP99Ms"].get<double>(), p99 * 1.26);
}

TEST(HubMetrics, SumsOverShardsButNotTheLogTheyAllHave) {
  ShardMetrics one;
  ShardMetrics other;
  FeedMetrics feed;
  add(one.connections, 3);
  add(other.connections, 4);
  subtract(other.connections);
  add(one.entities, 5);
  add(other.entities, 5);
  add(feed.records, 9);
  const nlohmann::json json = toJson({&one, &other}, feed);
  EXPECT_EQ(6, json["connections"]);
  EXPECT_EQ(5, json["entities"]);
  EXPECT_EQ(9, json["records"]);
  EXPECT_EQ(0.0, json["latencyP99Ms"]);
}

}  // namespace
}  // namespace easyflow::hub
