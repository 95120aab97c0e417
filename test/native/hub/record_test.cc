#include "hub/record.h"

#include <gtest/gtest.h>

#include "hub/record_block.h"

namespace easyflow::hub {
namespace {

TEST(HubRecord, ReadsKeysValuesAndTimes) {
  const core::PackedBlock block = test::blockOf(
      {{"k", "v", {}, 7, 1'000}, {"", "", {}, 8, 2'000}, {std::nullopt, "w", {}, 1LL << 40, -1}});
  const Record first = recordAt(block, 0);
  EXPECT_EQ("k", first.key);
  EXPECT_EQ("v", first.value);
  EXPECT_EQ(7, first.offset);
  EXPECT_EQ(1'000, first.timestampMs);
  const Record second = recordAt(block, 1);
  EXPECT_EQ("", second.key);
  EXPECT_EQ("", second.value);
  const Record third = recordAt(block, 2);
  EXPECT_FALSE(third.key);
  EXPECT_EQ("w", third.value);
  EXPECT_EQ(1LL << 40, third.offset);
}

TEST(HubRecord, ATombstoneHasNoValue) {
  const core::PackedBlock block =
      test::blockOf({{"k", std::nullopt}, {std::nullopt, std::nullopt}});
  EXPECT_EQ("k", recordAt(block, 0).key);
  EXPECT_FALSE(recordAt(block, 0).value);
  EXPECT_FALSE(recordAt(block, 1).key);
  EXPECT_FALSE(recordAt(block, 1).value);
}

TEST(HubRecord, TheLastHeaderWithAValueCounts) {
  const core::PackedBlock block = test::blockOf(
      {{"k", "v", {{"a", "1"}, {"b", ""}, {"a", "2"}, {"a", std::nullopt}, {"c", std::nullopt}}},
       {"k", "v", {{"a", "other"}}}});
  const Record record = recordAt(block, 0);
  EXPECT_EQ("2", record.header("a"));
  EXPECT_EQ("", record.header("b"));
  EXPECT_FALSE(record.header("c"));
  EXPECT_FALSE(record.header("d"));
  EXPECT_FALSE(record.header(""));
  EXPECT_EQ("other", recordAt(block, 1).header("a"));
}

TEST(HubRecord, HeadersOfTheNextRecordAreNotItsOwn) {
  const core::PackedBlock block = test::blockOf({{"k", "v"}, {"k", "v", {{"a", "1"}}}});
  EXPECT_FALSE(recordAt(block, 0).header("a"));
}

}  // namespace
}  // namespace easyflow::hub
