#include "hub/key_index.h"

#include <gtest/gtest.h>

namespace easyflow::hub {
namespace {

using Channels = KeyIndex::Channels;

TEST(HubKeyIndex, GivesTheChannelsOfAKeyOnce) {
  KeyIndex index(100);
  index.note(0, "k", "a");
  index.note(0, "k", "b");
  index.note(0, "k", "a");
  index.note(0, "other", "c");
  EXPECT_EQ((Channels{"a", "b"}), index.take(0, "k"));
  EXPECT_EQ(Channels{}, index.take(0, "k"));
  EXPECT_EQ(Channels{"c"}, index.take(0, "other"));
}

TEST(HubKeyIndex, PartitionsHaveTheirOwnKeys) {
  KeyIndex index(100);
  index.note(1, "1:k", "a");
  index.note(11, "k", "b");
  EXPECT_EQ(Channels{}, index.take(0, "k"));
  EXPECT_EQ(Channels{}, index.take(1, "k"));
  EXPECT_EQ(Channels{"b"}, index.take(11, "k"));
  EXPECT_EQ(Channels{"a"}, index.take(1, "1:k"));
}

TEST(HubKeyIndex, HoldsNoMoreThanItsLimit) {
  KeyIndex index(10);
  for (int i = 0; i < 1'000; ++i) index.note(0, "k" + std::to_string(i), "c" + std::to_string(i));
  std::size_t known = 0;
  for (int i = 0; i < 1'000; ++i) known += index.take(0, "k" + std::to_string(i)).size();
  EXPECT_LE(known, 10U);
  EXPECT_GT(known, 0U);
  // What was taken counts no more: there is room again.
  for (int i = 0; i < 10; ++i) index.note(0, "n" + std::to_string(i), "c");
  known = 0;
  for (int i = 0; i < 10; ++i) known += index.take(0, "n" + std::to_string(i)).size();
  EXPECT_EQ(10U, known);
}

TEST(HubKeyIndex, ClearForgets) {
  KeyIndex index(1);
  index.note(0, "k", "a");
  index.clear();
  EXPECT_EQ(Channels{}, index.take(0, "k"));
  index.note(0, "l", "b");
  EXPECT_EQ(Channels{"b"}, index.take(0, "l"));
}

}  // namespace
}  // namespace easyflow::hub
