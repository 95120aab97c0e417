// A connected client: who it is, what it may, what it subscribed to, what waits for it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "hub/block.h"
#include "hub/descriptor.h"
#include "hub/options.h"
#include "hub/pattern.h"
#include "hub/stream.h"
#include "hub/transport.h"
#include "hub/websocket.h"

namespace easyflow::hub {

enum class Encoding { kWebSocket, kDeflate, kEvents };
inline constexpr std::size_t kEncodings = 3;

// What a subject may, as JS granted it.
struct Grant {
  std::string subject;
  std::vector<Pattern> allow;
  // Wall clock; 0: never.
  std::int64_t expiresAtMs = 0;
  bool publish = false;

  bool covers(const Pattern& pattern) const {
    for (const Pattern& allowed : allow) {
      if (allowed.covers(pattern)) return true;
    }
    return false;
  }
};

struct ConnectionSettings {
  std::uint64_t id = 0;
  // None: JS writes for it.
  Descriptor descriptor;
  std::optional<Grant> grant;
  Encoding encoding = Encoding::kWebSocket;
  // Server-sent events: the subscription it is made for, as a client's message.
  std::string subscribe;
};

class ConnectionEvents {
 public:
  virtual ~ConnectionEvents() = default;
  virtual void onBytes(Connection& connection, std::span<const std::uint8_t> bytes) = 0;
  virtual void onWritable(Connection& connection) = 0;
  virtual void onGone(Connection& connection) = 0;
};

// Owned by its shard, used on its thread only.
class Connection final : public TransportEvents {
 public:
  Connection(ConnectionSettings settings, const LimitOptions& limits, ConnectionEvents& events)
      : id(settings.id),
        encoding(settings.encoding),
        grant(std::move(settings.grant)),
        parser(limits.messageBytes, settings.encoding == Encoding::kDeflate),
        messageCredit(limits.messageBurst()),
        events_(events) {}

  const std::uint64_t id;
  const Encoding encoding;
  // None: not authenticated yet.
  std::optional<Grant> grant;
  FrameParser parser;
  TransportHandle transport;
  RelayTransport* relay = nullptr;  // the same, when JS writes for it

  Outbox outbox;
  bool isDirty = false;
  std::unordered_map<std::uint32_t, std::unique_ptr<Subscription>> subscriptions;

  // Subscribes that wait for JS, by the number of the question.
  struct Question {
    SubscribeMessage request;
    std::size_t open = 0;
  };
  std::unordered_map<std::uint32_t, Question> questions;
  std::uint32_t lastQuestion = 0;
  bool isAuthenticating = false;
  std::size_t publishes = 0;

  Clock::time_point lastIn = Clock::now();
  // When its socket last took something, or the outbox was empty.
  Clock::time_point lastProgress = Clock::now();
  Clock::time_point nextPing;
  // Without a grant: until when it has to have one. Closing: until when the peer has to answer.
  Clock::time_point deadline;
  bool wasToldOfExpiry = false;
  double messageCredit;
  Clock::time_point creditAt = Clock::now();
  std::uint32_t badMessages = 0;
  // Bytes of answers that were queued since so many were sent: no more than these are unsent.
  std::size_t unsentAnswers = 0;

  bool isClosing = false;
  // Nothing is waited for but the outbox.
  bool endsWhenSent = false;
  bool isGone = false;
  // A walk found that it has to be closed.
  bool endsForOverflow = false;
  std::uint16_t closeCode = close_code::kAbnormal;

  void onBytes(std::span<const std::uint8_t> bytes) override { events_.onBytes(*this, bytes); }
  void onWritable() override { events_.onWritable(*this); }
  void onGone() override { events_.onGone(*this); }

 private:
  ConnectionEvents& events_;
};

}  // namespace easyflow::hub
