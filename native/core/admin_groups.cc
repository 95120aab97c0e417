// Groups: what the brokers say about their members.
#include <map>
#include <memory>

#include "core/admin_call.h"
#include "core/admin_operations.h"
#include "core/base64.h"

namespace easyflow::core::admin {

namespace {

using nlohmann::json;
using GroupListHandle =
    std::unique_ptr<const rd_kafka_group_list, Deleter<rd_kafka_group_list_destroy>>;

// An empty string where librdkafka has none.
json text(const char* value) { return value ? value : ""; }

// rd_kafka_list_groups() waits for brokers but does not look for them.
Error learnBrokers(rd_kafka_t* rk, int timeoutMs) {
  const rd_kafka_metadata_t* raw = nullptr;
  const auto code = rd_kafka_metadata(rk, 0, nullptr, &raw, timeoutMs);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return Error::of(code);
  const MetadataHandle owned(raw);
  return Error::none();
}

// Null and `error` on failure; a partial list is one.
GroupListHandle listRaw(rd_kafka_t* rk, const char* group, int timeoutMs, Error& error) {
  const rd_kafka_group_list* raw = nullptr;
  const auto code = rd_kafka_list_groups(rk, group, &raw, timeoutMs);
  GroupListHandle list(raw);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR || !list) {
    error = Error::of(code ? code : RD_KAFKA_RESP_ERR__FAIL);
    return nullptr;
  }
  return list;
}

struct Listing {
  std::string state;
  std::string type;
  bool simple = false;
};

// What the newer request knows besides: the type, and the state of groups of the newer type.
// Brokers that do not know the request, or may not answer it, leave this empty.
std::map<std::string, Listing> listConsumerGroups(rd_kafka_t* rk, int timeoutMs) {
  std::map<std::string, Listing> listings;
  AdminCall call(rk, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS, timeoutMs);
  rd_kafka_ListConsumerGroups(rk, call.options(), call.queue());
  Error error;
  const EventHandle event = call.wait(error);
  if (!event) return listings;
  size_t count = 0;
  const auto** groups = rd_kafka_ListConsumerGroups_result_valid(
      rd_kafka_event_ListConsumerGroups_result(event.get()), &count);
  for (size_t i = 0; groups && i < count; ++i) {
    const char* id = rd_kafka_ConsumerGroupListing_group_id(groups[i]);
    const char* state =
        rd_kafka_consumer_group_state_name(rd_kafka_ConsumerGroupListing_state(groups[i]));
    const auto typeCode = rd_kafka_ConsumerGroupListing_type(groups[i]);
    const char* type = typeCode == RD_KAFKA_CONSUMER_GROUP_TYPE_UNKNOWN
                           ? ""
                           : rd_kafka_consumer_group_type_name(typeCode);
    if (!id) continue;
    listings[id] = {state ? state : "", type ? type : "",
                    rd_kafka_ConsumerGroupListing_is_simple_consumer_group(groups[i]) != 0};
  }
  return listings;
}

json rawGroupJson(const rd_kafka_group_info& group) {
  auto members = json::array();
  for (int i = 0; group.members && i < group.member_cnt; ++i) {
    const auto& member = group.members[i];
    members.push_back(
        {{"memberId", text(member.member_id)},
         {"clientId", text(member.client_id)},
         {"clientHost", text(member.client_host)},
         {"memberMetadata",
          base64Encode(member.member_metadata, static_cast<size_t>(member.member_metadata_size))},
         {"memberAssignment", base64Encode(member.member_assignment,
                                           static_cast<size_t>(member.member_assignment_size))}});
  }
  return {{"groupId", text(group.group)},     {"error", itemError(group.err)},
          {"state", text(group.state)},       {"protocolType", text(group.protocol_type)},
          {"protocol", text(group.protocol)}, {"members", std::move(members)}};
}

json partitionsJson(const rd_kafka_topic_partition_list_t* list) {
  auto partitions = json::array();
  for (int i = 0; list && i < list->cnt; ++i) {
    partitions.push_back(
        {{"topic", text(list->elems[i].topic)}, {"partition", list->elems[i].partition}});
  }
  return partitions;
}

json assignmentJson(const rd_kafka_MemberAssignment_t* assignment) {
  return partitionsJson(assignment ? rd_kafka_MemberAssignment_partitions(assignment) : nullptr);
}

json memberJson(const rd_kafka_MemberDescription_t* member) {
  const auto* target = rd_kafka_MemberDescription_target_assignment(member);
  return {{"memberId", text(rd_kafka_MemberDescription_consumer_id(member))},
          {"clientId", text(rd_kafka_MemberDescription_client_id(member))},
          {"groupInstanceId", nullable(rd_kafka_MemberDescription_group_instance_id(member))},
          {"clientHost", text(rd_kafka_MemberDescription_host(member))},
          {"assignment", assignmentJson(rd_kafka_MemberDescription_assignment(member))},
          {"targetAssignment", target ? assignmentJson(target) : json(nullptr)}};
}

json groupJson(const rd_kafka_ConsumerGroupDescription_t* group, bool authorized) {
  auto members = json::array();
  const size_t count = rd_kafka_ConsumerGroupDescription_member_count(group);
  for (size_t i = 0; i < count; ++i) {
    const auto* member = rd_kafka_ConsumerGroupDescription_member(group, i);
    if (member) members.push_back(memberJson(member));
  }
  const auto type = rd_kafka_ConsumerGroupDescription_type(group);
  json item = {
      {"groupId", text(rd_kafka_ConsumerGroupDescription_group_id(group))},
      {"error", itemError(rd_kafka_ConsumerGroupDescription_error(group))},
      {"state",
       text(rd_kafka_consumer_group_state_name(rd_kafka_ConsumerGroupDescription_state(group)))},
      {"type", type == RD_KAFKA_CONSUMER_GROUP_TYPE_UNKNOWN
                   ? json(nullptr)
                   : nullable(rd_kafka_consumer_group_type_name(type))},
      {"isSimple", rd_kafka_ConsumerGroupDescription_is_simple_consumer_group(group) != 0},
      {"partitionAssignor", text(rd_kafka_ConsumerGroupDescription_partition_assignor(group))},
      {"coordinator", nodeJson(rd_kafka_ConsumerGroupDescription_coordinator(group))},
      {"members", std::move(members)}};
  if (authorized) {
    size_t operationCount = 0;
    const auto* operations =
        rd_kafka_ConsumerGroupDescription_authorized_operations(group, &operationCount);
    item["authorizedOperations"] = aclOperationsJson(operations, operationCount);
  }
  return item;
}

}  // namespace

JsonResult listGroups(rd_kafka_t* rk, const Args& args) {
  const Deadline deadline(args.timeoutMs());
  Error error = learnBrokers(rk, deadline.remainingMs());
  if (error) return JsonResult::fail(std::move(error));
  const GroupListHandle list = listRaw(rk, nullptr, deadline.remainingMs(), error);
  if (!list) return JsonResult::fail(std::move(error));
  auto listings = listConsumerGroups(rk, deadline.remainingMs());

  auto groups = json::array();
  for (int i = 0; i < list->group_cnt; ++i) {
    const auto& group = list->groups[i];
    json item = {{"groupId", text(group.group)},
                 {"protocolType", text(group.protocol_type)},
                 {"state", text(group.state)},
                 {"type", nullptr},
                 {"error", itemError(group.err)}};
    const auto found = listings.find(item["groupId"].get<std::string>());
    if (found != listings.end()) {
      const Listing& listing = found->second;
      if (!listing.type.empty()) item["type"] = listing.type;
      if (!listing.state.empty() && listing.state != "Unknown") item["state"] = listing.state;
      if (!listing.simple && item["protocolType"] == "") item["protocolType"] = "consumer";
      // The raw list describes each group by a request that does not see the newer type.
      item["error"] = nullptr;
    }
    groups.push_back(std::move(item));
  }
  return JsonResult::ok(std::move(groups));
}

JsonResult describeGroupsRaw(rd_kafka_t* rk, const Args& args) {
  const auto ids = args.strings("groupIds");
  auto groups = json::array();
  if (ids.empty()) return JsonResult::ok(std::move(groups));
  const Deadline deadline(args.timeoutMs());
  Error error = learnBrokers(rk, deadline.remainingMs());
  if (error) return JsonResult::fail(std::move(error));
  for (const auto& id : ids) {
    const GroupListHandle list = listRaw(rk, id.c_str(), deadline.remainingMs(), error);
    if (!list) {
      if (ids.size() == 1) return JsonResult::fail(std::move(error));
      rd_kafka_group_info none{};
      json item = rawGroupJson(none);
      item["groupId"] = id;
      item["error"] = toJson(error);
      groups.push_back(std::move(item));
      continue;
    }
    const rd_kafka_group_info* found = nullptr;
    for (int i = 0; i < list->group_cnt; ++i) {
      if (list->groups[i].group && id == list->groups[i].group) found = &list->groups[i];
    }
    const rd_kafka_group_info none{};
    json item = rawGroupJson(found ? *found : none);
    if (!found) {
      // What brokers answer to a describe of a group they do not have.
      item["groupId"] = id;
      item["state"] = "Dead";
    }
    groups.push_back(std::move(item));
  }
  return JsonResult::ok(std::move(groups));
}

JsonResult describeConsumerGroups(rd_kafka_t* rk, const Args& args) {
  const auto ids = args.strings("groupIds");
  if (ids.empty()) return JsonResult::ok(json::array());
  std::vector<const char*> pointers = pointersOf(ids);
  const bool authorized = args.flag("includeAuthorizedOperations");
  AdminCall call(rk, RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS, args.timeoutMs());
  call.includeAuthorizedOperations(authorized);
  rd_kafka_DescribeConsumerGroups(rk, pointers.data(), pointers.size(), call.options(),
                                  call.queue());
  Error error;
  const EventHandle event = call.wait(error);
  if (!event) return JsonResult::fail(std::move(error));
  size_t count = 0;
  const auto** descriptions = rd_kafka_DescribeConsumerGroups_result_groups(
      rd_kafka_event_DescribeConsumerGroups_result(event.get()), &count);
  auto groups = json::array();
  for (size_t i = 0; descriptions && i < count; ++i) {
    if (descriptions[i]) groups.push_back(groupJson(descriptions[i], authorized));
  }
  return JsonResult::ok(std::move(groups));
}

JsonResult deleteGroups(rd_kafka_t* rk, const Args& args) {
  AdminObjects<rd_kafka_DeleteGroup_t, rd_kafka_DeleteGroup_destroy> requests;
  for (const auto& id : args.strings("groupIds")) {
    requests.add(rd_kafka_DeleteGroup_new(id.c_str()), args.pathOf("groupIds"));
  }
  if (requests.empty()) return JsonResult::ok(json::array());
  AdminCall call(rk, RD_KAFKA_ADMIN_OP_DELETEGROUPS, args.timeoutMs());
  rd_kafka_DeleteGroups(rk, requests.data(), requests.size(), call.options(), call.queue());
  Error error;
  const EventHandle event = call.wait(error);
  if (!event) return JsonResult::fail(std::move(error));
  size_t count = 0;
  const auto** results =
      rd_kafka_DeleteGroups_result_groups(rd_kafka_event_DeleteGroups_result(event.get()), &count);
  auto groups = json::array();
  for (size_t i = 0; results && i < count; ++i) {
    const rd_kafka_error_t* failure = rd_kafka_group_result_error(results[i]);
    // A broker that does not know the request: it says so of each group.
    if (rd_kafka_error_code(failure) == RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE)
      return JsonResult::fail(Error::of(failure));
    groups.push_back(
        {{"groupId", text(rd_kafka_group_result_name(results[i]))}, {"error", itemError(failure)}});
  }
  return JsonResult::ok(std::move(groups));
}

}  // namespace easyflow::core::admin
