// Writes the produce blocks that lib/ writes: lib/native.d.ts, "Produce block".
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace easyflow::test {

using Bytes = std::optional<std::string>;

struct ExtendedRecord {
  Bytes key;
  Bytes value;
  std::int32_t partition = -1;
  std::vector<std::pair<std::string, Bytes>> headers;
  std::int64_t timestamp = -1;
};

class ProduceBlock {
 public:
  ProduceBlock& plain(std::int32_t sendId, std::int32_t topicId,
                      const std::vector<std::pair<Bytes, Bytes>>& records) {
    begin(sendId, topicId, records.size(), false);
    for (const auto& [key, value] : records) {
      word(lengthOf(key));
      word(lengthOf(value));
    }
    for (const auto& [key, value] : records) {
      bytes(key);
      bytes(value);
    }
    end();
    return *this;
  }

  // `count` records with null keys and the value `prefix` + index.
  ProduceBlock& values(std::int32_t sendId, std::int32_t topicId, int count,
                       const std::string& prefix = "v") {
    std::vector<std::pair<Bytes, Bytes>> records;
    for (int i = 0; i < count; ++i) records.emplace_back(std::nullopt, prefix + std::to_string(i));
    return plain(sendId, topicId, records);
  }

  ProduceBlock& extended(std::int32_t sendId, std::int32_t topicId,
                         const std::vector<ExtendedRecord>& records) {
    begin(sendId, topicId, records.size(), true);
    for (const ExtendedRecord& record : records) {
      std::int32_t headersLength = 0;
      for (const auto& [name, value] : record.headers) {
        headersLength += 8 + static_cast<std::int32_t>(name.size() + (value ? value->size() : 0));
      }
      word(lengthOf(record.key));
      word(lengthOf(record.value));
      word(record.partition);
      word(headersLength);
      word(static_cast<std::int32_t>(static_cast<std::uint64_t>(record.timestamp) & 0xffffffffU));
      word(static_cast<std::int32_t>(static_cast<std::uint64_t>(record.timestamp) >> 32U));
    }
    for (const ExtendedRecord& record : records) {
      bytes(record.key);
      bytes(record.value);
      for (const auto& [name, value] : record.headers) {
        word(static_cast<std::int32_t>(name.size()));
        word(lengthOf(value));
        bytes(name);
        bytes(value);
      }
    }
    end();
    return *this;
  }

  // To damage a block: one of its words, counted from its start.
  ProduceBlock& set(std::size_t index, std::int32_t value) {
    std::memcpy(data_.data() + index * 4, &value, 4);
    return *this;
  }

  const std::uint8_t* data() const { return data_.data(); }
  std::size_t size() const { return data_.size(); }

 private:
  static std::int32_t lengthOf(const Bytes& text) {
    return text ? static_cast<std::int32_t>(text->size()) : -1;
  }
  void word(std::int32_t value) {
    const auto* from = reinterpret_cast<const std::uint8_t*>(&value);
    data_.insert(data_.end(), from, from + 4);
  }
  void bytes(const Bytes& text) {
    if (text) data_.insert(data_.end(), text->begin(), text->end());
  }
  void begin(std::int32_t sendId, std::int32_t topicId, std::size_t count, bool isExtended) {
    start_ = data_.size();
    word(0);
    word(sendId);
    word(topicId);
    word(static_cast<std::int32_t>(count));
    word(isExtended ? 1 : 0);
    for (int i = 0; i < 3; ++i) word(0);
  }
  void end() {
    while (data_.size() % 4 != 0) data_.push_back(0);
    const auto size = static_cast<std::int32_t>(data_.size() - start_);
    std::memcpy(data_.data() + start_, &size, 4);
  }

  std::vector<std::uint8_t> data_;
  std::size_t start_ = 0;
};

}  // namespace easyflow::test
