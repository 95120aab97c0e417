#include "hub/channel_template.h"

#include <gtest/gtest.h>

#include "hub/record_block.h"

namespace easyflow::hub {
namespace {

ChannelTemplate parsed(std::string_view text) {
  std::string error;
  auto result = ChannelTemplate::parse(text, error);
  EXPECT_TRUE(result) << error;
  return std::move(result.value());
}

std::string errorOf(std::string_view text) {
  std::string error;
  EXPECT_FALSE(ChannelTemplate::parse(text, error)) << text;
  return error;
}

// The channel, or "error: " and what is wrong.
std::string fill(std::string_view text, const test::PlainRecord& plain) {
  const core::PackedBlock block = test::blockOf({plain});
  const ChannelTemplate made = parsed(text);
  const Record record = recordAt(block, 0);
  std::vector<std::optional<std::string>> values;
  EXPECT_TRUE(made.fields().extract(record.value.value_or("{}"), values));
  std::string channel = "left from before";
  std::string error;
  return made.fill(record, values, channel, error) ? channel : "error: " + error;
}

TEST(HubChannelTemplate, FillsFieldsHeadersAndTheKey) {
  const test::PlainRecord record{
      "k1",
      R"({"entityType":"task","entityId":42,"message":{"taskId":"t-1"}})",
      {{"tenant", "acme"}}};
  EXPECT_EQ("task/42", fill("{entityType}/{entityId}", record));
  EXPECT_EQ("org/acme/task/t-1", fill("org/{header:tenant}/task/{message.taskId}", record));
  EXPECT_EQ("k1", fill("{key}", record));
  EXPECT_EQ("42-42", fill("{entityId}-{entityId}", record));
  EXPECT_EQ("task42k1!", fill("{entityType}{entityId}{key}!", record));
}

TEST(HubChannelTemplate, TakesTheFirstAlternativeThatIsThere) {
  const std::string_view text = "task/{data.id|header:task|key}";
  EXPECT_EQ("task/1", fill(text, {"k", R"({"data":{"id":1}})", {{"task", "h"}}}));
  EXPECT_EQ("task/h", fill(text, {"k", R"({"data":{"id":""}})", {{"task", "h"}}}));
  EXPECT_EQ("task/h", fill(text, {"k", R"({"data":{"id":null}})", {{"task", "h"}}}));
  EXPECT_EQ("task/k", fill(text, {"k", R"({"data":7})", {{"task", ""}}}));
  EXPECT_EQ("error: \"data.id|header:task|key\" is missing or empty",
            fill(text, {std::nullopt, "{}"}));
  EXPECT_EQ("error: \"data.id|header:task|key\" is not UTF-8", fill(text, {"\xff", "{}"}));
}

TEST(HubChannelTemplate, KnowsWhetherItNeedsTheValue) {
  EXPECT_TRUE(parsed("{a}").needsValue());
  EXPECT_FALSE(parsed("{key}/{header:x}").needsValue());
}

TEST(HubChannelTemplate, AValueIsOneLevelAndNamesNoOtherChannel) {
  EXPECT_EQ("task/a%2Fb%2A%25", fill("task/{id}", {"k", R"({"id":"a/b*%"})"}));
  EXPECT_EQ("task/%252F", fill("task/{id}", {"k", R"({"id":"%2F"})"}));
  EXPECT_EQ("%2A", fill("{key}", {"*", "{}"}));
  EXPECT_EQ("\xE2\x82\xAC", fill("{id}", {"k", R"({"id":"\u20ac"})"}));
}

TEST(HubChannelTemplate, SaysWhatCannotBeFilled) {
  EXPECT_EQ("error: \"id\" is missing or empty", fill("task/{id}", {"k", "{}"}));
  EXPECT_EQ("error: \"id\" is missing or empty", fill("task/{id}", {"k", R"({"id":""})"}));
  EXPECT_EQ("error: \"id\" is missing or empty", fill("task/{id}", {"k", R"({"id":null})"}));
  EXPECT_EQ("error: \"id\" is missing or empty", fill("task/{id}", {"k", R"({"id":{"a":1}})"}));
  EXPECT_EQ("error: header \"h\" is missing or empty", fill("{header:h}", {"k", "{}"}));
  EXPECT_EQ("error: \"key\" is missing or empty", fill("{key}", {std::nullopt, "{}"}));
  EXPECT_EQ("error: \"key\" is missing or empty", fill("{key}", {"", "{}"}));
  EXPECT_EQ("error: \"id\" holds control characters", fill("{id}", {"k", R"({"id":"a\nb"})"}));
  EXPECT_EQ("error: \"id\" holds control characters", fill("{id}", {"k", R"({"id":"\u0000"})"}));
  EXPECT_EQ("error: \"key\" holds control characters", fill("{key}", {"\x7f", "{}"}));
  EXPECT_EQ("error: \"key\" is not UTF-8", fill("{key}", {"\xff", "{}"}));
  EXPECT_EQ("error: header \"h\" is not UTF-8", fill("{header:h}", {"k", "{}", {{"h", "\xc3"}}}));
}

TEST(HubChannelTemplate, ALongChannelIsRefused) {
  EXPECT_EQ(512U, fill("{key}", {std::string(512, 'k'), "{}"}).size());
  EXPECT_EQ("error: \"key\" makes the channel too long",
            fill("{key}", {std::string(513, 'k'), "{}"}));
  // Encoding counts.
  EXPECT_EQ("error: \"key\" makes the channel too long",
            fill("{key}", {std::string(200, '/'), "{}"}));
}

TEST(HubChannelTemplate, RefusesWhatIsNoTemplate) {
  EXPECT_EQ("it has no placeholder", errorOf(""));
  EXPECT_EQ("it has no placeholder", errorOf("task"));
  EXPECT_EQ("braces do not match", errorOf("{a"));
  EXPECT_EQ("braces do not match", errorOf("a}"));
  EXPECT_EQ("braces do not match", errorOf("{a}}"));
  EXPECT_EQ("a placeholder has no name", errorOf("{}"));
  EXPECT_EQ("a placeholder has no name", errorOf("{{a}"));
  EXPECT_EQ("\"a..b\" is not a path of fields", errorOf("{a..b}"));
  EXPECT_EQ("a literal part may not hold * or control characters", errorOf("*{a}"));
  EXPECT_EQ("a literal part may not hold * or control characters", errorOf("{a}\n"));
}

}  // namespace
}  // namespace easyflow::hub
