// One assignment of one partition: its own queue of fetched messages and its credits.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/handles.h"
#include "core/poller.h"

namespace easyflow::core {

// Owned by its consumer; all members are the poller's, except what is said to be of any thread.
class Slot {
 public:
  Slot(std::uint32_t id, std::string topic, std::int32_t partition, rd_kafka_t* rk, Poller& poller,
       Pollable& consumer);
  ~Slot();
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;

  const std::uint32_t id;
  const std::string topic;
  const std::int32_t partition;

  // Called on the work thread before assign(): what is fetched goes to our queue.
  void forward();
  // Called on the poller while nothing was fetched yet. When the partition was ours a moment ago,
  // librdkafka ends the forwarding once it has stopped the old fetcher
  // (rd_kafka_toppar_fetch_stop), which may be after forward(): messages would then wait where
  // nobody looks. Done again it moves them here. False: no need to come back soon.
  bool forwardAgain(std::chrono::steady_clock::time_point now);
  // Called on the poller: from now on new messages wake it.
  void listen();

  // Takes up to `limit` messages, those held back before first. True: there may be more.
  bool take(std::vector<rd_kafka_message_t*>& messages, std::size_t limit);
  // Puts messages back in front of all others.
  void holdBack(rd_kafka_message_t* const* messages, std::size_t count);
  // Puts a message behind those held back and before those of the queue.
  void append(rd_kafka_message_t* message);
  std::size_t waiting() const { return held_.size() + rd_kafka_queue_length(queue_.get()); }
  // Forgets messages fetched before a seek.
  void restart(std::uint32_t generation);

  std::uint32_t generation = 0;
  std::uint32_t blocksOut = 0;
  bool paused = false;
  // Revoked: hands out nothing any more.
  bool stopped = false;
  bool seeking = false;
  // Generation of the last seek that was asked for.
  std::uint32_t seekGeneration = 0;
  // Below this, records were handed out already: a pause inside librdkafka may repeat them.
  std::int64_t nextOffset = -1;
  // The log was seen to end before nextOffset: its topic was made again, or it was truncated. The
  // next record below nextOffset is no repeat.
  bool isRewound = false;
  // Where the partition ended when librdkafka was there, -1 if it was not since the last seek: up
  // to it come no more records, though there may be markers of transactions.
  std::int64_t endOffset = -1;
  // Mean size of a record, to ask for as many as fit a block.
  double meanBytes = 0;
  // When the first message of an incomplete batch was seen.
  std::chrono::steady_clock::time_point waitingSince;
  bool isWaiting = false;
  // Of any thread: set by librdkafka's queue callback when the queue gets its first element.
  std::atomic<bool> ready{true};

 private:
  const std::chrono::steady_clock::time_point createdAt_ = std::chrono::steady_clock::now();
  Poller& poller_;
  Pollable& consumer_;
  QueueHandle partitionQueue_;
  QueueHandle queue_;
  std::deque<rd_kafka_message_t*> held_;
};

}  // namespace easyflow::core
