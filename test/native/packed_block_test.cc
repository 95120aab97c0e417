#include "core/packed_block.h"

#include <gtest/gtest.h>

#include "kafka_fixture.h"
#include "recording_sink.h"

namespace easyflow::core {
namespace {

using MessageHandle = std::unique_ptr<rd_kafka_message_t, Deleter<rd_kafka_message_destroy>>;

// Messages of librdkafka cannot be made by hand: they are fetched from the embedded cluster.
class PackedBlockTest : public KafkaFixture {
 protected:
  std::vector<MessageHandle> fetched(const std::vector<test::Record>& records) {
    cluster_->call("createTopic", {{"topic", "t"}, {"partitions", 1}});
    const KafkaHandle producer = client(RD_KAFKA_PRODUCER);
    for (const test::Record& record : records) {
      rd_kafka_headers_t* headers = rd_kafka_headers_new(1);
      for (const auto& [name, value] : record.headers) {
        rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()),
                            value ? value->data() : nullptr,
                            value ? static_cast<ssize_t>(value->size()) : 0);
      }
      const auto pointer = [](const std::optional<std::string>& text) {
        return const_cast<char*>(text ? text->data() : nullptr);
      };
      const auto size = [](const std::optional<std::string>& text) {
        return text ? text->size() : 0;
      };
      EXPECT_EQ(RD_KAFKA_RESP_ERR_NO_ERROR,
                rd_kafka_producev(producer.get(), RD_KAFKA_V_TOPIC("t"), RD_KAFKA_V_PARTITION(0),
                                  RD_KAFKA_V_VALUE(pointer(record.value), size(record.value)),
                                  RD_KAFKA_V_KEY(pointer(record.key), size(record.key)),
                                  RD_KAFKA_V_TIMESTAMP(record.timestamp),
                                  RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END));
    }
    EXPECT_EQ(RD_KAFKA_RESP_ERR_NO_ERROR, rd_kafka_flush(producer.get(), 10'000));

    consumer_ = client(RD_KAFKA_CONSUMER);
    const PartitionListHandle list(rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_list_add(list.get(), "t", 0)->offset = 0;
    rd_kafka_assign(consumer_.get(), list.get());
    std::vector<MessageHandle> messages;
    for (int i = 0; messages.size() < records.size() && i < 300; ++i) {
      MessageHandle message(rd_kafka_consumer_poll(consumer_.get(), 100));
      if (message && !message->err) messages.push_back(std::move(message));
    }
    return messages;
  }

  void expectRoundTrip(const std::vector<test::Record>& records) {
    const auto messages = fetched(records);
    ASSERT_EQ(records.size(), messages.size());
    std::vector<rd_kafka_message_t*> pointers;
    std::size_t size = 0;
    for (const auto& message : messages) {
      pointers.push_back(message.get());
      size += packedSize(message.get());
    }
    const PackedBlock block = pack(pointers.data(), pointers.size(), size);
    ASSERT_TRUE(block.bytes);
    EXPECT_EQ(size, block.size);
    EXPECT_EQ(records.size(), block.count);
    EXPECT_EQ(0U, reinterpret_cast<std::uintptr_t>(block.bytes.get()) % 8);
    const auto decoded = test::decode(block);
    // The last record ends where the block ends: nothing is missing, nothing is left over.
    const std::uint8_t* last = block.bytes.get() + (records.size() - 1) * kRecordBytes;
    std::size_t end = static_cast<std::size_t>(test::int32At(last));
    end += static_cast<std::size_t>(std::max(test::int32At(last + 4), 0));
    end += static_cast<std::size_t>(std::max(test::int32At(last + 8), 0));
    for (const auto& [name, value] : records.back().headers) {
      end += 8 + name.size() + (value ? value->size() : 0);
    }
    EXPECT_EQ(block.size, end);
    for (std::size_t i = 0; i < records.size(); ++i) {
      EXPECT_EQ(static_cast<std::int64_t>(i), decoded[i].offset);
      EXPECT_EQ(records[i].key, decoded[i].key) << i;
      EXPECT_EQ(records[i].value, decoded[i].value) << i;
      EXPECT_EQ(records[i].timestamp, decoded[i].timestamp) << i;
      EXPECT_EQ(records[i].headers, decoded[i].headers) << i;
    }
  }

  KafkaHandle consumer_{nullptr};
};

TEST_F(PackedBlockTest, NullIsNotEmpty) {
  expectRoundTrip({{0, 1, 0, std::nullopt, std::nullopt, {}},
                   {0, 2, 0, "", "", {}},
                   {0, 3, 0, "k", std::nullopt, {}},
                   {0, 4, 0, std::nullopt, "v", {}}});
}

TEST_F(PackedBlockTest, HeadersRepeatAreNullAndHoldAnything) {
  const std::string nul("\0a\0", 3);
  expectRoundTrip({{0, 1, 0, "k", "v", {{"a", "1"}, {"a", "2"}, {"a", std::nullopt}, {"b", ""}}},
                   {0, 2, 0, std::nullopt, "no headers", {}},
                   {0, 3, 0, nul, nul, {{"nul", nul}, {"", "no name"}}}});
}

TEST_F(PackedBlockTest, SixtyFourBitTimestampsSurvive) {
  expectRoundTrip({{0, 0x1'2345'6789'abcd, 0, "k", "v", {}}, {0, 1, 0, "k", "v", {}}});
}

TEST_F(PackedBlockTest, OddSizesFollowEachOtherWithoutGaps) {
  std::vector<test::Record> records;
  for (std::size_t i = 0; i < 200; ++i) {
    records.push_back({0,
                       static_cast<std::int64_t>(i + 1),
                       0,
                       std::string(i % 7, 'k'),
                       std::string(i % 11, 'v'),
                       {{std::string(i % 5, 'n'), std::string(i % 3, 'h')}}});
  }
  expectRoundTrip(records);
}

}  // namespace
}  // namespace easyflow::core
