#include "hub/update.h"

#include "hub/deflate.h"
#include "hub/json_text.h"
#include "hub/websocket.h"

namespace easyflow::hub {

namespace {

constexpr std::string_view kUpdate = R"({"type":"update",)";
constexpr std::string_view kRemove = R"({"type":"remove",)";
constexpr std::string_view kRemovedItem = R"({"removed":true,)";
constexpr std::string_view kData = R"(,"data":)";

}  // namespace

UpdatePtr makeUpdate(UpdateFields fields, std::size_t compressAbove) {
  auto update = std::make_shared<Update>();
  std::string json(fields.data ? kUpdate : kRemove);
  json.reserve(json.size() + fields.channel.size() + (fields.data ? fields.data->size() : 0) + 96);
  json += R"("channel":)";
  appendJsonString(json, fields.channel);
  json += R"(,"at":")";
  json += fields.partitionId;
  json += ':';
  json += std::to_string(fields.offset);
  json += R"(","time":)";
  json += std::to_string(fields.timestampMs);
  if (fields.data) {
    json += kData;
    // Line breaks between JSON tokens mean nothing, and would end a line of server-sent events.
    for (const char c : *fields.data) json += c == '\n' || c == '\r' ? ' ' : c;
  }
  json += '}';

  update->channel = std::move(fields.channel);
  update->partition = fields.partition;
  update->offset = fields.offset;
  update->timestampMs = fields.timestampMs;
  update->removed = fields.data == nullptr;
  appendFrameHeader(update->frame, Opcode::kText, json.size());
  update->headerBytes = static_cast<std::uint8_t>(update->frame.size());
  update->frame += json;
  if (compressAbove > 0 && json.size() >= compressAbove) {
    std::string packed;
    if (deflateMessage(json, packed) && packed.size() < json.size()) {
      appendFrameHeader(update->compressed, Opcode::kText, packed.size(), /*compressed=*/true);
      update->compressed += packed;
    }
  }
  return update;
}

std::string_view Update::data() const {
  if (removed) return {};
  // Behind the channel, which is escaped: these bytes cannot be inside of it.
  const std::string_view text = json();
  const std::size_t at = text.find(kData);
  return text.substr(at + kData.size(), text.size() - at - kData.size() - 1);
}

void appendItem(std::string& to, const Update& update, bool asRemoved) {
  std::string_view json = update.json();
  if (!update.removed && !asRemoved) {
    to += '{';
    to += json.substr(kUpdate.size());
    return;
  }
  to += kRemovedItem;
  if (update.removed) {
    to += json.substr(kRemove.size());
    return;
  }
  to += json.substr(kUpdate.size(), json.find(kData) - kUpdate.size());
  to += '}';
}

std::string removalOf(const Update& update) {
  if (update.removed) return std::string(update.json());
  const std::string_view json = update.json();
  std::string removal(kRemove);
  removal += json.substr(kUpdate.size(), json.find(kData) - kUpdate.size());
  removal += '}';
  return removal;
}

}  // namespace easyflow::hub
