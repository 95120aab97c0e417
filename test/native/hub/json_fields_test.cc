#include "hub/json_fields.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace easyflow::hub {
namespace {

using Values = std::vector<std::optional<std::string>>;

class HubJsonFields : public testing::Test {
 protected:
  void want(std::initializer_list<const char*> paths) {
    for (const char* path : paths) ASSERT_TRUE(fields_.add(path));
  }
  Values extract(std::string_view json) {
    Values values;
    EXPECT_TRUE(fields_.extract(json, values)) << json;
    return values;
  }
  bool isJson(std::string_view text) {
    Values values;
    return fields_.extract(text, values);
  }
  JsonFields fields_;
};

TEST_F(HubJsonFields, PathsHaveOneIndexEach) {
  EXPECT_EQ(0U, fields_.add("a.b"));
  EXPECT_EQ(1U, fields_.add("a"));
  EXPECT_EQ(0U, fields_.add("a.b"));
  EXPECT_FALSE(fields_.add(""));
  EXPECT_FALSE(fields_.add("."));
  EXPECT_FALSE(fields_.add("a."));
  EXPECT_FALSE(fields_.add(".a"));
  EXPECT_FALSE(fields_.add("a..b"));
}

TEST_F(HubJsonFields, TakesStringsNumbersAndBooleansAsWritten) {
  want({"s", "i", "n", "f", "t", "u", "big"});
  EXPECT_EQ((Values{"x\"\xC3\xA9\xE2\x82\xAC", "42", "-7", "1.50", "true", "18446744073709551615",
                    "123456789012345678901234567890"}),
            extract(R"({"s":"x\"é\u20ac","i":42,"n":-7,"f":1.50,"t":true,"u":18446744073709551615,)"
                    R"("big":123456789012345678901234567890})"));
}

TEST_F(HubJsonFields, FindsNestedFieldsOnlyWhereTheyAre) {
  want({"message.taskId", "taskId", "message"});
  EXPECT_EQ(
      (Values{"1", "2", std::nullopt}),
      extract(R"({"other":{"message":{"taskId":9}},"message":{"x":{"taskId":8},"taskId":"1"},)"
              R"("list":[{"taskId":7}],"taskId":2})"));
}

TEST_F(HubJsonFields, AbsentNullObjectsAndArraysGiveNothing) {
  want({"a", "b", "c", "d"});
  EXPECT_EQ(Values(4), extract(R"({"a":null,"b":{"a":1},"c":[1,"2"]})"));
  for (const char* text : {"[]", "1", "null", "\"a\"", "{}", "[{\"a\":1}]"})
    EXPECT_EQ(Values(4), extract(text));
}

// As every other parser sees it: the last one counts, whatever it is.
TEST_F(HubJsonFields, OfDuplicatesTheLastCounts) {
  want({"a", "m.t"});
  EXPECT_EQ((Values{"2", std::nullopt}), extract(R"({"a":1,"a":2})"));
  EXPECT_EQ((Values{std::nullopt, std::nullopt}), extract(R"({"a":1,"a":null})"));
  EXPECT_EQ((Values{std::nullopt, std::nullopt}), extract(R"({"a":1,"a":{"b":1}})"));
  EXPECT_EQ((Values{std::nullopt, std::nullopt}), extract(R"({"a":1,"a":[1]})"));
  EXPECT_EQ((Values{std::nullopt, std::nullopt}), extract(R"({"m":{"t":1},"m":5})"));
  EXPECT_EQ((Values{std::nullopt, std::nullopt}), extract(R"({"m":{"t":1},"m":{}})"));
  EXPECT_EQ((Values{std::nullopt, "3"}), extract(R"({"m":{"t":1},"m":{"t":3}})"));
}

TEST_F(HubJsonFields, RefusesWhatIsNotJson) {
  want({"a"});
  for (const char* text : {"",
                           " ",
                           "{",
                           "}",
                           "{\"a\":1",
                           "{\"a\":1}}",
                           "{\"a\":1} x",
                           "{'a':1}",
                           "{a:1}",
                           "[1,]",
                           "{\"a\":1,}",
                           "nul",
                           "NaN",
                           "01",
                           "1.",
                           "\"\t\"",
                           "\"\xff\"",
                           "\"\xed\xa0\x80\"",
                           "\"\\ud800\"",
                           "{\"a\":\"\xc0\xaf\"}",
                           "/* */ {}"}) {
    EXPECT_FALSE(isJson(text)) << text;
  }
}

// Frames hold the value as it is: what clients cannot parse must not be in one.
TEST_F(HubJsonFields, RefusesAByteOrderMarkAndNulBytes) {
  want({"a"});
  EXPECT_FALSE(isJson("\xEF\xBB\xBF{\"a\":1}"));
  EXPECT_FALSE(isJson(std::string_view("{\"a\":1}\0", 8)));
  EXPECT_FALSE(isJson(std::string_view("{\"a\":1}\0,\"data\":{}", 18)));
  EXPECT_FALSE(isJson(std::string_view("\0{\"a\":1}", 8)));
}

TEST_F(HubJsonFields, DepthIsLimited) {
  want({"a"});
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_TRUE(isJson(nested(512)));
  EXPECT_FALSE(isJson(nested(513)));
  EXPECT_FALSE(isJson(nested(1'000'000)));
  std::string objects;
  for (int i = 0; i < 600; ++i) objects += "{\"a\":";
  EXPECT_FALSE(isJson(objects + "1" + std::string(600, '}')));
}

}  // namespace
}  // namespace easyflow::hub
