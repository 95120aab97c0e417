#include "core/embedded_cluster.h"

#include <algorithm>

#include "core/common_operations.h"
#include "kafka_fixture.h"

namespace easyflow::core {
namespace {

using nlohmann::json;

constexpr int kProduceApi = 0;
constexpr int kMetadataApi = 3;

class EmbeddedClusterTest : public KafkaFixture {
 protected:
  json metadata(rd_kafka_t* rk, json args = json::object()) {
    bool handled = false;
    args["timeoutMs"] = 30000;
    JsonResult result = commonOperation(rk, "metadata", args, handled);
    EXPECT_FALSE(result.error) << result.error.message;
    return std::move(result.value);
  }
};

// Counts delivery reports by error.
struct Reports {
  int delivered = 0;
  rd_kafka_resp_err_t failed = RD_KAFKA_RESP_ERR_NO_ERROR;

  void poll(rd_kafka_t* rk) {
    const QueueHandle queue(rd_kafka_queue_get_main(rk));
    const EventHandle event(rd_kafka_queue_poll(queue.get(), 100));
    if (!event || rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_DR) return;
    while (const rd_kafka_message_t* message = rd_kafka_event_message_next(event.get())) {
      if (message->err) {
        failed = message->err;
      } else {
        ++delivered;
      }
    }
  }
};

void enqueue(rd_kafka_t* rk, const char* topic) {
  ASSERT_EQ(rd_kafka_producev(rk, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(0),
                              RD_KAFKA_V_VALUE(const_cast<char*>("x"), 1),
                              RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END),
            RD_KAFKA_RESP_ERR_NO_ERROR);
}

TEST_F(EmbeddedClusterTest, WhatIsProducedIsConsumed) {
  ok("createTopic", {{"topic", "t"}, {"partitions", 1}});
  const auto producer = client(RD_KAFKA_PRODUCER);
  produce(producer.get(), "t", {"one", "two"});
  const auto consumer = client(RD_KAFKA_CONSUMER);
  const PartitionListHandle topics(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(topics.get(), "t", RD_KAFKA_PARTITION_UA);
  ASSERT_EQ(rd_kafka_subscribe(consumer.get(), topics.get()), RD_KAFKA_RESP_ERR_NO_ERROR);
  EXPECT_EQ(nextValue(consumer.get()), "one");
  EXPECT_EQ(nextValue(consumer.get()), "two");
  rd_kafka_consumer_close(consumer.get());
}

TEST_F(EmbeddedClusterTest, FirstMemberOfAGroupDoesNotWaitForOthers) {
  ok("createTopic", {{"topic", "t"}, {"partitions", 1}});
  const auto producer = client(RD_KAFKA_PRODUCER);
  produce(producer.get(), "t", {"one"});
  const PartitionListHandle topics(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(topics.get(), "t", RD_KAFKA_PARTITION_UA);
  // The mock's own initial delay is 3 s: with it no group of however many is ready earlier.
  auto shortest = std::chrono::steady_clock::duration::max();
  for (int group = 0; group < 10 && shortest > std::chrono::milliseconds(2900); ++group) {
    const auto consumer = client(RD_KAFKA_CONSUMER, {{"group.id", "g" + std::to_string(group)}});
    const auto begin = std::chrono::steady_clock::now();
    ASSERT_EQ(rd_kafka_subscribe(consumer.get(), topics.get()), RD_KAFKA_RESP_ERR_NO_ERROR);
    EXPECT_EQ(nextValue(consumer.get()), "one");
    shortest = std::min(shortest, std::chrono::steady_clock::now() - begin);
    rd_kafka_consumer_close(consumer.get());
  }
  EXPECT_LT(shortest, std::chrono::milliseconds(2900));
}

TEST_F(EmbeddedClusterTest, TopicsComeAndGo) {
  start(3);
  EXPECT_EQ(ok("brokers"), json::parse("[1,2,3]"));
  ok("createTopic", {{"topic", "t"}, {"partitions", 2}, {"replicationFactor", 2}});
  const auto rk = client(RD_KAFKA_PRODUCER);
  const auto found = metadata(rk.get());
  EXPECT_EQ(found["brokers"].size(), 3u);
  ASSERT_EQ(found["topics"].size(), 1u);
  ASSERT_EQ(found["topics"][0]["partitions"].size(), 2u);
  EXPECT_EQ(found["topics"][0]["partitions"][0]["replicas"].size(), 2u);

  EXPECT_EQ(cluster_->call("createTopic", {{"topic", "t"}}).error.code,
            RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS);
  EXPECT_EQ(cluster_->call("createTopic", {{"topic", "u"}, {"replicationFactor", 4}}).error.code,
            RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR);
  ok("deleteTopic", {{"topic", "t"}});
  EXPECT_EQ(metadata(rk.get())["topics"].size(), 0u);
  EXPECT_EQ(cluster_->call("deleteTopic", {{"topic", "t"}}).error.code,
            RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
}

TEST_F(EmbeddedClusterTest, LeadersAndControllerMove) {
  start(2);
  ok("createTopic", {{"topic", "t"}, {"partitions", 1}});
  const auto rk = client(RD_KAFKA_PRODUCER);
  for (const int broker : {2, 1}) {
    ok("setPartitionLeader", {{"topic", "t"}, {"partition", 0}, {"brokerId", broker}});
    EXPECT_EQ(metadata(rk.get())["topics"][0]["partitions"][0]["leader"], broker);
  }
  ok("setPartitionLeader", {{"topic", "t"}, {"partition", 0}, {"brokerId", -1}});
  EXPECT_EQ(metadata(rk.get())["topics"][0]["partitions"][0]["leader"], -1);
  EXPECT_EQ(
      cluster_->call("setPartitionLeader", {{"topic", "t"}, {"partition", 0}, {"brokerId", 9}})
          .error.code,
      RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE);
  ok("setController", {{"brokerId", 2}});
  EXPECT_EQ(metadata(rk.get())["controllerId"], 2);
}

TEST_F(EmbeddedClusterTest, BrokersComeAndGo) {
  const auto rk = client(RD_KAFKA_PRODUCER);
  ok("addBroker", {{"brokerId", 7}});
  EXPECT_EQ(ok("brokers"), json::parse("[1,7]"));
  EXPECT_EQ(metadata(rk.get())["brokers"].size(), 2u);
  EXPECT_EQ(cluster_->call("addBroker", {{"brokerId", 7}}).error.code,
            RD_KAFKA_RESP_ERR__INVALID_ARG);
  ok("decommissionBroker", {{"brokerId", 7}});
  EXPECT_EQ(metadata(rk.get())["brokers"].size(), 1u);
  EXPECT_EQ(cluster_->call("decommissionBroker", {{"brokerId", 7}}).error.code,
            RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE);
  // Without brokers the mock would divide by zero.
  EXPECT_EQ(cluster_->call("decommissionBroker", {{"brokerId", 1}}).error.code,
            RD_KAFKA_RESP_ERR__INVALID_ARG);
}

TEST_F(EmbeddedClusterTest, TheControllerLeavesItsPlaceToAnother) {
  start(2);
  const auto rk = client(RD_KAFKA_PRODUCER);
  EXPECT_EQ(metadata(rk.get())["controllerId"], 1);
  ok("decommissionBroker", {{"brokerId", 1}});
  EXPECT_EQ(metadata(rk.get())["controllerId"], 2);
}

TEST_F(EmbeddedClusterTest, MetadataOfATopicNeedsNoController) {
  start(2);
  ok("createTopic", {{"topic", "t"}, {"partitions", 1}});
  const auto rk = client(RD_KAFKA_PRODUCER);
  ok("setController", {{"brokerId", -1}});
  EXPECT_EQ(metadata(rk.get(), {{"topic", "t"}})["topics"][0]["topic"], "t");
}

TEST_F(EmbeddedClusterTest, ABrokerThatIsDownComesBack) {
  ok("createTopic", {{"topic", "t"}, {"partitions", 1}});
  const auto rk = client(RD_KAFKA_PRODUCER, {}, RD_KAFKA_EVENT_DR);
  Reports reports;
  enqueue(rk.get(), "t");
  ASSERT_TRUE(waitFor([&] { return reports.poll(rk.get()), reports.delivered == 1; }));
  ok("brokerDown", {{"brokerId", 1}});
  ok("brokerDown", {{"brokerId", -1}});  // again, by another name
  enqueue(rk.get(), "t");
  EXPECT_EQ(rd_kafka_flush(rk.get(), 200), RD_KAFKA_RESP_ERR__TIMED_OUT);
  ok("brokerUp", {{"brokerId", 1}});
  EXPECT_TRUE(waitFor([&] { return reports.poll(rk.get()), reports.delivered == 2; }));
  EXPECT_EQ(reports.failed, RD_KAFKA_RESP_ERR_NO_ERROR);
}

TEST_F(EmbeddedClusterTest, RequestErrorsReachTheClient) {
  ok("createTopic", {{"topic", "t"}, {"partitions", 1}});
  const json pushes[] = {
      {{"operation", "pushRequestErrors"}, {"errors", {"TOPIC_AUTHORIZATION_FAILED"}}},
      {{"operation", "pushRequestErrors"}, {"errors", {29}}},
      {{"operation", "pushBrokerRequestErrors"},
       {"brokerId", 1},
       {"errors", {{{"error", 29}, {"rttMs", 1}}}}},
      {{"operation", "pushPartitionRequestErrors"},
       {"topic", "t"},
       {"partition", 0},
       {"errors", {29}}},
  };
  for (json push : pushes) {
    const auto rk = client(RD_KAFKA_PRODUCER, {}, RD_KAFKA_EVENT_DR);
    push["apiKey"] = kProduceApi;
    ok(push["operation"], push);
    Reports reports;
    enqueue(rk.get(), "t");
    EXPECT_TRUE(waitFor([&] { return reports.poll(rk.get()), reports.failed != 0; })) << push;
    EXPECT_EQ(reports.failed, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) << push;
  }
  // What was pushed and cleared is not seen.
  ok("pushRequestErrors", {{"apiKey", kProduceApi}, {"errors", {29}}});
  ok("clearRequestErrors", {{"apiKey", kProduceApi}});
  const auto rk = client(RD_KAFKA_PRODUCER, {}, RD_KAFKA_EVENT_DR);
  Reports reports;
  enqueue(rk.get(), "t");
  EXPECT_TRUE(waitFor([&] { return reports.poll(rk.get()), reports.delivered == 1; }));
  EXPECT_EQ(reports.failed, RD_KAFKA_RESP_ERR_NO_ERROR);
}

TEST_F(EmbeddedClusterTest, TopicErrorsAreInMetadata) {
  ok("createTopic", {{"topic", "t"}, {"partitions", 1}});
  const auto rk = client(RD_KAFKA_PRODUCER);
  ok("setTopicError", {{"topic", "t"}, {"error", "TOPIC_AUTHORIZATION_FAILED"}});
  EXPECT_EQ(metadata(rk.get())["topics"][0]["error"]["name"], "TOPIC_AUTHORIZATION_FAILED");
  ok("setTopicError", {{"topic", "t"}, {"error", 0}});
  EXPECT_TRUE(metadata(rk.get())["topics"][0]["error"].is_null());
}

TEST_F(EmbeddedClusterTest, RequestsAreTracked) {
  const auto rk = client(RD_KAFKA_PRODUCER);
  metadata(rk.get());
  EXPECT_EQ(ok("requests").size(), 0u);
  ok("startRequestTracking");
  metadata(rk.get());
  bool seen = false;
  for (const auto& request : ok("requests")) {
    seen = seen || (request["apiKey"] == kMetadataApi && request["brokerId"] == 1 &&
                    request["timestampMs"] > 0);
  }
  EXPECT_TRUE(seen);
  ok("stopRequestTracking");
  ok("clearRequests");
  metadata(rk.get());
  EXPECT_EQ(ok("requests").size(), 0u);
}

TEST_F(EmbeddedClusterTest, RecordsAreDeleted) {
  ok("createTopic", {{"topic", "t"}, {"partitions", 1}});
  const auto rk = client(RD_KAFKA_PRODUCER);
  produce(rk.get(), "t", {"a"});
  produce(rk.get(), "t", {"b"});
  ok("deleteRecords", {{"topic", "t"}, {"partition", 0}, {"beforeOffset", "1"}});
  bool handled = false;
  const auto result =
      commonOperation(rk.get(), "watermarks", {{"topic", "t"}, {"partition", 0}}, handled);
  EXPECT_EQ(result.value, json::parse(R"({"low":"1","high":"2"})"));
  EXPECT_EQ(
      cluster_->call("deleteRecords", {{"topic", "t"}, {"partition", 0}, {"beforeOffset", "3"}})
          .error.code,
      RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE);
}

TEST_F(EmbeddedClusterTest, SlowBrokersAnswerLate) {
  const auto rk = client(RD_KAFKA_PRODUCER);
  metadata(rk.get());
  ok("brokerRtt", {{"brokerId", 1}, {"rttMs", 200}});
  const auto begin = std::chrono::steady_clock::now();
  metadata(rk.get());
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(180));
}

TEST_F(EmbeddedClusterTest, OtherFaultsAreAccepted) {
  start(2);
  ok("createTopic", {{"topic", "t"}, {"partitions", 1}});
  ok("setPartitionFollower", {{"topic", "t"}, {"partition", 0}, {"brokerId", 2}});
  ok("setPartitionFollowerWatermarks",
     {{"topic", "t"}, {"partition", 0}, {"low", "-1"}, {"high", "-1"}});
  ok("brokerRack", {{"brokerId", 1}, {"rack", "a"}});
  ok("coordinator", {{"keyType", "group"}, {"key", "g"}, {"brokerId", 2}});
  ok("setApiVersion", {{"apiKey", kProduceApi}, {"min", 0}, {"max", 7}});
  ok("groupInitialRebalanceDelay", {{"delayMs", 5}});
}

TEST_F(EmbeddedClusterTest, BadArgumentsAreNamed) {
  const std::pair<const char*, json> bad[] = {
      {"createTopic", json::object()},
      {"createTopic", {{"topic", 7}}},
      {"createTopic", {{"topic", "t"}, {"partitions", 0}}},
      {"createTopic", {{"topic", "t"}, {"partitions", 1 << 30}}},
      {"createTopic", {{"topic", std::string("a\0b", 3)}}},
      {"createTopic", json::array()},
      {"createTopic", nullptr},
      {"setTopicError", {{"topic", "t"}, {"error", "NO_SUCH_NAME"}}},
      {"setTopicError", {{"topic", "t"}, {"error", 9999}}},
      {"setPartitionLeader", {{"topic", "t"}, {"partition", -1}, {"brokerId", 1}}},
      {"pushRequestErrors", {{"apiKey", 70000}, {"errors", {1}}}},
      {"pushRequestErrors", {{"apiKey", 0}, {"errors", 1}}},
      {"coordinator", {{"keyType", "share"}, {"key", "g"}, {"brokerId", 1}}},
      {"setApiVersion", {{"apiKey", 30000}, {"min", 0}, {"max", 1}}},
      {"brokerRtt", {{"brokerId", 1}, {"rttMs", -1}}},
  };
  for (const auto& [operation, args] : bad) {
    const auto result = cluster_->call(operation, args);
    EXPECT_EQ(result.error.code, RD_KAFKA_RESP_ERR__INVALID_ARG) << operation << " " << args;
  }
  const auto message = cluster_->call("createTopic", {{"topic", 7}}).error.message;
  EXPECT_EQ(message, "Expected a string for createTopic.topic but received number");
  EXPECT_EQ(cluster_->call("explode", json::object()).error.code,
            RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED);
}

TEST_F(EmbeddedClusterTest, StopsOnceAndAnswersAfterwards) {
  const std::string bootstrap = cluster_->bootstrapServers();
  EXPECT_NE(bootstrap.find("127.0.0.1:"), std::string::npos);
  cluster_->stop();
  cluster_->stop();
  EXPECT_EQ(cluster_->bootstrapServers(), bootstrap);
  EXPECT_EQ(cluster_->call("createTopic", {{"topic", "t"}}).error.code, RD_KAFKA_RESP_ERR__DESTROY);
}

TEST_F(EmbeddedClusterTest, StopsWhileClientsAreConnected) {
  const auto rk = client(RD_KAFKA_PRODUCER);
  metadata(rk.get());
  cluster_.reset();
  const rd_kafka_metadata_t* none = nullptr;
  EXPECT_NE(rd_kafka_metadata(rk.get(), 1, nullptr, &none, 100), RD_KAFKA_RESP_ERR_NO_ERROR);
}

TEST_F(EmbeddedClusterTest, PrintsNothing) {
  testing::internal::CaptureStderr();
  {
    const auto rk = client(RD_KAFKA_PRODUCER);
    metadata(rk.get());
    ok("brokerDown", {{"brokerId", 1}});
    ok("brokerUp", {{"brokerId", 1}});
    metadata(rk.get());
    cluster_->stop();
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(EmbeddedClusterCreateTest, RefusesBadOptions) {
  Error error;
  EXPECT_FALSE(EmbeddedCluster::create(0, {}, error));
  EXPECT_EQ(error.code, RD_KAFKA_RESP_ERR__INVALID_ARG);
  EXPECT_FALSE(EmbeddedCluster::create(1, {{"no.such", "1"}}, error));
  EXPECT_NE(error.message.find("no.such"), std::string::npos);
}

}  // namespace
}  // namespace easyflow::core
