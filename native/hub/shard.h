// A thread with its share of the connections and a log of everything: docs/threads.md, StatusHub.
#pragma once

#include <uv.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "hub/connection.h"
#include "hub/metrics.h"
#include "hub/options.h"
#include "hub/stream.h"
#include "hub/topology.h"
#include "hub/transform_batch.h"
#include "hub/transport.h"
#include "hub/update_log.h"
#include "loop/event_loop.h"

namespace easyflow::hub {

// What a hub tells JS. Called on shard threads and the poller; must not block and must not call
// back.
class HubEvents {
 public:
  virtual ~HubEvents() = default;
  // HubEvent.Message of lib/native.d.ts.
  virtual void onMessage(std::string json) noexcept = 0;
  virtual void onWrites(std::vector<RelayWrite> writes) noexcept = 0;
  virtual void onEnd(std::uint64_t connection) noexcept = 0;
  // Called on the poller. JS makes the data of the updates, and gives the batch back to the taker.
  virtual void onTransform(TransformBatch batch,
                           std::shared_ptr<TransformTaker> taker) noexcept = 0;
};

// Owned by its hub. Public methods are called on any thread and return at once; the work is done on
// the shard's own.
class Shard final : private ConnectionEvents, private RelayQueue {
 public:
  Shard(const HubOptions& options, std::shared_ptr<HubEvents> events);
  // After stop().
  ~Shard() override;

  void follow(std::shared_ptr<const Topology> topology);
  void take(UpdateBatchPtr batch);
  // From now on subscribers are served; `done` runs when what was taken before is in the log.
  void setReady(std::function<void()> done);

  void connect(ConnectionSettings settings, std::string greeting, std::vector<std::uint8_t> head);
  void receive(std::uint64_t connection, std::vector<std::uint8_t> bytes);
  void written(std::uint64_t connection, std::size_t bytes);
  void gone(std::uint64_t connection);
  // None: refused.
  void authenticated(std::uint64_t connection, std::optional<Grant> grant);
  void authorized(std::uint64_t connection, std::uint32_t question, int verdict);
  void send(std::uint64_t connection, std::string message);
  void disconnect(std::uint64_t connection, std::uint16_t code, std::string reason);
  void revoke(std::string subject);

  // Closes every connection at a random time within the drain, then runs `done`. Once.
  void close(Milliseconds drain, std::function<void()> done);
  // Ends the thread with whatever is still open. Not on the shard's own thread; idempotent.
  void stop();

  const ShardMetrics& metrics() const { return metrics_; }

 private:
  // What one call from the loop leaves to be done at its end: sends are gathered, the dead buried.
  class Turn;
  void endTurn();

  void run(std::function<void()> task);
  template <typename Task>
  void withConnection(std::uint64_t id, Task task);

  // shard.cc: connections and their bytes.
  void open(ConnectionSettings settings, const std::string& greeting,
            std::span<const std::uint8_t> head);
  void onBytes(Connection& connection, std::span<const std::uint8_t> bytes) override;
  void onWritable(Connection& connection) override;
  void onGone(Connection& connection) override;
  void write(RelayWrite write) override { relayWrites_.push_back(std::move(write)); }
  void end(std::uint64_t connection) override { relayEnds_.push_back(connection); }
  void push(Connection& connection, Block block);
  void pushText(Connection& connection, std::string_view json);
  void sendOutbox(Connection& connection);
  void closeWith(Connection& connection, std::uint16_t code, std::string_view reason,
                 bool dropsUnsent = false);
  void destroy(Connection& connection, std::uint16_t code);
  void drop(Subscription& subscription);

  // shard_session.cc: what clients and JS say.
  void onText(Connection& connection, const std::string& text);
  bool spendMessage(Connection& connection);
  void onMessage(Connection& connection, AuthenticateMessage message);
  void onMessage(Connection& connection, SubscribeMessage message);
  void onMessage(Connection& connection, const UnsubscribeMessage& message);
  void onMessage(Connection& connection, PublishMessage message);
  void onMessage(Connection& connection, const PingMessage& message);
  void onMessage(Connection& connection, const PongMessage& message);
  void onMessage(Connection& connection, const BadMessage& message);
  void onGrant(Connection& connection, std::optional<Grant> grant);
  void onVerdict(Connection& connection, std::uint32_t question, int verdict);
  void subscribe(Connection& connection, SubscribeMessage message);
  void welcome(Connection& connection);

  // shard_flush.cc: from updates to outboxes.
  void apply(const UpdateBatch& batch);
  void consider(Stream& stream, const UpdateLog::Applied& applied);
  void markDirty(Stream& stream, std::uint64_t sequence);
  void scheduleFlush();
  void flush();
  void flushStream(Stream& stream);
  void gatherFromLog(Stream& stream);
  void recordLatency(const std::vector<Stream::Pending>& sent, std::uint64_t times);
  std::string token() const;

  // shard_catch_up.cc: snapshots, resumes, slow clients.
  void begin(Subscription& subscription, const Topology::Token* since);
  void restart(Subscription& subscription);
  void catchUpFrom(Subscription& subscription, std::uint64_t cursor);
  void startWalking(Subscription& subscription);
  void wakeWalks(Connection& connection);
  void walk();
  void walkOn(Subscription& subscription, Clock::time_point until);
  bool snapshotPiece(Subscription& subscription);
  bool catchUpPiece(Subscription& subscription);
  void becomeLive(Subscription& subscription);

  // shard_timers.cc: once a second.
  void onSecond();
  void check(Connection& connection, Clock::time_point now, std::int64_t nowMs);
  void heartbeat(Connection& connection, Clock::time_point now);
  // Up to where all its subscriptions have everything; none while one is not live, or without any.
  std::optional<std::uint64_t> sentUpTo(const Connection& connection) const;
  void drainMore();
  void finishClose();

  const HubOptions options_;
  const std::shared_ptr<HubEvents> events_;
  ShardMetrics metrics_;

  // The shard's thread's own, all below.
  UpdateLog log_;
  StreamIndex streams_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Connection>> connections_;
  bool isReady_ = false;

  int depth_ = 0;
  std::vector<Connection*> dirty_;
  std::vector<std::unique_ptr<Connection>> dead_;
  std::vector<RelayWrite> relayWrites_;
  std::vector<std::uint64_t> relayEnds_;
  std::vector<std::uint8_t> scratch_;

  std::vector<Stream*> dirtyStreams_;
  Clock::time_point nextFlush_;
  Clock::duration pause_{};
  std::vector<Subscription*> walkers_;
  // Connections that a walk wants closed.
  std::vector<std::uint64_t> overflowed_;

  uv_timer_t flushTimer_{};
  uv_timer_t secondTimer_{};
  uv_timer_t drainTimer_{};
  uv_idle_t walkIdle_{};
  bool hasHandles_ = false;

  bool isClosing_ = false;
  bool isStopped_ = false;
  std::function<void()> onClosed_;
  struct Drain {
    std::uint64_t connection;
    Clock::time_point at;
  };
  std::vector<Drain> drain_;
  Clock::time_point drainDeadline_;

  loop::EventLoop loop_;
};

}  // namespace easyflow::hub
