// What a hub counts. Shards write their own with relaxed atomics; anybody reads.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <vector>

namespace easyflow::hub {

using Counter = std::atomic<std::uint64_t>;

inline void add(Counter& counter, std::uint64_t n = 1) {
  counter.fetch_add(n, std::memory_order_relaxed);
}
inline void subtract(Counter& counter, std::uint64_t n = 1) {
  counter.fetch_sub(n, std::memory_order_relaxed);
}

// Times in buckets of a quarter of their power of two: quantiles are right within 19 %.
class LatencyHistogram {
 public:
  static constexpr std::size_t kBuckets = 160;

  void record(std::uint64_t microseconds, std::uint64_t times) {
    add(buckets_[bucketOf(microseconds)], times);
  }
  const std::array<Counter, kBuckets>& buckets() const { return buckets_; }
  // The upper end of a bucket.
  static double upperOf(std::size_t bucket);

 private:
  static std::size_t bucketOf(std::uint64_t microseconds);
  std::array<Counter, kBuckets> buckets_{};
};

struct ShardMetrics {
  // Gauges.
  Counter connections{0};
  Counter subscriptions{0};
  Counter streams{0};
  Counter entities{0};
  Counter storeBytes{0};
  Counter queuedBytes{0};
  Counter catchingUp{0};
  // Counters.
  Counter accepted{0};
  Counter deliveries{0};
  Counter conflated{0};
  Counter gaps{0};
  Counter snapshots{0};
  Counter snapshotItems{0};
  Counter recovered{0};
  Counter bytesOut{0};
  Counter bytesIn{0};
  Counter messagesIn{0};
  Counter writes{0};
  Counter flushes{0};
  Counter slowCloses{0};
  Counter evicted{0};
  Counter updates{0};
  // From the timestamp of the Kafka message to the socket, a delivery each.
  LatencyHistogram latency;
};

struct FeedMetrics {
  Counter records{0};
  Counter invalid{0};
  Counter unknownRemovals{0};
};

// Sums over shards; quantiles in ms.
nlohmann::json toJson(const std::vector<const ShardMetrics*>& shards, const FeedMetrics& feed);

}  // namespace easyflow::hub
