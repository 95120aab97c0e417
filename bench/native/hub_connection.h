// One client of the hub under test: what it has to say until it is live, and what it has seen
// since.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "hub_frames.h"
#include "hub_options.h"
#include "hub_payload.h"

namespace easyflow::bench {

enum class State : uint8_t { kWaiting, kConnecting, kUpgrading, kTalking, kLive, kDead };

// What a client gives back to a hub to go on where it was; see docs/protocol.md.
class Resume {
 public:
  // From a message with a token in it; others change nothing.
  void takeToken(std::string_view message);
  // From an update's "at".
  void advance(std::string_view message);
  std::string token() const;
  bool empty() const { return head_.empty(); }

 private:
  std::string head_;  // "<epoch>~<time>~"
  std::vector<int64_t> offsets_;
};

// The counts of each entity that one client has seen.
class Seen {
 public:
  struct Faults {
    uint64_t holes = 0;  // a count was left out
    uint64_t backwards = 0;
    uint64_t stale = 0;  // at the end not the last one
    uint64_t whole = 0;  // began anew, as the server said it has to
  };

  void update(const Stamp& stamp, const Options& options, Faults& faults);
  void snapshotItem(const Stamp& stamp, Faults& faults);
  void forget() { counts_.clear(); }
  // `sent` updates went to the entities in turn.
  void compare(uint64_t sent, const Options& options, Faults& faults);

 private:
  uint32_t& at(uint32_t entity);
  std::vector<uint32_t> counts_;
};

struct Connection {
  uint32_t index = 0;
  int fd = -1;
  State state = State::kWaiting;
  bool isSlow = false;
  bool isAgain = false;  // was cut
  size_t step = 0;
  int64_t startedAt = 0;  // us, of the connect
  std::string out;        // what the socket did not take yet
  std::string answer;     // to the upgrade, until it is whole
  FrameReader reader;
  Resume resume;
  Seen seen;
};

std::string upgradeRequest(const Options& options);
// Fills a step's message in for this connection.
std::string fillIn(const std::string& text, const Connection& connection, const Options& options);
bool matches(const std::string& expect, std::string_view message);

}  // namespace easyflow::bench
