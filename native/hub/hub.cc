#include "hub/hub.h"

#include <nlohmann/json.hpp>

#include "hub/channel_template.h"

namespace easyflow::hub {

std::shared_ptr<Hub> Hub::create(const std::string& text, std::shared_ptr<HubEvents> events,
                                 std::string& error) {
  std::optional<HubOptions> options = HubOptions::parse(text, error);
  if (!options) return nullptr;
  for (const auto& [topic, channel] : options->channels) {
    if (ChannelTemplate::parse(channel, error)) continue;
    error.insert(0, "the channel of " + topic + ": ");
    return nullptr;
  }
  return std::make_shared<Hub>(std::move(*options), std::move(events));
}

Hub::Hub(HubOptions options, std::shared_ptr<HubEvents> events)
    : options_(std::move(options)), events_(std::move(events)) {
  for (std::size_t i = 0; i < options_.shards; ++i)
    shards_.push_back(std::make_unique<Shard>(options_, events_));
}

Hub::~Hub() { stop(); }

void Hub::stop() {
  for (const auto& shard : shards_) shard->stop();
}

bool Hub::follow(const std::string& epoch, const std::string& text, std::string& error) {
  std::vector<FollowedPartition> partitions;
  try {
    for (const nlohmann::json& item : nlohmann::json::parse(text)) {
      partitions.push_back({.topic = item.at("topic"),
                            .partition = item.at("partition"),
                            .id = item.at("id"),
                            .start = std::stoll(item.at("start").get<std::string>()),
                            .compacted = item.at("compacted")});
    }
  } catch (const std::exception& e) {
    error = e.what();
    return false;
  }
  auto topology = std::make_shared<const Topology>(epoch, std::move(partitions));
  {
    const std::lock_guard lock(topologyMutex_);
    topology_ = topology;
  }
  for (const auto& shard : shards_) shard->follow(topology);
  return true;
}

std::shared_ptr<const Topology> Hub::topology() const {
  const std::lock_guard lock(topologyMutex_);
  return topology_;
}

std::function<void()> Hub::whenAll(const char* event) {
  auto left = std::make_shared<std::atomic<std::size_t>>(shards_.size());
  return [left, events = events_, event] {
    if (left->fetch_sub(1) == 1) events->onMessage(nlohmann::json{{"type", event}}.dump());
  };
}

void Hub::setReady() {
  const auto done = whenAll("ready");
  for (const auto& shard : shards_) shard->setReady(done);
}

std::uint64_t Hub::nextConnection() { return ++connections_; }

void Hub::connect(ConnectionSettings settings, std::string greeting,
                  std::vector<std::uint8_t> head) {
  if (settings.encoding == Encoding::kDeflate) wantsDeflate_ = true;
  Shard& shard = shardOf(settings.id);
  shard.connect(std::move(settings), std::move(greeting), std::move(head));
}

void Hub::revoke(const std::string& subject) {
  for (const auto& shard : shards_) shard->revoke(subject);
}

void Hub::close(Milliseconds drain) {
  const auto done = whenAll("closed");
  for (const auto& shard : shards_) shard->close(drain, done);
}

void Hub::take(const UpdateBatchPtr& batch) {
  for (const auto& shard : shards_) shard->take(batch);
}

std::string Hub::metrics() const {
  std::vector<const ShardMetrics*> shards;
  for (const auto& shard : shards_) shards.push_back(&shard->metrics());
  return toJson(shards, feedMetrics_).dump();
}

}  // namespace easyflow::hub
