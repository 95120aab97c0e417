// What the consumer's tests share.
#pragma once

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "client_fixture.h"

namespace easyflow::test {

class ConsumerTest : public ClusterTest {
 protected:
  // The records of one slot are these: v0, v1, … from `first` on, with consecutive offsets.
  static void expectValues(const std::vector<Record>& records, int first, int count) {
    ASSERT_EQ(static_cast<std::size_t>(count), records.size());
    for (int i = 0; i < count; ++i) {
      const Record& record = records[static_cast<std::size_t>(i)];
      ASSERT_EQ(first + i, record.offset);
      const std::string value = "v" + std::to_string(first + i);
      ASSERT_EQ(value, record.value->substr(0, value.size()));
    }
  }

  static core::ConsumerOptions small(std::uint32_t maxBatchMessages) {
    core::ConsumerOptions options;
    options.maxBatchMessages = maxBatchMessages;
    return options;
  }

  // For each partition the offsets that any of the consumers got while it owned it.
  static std::set<std::pair<std::int32_t, std::int64_t>> seenBy(
      const std::vector<const TestConsumer*>& consumers) {
    std::set<std::pair<std::int32_t, std::int64_t>> seen;
    for (const TestConsumer* consumer : consumers) {
      for (const auto& [slot, partition] : consumer->slots) {
        for (const Record& record : partition.records) {
          seen.emplace(partition.partition, record.offset);
        }
      }
    }
    return seen;
  }
};

}  // namespace easyflow::test
