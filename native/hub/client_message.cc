#include "hub/client_message.h"

#include <algorithm>
#include <limits>

#include "hub/json_text.h"

namespace easyflow::hub {

namespace {

using nlohmann::json;

constexpr std::uint32_t kMaxRateMs = 3'600'000;

std::optional<std::uint32_t> uint32Of(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number_unsigned()) return std::nullopt;
  const auto number = found->get<std::uint64_t>();
  if (number > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  return static_cast<std::uint32_t>(number);
}

std::optional<std::string> stringOf(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

// Absent or null: the default.
bool isGiven(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && !found->is_null();
}

ClientMessage parseSubscribe(const json& object, std::uint32_t id, std::size_t maxPatterns) {
  SubscribeMessage message{.id = id};
  const auto bad = [&](std::string reason) -> ClientMessage {
    return BadMessage{id, std::move(reason)};
  };

  const auto channels = object.find("channels");
  if (channels == object.end() || !channels->is_array() || channels->empty() ||
      channels->size() > maxPatterns) {
    return bad("\"channels\" must be a list of 1 to " + std::to_string(maxPatterns) + " patterns");
  }
  for (const json& item : *channels) {
    auto pattern = item.is_string() ? Pattern::parse(item.get_ref<const std::string&>())
                                    : std::optional<Pattern>();
    if (!pattern) return bad("a pattern must be a channel, or end in its only *");
    message.patterns.push_back(std::move(*pattern));
  }
  std::sort(message.patterns.begin(), message.patterns.end());
  message.patterns.erase(std::unique(message.patterns.begin(), message.patterns.end()),
                         message.patterns.end());

  if (isGiven(object, "mode")) {
    const auto mode = stringOf(object, "mode");
    if (mode != "latest" && mode != "all") return bad("\"mode\" must be \"latest\" or \"all\"");
    if (mode == "all") message.mode = Mode::kAll;
  }
  if (isGiven(object, "maxRateMs")) {
    const auto rate = uint32Of(object, "maxRateMs");
    if (!rate || *rate > kMaxRateMs) return bad("\"maxRateMs\" must be 0 to 3600000");
    if (*rate > 0 && message.mode == Mode::kAll)
      return bad("\"maxRateMs\" is for mode \"latest\" only");
    message.maxRateMs = *rate;
  }
  if (isGiven(object, "filter")) {
    std::string error;
    message.filter = Filter::parse(object.at("filter"), error);
    if (!message.filter) return bad(std::move(error));
  }
  if (isGiven(object, "since")) {
    auto since = stringOf(object, "since");
    if (!since) return bad("\"since\" must be a token");
    message.since = std::move(*since);
  }
  return message;
}

ClientMessage parsePublish(const json& object, std::uint32_t id) {
  PublishMessage message{.id = id};
  auto route = stringOf(object, "route");
  if (!route) return BadMessage{id, "\"route\" must be a string"};
  message.route = std::move(*route);
  if (isGiven(object, "key")) {
    message.key = stringOf(object, "key");
    if (!message.key) return BadMessage{id, "\"key\" must be a string"};
  }
  const auto data = object.find("data");
  if (data == object.end()) return BadMessage{id, "\"data\" is missing"};
  message.data = *data;
  return message;
}

}  // namespace

std::string SubscribeMessage::streamKey() const {
  std::string key = mode == Mode::kAll ? "a" : "l";
  key += std::to_string(maxRateMs);
  for (const Pattern& pattern : patterns) {
    key += '\n';
    key += pattern.text();
  }
  // No pattern holds a control character.
  if (filter) {
    key += "\n\x01";
    key += filter->text();
  }
  return key;
}

ClientMessage parseClientMessage(const std::string& text, std::size_t maxPatterns) {
  // The parser recurses nowhere, so depth is bounded by the size of a message alone; but the
  // destructor and dump() do not like thousands of levels.
  constexpr int kMaxDepth = 64;
  if (!isPlainJson(text)) return BadMessage{std::nullopt, "a message must be a JSON object"};
  bool tooDeep = false;
  const json object = json::parse(
      text,
      [&](int depth, json::parse_event_t /*event*/, json& /*parsed*/) {
        if (depth > kMaxDepth) tooDeep = true;
        return !tooDeep;
      },
      /*allow_exceptions=*/false);
  if (tooDeep || !object.is_object())
    return BadMessage{std::nullopt, "a message must be a JSON object"};
  const auto type = stringOf(object, "type");
  if (type == "ping") return PingMessage{};
  if (type == "pong") return PongMessage{};
  if (type == "authenticate") {
    auto token = stringOf(object, "token");
    if (!token) return BadMessage{std::nullopt, "\"token\" must be a string"};
    return AuthenticateMessage{std::move(*token)};
  }
  if (type != "subscribe" && type != "unsubscribe" && type != "publish") {
    return BadMessage{
        std::nullopt,
        "\"type\" must be subscribe, unsubscribe, publish, authenticate, ping or pong"};
  }
  const auto id = uint32Of(object, "id");
  if (!id) return BadMessage{std::nullopt, "\"id\" must be a number, 0 to 4294967295"};
  if (type == "unsubscribe") return UnsubscribeMessage{*id};
  if (type == "publish") return parsePublish(object, *id);
  return parseSubscribe(object, *id, maxPatterns);
}

}  // namespace easyflow::hub
