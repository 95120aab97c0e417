// Arguments of operations that cross the border as JSON: typed access that names what is wrong.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/handles.h"

namespace easyflow::core {

// Thrown by Args, caught by the function that runs the operation: it never leaves core.
struct BadArgument {
  std::string message;
};

// The strings as librdkafka takes them; they must outlive the result.
std::vector<const char*> pointersOf(const std::vector<std::string>& strings);

// A view of one JSON object of arguments; the JSON must outlive it. Values never appear in
// messages, they may be secret.
class Args {
 public:
  explicit Args(const nlohmann::json& value, std::string path = "arguments");

  // Absent and null are the same.
  bool has(const char* key) const;
  std::string string(const char* key) const;
  std::optional<std::string> optionalString(const char* key) const;
  std::int32_t int32(const char* key) const;
  std::int32_t int32(const char* key, std::int32_t fallback) const;
  // A 64-bit integer as a decimal string or as a number.
  std::int64_t int64(const char* key) const;
  bool flag(const char* key, bool fallback = false) const;
  // Elements of an array of objects; absent is an error.
  std::vector<Args> objects(const char* key) const;
  std::vector<Args> optionalObjects(const char* key) const;
  std::vector<std::string> strings(const char* key) const;
  std::vector<std::int32_t> int32s(const char* key) const;
  // The raw value, null if absent.
  const nlohmann::json& raw(const char* key) const;
  std::string pathOf(const char* key) const { return path_ + "." + key; }
  const std::string& path() const { return path_; }
  int timeoutMs(int fallback = 30000) const;

  [[noreturn]] void reject(const char* key, const std::string& expected) const;

 private:
  const nlohmann::json* object_;
  std::string path_;
};

// [{topic, partition, offset?, metadata?, leaderEpoch?}] under `key`; `offsetKey` names the field
// that fills the offset, null when there is none.
PartitionListHandle partitionList(const Args& args, const char* key, const char* offsetKey);

// 64-bit numbers cross as decimal strings.
nlohmann::json decimal(std::int64_t value);

// A string of librdkafka, null when there is none.
nlohmann::json nullable(const char* text);

}  // namespace easyflow::core
