#include "hub/pattern.h"

#include <algorithm>

namespace easyflow::hub {

std::optional<Pattern> Pattern::parse(std::string_view text) {
  if (text.empty() || text.size() > kMaxBytes) return std::nullopt;
  const std::size_t star = text.find('*');
  if (star != std::string_view::npos && star + 1 != text.size()) return std::nullopt;
  const bool hasControl = std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  });
  if (hasControl) return std::nullopt;
  return Pattern(text, star != std::string_view::npos);
}

}  // namespace easyflow::hub
