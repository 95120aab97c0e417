#include "hub/client_message.h"

#include <gtest/gtest.h>

namespace easyflow::hub {
namespace {

constexpr std::size_t kMaxPatterns = 3;

template <typename Message>
Message parsed(const std::string& text) {
  ClientMessage message = parseClientMessage(text, kMaxPatterns);
  EXPECT_TRUE(std::holds_alternative<Message>(message)) << text;
  return std::holds_alternative<Message>(message) ? std::get<Message>(message) : Message{};
}

void expectBad(const std::string& text, std::optional<std::uint32_t> id = std::nullopt) {
  const auto message = parseClientMessage(text, kMaxPatterns);
  ASSERT_TRUE(std::holds_alternative<BadMessage>(message)) << text;
  EXPECT_EQ(id, std::get<BadMessage>(message).id) << text;
  EXPECT_NE("", std::get<BadMessage>(message).reason);
}

TEST(HubClientMessage, Subscribe) {
  const auto plain =
      parsed<SubscribeMessage>(R"({"type":"subscribe","id":1,"channels":["task/*"]})");
  EXPECT_EQ(1U, plain.id);
  ASSERT_EQ(1U, plain.patterns.size());
  EXPECT_EQ("task/*", plain.patterns[0].text());
  EXPECT_EQ(Mode::kLatest, plain.mode);
  EXPECT_EQ(0U, plain.maxRateMs);
  EXPECT_FALSE(plain.filter);
  EXPECT_EQ("", plain.since);

  const auto full = parsed<SubscribeMessage>(
      R"({"type":"subscribe","id":4294967295,"channels":["b","a","b"],"mode":"latest","maxRateMs":3600000,)"
      R"("filter":{"s":[1,2]},"since":"e~1~","unknown":{"is":"ignored"}})");
  EXPECT_EQ(4294967295U, full.id);
  ASSERT_EQ(2U, full.patterns.size());
  EXPECT_EQ("a", full.patterns[0].text());
  EXPECT_EQ(3'600'000U, full.maxRateMs);
  EXPECT_TRUE(full.filter);
  EXPECT_EQ("e~1~", full.since);

  const auto nulls = parsed<SubscribeMessage>(
      R"({"type":"subscribe","id":0,"channels":["a"],"mode":null,"maxRateMs":null,"filter":null,"since":null})");
  EXPECT_EQ(Mode::kLatest, nulls.mode);
  EXPECT_EQ(Mode::kAll,
            parsed<SubscribeMessage>(
                R"({"type":"subscribe","id":0,"channels":["a"],"mode":"all","maxRateMs":0})")
                .mode);
}

TEST(HubClientMessage, TheOthers) {
  EXPECT_EQ(7U, parsed<UnsubscribeMessage>(R"({"type":"unsubscribe","id":7})").id);
  EXPECT_EQ("secret",
            parsed<AuthenticateMessage>(R"({"type":"authenticate","token":"secret"})").token);
  parsed<PingMessage>(R"({"type":"ping"})");
  parsed<PongMessage>(R"( {"type":"pong","more":[1]} )");
  const auto publish = parsed<PublishMessage>(
      R"({"type":"publish","id":7,"route":"task.create","key":"42","data":{"a":[1]}})");
  EXPECT_EQ(7U, publish.id);
  EXPECT_EQ("task.create", publish.route);
  EXPECT_EQ("42", publish.key);
  EXPECT_EQ(nlohmann::json::parse(R"({"a":[1]})"), publish.data);
  const auto small =
      parsed<PublishMessage>(R"({"type":"publish","id":7,"route":"r","key":null,"data":null})");
  EXPECT_FALSE(small.key);
  EXPECT_TRUE(small.data.is_null());
}

TEST(HubClientMessage, WhatIsNoObjectIsBad) {
  for (const char* text :
       {"", " ", "{", "[]", "1", "null", "\"ping\"", "ping", "{\"type\":\"ping\"",
        "{\"type\":\"ping\"}}", "[{\"type\":\"ping\"}]", "{'type':'ping'}"}) {
    expectBad(text);
  }
  expectBad(std::string("{\"type\":\"ping\"}\0x", 17));
  expectBad("\xEF\xBB\xBF{\"type\":\"ping\"}");
}

TEST(HubClientMessage, TypesAndIdsAreChecked) {
  for (const char* text :
       {"{}", R"({"type":1})", R"({"type":null})", R"({"type":"Ping"})", R"({"type":"hello"})",
        R"({"type":"welcome"})", R"({"type":"authenticate"})",
        R"({"type":"authenticate","token":1})", R"({"type":"unsubscribe"})",
        R"({"type":"unsubscribe","id":-1})", R"({"type":"unsubscribe","id":"1"})",
        R"({"type":"unsubscribe","id":1.5})", R"({"type":"unsubscribe","id":4294967296})",
        R"({"type":"unsubscribe","id":null})", R"({"type":"subscribe","channels":["a"]})",
        R"({"type":"publish","route":"r","data":1})"}) {
    expectBad(text);
  }
}

TEST(HubClientMessage, EveryFieldOfASubscribeIsChecked) {
  const auto subscribe = [](const std::string& rest) {
    return R"({"type":"subscribe","id":5)" + rest + "}";
  };
  for (const char* rest : {"",
                           R"(,"channels":"a")",
                           R"(,"channels":[])",
                           R"(,"channels":{})",
                           R"(,"channels":null)",
                           R"(,"channels":["a","b","c","d"])",
                           R"(,"channels":[1])",
                           R"(,"channels":[""])",
                           R"(,"channels":["a*b"])",
                           R"(,"channels":["a","\n"])",
                           R"(,"channels":["a"],"mode":"ALL")",
                           R"(,"channels":["a"],"mode":1)",
                           R"(,"channels":["a"],"maxRateMs":-1)",
                           R"(,"channels":["a"],"maxRateMs":"1")",
                           R"(,"channels":["a"],"maxRateMs":1.5)",
                           R"(,"channels":["a"],"maxRateMs":3600001)",
                           R"(,"channels":["a"],"mode":"all","maxRateMs":1)",
                           R"(,"channels":["a"],"filter":[])",
                           R"(,"channels":["a"],"filter":{})",
                           R"(,"channels":["a"],"filter":"x")",
                           R"(,"channels":["a"],"filter":{"a":{}})",
                           R"(,"channels":["a"],"since":1)",
                           R"(,"channels":["a"],"since":{})"}) {
    expectBad(subscribe(rest), 5);
  }
}

TEST(HubClientMessage, EveryFieldOfAPublishIsChecked) {
  for (const char* rest : {R"("data":1)", R"("route":1,"data":1)", R"("route":"r")",
                           R"("route":"r","key":1,"data":1)", R"("route":"r","key":{},"data":1)"}) {
    expectBad(std::string(R"({"type":"publish","id":5,)") + rest + "}", 5);
  }
}

TEST(HubClientMessage, DepthIsLimited) {
  const auto publish = [](std::size_t depth) {
    return R"({"type":"publish","id":5,"route":"r","data":)" + std::string(depth, '[') +
           std::string(depth, ']') + "}";
  };
  parsed<PublishMessage>(publish(60));
  expectBad(publish(70));
  expectBad(publish(1'000'000));
  expectBad(std::string(1'000'000, '['));
}

TEST(HubClientMessage, SubscriptionsThatGetTheSameShareAStream) {
  const auto key = [](const std::string& rest) {
    return parsed<SubscribeMessage>(R"({"type":"subscribe","id":5,)" + rest + "}").streamKey();
  };
  EXPECT_EQ(key(R"("channels":["a","b"])"), key(R"("channels":["b","a","a"],"mode":"latest")"));
  EXPECT_EQ(key(R"("channels":["a"],"filter":{"x":1,"y":2})"),
            key(R"("channels":["a"],"filter":{"y":2,"x":1},"since":"t")"));
  const std::vector<std::string> different = {
      key(R"("channels":["a"])"),
      key(R"("channels":["a*"])"),
      key(R"("channels":["a","b"])"),
      key(R"("channels":["a"],"mode":"all")"),
      key(R"("channels":["a"],"maxRateMs":1)"),
      key(R"("channels":["1a"])"),
      key(R"("channels":["a"],"filter":{"x":1})"),
      key(R"("channels":["a"],"filter":{"x":[1]})"),
      key(R"("channels":["a{\"x\":1}"])"),
  };
  for (std::size_t i = 0; i < different.size(); ++i) {
    for (std::size_t j = i + 1; j < different.size(); ++j) EXPECT_NE(different[i], different[j]);
  }
}

}  // namespace
}  // namespace easyflow::hub
