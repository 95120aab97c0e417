// A block of consumed records in one piece of memory; layout in lib/native.d.ts ("Consume block").
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include "core/handles.h"

namespace easyflow::core {

struct FreeDeleter {
  void operator()(std::uint8_t* pointer) const noexcept { std::free(pointer); }
};

struct PackedBlock {
  std::unique_ptr<std::uint8_t[], FreeDeleter> bytes;
  std::size_t size = 0;
  std::uint32_t count = 0;
};

inline constexpr std::size_t kRecordWords = 8;
inline constexpr std::size_t kRecordBytes = kRecordWords * sizeof(std::int32_t);

// Bytes a record takes in a block: table entry, key, value, headers.
std::size_t packedSize(rd_kafka_message_t* message);

// Copies the messages (one partition, ascending) into a block; `size` is the sum of their
// packedSize(). Empty bytes when memory cannot be had.
PackedBlock pack(rd_kafka_message_t* const* messages, std::size_t count, std::size_t size);

}  // namespace easyflow::core
