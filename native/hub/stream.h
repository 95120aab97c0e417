// Subscriptions of a shard that get the same: one encoding of what is new serves all their
// connections.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "hub/client_message.h"
#include "hub/update_log.h"

namespace easyflow::hub {

using Clock = std::chrono::steady_clock;

class Connection;
class Stream;

// One subscription of one connection. Owned by its connection.
struct Subscription {
  enum class State {
    kSnapshot,  // gets the snapshot, piece by piece
    kCatchUp,   // gets what it missed, piece by piece
    kLive,      // gets its stream's blocks
  };

  explicit Subscription(SubscribeMessage message) : request(std::move(message)) {}

  SubscribeMessage request;
  Connection* connection = nullptr;
  Stream* stream = nullptr;
  std::size_t indexInStream = 0;
  State state = State::kSnapshot;
  // Whether it is in the shard's list of those that go on walking.
  bool isWalking = false;
  // Everything up to this sequence was sent, or is not for it.
  std::uint64_t cursor = 0;
  // The log's last sequence when the snapshot began.
  std::uint64_t startSequence = 0;
  // A whole snapshot, not what changed since a token.
  bool isFresh = true;
  // What the client has already, while it resumes.
  std::unique_ptr<Offsets> since;
  // Mode `all`: the token of the moment the snapshot stands for.
  std::string token;
  // Mode `all` behind a gap: only the newest states, until it is live again.
  bool skipsSuperseded = false;
};

// Owned by the shard's StreamIndex; lives while it has members.
class Stream {
 public:
  struct Pending {
    LogEntryPtr entry;
    // Left the filter.
    bool asRemoved = false;
  };

  explicit Stream(const SubscribeMessage& spec)
      : key(spec.streamKey()),
        patterns(spec.patterns),
        mode(spec.mode),
        maxRate(spec.maxRateMs),
        filter(spec.filter) {}

  const std::string key;
  const std::vector<Pattern> patterns;
  const Mode mode;
  const std::chrono::milliseconds maxRate;
  const std::optional<Filter> filter;

  std::vector<Subscription*> members;
  // What its live members have not been sent; with a maxRate the log is walked instead.
  std::vector<Pending> pending;
  bool isDirty = false;
  // Live members have everything up to here.
  std::uint64_t sentUpTo = 0;
  Clock::time_point lastFlush;
  // The last entry that was matched: several of its patterns may match one.
  std::uint64_t seen = 0;

  bool matches(std::string_view channel) const {
    for (const Pattern& pattern : patterns) {
      if (pattern.matches(channel)) return true;
    }
    return false;
  }
  // Whether the entity, as the update has it, is none of those that the stream is about.
  bool excludes(const Update& update) const {
    return update.removed || (filter && !filter->matches(update.data()));
  }
  void add(Subscription& subscription) {
    subscription.stream = this;
    subscription.indexInStream = members.size();
    members.push_back(&subscription);
  }
  void remove(Subscription& subscription) {
    members.back()->indexInStream = subscription.indexInStream;
    members[subscription.indexInStream] = members.back();
    members.pop_back();
    subscription.stream = nullptr;
  }
};

// Finds the streams of a channel. Owned by its shard.
class StreamIndex {
 public:
  // The stream of the request, made if there is none.
  Stream& streamOf(const SubscribeMessage& request, std::uint64_t lastSequence);
  // Called when a stream has no members any more.
  void erase(Stream& stream);
  std::size_t size() const { return streams_.size(); }

  // Each stream with a pattern that matches; one may be visited more than once.
  template <typename Visit>
  void visit(std::string_view channel, Visit visit) const {
    const auto all = [&](const ByText& byText, std::string_view text) {
      const auto found = byText.find(text);
      if (found == byText.end()) return;
      for (Stream* stream : found->second) visit(*stream);
    };
    all(exact_, channel);
    for (const auto& [length, count] : prefixLengths_) {
      if (length > channel.size()) break;
      all(prefixes_, channel.substr(0, length));
    }
  }
  template <typename Visit>
  void visitAll(Visit visit) const {
    for (const auto& [key, stream] : streams_) visit(*stream);
  }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  using ByText = std::unordered_map<std::string, std::vector<Stream*>, Hash, std::equal_to<>>;

  std::unordered_map<std::string, std::unique_ptr<Stream>> streams_;
  ByText exact_;
  ByText prefixes_;
  // How many patterns there are of each length, `*` not counted.
  std::map<std::size_t, std::size_t> prefixLengths_;
};

}  // namespace easyflow::hub
