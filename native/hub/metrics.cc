#include "hub/metrics.h"

#include <algorithm>
#include <bit>
#include <utility>
#include <vector>

namespace easyflow::hub {

namespace {

constexpr std::size_t kQuarters = 4;

double quantile(const std::array<std::uint64_t, LatencyHistogram::kBuckets>& counts, double share) {
  std::uint64_t total = 0;
  for (const std::uint64_t count : counts) total += count;
  if (total == 0) return 0;
  const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(total - 1)) + 1;
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    seen += counts[i];
    if (seen >= wanted) return LatencyHistogram::upperOf(i) / 1000;
  }
  return 0;
}

}  // namespace

std::size_t LatencyHistogram::bucketOf(std::uint64_t microseconds) {
  if (microseconds < kQuarters) return static_cast<std::size_t>(microseconds);
  const auto power = static_cast<std::size_t>(std::bit_width(microseconds)) - 1;
  const auto quarter = static_cast<std::size_t>(microseconds >> (power - 2)) & 3U;
  return std::min(kBuckets - 1, (power - 1) * kQuarters + quarter);
}

double LatencyHistogram::upperOf(std::size_t bucket) {
  if (bucket < kQuarters) return static_cast<double>(bucket + 1);
  const std::size_t power = bucket / kQuarters + 1;
  const std::size_t quarter = bucket % kQuarters;
  return static_cast<double>((kQuarters + quarter + 1) << (power - 2));
}

nlohmann::json toJson(const std::vector<const ShardMetrics*>& shards, const FeedMetrics& feed) {
  constexpr std::pair<const char*, Counter ShardMetrics::*> kFields[] = {
      {"connections", &ShardMetrics::connections},
      {"subscriptions", &ShardMetrics::subscriptions},
      {"streams", &ShardMetrics::streams},
      {"queuedBytes", &ShardMetrics::queuedBytes},
      {"catchingUp", &ShardMetrics::catchingUp},
      {"accepted", &ShardMetrics::accepted},
      {"deliveries", &ShardMetrics::deliveries},
      {"conflated", &ShardMetrics::conflated},
      {"gaps", &ShardMetrics::gaps},
      {"snapshots", &ShardMetrics::snapshots},
      {"snapshotItems", &ShardMetrics::snapshotItems},
      {"recovered", &ShardMetrics::recovered},
      {"bytesOut", &ShardMetrics::bytesOut},
      {"bytesIn", &ShardMetrics::bytesIn},
      {"messagesIn", &ShardMetrics::messagesIn},
      {"writes", &ShardMetrics::writes},
      {"flushes", &ShardMetrics::flushes},
      {"slowCloses", &ShardMetrics::slowCloses},
  };
  nlohmann::json json = nlohmann::json::object();
  for (const auto& [name, field] : kFields) {
    std::uint64_t sum = 0;
    for (const ShardMetrics* shard : shards) sum += (shard->*field).load(std::memory_order_relaxed);
    json[name] = sum;
  }
  // Each shard has them all.
  const ShardMetrics& first = *shards.front();
  json["entities"] = first.entities.load(std::memory_order_relaxed);
  json["storeBytes"] = first.storeBytes.load(std::memory_order_relaxed);
  json["evicted"] = first.evicted.load(std::memory_order_relaxed);
  json["updates"] = first.updates.load(std::memory_order_relaxed);
  json["records"] = feed.records.load(std::memory_order_relaxed);
  json["invalid"] = feed.invalid.load(std::memory_order_relaxed);
  json["unknownRemovals"] = feed.unknownRemovals.load(std::memory_order_relaxed);

  std::array<std::uint64_t, LatencyHistogram::kBuckets> counts{};
  for (const ShardMetrics* shard : shards) {
    for (std::size_t i = 0; i < counts.size(); ++i)
      counts[i] += shard->latency.buckets()[i].load(std::memory_order_relaxed);
  }
  json["latencyP50Ms"] = quantile(counts, 0.5);
  json["latencyP99Ms"] = quantile(counts, 0.99);
  return json;
}

}  // namespace easyflow::hub
