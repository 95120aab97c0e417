// A consume block made by hand: layout in lib/native.d.ts ("Consume block").
#pragma once

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/packed_block.h"

namespace easyflow::hub::test {

struct PlainRecord {
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers = {};
  std::int64_t offset = 0;
  std::int64_t timestampMs = 0;
};

inline core::PackedBlock blockOf(const std::vector<PlainRecord>& records) {
  std::string table;
  std::string bytes;
  const auto put = [](std::string& to, auto value) {
    to.append(reinterpret_cast<const char*>(&value), sizeof(value));
  };
  const auto sizeOf = [](const std::optional<std::string>& text) {
    return text ? static_cast<std::int32_t>(text->size()) : -1;
  };
  for (const PlainRecord& record : records) {
    put(table, static_cast<std::int32_t>(records.size() * core::kRecordBytes + bytes.size()));
    put(table, sizeOf(record.key));
    put(table, sizeOf(record.value));
    put(table, static_cast<std::int32_t>(record.headers.size()));
    put(table, record.offset);
    put(table, record.timestampMs);
    bytes += record.key.value_or("") + record.value.value_or("");
    for (const auto& [name, value] : record.headers) {
      put(bytes, static_cast<std::int32_t>(name.size()));
      put(bytes, sizeOf(value));
      bytes += name + value.value_or("");
    }
  }
  const std::string all = table + bytes;
  core::PackedBlock block;
  block.bytes.reset(static_cast<std::uint8_t*>(std::malloc(all.size())));
  std::memcpy(block.bytes.get(), all.data(), all.size());
  block.size = all.size();
  block.count = static_cast<std::uint32_t>(records.size());
  return block;
}

}  // namespace easyflow::hub::test
