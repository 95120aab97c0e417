#include "hub/server_message.h"

#include <nlohmann/json.hpp>

#include "hub/json_text.h"

namespace easyflow::hub::server_message {

namespace {

std::string snapshotHead(std::uint32_t id, std::string_view items) {
  std::string text = R"({"type":"snapshot","id":)" + std::to_string(id) + R"(,"items":[)";
  text.reserve(text.size() + items.size() + 64);
  text += items;
  return text;
}

}  // namespace

std::string welcome(std::int64_t pingIntervalMs) {
  return R"({"type":"welcome","protocol":1,"pingIntervalMs":)" + std::to_string(pingIntervalMs) +
         "}";
}

std::string challenge(std::int64_t deadlineMs) {
  return R"({"type":"challenge","deadlineMs":)" + std::to_string(deadlineMs) + "}";
}

std::string expiring(std::int64_t inMs) {
  return R"({"type":"expiring","inMs":)" + std::to_string(inMs) + "}";
}

std::string subscribed(const SubscribeMessage& request, bool recovered) {
  std::string text =
      R"({"type":"subscribed","id":)" + std::to_string(request.id) + R"(,"channels":[)";
  for (std::size_t i = 0; i < request.patterns.size(); ++i) {
    if (i > 0) text += ',';
    appendJsonString(text, request.patterns[i].text());
  }
  text += request.mode == Mode::kAll ? R"(],"mode":"all","recovered":)"
                                     : R"(],"mode":"latest","recovered":)";
  text += recovered ? "true}" : "false}";
  return text;
}

std::string unsubscribed(std::uint32_t id) {
  return R"({"type":"unsubscribed","id":)" + std::to_string(id) + "}";
}

std::string snapshot(std::uint32_t id, std::string_view items) {
  return snapshotHead(id, items) + R"(],"more":true})";
}

std::string lastSnapshot(std::uint32_t id, std::string_view items, std::string_view token) {
  std::string text = snapshotHead(id, items) + R"(],"more":false,"token":)";
  appendJsonString(text, token);
  text += '}';
  return text;
}

std::string gap(std::uint32_t id) {
  return R"({"type":"gap","id":)" + std::to_string(id) + R"(,"reason":"overflow"})";
}

std::string ping(std::string_view token) {
  if (token.empty()) return R"({"type":"ping"})";
  std::string text = R"({"type":"ping","token":)";
  appendJsonString(text, token);
  text += '}';
  return text;
}

std::string pong() { return R"({"type":"pong"})"; }

std::string close(std::uint16_t code, std::string_view reason) {
  std::string text = R"({"type":"close","code":)" + std::to_string(code) + R"(,"reason":)";
  appendJsonString(text, reason);
  text += '}';
  return text;
}

std::string error(std::optional<std::uint32_t> id, const ErrorText& error) {
  std::string text = R"({"type":"error",)";
  if (id) text += R"("id":)" + std::to_string(*id) + ",";
  text += R"("code":)";
  appendJsonString(text, error.code);
  text += R"(,"message":)";
  appendJsonString(text, error.message);
  text += error.retriable ? R"(,"retriable":true})" : R"(,"retriable":false})";
  return text;
}

}  // namespace easyflow::hub::server_message
