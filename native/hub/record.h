// One record of a consume block (lib/native.d.ts, "Consume block"), read in place.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/packed_block.h"

namespace easyflow::hub {

// Views into the block.
struct Record {
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;
  std::int64_t offset = -1;
  std::int64_t timestampMs = -1;
  std::uint32_t headerCount = 0;
  std::string_view headers;

  // The last header of the name that has a value.
  std::optional<std::string_view> header(std::string_view name) const;
};

Record recordAt(const core::PackedBlock& block, std::uint32_t index);

}  // namespace easyflow::hub
