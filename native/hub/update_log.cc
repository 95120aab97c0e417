#include "hub/update_log.h"

#include <algorithm>

namespace easyflow::hub {

namespace {

// History grows this much past its limit before it is cut: cutting walks the whole log.
constexpr std::size_t kSlack = 1024;

}  // namespace

void UpdateLog::follow(std::shared_ptr<const Topology> topology) {
  const bool sameEpoch = topology_ && topology_->epoch() == topology->epoch();
  topology_ = std::move(topology);
  if (!sameEpoch) {
    // Sequences go on: who walked the old log finds that it does not reach back to them.
    newest_.clear();
    entries_.clear();
    offsets_.clear();
    changesFloors_.clear();
    updatesFloors_.clear();
    entities_ = liveBytes_ = historyCount_ = historyBytes_ = evictFrom_ = 0;
    ++lastSequence_;
    changesFloor_ = updatesFloor_ = lastSequence_;
  }
  offsets_.resize(topology_->size(), -1);
  changesFloors_.resize(topology_->size(), -1);
  updatesFloors_.resize(topology_->size(), -1);
}

UpdateLog::Applied UpdateLog::apply(UpdatePtr update) {
  std::int64_t& known = offsets_[update->partition];
  if (update->offset < known) return {};
  if (update->offset == known) {
    // Known already, unless it is one of several entities that one record removes.
    if (!update->removed) return {};
    const auto before = newest_.find(update->channel);
    if (before != newest_.end() && before->second->update->partition == update->partition &&
        before->second->update->offset == update->offset)
      return {};
  }
  known = update->offset;

  auto entry = std::make_shared<LogEntry>(LogEntry{++lastSequence_, std::move(update)});
  entries_.push_back(entry);
  const Update& now = *entry->update;
  Applied applied{entry, nullptr};

  const auto found = newest_.find(now.channel);
  if (found != newest_.end()) {
    LogEntry& before = *found->second;
    applied.previous = before.update;
    // Within a partition offsets decide, between partitions time does.
    if (before.update->partition != now.partition && before.update->timestampMs > now.timestampMs) {
      entry->superseded = true;
      ++historyCount_;
      historyBytes_ += now.bytes();
      return applied;
    }
    supersede(before);
    auto node = newest_.extract(found);
    node.key() = now.channel;
    node.mapped() = entry;
    newest_.insert(std::move(node));
  } else {
    newest_.emplace(now.channel, entry);
  }
  if (now.removed) {
    ++historyCount_;
    historyBytes_ += now.bytes();
  } else {
    ++entities_;
    liveBytes_ += now.bytes();
  }
  return applied;
}

void UpdateLog::supersede(LogEntry& entry) {
  entry.superseded = true;
  if (entry.update->removed) return;  // is history already
  --entities_;
  liveBytes_ -= entry.update->bytes();
  ++historyCount_;
  historyBytes_ += entry.update->bytes();
}

void UpdateLog::raise(Offsets& floors, const LogEntry& entry) const {
  std::int64_t& floor = floors[entry.update->partition];
  floor = std::max(floor, entry.update->offset);
}

void UpdateLog::forget(const LogEntry& entry) {
  updatesFloor_ = std::max(updatesFloor_, entry.sequence);
  raise(updatesFloors_, entry);
  if (entry.superseded) return;
  // The last word on its entity.
  changesFloor_ = std::max(changesFloor_, entry.sequence);
  raise(changesFloors_, entry);
  newest_.erase(entry.update->channel);
}

void UpdateLog::evictOldest() {
  for (; evictFrom_ < entries_.size(); ++evictFrom_) {
    LogEntry& entry = *entries_[evictFrom_];
    if (isHistory(entry)) continue;
    forget(entry);
    supersede(entry);
    entry.isEvicted = true;
    ++evicted_;
    return;
  }
}

void UpdateLog::trim() {
  while (entities_ > 0 && (entities_ > options_.maxEntities || liveBytes_ > options_.maxBytes))
    evictOldest();

  const bool tooMany =
      historyCount_ > options_.historyUpdates + std::max(kSlack, options_.historyUpdates / 4);
  const bool tooLarge = historyBytes_ > options_.historyBytes + options_.historyBytes / 4;
  if (!tooMany && !tooLarge) return;
  std::deque<LogEntryPtr> kept;
  for (LogEntryPtr& entry : entries_) {
    const bool excess =
        historyCount_ > options_.historyUpdates || historyBytes_ > options_.historyBytes;
    if (excess && isHistory(*entry)) {
      --historyCount_;
      historyBytes_ -= entry->update->bytes();
      forget(*entry);
    } else {
      kept.push_back(std::move(entry));
    }
  }
  entries_.swap(kept);
  evictFrom_ = 0;
}

std::size_t UpdateLog::indexAfter(std::uint64_t sequence) const {
  const auto found = std::upper_bound(
      entries_.begin(), entries_.end(), sequence,
      [](std::uint64_t value, const LogEntryPtr& entry) { return value < entry->sequence; });
  return static_cast<std::size_t>(found - entries_.begin());
}

Offsets UpdateLog::offsetsAt(std::uint64_t sequence) const {
  Offsets offsets = offsets_;
  // Downwards, so that the first entry of a partition behind the sequence is the last word.
  const std::size_t from = indexAfter(sequence);
  for (std::size_t index = entries_.size(); index > from; --index) {
    const Update& update = *entries_[index - 1]->update;
    offsets[update.partition] = update.offset - 1;
  }
  return offsets;
}

bool UpdateLog::knowsChangesSince(const Offsets& offsets) const {
  for (std::size_t i = 0; i < offsets_.size(); ++i) {
    const FollowedPartition& partition = topology_->partitions()[i];
    if (offsets[i] < changesFloors_[i]) return false;
    if (!partition.compacted && offsets[i] < partition.start - 1) return false;
  }
  return true;
}

bool UpdateLog::knowsUpdatesSince(const Offsets& offsets) const {
  for (std::size_t i = 0; i < offsets_.size(); ++i) {
    if (offsets[i] < updatesFloors_[i]) return false;
    if (offsets[i] < topology_->partitions()[i].start - 1) return false;
  }
  return true;
}

std::uint64_t UpdateLog::sequenceBefore(const Offsets& offsets) const {
  // From the end: offsets of a partition only fall, so once one of each is not above, none is.
  std::size_t open = 0;
  std::vector<bool> isOpen(offsets_.size(), false);
  for (std::size_t i = 0; i < offsets_.size(); ++i) {
    isOpen[i] = offsets_[i] > offsets[i];
    if (isOpen[i]) ++open;
  }
  std::uint64_t sequence = lastSequence_;
  for (std::size_t index = entries_.size(); index > 0 && open > 0; --index) {
    const LogEntry& entry = *entries_[index - 1];
    const std::uint32_t partition = entry.update->partition;
    if (entry.update->offset > offsets[partition]) {
      sequence = entry.sequence - 1;
    } else if (isOpen[partition]) {
      isOpen[partition] = false;
      --open;
    }
  }
  return sequence;
}

}  // namespace easyflow::hub
