// Offsets: of partitions, and committed by groups.
#include <memory>

#include "core/admin_call.h"
#include "core/admin_operations.h"

namespace easyflow::core::admin {

namespace {

using nlohmann::json;

std::string metadataOf(const rd_kafka_topic_partition_t& partition) {
  return partition.metadata && partition.metadata_size > 0
             ? std::string(static_cast<const char*>(partition.metadata), partition.metadata_size)
             : std::string();
}

// The one group of these three requests: its partitions, or the error of all of them.
JsonResult groupPartitions(const rd_kafka_group_result_t** groups, size_t count, bool withOffsets) {
  if (!groups || count == 0)
    return JsonResult::fail(RD_KAFKA_RESP_ERR__BAD_MSG, "No group in the answer");
  const rd_kafka_error_t* error = rd_kafka_group_result_error(groups[0]);
  if (error && rd_kafka_error_code(error)) return JsonResult::fail(Error::of(error));
  const auto* list = rd_kafka_group_result_partitions(groups[0]);
  auto items = json::array();
  for (int i = 0; list && i < list->cnt; ++i) {
    const auto& partition = list->elems[i];
    json item = {{"topic", nullable(partition.topic)},
                 {"partition", partition.partition},
                 {"error", itemError(partition.err)}};
    if (withOffsets) {
      // librdkafka's own marks (-1001) are no offsets: Kafka's word for "none" is -1.
      item["offset"] = decimal(partition.offset >= 0 ? partition.offset : -1);
      item["metadata"] = metadataOf(partition);
      item["leaderEpoch"] = rd_kafka_topic_partition_get_leader_epoch(&partition);
    }
    items.push_back(std::move(item));
  }
  return JsonResult::ok(std::move(items));
}

std::string groupIdOf(const Args& args) {
  std::string groupId = args.string("groupId");
  if (groupId.empty()) args.reject("groupId", "a group id");
  return groupId;
}

}  // namespace

JsonResult deleteRecords(rd_kafka_t* rk, const Args& args) {
  const auto partitions = partitionList(args, "partitions", "offset");
  if (partitions->cnt == 0) return JsonResult::ok(json::array());
  AdminObjects<rd_kafka_DeleteRecords_t, rd_kafka_DeleteRecords_destroy> request;
  request.add(rd_kafka_DeleteRecords_new(partitions.get()), args.pathOf("partitions"));
  AdminCall call(rk, RD_KAFKA_ADMIN_OP_DELETERECORDS, args.timeoutMs());
  rd_kafka_DeleteRecords(rk, request.data(), request.size(), call.options(), call.queue());
  Error error;
  const EventHandle event = call.wait(error);
  if (!event) return JsonResult::fail(std::move(error));
  const auto* offsets =
      rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(event.get()));
  auto items = json::array();
  for (int i = 0; offsets && i < offsets->cnt; ++i) {
    const auto& partition = offsets->elems[i];
    items.push_back({{"topic", nullable(partition.topic)},
                     {"partition", partition.partition},
                     {"error", itemError(partition.err)},
                     {"lowWatermark", partition.err ? decimal(-1) : decimal(partition.offset)}});
  }
  return JsonResult::ok(std::move(items));
}

JsonResult listOffsets(rd_kafka_t* rk, const Args& args) {
  const auto partitions = partitionList(args, "partitions", "timestamp");
  if (partitions->cnt == 0) return JsonResult::ok(json::array());
  const std::string isolation = args.optionalString("isolation").value_or("read_uncommitted");
  if (isolation != "read_uncommitted" && isolation != "read_committed") {
    args.reject("isolation", "'read_uncommitted' or 'read_committed'");
  }
  AdminCall call(rk, RD_KAFKA_ADMIN_OP_LISTOFFSETS, args.timeoutMs());
  call.isolationLevel(isolation == "read_committed" ? RD_KAFKA_ISOLATION_LEVEL_READ_COMMITTED
                                                    : RD_KAFKA_ISOLATION_LEVEL_READ_UNCOMMITTED);
  rd_kafka_ListOffsets(rk, partitions.get(), call.options(), call.queue());
  Error error;
  const EventHandle event = call.wait(error);
  if (!event) return JsonResult::fail(std::move(error));
  size_t count = 0;
  const auto** infos =
      rd_kafka_ListOffsets_result_infos(rd_kafka_event_ListOffsets_result(event.get()), &count);
  auto items = json::array();
  for (size_t i = 0; infos && i < count; ++i) {
    const auto* partition = rd_kafka_ListOffsetsResultInfo_topic_partition(infos[i]);
    items.push_back({{"topic", nullable(partition->topic)},
                     {"partition", partition->partition},
                     {"offset", partition->err ? decimal(-1) : decimal(partition->offset)},
                     {"timestamp", decimal(rd_kafka_ListOffsetsResultInfo_timestamp(infos[i]))},
                     {"leaderEpoch", rd_kafka_topic_partition_get_leader_epoch(partition)},
                     {"error", itemError(partition->err)}});
  }
  return JsonResult::ok(std::move(items));
}

JsonResult listConsumerGroupOffsets(rd_kafka_t* rk, const Args& args) {
  const std::string groupId = groupIdOf(args);
  PartitionListHandle partitions;  // null: all the group has committed
  if (args.has("partitions")) {
    partitions = partitionList(args, "partitions", nullptr);
    if (partitions->cnt == 0) return JsonResult::ok(json::array());
  }
  AdminObjects<rd_kafka_ListConsumerGroupOffsets_t, rd_kafka_ListConsumerGroupOffsets_destroy>
      request;
  request.add(rd_kafka_ListConsumerGroupOffsets_new(groupId.c_str(), partitions.get()),
              args.path());
  AdminCall call(rk, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS, args.timeoutMs());
  call.requireStableOffsets(args.flag("requireStable"));
  rd_kafka_ListConsumerGroupOffsets(rk, request.data(), request.size(), call.options(),
                                    call.queue());
  Error error;
  const EventHandle event = call.wait(error);
  if (!event) return JsonResult::fail(std::move(error));
  size_t count = 0;
  const auto** groups = rd_kafka_ListConsumerGroupOffsets_result_groups(
      rd_kafka_event_ListConsumerGroupOffsets_result(event.get()), &count);
  return groupPartitions(groups, count, /*withOffsets=*/true);
}

JsonResult alterConsumerGroupOffsets(rd_kafka_t* rk, const Args& args) {
  const std::string groupId = groupIdOf(args);
  const auto partitions = partitionList(args, "partitions", "offset");
  if (partitions->cnt == 0) return JsonResult::ok(json::array());
  AdminObjects<rd_kafka_AlterConsumerGroupOffsets_t, rd_kafka_AlterConsumerGroupOffsets_destroy>
      request;
  request.add(rd_kafka_AlterConsumerGroupOffsets_new(groupId.c_str(), partitions.get()),
              args.path());
  AdminCall call(rk, RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS, args.timeoutMs());
  rd_kafka_AlterConsumerGroupOffsets(rk, request.data(), request.size(), call.options(),
                                     call.queue());
  Error error;
  const EventHandle event = call.wait(error);
  if (!event) return JsonResult::fail(std::move(error));
  size_t count = 0;
  const auto** groups = rd_kafka_AlterConsumerGroupOffsets_result_groups(
      rd_kafka_event_AlterConsumerGroupOffsets_result(event.get()), &count);
  return groupPartitions(groups, count, /*withOffsets=*/false);
}

JsonResult deleteConsumerGroupOffsets(rd_kafka_t* rk, const Args& args) {
  const std::string groupId = groupIdOf(args);
  const auto partitions = partitionList(args, "partitions", nullptr);
  if (partitions->cnt == 0) return JsonResult::ok(json::array());
  AdminObjects<rd_kafka_DeleteConsumerGroupOffsets_t, rd_kafka_DeleteConsumerGroupOffsets_destroy>
      request;
  request.add(rd_kafka_DeleteConsumerGroupOffsets_new(groupId.c_str(), partitions.get()),
              args.path());
  AdminCall call(rk, RD_KAFKA_ADMIN_OP_DELETECONSUMERGROUPOFFSETS, args.timeoutMs());
  rd_kafka_DeleteConsumerGroupOffsets(rk, request.data(), request.size(), call.options(),
                                      call.queue());
  Error error;
  const EventHandle event = call.wait(error);
  if (!event) return JsonResult::fail(std::move(error));
  size_t count = 0;
  const auto** groups = rd_kafka_DeleteConsumerGroupOffsets_result_groups(
      rd_kafka_event_DeleteConsumerGroupOffsets_result(event.get()), &count);
  return groupPartitions(groups, count, /*withOffsets=*/false);
}

}  // namespace easyflow::core::admin
