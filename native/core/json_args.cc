#include "core/json_args.h"

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>

namespace easyflow::core {

namespace {

// Never destroyed: there are no static destructors here.
const nlohmann::json& nullJson() {
  static const auto* const value = new nlohmann::json(nullptr);
  return *value;
}

std::int32_t toInt32(const nlohmann::json& value, const std::string& path) {
  if (value.is_number_integer()) {
    const auto number = value.get<std::int64_t>();
    const bool wrapped = value.is_number_unsigned() && number < 0;
    if (!wrapped && number >= std::numeric_limits<std::int32_t>::min() &&
        number <= std::numeric_limits<std::int32_t>::max()) {
      return static_cast<std::int32_t>(number);
    }
  }
  throw BadArgument{"Expected a 32-bit integer for " + path + " but received " +
                    (value.is_number() ? "another number" : value.type_name())};
}

std::string toString(const nlohmann::json& value, const std::string& path) {
  if (!value.is_string()) {
    throw BadArgument{"Expected a string for " + path + " but received " + value.type_name()};
  }
  auto text = value.get<std::string>();
  // C would silently cut it there.
  if (text.find('\0') != std::string::npos) {
    throw BadArgument{"Expected a string without NUL for " + path + " but received one with NUL"};
  }
  return text;
}

}  // namespace

std::vector<const char*> pointersOf(const std::vector<std::string>& strings) {
  std::vector<const char*> pointers;
  pointers.reserve(strings.size());
  for (const std::string& text : strings) pointers.push_back(text.c_str());
  return pointers;
}

Args::Args(const nlohmann::json& value, std::string path)
    : object_(&value), path_(std::move(path)) {
  if (!value.is_object()) {
    throw BadArgument{"Expected an object for " + path_ + " but received " + value.type_name()};
  }
}

const nlohmann::json& Args::raw(const char* key) const {
  const auto found = object_->find(key);
  return found == object_->end() ? nullJson() : *found;
}

bool Args::has(const char* key) const { return !raw(key).is_null(); }

void Args::reject(const char* key, const std::string& expected) const {
  throw BadArgument{"Expected " + expected + " for " + pathOf(key) + " but received " +
                    (raw(key).is_null() ? "nothing" : raw(key).type_name())};
}

std::string Args::string(const char* key) const {
  if (!has(key)) reject(key, "a string");
  return toString(raw(key), pathOf(key));
}

std::optional<std::string> Args::optionalString(const char* key) const {
  if (!has(key)) return std::nullopt;
  return toString(raw(key), pathOf(key));
}

std::int32_t Args::int32(const char* key) const {
  if (!has(key)) reject(key, "a 32-bit integer");
  return toInt32(raw(key), pathOf(key));
}

std::int32_t Args::int32(const char* key, std::int32_t fallback) const {
  return has(key) ? toInt32(raw(key), pathOf(key)) : fallback;
}

std::int64_t Args::int64(const char* key) const {
  const auto& value = raw(key);
  if (value.is_number_integer() && !(value.is_number_unsigned() && value.get<std::int64_t>() < 0)) {
    return value.get<std::int64_t>();
  }
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc() && end == text.data() + text.size()) return number;
    throw BadArgument{"Expected a 64-bit integer for " + pathOf(key) +
                      " but received another string"};
  }
  reject(key, "a 64-bit integer as a decimal string");
}

bool Args::flag(const char* key, bool fallback) const {
  if (!has(key)) return fallback;
  if (!raw(key).is_boolean()) reject(key, "a boolean");
  return raw(key).get<bool>();
}

std::vector<Args> Args::objects(const char* key) const {
  const auto& array = raw(key);
  if (!array.is_array()) reject(key, "an array");
  std::vector<Args> result;
  result.reserve(array.size());
  for (std::size_t i = 0; i < array.size(); ++i) {
    result.emplace_back(array[i], pathOf(key) + "[" + std::to_string(i) + "]");
  }
  return result;
}

std::vector<Args> Args::optionalObjects(const char* key) const {
  return has(key) ? objects(key) : std::vector<Args>();
}

std::vector<std::string> Args::strings(const char* key) const {
  const auto& array = raw(key);
  if (!array.is_array()) reject(key, "an array of strings");
  std::vector<std::string> result;
  result.reserve(array.size());
  for (std::size_t i = 0; i < array.size(); ++i) {
    result.push_back(toString(array[i], pathOf(key) + "[" + std::to_string(i) + "]"));
  }
  return result;
}

std::vector<std::int32_t> Args::int32s(const char* key) const {
  const auto& array = raw(key);
  if (!array.is_array()) reject(key, "an array of integers");
  std::vector<std::int32_t> result;
  result.reserve(array.size());
  for (std::size_t i = 0; i < array.size(); ++i) {
    result.push_back(toInt32(array[i], pathOf(key) + "[" + std::to_string(i) + "]"));
  }
  return result;
}

int Args::timeoutMs(int fallback) const {
  const std::int32_t value = int32("timeoutMs", fallback);
  // The upper bound is that of rd_kafka_AdminOptions_set_request_timeout().
  if (value < 1 || value > 3600 * 1000) {
    throw BadArgument{"Expected 1 to 3600000 for " + pathOf("timeoutMs") + " but received " +
                      std::to_string(value)};
  }
  return value;
}

PartitionListHandle partitionList(const Args& args, const char* key, const char* offsetKey) {
  const auto items = args.objects(key);
  PartitionListHandle list(rd_kafka_topic_partition_list_new(static_cast<int>(items.size())));
  for (const auto& item : items) {
    const std::string topic = item.string("topic");
    const std::int32_t partition = item.int32("partition");
    if (topic.empty()) throw BadArgument{"Expected a topic name for " + item.pathOf("topic")};
    if (partition < 0) throw BadArgument{"Expected 0 or more for " + item.pathOf("partition")};
    const std::int64_t offset = offsetKey ? item.int64(offsetKey) : RD_KAFKA_OFFSET_INVALID;
    const auto metadata = item.optionalString("metadata");
    const std::int32_t leaderEpoch = item.int32("leaderEpoch", -1);

    auto* element = rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition);
    element->offset = offset;
    if (leaderEpoch >= 0) rd_kafka_topic_partition_set_leader_epoch(element, leaderEpoch);
    if (metadata) {
      // The list frees it with free().
      element->metadata = std::malloc(metadata->size() + 1);
      if (!element->metadata) throw std::bad_alloc();
      std::memcpy(element->metadata, metadata->c_str(), metadata->size() + 1);
      element->metadata_size = metadata->size();
    }
  }
  return list;
}

nlohmann::json decimal(std::int64_t value) { return std::to_string(value); }

nlohmann::json nullable(const char* text) {
  return text ? nlohmann::json(text) : nlohmann::json(nullptr);
}

}  // namespace easyflow::core
