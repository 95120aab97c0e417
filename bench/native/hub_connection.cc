#include "hub_connection.h"

#include <charconv>

namespace easyflow::bench {

namespace {

constexpr auto npos = std::string_view::npos;

// The text between `mark` and the next quotation mark.
std::string_view quotedAfter(std::string_view message, std::string_view mark) {
  const size_t at = message.find(mark);
  if (at == npos) return {};
  const size_t from = at + mark.size();
  return message.substr(from, message.find('"', from) - from);
}

// "<partition>:<offset>"
bool splitPosition(std::string_view text, size_t& partition, int64_t& offset) {
  const size_t colon = text.find(':');
  if (colon == npos) return false;
  std::from_chars(text.data(), text.data() + colon, partition);
  std::from_chars(text.data() + colon + 1, text.data() + text.size(), offset);
  return true;
}

void replaceAll(std::string& text, std::string_view what, const std::string& by) {
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
}

std::string channelsOf(const Connection& connection, const Options& options) {
  if (!options.pattern.empty()) return "[\"" + options.pattern + "\"]";
  std::string list = "[";
  // 97 has no factor in common with the usual numbers of channels, so that hardly two clients want
  // the same ones.
  for (int at = 0; at < options.each; ++at) {
    const int channel = (static_cast<int>(connection.index) + at * 97) % options.of;
    list += (at == 0 ? "\"" : ",\"") + options.prefix + std::to_string(channel) + "\"";
  }
  return list + "]";
}

}  // namespace

void Resume::takeToken(std::string_view message) {
  const std::string_view token = quotedAfter(message, "\"token\":\"");
  const size_t first = token.find('~');
  const size_t second = first == npos ? npos : token.find('~', first + 1);
  if (second == npos) return;
  head_ = token.substr(0, second + 1);
  offsets_.clear();
  std::string_view rest = token.substr(second + 1);
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find(','));
    rest.remove_prefix(pair.size() < rest.size() ? pair.size() + 1 : rest.size());
    size_t partition = 0;
    int64_t offset = 0;
    if (!splitPosition(pair, partition, offset)) continue;
    if (offsets_.size() <= partition) offsets_.resize(partition + 1, -1);
    offsets_[partition] = offset;
  }
}

void Resume::advance(std::string_view message) {
  size_t partition = 0;
  int64_t offset = 0;
  if (!splitPosition(quotedAfter(message, "\"at\":\""), partition, offset)) return;
  if (offsets_.size() <= partition) offsets_.resize(partition + 1, -1);
  offsets_[partition] = offset;
}

std::string Resume::token() const {
  std::string text = head_;
  bool isFirst = true;
  for (size_t partition = 0; partition < offsets_.size(); ++partition) {
    if (offsets_[partition] < 0) continue;
    text += (isFirst ? "" : ",") + std::to_string(partition) + ":" +
            std::to_string(offsets_[partition]);
    isFirst = false;
  }
  return text;
}

uint32_t& Seen::at(uint32_t entity) {
  if (counts_.size() <= entity) counts_.resize(entity + 1, 0);
  return counts_[entity];
}

void Seen::update(const Stamp& stamp, const Options& options, Faults& faults) {
  uint32_t& last = at(stamp.entity);
  if (stamp.count <= last) {
    ++faults.backwards;
    return;
  }
  if (options.everyUpdate && stamp.count != last + 1) ++faults.holes;
  last = stamp.count;
}

void Seen::snapshotItem(const Stamp& stamp, Faults& faults) {
  uint32_t& last = at(stamp.entity);
  if (stamp.count < last) ++faults.backwards;
  last = stamp.count;
}

void Seen::compare(uint64_t sent, const Options& options, Faults& faults) {
  const auto entities = static_cast<uint64_t>(options.entities);
  for (uint64_t entity = 0; entity < entities; ++entity) {
    const uint64_t expected = sent > entity ? (sent - entity - 1) / entities + 1 : 0;
    if (at(static_cast<uint32_t>(entity)) != expected) ++faults.stale;
  }
}

std::string upgradeRequest(const Options& options) {
  const std::string host = "127.0.0.1:" + std::to_string(options.port);
  std::string request = "GET " + options.path + " HTTP/1.1\r\nHost: " + host +
                        "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                        "Sec-WebSocket-Version: 13\r\n";
  if (!options.protocol.empty()) request += "Sec-WebSocket-Protocol: " + options.protocol + "\r\n";
  return request + "\r\n";
}

std::string fillIn(const std::string& text, const Connection& connection, const Options& options) {
  std::string filled = text;
  replaceAll(filled, "{channels}", channelsOf(connection, options));
  replaceAll(filled, "{since}",
             connection.resume.empty() ? "" : ",\"since\":\"" + connection.resume.token() + "\"");
  return filled;
}

bool matches(const std::string& expect, std::string_view message) {
  if (expect.empty()) return true;
  if (expect[0] == '^') return message.substr(0, expect.size() - 1) == expect.substr(1);
  return message.find(expect) != npos;
}

}  // namespace easyflow::bench
