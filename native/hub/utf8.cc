#include "hub/utf8.h"

#include <cstdint>
#include <cstring>

namespace easyflow::hub {

namespace {

constexpr bool isContinuation(std::uint8_t byte) { return (byte & 0xC0U) == 0x80U; }

// Bytes of the sequence that `lead` begins; 0: it begins none.
std::size_t sequenceLength(std::uint8_t lead) {
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

// Overlong forms, surrogates and what is beyond U+10FFFF show in the second byte.
bool isSecondByte(std::uint8_t lead, std::uint8_t byte) {
  switch (lead) {
    case 0xE0:
      return byte >= 0xA0 && byte <= 0xBF;
    case 0xED:
      return byte >= 0x80 && byte <= 0x9F;
    case 0xF0:
      return byte >= 0x90 && byte <= 0xBF;
    case 0xF4:
      return byte >= 0x80 && byte <= 0x8F;
    default:
      return isContinuation(byte);
  }
}

}  // namespace

bool isUtf8(std::string_view bytes) noexcept {
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  while (at < end) {
    // Mostly ASCII: eight at a time.
    if (end - at >= 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, at, sizeof(word));
      if ((word & 0x8080808080808080ULL) == 0) {
        at += 8;
        continue;
      }
    }
    const auto lead = static_cast<std::uint8_t>(*at);
    if (lead < 0x80) {
      ++at;
      continue;
    }
    const std::size_t length = sequenceLength(lead);
    if (length == 0 || static_cast<std::size_t>(end - at) < length) return false;
    if (!isSecondByte(lead, static_cast<std::uint8_t>(at[1]))) return false;
    for (std::size_t i = 2; i < length; ++i) {
      if (!isContinuation(static_cast<std::uint8_t>(at[i]))) return false;
    }
    at += length;
  }
  return true;
}

}  // namespace easyflow::hub
