// What a shard knows: the newest update of each entity, and before them as many superseded ones and
// removals as the limits allow, all in the order they came. Snapshots, resumes and what slow
// clients missed are walks over it.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string_view>
#include <unordered_map>

#include "hub/options.h"
#include "hub/topology.h"
#include "hub/update.h"

namespace easyflow::hub {

struct LogEntry {
  std::uint64_t sequence = 0;
  UpdatePtr update;
  // A newer update of the same entity is known.
  bool superseded = false;
  // Superseded by nothing: the store was full.
  bool isEvicted = false;
};

using LogEntryPtr = std::shared_ptr<LogEntry>;

// Owned by its shard, used on its thread only.
class UpdateLog {
 public:
  explicit UpdateLog(const StoreOptions& options) : options_(options) {}

  // Another epoch forgets everything; the same one with more partitions goes on.
  void follow(std::shared_ptr<const Topology> topology);
  const Topology& topology() const { return *topology_; }
  bool hasTopology() const { return topology_ != nullptr; }

  struct Applied {
    // Null: already known.
    LogEntryPtr entry;
    // What the entity was before; null: unknown.
    UpdatePtr previous;
  };
  Applied apply(UpdatePtr update);
  // Drops what the limits do not allow. Entries that somebody still refers to stay alive.
  void trim();

  std::uint64_t lastSequence() const { return lastSequence_; }
  const Offsets& offsets() const { return offsets_; }
  // What whoever has everything up to the sequence can give back in a token.
  Offsets offsetsAt(std::uint64_t sequence) const;

  // Walking: entries with a sequence above `sequence` begin at this index.
  std::size_t indexAfter(std::uint64_t sequence) const;
  std::size_t size() const { return entries_.size(); }
  const LogEntryPtr& at(std::size_t index) const { return entries_[index]; }

  // Whether every entity that changed after the sequence can be told; and every single update.
  bool knowsChangesSince(std::uint64_t sequence) const { return sequence >= changesFloor_; }
  bool knowsUpdatesSince(std::uint64_t sequence) const { return sequence >= updatesFloor_; }
  // The same for who has the records up to these offsets.
  bool knowsChangesSince(const Offsets& offsets) const;
  bool knowsUpdatesSince(const Offsets& offsets) const;
  // Nothing at or before this sequence is above the offsets.
  std::uint64_t sequenceBefore(const Offsets& offsets) const;

  std::size_t entities() const { return entities_; }
  std::size_t bytes() const { return liveBytes_ + historyBytes_; }
  std::uint64_t evicted() const { return evicted_; }

 private:
  bool isHistory(const LogEntry& entry) const { return entry.superseded || entry.update->removed; }
  void supersede(LogEntry& entry);
  void evictOldest();
  void forget(const LogEntry& entry);
  void raise(Offsets& floors, const LogEntry& entry) const;

  const StoreOptions options_;
  std::shared_ptr<const Topology> topology_;
  std::deque<LogEntryPtr> entries_;
  // The newest entry of each channel, removals included; the key is the entry's own channel.
  std::unordered_map<std::string_view, LogEntryPtr> newest_;
  std::uint64_t lastSequence_ = 0;
  Offsets offsets_;

  std::size_t entities_ = 0;
  std::size_t liveBytes_ = 0;
  std::size_t historyCount_ = 0;
  std::size_t historyBytes_ = 0;
  std::uint64_t evicted_ = 0;

  // The last entry that is missing: of changes (removals, evicted entities), of updates.
  std::uint64_t changesFloor_ = 0;
  std::uint64_t updatesFloor_ = 0;
  Offsets changesFloors_;
  Offsets updatesFloors_;
  // Where evictOldest() looked last.
  std::size_t evictFrom_ = 0;
};

}  // namespace easyflow::hub
