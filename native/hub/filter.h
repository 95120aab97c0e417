// A subscription's condition on fields of an update's data: {"status": ["failed", "running"],
// "org": "a"}.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace easyflow::hub {

class Filter {
 public:
  static constexpr std::size_t kMaxFields = 16;
  static constexpr std::size_t kMaxValues = 100;

  // Null: `error` says why.
  static std::optional<Filter> parse(const nlohmann::json& json, std::string& error);

  bool matches(std::string_view data) const;
  // Equal filters have equal texts.
  const std::string& text() const { return text_; }

 private:
  struct Condition {
    std::vector<std::string> path;
    std::vector<nlohmann::json> values;
  };

  std::vector<Condition> conditions_;
  std::string text_;
};

}  // namespace easyflow::hub
