#include "core/statistics.h"

#include <optional>

#include "kafka_fixture.h"

namespace easyflow::core {
namespace {

constexpr const char* kSample = R"({
  "name": "rdkafka#consumer-1", "client_id": "me", "type": "consumer", "ts": 5016483227792, "time": 1527060869,
  "age": 12, "replyq": 1, "msg_cnt": 22710, "msg_size": 704010, "msg_max": 500000, "msg_size_max": 1073741824,
  "tx": 320, "tx_bytes": 84283332, "rx": 310, "rx_bytes": 15708, "txmsgs": 4, "txmsg_bytes": 5, "rxmsgs": 6,
  "rxmsg_bytes": 7, "metadata_cache_cnt": 1, "simple_cnt": 0,
  "brokers": {"localhost:9092/2": {"name": "localhost:9092/2", "nodeid": 2, "state": "UP", "stateage": 9, "tx": 3,
    "txbytes": 33, "txerrs": 1, "req_timeouts": 2, "rx": 4, "connects": 1, "disconnects": 0,
    "rtt": {"min": 1580, "max": 3389, "avg": 2349, "cnt": 34, "p50": 2319, "p95": 3199, "p99": 3391, "p99_99": 3392},
    "throttle": {"max": 5}, "toppars": {"t-1": {"topic": "t", "partition": 1}}}},
  "topics": {"t": {"topic": "t", "age": 1, "metadata_age": 2, "partitions": {
    "10": {"partition": 10, "leader": 2}, "-1": {"partition": -1},
    "2": {"partition": 2, "broker": 2, "leader": 2, "fetchq_cnt": 5, "fetchq_size": 500, "fetch_state": "active",
      "committed_offset": 41, "hi_offset": 50, "ls_offset": 49, "consumer_lag": 9, "rxmsgs": 40}}}},
  "cgrp": {"state": "up", "join_state": "steady", "rebalance_cnt": 2, "rebalance_reason": "joined", "assignment_size": 2},
  "eos": {"idemp_state": "Assigned", "txn_state": "InTransaction", "txn_may_enq": true, "producer_id": 13000,
    "producer_epoch": 3, "epoch_cnt": 1}
})";

TEST(StatisticsTest, ReadsAllLevels) {
  const auto statistics = parseStatistics(kSample);
  ASSERT_TRUE(statistics);
  EXPECT_EQ(statistics->name, "rdkafka#consumer-1");
  EXPECT_EQ(statistics->tsUs, 5016483227792);
  EXPECT_EQ(statistics->messageBytesMax, 1073741824);
  EXPECT_EQ(statistics->rxMessageBytes, 7);
  ASSERT_EQ(statistics->brokers.size(), 1u);
  const auto& broker = statistics->brokers[0];
  EXPECT_EQ(broker.nodeId, 2);
  EXPECT_EQ(broker.requestTimeouts, 2);
  EXPECT_EQ(broker.rttUs.p99_99, 3392);
  EXPECT_EQ(broker.throttleMs.max, 5);
  ASSERT_TRUE(statistics->consumerGroup);
  EXPECT_EQ(statistics->consumerGroup->rebalanceReason, "joined");
  ASSERT_TRUE(statistics->exactlyOnce);
  EXPECT_EQ(statistics->exactlyOnce->producerId, 13000);
  EXPECT_TRUE(statistics->exactlyOnce->transactionMayEnqueue);
}

TEST(StatisticsTest, PartitionsAreInOrderWithoutTheInternalOne) {
  const auto statistics = parseStatistics(kSample);
  ASSERT_TRUE(statistics);
  const auto& partitions = statistics->topics.at(0).partitions;
  ASSERT_EQ(partitions.size(), 2u);
  EXPECT_EQ(partitions[0].partition, 2);
  EXPECT_EQ(partitions[0].consumerLag, 9);
  EXPECT_EQ(partitions[0].lastStableOffset, 49);
  EXPECT_EQ(partitions[0].storedOffset, -1001);  // not in the sample
  EXPECT_EQ(partitions[1].partition, 10);
}

TEST(StatisticsTest, JsonCarriesUnitsInItsNames) {
  const auto json = toJson(*parseStatistics(kSample));
  EXPECT_EQ(json["clientId"], "me");
  EXPECT_EQ(json["brokers"][0]["rttUs"]["p95"], 3199);
  EXPECT_EQ(json["topics"][0]["partitions"][0]["fetchQueueBytes"], 500);
  EXPECT_EQ(json["consumerGroup"]["assignmentSize"], 2);
  EXPECT_EQ(json["exactlyOnce"]["producerEpoch"], 3);
  EXPECT_TRUE(toJson(*parseStatistics(R"({"name":"a"})"))["consumerGroup"].is_null());
}

TEST(StatisticsTest, TruncatedInputIsNothing) {
  const std::string_view sample(kSample);
  for (std::size_t length = 0; length < sample.size(); ++length) {
    EXPECT_FALSE(parseStatistics(sample.substr(0, length))) << length;
  }
}

TEST(StatisticsTest, HostileInputIsNothing) {
  for (const std::string& text :
       {std::string("null"), std::string("[]"), std::string("{}"), std::string("7"),
        std::string("\"name\""), std::string(R"({"name":7})"),
        std::string(R"({"name":"a","tx":"1"})"), std::string(R"({"name":"a","tx":1.5})"),
        std::string(R"({"name":"a","tx":1e400})"), std::string(R"({"name":"a","brokers":[]})"),
        std::string(R"({"name":"a","brokers":{"b":null}})"),
        std::string(R"({"name":"a","topics":{"t":{"partitions":7}}})"),
        std::string(R"({"name":"a","cgrp":"up"})"), std::string("{\"name\":\"\xff\"}"),
        std::string(200000, '['), std::string("\0", 1)}) {
    EXPECT_FALSE(parseStatistics(text)) << text.substr(0, 60);
  }
}

class StatisticsOfClientTest : public KafkaFixture {};

TEST_F(StatisticsOfClientTest, ReadsWhatAProducerEmits) {
  ok("createTopic", {{"topic", "t"}, {"partitions", 2}});
  const auto rk =
      client(RD_KAFKA_PRODUCER, {{"statistics.interval.ms", "20"}, {"enable.idempotence", "true"}},
             RD_KAFKA_EVENT_STATS);
  produce(rk.get(), "t", {"a", "b", "c"});
  const QueueHandle queue(rd_kafka_queue_get_main(rk.get()));
  std::optional<Statistics> last;
  EXPECT_TRUE(waitFor([&] {
    const EventHandle event(rd_kafka_queue_poll(queue.get(), 1000));
    if (!event || rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_STATS) return false;
    last = parseStatistics(rd_kafka_event_stats(event.get()));
    EXPECT_TRUE(last);
    return last && last->txMessages == 3;
  }));
  ASSERT_TRUE(last);
  EXPECT_EQ(last->type, "producer");
  ASSERT_EQ(last->topics.size(), 1u);
  ASSERT_EQ(last->topics[0].partitions.size(), 2u);
  EXPECT_EQ(last->topics[0].partitions[0].txMessages, 3);
  EXPECT_EQ(last->topics[0].partitions[0].leader, 1);
  ASSERT_TRUE(last->exactlyOnce);
  EXPECT_EQ(last->exactlyOnce->idempotentState, "Assigned");
  EXPECT_FALSE(last->consumerGroup);
  bool up = false;
  for (const auto& broker : last->brokers) up = up || (broker.nodeId == 1 && broker.state == "UP");
  EXPECT_TRUE(up);
}

}  // namespace
}  // namespace easyflow::core
