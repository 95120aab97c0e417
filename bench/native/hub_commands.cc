// What the benchmark tells us, and what we tell it.
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>

#include "hub_load.h"

namespace easyflow::bench {

namespace {

constexpr int64_t kTrickleEveryMicros = 100'000;

double cpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

void Load::onInput() {
  char text[256];
  const ssize_t size = read(STDIN_FILENO, text, sizeof(text));
  if (size == 0) isOver_ = true;
  if (size <= 0) return;
  input_.append(text, static_cast<size_t>(size));
  for (size_t end = input_.find('\n'); end != std::string::npos; end = input_.find('\n')) {
    const std::string line = input_.substr(0, end);
    input_.erase(0, end + 1);
    onCommand(line);
  }
}

void Load::onCommand(const std::string& line) {
  const std::string word = line.substr(0, line.find(' '));
  const uint64_t number = std::strtoull(line.c_str() + word.size(), nullptr, 10);
  if (word == "begin") {
    begin();
  } else if (word == "report") {
    report();
  } else if (word == "slow") {
    slowDown();
  } else if (word == "cut") {
    cut(static_cast<uint32_t>(number));
  } else if (word == "check") {
    for (Connection& one : connections_) one.seen.compare(number, options_, faults_);
    std::printf("{\"event\":\"checked\",\"holes\":%" PRIu64 ",\"backwards\":%" PRIu64
                ",\"stale\":%" PRIu64 "}\n",
                faults_.holes, faults_.backwards, faults_.stale);
  } else if (word == "quit") {
    isOver_ = true;
  } else {
    std::fprintf(stderr, "hub-load: unknown command: %s\n", line.c_str());
  }
}

void Load::begin() {
  counters_ = Counters();
  counters_.since = steadyMicros();
  counters_.cpuSince = cpuSeconds();
}

void Load::report() {
  const double seconds = static_cast<double>(steadyMicros() - counters_.since) / 1e6;
  std::string codes;
  for (const auto& [code, count] : closeCodes_) {
    codes += (codes.empty() ? "\"" : ",\"") + std::to_string(code) + "\":" + std::to_string(count);
  }
  const Histogram& latency = counters_.latency;
  std::printf(
      "{\"event\":\"report\",\"seconds\":%.6f,\"cpuSeconds\":%.6f,\"live\":%u,\"closed\":%" PRIu64
      ",\"failed\":%" PRIu64 ",\"closeCodes\":{%s},\"deliveries\":%" PRIu64 ",\"bytes\":%" PRIu64
      ",\"reads\":%" PRIu64 ",\"slowDeliveries\":%" PRIu64
      ",\"slowClosed\":%u,\"latencyUs\":{\"p50\":%" PRIu64 ",\"p99\":%" PRIu64 ",\"max\":%" PRIu64
      "}}\n",
      seconds, cpuSeconds() - counters_.cpuSince, live_, closed_, failed_, codes.c_str(),
      counters_.deliveries, counters_.bytes, counters_.reads, counters_.slowDeliveries,
      slowOnesClosed(), latency.percentile(0.5), latency.percentile(0.99), latency.max());
}

void Load::sayReady(const char* event) {
  const int64_t now = steadyMicros();
  const auto ms = [](int64_t micros) { return static_cast<double>(micros) / 1e3; };
  std::printf("{\"event\":\"%s\",\"connections\":%u,\"failed\":%" PRIu64
              ",\"connectMs\":%.1f,\"readyMs\":%.1f,\"slowestReadyMs\":%.1f,\"items\":%" PRIu64
              ",\"snapshotBytes\":%" PRIu64 ",\"recovered\":%" PRIu64 ",\"whole\":%" PRIu64 "}\n",
              event, live_, failed_, ms(connectedAt_ - openedAt_), ms(now - openedAt_),
              ms(slowestReady_), items_, snapshotBytes_, recovered_, faults_.whole);
}

void Load::cut(uint32_t count) {
  toOpen_.clear();
  nextToOpen_ = 0;
  slowestReady_ = 0;
  recovered_ = 0;
  openedAt_ = steadyMicros();
  for (Connection& connection : connections_) {
    if (toOpen_.size() == count) break;
    if (connection.state != State::kLive) continue;
    close(connection, true);
    connection.state = State::kWaiting;
    connection.isAgain = true;
    --live_;
    toOpen_.push_back(connection.index);
  }
}

void Load::slowDown() {
  readsSlowly_ = true;
  for (int at = 0; at < options_.stuck + options_.trickle; ++at) {
    Connection& connection = connections_[static_cast<size_t>(at)];
    connection.isSlow = true;
    if (connection.fd >= 0) watch(connection, 0, EPOLL_CTL_DEL);
  }
}

void Load::readSlowly() {
  const int64_t now = steadyMicros();
  if (now < nextTrickle_) return;
  nextTrickle_ = now + kTrickleEveryMicros;
  const auto portion = std::min<size_t>(
      buffer_.size(), static_cast<size_t>(options_.trickleBytes) * kTrickleEveryMicros / 1'000'000);
  for (int at = options_.stuck; at < options_.stuck + options_.trickle; ++at) {
    Connection& connection = connections_[static_cast<size_t>(at)];
    if (connection.fd < 0) continue;
    const ssize_t size = recv(connection.fd, buffer_.data(), portion, 0);
    if (size > 0) {
      take(connection, buffer_.data(), static_cast<size_t>(size));
    } else if (size == 0 || errno != EAGAIN) {
      lost(connection, 1006);
    }
  }
}

// Whom the server has given up; a stuck one would only notice by reading.
uint32_t Load::slowOnesClosed() const {
  uint32_t count = 0;
  for (const Connection& connection : connections_) {
    if (!connection.isSlow) continue;
    pollfd entry{connection.fd, POLLRDHUP, 0};
    if (connection.fd < 0 ||
        (poll(&entry, 1, 0) > 0 && (entry.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0)) {
      ++count;
    }
  }
  return count;
}

}  // namespace easyflow::bench
