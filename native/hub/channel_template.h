// How a record's channel is made: '{entityType}/{entityId}', '{header:tenant}/{data.id|key}'.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hub/json_fields.h"
#include "hub/record.h"

namespace easyflow::hub {

// Constant after parse(); used by the feed.
class ChannelTemplate {
 public:
  // Null: `error` says what is wrong with it.
  static std::optional<ChannelTemplate> parse(std::string_view text, std::string& error);

  // The value's fields it needs.
  const JsonFields& fields() const { return fields_; }
  bool needsValue() const { return !fields_.empty(); }

  // `values` are those of fields(), as JsonFields::extract() gave them. False: `error` names what
  // cannot be filled. `/`, `*` and `%` inside of values are percent-encoded: a value is one level
  // of the channel and can name no other.
  bool fill(const Record& record, const std::vector<std::optional<std::string>>& values,
            std::string& channel, std::string& error) const;

 private:
  enum class Source { kField, kHeader, kKey };
  struct Place {
    Source source = Source::kKey;
    std::string header = {};
    std::size_t field = 0;  // in fields()
  };
  struct Part {
    // The literal, or what is between the braces.
    std::string text;
    // Where the value is: the first that is there and not empty. None: a literal.
    std::vector<Place> places = {};
  };

  // False: `error` says what is wrong with the name.
  bool addPlaceholder(std::string_view name, std::string& error);
  static std::optional<std::string_view> valueAt(
      const Place& place, const Record& record,
      const std::vector<std::optional<std::string>>& values);

  JsonFields fields_;
  std::vector<Part> parts_;
};

}  // namespace easyflow::hub
