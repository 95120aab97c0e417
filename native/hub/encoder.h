// Updates and messages as the bytes of one encoding.
#pragma once

#include <string>
#include <string_view>

#include "hub/connection.h"
#include "hub/update.h"

namespace easyflow::hub {

void appendText(std::string& to, Encoding encoding, std::string_view json);
void appendUpdate(std::string& to, Encoding encoding, const Update& update, bool asRemoved);
// Server-sent events only: where a client that reads up to here resumes.
void appendPosition(std::string& to, Encoding encoding, std::string_view token);

}  // namespace easyflow::hub
