#include "hub/record.h"

#include <cstring>

namespace easyflow::hub {

namespace {

template <typename T>
T read(const std::uint8_t* from) {
  T value{};
  std::memcpy(&value, from, sizeof(value));
  return value;
}

std::string_view viewOf(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

constexpr std::uint32_t kHeaderCountMask = 0xFFFFFFU;

}  // namespace

Record recordAt(const core::PackedBlock& block, std::uint32_t index) {
  const std::uint8_t* const start = block.bytes.get();
  const std::uint8_t* words = start + index * core::kRecordBytes;
  const auto word = [&](std::size_t at) { return read<std::int32_t>(words + at * 4); };
  const std::uint8_t* bytes = start + word(0);
  Record record;
  if (word(1) >= 0) {
    record.key = viewOf(bytes, static_cast<std::size_t>(word(1)));
    bytes += word(1);
  }
  if (word(2) >= 0) {
    record.value = viewOf(bytes, static_cast<std::size_t>(word(2)));
    bytes += word(2);
  }
  record.headerCount = static_cast<std::uint32_t>(word(3)) & kHeaderCountMask;
  record.offset = read<std::int64_t>(words + 16);
  record.timestampMs = read<std::int64_t>(words + 24);
  // Up to the end of the block: the count says how many of these bytes are this record's.
  record.headers = viewOf(bytes, static_cast<std::size_t>(start + block.size - bytes));
  return record;
}

std::optional<std::string_view> Record::header(std::string_view name) const {
  std::optional<std::string_view> found;
  const auto* at = reinterpret_cast<const std::uint8_t*>(headers.data());
  for (std::uint32_t i = 0; i < headerCount; ++i) {
    const auto nameLength = static_cast<std::size_t>(read<std::int32_t>(at));
    const std::int32_t valueLength = read<std::int32_t>(at + 4);
    at += 8;
    const std::string_view itsName = viewOf(at, nameLength);
    at += nameLength;
    if (valueLength < 0) continue;
    if (itsName == name) found = viewOf(at, static_cast<std::size_t>(valueLength));
    at += valueLength;
  }
  return found;
}

}  // namespace easyflow::hub
