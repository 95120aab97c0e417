// What happens by the clock: heartbeats, deadlines, the drain of a closing hub.
#include <algorithm>
#include <random>

#include "hub/encoder.h"
#include "hub/server_message.h"
#include "hub/shard.h"
#include "hub/shard_turn.h"

namespace easyflow::hub {

namespace {

constexpr std::uint64_t kDrainStepMs = 20;
// After the last connection was told to go.
constexpr std::chrono::seconds kDrainGrace{3};

}  // namespace

void Shard::onSecond() {
  const Turn turn(*this);
  // So that a token in a ping stands for everything that is known.
  if (!dirtyStreams_.empty()) flush();
  const auto now = Clock::now();
  const std::int64_t nowMs = wallMs();
  std::vector<Connection*> all;
  all.reserve(connections_.size());
  std::uint64_t queued = 0;
  for (const auto& [id, connection] : connections_) {
    all.push_back(connection.get());
    queued += connection->outbox.bytes();
  }
  metrics_.queuedBytes = queued;
  for (Connection* connection : all) check(*connection, now, nowMs);
}

void Shard::check(Connection& connection, Clock::time_point now, std::int64_t nowMs) {
  if (connection.isGone) return;
  if (connection.isClosing) {
    if (now >= connection.deadline) destroy(connection, connection.closeCode);
    return;
  }
  if (!connection.outbox.empty() && now - connection.lastProgress > options_.limits.slow) {
    add(metrics_.slowCloses);
    closeWith(connection, close_code::kSlow, "slow", /*dropsUnsent=*/true);
    return;
  }
  if (!connection.grant) {
    if (now >= connection.deadline) closeWith(connection, close_code::kNoToken, "no token in time");
    return;
  }
  if (const std::int64_t expires = connection.grant->expiresAtMs; expires > 0) {
    if (nowMs >= expires) {
      closeWith(connection, close_code::kExpired, "rights expired");
      return;
    }
    if (!connection.wasToldOfExpiry && nowMs >= expires - options_.expiryNotice.count()) {
      connection.wasToldOfExpiry = true;
      pushText(connection, server_message::expiring(expires - nowMs));
    }
  }
  if (connection.encoding != Encoding::kEvents &&
      now - connection.lastIn > 2 * options_.pingInterval + std::chrono::seconds(1)) {
    closeWith(connection, close_code::kSilent, "no answer to pings", /*dropsUnsent=*/true);
    return;
  }
  if (now >= connection.nextPing) heartbeat(connection, now);
}

std::optional<std::uint64_t> Shard::sentUpTo(const Connection& connection) const {
  if (connection.subscriptions.empty()) return std::nullopt;
  std::uint64_t sequence = log_.lastSequence();
  for (const auto& [id, subscription] : connection.subscriptions) {
    if (subscription->state != Subscription::State::kLive) return std::nullopt;
    // One with a maxRate that is not due.
    if (subscription->stream->isDirty)
      sequence = std::min(sequence, subscription->stream->sentUpTo);
  }
  // A removal that is forgotten before it was sent would be claimed by a later offset.
  if (!log_.knowsChangesSince(sequence)) return std::nullopt;
  return sequence;
}

void Shard::heartbeat(Connection& connection, Clock::time_point now) {
  connection.nextPing = now + options_.pingInterval;
  const std::optional<std::uint64_t> sequence = sentUpTo(connection);
  const std::string position =
      sequence ? log_.topology().token(log_.offsetsAt(*sequence), wallMs()) : std::string();
  std::string bytes;
  if (connection.encoding == Encoding::kEvents) {
    if (position.empty()) {
      bytes = ": ping\n\n";
    } else {
      appendPosition(bytes, connection.encoding, position);
    }
  } else {
    bytes = controlFrame(Opcode::kPing, "");
    appendText(bytes, connection.encoding, server_message::ping(position));
  }
  push(connection, makeBlock(std::move(bytes)));
}

void Shard::close(Milliseconds drain, std::function<void()> done) {
  run([this, drain, done = std::move(done)] {
    if (isClosing_) return;
    isClosing_ = true;
    onClosed_ = done;
    const auto now = Clock::now();
    drainDeadline_ = now + drain + kDrainGrace;
    std::mt19937 random{std::random_device{}()};
    std::uniform_int_distribution<std::int64_t> spread(0, std::max<std::int64_t>(0, drain.count()));
    for (const auto& [id, connection] : connections_)
      drain_.push_back({id, now + Milliseconds(spread(random))});
    std::sort(drain_.begin(), drain_.end(),
              [](const Drain& a, const Drain& b) { return a.at > b.at; });
    drainMore();
    if (!isClosing_ || !onClosed_) return;
    uv_timer_start(
        &drainTimer_,
        [](uv_timer_t* timer) {
          Shard& shard = *static_cast<Shard*>(timer->data);
          const Turn turn(shard);
          shard.drainMore();
        },
        kDrainStepMs, kDrainStepMs);
  });
}

void Shard::drainMore() {
  const auto now = Clock::now();
  while (!drain_.empty() && drain_.back().at <= now) {
    const auto found = connections_.find(drain_.back().connection);
    drain_.pop_back();
    // Those that come back spread over some seconds, however many there were.
    if (found != connections_.end()) closeWith(*found->second, close_code::kShutdown, "after=3000");
  }
  if (now < drainDeadline_) return;
  std::vector<Connection*> left;
  for (const auto& [id, connection] : connections_) left.push_back(connection.get());
  for (Connection* connection : left) destroy(*connection, close_code::kShutdown);
}

void Shard::finishClose() {
  if (!onClosed_) return;
  uv_timer_stop(&drainTimer_);
  std::exchange(onClosed_, nullptr)();
}

}  // namespace easyflow::hub
