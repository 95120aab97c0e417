// What the hub sends apart from updates, as JSON texts: docs/protocol.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "hub/client_message.h"

namespace easyflow::hub::server_message {

std::string welcome(std::int64_t pingIntervalMs);
std::string challenge(std::int64_t deadlineMs);
std::string expiring(std::int64_t inMs);
std::string subscribed(const SubscribeMessage& request, bool recovered);
std::string unsubscribed(std::uint32_t id);
// `items` are the items' texts with commas between.
std::string snapshot(std::uint32_t id, std::string_view items);
std::string lastSnapshot(std::uint32_t id, std::string_view items, std::string_view token);
std::string gap(std::uint32_t id);
// Without a token when it is empty.
std::string ping(std::string_view token);
std::string pong();
// What a close frame says, for server-sent events.
std::string close(std::uint16_t code, std::string_view reason);

struct ErrorText {
  const char* code;
  std::string message;
  bool retriable = false;
};
std::string error(std::optional<std::uint32_t> id, const ErrorText& text);

}  // namespace easyflow::hub::server_message
