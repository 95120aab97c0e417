// permessage-deflate (RFC 7692) without context takeover: each message stands alone, so one
// compressed frame serves every connection.
#pragma once

#include <string>
#include <string_view>

namespace easyflow::hub {

// Called on any thread. False: no memory.
bool deflateMessage(std::string_view message, std::string& packed);

// False: not a deflated message, or longer than `maxBytes` (then `tooLong`).
bool inflateMessage(std::string_view packed, std::size_t maxBytes, std::string& message,
                    bool& tooLong);

}  // namespace easyflow::hub
