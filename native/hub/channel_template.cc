#include "hub/channel_template.h"

#include "hub/utf8.h"

namespace easyflow::hub {

namespace {

constexpr std::string_view kHeaderPrefix = "header:";
constexpr std::size_t kMaxChannelBytes = 512;

void appendEncoded(std::string& to, std::string_view value) {
  for (const char c : value) {
    switch (c) {
      case '/':
        to += "%2F";
        break;
      case '*':
        to += "%2A";
        break;
      case '%':
        to += "%25";
        break;
      default:
        to += c;
    }
  }
}

bool hasControl(std::string_view value) {
  for (const char c : value) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return true;
  }
  return false;
}

}  // namespace

std::optional<ChannelTemplate> ChannelTemplate::parse(std::string_view text, std::string& error) {
  ChannelTemplate result;
  while (!text.empty()) {
    const std::size_t open = text.find_first_of("{}");
    if (open != 0) {
      const std::string_view literal = text.substr(0, open);
      if (literal.find('*') != std::string_view::npos || hasControl(literal)) {
        error = "a literal part may not hold * or control characters";
        return std::nullopt;
      }
      result.parts_.push_back({Source::kLiteral, std::string(literal)});
      if (open == std::string_view::npos) break;
      text.remove_prefix(open);
      continue;
    }
    const std::size_t close = text.find('}');
    if (text[0] == '}' || close == std::string_view::npos) {
      error = "braces do not match";
      return std::nullopt;
    }
    const std::string_view name = text.substr(1, close - 1);
    text.remove_prefix(close + 1);
    if (name.empty() || name.find('{') != std::string_view::npos) {
      error = "a placeholder has no name";
      return std::nullopt;
    }
    if (name == "key") {
      result.parts_.push_back({Source::kKey, "key"});
    } else if (name.substr(0, kHeaderPrefix.size()) == kHeaderPrefix) {
      result.parts_.push_back({Source::kHeader, std::string(name.substr(kHeaderPrefix.size()))});
    } else {
      const std::optional<std::size_t> field = result.fields_.add(name);
      if (!field) {
        error = "\"" + std::string(name) + "\" is not a path of fields";
        return std::nullopt;
      }
      result.parts_.push_back({Source::kField, std::string(name), *field});
    }
  }
  const auto isVariable = [](const Part& part) { return part.source != Source::kLiteral; };
  for (const Part& part : result.parts_) {
    if (isVariable(part)) return result;
  }
  error = "it has no placeholder";
  return std::nullopt;
}

bool ChannelTemplate::fill(const Record& record,
                           const std::vector<std::optional<std::string>>& values,
                           std::string& channel, std::string& error) const {
  channel.clear();
  for (const Part& part : parts_) {
    std::optional<std::string_view> value;
    switch (part.source) {
      case Source::kLiteral:
        channel += part.text;
        continue;
      case Source::kField:
        if (const auto& field = values[part.field]) value = *field;
        break;
      case Source::kHeader:
        value = record.header(part.text);
        break;
      case Source::kKey:
        value = record.key;
        break;
    }
    const auto fail = [&](const char* what) {
      error = (part.source == Source::kHeader ? "header \"" : "\"") + part.text + "\" " + what;
      return false;
    };
    if (!value || value->empty()) return fail("is missing or empty");
    if (part.source != Source::kField && !isUtf8(*value)) return fail("is not UTF-8");
    if (hasControl(*value)) return fail("holds control characters");
    appendEncoded(channel, *value);
    if (channel.size() > kMaxChannelBytes) return fail("makes the channel too long");
  }
  return true;
}

}  // namespace easyflow::hub
