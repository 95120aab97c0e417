// One routed record: its channel and the frame that everybody gets. Made by the feed, constant
// then, shared by all shards.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hub/topology.h"

namespace easyflow::hub {

struct Update {
  std::string channel;
  std::uint32_t partition = 0;  // in the topology
  std::int64_t offset = -1;
  std::int64_t timestampMs = -1;
  bool removed = false;
  // Header and JSON text: {"type":"update","channel":…,"at":…,"time":…,"data":…} or
  // {"type":"remove",…}.
  std::string frame;
  std::uint8_t headerBytes = 0;
  // The same compressed, where it is worth it and somebody may want it.
  std::string compressed;

  std::string_view json() const { return std::string_view(frame).substr(headerBytes); }
  // The record's value; empty for a removal.
  std::string_view data() const;
  std::size_t bytes() const { return channel.size() + frame.size() + compressed.size(); }
};

using UpdatePtr = std::shared_ptr<const Update>;

struct UpdateFields {
  std::string channel = {};
  std::uint32_t partition = 0;
  std::string_view partitionId;
  std::int64_t offset = -1;
  std::int64_t timestampMs = -1;
  // JSON text; none: a removal.
  const std::string_view* data = nullptr;
};

// `compressAbove` 0: not compressed.
UpdatePtr makeUpdate(UpdateFields fields, std::size_t compressAbove);

// The update as an item of a snapshot. With `asRemoved` an update tells that its entity is gone.
void appendItem(std::string& to, const Update& update, bool asRemoved);
// {"type":"remove",…} for an update that left a subscription's filter.
std::string removalOf(const Update& update);

// What the feed gives to the shards at once. `done` runs when the last shard has let go of it, on
// that shard's thread.
class UpdateBatch {
 public:
  UpdateBatch(std::shared_ptr<const Topology> topology, std::vector<UpdatePtr> updates,
              std::function<void()> done)
      : topology_(std::move(topology)), updates_(std::move(updates)), done_(std::move(done)) {}
  ~UpdateBatch() { done_(); }
  UpdateBatch(const UpdateBatch&) = delete;
  UpdateBatch& operator=(const UpdateBatch&) = delete;

  // What the updates' partitions are numbers of.
  const Topology& topology() const { return *topology_; }
  const std::vector<UpdatePtr>& updates() const { return updates_; }

 private:
  const std::shared_ptr<const Topology> topology_;
  const std::vector<UpdatePtr> updates_;
  const std::function<void()> done_;
};

using UpdateBatchPtr = std::shared_ptr<const UpdateBatch>;

}  // namespace easyflow::hub
