#include "hub/json_text.h"

namespace easyflow::hub {

void appendJsonString(std::string& to, std::string_view value) {
  constexpr std::string_view kHex = "0123456789abcdef";
  to += '"';
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      to += '\\';
      to += c;
    } else if (byte < 0x20) {
      to += "\\u00";
      to += kHex[byte >> 4U];
      to += kHex[byte & 0xFU];
    } else {
      to += c;
    }
  }
  to += '"';
}

bool isPlainJson(std::string_view text) {
  return text.find('\0') == std::string_view::npos && text.substr(0, 3) != "\xEF\xBB\xBF";
}

}  // namespace easyflow::hub
