// The sink of a hub's consumer: keeps the batches, makes updates of them, hands everything else on
// to JS.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/client.h"
#include "core/consumer.h"
#include "hub/channel_template.h"
#include "hub/hub.h"
#include "hub/key_index.h"

namespace easyflow::hub {

// Owned by its consumer; called on the poller and the work thread, as core::ClientSink says.
// Batches, assignments and ends come on the poller only.
class Feed final : public core::ClientSink,
                   public TransformTaker,
                   public std::enable_shared_from_this<Feed> {
 public:
  Feed(std::shared_ptr<Hub> hub, std::shared_ptr<core::ClientSink> js,
       std::shared_ptr<core::Poller> poller);
  // Called once, before the consumer gets an assignment.
  void serve(const std::shared_ptr<core::Consumer>& consumer) { consumer_ = consumer; }

  void onBatch(std::uint32_t slot, std::uint32_t generation, core::PackedBlock block,
               core::BatchSource source) noexcept override;
  void onRebalance(std::uint32_t id, core::RebalanceType type,
                   std::vector<core::AssignedPartition> partitions) noexcept override;
  void onPartitionEnd(std::uint32_t slot, std::int64_t offset) noexcept override;

  // Called on the JS thread.
  void transformed(TransformBatch batch, std::vector<Transformed> results) override;

  void onResponse(std::uint32_t id, core::Error error, std::string resultJson) noexcept override {
    js_->onResponse(id, std::move(error), std::move(resultJson));
  }
  void onError(core::Error error) noexcept override { js_->onError(std::move(error)); }
  void onLog(int level, std::string facility, std::string message) noexcept override {
    js_->onLog(level, std::move(facility), std::move(message));
  }
  void onStatistics(nlohmann::json statistics) noexcept override {
    js_->onStatistics(std::move(statistics));
  }
  void onTokenRefresh(std::string config) noexcept override {
    js_->onTokenRefresh(std::move(config));
  }
  void onSettled(std::vector<std::int32_t> entries) noexcept override {
    js_->onSettled(std::move(entries));
  }
  void onPartitionError(std::uint32_t slot, std::string topic, std::int32_t partition,
                        core::Error error) noexcept override {
    js_->onPartitionError(slot, std::move(topic), partition, std::move(error));
  }
  void onRequests(core::RequestTraces traces) noexcept override {
    js_->onRequests(std::move(traces));
  }

 private:
  struct Source {
    std::string topic;
    std::int32_t partition;
    const ChannelTemplate* channel;
    // JS was told that its end was reached: once, however often it is reached.
    bool hasEnded = false;
  };

  // What a block becomes: updates for the shards, or batches for JS.
  struct Routed {
    std::shared_ptr<const Topology> topology;
    std::vector<UpdatePtr> updates = {};
    std::vector<TransformBatch> batches = {};
  };

  void route(const Source& source, std::uint32_t index, const Record& record, Routed& to);
  void routeRemoval(const Source& source, std::uint32_t index, const Record& record, Routed& to);
  void add(RoutedRecord routed, const Record& record, Routed& to);
  void lend(RoutedRecord routed, const Record& record, Routed& to);
  void give(const TransformBatch& batch, std::vector<Transformed> results);
  void invalid(const std::string& topic, std::int32_t partition, std::int64_t offset,
               const std::string& reason);
  UpdatePtr updateOf(RoutedRecord routed, const Topology& topology, const std::string_view* data);
  std::shared_ptr<void> creditOf(std::uint32_t slot);
  std::shared_ptr<void> bytesOf(std::size_t size);

  const std::shared_ptr<Hub> hub_;
  const std::shared_ptr<core::ClientSink> js_;
  const std::shared_ptr<core::Poller> poller_;
  // Of each topic.
  const std::map<std::string, ChannelTemplate> channels_;
  std::weak_ptr<core::Consumer> consumer_;
  std::unordered_map<std::uint32_t, Source> sources_;
  KeyIndex keys_;
  std::string epoch_;
  std::vector<std::optional<std::string>> values_;
  std::uint64_t invalidSince_ = 0;
  std::chrono::steady_clock::time_point nextInvalid_;
};

}  // namespace easyflow::hub
