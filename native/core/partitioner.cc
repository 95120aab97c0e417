#include "core/partitioner.h"

#include <cstring>

namespace easyflow::core {

std::int32_t murmur2(const std::uint8_t* bytes, std::size_t size) {
  constexpr std::uint32_t kSeed = 0x9747b28c;
  constexpr std::uint32_t kMultiplier = 0x5bd1e995;
  constexpr std::uint32_t kShift = 24;
  std::uint32_t hash = kSeed ^ static_cast<std::uint32_t>(size);
  std::size_t left = size;
  for (; left >= 4; left -= 4, bytes += 4) {
    std::uint32_t word = 0;
    std::memcpy(&word, bytes, sizeof(word));
    word *= kMultiplier;
    word ^= word >> kShift;
    word *= kMultiplier;
    hash = hash * kMultiplier ^ word;
  }
  if (left > 0) {
    for (std::size_t i = left; i-- > 0;) hash ^= static_cast<std::uint32_t>(bytes[i]) << (8 * i);
    hash *= kMultiplier;
  }
  hash ^= hash >> 13U;
  hash *= kMultiplier;
  hash ^= hash >> 15U;
  return static_cast<std::int32_t>(hash);
}

}  // namespace easyflow::core
