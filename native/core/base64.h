// Bytes inside JSON.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace easyflow::core {

std::string base64Encode(const void* data, std::size_t size);

// nullopt: not base64 (padding is required).
std::optional<std::vector<std::uint8_t>> base64Decode(std::string_view text);

}  // namespace easyflow::core
