// How a record's channel is made: '{entityType}/{entityId}', '{header:tenant}/{key}'.
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
  enum class Source { kLiteral, kField, kHeader, kKey };
  struct Part {
    Source source;
    std::string text;       // the literal, the header's name, the field's path
    std::size_t field = 0;  // in fields()
  };

  JsonFields fields_;
  std::vector<Part> parts_;
};

}  // namespace easyflow::hub
