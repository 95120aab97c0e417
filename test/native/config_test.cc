#include "core/config.h"

#include <gtest/gtest.h>

#include <map>

namespace easyflow::core {
namespace {

std::string valueOf(const rd_kafka_conf_t* conf, const char* name) {
  char value[256] = "";
  size_t size = sizeof(value);
  EXPECT_EQ(rd_kafka_conf_get(conf, name, value, &size), RD_KAFKA_CONF_OK);
  return value;
}

TEST(ConfigTest, SetsGlobalAndTopicProperties) {
  ConfigFailure failure;
  const ConfHandle conf =
      makeConf({{"linger.ms", "7"}, {"acks", "all"}, {"linger.ms", "8"}}, failure);
  ASSERT_TRUE(conf) << failure.message;
  EXPECT_EQ(valueOf(conf.get(), "linger.ms"), "8");
  EXPECT_EQ(valueOf(conf.get(), "acks"), "-1");
}

TEST(ConfigTest, NamesAnUnknownProperty) {
  ConfigFailure failure;
  EXPECT_FALSE(makeConf({{"linger.ms", "7"}, {"no.such", "1"}}, failure));
  EXPECT_EQ(failure.property, "no.such");
  EXPECT_NE(failure.message.find("no.such"), std::string::npos);
}

TEST(ConfigTest, GivesLibrdkafkasReason) {
  ConfigFailure failure;
  EXPECT_FALSE(makeConf({{"message.max.bytes", "-5"}}, failure));
  EXPECT_EQ(failure.property, "message.max.bytes");
  EXPECT_NE(failure.message.find("outside allowed range"), std::string::npos) << failure.message;
}

TEST(ConfigTest, TopicConfigurationTakesNoGlobalProperty) {
  ConfigFailure failure;
  EXPECT_TRUE(makeTopicConf({{"acks", "1"}, {"compression.type", "lz4"}}, failure))
      << failure.message;
  EXPECT_FALSE(makeTopicConf({{"client.id", "me"}}, failure));
  EXPECT_EQ(failure.property, "client.id");
}

TEST(ConfigTest, RefusesNulInsteadOfCuttingTheValue) {
  ConfigFailure failure;
  EXPECT_FALSE(makeConf({{"sasl.password", std::string("hunter\0two", 10)}}, failure));
  EXPECT_EQ(failure.property, "sasl.password");
  EXPECT_EQ(failure.message.find("hunter"), std::string::npos);
}

TEST(ConfigTest, KnowsSecrets) {
  for (const char* name :
       {"sasl.password", "ssl.key.pem", "ssl.key.password", "ssl.keystore.password", "ssl_key",
        "sasl.jaas.config", "sasl.oauthbearer.client.secret", "sasl.oauthbearer.config"}) {
    EXPECT_TRUE(isSecretProperty(name)) << name;
  }
  for (const char* name : {"bootstrap.servers", "sasl.username", "ssl.ca.pem", "linger.ms"}) {
    EXPECT_FALSE(isSecretProperty(name)) << name;
  }
}

TEST(ConfigTest, MessagesNeverHoldSecrets) {
  const ConfigEntries entries = {
      {"sasl.password", "hunter22"}, {"ssl.key.password", "ab"}, {"client.id", "visible"}};
  EXPECT_EQ(withoutSecrets("bad hunter22 and hunter22 for visible", entries),
            "bad *** and *** for visible");
  // A short secret would show through its own holes.
  EXPECT_EQ(withoutSecrets("cabbage", entries).find("cabbage"), std::string::npos);
  // librdkafka cuts its messages, so the value in them need not be whole.
  const std::string key = "-----BEGIN PRIVATE KEY-----" + std::string(400, 'k');
  EXPECT_EQ(withoutSecrets("wrong: " + key.substr(0, 100), {{"ssl.key.pem", key}}), "wrong: ***");
}

TEST(ConfigTest, ListsPropertiesWithAliasesAndScopes) {
  std::map<std::string, bool> properties;
  for (const auto& [name, topic] : configProperties()) {
    EXPECT_TRUE(properties.emplace(name, topic).second) << name << " is there twice";
  }
  EXPECT_GT(properties.size(), 150u);
  EXPECT_FALSE(properties.at("linger.ms"));
  EXPECT_FALSE(properties.at("bootstrap.servers"));
  EXPECT_FALSE(properties.at("metadata.broker.list"));    // alias
  EXPECT_FALSE(properties.at("queue.buffering.max.ms"));  // alias
  EXPECT_TRUE(properties.at("acks"));
  EXPECT_TRUE(properties.at("request.required.acks"));
  EXPECT_TRUE(properties.at("auto.offset.reset"));
  for (const char* callback :
       {"dr_msg_cb", "opaque", "rebalance_cb", "default_topic_conf", "Property"}) {
    EXPECT_EQ(properties.count(callback), 0u) << callback;
  }
}

TEST(ConfigTest, EveryListedPropertyIsKnownInItsScope) {
  for (const auto& [name, topic] : configProperties()) {
    const ConfHandle conf(rd_kafka_conf_new());
    const TopicConfHandle topicConf(rd_kafka_topic_conf_new());
    char reason[512] = "";
    const auto result =
        topic ? rd_kafka_topic_conf_set(topicConf.get(), name.c_str(), "?", reason, sizeof(reason))
              : rd_kafka_conf_set(conf.get(), name.c_str(), "?", reason, sizeof(reason));
    EXPECT_NE(result, RD_KAFKA_CONF_UNKNOWN) << name;
  }
}

}  // namespace
}  // namespace easyflow::core
