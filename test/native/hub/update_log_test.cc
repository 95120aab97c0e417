#include "hub/update_log.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "hub/updates.h"

namespace easyflow::hub {
namespace {

using test::removalOf;
using test::topologyOf;
using test::updateOf;

std::map<std::string, std::string> latest(const UpdateLog& log) {
  std::map<std::string, std::string> state;
  for (std::size_t i = 0; i < log.size(); ++i) {
    const LogEntry& entry = *log.at(i);
    if (!entry.superseded && !entry.update->removed)
      state[entry.update->channel] = std::string(entry.update->data());
  }
  return state;
}

using State = std::map<std::string, std::string>;

TEST(HubUpdateLog, KeepsTheNewestOfEachEntity) {
  UpdateLog log({});
  log.follow(topologyOf(2));
  log.apply(updateOf("a", 0, 0, "1"));
  log.apply(updateOf("b", 1, 0, "2"));
  const auto applied = log.apply(updateOf("a", 0, 1, "3"));
  ASSERT_TRUE(applied.entry && applied.previous);
  EXPECT_EQ("1", applied.previous->data());
  EXPECT_EQ((State{{"a", "3"}, {"b", "2"}}), latest(log));
  EXPECT_EQ(2U, log.entities());
  EXPECT_EQ((Offsets{1, 0}), log.offsets());
  EXPECT_TRUE(log.at(0)->superseded);
  const auto removed = log.apply(removalOf("a", 0, 2));
  EXPECT_EQ("3", removed.previous->data());
  EXPECT_EQ((State{{"b", "2"}}), latest(log));
  EXPECT_EQ(1U, log.entities());
  EXPECT_TRUE(log.apply(updateOf("a", 0, 3, "4")).previous->removed);
  EXPECT_EQ(2U, log.entities());
}

TEST(HubUpdateLog, WhatIsKnownIsNotAppliedAgain) {
  UpdateLog log({});
  log.follow(topologyOf(1));
  EXPECT_TRUE(log.apply(updateOf("a", 0, 5, "1")).entry);
  EXPECT_FALSE(log.apply(updateOf("a", 0, 5, "1")).entry);
  EXPECT_FALSE(log.apply(updateOf("a", 0, 4, "0")).entry);
  EXPECT_FALSE(log.apply(updateOf("b", 0, 3, "0")).entry);
  EXPECT_EQ(1U, log.size());
}

TEST(HubUpdateLog, OneRecordMayRemoveSeveralEntities) {
  UpdateLog log({});
  log.follow(topologyOf(2));
  log.apply(updateOf("a", 0, 0, "1"));
  log.apply(updateOf("b", 0, 1, "1"));
  // Its offset is the one of the removal, in another partition.
  log.apply(updateOf("c", 1, 7, "1"));
  EXPECT_TRUE(log.apply(removalOf("a", 0, 7)).entry);
  EXPECT_TRUE(log.apply(removalOf("b", 0, 7)).entry);
  EXPECT_TRUE(log.apply(removalOf("c", 0, 7)).entry);
  // Forgotten by this log, known to a client perhaps.
  EXPECT_TRUE(log.apply(removalOf("unknown", 0, 7)).entry);
  EXPECT_EQ(State{}, latest(log));
  EXPECT_EQ(0U, log.entities());
  // The same record once more.
  for (const char* channel : {"a", "b", "c", "unknown"})
    EXPECT_FALSE(log.apply(removalOf(channel, 0, 7)).entry) << channel;
}

TEST(HubUpdateLog, BetweenPartitionsTimeDecides) {
  UpdateLog log({});
  log.follow(topologyOf(2));
  log.apply(updateOf("a", 0, 0, "new", 2'000));
  const auto older = log.apply(updateOf("a", 1, 0, "old", 1'000));
  ASSERT_TRUE(older.entry);
  EXPECT_TRUE(older.entry->superseded);
  EXPECT_EQ((State{{"a", "new"}}), latest(log));
  EXPECT_EQ(1U, log.entities());
  // Within a partition the offset does, whatever the clocks of producers said.
  log.apply(updateOf("a", 0, 1, "newer", 500));
  EXPECT_EQ((State{{"a", "newer"}}), latest(log));
  log.apply(updateOf("a", 1, 1, "other", 500));
  EXPECT_EQ((State{{"a", "other"}}), latest(log));
}

TEST(HubUpdateLog, WalksBeginBehindASequence) {
  UpdateLog log({});
  log.follow(topologyOf(1));
  for (int i = 0; i < 10; ++i) log.apply(updateOf("c" + std::to_string(i), 0, i, "1"));
  const std::uint64_t first = log.at(0)->sequence;
  EXPECT_EQ(0U, log.indexAfter(0));
  EXPECT_EQ(0U, log.indexAfter(first - 1));
  EXPECT_EQ(1U, log.indexAfter(first));
  EXPECT_EQ(10U, log.indexAfter(log.lastSequence()));
}

TEST(HubUpdateLog, HistoryIsTrimmedAndTheFloorsRise) {
  UpdateLog log({.historyUpdates = 10});
  log.follow(topologyOf(1));
  log.apply(updateOf("kept", 0, 0, "1"));
  std::int64_t offset = 0;
  for (; offset < 5'000; ++offset) {
    log.apply(updateOf("a", 0, offset + 1, "1"));
    log.trim();
  }
  EXPECT_EQ(2U, log.entities());
  EXPECT_LT(log.size(), 2'000U);
  EXPECT_FALSE(log.knowsUpdatesSince(Offsets{0}));
  EXPECT_TRUE(log.knowsUpdatesSince(Offsets{offset - 1}));
  // What was trimmed was superseded: no change of an entity is missing.
  EXPECT_TRUE(log.knowsChangesSince(Offsets{-1}));
  EXPECT_EQ(1U, latest(log).count("kept"));
}

TEST(HubUpdateLog, ATrimmedRemovalIsAChangeThatIsMissing) {
  UpdateLog log({.historyUpdates = 1, .historyBytes = 1});
  log.follow(topologyOf(1));
  log.apply(updateOf("a", 0, 0, "1"));
  log.apply(updateOf("b", 0, 1, "1"));
  log.apply(removalOf("a", 0, 2));
  EXPECT_TRUE(log.knowsChangesSince(Offsets{1}));
  log.trim();
  EXPECT_FALSE(log.knowsChangesSince(Offsets{1}));
  EXPECT_TRUE(log.knowsChangesSince(Offsets{2}));
  EXPECT_EQ((State{{"b", "1"}}), latest(log));
  EXPECT_FALSE(log.apply(updateOf("a", 0, 3, "2")).previous);
}

TEST(HubUpdateLog, EvictsTheOldestEntitiesAndCountsThem) {
  UpdateLog log({.maxEntities = 3});
  log.follow(topologyOf(1));
  for (int i = 0; i < 5; ++i) log.apply(updateOf("c" + std::to_string(i), 0, i, "1"));
  log.apply(updateOf("c0", 0, 5, "2"));
  log.trim();
  EXPECT_EQ((State{{"c0", "2"}, {"c3", "1"}, {"c4", "1"}}), latest(log));
  EXPECT_EQ(2U, log.evicted());
  EXPECT_FALSE(log.knowsChangesSince(Offsets{1}));
  EXPECT_TRUE(log.knowsChangesSince(Offsets{2}));
}

TEST(HubUpdateLog, BytesAreLimited) {
  UpdateLog log({.maxEntities = 1'000, .maxBytes = 10'000, .historyBytes = 1'000});
  log.follow(topologyOf(1));
  for (int i = 0; i < 1'000; ++i) {
    log.apply(updateOf("c" + std::to_string(i), 0, i, "\"" + std::string(100, 'x') + "\""));
    log.trim();
    ASSERT_LE(log.bytes(), 11'500U);
  }
  EXPECT_GT(log.entities(), 20U);
  EXPECT_EQ(1'000U, log.entities() + log.evicted());
}

TEST(HubUpdateLog, AnUncompactedTopicIsKnownFromWhereItWasRead) {
  UpdateLog log({});
  log.follow(topologyOf(1, "e", /*compacted=*/false, /*start=*/100));
  EXPECT_FALSE(log.knowsChangesSince(Offsets{98}));
  EXPECT_TRUE(log.knowsChangesSince(Offsets{99}));
  EXPECT_FALSE(log.knowsUpdatesSince(Offsets{98}));
  EXPECT_TRUE(log.knowsUpdatesSince(Offsets{99}));
  UpdateLog compacted({});
  compacted.follow(topologyOf(1, "e", /*compacted=*/true, /*start=*/100));
  EXPECT_TRUE(compacted.knowsChangesSince(Offsets{-1}));
  EXPECT_FALSE(compacted.knowsUpdatesSince(Offsets{98}));
}

TEST(HubUpdateLog, AnotherEpochForgetsEverything) {
  UpdateLog log({});
  log.follow(topologyOf(2, "e1"));
  log.apply(updateOf("a", 0, 9, "1"));
  const std::uint64_t before = log.lastSequence();
  log.follow(topologyOf(1, "e2"));
  EXPECT_EQ(0U, log.entities());
  EXPECT_EQ(0U, log.bytes());
  EXPECT_EQ(0U, log.size());
  EXPECT_EQ(Offsets{-1}, log.offsets());
  EXPECT_FALSE(log.knowsChangesSince(before));
  EXPECT_FALSE(log.knowsUpdatesSince(before));
  EXPECT_TRUE(log.knowsChangesSince(log.lastSequence()));
  const auto applied = log.apply(updateOf("a", 0, 0, "2"));
  EXPECT_GT(applied.entry->sequence, before);
  EXPECT_FALSE(applied.previous);
}

TEST(HubUpdateLog, MorePartitionsOfTheSameEpochGoOn) {
  UpdateLog log({});
  log.follow(topologyOf(1));
  log.apply(updateOf("a", 0, 0, "1"));
  log.follow(topologyOf(3));
  EXPECT_EQ((Offsets{0, -1, -1}), log.offsets());
  log.apply(updateOf("b", 2, 0, "1"));
  EXPECT_EQ(2U, log.entities());
}

// Against a log that forgets nothing: what it says to know it knows, and its walks miss nothing.
TEST(HubUpdateLog, NeverClaimsMoreThanItKnows) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    constexpr std::size_t kPartitions = 3;
    UpdateLog log({.maxEntities = 5 + random() % 30,
                   .historyUpdates = random() % 50,
                   .historyBytes = 500 + random() % 5'000});
    log.follow(topologyOf(kPartitions));
    std::vector<UpdatePtr> all;
    Offsets next(kPartitions, 0);
    for (int step = 0; step < 1'500; ++step) {
      const auto partition = static_cast<std::uint32_t>(random() % kPartitions);
      // Each entity has its partition.
      const std::string channel = std::to_string(partition) + "/" + std::to_string(random() % 20);
      next[partition] += static_cast<std::int64_t>(random() % 2);
      const std::int64_t offset = next[partition]++;
      all.push_back(random() % 4 == 0 ? removalOf(channel, partition, offset)
                                      : updateOf(channel, partition, offset, std::to_string(step)));
      ASSERT_TRUE(log.apply(all.back()).entry);
      if (random() % 5 == 0) log.trim();
      if (random() % 7 != 0) continue;

      Offsets since(kPartitions);
      for (std::size_t p = 0; p < kPartitions; ++p)
        since[p] = static_cast<std::int64_t>(random() % static_cast<unsigned>(next[p] + 2)) - 1;
      const std::uint64_t sequence = log.sequenceBefore(since);
      std::map<std::pair<std::uint32_t, std::int64_t>, LogEntryPtr> known;
      std::uint64_t expected = log.lastSequence();
      for (std::size_t i = log.size(); i > 0; --i) {
        const LogEntryPtr& entry = log.at(i - 1);
        known[{entry->update->partition, entry->update->offset}] = entry;
        if (entry->update->offset > since[entry->update->partition]) expected = entry->sequence - 1;
      }
      ASSERT_LE(sequence, expected);
      // Nothing in between is above: a later beginning would be as good, an earlier one costs.
      ASSERT_EQ(log.indexAfter(sequence), log.indexAfter(expected));

      std::map<std::string, UpdatePtr> newest;
      for (const UpdatePtr& update : all) newest[update->channel] = update;
      if (log.knowsUpdatesSince(since)) {
        for (const UpdatePtr& update : all) {
          if (update->offset > since[update->partition]) {
            ASSERT_TRUE(known.count({update->partition, update->offset}));
          }
        }
      }
      if (log.knowsChangesSince(since)) {
        for (const auto& [name, update] : newest) {
          if (update->offset <= since[update->partition]) continue;
          const auto found = known.find({update->partition, update->offset});
          ASSERT_NE(known.end(), found);
          ASSERT_FALSE(found->second->superseded);
        }
      }
    }
  }
}

}  // namespace
}  // namespace easyflow::hub
