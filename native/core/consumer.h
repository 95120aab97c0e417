// A group consumer whose partitions each have a queue of their own, drained into packed blocks as
// far as credits allow. Rebalances, seeks and commits: docs/threads.md, rules 5 to 8.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/client.h"
#include "core/slot.h"

namespace easyflow::core {

struct ConsumerOptions {
  std::uint32_t maxBatchMessages = 4096;
  std::size_t maxBatchBytes = 1U << 20U;
  std::chrono::milliseconds maxBatchWait{0};
  std::uint32_t maxBlocksPerPartition = 2;
  std::int64_t maxOutstandingBytes = 64LL << 20U;
  // How long JS has to finish handlers of revoked partitions.
  std::chrono::milliseconds rebalanceTimeout{60'000};
  // Keep-alive of max.poll.interval.ms while no event comes.
  std::chrono::milliseconds pollInterval{1'000};
};

// Bytes of blocks that JS has not freed. Outlives the consumer: finalizers of blocks hold it.
class BlockBudget {
 public:
  void taken(std::int64_t bytes) { bytes_.fetch_add(bytes, std::memory_order_relaxed); }
  // Called on the JS thread by the finalizer of a block.
  void freed(std::int64_t bytes) { bytes_.fetch_sub(bytes, std::memory_order_relaxed); }
  std::int64_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> bytes_{0};
};

class Consumer final : public Client {
 public:
  static std::shared_ptr<Consumer> create(const ConfigEntries& config,
                                          const ConsumerOptions& options,
                                          std::shared_ptr<Poller> poller,
                                          std::shared_ptr<ClientSink> sink, ConfigFailure& failure);
  Consumer(std::shared_ptr<Poller> poller, std::shared_ptr<ClientSink> sink,
           const ConsumerOptions& options);
  ~Consumer() override;

  // Called on the JS thread.
  void done(std::uint32_t slot);
  void setPaused(std::vector<std::uint32_t> slots, bool paused);
  // Called on any thread: wakes the poller, for a budget that got room again.
  void creditReturned() noexcept { signal(); }
  const std::shared_ptr<BlockBudget>& budget() const { return budget_; }
  std::int64_t maxOutstandingBytes() const { return options_.maxOutstandingBytes; }

 protected:
  void startOnPoller() override;
  void prepareClose(std::chrono::milliseconds timeout) override;
  void releaseOnPoller() override;
  bool pollMore() noexcept override;
  int destroyFlags() const override { return RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE; }
  std::optional<JsonResult> perform(std::uint32_t id, const std::string& operation,
                                    const nlohmann::json& arguments) override;

 private:
  // What librdkafka asked for and has not been answered by (un)assign.
  struct PendingRebalance {
    PartitionListHandle partitions;
    bool incremental = false;
    bool isAssign = false;
  };
  struct Seek;

  static void onRebalance(rd_kafka_t* rk, rd_kafka_resp_err_t code,
                          rd_kafka_topic_partition_list_t* partitions, void* opaque) noexcept;

  // The poller's.
  void pollConsumerQueue() noexcept;
  bool drain(Slot& slot) noexcept;
  void lookAfterSlots() noexcept;
  bool mayHandOut(const Slot& slot) const;
  bool isBatchFull(const Slot& slot) const;
  // Does the log end before what was handed out?
  bool endsBeforePosition(const Slot& slot) const;
  BatchSource sourceOf(const Slot& slot, rd_kafka_message_t* last) const;
  std::uint32_t remember(PendingRebalance pending);
  void revokeOnPoller(PendingRebalance pending, bool lost);
  void addSlots(const std::vector<std::shared_ptr<Slot>>& slots);
  void removeSlots(const rd_kafka_topic_partition_list_t* partitions);
  Slot* find(const std::string& topic, std::int32_t partition);

  // The work thread's.
  void assignPending(std::uint32_t id);
  Error assign(const rd_kafka_topic_partition_list_t* partitions, bool incremental);
  void unassign(PendingRebalance rebalance);
  void rebalanceDone(std::uint32_t id);
  JsonResult subscribe(const nlohmann::json& arguments);
  JsonResult manualAssign(const nlohmann::json& arguments);
  std::optional<JsonResult> seek(std::uint32_t id, const nlohmann::json& arguments);
  void trySeek(const std::shared_ptr<Seek>& seek);
  JsonResult committed(const nlohmann::json& arguments);
  JsonResult lag();
  JsonResult groupMetadata();
  std::optional<JsonResult> commit(std::uint32_t id, const nlohmann::json& arguments);
  bool answerClosingRebalance(rd_kafka_resp_err_t code,
                              rd_kafka_topic_partition_list_t* partitions);

  const ConsumerOptions options_;
  const std::shared_ptr<BlockBudget> budget_ = std::make_shared<BlockBudget>();

  // The poller's own.
  QueueHandle consumerQueue_;
  QueueHandle commitQueue_;
  std::vector<std::shared_ptr<Slot>> slots_;
  std::unordered_map<std::uint32_t, Slot*> slotsById_;
  std::vector<rd_kafka_message_t*> scratch_;
  std::uint32_t blocksOut_ = 0;
  std::chrono::steady_clock::time_point nextLook_;
  std::size_t firstSlot_ = 0;

  // Drawn by the work thread (assign) and the poller (revoke).
  std::atomic<std::uint32_t> nextSlot_{1};
  std::atomic<std::uint32_t> nextRebalance_{1};

  // Filled by the poller, answered by the work thread. Not handed over as a job: closing must find
  // what was asked before it.
  std::mutex pendingMutex_;
  std::unordered_map<std::uint32_t, PendingRebalance> pendingRebalances_;

  // The work thread's own.
  std::unordered_map<std::string, TopicHandle> subscribedTopics_;
  // Once set, rebalances are answered at once where they are asked: nobody waits for handlers any
  // more.
  std::atomic<bool> leaving_{false};
};

}  // namespace easyflow::core
