#include "hub/key_index.h"

#include <utility>

namespace easyflow::hub {

std::string KeyIndex::nameOf(std::uint32_t partition, std::string_view key) {
  std::string name = std::to_string(partition);
  name += ':';
  name += key;
  return name;
}

void KeyIndex::note(std::uint32_t partition, std::string_view key, const std::string& channel) {
  if (byKey_[nameOf(partition, key)].insert(channel).second) ++count_;
  // Whose keys are dropped is left to chance: their removals count as unknown.
  while (count_ > maxChannels_ && !byKey_.empty()) {
    count_ -= byKey_.begin()->second.size();
    byKey_.erase(byKey_.begin());
  }
}

KeyIndex::Channels KeyIndex::take(std::uint32_t partition, std::string_view key) {
  auto node = byKey_.extract(nameOf(partition, key));
  if (node.empty()) return {};
  count_ -= node.mapped().size();
  return std::move(node.mapped());
}

void KeyIndex::clear() {
  byKey_.clear();
  count_ = 0;
}

}  // namespace easyflow::hub
