#include "hub/stream.h"

#include <algorithm>

namespace easyflow::hub {

Stream& StreamIndex::streamOf(const SubscribeMessage& request, std::uint64_t lastSequence) {
  std::unique_ptr<Stream>& slot = streams_[request.streamKey()];
  if (slot) return *slot;
  slot = std::make_unique<Stream>(request);
  slot->sentUpTo = lastSequence;
  for (const Pattern& pattern : slot->patterns) {
    ByText& byText = pattern.isPrefix() ? prefixes_ : exact_;
    byText[std::string(pattern.stem())].push_back(slot.get());
    if (pattern.isPrefix()) ++prefixLengths_[pattern.stem().size()];
  }
  return *slot;
}

void StreamIndex::erase(Stream& stream) {
  for (const Pattern& pattern : stream.patterns) {
    ByText& byText = pattern.isPrefix() ? prefixes_ : exact_;
    const auto found = byText.find(pattern.stem());
    auto& list = found->second;
    list.erase(std::remove(list.begin(), list.end(), &stream), list.end());
    if (list.empty()) byText.erase(found);
    if (!pattern.isPrefix()) continue;
    const auto length = prefixLengths_.find(pattern.stem().size());
    if (--length->second == 0) prefixLengths_.erase(length);
  }
  streams_.erase(streams_.find(stream.key));
}

}  // namespace easyflow::hub
