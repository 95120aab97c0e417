// JSON written by hand where it is hot; everything else goes through nlohmann::json.
#pragma once

#include <string>
#include <string_view>

namespace easyflow::hub {

// The value (UTF-8) as a JSON string, quotes included.
void appendJsonString(std::string& to, std::string_view value);

}  // namespace easyflow::hub
