// Connections of a shard and their bytes. What they say is in shard_session.cc.
#include "hub/shard.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "hub/encoder.h"
#include "hub/server_message.h"
#include "hub/shard_turn.h"

namespace easyflow::hub {

namespace {

constexpr std::size_t kReadBytes = 64 * 1024;
// How long a peer may take to answer a close frame.
constexpr std::chrono::seconds kCloseWait{2};
constexpr std::uint64_t kSecondMs = 1'000;

}  // namespace

Shard::Shard(const HubOptions& options, std::shared_ptr<HubEvents> events)
    : options_(options), events_(std::move(events)), log_(options.store), loop_("easyflow-hub") {
  loop_.post([this] {
    for (uv_timer_t* timer : {&flushTimer_, &secondTimer_, &drainTimer_}) {
      uv_timer_init(loop_.handle(), timer);
      timer->data = this;
    }
    uv_idle_init(loop_.handle(), &walkIdle_);
    walkIdle_.data = this;
    scratch_.resize(kReadBytes);
    hasHandles_ = true;
    uv_timer_start(
        &secondTimer_, [](uv_timer_t* timer) { static_cast<Shard*>(timer->data)->onSecond(); },
        kSecondMs, kSecondMs);
  });
}

Shard::~Shard() { stop(); }

void Shard::stop() {
  const bool taken = loop_.post([this] {
    if (isStopped_) return;
    isStopped_ = true;
    {
      const Turn turn(*this);
      std::vector<Connection*> all;
      for (const auto& [id, connection] : connections_) all.push_back(connection.get());
      for (Connection* connection : all) destroy(*connection, close_code::kGoingAway);
    }
    for (uv_timer_t* timer : {&flushTimer_, &secondTimer_, &drainTimer_})
      uv_close(reinterpret_cast<uv_handle_t*>(timer), nullptr);
    uv_close(reinterpret_cast<uv_handle_t*>(&walkIdle_), nullptr);
  });
  if (taken) loop_.stop();
}

void Shard::run(std::function<void()> task) {
  loop_.post([this, task = std::move(task)] {
    if (isStopped_) return;
    const Turn turn(*this);
    task();
  });
}

template <typename Task>
void Shard::withConnection(std::uint64_t id, Task task) {
  run([this, id, task = std::move(task)]() mutable {
    const auto found = connections_.find(id);
    if (found != connections_.end()) task(*found->second);
  });
}

void Shard::endTurn() {
  // Sending may end connections and wake walks, which may push more; so until nothing is left.
  for (std::size_t i = 0; i < dirty_.size(); ++i) {
    Connection& connection = *dirty_[i];
    connection.isDirty = false;
    if (!connection.isGone) sendOutbox(connection);
  }
  dirty_.clear();
  if (!relayWrites_.empty()) events_->onWrites(std::exchange(relayWrites_, {}));
  for (const std::uint64_t id : std::exchange(relayEnds_, {})) events_->onEnd(id);
  dead_.clear();
  if (isClosing_ && connections_.empty()) finishClose();
}

void Shard::setReady(std::function<void()> done) {
  run([this, done = std::move(done)] {
    // Said again, it must not take back what clients are being sent.
    if (!std::exchange(isReady_, true)) {
      // Those that an epoch's end has left without a state: all, as nobody subscribes until now.
      for (const auto& [id, connection] : connections_) {
        for (const auto& [number, subscription] : connection->subscriptions) restart(*subscription);
      }
    }
    done();
  });
}

void Shard::follow(std::shared_ptr<const Topology> topology) {
  run([this, topology = std::move(topology)] {
    const bool isNew = !log_.hasTopology() || log_.topology().epoch() != topology->epoch();
    log_.follow(topology);
    if (!isNew) return;
    isReady_ = false;
    for (Stream* stream : std::exchange(dirtyStreams_, {})) {
      stream->isDirty = false;
      stream->pending.clear();
    }
    // They keep what they have until setReady() gives them the new state.
    for (const auto& [id, connection] : connections_) {
      for (const auto& [number, subscription] : connection->subscriptions)
        subscription->state = Subscription::State::kSnapshot;
    }
  });
}

void Shard::connect(ConnectionSettings settings, std::string greeting,
                    std::vector<std::uint8_t> head) {
  // std::function wants to be copied: what is moved goes into one shared box.
  auto box = std::make_shared<ConnectionSettings>(std::move(settings));
  run([this, box, greeting = std::move(greeting), head = std::move(head)] {
    open(std::move(*box), greeting, head);
  });
}

void Shard::open(ConnectionSettings settings, const std::string& greeting,
                 std::span<const std::uint8_t> head) {
  const std::uint64_t id = settings.id;
  Descriptor descriptor = std::move(settings.descriptor);
  const std::string firstSubscribe = std::move(settings.subscribe);
  ConnectionEvents& events = *this;
  RelayQueue& relays = *this;
  auto owned = std::make_unique<Connection>(std::move(settings), options_.limits, events);
  Connection& connection = *owned;
  if (descriptor) {
    connection.transport =
        openDescriptor(loop_.handle(), std::move(descriptor), connection, scratch_);
  } else {
    auto relay = std::make_unique<RelayTransport>(id, relays, connection);
    connection.relay = relay.get();
    connection.transport.reset(relay.release());
  }
  connections_.emplace(id, std::move(owned));
  add(metrics_.accepted);
  add(metrics_.connections);
  if (!connection.transport) {
    destroy(connection, close_code::kAbnormal);
    return;
  }
  // Pings of many connections that came at once are spread over the interval.
  const auto interval = std::chrono::duration_cast<Clock::duration>(options_.pingInterval);
  connection.nextPing = Clock::now() + interval - interval * static_cast<int>(id % 64) / 128;
  push(connection, makeBlock(greeting));
  if (isClosing_) {
    closeWith(connection, close_code::kShutdown, "shutting down");
    return;
  }
  if (connection.grant) {
    welcome(connection);
  } else {
    connection.deadline = Clock::now() + options_.authenticate;
    pushText(connection, server_message::challenge(options_.authenticate.count()));
  }
  if (!firstSubscribe.empty()) onText(connection, firstSubscribe);
  if (!head.empty()) onBytes(connection, head);
}

void Shard::receive(std::uint64_t id, std::vector<std::uint8_t> bytes) {
  withConnection(
      id, [this, bytes = std::move(bytes)](Connection& connection) { onBytes(connection, bytes); });
}

void Shard::written(std::uint64_t id, std::size_t bytes) {
  withConnection(id, [bytes](Connection& connection) {
    connection.lastProgress = Clock::now();
    if (connection.relay) connection.relay->written(bytes);
  });
}

void Shard::gone(std::uint64_t id) {
  withConnection(id, [this](Connection& connection) { onGone(connection); });
}

void Shard::send(std::uint64_t id, std::string message) {
  withConnection(id, [this, message = std::move(message)](Connection& connection) {
    if (connection.publishes > 0) --connection.publishes;
    if (!connection.isClosing) pushText(connection, message);
  });
}

void Shard::disconnect(std::uint64_t id, std::uint16_t code, std::string reason) {
  withConnection(id, [this, code, reason = std::move(reason)](Connection& connection) {
    closeWith(connection, code, reason);
  });
}

void Shard::revoke(std::string subject) {
  run([this, subject = std::move(subject)] {
    for (const auto& [id, connection] : connections_) {
      if (connection->grant && connection->grant->subject == subject)
        closeWith(*connection, close_code::kRevoked, "revoked");
    }
  });
}

namespace {

// What the work queues for the connection is an answer to it.
template <typename Work>
void countAnswers(Connection& connection, Work work) {
  const std::size_t before = connection.outbox.bytes();
  work();
  const std::size_t now = connection.outbox.bytes();
  if (now > before) connection.unsentAnswers += now - before;
}

}  // namespace

void Shard::onBytes(Connection& connection, std::span<const std::uint8_t> bytes) {
  const Turn turn(*this);
  connection.lastIn = Clock::now();
  add(metrics_.bytesIn, bytes.size());
  if (connection.encoding == Encoding::kEvents) return;  // such a client has nothing to say
  while (!connection.isGone && !connection.endsWhenSent) {
    switch (connection.parser.parse(bytes)) {
      case FrameParser::Result::kMore:
        return;
      case FrameParser::Result::kText:
        if (connection.isClosing || !spendMessage(connection)) break;
        countAnswers(connection, [&] { onText(connection, connection.parser.payload()); });
        break;
      case FrameParser::Result::kBinary:
        closeWith(connection, close_code::kUnsupportedData, "messages are text");
        break;
      case FrameParser::Result::kPing:
        if (connection.isClosing || !spendMessage(connection)) break;
        countAnswers(connection, [&] {
          push(connection, makeBlock(controlFrame(Opcode::kPong, connection.parser.payload())));
        });
        break;
      case FrameParser::Result::kPong:
        spendMessage(connection);
        break;
      case FrameParser::Result::kClose:
        if (!connection.isClosing) {
          closeWith(connection, connection.parser.closeCode(), "");
        }
        connection.endsWhenSent = true;
        if (connection.outbox.empty()) destroy(connection, connection.closeCode);
        return;
      case FrameParser::Result::kError:
        closeWith(connection, connection.parser.errorCode(), connection.parser.errorReason());
        // What follows cannot be understood, the answer to the close frame neither.
        connection.endsWhenSent = true;
        return;
    }
  }
}

void Shard::onWritable(Connection& connection) {
  const Turn turn(*this);
  sendOutbox(connection);
}

void Shard::onGone(Connection& connection) {
  const Turn turn(*this);
  destroy(connection, connection.isClosing ? connection.closeCode : close_code::kAbnormal);
}

void Shard::push(Connection& connection, Block block) {
  if (connection.outbox.empty()) connection.lastProgress = Clock::now();
  connection.outbox.push(std::move(block));
  if (connection.isDirty) return;
  connection.isDirty = true;
  dirty_.push_back(&connection);
}

void Shard::pushText(Connection& connection, std::string_view json) {
  std::string bytes;
  appendText(bytes, connection.encoding, json);
  push(connection, makeBlock(std::move(bytes)));
}

void Shard::sendOutbox(Connection& connection) {
  if (connection.isGone) return;
  if (!connection.outbox.empty()) {
    const std::int64_t sent = connection.transport->send(connection.outbox);
    if (sent < 0) {
      destroy(connection, connection.isClosing ? connection.closeCode : close_code::kAbnormal);
      return;
    }
    add(metrics_.writes);
    if (sent > 0) {
      add(metrics_.bytesOut, static_cast<std::uint64_t>(sent));
      connection.outbox.taken(static_cast<std::size_t>(sent));
      connection.unsentAnswers -=
          std::min(connection.unsentAnswers, static_cast<std::size_t>(sent));
      connection.lastProgress = Clock::now();
    }
  }
  if (connection.endsWhenSent && connection.outbox.empty()) {
    destroy(connection, connection.closeCode);
    return;
  }
  wakeWalks(connection);
}

void Shard::closeWith(Connection& connection, std::uint16_t code, std::string_view reason,
                      bool dropsUnsent) {
  if (connection.isClosing || connection.isGone) return;
  connection.isClosing = true;
  connection.closeCode = code;
  connection.deadline = Clock::now() + kCloseWait;
  for (const auto& [id, subscription] : connection.subscriptions) drop(*subscription);
  connection.subscriptions.clear();
  connection.questions.clear();
  if (dropsUnsent) connection.outbox.dropUnsent();
  if (connection.encoding == Encoding::kEvents) {
    pushText(connection, server_message::close(code, reason));
    connection.endsWhenSent = true;
  } else {
    push(connection, makeBlock(closeFrame(code, reason)));
  }
}

void Shard::destroy(Connection& connection, std::uint16_t code) {
  if (connection.isGone) return;
  connection.isGone = true;
  for (const auto& [id, subscription] : connection.subscriptions) drop(*subscription);
  connection.subscriptions.clear();
  connection.transport.reset();
  connection.relay = nullptr;
  subtract(metrics_.connections);
  const auto found = connections_.find(connection.id);
  dead_.push_back(std::move(found->second));
  connections_.erase(found);
  nlohmann::json message{{"type", "disconnected"}, {"connection", connection.id}, {"code", code}};
  if (connection.grant) message["subject"] = connection.grant->subject;
  events_->onMessage(message.dump());
}

void Shard::drop(Subscription& subscription) {
  subtract(metrics_.subscriptions);
  if (subscription.isWalking)
    walkers_.erase(std::remove(walkers_.begin(), walkers_.end(), &subscription), walkers_.end());
  Stream& stream = *subscription.stream;
  stream.remove(subscription);
  if (!stream.members.empty()) return;
  dirtyStreams_.erase(std::remove(dirtyStreams_.begin(), dirtyStreams_.end(), &stream),
                      dirtyStreams_.end());
  streams_.erase(stream);
  metrics_.streams = streams_.size();
}

void Shard::authenticated(std::uint64_t id, std::optional<Grant> grant) {
  auto box = std::make_shared<std::optional<Grant>>(std::move(grant));
  withConnection(id, [this, box](Connection& connection) { onGrant(connection, std::move(*box)); });
}

void Shard::authorized(std::uint64_t id, std::uint32_t question, int verdict) {
  withConnection(id, [this, question, verdict](Connection& connection) {
    onVerdict(connection, question, verdict);
  });
}

void Shard::take(UpdateBatchPtr batch) {
  run([this, batch = std::move(batch)] { apply(*batch); });
}

}  // namespace easyflow::hub
