#include "core/common_operations.h"

#include <cstdlib>
#include <memory>

#include "core/admin_call.h"
#include "core/json_args.h"

namespace easyflow::core {

namespace {

using nlohmann::json;

struct Free {
  void operator()(void* pointer) const { free(pointer); }
};

// Not every broker says so itself.
rd_kafka_resp_err_t leaderError(std::int32_t leader) {
  return leader < 0 ? RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE : RD_KAFKA_RESP_ERR_NO_ERROR;
}

json brokersJson(const rd_kafka_metadata_t& metadata) {
  auto brokers = json::array();
  for (int i = 0; i < metadata.broker_cnt; ++i) {
    const auto& broker = metadata.brokers[i];
    brokers.push_back({{"id", broker.id}, {"host", nullable(broker.host)}, {"port", broker.port}});
  }
  return brokers;
}

json topicsJson(const rd_kafka_metadata_t& metadata) {
  auto topics = json::array();
  for (int t = 0; t < metadata.topic_cnt; ++t) {
    const auto& topic = metadata.topics[t];
    auto partitions = json::array();
    for (int p = 0; p < topic.partition_cnt; ++p) {
      const auto& partition = topic.partitions[p];
      auto replicas = json::array();
      for (int i = 0; i < partition.replica_cnt; ++i) replicas.push_back(partition.replicas[i]);
      auto isrs = json::array();
      for (int i = 0; i < partition.isr_cnt; ++i) isrs.push_back(partition.isrs[i]);
      const auto error = partition.err ? partition.err : leaderError(partition.leader);
      partitions.push_back({{"partition", partition.id},
                            {"error", itemError(error)},
                            {"leader", partition.leader},
                            {"replicas", std::move(replicas)},
                            {"isrs", std::move(isrs)}});
    }
    topics.push_back({{"topic", nullable(topic.topic)},
                      {"error", itemError(topic.err)},
                      {"partitions", std::move(partitions)}});
  }
  return topics;
}

JsonResult oneTopicJson(rd_kafka_t* rk, const std::string& name, std::int32_t broker,
                        int timeoutMs) {
  AdminCall call(rk, RD_KAFKA_ADMIN_OP_DESCRIBETOPICS, timeoutMs);
  if (broker >= 0) call.broker(broker);
  const char* names[] = {name.c_str()};
  const std::unique_ptr<rd_kafka_TopicCollection_t, Deleter<rd_kafka_TopicCollection_destroy>>
      topics(rd_kafka_TopicCollection_of_topic_names(names, 1));
  rd_kafka_DescribeTopics(rk, topics.get(), call.options(), call.queue());
  Error error;
  const EventHandle event = call.wait(error);
  if (!event) return JsonResult::fail(std::move(error));

  size_t count = 0;
  const auto** descriptions = rd_kafka_DescribeTopics_result_topics(
      rd_kafka_event_DescribeTopics_result(event.get()), &count);
  auto result = json::array();
  for (size_t t = 0; descriptions && t < count; ++t) {
    result.push_back({{"topic", nullable(rd_kafka_TopicDescription_name(descriptions[t]))},
                      {"error", itemError(rd_kafka_TopicDescription_error(descriptions[t]))},
                      {"partitions", partitionsJson(descriptions[t])}});
  }
  return JsonResult::ok(std::move(result));
}

JsonResult metadata(rd_kafka_t* rk, const Args& args) {
  const Deadline deadline(args.timeoutMs());
  const auto topic = args.optionalString("topic");
  if (topic && topic->empty()) args.reject("topic", "a topic name");

  const rd_kafka_metadata_t* raw = nullptr;
  // Without a topic object and without "all" it asks for the topics this client knows: that gives
  // the brokers.
  const bool brokersOnly = args.flag("brokersOnly");
  const int allTopics = topic || brokersOnly ? 0 : 1;
  const auto code = rd_kafka_metadata(rk, allTopics, nullptr, &raw, deadline.remainingMs());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return JsonResult::fail(code);
  const MetadataHandle owned(raw);

  json topics = json::array();
  if (topic) {
    JsonResult described = oneTopicJson(rk, *topic, anyBroker(*owned), deadline.remainingMs());
    if (described.error) return described;
    topics = std::move(described.value);
  } else if (!brokersOnly) {
    topics = topicsJson(*owned);
  }
  // Both come with metadata answers, so they are known by now unless the broker is too old to tell.
  const std::unique_ptr<char, Free> clusterId(rd_kafka_clusterid(rk, 0));
  return JsonResult::ok({{"clusterId", nullable(clusterId.get())},
                         {"controllerId", rd_kafka_controllerid(rk, 0)},
                         {"brokers", brokersJson(*owned)},
                         {"topics", std::move(topics)}});
}

JsonResult watermarks(rd_kafka_t* rk, const Args& args) {
  const std::string topic = args.string("topic");
  const std::int32_t partition = args.int32("partition");
  if (topic.empty()) args.reject("topic", "a topic name");
  if (partition < 0) args.reject("partition", "0 or more");
  std::int64_t low = RD_KAFKA_OFFSET_INVALID, high = RD_KAFKA_OFFSET_INVALID;
  const auto code =
      rd_kafka_query_watermark_offsets(rk, topic.c_str(), partition, &low, &high, args.timeoutMs());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return JsonResult::fail(code);
  return JsonResult::ok({{"low", decimal(low)}, {"high", decimal(high)}});
}

JsonResult offsetsForTimes(rd_kafka_t* rk, const Args& args) {
  const auto list = partitionList(args, "partitions", "timestamp");
  if (list->cnt == 0) return JsonResult::ok(json::array());
  const auto code = rd_kafka_offsets_for_times(rk, list.get(), args.timeoutMs());
  auto result = json::array();
  for (int i = 0; i < list->cnt; ++i) {
    const auto& element = list->elems[i];
    // When one leader cannot be asked, librdkafka gives up the call and leaves the timestamps in
    // place of the offsets.
    const auto error = element.err ? element.err : code;
    result.push_back({{"topic", element.topic},
                      {"partition", element.partition},
                      {"offset", error ? decimal(-1) : decimal(element.offset)},
                      {"error", itemError(error)}});
  }
  return JsonResult::ok(std::move(result));
}

JsonResult setOauthBearerToken(rd_kafka_t* rk, const Args& args) {
  const std::string value = args.string("value");
  const std::string principal = args.string("principal");
  const std::int64_t lifetimeMs = args.int64("lifetimeMs");
  std::vector<std::string> texts;
  if (args.has("extensions")) {
    const Args extensions(args.raw("extensions"), args.pathOf("extensions"));
    for (const auto& [key, unused] : args.raw("extensions").items()) {
      texts.push_back(key);
      texts.push_back(extensions.string(key.c_str()));
    }
  }
  std::vector<const char*> pointers = pointersOf(texts);
  char reason[512] = "";
  const auto code = rd_kafka_oauthbearer_set_token(rk, value.c_str(), lifetimeMs, principal.c_str(),
                                                   pointers.empty() ? nullptr : pointers.data(),
                                                   pointers.size(), reason, sizeof(reason));
  return code ? JsonResult::fail(code, reason) : JsonResult::ok();
}

JsonResult setOauthBearerTokenFailure(rd_kafka_t* rk, const Args& args) {
  const std::string message = args.string("message");
  // An empty reason is refused by librdkafka, and the client would wait for its token for ever.
  const auto code = rd_kafka_oauthbearer_set_token_failure(
      rk, message.empty() ? "no reason given" : message.c_str());
  return code ? JsonResult::fail(code) : JsonResult::ok();
}

// Used at the next login; what is connected stays so.
JsonResult setSaslCredentials(rd_kafka_t* rk, const Args& args) {
  const std::string username = args.string("username");
  const std::string password = args.string("password");
  const ErrorHandle error(rd_kafka_sasl_set_credentials(rk, username.c_str(), password.c_str()));
  return error ? JsonResult::fail(Error::of(error.get())) : JsonResult::ok();
}

}  // namespace

JsonResult commonOperation(rd_kafka_t* rk, const std::string& operation, const json& args,
                           bool& handled) {
  using Function = JsonResult (*)(rd_kafka_t*, const Args&);
  static constexpr std::pair<const char*, Function> kOperations[] = {
      {"metadata", metadata},
      {"watermarks", watermarks},
      {"offsetsForTimes", offsetsForTimes},
      {"setOauthBearerToken", setOauthBearerToken},
      {"setOauthBearerTokenFailure", setOauthBearerTokenFailure},
      {"setSaslCredentials", setSaslCredentials},
  };
  handled = false;
  for (const auto& [name, function] : kOperations) {
    if (operation != name) continue;
    handled = true;
    try {
      return function(rk, Args(args, operation));
    } catch (const BadArgument& error) {
      return JsonResult::fail(RD_KAFKA_RESP_ERR__INVALID_ARG, error.message);
    } catch (const std::exception& error) {
      return JsonResult::fail(RD_KAFKA_RESP_ERR__FAIL, error.what());
    }
  }
  return JsonResult::ok();
}

}  // namespace easyflow::core
