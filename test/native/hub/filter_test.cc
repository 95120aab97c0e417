#include "hub/filter.h"

#include <gtest/gtest.h>

namespace easyflow::hub {
namespace {

using nlohmann::json;

Filter filter(const json& text) {
  std::string error;
  auto parsed = Filter::parse(text, error);
  EXPECT_TRUE(parsed) << error;
  return parsed.value();
}

TEST(HubFilter, MatchesAValueOrOneOfAList) {
  const Filter status = filter({{"status", {"failed", "running"}}});
  EXPECT_TRUE(status.matches(R"({"status":"failed"})"));
  EXPECT_TRUE(status.matches(R"({"x":1,"status":"running"})"));
  EXPECT_FALSE(status.matches(R"({"status":"done"})"));
  EXPECT_FALSE(status.matches(R"({"status":["failed"]})"));
  EXPECT_FALSE(status.matches(R"({"status":null})"));
  EXPECT_FALSE(status.matches("{}"));
}

TEST(HubFilter, AllFieldsHaveToMatch) {
  const Filter both = filter({{"a", 1}, {"b.c", true}});
  EXPECT_TRUE(both.matches(R"({"a":1,"b":{"c":true}})"));
  EXPECT_FALSE(both.matches(R"({"a":1,"b":{"c":false}})"));
  EXPECT_FALSE(both.matches(R"({"a":2,"b":{"c":true}})"));
  EXPECT_FALSE(both.matches(R"({"a":1,"b.c":true})"));
  EXPECT_FALSE(both.matches(R"({"a":1,"b":[{"c":true}]})"));
  EXPECT_FALSE(both.matches(R"({"a":1,"b":5})"));
}

TEST(HubFilter, KindsAreNotMixed) {
  EXPECT_FALSE(filter({{"a", 1}}).matches(R"({"a":"1"})"));
  EXPECT_TRUE(filter({{"a", 1}}).matches(R"({"a":1.0})"));
  EXPECT_FALSE(filter({{"a", true}}).matches(R"({"a":1})"));
  EXPECT_TRUE(filter({{"a", nullptr}}).matches(R"({"a":null})"));
  EXPECT_FALSE(filter({{"a", nullptr}}).matches("{}"));
}

TEST(HubFilter, WhatIsNoObjectDoesNotMatch) {
  for (const char* data : {"", "1", "null", "[]", "\"a\"", "{", "not json"})
    EXPECT_FALSE(filter({{"a", 1}}).matches(data)) << data;
}

TEST(HubFilter, RefusesWhatIsNoFilter) {
  json tooMany = json::object();
  for (std::size_t i = 0; i <= Filter::kMaxFields; ++i) tooMany["f" + std::to_string(i)] = 1;
  const json tooManyValues = {{"a", json(std::vector<int>(Filter::kMaxValues + 1, 1))}};
  for (const json& bad : {json(1), json("a"), json::array(), json::object(), tooMany, tooManyValues,
                          json{{"a", json::array()}}, json{{"a", json::object()}},
                          json{{"a", {1, json::array()}}}, json{{"a", {1, json::object()}}}}) {
    std::string error;
    EXPECT_FALSE(Filter::parse(bad, error)) << bad;
    EXPECT_NE("", error);
  }
  tooMany.erase("f0");
  filter(tooMany);
}

TEST(HubFilter, EqualFiltersHaveEqualTexts) {
  EXPECT_EQ(filter(json::parse(R"({"b":1,"a":[2,3]})")).text(),
            filter(json::parse(R"( {"a": [2, 3], "b": 1})")).text());
  EXPECT_NE(filter({{"a", 1}}).text(), filter({{"a", 2}}).text());
}

}  // namespace
}  // namespace easyflow::hub
