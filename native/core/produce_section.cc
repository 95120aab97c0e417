#include "core/produce_section.h"

#include <algorithm>
#include <cstring>

namespace easyflow::core {

namespace {

std::int32_t readInt32(const std::uint8_t* from) {
  std::int32_t value = 0;
  std::memcpy(&value, from, sizeof(value));
  return value;
}

constexpr std::size_t kHeaderWords = 2;

// Whether the headers of a record fill their bytes exactly: { int32 nameLength, int32 valueLength
// (-1: null), name, value } …
bool areHeaders(const std::uint8_t* bytes, std::size_t size) {
  constexpr std::size_t kLengths = kHeaderWords * sizeof(std::int32_t);
  while (size > 0) {
    if (size < kLengths) return false;
    const std::int32_t nameLength = readInt32(bytes);
    const std::int32_t valueLength = readInt32(bytes + sizeof(std::int32_t));
    if (nameLength < 0 || valueLength < -1) return false;
    const std::size_t used = kLengths + static_cast<std::size_t>(nameLength) +
                             static_cast<std::size_t>(std::max(valueLength, 0));
    if (used > size) return false;
    bytes += used;
    size -= used;
  }
  return true;
}

}  // namespace

std::int64_t joinWords(std::int32_t low, std::int32_t high) {
  return static_cast<std::int64_t>(
      (static_cast<std::uint64_t>(static_cast<std::uint32_t>(high)) << 32U) |
      static_cast<std::uint32_t>(low));
}

HeadersHandle readHeaders(const std::uint8_t* bytes, std::int32_t size) {
  HeadersHandle headers(rd_kafka_headers_new(4));
  const std::uint8_t* const end = bytes + size;
  while (bytes < end) {
    const std::int32_t nameLength = readInt32(bytes);
    const std::int32_t valueLength = readInt32(bytes + sizeof(std::int32_t));
    bytes += kHeaderWords * sizeof(std::int32_t);
    const auto* name = reinterpret_cast<const char*>(bytes);
    bytes += nameLength;
    rd_kafka_header_add(headers.get(), name, nameLength, valueLength < 0 ? nullptr : bytes,
                        valueLength < 0 ? 0 : valueLength);
    bytes += std::max(valueLength, 0);
  }
  return headers;
}

bool isSection(const std::int32_t* header, std::size_t size) {
  const std::int32_t count = header[3];
  if (count < 0 || (header[4] != 0 && header[4] != 1)) return false;
  const bool extended = header[4] == 1;
  const std::size_t words = extended ? kExtendedWords : kPlainWords;
  std::size_t left = size - kSectionWords * sizeof(std::int32_t);
  const std::size_t table = static_cast<std::size_t>(count) * words * sizeof(std::int32_t);
  if (table > left) return false;
  left -= table;
  const std::int32_t* record = header + kSectionWords;
  if (!extended) {
    // No branch a record: sums cannot overflow, since count records fit into memory and a length
    // into 31 bits.
    std::size_t sum = 0;
    std::int32_t least = 0;
    for (std::int32_t i = 0; i < count; ++i, record += kPlainWords) {
      least = std::min(least, std::min(record[0], record[1]));
      sum += static_cast<std::size_t>(std::max(record[0], 0)) +
             static_cast<std::size_t>(std::max(record[1], 0));
    }
    return least >= -1 && sum <= left;
  }
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(record) + table;
  for (std::int32_t i = 0; i < count; ++i, record += kExtendedWords) {
    if (record[0] < -1 || record[1] < -1 || record[3] < 0) return false;
    const std::size_t payload = static_cast<std::size_t>(std::max(record[0], 0)) +
                                static_cast<std::size_t>(std::max(record[1], 0));
    const auto headersSize = static_cast<std::size_t>(record[3]);
    if (payload + headersSize > left) return false;
    if (!areHeaders(bytes + payload, headersSize)) return false;
    bytes += payload + headersSize;
    left -= payload + headersSize;
  }
  return true;
}

void setPayload(rd_kafka_message_t& message, std::uint8_t*& bytes, std::int32_t keyLength,
                std::int32_t valueLength) {
  message.key = keyLength < 0 ? nullptr : bytes;
  message.key_len = static_cast<std::size_t>(std::max(keyLength, 0));
  bytes += message.key_len;
  message.payload = valueLength < 0 ? nullptr : bytes;
  message.len = static_cast<std::size_t>(std::max(valueLength, 0));
  bytes += message.len;
}

}  // namespace easyflow::core
