// Frames as clients send them, right and wrong, and a zlib of its own for compressed messages.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "hub/websocket.h"

namespace easyflow::hub::test {

struct FrameShape {
  bool isFinal = true;
  std::uint8_t reserved = 0;  // 0x40: compressed
  bool isMasked = true;
  std::uint32_t mask = 0x37fa213dU;
  // Bytes of the length: 0 the shortest form, else 1, 2 or 8.
  int lengthBytes = 0;
};

inline std::string clientFrame(std::uint8_t opcode, std::string_view payload,
                               FrameShape shape = {}) {
  std::string frame;
  frame += static_cast<char>((shape.isFinal ? 0x80U : 0U) | shape.reserved | opcode);
  const std::uint8_t masked = shape.isMasked ? 0x80U : 0U;
  int bytes = shape.lengthBytes;
  if (bytes == 0) bytes = payload.size() < 126 ? 1 : payload.size() <= 0xFFFF ? 2 : 8;
  if (bytes == 1) frame += static_cast<char>(masked | payload.size());
  if (bytes == 2) frame += static_cast<char>(masked | 126U);
  if (bytes == 8) frame += static_cast<char>(masked | 127U);
  for (int shift = (bytes - 1) * 8; bytes > 1 && shift >= 0; shift -= 8)
    frame += static_cast<char>(payload.size() >> static_cast<unsigned>(shift));
  if (!shape.isMasked) return frame.append(payload);
  const char mask[4] = {static_cast<char>(shape.mask >> 24U), static_cast<char>(shape.mask >> 16U),
                        static_cast<char>(shape.mask >> 8U), static_cast<char>(shape.mask)};
  frame.append(mask, 4);
  for (std::size_t i = 0; i < payload.size(); ++i)
    frame += static_cast<char>(payload[i] ^ mask[i & 3U]);
  return frame;
}

inline std::string clientFrame(Opcode opcode, std::string_view payload, FrameShape shape = {}) {
  return clientFrame(static_cast<std::uint8_t>(opcode), payload, shape);
}

inline std::string clientClose(std::uint16_t code, std::string_view reason = "") {
  const std::string payload{static_cast<char>(code >> 8U), static_cast<char>(code & 0xFFU)};
  return clientFrame(Opcode::kClose, payload + std::string(reason));
}

// Raw deflate without the tail that RFC 7692 takes off.
inline std::string packed(std::string_view message, int level = Z_DEFAULT_COMPRESSION) {
  z_stream stream{};
  deflateInit2(&stream, level, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, message.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(message.data()));
  stream.avail_in = static_cast<uInt>(message.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_SYNC_FLUSH);
  out.resize(out.size() - stream.avail_out - 4);
  deflateEnd(&stream);
  return out;
}

// None: it does not inflate.
inline std::optional<std::string> unpacked(std::string message) {
  message.append("\x00\x00\xff\xff", 4);
  z_stream stream{};
  inflateInit2(&stream, -15);
  stream.next_in = reinterpret_cast<Bytef*>(message.data());
  stream.avail_in = static_cast<uInt>(message.size());
  std::string out;
  int result = Z_OK;
  while (result == Z_OK && (stream.avail_in > 0 || stream.avail_out == 0)) {
    char piece[4096];
    stream.next_out = reinterpret_cast<Bytef*>(piece);
    stream.avail_out = sizeof(piece);
    result = inflate(&stream, Z_SYNC_FLUSH);
    out.append(piece, sizeof(piece) - stream.avail_out);
  }
  inflateEnd(&stream);
  if (result != Z_OK && result != Z_BUF_ERROR) return std::nullopt;
  return out;
}

}  // namespace easyflow::hub::test
