// Bytes that a client or a producer might send to do harm, and what has to hold whatever they are.
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "hub/client_frames.h"
#include "hub/client_message.h"
#include "hub/json_fields.h"
#include "hub/updates.h"
#include "hub/utf8.h"
#include "hub/websocket.h"

namespace easyflow::hub::test {

inline constexpr std::size_t kHostileMaxBytes = 4'096;

struct ParsedEvent {
  FrameParser::Result result;
  std::string payload;
  std::uint16_t code;
  bool operator==(const ParsedEvent&) const = default;
};

inline std::vector<ParsedEvent> parseAll(std::string_view bytes, bool deflate, std::size_t piece) {
  FrameParser parser(kHostileMaxBytes, deflate);
  std::vector<ParsedEvent> events;
  while (!bytes.empty()) {
    const std::string_view part = bytes.substr(0, piece);
    bytes.remove_prefix(part.size());
    std::span<const std::uint8_t> input(reinterpret_cast<const std::uint8_t*>(part.data()),
                                        part.size());
    for (auto result = parser.parse(input); result != FrameParser::Result::kMore;
         result = parser.parse(input)) {
      if (result == FrameParser::Result::kError) {
        events.push_back({result, "", parser.errorCode()});
        return events;
      }
      events.push_back(
          {result, parser.payload(),
           result == FrameParser::Result::kClose ? parser.closeCode() : std::uint16_t{0}});
    }
  }
  return events;
}

inline const char* checkMessage(const std::string& text) {
  const ClientMessage message = parseClientMessage(text, 10);
  if (std::holds_alternative<BadMessage>(message)) return nullptr;
  if (!nlohmann::json::accept(text)) return "a message that is not JSON was taken";
  if (const auto* subscribe = std::get_if<SubscribeMessage>(&message)) {
    if (subscribe->patterns.empty() || subscribe->patterns.size() > 10) return "number of patterns";
    for (const Pattern& pattern : subscribe->patterns) {
      if (Pattern::parse(pattern.text()) != pattern) return "a pattern that is none";
    }
    if (subscribe->streamKey().empty()) return "no stream";
    if (subscribe->filter) subscribe->filter->matches(text);
  }
  if (const auto* publish = std::get_if<PublishMessage>(&message)) publish->data.dump();
  return nullptr;
}

inline const char* checkFrames(std::string_view bytes, bool deflate) {
  const std::vector<ParsedEvent> events = parseAll(bytes, deflate, bytes.size());
  if (events != parseAll(bytes, deflate, 1)) return "bytes one by one are read differently";
  if (events != parseAll(bytes, deflate, 7)) return "pieces are read differently";
  for (const ParsedEvent& event : events) {
    if (event.payload.size() > kHostileMaxBytes) return "a payload above the limit";
    if (event.result != FrameParser::Result::kText) continue;
    if (!isUtf8(event.payload)) return "text that is not UTF-8";
    if (const char* broken = checkMessage(event.payload)) return broken;
  }
  return nullptr;
}

// A record's value: what is taken for JSON has to be JSON for those that get it in a frame.
inline const char* checkValue(std::string_view value) {
  static const JsonFields* const fields = [] {
    auto* made = new JsonFields;
    made->add("entityId");
    made->add("message.taskId");
    return made;
  }();
  std::vector<std::optional<std::string>> values;
  if (!fields->extract(value, values)) return nullptr;
  const UpdatePtr update = updateOf("c", 0, 1, value);
  const auto json = nlohmann::json::parse(update->json(), nullptr, false);
  if (!json.is_object() || json.size() != 5) return "a frame that is not its JSON";
  if (update->json().find('\0') != std::string_view::npos) return "a frame with a NUL byte";
  std::string item;
  appendItem(item, *update, true);
  if (!nlohmann::json::accept(item)) return "an item that is not JSON";
  return nullptr;
}

inline const char* checkToken(std::string_view token) {
  static const std::shared_ptr<const Topology> topology = topologyOf(3);
  const auto parsed = topology->parse(token);
  if (!parsed) return nullptr;
  const auto again = topology->parse(topology->token(parsed->offsets, parsed->timeMs));
  if (!again || again->offsets != parsed->offsets || again->timeMs != parsed->timeMs)
    return "a token that does not come back";
  return nullptr;
}

// What is broken; null: nothing.
inline const char* checkHostile(std::string_view input) {
  if (const char* broken = checkFrames(input, false)) return broken;
  if (const char* broken = checkFrames(input, true)) return broken;
  if (const char* broken = checkMessage(std::string(input))) return broken;
  if (const char* broken = checkValue(input)) return broken;
  return checkToken(input);
}

// Good inputs, made bad at random. The seed says which.
class HostileInputs {
 public:
  explicit HostileInputs(std::uint64_t seed) : random_(seed) {}

  std::string next() {
    if (below(8) == 0) return mutated(texts()[below(texts().size())]);
    std::string frames;
    for (std::size_t i = 1 + below(4); i > 0; --i) frames += frame();
    return below(3) == 0 ? mutated(std::move(frames)) : frames;
  }

 private:
  static const std::vector<std::string>& texts() {
    static const std::vector<std::string> all = {
        R"({"type":"subscribe","id":1,"channels":["task/*","org/1"],"mode":"latest","maxRateMs":250,"filter":{"a.b":["x",1,null]},"since":"e1~zz~0:5"})",
        R"({"type":"subscribe","id":4294967295,"channels":["*"],"mode":"all"})",
        R"({"type":"unsubscribe","id":1})",
        R"({"type":"publish","id":7,"route":"r","key":"k","data":{"a":[1,{"b":"\u20ac"}]}})",
        R"({"type":"authenticate","token":"abc"})",
        R"({"type":"ping"})",
        R"({"entityId":"1","message":{"taskId":2.50},"list":[[[]]],"text":"€"})",
        "e1~lz9k2~0:5,1:6,2:12345678901",
        std::string("{\"a\":1}\0,", 9),
        "\xEF\xBB\xBF{\"a\":1}",
        std::string(300, '['),
        std::string(2'000, 'x'),
        "",
    };
    return all;
  }

  std::size_t below(std::size_t bound) { return random_() % bound; }

  std::string frame() {
    constexpr std::uint8_t kOpcodes[] = {0, 1, 1, 1, 1, 2, 8, 9, 10, 3, 11, 15};
    FrameShape shape;
    shape.isFinal = below(4) != 0;
    shape.isMasked = below(40) != 0;
    shape.mask = static_cast<std::uint32_t>(random_());
    if (below(4) == 0) shape.reserved = 0x40;
    if (below(60) == 0) shape.reserved = static_cast<std::uint8_t>(below(8) << 4U);
    std::string payload = texts()[below(texts().size())];
    if (below(2) == 0) payload = mutated(std::move(payload));
    if (shape.reserved == 0x40) {
      payload = packed(below(200) == 0 ? std::string(50'000, 'a') : payload, Z_BEST_SPEED);
      if (below(2) == 0) payload = mutated(std::move(payload));
    }
    const std::uint8_t opcode = kOpcodes[below(std::size(kOpcodes))];
    if (opcode >= 8 && below(8) != 0)
      payload.resize(std::min<std::size_t>(payload.size(), below(126)));
    if (opcode == 8 && below(2) == 0) payload = std::string("\x03\xe8", 2) + payload.substr(0, 100);
    if (below(30) == 0) shape.lengthBytes = 8;
    if (below(30) == 0 && payload.size() < 126) shape.lengthBytes = 1;
    if (opcode < 3 && below(8) != 0 && shape.isFinal)
      return clientFrame(opcode == 0 ? 1 : opcode, payload, shape);
    return clientFrame(opcode, payload, shape);
  }

  std::string mutated(std::string text) {
    for (std::size_t i = 1 + below(4); i > 0; --i) {
      const std::size_t at = below(text.size() + 1);
      const std::size_t length = std::min(text.size() - at, below(16));
      switch (below(7)) {
        case 0:
          text.insert(at, 1, static_cast<char>(random_()));
          break;
        case 1:
          text.erase(at, length);
          break;
        case 2:
          text.insert(at, std::string(text.substr(at, length)));
          break;
        case 3:
          if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1U << below(8)));
          break;
        case 4:
          if (at < text.size()) text[at] = "\0\x7f\x80\xff{}[]\",:*~.-e"[below(17)];
          break;
        case 5:
          text.resize(at);
          break;
        default:
          text.insert(at, texts()[below(texts().size())].substr(0, below(64)));
      }
    }
    return text;
  }

  std::mt19937_64 random_;
};

}  // namespace easyflow::hub::test
