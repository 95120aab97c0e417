// Load generator of the hub's benchmark: opens WebSocket connections to a port of this machine,
// subscribes, and measures what comes. bench/lib/hub/load.js starts it, tells it by lines on
// standard input what to do, and reads lines of JSON:
//
//   begin    counters and latencies from here on
//   report   what there was since: {"event":"report", …}
//   slow     the first connections begin to read slowly or not at all
//   cut <n>  the first n connections are reset, come back and resume; {"event":"live", …} when all
//   are live again check <sent>  compares every client's counts with `sent` updates to all entities
//   in turn; {"event":"checked", …} quit
#include "hub_load.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <numeric>
#include <thread>

namespace easyflow::bench {

namespace {

constexpr size_t kBuffer = 1 << 18;
constexpr int kMaxEvents = 4'096;
constexpr int kIdleWaitMs = 50;
constexpr uint32_t kStandardInput = UINT32_MAX;

void raiseDescriptorLimit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int64_t epochMicros() {
  using namespace std::chrono;
  return duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
}

int64_t steadyMicros() {
  using namespace std::chrono;
  return duration_cast<microseconds>(steady_clock::now().time_since_epoch()).count();
}

Load::Load(Options options)
    : options_(std::move(options)),
      connections_(static_cast<size_t>(options_.connections)),
      buffer_(kBuffer),
      events_(kMaxEvents),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      toOpen_(connections_.size()) {
  std::iota(toOpen_.begin(), toOpen_.end(), 0);
  for (uint32_t at = 0; at < connections_.size(); ++at) connections_[at].index = at;
  raiseDescriptorLimit();
  fcntl(STDIN_FILENO, F_SETFL, fcntl(STDIN_FILENO, F_GETFL) | O_NONBLOCK);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u32 = kStandardInput;
  epoll_ctl(epoll_, EPOLL_CTL_ADD, STDIN_FILENO, &event);
  openedAt_ = steadyMicros();
}

int Load::run() {
  const int64_t end = steadyMicros() + options_.timeoutSeconds * 1'000'000LL;
  while (!isOver_) {
    if (steadyMicros() > end) {
      std::fprintf(stderr, "hub-load: the time is over with %u of %zu live, %llu failed (%s)\n",
                   live_, connections_.size(), static_cast<unsigned long long>(failed_),
                   failure_.c_str());
      return 1;
    }
    turn();
    if (failed_ > 0 && isSettled()) {
      std::fprintf(stderr, "hub-load: %llu connections failed: %s\n",
                   static_cast<unsigned long long>(failed_), failure_.c_str());
      return 1;
    }
  }
  return 0;
}

bool Load::isSettled() const { return handshakes_ == 0 && nextToOpen_ == toOpen_.size(); }

void Load::turn() {
  openMore();
  const int count = epoll_wait(epoll_, events_.data(), kMaxEvents, kIdleWaitMs);
  for (int at = 0; at < count; ++at) onEvent(events_[static_cast<size_t>(at)]);
  if (readsSlowly_) readSlowly();
  if (isSettled() && options_.napMicros > 0) {
    std::this_thread::sleep_for(std::chrono::microseconds(options_.napMicros));
  }
}

void Load::onEvent(const epoll_event& event) {
  if (event.data.u32 == kStandardInput) return onInput();
  Connection& connection = connections_[event.data.u32];
  if ((event.events & EPOLLOUT) != 0) onWritable(connection);
  if ((event.events & ~static_cast<uint32_t>(EPOLLOUT)) != 0 && connection.fd >= 0) {
    onReadable(connection);
  }
}

void Load::openMore() {
  while (nextToOpen_ < toOpen_.size() && handshakes_ < static_cast<uint32_t>(options_.inFlight)) {
    if (options_.rampPerSecond > 0) {
      const int64_t due = (steadyMicros() - openedAt_) * options_.rampPerSecond / 1'000'000;
      if (static_cast<int64_t>(nextToOpen_) > due) return;
    }
    open(connections_[toOpen_[nextToOpen_++]]);
  }
}

void Load::open(Connection& connection) {
  connection.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  connection.state = State::kConnecting;
  connection.startedAt = steadyMicros();
  connection.step = 0;
  connection.answer.clear();
  connection.out.clear();
  connection.reader.reset();
  ++handshakes_;
  if (connection.fd < 0) {
    failure_ = std::strerror(errno);
    return lost(connection, 0);
  }
  const int on = 1;
  setsockopt(connection.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  if (connection.index < static_cast<uint32_t>(options_.stuck + options_.trickle)) {
    setsockopt(connection.fd, SOL_SOCKET, SO_RCVBUF, &options_.slowBuffer,
               sizeof(options_.slowBuffer));
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(options_.port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  watch(connection, EPOLLIN | EPOLLOUT, EPOLL_CTL_ADD);
  if (connect(connection.fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 &&
      errno != EINPROGRESS) {
    failure_ = std::strerror(errno);
    lost(connection, 0);
  }
}

void Load::watch(const Connection& connection, uint32_t events, int operation) {
  epoll_event event{};
  event.events = events;
  event.data.u32 = connection.index;
  epoll_ctl(epoll_, operation, connection.fd, &event);
}

void Load::close(Connection& connection, bool abruptly) {
  if (connection.fd < 0) return;
  if (abruptly) {
    const linger reset{1, 0};
    setsockopt(connection.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
  }
  ::close(connection.fd);
  connection.fd = -1;
}

void Load::lost(Connection& connection, int code) {
  if (connection.state == State::kDead) return;
  if (connection.state == State::kLive) {
    --live_;
    ++closed_;
    ++closeCodes_[code];
  } else {
    --handshakes_;
    ++failed_;
    if (failure_.empty()) failure_ = "closed with " + std::to_string(code);
  }
  connection.state = State::kDead;
  close(connection, false);
}

void Load::write(Connection& connection, std::string_view bytes) {
  if (connection.fd < 0) return;
  if (connection.out.empty()) {
    const ssize_t sent = send(connection.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0) bytes.remove_prefix(static_cast<size_t>(sent));
    if (bytes.empty()) return;
    watch(connection, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
  }
  connection.out.append(bytes);
}

void Load::onWritable(Connection& connection) {
  if (connection.state == State::kConnecting) {
    int error = 0;
    socklen_t size = sizeof(error);
    getsockopt(connection.fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) {
      failure_ = std::strerror(error);
      return lost(connection, 0);
    }
    connection.state = State::kUpgrading;
    connection.out = upgradeRequest(options_);
  }
  const std::string due = std::move(connection.out);
  connection.out.clear();
  watch(connection, EPOLLIN, EPOLL_CTL_MOD);
  if (!due.empty()) write(connection, due);
}

void Load::onReadable(Connection& connection) {
  const ssize_t size = recv(connection.fd, buffer_.data(), buffer_.size(), 0);
  if (size > 0) {
    ++counters_.reads;
    return take(connection, buffer_.data(), static_cast<size_t>(size));
  }
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (size < 0) failure_ = std::strerror(errno);
  lost(connection, 1006);
}

}  // namespace easyflow::bench

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  return easyflow::bench::Load(easyflow::bench::parseOptions(argc, argv)).run();
}
