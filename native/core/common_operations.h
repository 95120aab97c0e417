// Operations of every client; see class Client in lib/native.d.ts.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "core/error.h"

namespace easyflow::core {

// 'metadata', 'watermarks', 'offsetsForTimes', 'setOauthBearerToken', 'setOauthBearerTokenFailure',
// 'setSaslCredentials'.
// `handled` tells whether the operation is one of them. Called on the client's work thread; blocks
// up to `timeoutMs`. Never throws.
//
// 'metadata' of one topic makes no local topic object: the first rd_kafka_topic_new() of a name
// fixes its properties, and a look at a topic must not take that from a producer's topic() or a
// subscription's offset reset. It creates no topic either.
JsonResult commonOperation(rd_kafka_t* rk, const std::string& operation, const nlohmann::json& args,
                           bool& handled);

}  // namespace easyflow::core
