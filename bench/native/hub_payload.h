// What bench/lib/hub/payload.js puts into a message, found without a JSON parser: ..."t":<epoch
// microseconds>,"n":<count of its entity>,"e":<entity>...
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace easyflow::bench {

struct Stamp {
  int64_t micros = 0;
  uint32_t count = 0;
  uint32_t entity = 0;
};

class StampReader {
 public:
  // The next stamp at or behind `from`, which is moved behind it; false when there is none.
  bool next(std::string_view text, size_t& from, Stamp& stamp) {
    const size_t at = find(text, from);
    if (at == std::string_view::npos) return false;
    size_t position = at + kMark.size();
    stamp.micros = static_cast<int64_t>(number(text, position));
    position += kCount.size();
    stamp.count = static_cast<uint32_t>(number(text, position));
    position += kEntity.size();
    stamp.entity = static_cast<uint32_t>(number(text, position));
    from = position;
    return true;
  }

  // Only its time: what is read of every delivery.
  bool time(std::string_view text, int64_t& micros) {
    const size_t at = find(text, 0);
    if (at == std::string_view::npos) return false;
    size_t position = at + kMark.size();
    micros = static_cast<int64_t>(number(text, position));
    return true;
  }

 private:
  static constexpr std::string_view kMark = "\"t\":";
  static constexpr std::string_view kCount = ",\"n\":";
  static constexpr std::string_view kEntity = ",\"e\":";

  // Most updates have it where the last one had it.
  size_t find(std::string_view text, size_t from) {
    if (from == 0 && text.size() > usual_ + kMark.size() &&
        std::memcmp(text.data() + usual_, kMark.data(), kMark.size()) == 0) {
      return usual_;
    }
    if (from >= text.size()) return std::string_view::npos;
    const void* found = memmem(text.data() + from, text.size() - from, kMark.data(), kMark.size());
    if (found == nullptr) return std::string_view::npos;
    const auto at = static_cast<size_t>(static_cast<const char*>(found) - text.data());
    if (from == 0) usual_ = at;
    return at;
  }

  static uint64_t number(std::string_view text, size_t& position) {
    uint64_t value = 0;
    while (position < text.size() && text[position] >= '0' && text[position] <= '9') {
      value = value * 10 + static_cast<uint64_t>(text[position++] - '0');
    }
    return value;
  }

  size_t usual_ = 0;
};

}  // namespace easyflow::bench
