// The work thread's half of the consumer: everything that may block, and the answers to rebalances.
#include <algorithm>
#include <cstring>

#include "core/consumer.h"
#include "core/json_args.h"
#include "core/transactions.h"

namespace easyflow::core {

namespace {

constexpr int kDefaultTimeoutMs = 30'000;
constexpr int kCloseSliceMs = 50;
constexpr std::chrono::milliseconds kSeekRetry{10};
constexpr const char* kNotAssigned = "the partition is not assigned to this consumer any more";
// What a group gets to hear of a member whose environment ends.
constexpr std::chrono::milliseconds kAbandonedCloseMs{500};

// Positions and watermarks as decimal strings, like every 64-bit number in JSON.
std::string text(std::int64_t value) { return std::to_string(value); }

nlohmann::json partitionErrors(const rd_kafka_topic_partition_list_t* list) {
  nlohmann::json result = nlohmann::json::array();
  for (int i = 0; list && i < list->cnt; ++i) {
    const rd_kafka_topic_partition_t& entry = list->elems[i];
    result.push_back({{"topic", entry.topic},
                      {"partition", entry.partition},
                      {"error", toJson(Error::of(entry.err))}});
  }
  return result;
}

}  // namespace

std::optional<JsonResult> Consumer::perform(std::uint32_t id, const std::string& operation,
                                            const nlohmann::json& arguments) {
  if (operation == "commit") return commit(id, arguments);
  if (operation == "rebalanceDone") {
    rebalanceDone(arguments.at("id").get<std::uint32_t>());
    return JsonResult::ok();
  }
  if (operation == "seek") return seek(id, arguments);
  if (operation == "committed") return committed(arguments);
  if (operation == "lag") return lag();
  if (operation == "subscribe") return subscribe(arguments);
  if (operation == "unsubscribe") return JsonResult{Error::of(rd_kafka_unsubscribe(rk())), nullptr};
  if (operation == "assign") return manualAssign(arguments);
  if (operation == "groupMetadata") return groupMetadata();
  return Client::perform(id, operation, arguments);
}

JsonResult Consumer::subscribe(const nlohmann::json& arguments) {
  const PartitionListHandle topics(rd_kafka_topic_partition_list_new(4));
  for (const auto& item : arguments.at("topics")) {
    const auto& topic = item.at("topic").get_ref<const std::string&>();
    rd_kafka_topic_partition_list_add(topics.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
    const auto reset = item.find("offsetReset");
    if (reset == item.end() || topic.empty() || topic[0] == '^') continue;
    // Where a topic without committed offsets begins is a topic's property; the first object of a
    // topic decides, so it is made before the subscription makes one, and kept.
    TopicConfHandle conf(rd_kafka_default_topic_conf_dup(rk()));
    char reason[256] = "";
    if (rd_kafka_topic_conf_set(conf.get(), "auto.offset.reset",
                                reset->get_ref<const std::string&>().c_str(), reason,
                                sizeof(reason)) != RD_KAFKA_CONF_OK) {
      return JsonResult::fail(RD_KAFKA_RESP_ERR__INVALID_ARG, reason);
    }
    TopicHandle handle(rd_kafka_topic_new(rk(), topic.c_str(), conf.release()));
    if (!handle) return JsonResult::fail(rd_kafka_last_error());
    subscribedTopics_[topic] = std::move(handle);
  }
  return {Error::of(rd_kafka_subscribe(rk(), topics.get())), nullptr};
}

void Consumer::assignPending(std::uint32_t id) {
  if (!rk() || leaving_) return;  // closing has answered, or will
  PendingRebalance pending;
  {
    const std::lock_guard lock(pendingMutex_);
    auto found = pendingRebalances_.extract(id);
    if (found.empty()) return;
    pending = std::move(found.mapped());
  }
  if (Error error = assign(pending.partitions.get(), pending.incremental)) {
    sink().onError(std::move(error));
  }
}

Error Consumer::assign(const rd_kafka_topic_partition_list_t* partitions, bool incremental) {
  std::vector<std::shared_ptr<Slot>> slots;
  for (int i = 0; i < partitions->cnt; ++i) {
    const rd_kafka_topic_partition_t& entry = partitions->elems[i];
    slots.push_back(
        std::make_shared<Slot>(nextSlot_++, entry.topic, entry.partition, rk(), poller(), *this));
    slots.back()->forward();
  }
  // Before the assignment: the next revoke may follow it at once, and must find these slots.
  runOnPoller([&] { addSlots(slots); });
  Error error;
  if (incremental) {
    const ErrorHandle failure(rd_kafka_incremental_assign(rk(), partitions));
    error = Error::of(failure.get());
  } else {
    error = Error::of(rd_kafka_assign(rk(), partitions));
  }
  if (error) {
    runOnPoller([&] {
      std::vector<AssignedPartition> lost;
      for (const auto& slot : slots) {
        slot->stopped = true;
        lost.push_back({slot->id, slot->topic, slot->partition});
      }
      sink().onRebalance(nextRebalance_++, RebalanceType::kLost, std::move(lost));
      removeSlots(partitions);
    });
  }
  return error;
}

void Consumer::rebalanceDone(std::uint32_t id) {
  PendingRebalance pending;
  {
    const std::lock_guard lock(pendingMutex_);
    const auto found = pendingRebalances_.find(id);
    if (found == pendingRebalances_.end() || found->second.isAssign) return;
    pending = std::move(found->second);
    pendingRebalances_.erase(found);
  }
  unassign(std::move(pending));
}

void Consumer::unassign(PendingRebalance rebalance) {
  if (!rk()) return;
  if (rebalance.incremental) {
    const ErrorHandle error(rd_kafka_incremental_unassign(rk(), rebalance.partitions.get()));
    if (error && !leaving_) sink().onError(Error::of(error.get()));
  } else {
    rd_kafka_assign(rk(), nullptr);
  }
  runOnPoller([&] { removeSlots(rebalance.partitions.get()); });
}

bool Consumer::answerClosingRebalance(rd_kafka_resp_err_t code,
                                      rd_kafka_topic_partition_list_t* partitions) {
  if (!leaving_) return false;
  const char* protocol = rd_kafka_rebalance_protocol(rk());
  if (code == RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS && protocol &&
      std::strcmp(protocol, "COOPERATIVE") == 0) {
    const ErrorHandle error(rd_kafka_incremental_unassign(rk(), partitions));
  } else {
    rd_kafka_assign(rk(), nullptr);
  }
  return true;
}

JsonResult Consumer::manualAssign(const nlohmann::json& arguments) {
  const PartitionListHandle partitions =
      partitionList(Args(arguments, "assign"), "partitions", "offset");
  if (arguments.value("incremental", false))
    return {assign(partitions.get(), /*incremental=*/true), nullptr};
  runOnPoller([this] {
    for (const auto& slot : slots_) slot->stopped = true;
  });
  rd_kafka_assign(rk(), nullptr);
  runOnPoller([this] { removeSlots(nullptr); });
  if (partitions->cnt == 0) return JsonResult::ok();
  return {assign(partitions.get(), /*incremental=*/false), nullptr};
}

struct Consumer::Seek {
  std::uint32_t request;
  std::shared_ptr<Slot> slot;
  std::uint32_t generation;
  PartitionListHandle target;
  Clock::time_point deadline;
};

std::optional<JsonResult> Consumer::seek(std::uint32_t id, const nlohmann::json& arguments) {
  auto seek = std::make_shared<Seek>();
  const auto slotId = arguments.at("slot").get<std::uint32_t>();
  const std::int64_t offset = Args(arguments, "seek").int64("offset");
  seek->request = id;
  seek->generation = arguments.at("generation").get<std::uint32_t>();
  seek->deadline = Clock::now() + timeoutOf(arguments, kDefaultTimeoutMs);
  runOnPoller([&] {
    for (const auto& slot : slots_) {
      if (slot->id != slotId || slot->stopped) continue;
      seek->slot = slot;
      slot->seeking = true;
      slot->seekGeneration = seek->generation;
    }
  });
  if (!seek->slot) return JsonResult::fail(RD_KAFKA_RESP_ERR__STATE, kNotAssigned);
  seek->target.reset(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(seek->target.get(), seek->slot->topic.c_str(),
                                    seek->slot->partition)
      ->offset = offset;
  trySeek(seek);
  return std::nullopt;
}

void Consumer::trySeek(const std::shared_ptr<Seek>& seek) {
  if (!rk()) return;  // closed: answered by _DESTROY
  enum { kCurrent, kReplaced, kRevoked } state = kCurrent;
  runOnPoller([&] {
    if (seek->slot->seekGeneration != seek->generation) state = kReplaced;
    if (seek->slot->stopped) state = kRevoked;
  });
  if (state != kCurrent) {
    respond(seek->request,
            JsonResult::fail(RD_KAFKA_RESP_ERR__STATE,
                             state == kRevoked ? kNotAssigned : "a later seek replaced this one"));
    return;
  }
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(seek->deadline - Clock::now()).count();
  seek->target->elems[0].err = RD_KAFKA_RESP_ERR_NO_ERROR;
  const ErrorHandle failure(rd_kafka_seek_partitions(
      rk(), seek->target.get(), static_cast<int>(std::max<std::int64_t>(left, 1))));
  Error error = failure ? Error::of(failure.get()) : Error::of(seek->target->elems[0].err);
  // Right after an assignment the partition is not being fetched yet and librdkafka refuses, or its
  // fetcher starts while the seek is on its way: again in a moment, as a job of its own, so that
  // commits and rebalances are not kept waiting.
  const bool isStarting =
      error.code == RD_KAFKA_RESP_ERR__STATE || error.code == RD_KAFKA_RESP_ERR__OUTDATED;
  if (isStarting && Clock::now() < seek->deadline && !leaving_) {
    work().postAfter(kSeekRetry, [self = std::static_pointer_cast<Consumer>(shared_from_this()),
                                  seek] { self->trySeek(seek); });
    return;
  }
  runOnPoller([&] {
    if (error) {
      seek->slot->generation = seek->generation;
      seek->slot->seeking = false;
    } else {
      seek->slot->restart(seek->generation);
    }
    signal();
  });
  respond(seek->request, {std::move(error), nullptr});
}

JsonResult Consumer::committed(const nlohmann::json& arguments) {
  const PartitionListHandle list =
      partitionList(Args(arguments, "committed"), "partitions", nullptr);
  const auto timeout = static_cast<int>(timeoutOf(arguments, kDefaultTimeoutMs).count());
  if (const auto code = rd_kafka_committed(rk(), list.get(), timeout))
    return JsonResult::fail(code);
  nlohmann::json result = nlohmann::json::array();
  for (int i = 0; i < list->cnt; ++i) {
    const rd_kafka_topic_partition_t& entry = list->elems[i];
    const std::string metadata(entry.metadata ? static_cast<const char*>(entry.metadata) : "",
                               entry.metadata_size);
    result.push_back({{"topic", entry.topic},
                      {"partition", entry.partition},
                      {"offset", text(entry.offset)},
                      {"metadata", metadata},
                      {"error", toJson(Error::of(entry.err))}});
  }
  return JsonResult::ok(std::move(result));
}

std::optional<JsonResult> Consumer::commit(std::uint32_t id, const nlohmann::json& arguments) {
  const PartitionListHandle offsets = partitionList(Args(arguments, "commit"), "offsets", "offset");
  // The answer comes on the commit queue, so that the work thread need not wait for it. The
  // request's id is the opaque: nothing is left over when the client closes first.
  const auto answer = [](rd_kafka_t* handle, rd_kafka_resp_err_t code,
                         rd_kafka_topic_partition_list_t* list, void* opaque) {
    auto* self = static_cast<Consumer*>(static_cast<Client*>(rd_kafka_opaque(handle)));
    const auto request = static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(opaque));
    self->respond(request, JsonResult{Error::of(code), partitionErrors(list)});
  };
  const auto code = rd_kafka_commit_queue(
      rk(), offsets.get(), commitQueue_.get(), answer,
      // NOLINTNEXTLINE(performance-no-int-to-ptr): a number in a pointer, never followed
      reinterpret_cast<void*>(static_cast<std::uintptr_t>(id)));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return JsonResult::fail(code);
  return std::nullopt;
}

JsonResult Consumer::lag() {
  nlohmann::json result = nlohmann::json::array();
  runOnPoller([&] {
    for (const auto& slot : slots_) {
      std::int64_t low = RD_KAFKA_OFFSET_INVALID;
      std::int64_t high = RD_KAFKA_OFFSET_INVALID;
      rd_kafka_get_watermark_offsets(rk(), slot->topic.c_str(), slot->partition, &low, &high);
      const std::int64_t position =
          slot->nextOffset >= 0 ? slot->nextOffset : RD_KAFKA_OFFSET_INVALID;
      result.push_back({{"topic", slot->topic},
                        {"partition", slot->partition},
                        {"slot", slot->id},
                        {"generation", slot->generation},
                        {"position", text(position)},
                        {"end", text(slot->endOffset)},
                        {"low", text(low)},
                        {"high", text(high)}});
    }
  });
  return JsonResult::ok(std::move(result));
}

JsonResult Consumer::groupMetadata() {
  const GroupMetadataHandle metadata(rd_kafka_consumer_group_metadata(rk()));
  if (!metadata) return JsonResult::fail(RD_KAFKA_RESP_ERR__UNKNOWN_GROUP);
  const char* memberId = rd_kafka_consumer_group_metadata_member_id(metadata.get());
  return JsonResult::ok(
      {{"groupMetadata", encodeGroupMetadata(metadata.get())},
       {"memberId", memberId ? memberId : ""},
       {"generationId", rd_kafka_consumer_group_metadata_generation_id(metadata.get())}});
}

void Consumer::prepareClose(std::chrono::milliseconds timeout) {
  auto deadline = std::chrono::steady_clock::now() + timeout;
  leaving_ = true;
  runOnPoller([this] {
    for (const auto& slot : slots_) slot->stopped = true;
    if (consumerQueue_) rd_kafka_queue_cb_event_enable(consumerQueue_.get(), nullptr, nullptr);
    consumerQueue_.reset();
  });
  // From here on only this thread serves rebalances: what the poller took before is in the list.
  std::unordered_map<std::uint32_t, PendingRebalance> pending;
  {
    const std::lock_guard lock(pendingMutex_);
    pending.swap(pendingRebalances_);
  }
  bool cooperativeAssignAsked = false;
  for (auto& [id, rebalance] : pending) {
    cooperativeAssignAsked =
        cooperativeAssignAsked || (rebalance.isAssign && rebalance.incremental);
    if (!rebalance.isAssign) unassign(std::move(rebalance));
  }
  subscribedTopics_.clear();
  // An assign that librdkafka asked for and nobody answers would keep rd_kafka_destroy() waiting
  // for ever.
  rd_kafka_assign(rk(), nullptr);

  if (abandoned()) deadline = std::chrono::steady_clock::now() + kAbandonedCloseMs;
  {
    // What is asked from here on comes to this queue and is answered in onRebalance(); once the
    // queue is gone, librdkafka answers itself.
    const QueueHandle queue(rd_kafka_queue_new(rk()));
    const ErrorHandle error(rd_kafka_consumer_close_queue(rk(), queue.get()));
    // An assign that the cooperative protocol asked for before: a group that is being left takes
    // this for an answer. Only where an answer is due: a call that overlaps with the end of the
    // group is dropped by librdkafka (rd_kafka_cgrp_op_serve) and never returns.
    if (cooperativeAssignAsked && !error) rd_kafka_assign(rk(), nullptr);
    while (!error && rd_kafka_consumer_closed(rk()) == 0 &&
           std::chrono::steady_clock::now() < deadline) {
      rd_kafka_queue_poll_callback(queue.get(), kCloseSliceMs);
      if (abandoned()) {
        deadline = std::min(deadline, std::chrono::steady_clock::now() + kAbandonedCloseMs);
      }
    }
    // Past the deadline: what is asked already is still answered, in onRebalance(). An assign()
    // here might be the call that overlaps.
    while (rd_kafka_queue_poll_callback(queue.get(), 0) > 0) continue;
  }
  // Commits that were on their way are answered on the commit queue.
  runOnPoller([this] {
    while (rd_kafka_queue_poll_callback(commitQueue_.get(), 0) > 0) continue;
  });
}

}  // namespace easyflow::core
