// The hash by which Java's client, KafkaJS and we choose a key's partition.
#pragma once

#include <cstddef>
#include <cstdint>

namespace easyflow::core {

// Murmur2 with Kafka's seed. A partition is (murmur2 & 0x7fffffff) % partitions.
std::int32_t murmur2(const std::uint8_t* bytes, std::size_t size);

}  // namespace easyflow::core
