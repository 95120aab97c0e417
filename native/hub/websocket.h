// RFC 6455 as a server needs it: frames out, messages in.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace easyflow::hub {

enum class Opcode : std::uint8_t {
  kContinuation = 0x0,
  kText = 0x1,
  kBinary = 0x2,
  kClose = 0x8,
  kPing = 0x9,
  kPong = 0xA,
};

namespace close_code {
inline constexpr std::uint16_t kNormal = 1000;
inline constexpr std::uint16_t kGoingAway = 1001;
inline constexpr std::uint16_t kProtocolError = 1002;
inline constexpr std::uint16_t kUnsupportedData = 1003;
inline constexpr std::uint16_t kNoStatus = 1005;
inline constexpr std::uint16_t kAbnormal = 1006;
inline constexpr std::uint16_t kInvalidText = 1007;
inline constexpr std::uint16_t kTooBig = 1009;
// docs/protocol.md
inline constexpr std::uint16_t kShutdown = 4000;
inline constexpr std::uint16_t kSlow = 4001;
inline constexpr std::uint16_t kExpired = 4002;
inline constexpr std::uint16_t kSilent = 4003;
inline constexpr std::uint16_t kRate = 4004;
inline constexpr std::uint16_t kOverflow = 4005;
inline constexpr std::uint16_t kBadMessages = 4500;
inline constexpr std::uint16_t kTokenRefused = 4501;
inline constexpr std::uint16_t kNoToken = 4502;
inline constexpr std::uint16_t kRevoked = 4503;
inline constexpr std::uint16_t kSubjectLimit = 4504;
}  // namespace close_code

// The header of an unmasked, final frame.
void appendFrameHeader(std::string& to, Opcode opcode, std::size_t payloadBytes,
                       bool compressed = false);
std::string textFrame(std::string_view payload);
std::string controlFrame(Opcode opcode, std::string_view payload);
// The reason is cut to what a control frame can hold.
std::string closeFrame(std::uint16_t code, std::string_view reason);

// Bytes of a connection to messages. Owned by its connection.
class FrameParser {
 public:
  enum class Result { kMore, kText, kBinary, kPing, kPong, kClose, kError };

  FrameParser(std::size_t maxMessageBytes, bool deflate)
      : maxMessageBytes_(maxMessageBytes), deflate_(deflate) {}

  // Takes bytes off `input` until a message is whole (its payload is then in payload(), until the
  // next call) or nothing is left. After kError nothing may be parsed any more; errorCode() and
  // errorReason() say what to close with.
  Result parse(std::span<const std::uint8_t>& input);

  const std::string& payload() const { return payload_; }
  // Of kClose: the peer's code, kNoStatus without one.
  std::uint16_t closeCode() const { return closeCode_; }
  std::uint16_t errorCode() const { return errorCode_; }
  const char* errorReason() const { return errorReason_; }

 private:
  Result fail(std::uint16_t code, const char* reason);
  bool readHeader(std::span<const std::uint8_t>& input);
  // False: the header breaks the protocol; fail() was called.
  bool acceptHeader();
  void readPayload(std::span<const std::uint8_t>& input);
  Result endFrame();
  Result endControl();
  Result endMessage();

  const std::size_t maxMessageBytes_;
  const bool deflate_;

  std::array<std::uint8_t, 14> header_{};
  std::size_t headerHave_ = 0;
  bool inPayload_ = false;
  // Of the frame that is being read.
  bool final_ = false;
  Opcode opcode_ = Opcode::kText;
  std::array<std::uint8_t, 4> mask_{};
  std::uint64_t left_ = 0;
  std::size_t maskAt_ = 0;
  // Of the message that is being put together.
  bool inMessage_ = false;
  bool messageIsText_ = true;
  bool messageIsCompressed_ = false;
  std::string message_;
  std::string control_;

  std::string payload_;
  std::uint16_t closeCode_ = close_code::kNoStatus;
  std::uint16_t errorCode_ = 0;
  const char* errorReason_ = "";
};

}  // namespace easyflow::hub
