#include "core/slot.h"

namespace easyflow::core {

Slot::Slot(std::uint32_t slotId, std::string slotTopic, std::int32_t slotPartition, rd_kafka_t* rk,
           Poller& poller, Pollable& consumer)
    : id(slotId),
      topic(std::move(slotTopic)),
      partition(slotPartition),
      poller_(poller),
      consumer_(consumer),
      partitionQueue_(rd_kafka_queue_get_partition(rk, topic.c_str(), partition)),
      queue_(rd_kafka_queue_new(rk)) {}

Slot::~Slot() {
  // Librdkafka calls back under the queue's lock, which this takes: no call is on its way
  // afterwards.
  rd_kafka_queue_cb_event_enable(queue_.get(), nullptr, nullptr);
  // The partition stays forwarded to the queue that dies here, which drops what still comes. Ending
  // the forwarding would be wrong when the partition was assigned again meanwhile: it is the new
  // slot's by then.
  for (rd_kafka_message_t* message : held_) rd_kafka_message_destroy(message);
}

void Slot::forward() {
  if (partitionQueue_) rd_kafka_queue_forward(partitionQueue_.get(), queue_.get());
}

bool Slot::forwardAgain(std::chrono::steady_clock::time_point now) {
  // Longer than a fetcher takes to stop; after that the keep-alive is soon enough.
  constexpr std::chrono::seconds kStopping{2};
  if (nextOffset >= 0) return false;
  forward();
  ready.store(true);
  return now - createdAt_ < kStopping;
}

void Slot::listen() {
  rd_kafka_queue_cb_event_enable(
      queue_.get(),
      [](rd_kafka_t* /*rk*/, void* opaque) {
        auto* slot = static_cast<Slot*>(opaque);
        slot->ready.store(true);
        slot->poller_.signal(slot->consumer_);
      },
      this);
  // Enabling does not report what is there already.
  ready.store(true);
}

bool Slot::take(std::vector<rd_kafka_message_t*>& messages, std::size_t limit) {
  messages.clear();
  while (!held_.empty() && messages.size() < limit) {
    messages.push_back(held_.front());
    held_.pop_front();
  }
  if (messages.size() == limit) return true;
  const std::size_t start = messages.size();
  messages.resize(limit);
  const ssize_t count =
      rd_kafka_consume_batch_queue(queue_.get(), 0, messages.data() + start, limit - start);
  messages.resize(start + static_cast<std::size_t>(count > 0 ? count : 0));
  return messages.size() == limit;
}

void Slot::holdBack(rd_kafka_message_t* const* messages, std::size_t count) {
  held_.insert(held_.begin(), messages, messages + count);
}

void Slot::append(rd_kafka_message_t* message) { held_.push_back(message); }

void Slot::restart(std::uint32_t newGeneration) {
  for (rd_kafka_message_t* message : held_) rd_kafka_message_destroy(message);
  held_.clear();
  generation = newGeneration;
  nextOffset = -1;
  isRewound = false;
  endOffset = -1;
  isWaiting = false;
  seeking = false;
  ready.store(true);
}

}  // namespace easyflow::core
