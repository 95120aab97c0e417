// Errors are values in core: no exception leaves it, none enters librdkafka.
#pragma once

#include <librdkafka/rdkafka.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "core/handles.h"

namespace easyflow::core {

// What lib/ needs to build its error objects; see NativeError in lib/native.d.ts.
struct Error {
  rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::string message;
  bool fatal = false;
  bool retriable = false;
  bool abortable = false;

  explicit operator bool() const { return code != RD_KAFKA_RESP_ERR_NO_ERROR; }

  // The stable name librdkafka gives the code: `_TRANSPORT`, `TOPIC_AUTHORIZATION_FAILED`.
  std::string name() const { return rd_kafka_err2name(code); }

  static Error none() { return {}; }
  static Error of(rd_kafka_resp_err_t code, std::string message = {});
  // Takes the fields of an rd_kafka_error_t; null means no error.
  static Error of(const rd_kafka_error_t* error);
};

// Whether a caller may try the same thing again after this code.
bool isRetriable(rd_kafka_resp_err_t code);

// NativeError as JSON, or null.
nlohmann::json toJson(const Error& error);

// A result or an error; for cold paths, where the result crosses as JSON.
struct JsonResult {
  Error error;
  nlohmann::json value = nullptr;

  static JsonResult ok(nlohmann::json value = nullptr) { return {Error::none(), std::move(value)}; }
  static JsonResult fail(Error error) { return {std::move(error), nullptr}; }
  static JsonResult fail(rd_kafka_resp_err_t code, std::string message = {}) {
    return {Error::of(code, std::move(message)), nullptr};
  }
};

}  // namespace easyflow::core
