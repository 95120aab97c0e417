#include "hub/transport.h"

#include <algorithm>

namespace easyflow::hub {

namespace {

// What JS and its socket may hold of one connection.
constexpr std::size_t kWindowBytes = 256 * 1024;

}  // namespace

std::int64_t RelayTransport::send(const Outbox& outbox) {
  std::int64_t total = 0;
  for (const Chunk& chunk : outbox) {
    if (inFlight_ >= kWindowBytes) {
      isBlocked_ = true;
      break;
    }
    inFlight_ += chunk.size();
    total += static_cast<std::int64_t>(chunk.size());
    queue_.write({connection_, chunk});
  }
  return total;
}

void RelayTransport::written(std::size_t bytes) {
  inFlight_ -= std::min(bytes, inFlight_);
  if (!isBlocked_ || inFlight_ > kWindowBytes / 2) return;
  isBlocked_ = false;
  events_.onWritable();
}

void RelayTransport::close() {
  queue_.end(connection_);
  delete this;
}

}  // namespace easyflow::hub
