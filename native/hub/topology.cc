#include "hub/topology.h"

#include <array>
#include <charconv>

namespace easyflow::hub {

namespace {

constexpr int kTimeBase = 36;

void appendNumber(std::string& to, std::int64_t number, int base = 10) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, base).ptr;
  to.append(digits.data(), end);
}

std::optional<std::int64_t> numberOf(std::string_view text, int base = 10) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

// Takes what comes before the separator off the text; the whole text without one.
std::string_view takeUntil(std::string_view& text, char separator) {
  const std::size_t at = text.find(separator);
  const std::string_view part = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
  return part;
}

std::string nameOf(std::string_view topic, std::int32_t partition) {
  return std::string(topic) + ":" + std::to_string(partition);
}

}  // namespace

Topology::Topology(std::string epoch, std::vector<FollowedPartition> partitions)
    : epoch_(std::move(epoch)), partitions_(std::move(partitions)) {
  for (std::uint32_t i = 0; i < partitions_.size(); ++i) {
    byId_.emplace(partitions_[i].id, i);
    byName_.emplace(nameOf(partitions_[i].topic, partitions_[i].partition), i);
  }
}

std::optional<std::uint32_t> Topology::find(std::string_view topic, std::int32_t partition) const {
  const auto found = byName_.find(nameOf(topic, partition));
  if (found == byName_.end()) return std::nullopt;
  return found->second;
}

std::string Topology::token(const Offsets& offsets, std::int64_t nowMs) const {
  std::string token = epoch_ + "~";
  appendNumber(token, nowMs, kTimeBase);
  char separator = '~';
  for (std::size_t i = 0; i < partitions_.size(); ++i) {
    if (offsets[i] < 0) continue;
    token += separator;
    separator = ',';
    token += partitions_[i].id;
    token += ':';
    appendNumber(token, offsets[i]);
  }
  if (separator == '~') token += '~';
  return token;
}

std::optional<Topology::Token> Topology::parse(std::string_view text) const {
  if (takeUntil(text, '~') != epoch_) return std::nullopt;
  const auto time = numberOf(takeUntil(text, '~'), kTimeBase);
  if (!time) return std::nullopt;
  Token token{Offsets(partitions_.size(), -1), *time};
  while (!text.empty()) {
    std::string_view entry = takeUntil(text, ',');
    const auto partition = byId_.find(std::string(takeUntil(entry, ':')));
    const auto offset = numberOf(entry);
    if (partition == byId_.end() || !offset) return std::nullopt;
    token.offsets[partition->second] = *offset;
  }
  return token;
}

}  // namespace easyflow::hub
