// Fixtures over an embedded cluster: clients whose requests can be waited for, and a consumer's
// bookkeeping as lib/ does it.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/consumer.h"
#include "core/embedded_cluster.h"
#include "core/producer.h"
#include "loop/event_loop.h"
#include "produce_block.h"
#include "recording_sink.h"

namespace easyflow::test {

using nlohmann::json;
using namespace std::chrono_literals;

inline std::size_t threadsOfProcess() {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
    (void)entry;
    ++count;
  }
  return count;
}

// For what nothing reports: looks again and again until the deadline.
inline bool eventually(const std::function<bool()>& condition,
                       std::chrono::milliseconds deadline = 60s) {
  const auto end = std::chrono::steady_clock::now() + deadline;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

inline std::int64_t millisecondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                               start)
      .count();
}

template <typename Core>
class TestClient {
 public:
  TestClient(std::shared_ptr<Core> client, std::shared_ptr<RecordingSink> sink)
      : client_(std::move(client)), sink_(std::move(sink)) {}
  TestClient(TestClient&& other) noexcept = default;
  ~TestClient() {
    if (client_ && !closed_) close(10'000);
  }

  Core& core() { return *client_; }
  RecordingSink& sink() { return *sink_; }
  // Lets go of the client, as a collected wrapper does.
  std::shared_ptr<Core> take() { return std::move(client_); }

  std::uint32_t send(const std::string& operation, const json& arguments = json::object()) {
    return sendRaw(operation, arguments.dump());
  }
  std::uint32_t sendRaw(const std::string& operation, std::string arguments) {
    const std::uint32_t id = ++lastRequest_;
    if (operation == "close") closed_ = true;
    client_->request(id, operation, std::move(arguments));
    return id;
  }
  Response answerOf(std::uint32_t id, std::chrono::milliseconds deadline = 60s) {
    if (!sink_->wait([&](const Seen& seen) { return seen.responses.count(id) > 0; }, deadline)) {
      ADD_FAILURE() << "no answer to request " << id;
      return {};
    }
    return sink_->read([&](const Seen& seen) { return seen.responses.at(id).front(); });
  }
  Response call(const std::string& operation, const json& arguments = json::object()) {
    return answerOf(send(operation, arguments));
  }
  Response close(int timeoutMs) { return call("close", {{"timeoutMs", timeoutMs}}); }

 private:
  std::shared_ptr<Core> client_;
  std::shared_ptr<RecordingSink> sink_;
  std::uint32_t lastRequest_ = 0;
  bool closed_ = false;
};

class TestProducer : public TestClient<core::Producer> {
 public:
  using TestClient::TestClient;

  std::int32_t topic(const std::string& name, const core::ConfigEntries& config = {}) {
    core::ConfigFailure failure;
    const std::int32_t id = core().registerTopic(name, config, failure);
    EXPECT_GE(id, 0) << failure.message;
    return id;
  }
  void enqueue(const ProduceBlock& block) { core().enqueue(block.data(), block.size()); }

  // The outcome of a send, which must have come exactly once.
  std::vector<Outcome> outcomeOf(std::uint32_t sendId, std::chrono::milliseconds deadline = 60s) {
    if (!sink().wait([&](const Seen& seen) { return seen.settled.count(sendId) > 0; }, deadline)) {
      ADD_FAILURE() << "send " << sendId << " is not settled";
      return {};
    }
    return sink().read([&](const Seen& seen) {
      EXPECT_EQ(1U, seen.settled.at(sendId).size()) << "send " << sendId;
      return seen.settled.at(sendId).front();
    });
  }
  // A send that is expected to succeed on one partition; its base offset.
  std::int64_t expectDelivered(std::uint32_t sendId, std::int32_t count) {
    std::int32_t acknowledged = 0;
    std::int64_t base = -1;
    for (const Outcome& outcome : outcomeOf(sendId)) {
      EXPECT_EQ(0, outcome.error) << rd_kafka_err2name(
          static_cast<rd_kafka_resp_err_t>(outcome.error));
      EXPECT_EQ(0, outcome.failed);
      acknowledged += outcome.acknowledged;
      base = outcome.baseOffset;
    }
    EXPECT_EQ(count, acknowledged) << "send " << sendId;
    return base;
  }
};

// Does what lib/ does with the events of a consumer: keeps live slots, gives credits back, answers
// revokes.
class TestConsumer : public TestClient<core::Consumer> {
 public:
  using TestClient::TestClient;

  struct Partition {
    std::string topic;
    std::int32_t partition;
    std::vector<Record> records;
  };

  bool answerRevokes = true;
  bool giveCredits = true;

  // Handles events until the condition holds on what was handled so far.
  bool handleUntil(const std::function<bool()>& condition,
                   std::chrono::milliseconds deadline = 60s) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    for (;;) {
      const std::size_t events = handleOnce();
      if (condition()) return true;
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
          end - std::chrono::steady_clock::now());
      if (left.count() <= 0) return false;
      // Conditions may depend on other clients too: look again soon.
      sink().wait([&](const Seen& seen) { return seen.events > events; }, std::min(left, 20ms));
    }
  }

  // Handles all events that are there; their number.
  std::size_t handleOnce() {
    std::vector<Rebalance> rebalances;
    std::vector<Batch> batches;
    const std::size_t events = sink().read([&](const Seen& seen) {
      rebalances.assign(seen.rebalances.begin() + static_cast<std::ptrdiff_t>(handledRebalances_),
                        seen.rebalances.end());
      batches.assign(seen.batches.begin() + static_cast<std::ptrdiff_t>(handledBatches_),
                     seen.batches.end());
      return seen.events;
    });
    handledRebalances_ += rebalances.size();
    handledBatches_ += batches.size();
    std::size_t r = 0;
    for (const Batch& batch : batches) {
      for (; r < rebalances.size() && rebalances[r].sequence < batch.sequence; ++r) {
        handle(rebalances[r]);
      }
      handle(batch);
    }
    for (; r < rebalances.size(); ++r) handle(rebalances[r]);
    return events;
  }

  // By slot: what came while the slot was live.
  std::map<std::uint32_t, Partition> slots;
  std::set<std::uint32_t> live;
  std::vector<std::uint32_t> unanswered;
  std::size_t records = 0;

  std::uint32_t slotOf(std::int32_t partition) const {
    for (const std::uint32_t slot : live) {
      if (slots.at(slot).partition == partition) return slot;
    }
    return 0;
  }

 private:
  void handle(const Rebalance& rebalance) {
    if (rebalance.type == core::RebalanceType::kAssign) {
      for (const auto& entry : rebalance.partitions) {
        EXPECT_EQ(0U, slots.count(entry.slot)) << "a slot is used again";
        slots[entry.slot] = {entry.topic, entry.partition, {}};
        live.insert(entry.slot);
      }
      return;
    }
    for (const auto& entry : rebalance.partitions) {
      EXPECT_EQ(1U, live.erase(entry.slot)) << "revoked what was not assigned";
    }
    if (answerRevokes) {
      send("rebalanceDone", {{"id", rebalance.id}});
    } else {
      unanswered.push_back(rebalance.id);
    }
  }

  void handle(const Batch& batch) {
    EXPECT_EQ(1U, live.count(batch.slot)) << "a batch of a slot that is not assigned";
    auto& partition = slots[batch.slot];
    partition.records.insert(partition.records.end(), batch.records.begin(), batch.records.end());
    records += batch.records.size();
    if (giveCredits) core().done(batch.slot);
  }

  std::size_t handledRebalances_ = 0;
  std::size_t handledBatches_ = 0;
};

class ClusterTest : public ::testing::Test {
 protected:
  void SetUp() override {
    core::Error error;
    cluster_ = core::EmbeddedCluster::create(1, {}, error);
    ASSERT_TRUE(cluster_) << error.message;
    loop_ = std::make_shared<loop::EventLoop>();
  }
  void TearDown() override {
    // As an environment does: a client that its last task lets go of may be the last to hold the
    // loop.
    loop_->stop();
    loop_.reset();
    cluster_.reset();
  }

  void clusterCall(const std::string& operation, const json& arguments) {
    const core::JsonResult result = cluster_->call(operation, arguments);
    ASSERT_FALSE(result.error) << operation << ": " << result.error.message;
  }
  void createTopic(const std::string& topic, int partitions) {
    clusterCall("createTopic", {{"topic", topic}, {"partitions", partitions}});
  }
  void brokersDown() { clusterCall("brokerDown", {{"brokerId", 1}}); }

  core::ConfigEntries with(core::ConfigEntries entries) const {
    entries.insert(entries.begin(), {"bootstrap.servers", cluster_->bootstrapServers()});
    return entries;
  }

  TestProducer producer(const core::ConfigEntries& config = {}) {
    auto sink = std::make_shared<RecordingSink>();
    core::ConfigFailure failure;
    auto client = core::Producer::create(with(config), loop_, sink, failure);
    EXPECT_TRUE(client) << failure.property << ": " << failure.message;
    return {std::move(client), std::move(sink)};
  }

  TestConsumer consumer(const std::string& group, const core::ConsumerOptions& options = {},
                        const core::ConfigEntries& config = {}) {
    core::ConfigEntries entries = with({{"group.id", group},
                                        {"enable.auto.commit", "false"},
                                        {"auto.offset.reset", "earliest"},
                                        {"fetch.wait.max.ms", "10"},
                                        {"fetch.queue.backoff.ms", "5"},
                                        {"heartbeat.interval.ms", "100"},
                                        {"session.timeout.ms", "30000"}});
    entries.insert(entries.end(), config.begin(), config.end());
    auto sink = std::make_shared<RecordingSink>();
    core::ConfigFailure failure;
    auto client = core::Consumer::create(entries, options, loop_, sink, failure);
    EXPECT_TRUE(client) << failure.property << ": " << failure.message;
    return {std::move(client), std::move(sink)};
  }

  TestConsumer subscribed(const std::string& group, const std::string& topic,
                          const core::ConsumerOptions& options = {},
                          const core::ConfigEntries& config = {}) {
    TestConsumer result = consumer(group, options, config);
    const Response response =
        result.call("subscribe", {{"topics", {{{"topic", topic}, {"offsetReset", "earliest"}}}}});
    EXPECT_FALSE(response.error) << response.error.message;
    return result;
  }

  // `count` records with the values v0, v1, … on each of the partitions.
  void fill(const std::string& topic, int partitions, int count, std::size_t valueSize = 0) {
    TestProducer filler = producer();
    const std::int32_t id = filler.topic(topic);
    for (int partition = 0; partition < partitions; ++partition) {
      std::vector<ExtendedRecord> records;
      for (int i = 0; i < count; ++i) {
        std::string value = "v" + std::to_string(i);
        if (value.size() < valueSize) value.resize(valueSize, '.');
        records.push_back({std::nullopt, std::move(value), partition, {}, 0});
      }
      filler.enqueue(ProduceBlock().extended(partition + 1, id, records));
    }
    for (int partition = 0; partition < partitions; ++partition) {
      filler.expectDelivered(static_cast<std::uint32_t>(partition + 1), count);
    }
    EXPECT_FALSE(filler.close(10'000).error);
  }

  std::shared_ptr<core::EmbeddedCluster> cluster_;
  std::shared_ptr<loop::EventLoop> loop_;
};

}  // namespace easyflow::test
