// What comes from the server.
#include <algorithm>

#include "hub_load.h"

namespace easyflow::bench {

namespace {

int closeCode(std::string_view payload) {
  if (payload.size() < 2) return 1005;
  return static_cast<uint8_t>(payload[0]) << 8 | static_cast<uint8_t>(payload[1]);
}

}  // namespace

void Load::take(Connection& connection, const char* data, size_t size) {
  now_ = epochMicros();
  std::string rest;
  if (connection.state == State::kUpgrading) {
    connection.answer.append(data, size);
    const size_t end = connection.answer.find("\r\n\r\n");
    if (end == std::string::npos) return;
    if (connection.answer.compare(0, 12, "HTTP/1.1 101") != 0) {
      failure_ = connection.answer.substr(0, connection.answer.find("\r\n"));
      return lost(connection, 0);
    }
    rest = connection.answer.substr(end + 4);
    connection.answer.clear();
    connection.state = State::kTalking;
    connectedAt_ = steadyMicros();
    if (options_.steps.empty()) {
      nowLive(connection);
    } else if (options_.steps[0].expect.empty()) {
      sayNext(connection);
    }
    data = rest.data();
    size = rest.size();
  }
  connection.reader.read(data, size, [&](Opcode opcode, std::string_view payload) {
    return onFrame(connection, opcode, payload);
  });
}

bool Load::onFrame(Connection& connection, Opcode opcode, std::string_view payload) {
  switch (opcode) {
    case kPing:
      write(connection, clientFrame(kPong, payload));
      return true;
    case kPong:
      return true;
    case kClose:
      failure_ = "closed: " + std::string(payload.substr(std::min<size_t>(2, payload.size())));
      write(connection, clientFrame(kClose, payload.substr(0, 2)));
      lost(connection, closeCode(payload));
      return false;
    default:
      onMessage(connection, payload);
      return connection.fd >= 0;
  }
}

void Load::onMessage(Connection& connection, std::string_view message) {
  if (message.substr(0, options_.update.size()) == options_.update) {
    return onUpdate(connection, message);
  }
  if (!options_.ping.empty() && message == options_.ping) {
    return write(connection, clientFrame(kText, options_.pong));
  }
  if (options_.resumes) connection.resume.takeToken(message);
  if (connection.state == State::kTalking) onStep(connection, message);
}

void Load::onUpdate(Connection& connection, std::string_view message) {
  if (connection.isSlow) {
    ++counters_.slowDeliveries;
    return;
  }
  ++counters_.deliveries;
  counters_.bytes += message.size();
  if (options_.entities > 0) {
    Stamp stamp;
    size_t from = 0;
    if (!stamps_.next(message, from, stamp)) return;
    counters_.latency.add(now_ - stamp.micros);
    connection.seen.update(stamp, options_, faults_);
    if (options_.resumes) connection.resume.advance(message);
    return;
  }
  int64_t sentAt = 0;
  if (stamps_.time(message, sentAt)) counters_.latency.add(now_ - sentAt);
}

void Load::onStep(Connection& connection, std::string_view message) {
  if (message.find("\"recovered\":true") != std::string_view::npos) ++recovered_;
  if (message.find("\"recovered\":false") != std::string_view::npos) {
    if (connection.isAgain) ++faults_.whole;
    connection.seen.forget();
  }
  snapshotBytes_ += message.size();
  Stamp stamp;
  size_t from = 1;  // not where updates have it
  while (stamps_.next(message, from, stamp)) {
    ++items_;
    if (options_.entities > 0) connection.seen.snapshotItem(stamp, faults_);
  }
  if (matches(options_.steps[connection.step].expect, message)) sayNext(connection);
}

void Load::sayNext(Connection& connection) {
  const std::string& text = options_.steps[connection.step].send;
  if (!text.empty()) {
    write(connection, clientFrame(kText, fillIn(text, connection, options_)));
  }
  if (++connection.step == options_.steps.size()) nowLive(connection);
}

void Load::nowLive(Connection& connection) {
  connection.state = State::kLive;
  --handshakes_;
  ++live_;
  slowestReady_ = std::max(slowestReady_, steadyMicros() - connection.startedAt);
  if (live_ == connections_.size()) sayReady(connection.isAgain ? "live" : "ready");
}

}  // namespace easyflow::bench
