#include "core/packed_block.h"

#include <cstring>

namespace easyflow::core {

namespace {

// Null when the message has none: the common case costs one call.
rd_kafka_headers_t* headersOf(const rd_kafka_message_t* message) {
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return nullptr;
  return headers;
}

struct Header {
  const char* name;
  const void* value;
  std::size_t size;
};

bool headerAt(const rd_kafka_headers_t* headers, std::size_t index, Header& header) {
  return rd_kafka_header_get_all(headers, index, &header.name, &header.value, &header.size) ==
         RD_KAFKA_RESP_ERR_NO_ERROR;
}

std::size_t headersSize(const rd_kafka_headers_t* headers) {
  std::size_t size = 0;
  Header header{};
  for (std::size_t index = 0; headerAt(headers, index, header); ++index) {
    size += 2 * sizeof(std::int32_t) + std::strlen(header.name) + (header.value ? header.size : 0);
  }
  return size;
}

std::uint8_t* put(std::uint8_t* to, const void* from, std::size_t size) {
  if (size > 0) std::memcpy(to, from, size);
  return to + size;
}

std::uint8_t* putHeaders(std::uint8_t* to, const rd_kafka_headers_t* headers,
                         std::uint32_t& count) {
  Header header{};
  for (std::size_t index = 0; headerAt(headers, index, header); ++index, ++count) {
    const std::int32_t lengths[2] = {static_cast<std::int32_t>(std::strlen(header.name)),
                                     header.value ? static_cast<std::int32_t>(header.size) : -1};
    to = put(to, lengths, sizeof(lengths));
    to = put(to, header.name, static_cast<std::size_t>(lengths[0]));
    if (header.value) to = put(to, header.value, header.size);
  }
  return to;
}

}  // namespace

std::size_t packedSize(rd_kafka_message_t* message) {
  std::size_t size =
      kRecordBytes + (message->key ? message->key_len : 0) + (message->payload ? message->len : 0);
  if (const rd_kafka_headers_t* headers = headersOf(message)) size += headersSize(headers);
  return size;
}

PackedBlock pack(rd_kafka_message_t* const* messages, std::size_t count, std::size_t size) {
  PackedBlock block;
  block.bytes.reset(static_cast<std::uint8_t*>(std::malloc(size > 0 ? size : 1)));
  if (!block.bytes) return block;
  block.size = size;
  block.count = static_cast<std::uint32_t>(count);

  std::uint8_t* const start = block.bytes.get();
  std::uint8_t* bytes = start + count * kRecordBytes;
  auto* words = reinterpret_cast<std::int32_t*>(start);
  for (std::size_t i = 0; i < count; ++i, words += kRecordWords) {
    const rd_kafka_message_t& message = *messages[i];
    rd_kafka_timestamp_type_t timestampType = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
    const std::int64_t timestamp = rd_kafka_message_timestamp(&message, &timestampType);
    std::uint32_t headerCount = 0;

    words[0] = static_cast<std::int32_t>(bytes - start);
    words[1] = message.key ? static_cast<std::int32_t>(message.key_len) : -1;
    words[2] = message.payload ? static_cast<std::int32_t>(message.len) : -1;
    if (message.key) bytes = put(bytes, message.key, message.key_len);
    if (message.payload) bytes = put(bytes, message.payload, message.len);
    if (const rd_kafka_headers_t* headers = headersOf(&message))
      bytes = putHeaders(bytes, headers, headerCount);
    const std::uint32_t attributes = timestampType == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME ? 1U : 0U;
    words[3] = static_cast<std::int32_t>(headerCount | attributes << 24U);
    std::memcpy(words + 4, &message.offset, sizeof(message.offset));
    std::memcpy(words + 6, &timestamp, sizeof(timestamp));
  }
  return block;
}

}  // namespace easyflow::core
