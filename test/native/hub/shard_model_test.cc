// Random work against a shard, checked against what clients are promised: docs/protocol.md. A
// failure prints its seed; EASYFLOW_MODEL_SEED=<first> and EASYFLOW_MODEL_SEEDS=<count> choose
// others.
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <random>
#include <set>

#include "hub/shard_fixture.h"
#include "hub/update_log.h"

namespace easyflow::hub {
namespace {

using nlohmann::json;
using namespace test;

constexpr std::size_t kPartitions = 3;

struct Place {
  std::uint32_t partition = 0;
  std::int64_t offset = -1;
  bool operator==(const Place&) const = default;
};

Place placeOf(const json& message) {
  const std::string at = message.at("at");
  const std::size_t colon = at.find(':');
  return {static_cast<std::uint32_t>(std::stoul(at.substr(0, colon))),
          std::stoll(at.substr(colon + 1))};
}

using View = std::map<std::string, Place>;

// Everything that was ever published.
struct History {
  std::vector<std::vector<UpdatePtr>> partitions{kPartitions};
};

// What a client makes of one of its subscriptions.
class ModelSubscription {
 public:
  ModelSubscription(std::uint32_t number, const std::string& pattern, bool isAll, bool isFiltered,
                    std::uint32_t maxRateMs)
      : number(number),
        pattern(Pattern::parse(pattern).value()),
        isAll(isAll),
        isFiltered(isFiltered),
        maxRateMs(maxRateMs) {}

  const std::uint32_t number;
  const Pattern pattern;
  const bool isAll;
  const bool isFiltered;
  const std::uint32_t maxRateMs;

  View view;
  bool isWhole = false;
  bool hasGap = false;
  // What it may resume with.
  std::optional<std::string> tokenHead;
  Offsets offsets;

  bool covers(const Update& update) const {
    if (!pattern.matches(update.channel)) return false;
    return !isFiltered || json::parse(update.data())["s"] == "on";
  }

  json request() const {
    json more = {{"mode", isAll ? "all" : "latest"}};
    if (maxRateMs > 0) more["maxRateMs"] = maxRateMs;
    if (isFiltered) more["filter"] = {{"s", "on"}};
    if (tokenHead) {
      std::string token = *tokenHead;
      for (std::size_t p = 0; p < offsets.size(); ++p) {
        if (offsets[p] < 0) continue;
        token +=
            (token.back() == '~' ? "" : ",") + std::to_string(p) + ":" + std::to_string(offsets[p]);
      }
      more["since"] = token;
    }
    return more;
  }

  void onSubscribed(const json& message) {
    isWhole = false;
    isFresh_ = !message["recovered"];
    staged_ = isFresh_ ? View() : view;
    if (!isFresh_) {
      EXPECT_TRUE(tokenHead) << "recovered without a token";
      resumedAt_ = offsets;
    }
  }
  void onSnapshot(const json& message, const Topology& topology) {
    ASSERT_FALSE(isWhole) << "a snapshot behind the last one";
    for (const json& item : message["items"]) {
      ASSERT_TRUE(pattern.matches(std::string(item["channel"])));
      ASSERT_TRUE(isFresh_ || !isAll) << "an item in a resume of mode all";
      if (item.contains("removed")) {
        staged_.erase(item["channel"]);
      } else {
        ASSERT_TRUE(!isFiltered || item["data"]["s"] == "on");
        staged_[item["channel"]] = placeOf(item);
      }
    }
    if (message["more"]) return;
    isWhole = true;
    view = staged_;
    setToken(message["token"], topology);
    if (isFresh_) hasGap = false;
    if (!isFresh_ && isAll) {
      EXPECT_EQ(resumedAt_, offsets);
    }
    received_ = offsets;
  }
  void onUpdate(const json& message, const History& history) {
    const Place place = placeOf(message);
    ASSERT_TRUE(isWhole) << "an update before the snapshot's end: " << message;
    std::int64_t& token = offsets[place.partition];
    if (isAll) {
      std::int64_t& last = received_[place.partition];
      ASSERT_GT(place.offset, last) << message;
      if (!hasGap && !isFiltered) {
        ASSERT_EQ(place.offset, nextAfter(history, place.partition, last))
            << "a hole before " << message;
      }
      last = place.offset;
    }
    token = place.offset;
    const std::string channel = message["channel"];
    if (message["type"] == "remove") {
      view.erase(channel);
      return;
    }
    ASSERT_TRUE(!isFiltered || message["data"]["s"] == "on") << message;
    if (const auto known = view.find(channel);
        known != view.end() && known->second.partition == place.partition) {
      ASSERT_GE(place.offset, known->second.offset) << "an entity went back";
    }
    view[channel] = place;
  }
  void setToken(const std::string& token, const Topology& topology) {
    const auto parsed = topology.parse(token);
    ASSERT_TRUE(parsed) << token;
    offsets = parsed->offsets;
    tokenHead = token.substr(0, token.rfind('~') + 1);
  }
  // Mode all: nothing it should have had is missing at the end.
  bool hasAll(const History& history) const {
    if (!isAll || hasGap || isFiltered) return true;
    for (std::uint32_t p = 0; p < kPartitions; ++p) {
      if (nextAfter(history, p, received_[p]) >= 0) return false;
    }
    return true;
  }

 private:
  std::int64_t nextAfter(const History& history, std::uint32_t partition,
                         std::int64_t offset) const {
    const auto& updates = history.partitions[partition];
    auto at =
        std::upper_bound(updates.begin(), updates.end(), offset,
                         [](std::int64_t value, const UpdatePtr& u) { return value < u->offset; });
    for (; at != updates.end(); ++at) {
      if (pattern.matches((*at)->channel)) return (*at)->offset;
    }
    return -1;
  }

  bool isFresh_ = true;
  View staged_;
  Offsets resumedAt_;
  Offsets received_;
};

struct ModelClient {
  HubClient* connection = nullptr;
  bool isReading = true;
  Encoding encoding = Encoding::kWebSocket;
  // Of channels that no other one of them has: an update tells for which it is.
  std::vector<ModelSubscription> subscriptions;
};

class HubShardModel : public ShardFixture {
 protected:
  void reset() {
    all_.clear();
    TearDown();
    options_ = HubOptions();
    options_.limits.messagesPerSecond = 10'000;
    history_ = History();
    time_ = 1'000;
  }
  void run(unsigned seed, int steps) {
    random_.seed(seed);
    keepsAll_ = below(2) == 0;
    if (!keepsAll_) {
      options_.store.maxEntities = 20 + below(40);
      options_.store.historyUpdates = below(200);
      options_.store.historyBytes = 10'000 + below(100'000);
    }
    options_.limits.outboundBytes = 8'192 << below(4);
    options_.pingInterval = Milliseconds(1'000);
    bufferBytes_ = 4'096 << below(4);
    start(topologyOf(kPartitions));
    limited_ = std::make_unique<UpdateLog>(options_.store);
    whole_ = std::make_unique<UpdateLog>(
        StoreOptions{.historyUpdates = 1U << 30U, .historyBytes = 1U << 30U});
    limited_->follow(topology_);
    whole_->follow(topology_);
    next_.assign(kPartitions, 0);
    for (int step = 0; step < steps && !HasFatalFailure(); ++step) {
      const std::size_t what = below(20);
      if (what < 10) publishSome();
      if (what == 10 && all_.size() < 6) all_.push_back(newClient());
      if (what == 11 && !all_.empty()) cut(any());
      if (what >= 12 && what < 15 && !all_.empty()) any().isReading = below(3) == 0;
      if (what == 15) settle();
      for (ModelClient& client : all_) {
        if (!client.connection && below(10) == 0) connectAgain(client);
        if (client.isReading) pump(client, Milliseconds(0));
      }
    }
    if (!HasFatalFailure()) finish();
  }

 private:
  std::size_t below(std::size_t bound) { return random_() % bound; }
  ModelClient& any() { return all_[below(all_.size())]; }

  void publishSome() {
    std::vector<UpdatePtr> updates;
    for (std::size_t i = 1 + below(30); i > 0; --i) {
      const char type = "abx"[below(3)];
      const std::size_t entity = below(25);
      const std::string channel = std::string(1, type) + "/" + std::to_string(entity);
      // Only those of x move between partitions.
      const auto partition =
          static_cast<std::uint32_t>((type == 'x' ? below(kPartitions) : entity % kPartitions));
      next_[partition] += static_cast<std::int64_t>(below(3) == 0);
      const std::int64_t offset = next_[partition]++;
      ++time_;
      const std::int64_t time =
          type == 'x' && keepsAll_ ? time_ - static_cast<std::int64_t>(below(50)) : time_;
      if (below(6) == 0) {
        updates.push_back(removalOf(channel, partition, offset, time));
      } else {
        const char* state = below(2) == 0 ? "on" : below(2) == 0 ? "off" : "out";
        updates.push_back(updateOf(channel, partition, offset,
                                   json{{"s", state}, {"p", std::string(below(1'500), 'p')}}.dump(),
                                   time, 600));
      }
      history_.partitions[partition].push_back(updates.back());
      limited_->apply(updates.back());
      whole_->apply(updates.back());
    }
    limited_->trim();
    publish(std::move(updates));
  }

  ModelClient newClient() {
    ModelClient client;
    client.encoding = below(2) == 0 ? Encoding::kDeflate : Encoding::kWebSocket;
    std::uint32_t number = 1 + static_cast<std::uint32_t>(below(100));
    for (const char* type : {"a", "b", "x"}) {
      if (below(3) == 0) continue;
      const bool isAll = type[0] != 'x' && below(2) == 0;
      const std::string pattern = std::string(type) + (below(4) == 0   ? "/1*"
                                                       : below(4) == 0 ? "/7"
                                                                       : "/*");
      const std::uint32_t rate = isAll || below(2) == 0 ? 0 : below(2) == 0 ? 10 : 100;
      client.subscriptions.emplace_back(number++, pattern, isAll, below(3) == 0, rate);
    }
    connectAgain(client);
    return client;
  }
  void connectAgain(ModelClient& client) {
    client.connection = &connect(grantOf(), client.encoding);
    client.isReading = true;
    for (ModelSubscription& subscription : client.subscriptions) {
      subscription.isWhole = false;
      client.connection->subscribe(subscription.number, {subscription.pattern.text()},
                                   subscription.request());
    }
  }
  void cut(ModelClient& client) {
    if (!client.connection) return;
    dropClient(*client.connection);
    client.connection = nullptr;
  }

  void pump(ModelClient& client, Milliseconds patience) {
    if (!client.connection) return;
    client.connection->receive(patience);
    while (client.connection) {
      const auto message = client.connection->parseOne();
      if (!message) break;
      onMessage(client, *message);
      if (HasFatalFailure()) return;
    }
    if (client.connection &&
        (client.connection->hasEnded() || client.connection->closeCode() != 0)) {
      cut(client);
    }
  }
  void onMessage(ModelClient& client, const json& message) {
    const std::string type = message["type"];
    if (type == "welcome" || type == "pong") return;
    if (type == "ping") {
      if (!message.contains("token")) return;
      for (ModelSubscription& subscription : client.subscriptions) {
        ASSERT_TRUE(subscription.isWhole) << "a token for all of them";
        subscription.setToken(message["token"], *topology_);
      }
      return;
    }
    const auto found =
        std::find_if(client.subscriptions.begin(), client.subscriptions.end(),
                     [&](const ModelSubscription& subscription) {
                       return message.contains("id")
                                  ? message["id"] == subscription.number
                                  : subscription.pattern.matches(std::string(message["channel"]));
                     });
    ASSERT_NE(client.subscriptions.end(), found) << message;
    if (type == "subscribed") return found->onSubscribed(message);
    if (type == "snapshot") return found->onSnapshot(message, *topology_);
    if (type == "update" || type == "remove") return found->onUpdate(message, history_);
    ASSERT_EQ("gap", type) << message;
    ASSERT_TRUE(found->isAll);
    found->hasGap = true;
  }

  static std::map<std::string, UpdatePtr> stateOf(const UpdateLog& log) {
    std::map<std::string, UpdatePtr> state;
    for (std::size_t i = 0; i < log.size(); ++i) {
      const LogEntry& entry = *log.at(i);
      if (!entry.superseded && !entry.update->removed) state[entry.update->channel] = entry.update;
    }
    return state;
  }
  // What is wrong with the view; empty: nothing.
  std::string difference(const ModelSubscription& subscription) const {
    if (!subscription.isWhole) return "the snapshot is not whole";
    if (!subscription.hasAll(history_)) return "mode all misses updates";
    const auto limited = stateOf(*limited_);
    const auto whole = stateOf(*whole_);
    for (const auto& [channel, update] : limited) {
      if (!subscription.covers(*update)) continue;
      const auto found = subscription.view.find(channel);
      if (found == subscription.view.end()) return channel + " is missing";
      if (found->second != Place{update->partition, update->offset}) return channel + " is old";
    }
    for (const auto& [channel, place] : subscription.view) {
      const auto kept = limited.find(channel);
      if (kept != limited.end() && subscription.covers(*kept->second)) continue;
      // Evicted: the client may still have it, as it was.
      const auto evicted = whole.find(channel);
      if (kept == limited.end() && evicted != whole.end() &&
          subscription.covers(*evicted->second) &&
          place == Place{evicted->second->partition, evicted->second->offset})
        continue;
      return channel + " should be gone";
    }
    return "";
  }
  std::string difference() const {
    for (const ModelClient& client : all_) {
      if (!client.connection) return "not connected";
      for (const ModelSubscription& subscription : client.subscriptions) {
        const std::string wrong = difference(subscription);
        if (wrong.empty()) continue;
        return "connection " + std::to_string(client.connection->id) + " " +
               subscription.request().dump() + " of " + subscription.pattern.text() + ": " + wrong;
      }
    }
    return "";
  }
  void finish() {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    do {
      for (ModelClient& client : all_) {
        client.isReading = true;
        if (!client.connection) connectAgain(client);
        pump(client, Milliseconds(1));
        if (HasFatalFailure()) return;
      }
    } while (!difference().empty() && std::chrono::steady_clock::now() < until);
    ASSERT_EQ("", difference());
    // Cut by itself, or not read for so long that the hub thought it silent: the close frame may
    // not have reached it.
    for (std::size_t left = events_->count("disconnected"); left > 0; --left) {
      const int code = events_->await("disconnected")["code"];
      EXPECT_TRUE(code == 1006 || code == 4003) << code;
    }
  }

  std::mt19937 random_;
  bool keepsAll_ = true;
  History history_;
  Offsets next_;
  std::int64_t time_ = 1'000;
  // The shard's log with its limits, and one without.
  std::unique_ptr<UpdateLog> limited_;
  std::unique_ptr<UpdateLog> whole_;
  std::vector<ModelClient> all_;
};

TEST_P(HubShardModel, ViewsBecomeTheLatestStateAndModeAllHasNoHole) {
  const auto numberOf = [](const char* name, unsigned otherwise) {
    const char* value = std::getenv(name);
    return value ? static_cast<unsigned>(std::strtoul(value, nullptr, 10)) : otherwise;
  };
  const unsigned first = numberOf("EASYFLOW_MODEL_SEED", 1);
  const unsigned last = first + numberOf("EASYFLOW_MODEL_SEEDS", 8) - 1;
  for (unsigned seed = first; seed <= last && !HasFailure(); ++seed) {
    SCOPED_TRACE("EASYFLOW_MODEL_SEED=" + std::to_string(seed));
    run(seed, 1'500);
    reset();
  }
}

INSTANTIATE_TEST_SUITE_P(Over, HubShardModel, kRelays, relayName);

}  // namespace
}  // namespace easyflow::hub
