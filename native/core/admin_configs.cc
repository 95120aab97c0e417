// Configurations of topics, brokers and groups.
#include <map>
#include <utility>

#include "core/admin_call.h"
#include "core/admin_operations.h"

namespace easyflow::core::admin {

namespace {

using nlohmann::json;
using Resources = AdminObjects<rd_kafka_ConfigResource_t, rd_kafka_ConfigResource_destroy>;

// Numbers of Kafka's ConfigResource.Type.
enum : int { kUnknown = 0, kTopic = 2, kBroker = 4, kBrokerLogger = 8, kGroup = 32 };

// librdkafka takes the numbers of its ACL resources here and translates them itself.
rd_kafka_ResourceType_t toLibrary(const Args& item) {
  switch (item.int32("type")) {
    case kTopic:
      return RD_KAFKA_RESOURCE_TOPIC;
    case kBroker:
      return RD_KAFKA_RESOURCE_BROKER;
    case kGroup:
      return RD_KAFKA_RESOURCE_GROUP;
    case kBrokerLogger:
      item.reject("type", "2 (topic), 4 (broker) or 32 (group), librdkafka has no broker loggers,");
    default:
      item.reject("type", "2 (topic), 4 (broker) or 32 (group)");
  }
}

int fromLibrary(rd_kafka_ResourceType_t type) {
  switch (type) {
    case RD_KAFKA_RESOURCE_TOPIC:
      return kTopic;
    case RD_KAFKA_RESOURCE_BROKER:
      return kBroker;
    case RD_KAFKA_RESOURCE_GROUP:
      return kGroup;
    default:
      return kUnknown;
  }
}

json entryJson(const rd_kafka_ConfigEntry_t* entry, bool withSynonyms) {
  auto synonyms = json::array();
  if (withSynonyms) {
    size_t count = 0;
    const auto** items = rd_kafka_ConfigEntry_synonyms(entry, &count);
    for (size_t i = 0; items && i < count; ++i) {
      synonyms.push_back({{"name", nullable(rd_kafka_ConfigEntry_name(items[i]))},
                          {"value", nullable(rd_kafka_ConfigEntry_value(items[i]))},
                          {"source", static_cast<int>(rd_kafka_ConfigEntry_source(items[i]))}});
    }
  }
  return {{"name", nullable(rd_kafka_ConfigEntry_name(entry))},
          {"value", nullable(rd_kafka_ConfigEntry_value(entry))},
          {"readOnly", rd_kafka_ConfigEntry_is_read_only(entry) == 1},
          {"isDefault", rd_kafka_ConfigEntry_is_default(entry) == 1},
          {"source", static_cast<int>(rd_kafka_ConfigEntry_source(entry))},
          {"isSensitive", rd_kafka_ConfigEntry_is_sensitive(entry) == 1},
          {"synonyms", std::move(synonyms)}};
}

json resourceJson(const rd_kafka_ConfigResource_t* resource) {
  return {{"type", fromLibrary(rd_kafka_ConfigResource_type(resource))},
          {"name", nullable(rd_kafka_ConfigResource_name(resource))},
          {"error", itemError(rd_kafka_ConfigResource_error(resource),
                              rd_kafka_ConfigResource_error_string(resource))}};
}

// A request about a broker goes to that broker, so librdkafka takes one of them a call: one list
// for each broker, and one for everything else.
std::vector<std::vector<Args>> requestsFor(const std::vector<Args>& items) {
  std::vector<std::vector<Args>> requests;
  std::vector<Args> others;
  for (const auto& item : items) {
    if (toLibrary(item) == RD_KAFKA_RESOURCE_BROKER) {
      requests.push_back({item});
    } else {
      others.push_back(item);
    }
  }
  if (!others.empty()) requests.push_back(std::move(others));
  return requests;
}

// Gives each resource's result in the order of the arguments. `fill` puts the entries of one
// resource into librdkafka's object, `send` makes one call and appends its results or returns its
// error.
template <typename Fill, typename Send>
JsonResult forEachRequest(const Args& args, Fill fill, Send send) {
  const auto items = args.objects("resources");
  const auto requests = requestsFor(items);
  const Deadline deadline(args.timeoutMs());

  std::vector<Resources> resources(requests.size());
  for (size_t r = 0; r < requests.size(); ++r) {
    for (const auto& item : requests[r]) {
      const std::string name = item.string("name");
      fill(
          resources[r].add(rd_kafka_ConfigResource_new(toLibrary(item), name.c_str()), item.path()),
          item);
    }
  }

  std::map<std::pair<int, std::string>, json> results;
  for (size_t r = 0; r < requests.size(); ++r) {
    auto answers = json::array();
    const Error error = send(resources[r], deadline.remainingMs(), answers);
    if (error && requests.size() == 1) return JsonResult::fail(error);
    for (const auto& item : requests[r]) {
      // Requests that failed as a whole, and resources a broker said nothing about.
      const Error missing = error ? error
                                  : Error::of(RD_KAFKA_RESP_ERR__BAD_MSG,
                                              "The broker did not answer for this resource");
      json failed = {
          {"type", item.int32("type")}, {"name", item.string("name")}, {"error", toJson(missing)}};
      results[{item.int32("type"), item.string("name")}] = std::move(failed);
    }
    for (auto& answer : answers) {
      if (!answer["name"].is_string()) continue;
      const std::pair<int, std::string> key{answer["type"].get<int>(),
                                            answer["name"].get<std::string>()};
      results[key] = std::move(answer);
    }
  }
  auto ordered = json::array();
  for (const auto& item : items)
    ordered.push_back(results[{item.int32("type"), item.string("name")}]);
  return JsonResult::ok(std::move(ordered));
}

void setConfig(rd_kafka_ConfigResource_t* resource, const std::string& name,
               const std::string& value, const Args& where) {
  if (rd_kafka_ConfigResource_set_config(resource, name.c_str(), value.c_str())) {
    throw BadArgument{"Expected a name of a configuration for " + where.path()};
  }
}

rd_kafka_AlterConfigOpType_t alterOp(const Args& entry) {
  const std::string op = entry.optionalString("op").value_or("set");
  if (op == "set") return RD_KAFKA_ALTER_CONFIG_OP_TYPE_SET;
  if (op == "delete") return RD_KAFKA_ALTER_CONFIG_OP_TYPE_DELETE;
  if (op == "append") return RD_KAFKA_ALTER_CONFIG_OP_TYPE_APPEND;
  if (op == "subtract") return RD_KAFKA_ALTER_CONFIG_OP_TYPE_SUBTRACT;
  entry.reject("op", "'set', 'delete', 'append' or 'subtract'");
}

json withoutEntries(const rd_kafka_ConfigResource_t** resources, size_t count) {
  auto items = json::array();
  for (size_t i = 0; resources && i < count; ++i) items.push_back(resourceJson(resources[i]));
  return items;
}

}  // namespace

JsonResult describeConfigs(rd_kafka_t* rk, const Args& args) {
  const bool synonyms = args.flag("includeSynonyms");
  const auto fill = [](rd_kafka_ConfigResource_t* resource, const Args& item) {
    // No names: all of them.
    if (!item.has("configNames")) return;
    for (const auto& name : item.strings("configNames")) {
      // Only the name is sent, but librdkafka refuses an entry without a value.
      setConfig(resource, name, "", item);
    }
  };
  JsonResult result =
      forEachRequest(args, fill, [&](Resources& resources, int timeoutMs, json& answers) {
        AdminCall call(rk, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, timeoutMs);
        rd_kafka_DescribeConfigs(rk, resources.data(), resources.size(), call.options(),
                                 call.queue());
        Error error;
        const EventHandle event = call.wait(error);
        if (!event) return error;
        size_t count = 0;
        const auto** described = rd_kafka_DescribeConfigs_result_resources(
            rd_kafka_event_DescribeConfigs_result(event.get()), &count);
        for (size_t i = 0; described && i < count; ++i) {
          json item = resourceJson(described[i]);
          auto entries = json::array();
          size_t entryCount = 0;
          const auto** configs = rd_kafka_ConfigResource_configs(described[i], &entryCount);
          for (size_t e = 0; configs && e < entryCount; ++e)
            entries.push_back(entryJson(configs[e], synonyms));
          item["entries"] = std::move(entries);
          answers.push_back(std::move(item));
        }
        return Error::none();
      });
  if (!result.error) {
    for (auto& item : result.value) {
      if (!item.contains("entries")) item["entries"] = json::array();
    }
  }
  return result;
}

JsonResult alterConfigs(rd_kafka_t* rk, const Args& args) {
  const bool validateOnly = args.flag("validateOnly");
  const auto fill = [](rd_kafka_ConfigResource_t* resource, const Args& item) {
    for (const auto& entry : item.objects("configEntries")) {
      const std::string name = entry.string("name");
      setConfig(resource, name, entry.string("value"), entry);
    }
  };
  return forEachRequest(args, fill, [&](Resources& resources, int timeoutMs, json& answers) {
    AdminCall call(rk, RD_KAFKA_ADMIN_OP_ALTERCONFIGS, timeoutMs);
    call.validateOnly(validateOnly);
    rd_kafka_AlterConfigs(rk, resources.data(), resources.size(), call.options(), call.queue());
    Error error;
    const EventHandle event = call.wait(error);
    if (!event) return error;
    size_t count = 0;
    const auto** altered = rd_kafka_AlterConfigs_result_resources(
        rd_kafka_event_AlterConfigs_result(event.get()), &count);
    answers = withoutEntries(altered, count);
    return Error::none();
  });
}

JsonResult incrementalAlterConfigs(rd_kafka_t* rk, const Args& args) {
  const bool validateOnly = args.flag("validateOnly");
  const auto fill = [](rd_kafka_ConfigResource_t* resource, const Args& item) {
    for (const auto& entry : item.objects("configEntries")) {
      const std::string name = entry.string("name");
      const auto op = alterOp(entry);
      const auto value = entry.optionalString("value");
      const ErrorHandle error(rd_kafka_ConfigResource_add_incremental_config(
          resource, name.c_str(), op, value ? value->c_str() : nullptr));
      if (error) throw BadArgument{entry.path() + ": " + rd_kafka_error_string(error.get())};
    }
  };
  return forEachRequest(args, fill, [&](Resources& resources, int timeoutMs, json& answers) {
    AdminCall call(rk, RD_KAFKA_ADMIN_OP_INCREMENTALALTERCONFIGS, timeoutMs);
    call.validateOnly(validateOnly);
    rd_kafka_IncrementalAlterConfigs(rk, resources.data(), resources.size(), call.options(),
                                     call.queue());
    Error error;
    const EventHandle event = call.wait(error);
    if (!event) return error;
    size_t count = 0;
    const auto** altered = rd_kafka_IncrementalAlterConfigs_result_resources(
        rd_kafka_event_IncrementalAlterConfigs_result(event.get()), &count);
    answers = withoutEntries(altered, count);
    return Error::none();
  });
}

}  // namespace easyflow::core::admin
