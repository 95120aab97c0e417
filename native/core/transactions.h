// The transactional producer's calls. All of them block: called on the work thread.
#pragma once

#include <optional>
#include <string>

#include "core/error.h"

namespace easyflow::core {

// Empty when the operation is not one of transactions.
std::optional<JsonResult> transactionOperation(rd_kafka_t* rk, const std::string& operation,
                                               const nlohmann::json& arguments);

// Bytes of rd_kafka_consumer_group_metadata_write in base64, so that a consumer's metadata can
// cross to a producer.
std::string encodeGroupMetadata(const rd_kafka_consumer_group_metadata_t* metadata);
GroupMetadataHandle decodeGroupMetadata(const std::string& base64);

}  // namespace easyflow::core
