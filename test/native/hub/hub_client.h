// A WebSocket client of a shard, over a descriptor or as JS relays it. One thread.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "hub/client_frames.h"
#include "hub/recording_events.h"
#include "hub/shard.h"

namespace easyflow::hub::test {

// What the machine may take at its worst.
inline constexpr std::chrono::seconds kPatience{60};

class ByteStream {
 public:
  virtual ~ByteStream() = default;
  // Waits for bytes: what came, empty after the patience, none at the end.
  virtual std::optional<std::string> read(std::chrono::milliseconds patience) = 0;
  virtual void write(std::string_view bytes) = 0;
};

class DescriptorStream final : public ByteStream {
 public:
  explicit DescriptorStream(int fd) : fd_(fd) {}
  ~DescriptorStream() override { ::close(fd_); }

  std::optional<std::string> read(std::chrono::milliseconds patience) override {
    pollfd ready{fd_, POLLIN, 0};
    if (::poll(&ready, 1, static_cast<int>(patience.count())) <= 0) return std::string();
    std::string bytes(64 * 1024, '\0');
    const ssize_t got = ::recv(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return std::string();
    if (got <= 0) return std::nullopt;
    bytes.resize(static_cast<std::size_t>(got));
    return bytes;
  }
  void write(std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0) return;  // the shard has closed it: reading tells
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

 private:
  const int fd_;
};

class RelayStream final : public ByteStream {
 public:
  RelayStream(std::uint64_t id, Shard& shard, RecordingEvents& events)
      : id_(id), shard_(shard), events_(events) {}
  ~RelayStream() override { shard_.gone(id_); }

  std::optional<std::string> read(std::chrono::milliseconds patience) override {
    std::optional<std::string> bytes = events_.takeWritten(id_, patience);
    if (bytes && !bytes->empty()) shard_.written(id_, bytes->size());
    return bytes;
  }
  void write(std::string_view bytes) override {
    shard_.receive(id_, std::vector<std::uint8_t>(bytes.begin(), bytes.end()));
  }

 private:
  const std::uint64_t id_;
  Shard& shard_;
  RecordingEvents& events_;
};

class HubClient {
 public:
  HubClient(std::uint64_t id, std::unique_ptr<ByteStream> stream)
      : id(id), stream_(std::move(stream)) {}

  const std::uint64_t id;

  void sendRaw(std::string_view bytes) { stream_->write(bytes); }
  void sendText(std::string_view text) { sendRaw(clientFrame(Opcode::kText, text)); }
  void send(const nlohmann::json& message) { sendText(message.dump()); }
  void subscribe(std::uint32_t number, const std::vector<std::string>& channels,
                 nlohmann::json more = nlohmann::json::object()) {
    more["type"] = "subscribe";
    more["id"] = number;
    more["channels"] = channels;
    send(more);
  }

  // The next message; null when the connection ended first.
  nlohmann::json next() {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    for (;;) {
      if (auto message = parseOne()) return *message;
      if (hasEnded_ || closeCode_ != 0) return nullptr;
      if (std::chrono::steady_clock::now() > until) {
        ADD_FAILURE() << "nothing came";
        return nullptr;
      }
      receive(std::chrono::milliseconds(1'000));
    }
  }
  // The next message, which has to be of this type. Heartbeats do not count.
  nlohmann::json expect(const std::string& type) {
    nlohmann::json message = next();
    while (message.is_object() && message["type"] == "ping" && type != "ping") message = next();
    EXPECT_TRUE(message.is_object() && message["type"] == type)
        << "instead of " << type << ": " << message << " close " << closeCode_;
    return message.is_object() ? message : nlohmann::json::object();
  }
  // Reads on until the connection is closed: the code; 0 without a close frame.
  std::uint16_t awaitClose() {
    while (!next().is_null()) {
    }
    return closeCode_;
  }
  // Nothing but the answer comes: what was to come before has come.
  void expectNothingElse() {
    send({{"type", "ping"}});
    expect("pong");
  }
  bool awaitEnd() {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (!hasEnded_ && std::chrono::steady_clock::now() < until)
      receive(std::chrono::milliseconds(1'000));
    return hasEnded_;
  }

  // A whole snapshot: its items, and the token.
  std::pair<std::vector<nlohmann::json>, std::string> snapshot() {
    std::vector<nlohmann::json> items;
    for (;;) {
      const nlohmann::json message = expect("snapshot");
      if (!message.contains("items")) return {};
      for (const auto& item : message["items"]) items.push_back(item);
      if (!message["more"]) return {items, message["token"]};
    }
  }

  // True: something came.
  bool receive(std::chrono::milliseconds patience) {
    if (hasEnded_) return false;
    const auto bytes = stream_->read(patience);
    if (!bytes) {
      hasEnded_ = true;
      return false;
    }
    input_ += *bytes;
    received_ += bytes->size();
    return !bytes->empty();
  }
  // A message that is here already, without waiting.
  std::optional<nlohmann::json> parseOne() {
    for (;;) {
      const std::string_view rest = std::string_view(input_).substr(at_);
      if (rest.size() < 2) break;
      const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(rest[i]); };
      std::size_t header = 2;
      std::uint64_t length = byte(1);
      if (length >= 126) {
        const std::size_t more = length == 126 ? 2 : 8;
        if (rest.size() < 2 + more) break;
        length = 0;
        for (; header < 2 + more; ++header) length = length << 8U | byte(header);
      }
      if (rest.size() < header + length) break;
      const std::uint8_t first = byte(0);
      std::string payload(rest.substr(header, length));
      at_ += header + length;
      EXPECT_EQ(0x80, first & 0xB0) << "frames of the hub are whole";
      if ((first & 0x40U) != 0) {
        ++compressedFrames_;
        payload = unpacked(payload).value_or("does not inflate");
      }
      switch (static_cast<Opcode>(first & 0xFU)) {
        case Opcode::kText:
          EXPECT_EQ(0, closeCode_) << "a message behind the close frame";
          return nlohmann::json::parse(payload);
        case Opcode::kPing:
          ++pings_;
          if (answersPings) sendRaw(clientFrame(Opcode::kPong, payload));
          break;
        case Opcode::kPong:
          pongs.push_back(payload);
          break;
        case Opcode::kClose:
          closeCode_ = close_code::kNoStatus;
          if (payload.size() >= 2)
            closeCode_ = static_cast<std::uint16_t>(static_cast<std::uint8_t>(payload[0]) << 8U |
                                                    static_cast<std::uint8_t>(payload[1]));
          closeReason_ = payload.size() > 2 ? payload.substr(2) : "";
          return std::nullopt;
        default:
          ADD_FAILURE() << "opcode " << (first & 0xFU);
      }
    }
    input_.erase(0, at_);
    at_ = 0;
    return std::nullopt;
  }

  bool answersPings = true;
  std::vector<std::string> pongs;
  const std::string& closeReason() const { return closeReason_; }
  std::uint16_t closeCode() const { return closeCode_; }
  bool hasEnded() const { return hasEnded_; }
  std::size_t received() const { return received_; }
  std::size_t compressedFrames() const { return compressedFrames_; }
  std::size_t pings() const { return pings_; }
  const std::string& unparsed() const { return input_; }

 private:
  std::unique_ptr<ByteStream> stream_;
  std::string input_;
  std::size_t at_ = 0;
  std::size_t received_ = 0;
  std::size_t compressedFrames_ = 0;
  std::size_t pings_ = 0;
  bool hasEnded_ = false;
  std::uint16_t closeCode_ = 0;
  std::string closeReason_;
};

}  // namespace easyflow::hub::test
