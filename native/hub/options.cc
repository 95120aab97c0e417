#include "hub/options.h"

#include <nlohmann/json.hpp>

namespace easyflow::hub {

namespace {

// Absent: the default stays.
template <typename T>
void read(const nlohmann::json& object, const char* name, T& to) {
  const auto found = object.find(name);
  if (found != object.end() && !found->is_null()) found->get_to(to);
}

void readMs(const nlohmann::json& object, const char* name, Milliseconds& to) {
  std::int64_t ms = to.count();
  read(object, name, ms);
  to = Milliseconds(ms);
}

}  // namespace

std::optional<HubOptions> HubOptions::parse(const std::string& text, std::string& error) {
  HubOptions options;
  try {
    const nlohmann::json json = nlohmann::json::parse(text);
    read(json, "shards", options.shards);
    read(json, "channels", options.channels);
    readMs(json, "pingIntervalMs", options.pingInterval);
    readMs(json, "authenticateMs", options.authenticate);
    readMs(json, "expiryNoticeMs", options.expiryNotice);
    read(json, "asksAuthorize", options.asksAuthorize);
    read(json, "publish", options.publish);
    read(json, "transforms", options.transforms);
    options.closeOnOverflow = json.value("overflow", "gap") == "close";
    const auto compression = json.find("compression");
    if (compression != json.end() && compression->is_object()) {
      options.compressAbove = std::max<std::size_t>(1, compression->at("thresholdBytes"));
    }
    const nlohmann::json store = json.value("store", nlohmann::json::object());
    read(store, "maxEntities", options.store.maxEntities);
    read(store, "maxBytes", options.store.maxBytes);
    read(store, "historyUpdates", options.store.historyUpdates);
    read(store, "historyBytes", options.store.historyBytes);
    readMs(store, "tokenMs", options.store.tokenAge);
    const nlohmann::json limits = json.value("limits", nlohmann::json::object());
    read(limits, "subscriptions", options.limits.subscriptions);
    read(limits, "patterns", options.limits.patterns);
    read(limits, "messageBytes", options.limits.messageBytes);
    read(limits, "messagesPerSecond", options.limits.messagesPerSecond);
    read(limits, "outboundBytes", options.limits.outboundBytes);
    readMs(limits, "slowMs", options.limits.slow);
    read(limits, "publishes", options.limits.publishes);
  } catch (const nlohmann::json::exception& e) {
    error = e.what();
    return std::nullopt;
  }
  if (options.shards < 1 || options.shards > 64) {
    error = "shards must be 1 to 64";
    return std::nullopt;
  }
  return options;
}

}  // namespace easyflow::hub
