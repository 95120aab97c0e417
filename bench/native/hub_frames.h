// The client's side of RFC 6455, no more than a load generator needs: server frames are parsed
// where they were read, and only what a read cut in two is copied.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace easyflow::bench {

enum Opcode : uint8_t {
  kContinuation = 0,
  kText = 1,
  kBinary = 2,
  kClose = 8,
  kPing = 9,
  kPong = 10
};

// Bytes of the frame that begins here, as far as they can be known: 2 or the header's until that is
// there.
inline uint64_t frameNeeds(const char* data, size_t size) {
  if (size < 2) return 2;
  const auto* bytes = reinterpret_cast<const uint8_t*>(data);
  const uint8_t length = bytes[1] & 0x7f;
  if (length < 126) return 2U + length;
  if (length == 126) {
    if (size < 4) return 4;
    return 4U + (static_cast<uint64_t>(bytes[2]) << 8 | bytes[3]);
  }
  if (size < 10) return 10;
  uint64_t extended = 0;
  for (int at = 2; at < 10; ++at) extended = extended << 8 | bytes[at];
  return 10 + extended;
}

inline size_t headerSize(const char* frame) {
  const uint8_t length = static_cast<uint8_t>(frame[1]) & 0x7f;
  return length < 126 ? 2 : length == 126 ? 4 : 10;
}

class FrameReader {
 public:
  // Calls onFrame(opcode, payload) for each whole frame, continuations put together; ends early
  // when it returns false.
  template <typename OnFrame>
  void read(const char* data, size_t size, OnFrame&& onFrame) {
    while (size > 0 || !partial_.empty()) {
      if (!partial_.empty()) {
        const uint64_t needs = frameNeeds(partial_.data(), partial_.size());
        if (partial_.size() < needs) {
          const size_t take = size < needs - partial_.size() ? size : needs - partial_.size();
          if (take == 0) return;
          partial_.append(data, take);
          data += take;
          size -= take;
          continue;
        }
        const std::string whole = std::move(partial_);
        partial_ = {};
        if (!deliver(whole.data(), whole.size(), onFrame)) return;
        continue;
      }
      const uint64_t needs = frameNeeds(data, size);
      if (needs > size) {
        partial_.assign(data, size);
        return;
      }
      if (!deliver(data, needs, onFrame)) return;
      data += needs;
      size -= needs;
    }
  }

  void reset() {
    partial_ = {};
    message_ = {};
  }

 private:
  template <typename OnFrame>
  bool deliver(const char* frame, size_t size, OnFrame&& onFrame) {
    const size_t head = headerSize(frame);
    const bool isFinal = (frame[0] & 0x80) != 0;
    const auto opcode = static_cast<Opcode>(frame[0] & 0x0f);
    const std::string_view payload(frame + head, size - head);
    if (opcode >= kClose) return onFrame(opcode, payload);
    if (isFinal && opcode != kContinuation) return onFrame(opcode, payload);
    message_.append(payload);
    if (!isFinal) return true;
    const std::string message = std::move(message_);
    message_ = {};
    return onFrame(kText, std::string_view(message));
  }

  std::string partial_;
  std::string message_;
};

// A masked frame. The mask need not be random here: nobody between us and the server is to be
// protected.
inline std::string clientFrame(Opcode opcode, std::string_view payload) {
  static constexpr char kMask[4] = {0x11, 0x22, 0x33, 0x44};
  std::string frame(1, static_cast<char>(0x80 | opcode));
  if (payload.size() < 126) {
    frame += static_cast<char>(0x80 | payload.size());
  } else {
    frame += static_cast<char>(0x80 | 126);
    frame += static_cast<char>(payload.size() >> 8);
    frame += static_cast<char>(payload.size() & 0xff);
  }
  frame.append(kMask, sizeof(kMask));
  for (size_t at = 0; at < payload.size(); ++at) {
    frame += static_cast<char>(payload[at] ^ kMask[at % sizeof(kMask)]);
  }
  return frame;
}

}  // namespace easyflow::bench
