#include "core/statistics.h"

#include <algorithm>
#include <type_traits>

namespace easyflow::core {

namespace {

using nlohmann::json;

template <typename T>
struct IsVector : std::false_type {};
template <typename T>
struct IsVector<std::vector<T>> : std::true_type {};
template <typename T>
struct IsOptional : std::false_type {};
template <typename T>
struct IsOptional<std::optional<T>> : std::true_type {};

template <typename T>
bool read(const json& source, T& target);

template <typename T>
bool readFields(const json& source, T& target) {
  if (!source.is_object()) return false;
  bool valid = true;
  T::fields(target, [&](const char*, const char* key, auto& member) {
    const auto found = source.find(key);
    if (found != source.end()) valid = valid && read(*found, member);
  });
  return valid;
}

// librdkafka writes lists as objects whose keys repeat a field of the element.
template <typename T>
bool readElements(const json& source, std::vector<T>& target) {
  if (!source.is_object()) return false;
  target.reserve(source.size());
  for (const auto& element : source) {
    if (!readFields(element, target.emplace_back())) return false;
    if constexpr (std::is_same_v<T, PartitionStatistics>) {
      if (target.back().partition < 0) target.pop_back();
    }
  }
  if constexpr (std::is_same_v<T, PartitionStatistics>) {
    // The keys are strings: "10" comes before "2".
    std::sort(target.begin(), target.end(),
              [](const auto& a, const auto& b) { return a.partition < b.partition; });
  }
  return true;
}

template <typename T>
bool read(const json& source, T& target) {
  if constexpr (std::is_same_v<T, std::string>) {
    if (!source.is_string()) return false;
    target = source.get<std::string>();
    return true;
  } else if constexpr (std::is_same_v<T, bool>) {
    if (!source.is_boolean()) return false;
    target = source.get<bool>();
    return true;
  } else if constexpr (std::is_same_v<T, std::int64_t>) {
    if (!source.is_number_integer()) return false;
    target = source.get<std::int64_t>();
    return true;
  } else if constexpr (IsVector<T>::value) {
    return readElements(source, target);
  } else if constexpr (IsOptional<T>::value) {
    return readFields(source, target.emplace());
  } else {
    return readFields(source, target);
  }
}

template <typename T>
json write(const T& source) {
  if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, bool> ||
                std::is_same_v<T, std::int64_t>) {
    return source;
  } else if constexpr (IsVector<T>::value) {
    json array = json::array();
    for (const auto& element : source) array.push_back(write(element));
    return array;
  } else if constexpr (IsOptional<T>::value) {
    return source ? write(*source) : json(nullptr);
  } else {
    json object = json::object();
    T::fields(source, [&](const char* name, const char*, const auto& member) {
      object[name] = write(member);
    });
    return object;
  }
}

}  // namespace

std::optional<Statistics> parseStatistics(std::string_view text) noexcept {
  try {
    const json document = json::parse(text, nullptr, /*allow_exceptions=*/false);
    Statistics statistics;
    if (!document.is_object() || !readFields(document, statistics) || statistics.name.empty())
      return std::nullopt;
    return statistics;
  } catch (...) {  // out of memory
    return std::nullopt;
  }
}

nlohmann::json toJson(const Statistics& statistics) { return write(statistics); }

}  // namespace easyflow::core
