// Whether bytes are UTF-8 (RFC 3629): text frames, keys and headers that become channels.
#pragma once

#include <string_view>

namespace easyflow::hub {

bool isUtf8(std::string_view bytes) noexcept;

}  // namespace easyflow::hub
