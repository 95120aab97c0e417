// From updates to outboxes: who gets what, and when.
#include <algorithm>
#include <unordered_set>

#include "hub/encoder.h"
#include "hub/shard.h"
#include "hub/shard_turn.h"

namespace easyflow::hub {

namespace {

// The pause behind a flush is twice as long as it took, within limits: others get the core, and the
// busier the shard is, the more updates share a write. Measured with 2,000 updates/s to 1,000
// clients and with 1,000 clients that share nothing, on 2 cores: once as long costs a sixth more
// CPU a delivery; limits of 15 and 25 ms save a sixth and cost a p99 of 35 and 48 ms where nothing
// is shared, instead of 23.
constexpr int kPauseShare = 2;
constexpr std::chrono::milliseconds kMinPause{1};
constexpr std::chrono::milliseconds kMaxPause{8};

// Leaves the last word on each entity; how many others there were.
std::size_t conflate(std::vector<Stream::Pending>& pending, bool isFiltered) {
  if (!isFiltered) {
    return std::erase_if(pending, [](const Stream::Pending& one) {
      return one.entry->superseded && !one.entry->isEvicted;
    });
  }
  // What superseded it need not be among them: states outside of the filter follow each other in
  // silence.
  std::unordered_set<std::string_view> told;
  std::reverse(pending.begin(), pending.end());
  const std::size_t dropped = std::erase_if(pending, [&](const Stream::Pending& one) {
    return !told.insert(one.entry->update->channel).second;
  });
  std::reverse(pending.begin(), pending.end());
  return dropped;
}

}  // namespace

void Shard::apply(const UpdateBatch& batch) {
  // Read before another epoch was followed.
  if (!log_.hasTopology() || batch.topology().epoch() != log_.topology().epoch()) return;
  for (const UpdatePtr& update : batch.updates()) {
    const UpdateLog::Applied applied = log_.apply(update);
    if (!applied.entry) continue;
    add(metrics_.updates);
    const std::uint64_t sequence = applied.entry->sequence;
    streams_.visit(update->channel, [&](Stream& stream) {
      if (stream.seen == sequence) return;
      stream.seen = sequence;
      consider(stream, applied);
    });
  }
  log_.trim();
  metrics_.entities = log_.entities();
  metrics_.storeBytes = log_.bytes();
  metrics_.evicted = log_.evicted();
  if (!dirtyStreams_.empty()) scheduleFlush();
}

void Shard::consider(Stream& stream, const UpdateLog::Applied& applied) {
  const LogEntry& entry = *applied.entry;
  if (stream.mode == Mode::kLatest && entry.superseded) return;  // older than another partition's
  bool asRemoved = false;
  if (stream.filter) {
    if (stream.excludes(*entry.update)) {
      const UpdatePtr& before = applied.previous;
      // Of an entity that is unknown here, as it was evicted, clients may have a state that
      // matched.
      const bool mayHaveMatched = before ? !stream.excludes(*before) : log_.evicted() > 0;
      if (!mayHaveMatched) return;
      asRemoved = true;
    }
  }
  markDirty(stream, entry.sequence);
  if (stream.maxRate.count() == 0) stream.pending.push_back({applied.entry, asRemoved});
}

void Shard::markDirty(Stream& stream, std::uint64_t sequence) {
  if (stream.isDirty) return;
  stream.isDirty = true;
  // Nothing between was for it.
  stream.sentUpTo = std::max(stream.sentUpTo, sequence - 1);
  dirtyStreams_.push_back(&stream);
}

void Shard::scheduleFlush() {
  const auto now = Clock::now();
  auto due = Clock::time_point::max();
  for (const Stream* stream : dirtyStreams_) {
    due = std::min(due, stream->maxRate.count() == 0
                            ? nextFlush_
                            : std::max(nextFlush_, stream->lastFlush + stream->maxRate));
  }
  if (due <= now) {
    flush();
    return;
  }
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(due - now);
  uv_timer_start(
      &flushTimer_,
      [](uv_timer_t* timer) {
        Shard& shard = *static_cast<Shard*>(timer->data);
        const Turn turn(shard);
        shard.flush();
      },
      static_cast<std::uint64_t>(left.count()), 0);
}

void Shard::flush() {
  const auto started = Clock::now();
  uv_timer_stop(&flushTimer_);
  std::vector<Stream*> later;
  for (Stream* stream : std::exchange(dirtyStreams_, {})) {
    if (started < stream->lastFlush + stream->maxRate) {
      later.push_back(stream);
      continue;
    }
    flushStream(*stream);
    stream->isDirty = false;
    stream->lastFlush = started;
  }
  dirtyStreams_.insert(dirtyStreams_.end(), later.begin(), later.end());
  // Here, not at the end of the turn: what the sockets take is what a flush costs.
  for (std::size_t i = 0; i < dirty_.size(); ++i) {
    Connection& connection = *dirty_[i];
    connection.isDirty = false;
    sendOutbox(connection);
  }
  dirty_.clear();
  add(metrics_.flushes);
  const auto ended = Clock::now();
  pause_ = std::clamp<Clock::duration>(kPauseShare * (ended - started), kMinPause, kMaxPause);
  nextFlush_ = ended + pause_;
  if (!dirtyStreams_.empty()) scheduleFlush();
}

std::string Shard::token() const { return log_.topology().token(log_.offsets(), wallMs()); }

void Shard::gatherFromLog(Stream& stream) {
  for (std::size_t i = log_.indexAfter(stream.sentUpTo); i < log_.size(); ++i) {
    const LogEntryPtr& entry = log_.at(i);
    if (entry->superseded || !stream.matches(entry->update->channel)) continue;
    stream.pending.push_back({entry, stream.excludes(*entry->update)});
  }
}

void Shard::flushStream(Stream& stream) {
  if (stream.maxRate.count() > 0) {
    if (!log_.knowsChangesSince(stream.sentUpTo)) {
      stream.sentUpTo = log_.lastSequence();
      const std::vector<Subscription*> members = stream.members;
      for (Subscription* member : members) {
        if (member->state == Subscription::State::kLive) restart(*member);
      }
      return;
    }
    gatherFromLog(stream);
  }
  if (stream.mode == Mode::kLatest) {
    const std::size_t dropped = conflate(stream.pending, stream.filter.has_value());
    add(metrics_.conflated, dropped * stream.members.size());
  }

  Block blocks[kEncodings];
  const auto blockFor = [&](Encoding encoding) -> const Block& {
    Block& block = blocks[static_cast<std::size_t>(encoding)];
    if (block) return block;
    std::string bytes;
    std::size_t size = 0;
    for (const Stream::Pending& pending : stream.pending) size += pending.entry->update->bytes();
    bytes.reserve(size);
    for (const Stream::Pending& pending : stream.pending)
      appendUpdate(bytes, encoding, *pending.entry->update, pending.asRemoved);
    if (encoding == Encoding::kEvents) appendPosition(bytes, encoding, token());
    block = makeBlock(std::move(bytes));
    return block;
  };

  std::uint64_t receivers = 0;
  for (std::size_t i = 0; i < stream.members.size() && !stream.pending.empty(); ++i) {
    Subscription& member = *stream.members[i];
    if (member.state != Subscription::State::kLive) continue;
    Connection& connection = *member.connection;
    if (member.cursor > stream.sentUpTo) {
      // It became live in between and has a part of these already.
      catchUpFrom(member, member.cursor);
    } else if (connection.outbox.bytes() >= options_.limits.outboundBytes) {
      catchUpFrom(member, stream.sentUpTo);
    } else {
      push(connection, blockFor(connection.encoding));
      ++receivers;
    }
  }
  recordLatency(stream.pending, receivers);
  stream.pending.clear();
  stream.sentUpTo = log_.lastSequence();
}

void Shard::recordLatency(const std::vector<Stream::Pending>& sent, std::uint64_t times) {
  if (times == 0) return;
  add(metrics_.deliveries, sent.size() * times);
  const std::int64_t now = wallMs();
  for (const Stream::Pending& pending : sent) {
    const std::int64_t age = now - pending.entry->update->timestampMs;
    metrics_.latency.record(age > 0 ? static_cast<std::uint64_t>(age) * 1000 : 0, times);
  }
}

}  // namespace easyflow::hub
