// The poller's half of the consumer: queues, credits, blocks. The work thread's half is
// consumer_control.cc.
#include "core/consumer.h"

#include <algorithm>
#include <cstring>

namespace easyflow::core {

namespace {

constexpr std::size_t kConsumerQueueBatch = 32;
// Between looks at all slots: Slot::forwardAgain(), endsBeforePosition().
constexpr std::chrono::milliseconds kLookPause{50};
// Asked for until the mean size of a partition's records is known.
constexpr std::size_t kFirstTake = 64;

// Lib/ validates options for users; these are the limits that the code below relies on.
ConsumerOptions bounded(ConsumerOptions options) {
  options.maxBatchMessages = std::clamp(options.maxBatchMessages, 1U, 1U << 20U);
  // Positions in a block are 31 bits wide; one record alone can have a gigabyte.
  options.maxBatchBytes = std::clamp<std::size_t>(options.maxBatchBytes, 1, 1U << 30U);
  options.maxBlocksPerPartition = std::max(options.maxBlocksPerPartition, 1U);
  constexpr std::chrono::hours kMax{24 * 24};
  for (auto* time : {&options.maxBatchWait, &options.rebalanceTimeout}) {
    *time = std::clamp<std::chrono::milliseconds>(*time, std::chrono::milliseconds(0), kMax);
  }
  options.pollInterval = std::clamp<std::chrono::milliseconds>(options.pollInterval,
                                                               std::chrono::milliseconds(1), kMax);
  return options;
}

}  // namespace

std::shared_ptr<Consumer> Consumer::create(const ConfigEntries& config,
                                           const ConsumerOptions& options,
                                           std::shared_ptr<Poller> poller,
                                           std::shared_ptr<ClientSink> sink,
                                           ConfigFailure& failure) {
  ConfHandle conf = makeConf(config, failure);
  if (!conf) return nullptr;
  rd_kafka_conf_set_rebalance_cb(conf.get(), &Consumer::onRebalance);
  auto consumer = std::make_shared<Consumer>(std::move(poller), std::move(sink), options);
  if (!consumer->open(RD_KAFKA_CONSUMER, std::move(conf), config, failure)) return nullptr;
  consumer->consumerQueue_.reset(rd_kafka_queue_get_consumer(consumer->rk()));
  consumer->commitQueue_.reset(rd_kafka_queue_new(consumer->rk()));
  consumer->start();
  return consumer;
}

Consumer::Consumer(std::shared_ptr<Poller> poller, std::shared_ptr<ClientSink> sink,
                   const ConsumerOptions& options)
    : Client(std::move(poller), std::move(sink)), options_(bounded(options)) {}

Consumer::~Consumer() = default;

void Consumer::startOnPoller() {
  if (consumerQueue_) wakeOn(consumerQueue_.get());
  wakeOn(commitQueue_.get());
}

void Consumer::done(std::uint32_t id) {
  poller().post([self = std::static_pointer_cast<Consumer>(shared_from_this()), id] {
    const auto found = self->slotsById_.find(id);
    if (found == self->slotsById_.end())
      return;  // revoked meanwhile: removeSlots() has settled its credits
    if (found->second->blocksOut == 0) return;
    --found->second->blocksOut;
    --self->blocksOut_;
    self->signal();
  });
}

void Consumer::setPaused(std::vector<std::uint32_t> ids, bool paused) {
  poller().post([self = std::static_pointer_cast<Consumer>(shared_from_this()),
                 ids = std::move(ids), paused] {
    for (const std::uint32_t id : ids) {
      if (const auto found = self->slotsById_.find(id); found != self->slotsById_.end())
        found->second->paused = paused;
    }
    self->signal();
  });
}

bool Consumer::pollMore() noexcept {
  // Not rd_kafka_queue_poll(): that would hand the reply out as an event and never call commit()'s
  // callback.
  while (rd_kafka_queue_poll_callback(commitQueue_.get(), 0) > 0) continue;
  if (consumerQueue_) pollConsumerQueue();
  poller().signalAfter(*this, options_.pollInterval);
  lookAfterSlots();

  // The slot behind the one that was served last is the first: when the budget has room for one
  // block only, all get their turn.
  bool more = false;
  const std::size_t count = slots_.size();
  const std::size_t first = firstSlot_ < count ? firstSlot_ : 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t index = first + i < count ? first + i : first + i - count;
    Slot& slot = *slots_[index];
    if (!slot.ready.load(std::memory_order_relaxed) || !mayHandOut(slot)) continue;
    const std::uint32_t out = blocksOut_;
    more = drain(slot) || more;
    if (blocksOut_ > out) firstSlot_ = index + 1;
  }
  return more;
}

void Consumer::lookAfterSlots() noexcept {
  const auto now = std::chrono::steady_clock::now();
  if (now < nextLook_) return;
  nextLook_ = now + kLookPause;
  bool soon = false;
  for (const auto& slot : slots_) {
    soon = slot->forwardAgain(now) || soon;
    // Seen while it waits: when the slot's turn comes, the new log may have grown past the old
    // position.
    if (!mayHandOut(*slot)) slot->isRewound = slot->isRewound || endsBeforePosition(*slot);
  }
  if (soon) poller().signalAfter(*this, kLookPause);
}

bool Consumer::mayHandOut(const Slot& slot) const {
  if (slot.stopped || slot.paused || slot.seeking ||
      slot.blocksOut >= options_.maxBlocksPerPartition)
    return false;
  // With nothing handed out, one block may always go: a process that gets nothing allocates
  // nothing, so it would never collect the blocks it no longer uses.
  return blocksOut_ == 0 || budget_->bytes() < options_.maxOutstandingBytes;
}

void Consumer::pollConsumerQueue() noexcept {
  rd_kafka_message_t* messages[kConsumerQueueBatch];
  for (;;) {
    const ssize_t count =
        rd_kafka_consume_batch_queue(consumerQueue_.get(), 0, messages, kConsumerQueueBatch);
    for (ssize_t i = 0; i < count; ++i) {
      rd_kafka_message_t* message = messages[i];
      const char* topic = message->rkt ? rd_kafka_topic_name(message->rkt) : "";
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        // A partition is forwarded before it is assigned, so this is not expected; losing it
        // silently would be worse.
        if (Slot* slot = find(topic, message->partition)) {
          slot->append(message);
          slot->ready.store(true);
          continue;
        }
      } else if (message->err != RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        Error error = Error::of(
            message->err, rd_kafka_message_errstr(message) ? rd_kafka_message_errstr(message) : "");
        if (message->rkt && message->partition >= 0) {
          const Slot* slot = find(topic, message->partition);
          sink().onPartitionError(slot ? slot->id : 0, topic, message->partition, std::move(error));
        } else {
          sink().onError(std::move(error));
        }
      }
      rd_kafka_message_destroy(message);
    }
    if (count < static_cast<ssize_t>(kConsumerQueueBatch)) return;
  }
}

bool Consumer::isBatchFull(const Slot& slot) const {
  const std::size_t waiting = slot.waiting();
  return waiting >= options_.maxBatchMessages || static_cast<double>(waiting) * slot.meanBytes >=
                                                     static_cast<double>(options_.maxBatchBytes);
}

bool Consumer::drain(Slot& slot) noexcept {
  if (options_.maxBatchWait.count() > 0 && !isBatchFull(slot)) {
    const auto now = std::chrono::steady_clock::now();
    if (slot.waiting() == 0) {
      slot.isWaiting = false;
      slot.ready.store(false);
      // A message may have come between the two lines, without an edge.
      if (slot.waiting() == 0) return false;
      slot.ready.store(true);
    }
    if (!slot.isWaiting) {
      slot.isWaiting = true;
      slot.waitingSince = now;
    }
    const auto left = options_.maxBatchWait - std::chrono::duration_cast<std::chrono::milliseconds>(
                                                  now - slot.waitingSince);
    if (left.count() > 0) {
      // The queue wakes us only when it was empty, so look now and then whether the batch is full
      // before its time.
      poller().signalAfter(
          *this, std::clamp(options_.maxBatchWait / 8, std::chrono::milliseconds(1), left));
      return false;
    }
    slot.isWaiting = false;
  }

  slot.ready.store(false);
  std::size_t limit = options_.maxBatchMessages;
  if (slot.meanBytes > 0) {
    limit = std::clamp<std::size_t>(
        static_cast<std::size_t>(static_cast<double>(options_.maxBatchBytes) / slot.meanBytes), 1,
        limit);
  } else {
    limit = std::min(limit, kFirstTake);
  }
  bool more = slot.take(scratch_, limit);

  // Keep what is to be handed out, in place; destroy errors and repeats.
  std::size_t kept = 0;
  std::size_t bytes = 0;
  std::int64_t end = RD_KAFKA_OFFSET_INVALID;
  for (std::size_t i = 0; i < scratch_.size(); ++i) {
    rd_kafka_message_t* message = scratch_[i];
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      if (message->err != RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        const char* text = rd_kafka_message_errstr(message);
        sink().onPartitionError(slot.id, slot.topic, slot.partition,
                                Error::of(message->err, text ? text : ""));
      } else {
        end = message->offset;
        slot.endOffset = end;
      }
      rd_kafka_message_destroy(message);
      continue;
    }
    if (message->offset < slot.nextOffset) {
      if (!slot.isRewound && !endsBeforePosition(slot)) {
        rd_kafka_message_destroy(message);
        continue;
      }
      slot.isRewound = false;
      slot.nextOffset = -1;
      slot.endOffset = -1;
      if (kept > 0) {
        // Offsets ascend within a block.
        slot.holdBack(scratch_.data() + i, scratch_.size() - i);
        more = true;
        break;
      }
    }
    const std::size_t size = packedSize(message);
    if (kept > 0 && bytes + size > options_.maxBatchBytes) {
      slot.holdBack(scratch_.data() + i, scratch_.size() - i);
      more = true;
      break;
    }
    bytes += size;
    scratch_[kept++] = message;
    slot.nextOffset = message->offset + 1;
  }
  if (more) slot.ready.store(true);
  // Behind the records that it is the end of.
  const auto tellEnd = [&] {
    if (end >= 0) sink().onPartitionEnd(slot.id, end);
  };
  if (kept == 0) {
    tellEnd();
    return more;
  }

  const double mean = static_cast<double>(bytes) / static_cast<double>(kept);
  slot.meanBytes = slot.meanBytes > 0 ? 0.75 * slot.meanBytes + 0.25 * mean : mean;
  PackedBlock block = pack(scratch_.data(), kept, bytes);
  if (!block.bytes) {
    // No memory for the block: keep the messages, try again when something was freed.
    slot.nextOffset = scratch_[0]->offset;
    slot.holdBack(scratch_.data(), kept);
    slot.ready.store(true);
    sink().onError(Error::of(RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE,
                             "no memory for a block of consumed messages"));
    poller().signalAfter(*this, std::chrono::milliseconds(100));
    return false;
  }
  const BatchSource source = sourceOf(slot, scratch_[kept - 1]);
  for (std::size_t i = 0; i < kept; ++i) rd_kafka_message_destroy(scratch_[i]);
  ++slot.blocksOut;
  ++blocksOut_;
  budget_->taken(static_cast<std::int64_t>(block.size));
  sink().onBatch(slot.id, slot.generation, std::move(block), source);
  tellEnd();
  return more && mayHandOut(slot);
}

bool Consumer::endsBeforePosition(const Slot& slot) const {
  std::int64_t low = RD_KAFKA_OFFSET_INVALID;
  std::int64_t high = RD_KAFKA_OFFSET_INVALID;
  // What the last fetch answer said; asks nobody.
  rd_kafka_get_watermark_offsets(rk(), slot.topic.c_str(), slot.partition, &low, &high);
  return high >= 0 && high < slot.nextOffset;
}

BatchSource Consumer::sourceOf(const Slot& slot, rd_kafka_message_t* last) const {
  BatchSource source{.brokerId = rd_kafka_message_broker_id(last)};
  std::int64_t low = RD_KAFKA_OFFSET_INVALID;
  // What the last fetch answer said; asks nobody.
  rd_kafka_get_watermark_offsets(rk(), slot.topic.c_str(), slot.partition, &low,
                                 &source.highWatermark);
  return source;
}

Slot* Consumer::find(const std::string& topic, std::int32_t partition) {
  const auto found =
      std::find_if(slots_.begin(), slots_.end(), [&](const std::shared_ptr<Slot>& slot) {
        return slot->partition == partition && slot->topic == topic;
      });
  return found == slots_.end() ? nullptr : found->get();
}

void Consumer::addSlots(const std::vector<std::shared_ptr<Slot>>& slots) {
  std::vector<AssignedPartition> assigned;
  assigned.reserve(slots.size());
  for (const auto& slot : slots) assigned.push_back({slot->id, slot->topic, slot->partition});
  // First the news, then the slots: no block of a slot is queued for JS before JS was told of the
  // slot.
  sink().onRebalance(nextRebalance_++, RebalanceType::kAssign, std::move(assigned));
  for (const auto& slot : slots) {
    slotsById_.emplace(slot->id, slot.get());
    slot->listen();
    slots_.push_back(slot);
  }
  signal();
}

void Consumer::removeSlots(const rd_kafka_topic_partition_list_t* partitions) {
  const auto gone = [&](const std::shared_ptr<Slot>& slot) {
    return slot->stopped && (!partitions || rd_kafka_topic_partition_list_find(
                                                partitions, slot->topic.c_str(), slot->partition));
  };
  for (const auto& slot : slots_) {
    if (!gone(slot)) continue;
    blocksOut_ -= slot->blocksOut;
    slotsById_.erase(slot->id);
  }
  slots_.erase(std::remove_if(slots_.begin(), slots_.end(), gone), slots_.end());
  signal();
}

void Consumer::onRebalance(rd_kafka_t* rk, rd_kafka_resp_err_t code,
                           rd_kafka_topic_partition_list_t* partitions, void* opaque) noexcept {
  auto* self = static_cast<Consumer*>(static_cast<Client*>(opaque));
  if (self->answerClosingRebalance(code, partitions)) return;
  const char* protocol = rd_kafka_rebalance_protocol(rk);
  const bool incremental = protocol && std::strcmp(protocol, "COOPERATIVE") == 0;
  PendingRebalance pending{PartitionListHandle(rd_kafka_topic_partition_list_copy(partitions)),
                           incremental, code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS};
  if (pending.isAssign) {
    const std::uint32_t id = self->remember(std::move(pending));
    self->work().post([consumer = std::static_pointer_cast<Consumer>(self->shared_from_this()),
                       id] { consumer->assignPending(id); });
    return;
  }
  self->revokeOnPoller(std::move(pending), rd_kafka_assignment_lost(rk) != 0);
}

std::uint32_t Consumer::remember(PendingRebalance pending) {
  const std::uint32_t id = nextRebalance_++;
  const std::lock_guard lock(pendingMutex_);
  pendingRebalances_.emplace(id, std::move(pending));
  return id;
}

void Consumer::revokeOnPoller(PendingRebalance pending, bool lost) {
  std::vector<AssignedPartition> revoked;
  for (int i = 0; i < pending.partitions->cnt; ++i) {
    const rd_kafka_topic_partition_t& entry = pending.partitions->elems[i];
    if (Slot* slot = find(entry.topic, entry.partition)) {
      slot->stopped = true;
      revoked.push_back({slot->id, slot->topic, slot->partition});
    }
  }
  const std::uint32_t id = remember(std::move(pending));
  // Past the deadline the group gives the partitions to somebody else anyway: answer without
  // waiting any longer.
  work().postAfter(
      options_.rebalanceTimeout,
      [weak = std::weak_ptr<Consumer>(std::static_pointer_cast<Consumer>(shared_from_this())), id] {
        if (const auto consumer = weak.lock()) consumer->rebalanceDone(id);
      });
  sink().onRebalance(id, lost ? RebalanceType::kLost : RebalanceType::kRevoke, std::move(revoked));
}

void Consumer::releaseOnPoller() {
  if (consumerQueue_) rd_kafka_queue_cb_event_enable(consumerQueue_.get(), nullptr, nullptr);
  rd_kafka_queue_cb_event_enable(commitQueue_.get(), nullptr, nullptr);
  slotsById_.clear();
  slots_.clear();
  consumerQueue_.reset();
  commitQueue_.reset();
}

}  // namespace easyflow::core
