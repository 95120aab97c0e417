#include "hub/block.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace easyflow::hub {
namespace {

std::string textOf(const Outbox& outbox) {
  std::string text;
  for (const Chunk& chunk : outbox) text.append(chunk.data(), chunk.size());
  return text;
}

TEST(HubOutbox, GivesBytesInOrderThroughPartialTakes) {
  std::mt19937 random(11);
  Outbox outbox;
  std::string model;
  for (int i = 0; i < 20'000; ++i) {
    if (random() % 2 == 0) {
      const std::string bytes(random() % 5, static_cast<char>('a' + random() % 26));
      outbox.push(makeBlock(bytes));
      model += bytes;
    } else if (!model.empty()) {
      const std::size_t take = 1 + random() % model.size();
      outbox.taken(take);
      model.erase(0, take);
    }
    ASSERT_EQ(model.size(), outbox.bytes());
    ASSERT_EQ(model.empty(), outbox.empty());
    ASSERT_EQ(model, textOf(outbox));
  }
}

TEST(HubOutbox, LetsGoOfABlockWhenItsLastByteIsTaken) {
  Outbox outbox;
  const Block first = makeBlock("abc");
  outbox.push(first);
  outbox.push(makeBlock("def"));
  outbox.taken(2);
  EXPECT_EQ(2, first.use_count());
  outbox.taken(1);
  EXPECT_EQ(1, first.use_count());
  EXPECT_EQ("def", textOf(outbox));
}

// A client that is always a little behind, for a long time.
TEST(HubOutbox, DoesNotGrowWhileItNeverGetsEmpty) {
  Outbox outbox;
  const Block block = makeBlock("0123456789");
  outbox.push(block);
  for (int i = 0; i < 100'000; ++i) {
    outbox.push(block);
    outbox.taken(10);
    ASSERT_LE(outbox.slots(), 64U);
  }
  EXPECT_EQ("0123456789", textOf(outbox));
}

TEST(HubOutbox, DropUnsentKeepsTheRestOfWhatWasBegun) {
  Outbox outbox;
  outbox.dropUnsent();
  EXPECT_TRUE(outbox.empty());

  outbox.push(makeBlock("abc"));
  outbox.push(makeBlock("def"));
  outbox.dropUnsent();
  EXPECT_TRUE(outbox.empty());
  EXPECT_EQ("", textOf(outbox));

  outbox.push(makeBlock("abc"));
  outbox.push(makeBlock("def"));
  outbox.push(makeBlock("ghi"));
  outbox.taken(4);
  outbox.dropUnsent();
  EXPECT_EQ("ef", textOf(outbox));
  outbox.push(makeBlock("x"));
  EXPECT_EQ("efx", textOf(outbox));
  outbox.taken(3);
  EXPECT_TRUE(outbox.empty());

  // On the border of two blocks nothing is begun.
  outbox.push(makeBlock("abc"));
  outbox.push(makeBlock("def"));
  outbox.taken(3);
  outbox.dropUnsent();
  EXPECT_TRUE(outbox.empty());
}

}  // namespace
}  // namespace easyflow::hub
