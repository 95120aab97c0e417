// An embedded cluster and plain librdkafka clients against it.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/config.h"
#include "core/embedded_cluster.h"
#include "core/handles.h"

namespace easyflow::core {

class KafkaFixture : public testing::Test {
 protected:
  void SetUp() override { start(1); }

  void start(int brokers) {
    Error error;
    cluster_ = EmbeddedCluster::create(brokers, {}, error);
    ASSERT_TRUE(cluster_) << error.message;
  }

  KafkaHandle client(rd_kafka_type_t type, ConfigEntries extra = {}, int events = 0) {
    ConfigEntries entries = {{"bootstrap.servers", cluster_->bootstrapServers()},
                             {"reconnect.backoff.ms", "10"},
                             {"reconnect.backoff.max.ms", "20"},
                             {"retry.backoff.ms", "10"}};
    if (type == RD_KAFKA_CONSUMER) {
      entries.emplace_back("fetch.wait.max.ms", "10");
      entries.emplace_back("group.id", "group");
      entries.emplace_back("auto.offset.reset", "earliest");
    }
    entries.insert(entries.end(), extra.begin(), extra.end());
    ConfigFailure failure;
    ConfHandle conf = makeConf(entries, failure);
    EXPECT_TRUE(conf) << failure.message;
    rd_kafka_conf_set_log_cb(conf.get(), nullptr);
    if (events) rd_kafka_conf_set_events(conf.get(), events);
    char reason[512] = "";
    KafkaHandle rk(rd_kafka_new(type, conf.get(), reason, sizeof(reason)));
    EXPECT_TRUE(rk) << reason;
    if (rk) (void)conf.release();
    return rk;
  }

  nlohmann::json ok(const std::string& operation,
                    const nlohmann::json& args = nlohmann::json::object()) {
    JsonResult result = cluster_->call(operation, args);
    EXPECT_FALSE(result.error) << operation << ": " << result.error.message;
    return std::move(result.value);
  }

  // Produces to partition 0 and waits for the delivery.
  static void produce(rd_kafka_t* rk, const std::string& topic,
                      const std::vector<std::string>& values) {
    for (const auto& value : values) {
      ASSERT_EQ(rd_kafka_producev(rk, RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(0),
                                  RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()),
                                  RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END),
                RD_KAFKA_RESP_ERR_NO_ERROR);
    }
    ASSERT_EQ(rd_kafka_flush(rk, 60000), RD_KAFKA_RESP_ERR_NO_ERROR);
  }

  // The next message of a subscribed consumer, skipping errors; empty after a minute.
  static std::string nextValue(rd_kafka_t* rk) {
    std::string value;
    waitFor([&] {
      rd_kafka_message_t* message = rd_kafka_consumer_poll(rk, 100);
      if (!message) return false;
      const bool found = !message->err;
      if (found) value.assign(static_cast<const char*>(message->payload), message->len);
      rd_kafka_message_destroy(message);
      return found;
    });
    return value;
  }

  // `condition` does its own waiting (a poll with a timeout); false: it did not come true within
  // a minute.
  static bool waitFor(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (std::chrono::steady_clock::now() < end) {
      if (condition()) return true;
    }
    return false;
  }

  std::shared_ptr<EmbeddedCluster> cluster_;
};

}  // namespace easyflow::core
