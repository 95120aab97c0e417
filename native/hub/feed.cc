#include "hub/feed.h"

#include <nlohmann/json.hpp>

#include "hub/utf8.h"

namespace easyflow::hub {

namespace {

// JS hears of records that do not route this often at most; the rest is counted.
constexpr std::chrono::seconds kInvalidPause{1};

std::map<std::string, ChannelTemplate> channelsOf(const Hub& hub) {
  std::map<std::string, ChannelTemplate> channels;
  std::string error;
  // Hub::create() has checked them.
  for (const auto& [topic, channel] : hub.options().channels)
    channels.emplace(topic, ChannelTemplate::parse(channel, error).value());
  return channels;
}

}  // namespace

Feed::Feed(std::shared_ptr<Hub> hub, std::shared_ptr<core::ClientSink> js,
           std::shared_ptr<core::Poller> poller)
    : hub_(std::move(hub)),
      js_(std::move(js)),
      poller_(std::move(poller)),
      channels_(channelsOf(*hub_)),
      keys_(hub_->options().store.maxEntities) {}

void Feed::onRebalance(std::uint32_t id, core::RebalanceType type,
                       std::vector<core::AssignedPartition> partitions) noexcept {
  if (type == core::RebalanceType::kAssign) {
    for (const core::AssignedPartition& partition : partitions) {
      const auto channel = channels_.find(partition.topic);
      if (channel == channels_.end()) continue;
      sources_[partition.slot] = {partition.topic, partition.partition, &channel->second};
    }
  }
  js_->onRebalance(id, type, std::move(partitions));
}

void Feed::onPartitionEnd(std::uint32_t slot, std::int64_t offset) noexcept {
  const auto source = sources_.find(slot);
  if (source == sources_.end() || std::exchange(source->second.hasEnded, true)) return;
  hub_->events().onMessage(nlohmann::json{
      {"type", "end"},
      {"topic", source->second.topic},
      {"partition", source->second.partition},
      {"offset",
       std::to_string(offset)}}.dump());
}

void Feed::onBatch(std::uint32_t slot, std::uint32_t /*generation*/, core::PackedBlock block,
                   core::BatchSource /*source*/) noexcept {
  const auto size = static_cast<std::int64_t>(block.size);
  const std::shared_ptr<const Topology> topology = hub_->topology();
  std::vector<UpdatePtr> updates;
  const auto source = sources_.find(slot);
  if (source != sources_.end() && topology) {
    if (topology->epoch() != epoch_) {
      epoch_ = topology->epoch();
      keys_.clear();
    }
    const auto index = topology->find(source->second.topic, source->second.partition);
    updates.reserve(block.count);
    for (std::uint32_t i = 0; index && i < block.count; ++i)
      route(source->second, *topology, *index, recordAt(block, i), updates);
  }
  add(hub_->feedMetrics().records, block.count);
  if (const auto consumer = consumer_.lock()) consumer->budget()->freed(size);
  // The credit comes back on the poller: a shard must not be the last to let go of a consumer.
  auto done = [poller = poller_, consumer = consumer_, slot] {
    poller->post([consumer, slot] {
      if (const auto owner = consumer.lock()) owner->done(slot);
    });
  };
  hub_->take(std::make_shared<const UpdateBatch>(topology, std::move(updates), std::move(done)));
}

void Feed::route(const Source& source, const Topology& topology, std::uint32_t index,
                 const Record& record, std::vector<UpdatePtr>& updates) {
  if (!record.value) {
    routeRemoval(source, topology, index, record, updates);
    return;
  }
  const ChannelTemplate& channel = *source.channel;
  if (!channel.fields().extract(*record.value, values_)) {
    invalid(source, record.offset, "the value is not JSON");
    return;
  }
  UpdateFields fields{.partition = index,
                      .partitionId = topology.partitions()[index].id,
                      .offset = record.offset,
                      .timestampMs = record.timestampMs,
                      .data = &*record.value};
  std::string error;
  if (!channel.fill(record, values_, fields.channel, error)) {
    invalid(source, record.offset, error);
    return;
  }
  if (record.key && channel.needsValue()) keys_.note(index, *record.key, fields.channel);
  updates.push_back(makeUpdate(std::move(fields), hub_->compressAbove()));
}

void Feed::routeRemoval(const Source& source, const Topology& topology, std::uint32_t index,
                        const Record& record, std::vector<UpdatePtr>& updates) {
  KeyIndex::Channels channels;
  std::string error;
  if (source.channel->needsValue()) {
    if (record.key) channels = keys_.take(index, *record.key);
    if (channels.empty()) add(hub_->feedMetrics().unknownRemovals);
  } else {
    std::string channel;
    values_.clear();
    if (source.channel->fill(record, values_, channel, error)) {
      channels.insert(std::move(channel));
    } else {
      invalid(source, record.offset, error);
    }
  }
  for (const std::string& channel : channels) {
    updates.push_back(makeUpdate({.channel = channel,
                                  .partition = index,
                                  .partitionId = topology.partitions()[index].id,
                                  .offset = record.offset,
                                  .timestampMs = record.timestampMs},
                                 0));
  }
}

void Feed::invalid(const Source& source, std::int64_t offset, const std::string& reason) {
  add(hub_->feedMetrics().invalid);
  ++invalidSince_;
  const auto now = std::chrono::steady_clock::now();
  if (now < nextInvalid_) return;
  nextInvalid_ = now + kInvalidPause;
  hub_->events().onMessage(nlohmann::json{{"type", "invalid"},
                                          {"topic", source.topic},
                                          {"partition", source.partition},
                                          {"offset", std::to_string(offset)},
                                          {"reason", reason},
                                          {"count", std::exchange(invalidSince_, 0)}}
                               .dump());
}

}  // namespace easyflow::hub
