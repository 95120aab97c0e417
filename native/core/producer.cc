#include "core/producer.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <new>

#include "core/produce_section.h"
#include "core/transactions.h"

namespace easyflow::core {

namespace {

// Words of delivery entries handed over at once: some thousand sends, so that JS stays responsive.
constexpr std::size_t kSettledWordsPerEvent = 40'000;
constexpr std::size_t kBytesPerTurn = 1U << 20U;
constexpr int kSliceMs = 100;
// For the reports of what was purged.
constexpr int kPurgeMs = 1000;
constexpr int kDefaultTimeoutMs = 30'000;
// Messages given to librdkafka in one call: bounds the memory for their descriptions.
constexpr std::size_t kMessagesPerCall = 4096;
constexpr const char* kReportErrorsOnly = "delivery.report.only.error";

void append64(std::vector<std::int32_t>& words, std::int64_t value) {
  words.push_back(static_cast<std::int32_t>(static_cast<std::uint64_t>(value) & 0xffffffffU));
  words.push_back(static_cast<std::int32_t>(static_cast<std::uint64_t>(value) >> 32U));
}

bool reportsErrorsOnly(const rd_kafka_conf_t* conf) {
  char value[16] = "";
  std::size_t size = sizeof(value);
  return rd_kafka_conf_get(conf, kReportErrorsOnly, value, &size) == RD_KAFKA_CONF_OK &&
         std::strcmp(value, "true") == 0;
}

}  // namespace

std::shared_ptr<Producer> Producer::create(const ConfigEntries& config,
                                           std::shared_ptr<Poller> poller,
                                           std::shared_ptr<ClientSink> sink,
                                           ConfigFailure& failure) {
  ConfHandle conf = makeConf(config, failure);
  if (!conf) return nullptr;
  if (reportsErrorsOnly(conf.get())) {
    failure = {kReportErrorsOnly,
               "cannot be true: a send is settled by the reports of all its messages"};
    return nullptr;
  }
  auto producer = std::make_shared<Producer>(std::move(poller), std::move(sink));
  if (!producer->open(RD_KAFKA_PRODUCER, std::move(conf), config, failure)) return nullptr;
  producer->start();
  return producer;
}

Producer::~Producer() = default;

std::int32_t Producer::registerTopic(const std::string& name, const ConfigEntries& config,
                                     ConfigFailure& failure) {
  // Held over the calls of librdkafka: releaseOnPoller() takes it before the handle may be
  // destroyed.
  const std::lock_guard lock(topicsMutex_);
  if (topicsClosed_) {
    failure = {"", "the producer is closed"};
    return -1;
  }
  if (const auto known = topicIds_.find(name); known != topicIds_.end()) return known->second;
  TopicConfHandle conf;
  if (!config.empty()) {
    conf = makeTopicConf(config, failure);
    if (!conf) return -1;
  }
  TopicHandle topic(
      rd_kafka_topic_new(rk(), name.c_str(), conf.release()));  // takes the conf in any case
  if (!topic) {
    failure = {"", rd_kafka_err2str(rd_kafka_last_error())};
    return -1;
  }
  topics_.push_back(std::move(topic));
  const auto id = static_cast<std::int32_t>(topics_.size() - 1);
  topicIds_.emplace(name, id);
  return id;
}

bool Producer::enqueue(const std::uint8_t* bytes, std::size_t size) {
  auto block = std::make_unique<Block>();
  // Not value-initialised: it is overwritten at once.
  block->bytes.reset(new (std::nothrow) std::uint8_t[size]);
  if (!block->bytes) return false;
  block->size = size;
  if (size > 0) std::memcpy(block->bytes.get(), bytes, size);
  {
    const std::lock_guard lock(inboxMutex_);
    if (inboxClosed_) return true;  // as if the close had come first
    inbox_.push_back(std::move(block));
    ++enqueued_;
  }
  signal();
  return true;
}

bool Producer::pollMore() noexcept {
  if (takenIndex_ == taken_.size()) {
    taken_.clear();
    takenIndex_ = 0;
    const std::lock_guard lock(inboxMutex_);
    taken_.swap(inbox_);
  }
  std::size_t bytes = 0;
  while (takenIndex_ < taken_.size() && bytes < kBytesPerTurn) {
    bytes += taken_[takenIndex_]->size;
    produceBlock(std::move(taken_[takenIndex_++]));
    ++produced_;
  }
  flushSettled();
  return takenIndex_ < taken_.size();
}

void Producer::produceBlock(std::unique_ptr<Block> owned) {
  Block& block = *owned;
  // Held as one more send while its sections are produced: an early failure must not free it under
  // the loop.
  block.unsettledSends = 1;
  blocks_.emplace(&block, std::move(owned));
  constexpr std::size_t kLeast = kSectionWords * sizeof(std::int32_t);
  std::size_t offset = 0;
  while (block.size - offset >= kLeast) {
    const auto* header = reinterpret_cast<const std::int32_t*>(block.bytes.get() + offset);
    const auto size = static_cast<std::size_t>(std::max(header[0], 0));
    if (size < kLeast || size % sizeof(std::int32_t) != 0 || size > block.size - offset) {
      // Where the next section begins is not known: this one is answered, the rest is not there.
      rejectSection(header);
      break;
    }
    if (isSection(header, size)) {
      produceSection(header, block);
    } else {
      rejectSection(header);
    }
    offset += size;
  }
  produceRun();
  if (--block.unsettledSends == 0) blocks_.erase(&block);
}

void Producer::rejectSection(const std::int32_t* header) {
  appendSettled(static_cast<std::uint32_t>(header[1]),
                {PartitionOutcome{.partition = -1,
                                  .error = RD_KAFKA_RESP_ERR__INVALID_ARG,
                                  .failed = std::max(header[3], 0)}});
}

void Producer::produceSection(const std::int32_t* header, Block& block) {
  const std::int32_t topicId = header[2];
  const std::int32_t count = header[3];
  const bool extended = header[4] != 0;
  Send* send = newSend();
  send->id = static_cast<std::uint32_t>(header[1]);
  // One more than there are records: a section cannot settle while it is still being produced.
  send->remaining = static_cast<std::uint32_t>(count) + 1;
  send->block = &block;
  ++block.unsettledSends;

  const std::int32_t* records = header + kSectionWords;
  auto* bytes = reinterpret_cast<std::uint8_t*>(const_cast<std::int32_t*>(
      records + static_cast<std::size_t>(count) * (extended ? kExtendedWords : kPlainWords)));
  // Messages keep their order: what was added before goes first.
  if (extended || topicId != runTopicId_) produceRun();
  if (!extended) {
    runTopicId_ = topicId;
    addPlain(records, bytes, count, *send);
    return;
  }
  rd_kafka_topic_t* topic = topicOf(topicId);
  if (topic == nullptr) {
    for (std::int32_t i = 0; i < count; ++i) fail(*send, -1, RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC);
  } else {
    produceExtended(topic, records, bytes, count, *send);
  }
  if (--send->remaining == 0) settle(send);
}

rd_kafka_topic_t* Producer::topicOf(std::int32_t id) {
  const std::lock_guard lock(topicsMutex_);
  const bool isKnown = id >= 0 && static_cast<std::size_t>(id) < topics_.size();
  return isKnown ? topics_[id].get() : nullptr;
}

void Producer::addPlain(const std::int32_t* records, std::uint8_t* bytes, std::int32_t count,
                        Send& send) {
  for (std::int32_t i = 0; i < count; ++i, records += kPlainWords) {
    if (run_.size() == kMessagesPerCall) produceRun();
    rd_kafka_message_t& message = run_.emplace_back();
    setPayload(message, bytes, records[0], records[1]);
    message._private = &send;
  }
  runSends_.push_back(&send);
}

void Producer::produceRun() {
  if (!run_.empty()) {
    rd_kafka_topic_t* topic = topicOf(runTopicId_);
    // Neither RD_KAFKA_MSG_F_COPY nor _FREE: payloads stay in our block until their reports.
    // Explicit partitions never come this way: rd_kafka_produce_batch leaks its message count on a
    // bad one.
    if (topic != nullptr) {
      rd_kafka_produce_batch(topic, RD_KAFKA_PARTITION_UA, 0, run_.data(),
                             static_cast<int>(run_.size()));
    }
    for (const rd_kafka_message_t& message : run_) {
      const rd_kafka_resp_err_t error =
          topic != nullptr ? message.err : RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC;
      if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
        fail(*static_cast<Send*>(message._private), -1, error);
      }
    }
    run_.clear();
  }
  for (Send* send : runSends_) {
    if (--send->remaining == 0) settle(send);
  }
  runSends_.clear();
}

void Producer::produceExtended(rd_kafka_topic_t* topic, const std::int32_t* records,
                               std::uint8_t* bytes, std::int32_t count, Send& send) {
  for (std::int32_t i = 0; i < count; ++i, records += kExtendedWords) {
    rd_kafka_message_t message{};
    setPayload(message, bytes, records[0], records[1]);
    const std::int32_t partition = records[2];
    const std::int32_t headersSize = records[3];
    const std::int64_t timestamp = joinWords(records[4], records[5]);

    std::array<rd_kafka_vu_t, 8> arguments{};
    std::size_t used = 0;
    auto argument = [&](rd_kafka_vtype_t type) -> rd_kafka_vu_t& {
      arguments[used].vtype = type;
      return arguments[used++];
    };
    argument(RD_KAFKA_VTYPE_RKT).u.rkt = topic;
    argument(RD_KAFKA_VTYPE_PARTITION).u.i32 = partition;
    argument(RD_KAFKA_VTYPE_MSGFLAGS).u.i = 0;
    argument(RD_KAFKA_VTYPE_OPAQUE).u.ptr = &send;
    auto& value = argument(RD_KAFKA_VTYPE_VALUE).u.mem;
    value.ptr = message.payload;
    value.size = message.len;
    auto& key = argument(RD_KAFKA_VTYPE_KEY).u.mem;
    key.ptr = message.key;
    key.size = message.key_len;
    if (timestamp >= 0) argument(RD_KAFKA_VTYPE_TIMESTAMP).u.i64 = timestamp;
    HeadersHandle headers;
    if (headersSize > 0) {
      headers = readHeaders(bytes, headersSize);
      argument(RD_KAFKA_VTYPE_HEADERS).u.headers = headers.get();
    }
    bytes += headersSize;

    const ErrorHandle error(rd_kafka_produceva(rk(), arguments.data(), used));
    if (error) {
      fail(send, partition, rd_kafka_error_code(error.get()));
    } else {
      (void)headers.release();  // librdkafka owns them once the message is accepted
    }
  }
}

Producer::PartitionOutcome& Producer::outcomeOf(Send& send, std::int32_t partition) {
  for (PartitionOutcome& outcome : send.outcomes) {
    if (outcome.partition == partition) return outcome;
  }
  return send.outcomes.emplace_back(PartitionOutcome{.partition = partition});
}

void Producer::fail(Send& send, std::int32_t partition, rd_kafka_resp_err_t error) {
  PartitionOutcome& outcome = outcomeOf(send, partition);
  ++outcome.failed;
  if (outcome.error == 0) outcome.error = error;
  --send.remaining;
}

void Producer::onDeliveryReports(rd_kafka_event_t* event) noexcept {
  while (const rd_kafka_message_t* message = rd_kafka_event_message_next(event)) {
    auto* send = static_cast<Send*>(message->_private);
    PartitionOutcome& outcome = outcomeOf(*send, message->partition);
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      ++outcome.failed;
      if (outcome.error == 0) outcome.error = message->err;
    } else {
      if (outcome.baseOffset < 0 ||
          (message->offset >= 0 && message->offset < outcome.baseOffset)) {
        outcome.baseOffset = message->offset;
      }
      if (outcome.acknowledged++ == 0) {
        rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
        const std::int64_t timestamp = rd_kafka_message_timestamp(message, &type);
        if (type == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME) outcome.logAppendTime = timestamp;
      }
    }
    if (--send->remaining == 0) settle(send);
  }
}

void Producer::appendSettled(std::uint32_t id, const std::vector<PartitionOutcome>& outcomes) {
  settled_.push_back(static_cast<std::int32_t>(id));
  settled_.push_back(static_cast<std::int32_t>(outcomes.size()));
  for (const PartitionOutcome& outcome : outcomes) {
    settled_.insert(settled_.end(),
                    {outcome.partition, outcome.error, outcome.acknowledged, outcome.failed});
    append64(settled_, outcome.baseOffset);
    append64(settled_, outcome.logAppendTime);
  }
  if (settled_.size() >= kSettledWordsPerEvent) flushSettled();
}

void Producer::settle(Send* send) {
  appendSettled(send->id, send->outcomes);
  if (--send->block->unsettledSends == 0) blocks_.erase(send->block);
  send->outcomes.clear();
  send->block = nullptr;
  freeSends_.push_back(send);
}

void Producer::flushSettled() {
  if (settled_.empty()) return;
  sink().onSettled(std::move(settled_));
  settled_ = {};
}

Producer::Send* Producer::newSend() {
  if (freeSends_.empty()) {
    sends_.push_back(std::make_unique<Send>());
    return sends_.back().get();
  }
  Send* send = freeSends_.back();
  freeSends_.pop_back();
  return send;
}

std::optional<JsonResult> Producer::perform(std::uint32_t id, const std::string& operation,
                                            const nlohmann::json& arguments) {
  if (operation == "flush") {
    return JsonResult{flush(Clock::now() + timeoutOf(arguments, kDefaultTimeoutMs)), nullptr};
  }
  const bool endsTransaction = operation == "commitTransaction" || operation == "abortTransaction";
  // What was enqueued before it belongs to the transaction: a block still in the inbox would be
  // produced after its end.
  if (endsTransaction) awaitInbox(Clock::now() + timeoutOf(arguments, kDefaultTimeoutMs));
  if (auto result = transactionOperation(rk(), operation, arguments)) {
    if (endsTransaction) awaitSettled();
    return result;
  }
  return Client::perform(id, operation, arguments);
}

bool Producer::awaitInbox(Clock::time_point deadline) {
  std::uint64_t mark = 0;
  {
    const std::lock_guard lock(inboxMutex_);
    mark = enqueued_;
  }
  for (;;) {
    bool reached = false;
    // One turn of the poller each.
    runOnPoller([&] { reached = produced_ >= mark; });
    if (reached) return true;
    if (outOfTime() || Clock::now() >= deadline) return false;
  }
}

void Producer::awaitSettled() {
  // A report leaves librdkafka's count when the poller takes it: let the poller finish its turn.
  runOnPoller([] {});
}

Error Producer::flush(Clock::time_point deadline) {
  bool flushed = false;
  if (awaitInbox(deadline)) {
    // In slices, so that a close behind it need not wait for its end.
    do {
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
      flushed =
          rd_kafka_flush(rk(), static_cast<int>(std::clamp<std::int64_t>(left, 0, kSliceMs))) ==
          RD_KAFKA_RESP_ERR_NO_ERROR;
    } while (!flushed && !outOfTime() && Clock::now() < deadline);
  }
  awaitSettled();
  return Error::of(flushed ? RD_KAFKA_RESP_ERR_NO_ERROR : RD_KAFKA_RESP_ERR__TIMED_OUT);
}

void Producer::prepareClose(std::chrono::milliseconds timeout) {
  // The poller still takes blocks from the inbox and serves delivery reports; both must come to
  // rest.
  if (!abandoned()) flush(Clock::now() + timeout);
  runOnPoller([this] {
    {
      const std::lock_guard lock(inboxMutex_);
      inboxClosed_ = true;
    }
    bool more = true;
    while (more) {
      more = pollMore();
      const std::lock_guard lock(inboxMutex_);
      more = more || !inbox_.empty();
    }
  });
  if (rd_kafka_outq_len(rk()) > 0) {
    // Past the deadline: everything left fails with _PURGE_QUEUE or _PURGE_INFLIGHT.
    rd_kafka_purge(rk(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    rd_kafka_flush(rk(), abandoned() ? kSliceMs : kPurgeMs);
  }
  // What was reported last must have been handed to JS before the answer to close is.
  runOnPoller([this] {
    for (int rounds = 0; rounds < 1000 && poll(); ++rounds) continue;
  });
}

void Producer::releaseOnPoller() {
  // Whatever librdkafka did not report by now (a broker's thread inside a name lookup does not
  // purge) is reported here. Blocks stay until the handle is destroyed: such a thread may still
  // read them.
  for (const auto& send : sends_) {
    if (!send->block) continue;
    PartitionOutcome& rest = outcomeOf(*send, -1);
    rest.failed += static_cast<std::int32_t>(send->remaining);
    if (rest.error == 0) rest.error = RD_KAFKA_RESP_ERR__DESTROY;
    appendSettled(send->id, send->outcomes);
    send->block = nullptr;
  }
  flushSettled();
  const std::lock_guard lock(topicsMutex_);
  topicsClosed_ = true;
  topics_.clear();
  topicIds_.clear();
}

}  // namespace easyflow::core
