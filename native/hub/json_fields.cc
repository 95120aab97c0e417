#include "hub/json_fields.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "hub/json_text.h"

namespace easyflow::hub {

std::optional<std::size_t> JsonFields::add(std::string_view path) {
  const auto known = std::find(paths_.begin(), paths_.end(), path);
  if (known != paths_.end()) return static_cast<std::size_t>(known - paths_.begin());
  Step* step = root_.get();
  std::string_view rest = path;
  for (;;) {
    const std::size_t dot = rest.find('.');
    const std::string_view name = rest.substr(0, dot);
    if (name.empty()) return std::nullopt;
    std::unique_ptr<Step>& child = step->children[std::string(name)];
    if (!child) child = std::make_unique<Step>();
    step = child.get();
    if (dot == std::string_view::npos) break;
    rest.remove_prefix(dot + 1);
  }
  step->index = paths_.size();
  paths_.emplace_back(path);
  return *step->index;
}

// What nlohmann's parser tells while it reads; `step` is where on the wanted paths the next value
// is, if anywhere.
class JsonFields::Reader final : public nlohmann::json_sax<nlohmann::json> {
 public:
  Reader(const Step* root, std::vector<std::optional<std::string>>& values)
      : step_(root), values_(values) {}

  bool null() override { return true; }
  bool boolean(bool value) override {
    take(value ? "true" : "false");
    return true;
  }
  bool number_integer(std::int64_t value) override {
    if (isWanted()) take(std::to_string(value));
    return true;
  }
  bool number_unsigned(std::uint64_t value) override {
    if (isWanted()) take(std::to_string(value));
    return true;
  }
  bool number_float(double /*value*/, const std::string& text) override {
    take(text);
    return true;
  }
  bool string(std::string& value) override {
    take(value);
    return true;
  }
  bool binary(nlohmann::json::binary_t& /*value*/) override { return false; }
  bool start_object(std::size_t /*size*/) override {
    enclosing_.push_back(step_);
    step_ = nullptr;
    return enclosing_.size() <= kMaxDepth;
  }
  bool key(std::string& name) override {
    const Step* object = enclosing_.back();
    step_ = nullptr;
    if (!object) return true;
    const auto child = object->children.find(name);
    if (child == object->children.end()) return true;
    step_ = child->second.get();
    // Of two fields of a name the last one counts, as it does for those that get the value.
    forget(*step_);
    return true;
  }
  bool end_object() override {
    enclosing_.pop_back();
    step_ = nullptr;
    return true;
  }
  bool start_array(std::size_t /*size*/) override {
    enclosing_.push_back(nullptr);
    step_ = nullptr;
    return enclosing_.size() <= kMaxDepth;
  }
  bool end_array() override { return end_object(); }
  bool parse_error(std::size_t /*position*/, const std::string& /*token*/,
                   const nlohmann::json::exception& /*error*/) override {
    return false;
  }

 private:
  // Clients parse it too: what is deeper is nobody's status.
  static constexpr std::size_t kMaxDepth = 512;

  void forget(const Step& step) {
    if (step.index) values_[*step.index].reset();
    for (const auto& [name, child] : step.children) forget(*child);
  }
  bool isWanted() const { return step_ && step_->index; }
  void take(std::string_view value) {
    if (isWanted()) values_[*step_->index] = std::string(value);
  }

  const Step* step_;
  std::vector<const Step*> enclosing_;
  std::vector<std::optional<std::string>>& values_;
};

bool JsonFields::extract(std::string_view json,
                         std::vector<std::optional<std::string>>& values) const {
  values.assign(paths_.size(), std::nullopt);
  if (!isPlainJson(json)) return false;
  Reader reader(root_.get(), values);
  return nlohmann::json::sax_parse(json.begin(), json.end(), &reader);
}

}  // namespace easyflow::hub
