#include "core/embedded_cluster.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace easyflow::core {

namespace {

using nlohmann::json;

constexpr int kMaxBrokers = 64;
constexpr std::int32_t kMaxPartitions = 10000;
constexpr int kDefaultPartitions = 4;
constexpr std::int32_t kAllBrokers = -1;

JsonResult done(rd_kafka_resp_err_t code) {
  return code ? JsonResult::fail(code) : JsonResult::ok();
}

std::string topicOf(const Args& args) {
  std::string topic = args.string("topic");
  if (topic.empty()) args.reject("topic", "a topic name");
  return topic;
}

// The mock makes a missing topic with as many partitions as it needs for the one that is named.
std::int32_t partitionOf(const Args& args) {
  const std::int32_t partition = args.int32("partition");
  if (partition < 0 || partition >= kMaxPartitions) args.reject("partition", "0 to 9999");
  return partition;
}

std::int16_t apiKeyOf(const Args& args) {
  const std::int32_t key = args.int32("apiKey");
  if (key < 0 || key > 32767) args.reject("apiKey", "the number of a request of the protocol");
  return static_cast<std::int16_t>(key);
}

std::int32_t atLeast(const Args& args, const char* key, std::int32_t minimum) {
  const std::int32_t value = args.int32(key);
  if (value < minimum) args.reject(key, std::to_string(minimum) + " or more");
  return value;
}

// A number, or a name as in Error::name().
rd_kafka_resp_err_t errorOf(const json& value, const std::string& path) {
  const rd_kafka_err_desc* descriptions = nullptr;
  size_t count = 0;
  rd_kafka_get_err_descs(&descriptions, &count);
  for (size_t i = 0; i < count; ++i) {
    if (value.is_number_integer() && value == static_cast<int>(descriptions[i].code) &&
        descriptions[i].name) {
      return descriptions[i].code;
    }
    if (value.is_string() && descriptions[i].name && value == descriptions[i].name)
      return descriptions[i].code;
  }
  throw BadArgument{"Expected an error code or name for " + path + " but received " +
                    value.type_name()};
}

std::vector<rd_kafka_resp_err_t> errorsOf(const Args& args) {
  const json& errors = args.raw("errors");
  if (!errors.is_array()) args.reject("errors", "an array of error codes or names");
  std::vector<rd_kafka_resp_err_t> codes;
  for (size_t i = 0; i < errors.size(); ++i) {
    codes.push_back(errorOf(errors[i], args.pathOf("errors") + "[" + std::to_string(i) + "]"));
  }
  return codes;
}

}  // namespace

std::shared_ptr<EmbeddedCluster> EmbeddedCluster::create(int brokers, const ConfigEntries& config,
                                                         Error& error) {
  if (brokers < 1 || brokers > kMaxBrokers) {
    error = Error::of(RD_KAFKA_RESP_ERR__INVALID_ARG,
                      "Expected 1 to " + std::to_string(kMaxBrokers) +
                          " for brokers but received " + std::to_string(brokers));
    return nullptr;
  }
  ConfigFailure failure;
  ConfHandle conf = makeConf(config, failure);
  if (!conf) {
    error = Error::of(RD_KAFKA_RESP_ERR__INVALID_ARG, failure.message);
    return nullptr;
  }
  // By default librdkafka logs to stderr, and the mock talks about every connection that breaks.
  rd_kafka_conf_set_log_cb(conf.get(), nullptr);

  std::shared_ptr<EmbeddedCluster> self(new EmbeddedCluster);
  char reason[512] = "";
  self->rk_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), reason, sizeof(reason)));
  if (!self->rk_) {
    error = Error::of(RD_KAFKA_RESP_ERR__FAIL, withoutSecrets(reason, config));
    return nullptr;
  }
  (void)conf.release();  // owned by the handle since rd_kafka_new() succeeded
  self->cluster_.reset(rd_kafka_mock_cluster_new(self->rk_.get(), brokers));
  if (!self->cluster_) {
    error = Error::of(RD_KAFKA_RESP_ERR__FAIL, "The brokers could not listen on 127.0.0.1");
    return nullptr;
  }
  self->bootstrapServers_ = rd_kafka_mock_cluster_bootstraps(self->cluster_.get());
  for (int id = 1; id <= brokers; ++id) self->brokers_.insert(id);
  // Without a controller, requests that go to it wait for one until they time out.
  self->controller_ = 1;
  rd_kafka_mock_set_controller_id(self->cluster_.get(), self->controller_);
  // 3 s otherwise, like a real broker.
  rd_kafka_mock_group_initial_rebalance_delay_ms(self->cluster_.get(), 0);
  return self;
}

EmbeddedCluster::~EmbeddedCluster() { stop(); }

void EmbeddedCluster::stop() {
  cluster_.reset();
  rk_.reset();
}

JsonResult EmbeddedCluster::call(const std::string& operation, const json& args) {
  try {
    const Operation function = find(operation);
    if (!function) {
      return JsonResult::fail(RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED,
                              "No such operation of an embedded cluster: " + operation);
    }
    if (!cluster_)
      return JsonResult::fail(RD_KAFKA_RESP_ERR__DESTROY, "The embedded cluster was stopped");
    return (this->*function)(Args(args, operation));
  } catch (const BadArgument& error) {
    return JsonResult::fail(RD_KAFKA_RESP_ERR__INVALID_ARG, error.message);
  } catch (const std::exception& error) {
    return JsonResult::fail(RD_KAFKA_RESP_ERR__FAIL, error.what());
  }
}

EmbeddedCluster::Operation EmbeddedCluster::find(const std::string& name) {
  static constexpr std::pair<const char*, Operation> kOperations[] = {
      {"createTopic", &EmbeddedCluster::createTopic},
      {"deleteTopic", &EmbeddedCluster::deleteTopic},
      {"setTopicError", &EmbeddedCluster::setTopicError},
      {"setPartitionLeader", &EmbeddedCluster::setPartitionLeader},
      {"setPartitionFollower", &EmbeddedCluster::setPartitionFollower},
      {"setPartitionFollowerWatermarks", &EmbeddedCluster::setPartitionFollowerWatermarks},
      {"deleteRecords", &EmbeddedCluster::deleteRecords},
      {"brokers", &EmbeddedCluster::listBrokers},
      {"brokerDown", &EmbeddedCluster::brokerDown},
      {"brokerUp", &EmbeddedCluster::brokerUp},
      {"brokerRtt", &EmbeddedCluster::brokerRtt},
      {"brokerRack", &EmbeddedCluster::brokerRack},
      {"addBroker", &EmbeddedCluster::addBroker},
      {"decommissionBroker", &EmbeddedCluster::decommissionBroker},
      {"pushRequestErrors", &EmbeddedCluster::pushRequestErrors},
      {"pushBrokerRequestErrors", &EmbeddedCluster::pushBrokerRequestErrors},
      {"pushPartitionRequestErrors", &EmbeddedCluster::pushPartitionRequestErrors},
      {"clearRequestErrors", &EmbeddedCluster::clearRequestErrors},
      {"coordinator", &EmbeddedCluster::coordinator},
      {"setController", &EmbeddedCluster::setController},
      {"setApiVersion", &EmbeddedCluster::setApiVersion},
      {"groupInitialRebalanceDelay", &EmbeddedCluster::groupInitialRebalanceDelay},
      {"startRequestTracking", &EmbeddedCluster::startRequestTracking},
      {"stopRequestTracking", &EmbeddedCluster::stopRequestTracking},
      {"requests", &EmbeddedCluster::requests},
      {"clearRequests", &EmbeddedCluster::clearRequests},
  };
  for (const auto& [known, operation] : kOperations) {
    if (name == known) return operation;
  }
  return nullptr;
}

JsonResult EmbeddedCluster::createTopic(const Args& args) {
  const std::string topic = topicOf(args);
  const std::int32_t partitions = args.int32("partitions", kDefaultPartitions);
  const auto brokers = static_cast<std::int32_t>(brokers_.size());
  const std::int32_t replicas = args.int32("replicationFactor", std::min(3, brokers));
  if (partitions < 1 || partitions > kMaxPartitions) args.reject("partitions", "1 to 10000");
  if (replicas < 1) args.reject("replicationFactor", "1 or more");
  if (replicas > brokers) return JsonResult::fail(RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR);
  return done(rd_kafka_mock_topic_create(cluster_.get(), topic.c_str(), partitions, replicas));
}

JsonResult EmbeddedCluster::deleteTopic(const Args& args) {
  return done(rd_kafka_mock_topic_delete(cluster_.get(), topicOf(args).c_str()));
}

JsonResult EmbeddedCluster::setTopicError(const Args& args) {
  rd_kafka_mock_topic_set_error(cluster_.get(), topicOf(args).c_str(),
                                errorOf(args.raw("error"), args.pathOf("error")));
  return JsonResult::ok();
}

JsonResult EmbeddedCluster::setPartitionLeader(const Args& args) {
  return done(rd_kafka_mock_partition_set_leader(cluster_.get(), topicOf(args).c_str(),
                                                 partitionOf(args), atLeast(args, "brokerId", -1)));
}

JsonResult EmbeddedCluster::setPartitionFollower(const Args& args) {
  return done(rd_kafka_mock_partition_set_follower(
      cluster_.get(), topicOf(args).c_str(), partitionOf(args), atLeast(args, "brokerId", -1)));
}

JsonResult EmbeddedCluster::setPartitionFollowerWatermarks(const Args& args) {
  return done(rd_kafka_mock_partition_set_follower_wmarks(cluster_.get(), topicOf(args).c_str(),
                                                          partitionOf(args), args.int64("low"),
                                                          args.int64("high")));
}

JsonResult EmbeddedCluster::deleteRecords(const Args& args) {
  const std::int64_t before = args.int64("beforeOffset");
  if (before < 0) args.reject("beforeOffset", "0 or more");
  return done(rd_kafka_mock_partition_delete_records(cluster_.get(), topicOf(args).c_str(),
                                                     partitionOf(args), before));
}

JsonResult EmbeddedCluster::listBrokers(const Args&) { return JsonResult::ok(brokers_); }

JsonResult EmbeddedCluster::brokerDown(const Args& args) {
  return done(
      rd_kafka_mock_broker_set_down(cluster_.get(), atLeast(args, "brokerId", kAllBrokers)));
}

JsonResult EmbeddedCluster::brokerUp(const Args& args) {
  return done(rd_kafka_mock_broker_set_up(cluster_.get(), atLeast(args, "brokerId", kAllBrokers)));
}

JsonResult EmbeddedCluster::brokerRtt(const Args& args) {
  return done(rd_kafka_mock_broker_set_rtt(cluster_.get(), atLeast(args, "brokerId", kAllBrokers),
                                           atLeast(args, "rttMs", 0)));
}

JsonResult EmbeddedCluster::brokerRack(const Args& args) {
  return done(rd_kafka_mock_broker_set_rack(cluster_.get(), atLeast(args, "brokerId", kAllBrokers),
                                            args.string("rack").c_str()));
}

JsonResult EmbeddedCluster::addBroker(const Args& args) {
  const std::int32_t id = atLeast(args, "brokerId", 0);
  // The mock would run two brokers of the same id.
  if (brokers_.count(id)) args.reject("brokerId", "an id that is not taken");
  const auto code = rd_kafka_mock_broker_add(cluster_.get(), id);
  if (!code) brokers_.insert(id);
  return done(code);
}

JsonResult EmbeddedCluster::decommissionBroker(const Args& args) {
  const std::int32_t id = atLeast(args, "brokerId", 0);
  if (!brokers_.count(id)) return JsonResult::fail(RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE);
  // The mock divides by the number of brokers to find a coordinator.
  if (brokers_.size() == 1) args.reject("brokerId", "another broker than the last one");
  const auto code = rd_kafka_mock_broker_decommission(cluster_.get(), id);
  if (code) return JsonResult::fail(code);
  brokers_.erase(id);
  if (controller_ == id) {
    controller_ = *brokers_.begin();
    rd_kafka_mock_set_controller_id(cluster_.get(), controller_);
  }
  return JsonResult::ok();
}

JsonResult EmbeddedCluster::pushRequestErrors(const Args& args) {
  const auto codes = errorsOf(args);
  if (!codes.empty()) {
    rd_kafka_mock_push_request_errors_array(cluster_.get(), apiKeyOf(args), codes.size(),
                                            codes.data());
  }
  return JsonResult::ok();
}

JsonResult EmbeddedCluster::pushBrokerRequestErrors(const Args& args) {
  const std::int32_t broker = atLeast(args, "brokerId", 0);
  const std::int16_t apiKey = apiKeyOf(args);
  std::vector<std::pair<rd_kafka_resp_err_t, std::int32_t>> errors;
  for (const auto& item : args.objects("errors")) {
    const std::int32_t rttMs = item.int32("rttMs", 0);
    if (rttMs < 0) item.reject("rttMs", "0 or more");
    errors.emplace_back(errorOf(item.raw("error"), item.pathOf("error")), rttMs);
  }
  for (const auto& [code, rttMs] : errors) {
    const auto result = rd_kafka_mock_broker_push_request_error_rtts(
        cluster_.get(), broker, apiKey, 1, code, static_cast<int>(rttMs));
    if (result) return JsonResult::fail(result);
  }
  return JsonResult::ok();
}

JsonResult EmbeddedCluster::pushPartitionRequestErrors(const Args& args) {
  const std::string topic = topicOf(args);
  const std::int32_t partition = partitionOf(args);
  const std::int16_t apiKey = apiKeyOf(args);
  for (const auto code : errorsOf(args)) {
    const auto result = rd_kafka_mock_partition_push_request_errors(
        cluster_.get(), topic.c_str(), partition, apiKey, static_cast<size_t>(1), code);
    if (result) return JsonResult::fail(result);
  }
  return JsonResult::ok();
}

JsonResult EmbeddedCluster::clearRequestErrors(const Args& args) {
  rd_kafka_mock_clear_request_errors(cluster_.get(), apiKeyOf(args));
  return JsonResult::ok();
}

JsonResult EmbeddedCluster::coordinator(const Args& args) {
  const std::string type = args.string("keyType");
  if (type != "group" && type != "transaction") args.reject("keyType", "'group' or 'transaction'");
  return done(rd_kafka_mock_coordinator_set(
      cluster_.get(), type.c_str(), args.string("key").c_str(), atLeast(args, "brokerId", -1)));
}

JsonResult EmbeddedCluster::setController(const Args& args) {
  controller_ = atLeast(args, "brokerId", -1);
  rd_kafka_mock_set_controller_id(cluster_.get(), controller_);
  return JsonResult::ok();
}

JsonResult EmbeddedCluster::setApiVersion(const Args& args) {
  const std::int32_t min = atLeast(args, "min", -1), max = atLeast(args, "max", -1);
  if (min > 32767) args.reject("min", "a version");
  if (max > 32767) args.reject("max", "a version");
  return done(rd_kafka_mock_set_apiversion(cluster_.get(), apiKeyOf(args),
                                           static_cast<std::int16_t>(min),
                                           static_cast<std::int16_t>(max)));
}

JsonResult EmbeddedCluster::groupInitialRebalanceDelay(const Args& args) {
  rd_kafka_mock_group_initial_rebalance_delay_ms(cluster_.get(), atLeast(args, "delayMs", 0));
  return JsonResult::ok();
}

JsonResult EmbeddedCluster::startRequestTracking(const Args&) {
  rd_kafka_mock_start_request_tracking(cluster_.get());
  return JsonResult::ok();
}

JsonResult EmbeddedCluster::stopRequestTracking(const Args&) {
  rd_kafka_mock_stop_request_tracking(cluster_.get());
  return JsonResult::ok();
}

JsonResult EmbeddedCluster::requests(const Args&) {
  size_t count = 0;
  rd_kafka_mock_request_t** list = rd_kafka_mock_get_requests(cluster_.get(), &count);
  const auto destroy = [count](rd_kafka_mock_request_t** array) {
    rd_kafka_mock_request_destroy_array(array, count);
  };
  const std::unique_ptr<rd_kafka_mock_request_t*, decltype(destroy)> owned(list, destroy);
  auto items = json::array();
  for (size_t i = 0; i < count; ++i) {
    items.push_back({{"brokerId", rd_kafka_mock_request_id(list[i])},
                     {"apiKey", rd_kafka_mock_request_api_key(list[i])},
                     {"timestampMs", rd_kafka_mock_request_timestamp(list[i]) / 1000}});
  }
  return JsonResult::ok(std::move(items));
}

JsonResult EmbeddedCluster::clearRequests(const Args&) {
  rd_kafka_mock_clear_requests(cluster_.get());
  return JsonResult::ok();
}

}  // namespace easyflow::core
