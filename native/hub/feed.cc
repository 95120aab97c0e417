#include "hub/feed.h"

#include <nlohmann/json.hpp>

#include "hub/json_text.h"
#include "hub/utf8.h"

namespace easyflow::hub {

namespace {

// JS hears of records that do not route this often at most; the rest is counted.
constexpr std::chrono::seconds kInvalidPause{1};

// JS has other things to do between batches.
constexpr std::size_t kLentRecords = 256;

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
  Routed routed{hub_->topology()};
  const auto source = sources_.find(slot);
  if (source != sources_.end() && routed.topology) {
    if (routed.topology->epoch() != epoch_) {
      epoch_ = routed.topology->epoch();
      keys_.clear();
    }
    const auto index = routed.topology->find(source->second.topic, source->second.partition);
    if (!hub_->options().transforms) routed.updates.reserve(block.count);
    for (std::uint32_t i = 0; index && i < block.count; ++i)
      route(source->second, *index, recordAt(block, i), routed);
  }
  hub::add(hub_->feedMetrics().records, block.count);
  auto credit = creditOf(slot);
  auto bytes = bytesOf(block.size);
  if (!routed.batches.empty()) routed.batches.back().json += ']';
  for (TransformBatch& batch : routed.batches) {
    batch.bytes = bytes;
    batch.credit = credit;
    hub_->events().onTransform(std::move(batch), shared_from_this());
  }
  if (routed.updates.empty()) return;
  hub_->take(std::make_shared<const UpdateBatch>(
      std::move(routed.topology), std::move(routed.updates), [credit = std::move(credit)] {}));
}

std::shared_ptr<void> Feed::creditOf(std::uint32_t slot) {
  // The credit comes back on the poller: a shard must not be the last to let go of a consumer.
  return {nullptr, [poller = poller_, consumer = consumer_, slot](void*) {
            poller->post([consumer, slot] {
              if (const auto owner = consumer.lock()) owner->done(slot);
            });
          }};
}

std::shared_ptr<void> Feed::bytesOf(std::size_t size) {
  const auto consumer = consumer_.lock();
  if (!consumer) return nullptr;
  return {nullptr, [budget = consumer->budget(), size](void*) {
            budget->freed(static_cast<std::int64_t>(size));
          }};
}

void Feed::route(const Source& source, std::uint32_t index, const Record& record, Routed& to) {
  if (!record.value) {
    routeRemoval(source, index, record, to);
    return;
  }
  const ChannelTemplate& channel = *source.channel;
  if (!channel.fields().extract(*record.value, values_)) {
    invalid(source.topic, source.partition, record.offset, "the value is not JSON");
    return;
  }
  RoutedRecord routed{
      .partition = index, .offset = record.offset, .timestampMs = record.timestampMs};
  std::string error;
  if (!channel.fill(record, values_, routed.channel, error)) {
    invalid(source.topic, source.partition, record.offset, error);
    return;
  }
  if (record.key && channel.needsValue()) keys_.note(index, *record.key, routed.channel);
  add(std::move(routed), record, to);
}

void Feed::routeRemoval(const Source& source, std::uint32_t index, const Record& record,
                        Routed& to) {
  KeyIndex::Channels channels;
  std::string error;
  if (source.channel->needsValue()) {
    if (record.key) channels = keys_.take(index, *record.key);
    if (channels.empty()) hub::add(hub_->feedMetrics().unknownRemovals);
  } else {
    std::string channel;
    values_.clear();
    if (source.channel->fill(record, values_, channel, error)) {
      channels.insert(std::move(channel));
    } else {
      invalid(source.topic, source.partition, record.offset, error);
    }
  }
  for (const std::string& channel : channels) {
    add({.channel = channel,
         .partition = index,
         .offset = record.offset,
         .timestampMs = record.timestampMs,
         .removed = true},
        record, to);
  }
}

void Feed::add(RoutedRecord routed, const Record& record, Routed& to) {
  if (hub_->options().transforms) {
    lend(std::move(routed), record, to);
    return;
  }
  const std::string_view* data = record.value ? &*record.value : nullptr;
  to.updates.push_back(updateOf(std::move(routed), *to.topology, data));
}

UpdatePtr Feed::updateOf(RoutedRecord routed, const Topology& topology,
                         const std::string_view* data) {
  return makeUpdate({.channel = std::move(routed.channel),
                     .partition = routed.partition,
                     .partitionId = topology.partitions()[routed.partition].id,
                     .offset = routed.offset,
                     .timestampMs = routed.timestampMs,
                     .data = data},
                    data ? hub_->compressAbove() : 0);
}

void Feed::lend(RoutedRecord routed, const Record& record, Routed& to) {
  if (to.batches.empty() || to.batches.back().records.size() >= kLentRecords) {
    if (!to.batches.empty()) to.batches.back().json += ']';
    to.batches.push_back({.topology = to.topology, .json = "["});
  }
  TransformBatch& batch = to.batches.back();
  if (!routed.removed) {
    const FollowedPartition& partition = to.topology->partitions()[routed.partition];
    std::string& json = batch.json;
    json += batch.updates++ == 0 ? R"({"channel":)" : R"(,{"channel":)";
    appendJsonString(json, routed.channel);
    json += R"(,"topic":)";
    appendJsonString(json, partition.topic);
    json += R"(,"partition":)" + std::to_string(partition.partition);
    json += R"(,"offset":")" + std::to_string(routed.offset);
    json += R"(","time":)" + std::to_string(routed.timestampMs);
    json += R"(,"key":)";
    if (record.key && isUtf8(*record.key)) {
      appendJsonString(json, *record.key);
    } else {
      json += "null";
    }
    json += R"(,"data":)";
    json += *record.value;
    json += '}';
  }
  batch.records.push_back(std::move(routed));
}

void Feed::transformed(TransformBatch batch, std::vector<Transformed> results) {
  auto box = std::make_shared<TransformBatch>(std::move(batch));
  auto answers = std::make_shared<std::vector<Transformed>>(std::move(results));
  // In the order of the answers, and before what JS asks of the poller next: Hub.setReady().
  poller_->post(
      [self = shared_from_this(), box, answers] { self->give(*box, std::move(*answers)); });
}

void Feed::give(const TransformBatch& batch, std::vector<Transformed> results) {
  std::vector<UpdatePtr> updates;
  updates.reserve(batch.records.size());
  std::size_t next = 0;
  for (const RoutedRecord& routed : batch.records) {
    if (routed.removed) {
      updates.push_back(updateOf(routed, *batch.topology, nullptr));
      continue;
    }
    const Transformed& result = results[next++];
    if (result.data) {
      const std::string_view data = *result.data;
      updates.push_back(updateOf(routed, *batch.topology, &data));
    } else if (!result.error.empty()) {
      const FollowedPartition& partition = batch.topology->partitions()[routed.partition];
      invalid(partition.topic, partition.partition, routed.offset, result.error);
    }
  }
  if (updates.empty()) return;
  hub_->take(std::make_shared<const UpdateBatch>(batch.topology, std::move(updates),
                                                 [credit = batch.credit] {}));
}

void Feed::invalid(const std::string& topic, std::int32_t partition, std::int64_t offset,
                   const std::string& reason) {
  hub::add(hub_->feedMetrics().invalid);
  ++invalidSince_;
  const auto now = std::chrono::steady_clock::now();
  if (now < nextInvalid_) return;
  nextInvalid_ = now + kInvalidPause;
  hub_->events().onMessage(nlohmann::json{{"type", "invalid"},
                                          {"topic", topic},
                                          {"partition", partition},
                                          {"offset", std::to_string(offset)},
                                          {"reason", reason},
                                          {"count", std::exchange(invalidSince_, 0)}}
                               .dump());
}

}  // namespace easyflow::hub
