// Takes some fields out of a JSON text in one pass, and with it finds out whether the text is JSON.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace easyflow::hub {

// Constant once its paths are added.
class JsonFields {
 public:
  // A dotted path ("message.taskId"); its index among the values, the same for the same path. Null:
  // an empty step.
  std::optional<std::size_t> add(std::string_view path);
  bool empty() const { return paths_.empty(); }

  // Values in the order of the paths: strings as they are, numbers and booleans as they are
  // written; none where the field is absent, null, an object or an array. False: not JSON (UTF-8
  // included).
  bool extract(std::string_view json, std::vector<std::optional<std::string>>& values) const;

 private:
  struct Step {
    std::map<std::string, std::unique_ptr<Step>, std::less<>> children;
    std::optional<std::size_t> index;
  };
  class Reader;

  std::unique_ptr<Step> root_ = std::make_unique<Step>();
  std::vector<std::string> paths_;
};

}  // namespace easyflow::hub
