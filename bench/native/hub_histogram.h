// Latencies in microseconds in buckets of at most 1.6 % of their value.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace easyflow::bench {

class Histogram {
 public:
  void add(int64_t micros) {
    const uint64_t value = micros > 0 ? static_cast<uint64_t>(micros) : 0;
    if (value > max_) max_ = value;
    ++count_;
    ++buckets_[bucketOf(value)];
  }

  // The value that `share` of all are at most.
  uint64_t percentile(double share) const {
    if (count_ == 0) return 0;
    auto left = static_cast<uint64_t>(share * static_cast<double>(count_ - 1)) + 1;
    for (size_t at = 0; at < buckets_.size(); ++at) {
      if (buckets_[at] >= left) {
        const uint64_t upper = upperOf(at);
        return upper < max_ ? upper : max_;
      }
      left -= buckets_[at];
    }
    return max_;
  }

  uint64_t max() const { return max_; }
  void clear() { *this = Histogram(); }

 private:
  static constexpr int kBits = 6;
  static constexpr uint64_t kLinear = 1U << kBits;

  static size_t bucketOf(uint64_t value) {
    if (value < kLinear) return value;
    const int shift = std::bit_width(value) - kBits - 1;
    return (static_cast<size_t>(shift) << kBits) + (value >> shift);
  }

  static uint64_t upperOf(size_t bucket) {
    if (bucket < kLinear) return bucket;
    const size_t shift = (bucket >> kBits) - 1;
    const uint64_t mantissa = bucket - (shift << kBits);
    return ((mantissa + 1) << shift) - 1;
  }

  std::array<uint32_t, (64 - kBits + 1) << kBits> buckets_{};
  uint64_t count_ = 0;
  uint64_t max_ = 0;
};

}  // namespace easyflow::bench
