#include "hub/websocket.h"

#include <algorithm>
#include <utility>

#include "hub/deflate.h"
#include "hub/utf8.h"

namespace easyflow::hub {

namespace {

constexpr std::uint8_t kFinal = 0x80;
constexpr std::uint8_t kCompressed = 0x40;
constexpr std::uint8_t kReserved = 0x30;
constexpr std::uint8_t kMasked = 0x80;
constexpr std::uint8_t kLength16 = 126;
constexpr std::uint8_t kLength64 = 127;
constexpr std::size_t kMaxControlBytes = 125;

bool isControl(Opcode opcode) { return (static_cast<std::uint8_t>(opcode) & 0x8U) != 0; }

bool isKnown(std::uint8_t opcode) { return opcode <= 0x2 || (opcode >= 0x8 && opcode <= 0xA); }

// RFC 6455 7.4: what an endpoint may send.
bool isSendable(std::uint16_t code) {
  if (code >= 3000 && code <= 4999) return true;
  return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
}

std::size_t headerBytes(std::uint8_t second) {
  const std::uint8_t length = second & 0x7FU;
  std::size_t bytes = 2;
  if (length == kLength16) bytes += 2;
  if (length == kLength64) bytes += 8;
  return (second & kMasked) != 0 ? bytes + 4 : bytes;
}

}  // namespace

void appendFrameHeader(std::string& to, Opcode opcode, std::size_t payloadBytes, bool compressed) {
  to += static_cast<char>(kFinal | (compressed ? kCompressed : 0) |
                          static_cast<std::uint8_t>(opcode));
  const auto put = [&](int bytes) {
    for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
      to += static_cast<char>((payloadBytes >> static_cast<unsigned>(shift)) & 0xFFU);
    }
  };
  if (payloadBytes < kLength16) {
    to += static_cast<char>(payloadBytes);
  } else if (payloadBytes <= 0xFFFF) {
    to += static_cast<char>(kLength16);
    put(2);
  } else {
    to += static_cast<char>(kLength64);
    put(8);
  }
}

std::string textFrame(std::string_view payload) {
  std::string frame;
  frame.reserve(payload.size() + 10);
  appendFrameHeader(frame, Opcode::kText, payload.size());
  frame += payload;
  return frame;
}

std::string controlFrame(Opcode opcode, std::string_view payload) {
  std::string frame;
  payload = payload.substr(0, kMaxControlBytes);
  appendFrameHeader(frame, opcode, payload.size());
  frame += payload;
  return frame;
}

std::string closeFrame(std::uint16_t code, std::string_view reason) {
  std::string payload;
  if (code != close_code::kNoStatus) {
    payload += static_cast<char>(code >> 8U);
    payload += static_cast<char>(code & 0xFFU);
    reason = reason.substr(0, kMaxControlBytes - 2);
    // Not in the middle of a character.
    while (!isUtf8(reason)) reason.remove_suffix(1);
    payload += reason;
  }
  return controlFrame(Opcode::kClose, payload);
}

FrameParser::Result FrameParser::fail(std::uint16_t code, const char* reason) {
  errorCode_ = code;
  errorReason_ = reason;
  return Result::kError;
}

FrameParser::Result FrameParser::parse(std::span<const std::uint8_t>& input) {
  if (errorCode_ != 0) return Result::kError;
  std::string().swap(payload_);
  for (;;) {
    if (!inPayload_) {
      if (!readHeader(input)) return Result::kMore;
      if (!acceptHeader()) return Result::kError;
      inPayload_ = true;
    }
    readPayload(input);
    if (left_ > 0) return Result::kMore;
    inPayload_ = false;
    headerHave_ = 0;
    const Result result = endFrame();
    if (result != Result::kMore) return result;
  }
}

bool FrameParser::readHeader(std::span<const std::uint8_t>& input) {
  for (;;) {
    const std::size_t wanted = headerHave_ < 2 ? 2 : headerBytes(header_[1]);
    if (headerHave_ == wanted && wanted > 2) return true;
    // An unmasked frame ends with its second byte; acceptHeader() refuses it.
    if (headerHave_ == 2 && wanted == 2) return true;
    if (input.empty()) return false;
    const std::size_t take = std::min(wanted - headerHave_, input.size());
    std::copy_n(input.begin(), take, header_.begin() + static_cast<std::ptrdiff_t>(headerHave_));
    headerHave_ += take;
    input = input.subspan(take);
  }
}

bool FrameParser::acceptHeader() {
  const auto refuse = [this](std::uint16_t code, const char* reason) {
    fail(code, reason);
    return false;
  };
  const std::uint8_t first = header_[0];
  const bool isCompressed = (first & kCompressed) != 0;
  final_ = (first & kFinal) != 0;
  if ((first & kReserved) != 0) return refuse(close_code::kProtocolError, "reserved bits are set");
  if (!isKnown(first & 0xFU)) return refuse(close_code::kProtocolError, "unknown opcode");
  opcode_ = static_cast<Opcode>(first & 0xFU);
  if ((header_[1] & kMasked) == 0) return refuse(close_code::kProtocolError, "frame is not masked");

  const std::uint8_t length = header_[1] & 0x7FU;
  std::size_t at = 2;
  const auto number = [&](std::size_t bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i) value = value << 8U | header_[at++];
    return value;
  };
  left_ = length;
  if (length == kLength16) left_ = number(2);
  if (length == kLength64) left_ = number(8);
  if ((length == kLength16 && left_ < kLength16) || (length == kLength64 && left_ <= 0xFFFF) ||
      left_ >> 63U != 0) {
    return refuse(close_code::kProtocolError, "length is not in its shortest form");
  }
  std::copy_n(header_.begin() + static_cast<std::ptrdiff_t>(at), mask_.size(), mask_.begin());
  maskAt_ = 0;

  if (isControl(opcode_)) {
    if (!final_) return refuse(close_code::kProtocolError, "fragmented control frame");
    if (left_ > kMaxControlBytes)
      return refuse(close_code::kProtocolError, "control frame is too long");
    if (isCompressed) return refuse(close_code::kProtocolError, "compressed control frame");
    control_.clear();
    return true;
  }
  if (opcode_ == Opcode::kContinuation) {
    if (!inMessage_) return refuse(close_code::kProtocolError, "continuation of nothing");
    if (isCompressed) return refuse(close_code::kProtocolError, "compressed continuation");
  } else {
    if (inMessage_) return refuse(close_code::kProtocolError, "message inside of a message");
    if (isCompressed && !deflate_)
      return refuse(close_code::kProtocolError, "compression was not agreed");
    inMessage_ = true;
    messageIsText_ = opcode_ == Opcode::kText;
    messageIsCompressed_ = isCompressed;
    message_.clear();
  }
  if (left_ > maxMessageBytes_ - message_.size())
    return refuse(close_code::kTooBig, "message is too big");
  return true;
}

void FrameParser::readPayload(std::span<const std::uint8_t>& input) {
  std::string& to = isControl(opcode_) ? control_ : message_;
  const std::size_t take = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size()));
  const std::size_t before = to.size();
  to.resize(before + take);
  for (std::size_t i = 0; i < take; ++i) {
    to[before + i] = static_cast<char>(input[i] ^ mask_[(maskAt_ + i) & 3U]);
  }
  maskAt_ = (maskAt_ + take) & 3U;
  left_ -= take;
  input = input.subspan(take);
}

FrameParser::Result FrameParser::endFrame() {
  if (isControl(opcode_)) return endControl();
  if (!final_) return Result::kMore;
  return endMessage();
}

FrameParser::Result FrameParser::endControl() {
  payload_ = std::exchange(control_, {});
  if (opcode_ == Opcode::kPing) return Result::kPing;
  if (opcode_ == Opcode::kPong) return Result::kPong;
  closeCode_ = close_code::kNoStatus;
  if (payload_.empty()) return Result::kClose;
  if (payload_.size() == 1) return fail(close_code::kProtocolError, "close without a whole code");
  closeCode_ = static_cast<std::uint16_t>(static_cast<std::uint8_t>(payload_[0]) << 8U |
                                          static_cast<std::uint8_t>(payload_[1]));
  if (!isSendable(closeCode_)) return fail(close_code::kProtocolError, "invalid close code");
  if (!isUtf8(std::string_view(payload_).substr(2)))
    return fail(close_code::kInvalidText, "close reason is not UTF-8");
  return Result::kClose;
}

FrameParser::Result FrameParser::endMessage() {
  inMessage_ = false;
  payload_ = std::exchange(message_, {});
  if (messageIsCompressed_) {
    bool tooLong = false;
    std::string plain;
    if (!inflateMessage(payload_, maxMessageBytes_, plain, tooLong)) {
      return tooLong ? fail(close_code::kTooBig, "message is too big")
                     : fail(close_code::kProtocolError, "message does not inflate");
    }
    payload_ = std::move(plain);
  }
  if (!messageIsText_) return Result::kBinary;
  if (!isUtf8(payload_)) return fail(close_code::kInvalidText, "text is not UTF-8");
  return Result::kText;
}

}  // namespace easyflow::hub
