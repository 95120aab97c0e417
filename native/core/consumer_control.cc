// The work thread's half of the consumer: everything that may block, and the answers to rebalances.
#include <algorithm>
#include <cstring>

#include "core/consumer.h"
#include "core/transactions.h"

namespace easyflow::core {

namespace {

constexpr int kDefaultTimeoutMs = 30'000;
constexpr int kCloseSliceMs = 50;
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
  if (operation == "seek") return seek(arguments);
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
    subscribedTopics_.push_back(std::move(handle));
  }
  return {Error::of(rd_kafka_subscribe(rk(), topics.get())), nullptr};
}

void Consumer::assign(const rd_kafka_topic_partition_list_t* partitions, bool incremental) {
  if (!rk() || leaving_) return;  // closing has answered, or will
  std::vector<std::shared_ptr<Slot>> slots;
  for (int i = 0; i < partitions->cnt; ++i) {
    const rd_kafka_topic_partition_t& entry = partitions->elems[i];
    slots.push_back(
        std::make_shared<Slot>(nextSlot_++, entry.topic, entry.partition, rk(), poller(), *this));
    slots.back()->forward();
  }
  Error error;
  if (incremental) {
    const ErrorHandle failure(rd_kafka_incremental_assign(rk(), partitions));
    error = Error::of(failure.get());
  } else {
    error = Error::of(rd_kafka_assign(rk(), partitions));
  }
  if (error) {
    sink().onError(std::move(error));
    return;
  }
  poller().post([self = std::static_pointer_cast<Consumer>(shared_from_this()),
                 slots = std::move(slots)]() mutable {
    if (self->commitQueue_) self->addSlots(std::move(slots));
  });
}

void Consumer::rebalanceDone(std::uint32_t id) {
  auto pending = pendingRebalances_.extract(id);
  if (!pending.empty()) unassign(std::move(pending.mapped()));
}

void Consumer::unassign(PendingRebalance rebalance) {
  if (!rk()) return;
  if (rebalance.incremental) {
    const ErrorHandle error(rd_kafka_incremental_unassign(rk(), rebalance.partitions.get()));
    if (error && !leaving_) sink().onError(Error::of(error.get()));
  } else {
    rd_kafka_assign(rk(), nullptr);
  }
  auto list = std::make_shared<PartitionListHandle>(std::move(rebalance.partitions));
  poller().post([self = std::static_pointer_cast<Consumer>(shared_from_this()), list] {
    self->removeSlots(list->get());
  });
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
  const PartitionListHandle partitions = partitionListOf(arguments.at("partitions"));
  runOnPoller([this] {
    for (const auto& slot : slots_) slot->stopped = true;
  });
  rd_kafka_assign(rk(), nullptr);
  runOnPoller([this] { removeSlots(nullptr); });
  if (partitions->cnt > 0) assign(partitions.get(), /*incremental=*/false);
  return JsonResult::ok();
}

std::shared_ptr<Slot> Consumer::slotById(std::uint32_t id) {
  std::shared_ptr<Slot> result;
  runOnPoller([&] {
    for (const auto& slot : slots_) {
      if (slot->id == id) result = slot;
    }
  });
  return result;
}

JsonResult Consumer::seek(const nlohmann::json& arguments) {
  const auto slot = slotById(arguments.at("slot").get<std::uint32_t>());
  if (!slot || slot->stopped) {
    return JsonResult::fail(RD_KAFKA_RESP_ERR__STATE,
                            "the partition is not assigned to this consumer any more");
  }
  const auto generation = arguments.at("generation").get<std::uint32_t>();
  const PartitionListHandle target(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(target.get(), slot->topic.c_str(), slot->partition)->offset =
      int64Of(arguments.at("offset"));
  runOnPoller([&] { slot->seeking = true; });
  const ErrorHandle failure(rd_kafka_seek_partitions(
      rk(), target.get(), static_cast<int>(timeoutOf(arguments, kDefaultTimeoutMs).count())));
  Error error = failure ? Error::of(failure.get()) : Error::of(target->elems[0].err);
  runOnPoller([&] {
    if (error) {
      slot->generation = generation;
      slot->seeking = false;
    } else {
      slot->restart(generation);
    }
    signal();
  });
  return {std::move(error), nullptr};
}

JsonResult Consumer::committed(const nlohmann::json& arguments) {
  const PartitionListHandle list = partitionListOf(arguments.at("partitions"));
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
  const PartitionListHandle offsets = partitionListOf(arguments.at("offsets"));
  // The answer comes on the commit queue, so that the work thread need not wait for it. The
  // request's id is the opaque: nothing is left over when the client closes first.
  const auto answer = [](rd_kafka_t* handle, rd_kafka_resp_err_t code,
                         rd_kafka_topic_partition_list_t* list, void* opaque) {
    auto* self = static_cast<Consumer*>(static_cast<Client*>(rd_kafka_opaque(handle)));
    const auto request = static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(opaque));
    self->respond(request, JsonResult{Error::of(code), partitionErrors(list)});
  };
  const auto code = rd_kafka_commit_queue(rk(), offsets.get(), commitQueue_.get(), answer,
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
                        {"position", text(position)},
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
  });
  auto pending = std::move(pendingRebalances_);
  pendingRebalances_.clear();
  for (auto& entry : pending) unassign(std::move(entry.second));
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
    while (!error && rd_kafka_consumer_closed(rk()) == 0 &&
           std::chrono::steady_clock::now() < deadline) {
      rd_kafka_queue_poll_callback(queue.get(), kCloseSliceMs);
      if (abandoned()) {
        deadline = std::min(deadline, std::chrono::steady_clock::now() + kAbandonedCloseMs);
      }
    }
  }
  rd_kafka_assign(rk(), nullptr);
  // Commits that were on their way are answered on the commit queue.
  runOnPoller([this] {
    while (rd_kafka_queue_poll_callback(commitQueue_.get(), 0) > 0) continue;
  });
}

}  // namespace easyflow::core
