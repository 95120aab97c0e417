// Updates that JS makes the data of: what the feed lends to JS and takes back.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "hub/topology.h"

namespace easyflow::hub {

// What transform() made of an update: the text of its data, or why there is none. Neither: dropped.
struct Transformed {
  std::optional<std::string> data;
  std::string error;
};

// A record that has its channel and not yet its frame.
struct RoutedRecord {
  std::string channel = {};
  std::uint32_t partition = 0;  // in the topology
  std::int64_t offset = -1;
  std::int64_t timestampMs = -1;
  bool removed = false;
};

// Made by the feed on the poller, handed on by HubEvents::onTransform() to the JS thread, and from
// there by Feed::transformed() back to the poller. Nobody has it twice, so it needs no lock. As
// long as it is anywhere its block counts among the consumer's outstanding bytes and keeps its
// credit: that bounds what waits for JS.
struct TransformBatch {
  std::shared_ptr<const Topology> topology;
  // Removals too: they keep their place among the updates.
  std::vector<RoutedRecord> records = {};
  // How many of them are updates.
  std::size_t updates = 0;
  // These, as a JSON array of HubUpdate of lib/types/hub.d.ts.
  std::string json;
  // Give the block's credit and its bytes back to the consumer; bytes first, since the credit wakes
  // it.
  std::shared_ptr<void> credit = {};
  std::shared_ptr<void> bytes = {};
};

class TransformTaker {
 public:
  virtual ~TransformTaker() = default;
  // Called on the JS thread, with a result for each update. Who drops the batch instead loses it,
  // and nothing else.
  virtual void transformed(TransformBatch batch, std::vector<Transformed> results) = 0;
};

}  // namespace easyflow::hub
