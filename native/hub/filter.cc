#include "hub/filter.h"

#include <algorithm>

namespace easyflow::hub {

namespace {

std::vector<std::string> stepsOf(const std::string& path) {
  std::vector<std::string> steps;
  std::size_t from = 0;
  for (;;) {
    const std::size_t dot = path.find('.', from);
    steps.push_back(path.substr(from, dot - from));
    if (dot == std::string::npos) return steps;
    from = dot + 1;
  }
}

}  // namespace

std::optional<Filter> Filter::parse(const nlohmann::json& json, std::string& error) {
  if (!json.is_object() || json.empty() || json.size() > kMaxFields) {
    error = "\"filter\" must be an object of 1 to 16 fields";
    return std::nullopt;
  }
  Filter filter;
  for (const auto& [path, wanted] : json.items()) {
    Condition condition;
    condition.path = stepsOf(path);
    if (wanted.is_array()) {
      condition.values.assign(wanted.begin(), wanted.end());
    } else {
      condition.values.push_back(wanted);
    }
    const bool isValid =
        !condition.values.empty() && condition.values.size() <= kMaxValues &&
        std::all_of(condition.values.begin(), condition.values.end(),
                    [](const nlohmann::json& value) { return value.is_primitive(); });
    if (!isValid) {
      error = "a field of \"filter\" must be a value or a list of 1 to 100 values";
      return std::nullopt;
    }
    filter.conditions_.push_back(std::move(condition));
  }
  filter.text_ = json.dump();
  return filter;
}

bool Filter::matches(std::string_view data) const {
  const nlohmann::json json =
      nlohmann::json::parse(data.begin(), data.end(), nullptr, /*allow_exceptions=*/false);
  return std::all_of(conditions_.begin(), conditions_.end(), [&](const Condition& condition) {
    const nlohmann::json* value = &json;
    for (const std::string& step : condition.path) {
      if (!value->is_object()) return false;
      const auto found = value->find(step);
      if (found == value->end()) return false;
      value = &*found;
    }
    return std::find(condition.values.begin(), condition.values.end(), *value) !=
           condition.values.end();
  });
}

}  // namespace easyflow::hub
