// What a client subscribes to and a subject has a right to: a channel, or the beginning of channels
// with `*` at its end.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace easyflow::hub {

class Pattern {
 public:
  static constexpr std::size_t kMaxBytes = 512;

  // Null: empty, too long, a `*` before the end, or control characters.
  static std::optional<Pattern> parse(std::string_view text);

  const std::string& text() const { return text_; }
  bool isPrefix() const { return isPrefix_; }
  // What every channel of it begins with, or is.
  std::string_view stem() const {
    return std::string_view(text_).substr(0, text_.size() - (isPrefix_ ? 1 : 0));
  }

  bool matches(std::string_view channel) const {
    return isPrefix_ ? channel.substr(0, stem().size()) == stem() : channel == text_;
  }
  // Whether every channel of `other` is one of this.
  bool covers(const Pattern& other) const {
    return isPrefix_ ? other.stem().substr(0, stem().size()) == stem()
                     : !other.isPrefix_ && other.text_ == text_;
  }

  bool operator==(const Pattern& other) const { return text_ == other.text_; }
  bool operator<(const Pattern& other) const { return text_ < other.text_; }

 private:
  Pattern(std::string_view text, bool isPrefix) : text_(text), isPrefix_(isPrefix) {}

  std::string text_;
  bool isPrefix_;
};

}  // namespace easyflow::hub
