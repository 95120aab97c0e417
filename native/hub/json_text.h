// JSON written by hand where it is hot; everything else goes through nlohmann::json.
#pragma once

#include <string>
#include <string_view>

namespace easyflow::hub {

// The value (UTF-8) as a JSON string, quotes included.
void appendJsonString(std::string& to, std::string_view value);

// False for two texts that nlohmann's parser takes and no other one does: with a byte order mark,
// and with a NUL byte, which it reads as the end.
bool isPlainJson(std::string_view text);

}  // namespace easyflow::hub
