// Which partitions a hub follows, and what tokens say about them. Constant; shared by feed and
// shards.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace easyflow::hub {

// Offset of the last record that is known, for each partition of a topology; -1: none.
using Offsets = std::vector<std::int64_t>;

struct FollowedPartition {
  std::string topic;
  std::int32_t partition = 0;
  // As in `at` and in tokens: "3", "1.3".
  std::string id;
  // Where the hub began to read.
  std::int64_t start = 0;
  // Read from the beginning of a compacted topic: what is older is known as far as it matters.
  bool compacted = false;
};

class Topology {
 public:
  Topology(std::string epoch, std::vector<FollowedPartition> partitions);

  const std::string& epoch() const { return epoch_; }
  const std::vector<FollowedPartition>& partitions() const { return partitions_; }
  std::size_t size() const { return partitions_.size(); }
  std::optional<std::uint32_t> find(std::string_view topic, std::int32_t partition) const;

  // "<epoch>~<ms, base 36>~<partition>:<offset>,…"
  std::string token(const Offsets& offsets, std::int64_t nowMs) const;
  struct Token {
    Offsets offsets;
    std::int64_t timeMs = 0;
  };
  // Null: not one of this epoch, or no token at all. Partitions it does not name count as -1.
  std::optional<Token> parse(std::string_view token) const;

 private:
  std::string epoch_;
  std::vector<FollowedPartition> partitions_;
  std::unordered_map<std::string, std::uint32_t> byId_;
  std::unordered_map<std::string, std::uint32_t> byName_;
};

}  // namespace easyflow::hub
