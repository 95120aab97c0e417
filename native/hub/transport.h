// How a connection's bytes reach its peer: a descriptor of our own, or a socket that JS holds.
// Owned by its connection; used on the shard's thread.
#pragma once

#include <uv.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "hub/block.h"
#include "hub/descriptor.h"

namespace easyflow::hub {

// What a transport tells its connection; it may be closed from inside of any of these.
class TransportEvents {
 public:
  virtual ~TransportEvents() = default;
  virtual void onBytes(std::span<const std::uint8_t> bytes) = 0;
  virtual void onWritable() = 0;
  // The peer is gone.
  virtual void onGone() = 0;
};

class Transport {
 public:
  virtual ~Transport() = default;
  // Sends what the socket takes now, and returns how many bytes that was; -1: the peer is gone.
  // When it was not all, onWritable() comes later.
  virtual std::int64_t send(const Outbox& outbox) = 0;
  // Ends it after what was sent. No event comes any more; the object destroys itself when it can.
  virtual void close() = 0;
};

struct TransportCloser {
  void operator()(Transport* transport) const noexcept { transport->close(); }
};
using TransportHandle = std::unique_ptr<Transport, TransportCloser>;

// A non-blocking descriptor, polled by the shard's loop. Null: it cannot be polled. `scratch` is
// the shard's buffer for reading.
TransportHandle openDescriptor(uv_loop_t* loop, Descriptor descriptor, TransportEvents& events,
                               std::vector<std::uint8_t>& scratch);

// Bytes for JS to write, gathered over a turn of the shard.
struct RelayWrite {
  std::uint64_t connection;
  Chunk chunk;
};

class RelayQueue {
 public:
  virtual ~RelayQueue() = default;
  virtual void write(RelayWrite write) = 0;
  virtual void end(std::uint64_t connection) = 0;
};

// JS writes for it; written() says what its socket took.
class RelayTransport final : public Transport {
 public:
  RelayTransport(std::uint64_t connection, RelayQueue& queue, TransportEvents& events)
      : connection_(connection), queue_(queue), events_(events) {}
  std::int64_t send(const Outbox& outbox) override;
  void close() override;
  void written(std::size_t bytes);

 private:
  const std::uint64_t connection_;
  RelayQueue& queue_;
  TransportEvents& events_;
  std::size_t inFlight_ = 0;
  bool isBlocked_ = false;
};

}  // namespace easyflow::hub
