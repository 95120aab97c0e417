#include "hub/channel_template.h"

#include <algorithm>

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
      result.parts_.push_back({std::string(literal)});
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
    if (!result.addPlaceholder(name, error)) return std::nullopt;
  }
  for (const Part& part : result.parts_) {
    if (!part.places.empty()) return result;
  }
  error = "it has no placeholder";
  return std::nullopt;
}

bool ChannelTemplate::addPlaceholder(std::string_view name, std::string& error) {
  Part part{std::string(name)};
  for (std::size_t from = 0; from <= name.size();) {
    const std::size_t bar = std::min(name.find('|', from), name.size());
    const std::string_view one = name.substr(from, bar - from);
    from = bar + 1;
    if (one == "key") {
      part.places.push_back({Source::kKey});
    } else if (one == kHeaderPrefix) {
      error = "a header has no name";
      return false;
    } else if (one.starts_with(kHeaderPrefix)) {
      part.places.push_back({Source::kHeader, std::string(one.substr(kHeaderPrefix.size()))});
    } else {
      const std::optional<std::size_t> field = fields_.add(one);
      if (!field) {
        error = "\"" + std::string(one) + "\" is not a path of fields";
        return false;
      }
      part.places.push_back({Source::kField, {}, *field});
    }
  }
  parts_.push_back(std::move(part));
  return true;
}

std::optional<std::string_view> ChannelTemplate::valueAt(
    const Place& place, const Record& record,
    const std::vector<std::optional<std::string>>& values) {
  switch (place.source) {
    case Source::kField:
      return values[place.field];
    case Source::kHeader:
      return record.header(place.header);
    default:
      return record.key;
  }
}

bool ChannelTemplate::fill(const Record& record,
                           const std::vector<std::optional<std::string>>& values,
                           std::string& channel, std::string& error) const {
  channel.clear();
  for (const Part& part : parts_) {
    if (part.places.empty()) {
      channel += part.text;
      continue;
    }
    // The first that has something, or the last.
    const Place* from = part.places.data();
    std::optional<std::string_view> value = valueAt(*from, record, values);
    for (std::size_t i = 1; i < part.places.size() && (!value || value->empty()); ++i) {
      from = &part.places[i];
      value = valueAt(*from, record, values);
    }
    const auto fail = [&](const char* what) {
      const bool isHeader = part.places.size() == 1 && from->source == Source::kHeader;
      error = isHeader ? "header \"" + from->header : "\"" + part.text;
      error += "\" ";
      error += what;
      return false;
    };
    if (!value || value->empty()) return fail("is missing or empty");
    if (from->source != Source::kField && !isUtf8(*value)) return fail("is not UTF-8");
    if (hasControl(*value)) return fail("holds control characters");
    appendEncoded(channel, *value);
    if (channel.size() > kMaxChannelBytes) return fail("makes the channel too long");
  }
  return true;
}

}  // namespace easyflow::hub
