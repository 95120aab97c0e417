#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>

#include "hub/transport.h"

namespace easyflow::hub {

namespace {

// Gathered by one system call.
constexpr std::size_t kMaxPieces = 64;
// Read from one connection before others have their turn.
constexpr int kReadsATurn = 4;
// What the kernel holds unsent of a slow peer; more would only be old when it arrives.
[[maybe_unused]] constexpr int kUnsentBytes = 128 * 1024;

class DescriptorTransport final : public Transport {
 public:
  DescriptorTransport(Descriptor descriptor, TransportEvents& events,
                      std::vector<std::uint8_t>& scratch)
      : descriptor_(std::move(descriptor)),
        fd_(descriptor_.get()),
        events_(events),
        scratch_(scratch) {
    poll_.data = this;
  }

  bool start(uv_loop_t* loop) {
    if (uv_poll_init(loop, &poll_, fd_) != 0) return false;
    const int on = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
#ifdef TCP_NOTSENT_LOWAT
    setsockopt(fd_, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kUnsentBytes, sizeof(kUnsentBytes));
#endif
    listen(UV_READABLE);
    return true;
  }

  std::int64_t send(const Outbox& outbox) override {
    std::int64_t total = 0;
    const Chunk* chunk = outbox.begin();
    while (chunk != outbox.end()) {
      std::array<iovec, kMaxPieces> pieces;
      std::size_t count = 0;
      std::size_t wanted = 0;
      for (; chunk != outbox.end() && count < kMaxPieces; ++chunk, ++count) {
        pieces[count] = {const_cast<char*>(chunk->data()), chunk->size()};
        wanted += chunk->size();
      }
      msghdr message{};
      message.msg_iov = pieces.data();
      message.msg_iovlen = count;
      ssize_t sent = 0;
      do {
        sent = sendmsg(fd_, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
      } while (sent < 0 && errno == EINTR);
      if (sent < 0) {
        if (errno != EAGAIN && errno != EWOULDBLOCK) return -1;
        sent = 0;
      }
      total += sent;
      if (static_cast<std::size_t>(sent) < wanted) {
        listen(UV_READABLE | UV_WRITABLE);
        return total;
      }
    }
    return total;
  }

  void close() override {
    isClosed_ = true;
    uv_poll_stop(&poll_);
    uv_close(reinterpret_cast<uv_handle_t*>(&poll_),
             [](uv_handle_t* handle) { delete static_cast<DescriptorTransport*>(handle->data); });
  }

 private:
  void listen(int events) {
    if (events == listening_) return;
    listening_ = events;
    uv_poll_start(&poll_, events, [](uv_poll_t* handle, int status, int ready) {
      static_cast<DescriptorTransport*>(handle->data)->onReady(status, ready);
    });
  }

  void onReady(int status, int ready) {
    if (status < 0) {
      events_.onGone();
      return;
    }
    if ((ready & UV_WRITABLE) != 0) {
      listen(UV_READABLE);
      events_.onWritable();
    }
    if ((ready & UV_READABLE) != 0) readMore();
  }

  void readMore() {
    for (int i = 0; i < kReadsATurn && !isClosed_; ++i) {
      ssize_t got = 0;
      do {
        got = recv(fd_, scratch_.data(), scratch_.size(), MSG_DONTWAIT);
      } while (got < 0 && errno == EINTR);
      if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
      if (got <= 0) {
        events_.onGone();
        return;
      }
      events_.onBytes({scratch_.data(), static_cast<std::size_t>(got)});
      if (static_cast<std::size_t>(got) < scratch_.size()) return;
    }
  }

  const Descriptor descriptor_;
  const int fd_;
  TransportEvents& events_;
  std::vector<std::uint8_t>& scratch_;
  uv_poll_t poll_{};
  int listening_ = 0;
  bool isClosed_ = false;
};

}  // namespace

TransportHandle openDescriptor(uv_loop_t* loop, Descriptor descriptor, TransportEvents& events,
                               std::vector<std::uint8_t>& scratch) {
  auto transport = std::make_unique<DescriptorTransport>(std::move(descriptor), events, scratch);
  if (!transport->start(loop)) return nullptr;
  return TransportHandle(transport.release());
}

}  // namespace easyflow::hub
