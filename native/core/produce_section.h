// Sections of a produce block as lib/native.d.ts lays them out: checked, then read in place.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/handles.h"

namespace easyflow::core {

inline constexpr std::size_t kSectionWords = 8;
inline constexpr std::size_t kPlainWords = 2;
inline constexpr std::size_t kExtendedWords = 6;

// A 64-bit number from its two words.
std::int64_t joinWords(std::int32_t low, std::int32_t high);

// Whether the lengths that a section states stay inside it, looked at before anything of it is
// produced. `size` is that of the section, inside its block already.
bool isSection(const std::int32_t* header, std::size_t size);

// Headers of a record of a section that has passed isSection().
HeadersHandle readHeaders(const std::uint8_t* bytes, std::int32_t size);

// Points the message to its key and value and moves `bytes` behind them. Librdkafka tells an empty
// value from a null one by the pointer alone.
void setPayload(rd_kafka_message_t& message, std::uint8_t*& bytes, std::int32_t keyLength,
                std::int32_t valueLength);

}  // namespace easyflow::core
