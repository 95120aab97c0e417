// Walks over the log, piece by piece between other work: snapshots, resumes, what slow clients
// missed.
#include <algorithm>

#include "hub/encoder.h"
#include "hub/server_message.h"
#include "hub/shard.h"
#include "hub/shard_turn.h"

namespace easyflow::hub {

namespace {

constexpr std::size_t kPieceBytes = 64 * 1024;
constexpr std::size_t kEntriesAPiece = 10'000;
// What a walk may put before a connection's socket.
constexpr std::size_t kWalkAheadBytes = 256 * 1024;
// All walks together, before sockets and updates have their turn.
constexpr std::chrono::milliseconds kWalkTime{2};

std::size_t roomOf(const LimitOptions& limits) {
  return std::min(kWalkAheadBytes, std::max<std::size_t>(limits.outboundBytes / 2, 1));
}

bool isAll(const Subscription& subscription) { return subscription.request.mode == Mode::kAll; }

}  // namespace

void Shard::begin(Subscription& subscription, const Topology::Token* since) {
  subscription.state = Subscription::State::kSnapshot;
  subscription.skipsSuperseded = false;
  subscription.since.reset();
  subscription.startSequence = log_.lastSequence();
  subscription.cursor = 0;
  const bool recovers = since && since->timeMs >= wallMs() - options_.store.tokenAge.count() &&
                        (isAll(subscription) ? log_.knowsUpdatesSince(since->offsets)
                                             : log_.knowsChangesSince(since->offsets));
  subscription.isFresh = !recovers;
  if (recovers) {
    subscription.since = std::make_unique<Offsets>(since->offsets);
    subscription.cursor = log_.sequenceBefore(since->offsets);
    add(metrics_.recovered);
  }
  add(metrics_.snapshots);
  pushText(*subscription.connection, server_message::subscribed(subscription.request, recovers));
  if (isAll(subscription)) {
    subscription.token = recovers ? log_.topology().token(since->offsets, since->timeMs) : token();
    if (recovers) {
      // Nothing but updates follows.
      pushText(*subscription.connection,
               server_message::lastSnapshot(subscription.request.id, "", subscription.token));
      subscription.state = Subscription::State::kCatchUp;
    }
  }
  startWalking(subscription);
}

void Shard::restart(Subscription& subscription) { begin(subscription, nullptr); }

void Shard::catchUpFrom(Subscription& subscription, std::uint64_t cursor) {
  subscription.state = Subscription::State::kCatchUp;
  subscription.cursor = cursor;
  startWalking(subscription);
}

void Shard::startWalking(Subscription& subscription) {
  if (subscription.isWalking || !isReady_) return;
  subscription.isWalking = true;
  walkers_.push_back(&subscription);
  metrics_.catchingUp = walkers_.size();
  uv_idle_start(&walkIdle_, [](uv_idle_t* idle) { static_cast<Shard*>(idle->data)->walk(); });
}

void Shard::wakeWalks(Connection& connection) {
  if (connection.isClosing || connection.outbox.bytes() >= roomOf(options_.limits)) return;
  for (const auto& [id, subscription] : connection.subscriptions) {
    if (subscription->state != Subscription::State::kLive) startWalking(*subscription);
  }
}

void Shard::walk() {
  const Turn turn(*this);
  if (!isReady_) {
    for (Subscription* subscription : std::exchange(walkers_, {})) subscription->isWalking = false;
  }
  const auto until = Clock::now() + kWalkTime;
  // Who is not done goes to the end: all get on.
  std::vector<Subscription*> round = std::exchange(walkers_, {});
  std::size_t next = 0;
  while (next < round.size()) {
    Subscription& subscription = *round[next++];
    subscription.isWalking = false;
    walkOn(subscription, until);
    if (Clock::now() >= until) break;
  }
  // A walk ends no subscription, so those that did not get on are all still there.
  walkers_.insert(walkers_.begin(), round.begin() + static_cast<std::ptrdiff_t>(next), round.end());
  for (const std::uint64_t id : std::exchange(overflowed_, {})) {
    const auto found = connections_.find(id);
    if (found != connections_.end())
      closeWith(*found->second, close_code::kOverflow, "overflow", /*dropsUnsent=*/true);
  }
  metrics_.catchingUp = walkers_.size();
  if (walkers_.empty()) uv_idle_stop(&walkIdle_);
}

void Shard::walkOn(Subscription& subscription, Clock::time_point until) {
  Connection& connection = *subscription.connection;
  while (connection.outbox.bytes() < roomOf(options_.limits)) {
    const bool ended = subscription.state == Subscription::State::kSnapshot
                           ? snapshotPiece(subscription)
                           : catchUpPiece(subscription);
    if (ended) return;
    if (Clock::now() >= until) {
      startWalking(subscription);
      return;
    }
  }
  // No room: sendOutbox() wakes it when there is.
}

bool Shard::snapshotPiece(Subscription& subscription) {
  Connection& connection = *subscription.connection;
  const Stream& stream = *subscription.stream;
  // What was forgotten before a whole snapshot began was not sent either.
  const std::uint64_t told = subscription.isFresh
                                 ? std::max(subscription.cursor, subscription.startSequence)
                                 : subscription.cursor;
  if (!log_.knowsChangesSince(told) &&
      !(subscription.since && log_.knowsChangesSince(*subscription.since))) {
    restart(subscription);
    return true;
  }
  std::string items;
  std::uint64_t count = 0;
  std::size_t index = log_.indexAfter(subscription.cursor);
  const std::size_t stop = std::min(log_.size(), index + kEntriesAPiece);
  bool isWhole = false;
  for (; index < stop && items.size() < kPieceBytes; ++index) {
    const LogEntry& entry = *log_.at(index);
    const bool isNewer = entry.sequence > subscription.startSequence;
    if (isNewer && isAll(subscription)) {
      isWhole = true;
      break;
    }
    subscription.cursor = entry.sequence;
    const Update& update = *entry.update;
    if (entry.superseded || !stream.matches(update.channel)) continue;
    if (subscription.since && update.offset <= (*subscription.since)[update.partition]) continue;
    const bool isOut = stream.excludes(update);
    // Of a whole snapshot only what changed while it was sent can have to be taken back.
    if (isOut && subscription.isFresh && !isNewer) continue;
    if (!items.empty()) items += ',';
    appendItem(items, update, isOut);
    ++count;
  }
  add(metrics_.snapshotItems, count);
  isWhole = isWhole || index == log_.size();
  if (!isWhole) {
    if (!items.empty())
      pushText(connection, server_message::snapshot(subscription.request.id, items));
    return false;
  }
  const std::string position = isAll(subscription) ? subscription.token : token();
  std::string bytes;
  appendText(bytes, connection.encoding,
             server_message::lastSnapshot(subscription.request.id, items, position));
  appendPosition(bytes, connection.encoding, position);
  push(connection, makeBlock(std::move(bytes)));
  subscription.since.reset();
  if (isAll(subscription)) {
    catchUpFrom(subscription, subscription.startSequence);
    return true;
  }
  becomeLive(subscription);
  return true;
}

bool Shard::catchUpPiece(Subscription& subscription) {
  Connection& connection = *subscription.connection;
  const Stream& stream = *subscription.stream;
  // The walk began before all that is new to the client: what is missing there may be old to it.
  const Offsets* since = subscription.since.get();
  if (isAll(subscription) && !subscription.skipsSuperseded &&
      !log_.knowsUpdatesSince(subscription.cursor) && !(since && log_.knowsUpdatesSince(*since))) {
    add(metrics_.gaps);
    if (options_.closeOnOverflow) {
      // Not from inside the walk, which goes through subscriptions that this would end.
      if (!connection.endsForOverflow) overflowed_.push_back(connection.id);
      connection.endsForOverflow = true;
      return true;
    }
    pushText(connection, server_message::gap(subscription.request.id));
    subscription.skipsSuperseded = true;
  }
  const bool skips = !isAll(subscription) || subscription.skipsSuperseded;
  if (skips && !log_.knowsChangesSince(subscription.cursor) &&
      !(since && log_.knowsChangesSince(*since))) {
    restart(subscription);
    return true;
  }
  std::string bytes;
  std::uint64_t count = 0;
  std::size_t index = log_.indexAfter(subscription.cursor);
  const std::size_t stop = std::min(log_.size(), index + kEntriesAPiece);
  for (; index < stop && bytes.size() < kPieceBytes; ++index) {
    const LogEntry& entry = *log_.at(index);
    subscription.cursor = entry.sequence;
    const Update& update = *entry.update;
    if (!stream.matches(update.channel)) continue;
    if (since && update.offset <= (*since)[update.partition]) continue;
    if (skips && entry.superseded) {
      add(metrics_.conflated);
      continue;
    }
    const bool isOut = stream.excludes(update);
    appendUpdate(bytes, connection.encoding, update, isOut);
    ++count;
  }
  add(metrics_.deliveries, count);
  const bool isWhole = index == log_.size();
  if (isWhole && count > 0) appendPosition(bytes, connection.encoding, token());
  if (!bytes.empty()) push(connection, makeBlock(std::move(bytes)));
  if (!isWhole) return false;
  subscription.since.reset();
  becomeLive(subscription);
  return true;
}

void Shard::becomeLive(Subscription& subscription) {
  subscription.state = Subscription::State::kLive;
  subscription.skipsSuperseded = false;
  subscription.cursor = log_.lastSequence();
}

}  // namespace easyflow::hub
