// Which channels the records of a key went to: a removal has a key and no value to make a channel
// of.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace easyflow::hub {

// The feed's own.
class KeyIndex {
 public:
  using Channels = std::unordered_set<std::string>;

  explicit KeyIndex(std::size_t maxChannels) : maxChannels_(maxChannels) {}

  void note(std::uint32_t partition, std::string_view key, const std::string& channel);
  // The channels of the key, and forgets them.
  Channels take(std::uint32_t partition, std::string_view key);
  void clear();

 private:
  static std::string nameOf(std::uint32_t partition, std::string_view key);

  const std::size_t maxChannels_;
  std::unordered_map<std::string, Channels> byKey_;
  std::size_t count_ = 0;
};

}  // namespace easyflow::hub
