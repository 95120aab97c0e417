// Topologies and updates for tests.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "hub/topology.h"
#include "hub/update.h"

namespace easyflow::hub::test {

inline std::shared_ptr<const Topology> topologyOf(std::size_t partitions, std::string epoch = "e1",
                                                  bool compacted = true, std::int64_t start = 0) {
  std::vector<FollowedPartition> list;
  for (std::size_t i = 0; i < partitions; ++i) {
    list.push_back({.topic = "t",
                    .partition = static_cast<std::int32_t>(i),
                    .id = std::to_string(i),
                    .start = start,
                    .compacted = compacted});
  }
  return std::make_shared<const Topology>(std::move(epoch), std::move(list));
}

inline UpdatePtr updateOf(const std::string& channel, std::uint32_t partition, std::int64_t offset,
                          std::string_view data, std::int64_t timestampMs = 1'000,
                          std::size_t compressAbove = 0) {
  const std::string id = std::to_string(partition);
  return makeUpdate({.channel = channel,
                     .partition = partition,
                     .partitionId = id,
                     .offset = offset,
                     .timestampMs = timestampMs,
                     .data = &data},
                    compressAbove);
}

inline UpdatePtr removalOf(const std::string& channel, std::uint32_t partition, std::int64_t offset,
                           std::int64_t timestampMs = 1'000) {
  const std::string id = std::to_string(partition);
  return makeUpdate({.channel = channel,
                     .partition = partition,
                     .partitionId = id,
                     .offset = offset,
                     .timestampMs = timestampMs},
                    0);
}

}  // namespace easyflow::hub::test
