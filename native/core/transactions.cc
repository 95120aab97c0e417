#include "core/transactions.h"

#include <cstdlib>
#include <memory>
#include <vector>

#include "core/base64.h"
#include "core/client.h"
#include "core/json_args.h"

namespace easyflow::core {

namespace {

constexpr int kDefaultTimeoutMs = 60'000;

JsonResult resultOf(rd_kafka_error_t* raw) {
  const ErrorHandle error(raw);
  return {Error::of(error.get()), nullptr};
}

JsonResult sendOffsets(rd_kafka_t* rk, const nlohmann::json& arguments, int timeoutMs) {
  GroupMetadataHandle group;
  if (const auto encoded = arguments.find("groupMetadata");
      encoded != arguments.end() && encoded->is_string()) {
    group = decodeGroupMetadata(encoded->get<std::string>());
    if (!group) return JsonResult::fail(RD_KAFKA_RESP_ERR__INVALID_ARG, "groupMetadata is damaged");
  } else {
    group.reset(rd_kafka_consumer_group_metadata_new(
        arguments.at("groupId").get_ref<const std::string&>().c_str()));
  }
  const PartitionListHandle offsets =
      partitionList(Args(arguments, "sendOffsets"), "offsets", "offset");
  return resultOf(rd_kafka_send_offsets_to_transaction(rk, offsets.get(), group.get(), timeoutMs));
}

}  // namespace

std::string encodeGroupMetadata(const rd_kafka_consumer_group_metadata_t* metadata) {
  void* buffer = nullptr;
  std::size_t size = 0;
  const ErrorHandle error(rd_kafka_consumer_group_metadata_write(metadata, &buffer, &size));
  if (error) return {};
  const std::unique_ptr<void, decltype(&std::free)> owned(buffer, &std::free);
  return base64Encode(static_cast<const std::uint8_t*>(buffer), size);
}

GroupMetadataHandle decodeGroupMetadata(const std::string& base64) {
  const auto bytes = base64Decode(base64);
  rd_kafka_consumer_group_metadata_t* metadata = nullptr;
  if (!bytes) return nullptr;
  const ErrorHandle error(
      rd_kafka_consumer_group_metadata_read(&metadata, bytes->data(), bytes->size()));
  return error ? nullptr : GroupMetadataHandle(metadata);
}

std::optional<JsonResult> transactionOperation(rd_kafka_t* rk, const std::string& operation,
                                               const nlohmann::json& arguments) {
  const auto timeoutMs = static_cast<int>(timeoutOf(arguments, kDefaultTimeoutMs).count());
  if (operation == "initTransactions") return resultOf(rd_kafka_init_transactions(rk, timeoutMs));
  if (operation == "beginTransaction") return resultOf(rd_kafka_begin_transaction(rk));
  if (operation == "commitTransaction") return resultOf(rd_kafka_commit_transaction(rk, timeoutMs));
  if (operation == "abortTransaction") return resultOf(rd_kafka_abort_transaction(rk, timeoutMs));
  if (operation == "sendOffsets") return sendOffsets(rk, arguments, timeoutMs);
  return std::nullopt;
}

}  // namespace easyflow::core
