// Sends packed blocks and reports each section (one send() call) once, when all of its records are
// settled.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/client.h"

namespace easyflow::core {

class Producer final : public Client {
 public:
  // Null on failure, which says why.
  static std::shared_ptr<Producer> create(const ConfigEntries& config,
                                          std::shared_ptr<Poller> poller,
                                          std::shared_ptr<ClientSink> sink, ConfigFailure& failure);
  using Client::Client;
  ~Producer() override;

  // Called on the JS thread. The id of the topic for sections; -1 on failure. The first
  // registration's properties win.
  std::int32_t registerTopic(const std::string& name, const ConfigEntries& config,
                             ConfigFailure& failure);

  // Called on the JS thread. Copies the block of sections (lib/native.d.ts, "Produce block") and
  // wakes the poller.
  // False: no memory for the copy. After close() it is dropped.
  bool enqueue(const std::uint8_t* block, std::size_t size);

 protected:
  void releaseOnPoller() override;
  void prepareClose(std::chrono::milliseconds timeout) override;
  bool pollMore() noexcept override;
  void onDeliveryReports(rd_kafka_event_t* event) noexcept override;
  std::optional<JsonResult> perform(std::uint32_t id, const std::string& operation,
                                    const nlohmann::json& arguments) override;

 private:
  // A copy of what JS enqueued. Librdkafka reads payloads in place, so it lives until its last
  // record is settled.
  struct Block {
    std::unique_ptr<std::uint8_t[]> bytes;
    std::size_t size = 0;
    std::uint32_t unsettledSends = 0;
  };

  struct PartitionOutcome {
    std::int32_t partition;
    std::int32_t error = 0;
    std::int32_t acknowledged = 0;
    std::int32_t failed = 0;
    std::int64_t baseOffset = -1;
    std::int64_t logAppendTime = -1;
  };

  // One section on its way. Its address is the opaque of its records.
  struct Send {
    std::uint32_t id = 0;
    std::uint32_t remaining = 0;
    Block* block = nullptr;
    std::vector<PartitionOutcome> outcomes;
  };

  void produceBlock(std::unique_ptr<Block> block);
  void rejectSection(const std::int32_t* header);
  void produceSection(const std::int32_t* header, Block& block);
  void addPlain(const std::int32_t* records, std::uint8_t* bytes, std::int32_t count, Send& send);
  // Gives the plain messages that were added to librdkafka, and lets go of sections that are
  // produced.
  void produceRun();
  rd_kafka_topic_t* topicOf(std::int32_t id);
  void produceExtended(rd_kafka_topic_t* topic, const std::int32_t* records, std::uint8_t* bytes,
                       std::int32_t count, Send& send);
  static PartitionOutcome& outcomeOf(Send& send, std::int32_t partition);
  static void fail(Send& send, std::int32_t partition, rd_kafka_resp_err_t error);
  void settle(Send* send);
  void appendSettled(std::uint32_t id, const std::vector<PartitionOutcome>& outcomes);
  void flushSettled();
  Send* newSend();

  // The work thread's.
  // Until everything enqueued so far was given to librdkafka; false when the time was over first.
  bool awaitInbox(Clock::time_point deadline);
  // Until what librdkafka has reported so far was handed to the sink.
  void awaitSettled();
  Error flush(Clock::time_point deadline);

  // Shared by the JS thread (adds) and the poller (takes).
  std::mutex inboxMutex_;
  std::vector<std::unique_ptr<Block>> inbox_;
  std::uint64_t enqueued_ = 0;
  bool inboxClosed_ = false;
  std::mutex topicsMutex_;
  bool topicsClosed_ = false;
  std::vector<TopicHandle> topics_;
  std::unordered_map<std::string, std::int32_t> topicIds_;

  // The poller's own.
  std::vector<std::unique_ptr<Block>> taken_;
  std::size_t takenIndex_ = 0;
  std::uint64_t produced_ = 0;
  std::unordered_map<Block*, std::unique_ptr<Block>> blocks_;
  // Neighbouring plain sections of one topic cross to librdkafka together: their messages, and the
  // sends whose sections end among them.
  std::int32_t runTopicId_ = -1;
  std::vector<rd_kafka_message_t> run_;
  std::vector<Send*> runSends_;
  std::vector<std::unique_ptr<Send>> sends_;
  std::vector<Send*> freeSends_;
  std::vector<std::int32_t> settled_;
};

}  // namespace easyflow::core
