#include "hub/websocket.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "hub/client_frames.h"

namespace easyflow::hub {
namespace {

using Result = FrameParser::Result;
using test::clientClose;
using test::clientFrame;

constexpr std::size_t kMaxBytes = 1'000;

struct Event {
  Result result = Result::kMore;
  std::string payload;
  std::uint16_t code = 0;
  bool operator==(const Event&) const = default;
};

std::ostream& operator<<(std::ostream& to, const Event& event) {
  return to << static_cast<int>(event.result) << " '" << event.payload << "' " << event.code;
}

// What the parser says about the bytes when it gets them in pieces of this size.
std::vector<Event> events(const std::string& bytes, bool deflate, std::size_t piece) {
  FrameParser parser(kMaxBytes, deflate);
  std::vector<Event> all;
  for (std::size_t from = 0; from < bytes.size(); from += piece) {
    const std::string part = bytes.substr(from, piece);
    std::span<const std::uint8_t> input(reinterpret_cast<const std::uint8_t*>(part.data()),
                                        part.size());
    for (;;) {
      const Result result = parser.parse(input);
      if (result == Result::kMore) break;
      if (result == Result::kError) {
        all.push_back({result, "", parser.errorCode()});
        EXPECT_EQ(Result::kError, parser.parse(input)) << "nothing may follow";
        EXPECT_STRNE("", parser.errorReason());
        return all;
      }
      all.push_back({result, parser.payload(), 0});
      if (result == Result::kClose) all.back().code = parser.closeCode();
    }
    EXPECT_TRUE(input.empty());
  }
  return all;
}

// The same however the bytes come.
std::vector<Event> parse(const std::string& bytes, bool deflate = false) {
  std::vector<Event> whole = events(bytes, deflate, bytes.size() + 1);
  EXPECT_EQ(whole, events(bytes, deflate, 1));
  EXPECT_EQ(whole, events(bytes, deflate, 3));
  return whole;
}

std::vector<Event> error(std::uint16_t code) { return {{Result::kError, "", code}}; }
std::vector<Event> textOf(const std::string& payload) { return {{Result::kText, payload}}; }

constexpr test::FrameShape kPart{.isFinal = false};
constexpr test::FrameShape kPacked{.reserved = 0x40};
constexpr test::FrameShape kPackedPart{.isFinal = false, .reserved = 0x40};

TEST(HubFrameParser, ReadsMessagesOfEveryLength) {
  for (const std::size_t length : {0U, 1U, 125U, 126U, 127U, 999U, 1'000U}) {
    const std::string payload(length, 'x');
    EXPECT_EQ(textOf(payload), parse(clientFrame(Opcode::kText, payload))) << length;
  }
  EXPECT_EQ((std::vector<Event>{{Result::kBinary, "\xff"}}),
            parse(clientFrame(Opcode::kBinary, "\xff")));
  FrameParser parser(70'000, false);
  const std::string frame = clientFrame(Opcode::kText, std::string(65'536, 'y'));
  std::span<const std::uint8_t> input(reinterpret_cast<const std::uint8_t*>(frame.data()),
                                      frame.size());
  EXPECT_EQ(Result::kText, parser.parse(input));
  EXPECT_EQ(std::string(65'536, 'y'), parser.payload());
}

TEST(HubFrameParser, UnmasksWithEveryMask) {
  for (const std::uint32_t mask : {0U, 0xFFFFFFFFU, 0x01020304U, 0x80000000U})
    EXPECT_EQ(textOf("hello mask"),
              parse(clientFrame(Opcode::kText, "hello mask", {.mask = mask})));
}

TEST(HubFrameParser, AClientMustMask) {
  EXPECT_EQ(error(1002), parse(clientFrame(Opcode::kText, "hi", {.isMasked = false})));
  EXPECT_EQ(error(1002), parse(clientFrame(Opcode::kPing, "", {.isMasked = false})));
  EXPECT_EQ(error(1002), parse(clientFrame(Opcode::kText, "", {.isMasked = false})));
}

TEST(HubFrameParser, RefusesReservedBits) {
  EXPECT_EQ(error(1002), parse(clientFrame(Opcode::kText, "hi", {.reserved = 0x10})));
  EXPECT_EQ(error(1002), parse(clientFrame(Opcode::kText, "hi", {.reserved = 0x20})));
  EXPECT_EQ(error(1002), parse(clientFrame(Opcode::kText, "hi", {.reserved = 0x40})));
  EXPECT_EQ(error(1002), parse(clientFrame(Opcode::kText, "hi", {.reserved = 0x60}), true));
  EXPECT_EQ(error(1002), parse(clientFrame(Opcode::kPing, "hi", {.reserved = 0x40}), true));
}

TEST(HubFrameParser, RefusesUnknownOpcodes) {
  for (const std::uint8_t opcode : {0x3, 0x4, 0x5, 0x6, 0x7, 0xB, 0xC, 0xD, 0xE, 0xF})
    EXPECT_EQ(error(1002), parse(clientFrame(opcode, ""))) << int(opcode);
}

TEST(HubFrameParser, LengthsAreInTheirShortestForm) {
  EXPECT_EQ(error(1002), parse(clientFrame(Opcode::kText, "hi", {.lengthBytes = 2})));
  EXPECT_EQ(error(1002),
            parse(clientFrame(Opcode::kText, std::string(125, 'x'), {.lengthBytes = 2})));
  EXPECT_EQ(error(1002), parse(clientFrame(Opcode::kText, "hi", {.lengthBytes = 8})));
  EXPECT_EQ(error(1002),
            parse(clientFrame(Opcode::kText, std::string(500, 'x'), {.lengthBytes = 8})));
  const std::string negative("\x81\xff\x80\0\0\0\0\0\0\x01\0\0\0\0", 14);
  EXPECT_EQ(error(1002), parse(negative));
  const std::string huge("\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0", 14);
  EXPECT_EQ(error(1009), parse(huge));
}

TEST(HubFrameParser, PutsFragmentsTogether) {
  EXPECT_EQ(textOf("abcdef"), parse(clientFrame(Opcode::kText, "abc", kPart) +
                                    clientFrame(Opcode::kContinuation, "", kPart) +
                                    clientFrame(Opcode::kContinuation, "def")));
  // A character may be cut by frames.
  EXPECT_EQ(textOf("\xE2\x82\xAC"), parse(clientFrame(Opcode::kText, "\xE2", kPart) +
                                          clientFrame(Opcode::kContinuation, "\x82\xAC")));
}

TEST(HubFrameParser, ControlFramesMayComeBetweenFragments) {
  EXPECT_EQ(
      (std::vector<Event>{{Result::kPing, "p1"}, {Result::kPong, "p2"}, {Result::kText, "ab"}}),
      parse(clientFrame(Opcode::kText, "a", kPart) + clientFrame(Opcode::kPing, "p1") +
            clientFrame(Opcode::kPong, "p2") + clientFrame(Opcode::kContinuation, "b")));
  EXPECT_EQ((std::vector<Event>{{Result::kClose, "\x03\xe8", 1000}}),
            parse(clientFrame(Opcode::kText, "a", kPart) + clientClose(1000)));
}

TEST(HubFrameParser, RefusesFragmentsOutOfPlace) {
  EXPECT_EQ(error(1002), parse(clientFrame(Opcode::kContinuation, "a")));
  EXPECT_EQ(error(1002), parse(clientFrame(Opcode::kContinuation, "a", kPart)));
  EXPECT_EQ(error(1002),
            parse(clientFrame(Opcode::kText, "a", kPart) + clientFrame(Opcode::kText, "b")));
  EXPECT_EQ(error(1002),
            parse(clientFrame(Opcode::kText, "a", kPart) + clientFrame(Opcode::kBinary, "b")));
  // The message ended: what continues?
  EXPECT_EQ((std::vector<Event>{{Result::kText, "a"}, {Result::kError, "", 1002}}),
            parse(clientFrame(Opcode::kText, "a") + clientFrame(Opcode::kContinuation, "b")));
}

TEST(HubFrameParser, ControlFramesAreWholeAndShort) {
  for (const Opcode opcode : {Opcode::kClose, Opcode::kPing, Opcode::kPong}) {
    EXPECT_EQ(error(1002), parse(clientFrame(opcode, "", kPart)));
    EXPECT_EQ(error(1002), parse(clientFrame(opcode, std::string(126, 'x'))));
  }
  const std::string longest(125, 'x');
  EXPECT_EQ((std::vector<Event>{{Result::kPing, longest}}),
            parse(clientFrame(Opcode::kPing, longest)));
  EXPECT_EQ((std::vector<Event>{{Result::kPing, ""}}), parse(clientFrame(Opcode::kPing, "")));
}

TEST(HubFrameParser, CloseCodes) {
  EXPECT_EQ((std::vector<Event>{{Result::kClose, "", 1005}}),
            parse(clientFrame(Opcode::kClose, "")));
  EXPECT_EQ(error(1002), parse(clientFrame(Opcode::kClose, "\x03")));
  const auto isAccepted = [](std::uint16_t code) {
    const std::vector<Event> result = parse(clientClose(code, "why"));
    EXPECT_EQ(1U, result.size());
    if (result[0].result == Result::kClose) {
      EXPECT_EQ(code, result[0].code);
      EXPECT_EQ("why", result[0].payload.substr(2));
      return true;
    }
    EXPECT_EQ(1002, result[0].code);
    return false;
  };
  for (const std::uint16_t code : {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013,
                                   1014, 3000, 3999, 4000, 4999})
    EXPECT_TRUE(isAccepted(code)) << code;
  for (const std::uint16_t code :
       {0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535})
    EXPECT_FALSE(isAccepted(code)) << code;
}

TEST(HubFrameParser, TextIsUtf8) {
  EXPECT_EQ(error(1007), parse(clientFrame(Opcode::kText, "\xff")));
  EXPECT_EQ(error(1007), parse(clientFrame(Opcode::kText, "\xE2\x82")));
  EXPECT_EQ(error(1007), parse(clientFrame(Opcode::kText, "\xED\xA0\x80")));
  EXPECT_EQ(error(1007), parse(clientFrame(Opcode::kText, "\xE2", kPart) +
                               clientFrame(Opcode::kContinuation, "x")));
  EXPECT_EQ(error(1007), parse(clientClose(1000, "\xff")));
  EXPECT_EQ(error(1007), parse(clientFrame(Opcode::kText, test::packed("\xff"), kPacked), true));
}

TEST(HubFrameParser, MessagesHaveALimit) {
  const std::string most(kMaxBytes, 'x');
  EXPECT_EQ(error(1009), parse(clientFrame(Opcode::kText, most + "x")));
  EXPECT_EQ(error(1009), parse(clientFrame(Opcode::kText, most, kPart) +
                               clientFrame(Opcode::kContinuation, "x")));
  EXPECT_EQ(textOf(most), parse(clientFrame(Opcode::kText, most, kPart) +
                                clientFrame(Opcode::kContinuation, "")));
  // Known from the header, before any of it has come.
  EXPECT_EQ(error(1009), parse(clientFrame(Opcode::kText, most + "x").substr(0, 8)));
}

TEST(HubFrameParser, Compression) {
  const std::string packed = test::packed("hello, hello, hello");
  EXPECT_EQ(textOf("hello, hello, hello"),
            parse(clientFrame(Opcode::kText, packed, kPacked), true));
  EXPECT_EQ(textOf("plain"), parse(clientFrame(Opcode::kText, "plain"), true));
  EXPECT_EQ(textOf("hello, hello, hello"),
            parse(clientFrame(Opcode::kText, packed.substr(0, 4), kPackedPart) +
                      clientFrame(Opcode::kContinuation, packed.substr(4)),
                  true));
  // Only the first frame of a message says that it is compressed.
  EXPECT_EQ(error(1002), parse(clientFrame(Opcode::kText, packed.substr(0, 4), kPackedPart) +
                                   clientFrame(Opcode::kContinuation, packed.substr(4), kPacked),
                               true));
  EXPECT_EQ(error(1002), parse(clientFrame(Opcode::kText, "\xff\xff\xff\xff", kPacked), true));
  EXPECT_EQ((std::vector<Event>{{Result::kText, "one"}, {Result::kText, "plain"}}),
            parse(clientFrame(Opcode::kText, test::packed("one"), kPacked) +
                      clientFrame(Opcode::kText, "plain"),
                  true));
}

TEST(HubFrameParser, ACompressedBombIsTooBig) {
  const std::string bomb = test::packed(std::string(500'000, 'a'), Z_BEST_COMPRESSION);
  ASSERT_LE(bomb.size(), kMaxBytes);
  EXPECT_EQ(error(1009), parse(clientFrame(Opcode::kText, bomb, kPacked), true));
  EXPECT_EQ(
      textOf(std::string(kMaxBytes, 'a')),
      parse(clientFrame(Opcode::kText, test::packed(std::string(kMaxBytes, 'a')), kPacked), true));
  EXPECT_EQ(error(1009), parse(clientFrame(Opcode::kText,
                                           test::packed(std::string(kMaxBytes + 1, 'a')), kPacked),
                               true));
}

TEST(HubFrames, HeadersHaveTheShortestLength) {
  EXPECT_EQ("\x81\x02hi", textFrame("hi"));
  EXPECT_EQ(std::string("\x81\x7e\x00\x7e", 4) + std::string(126, 'x'),
            textFrame(std::string(126, 'x')));
  EXPECT_EQ(std::string("\x81\x7f\0\0\0\0\0\x01\0\0", 10),
            textFrame(std::string(65'536, 'x')).substr(0, 10));
  EXPECT_EQ(std::string("\x81\x7e\xff\xff", 4), textFrame(std::string(65'535, 'x')).substr(0, 4));
  std::string compressed;
  appendFrameHeader(compressed, Opcode::kText, 5, true);
  EXPECT_EQ("\xc1\x05", compressed);
}

TEST(HubFrames, ControlFramesFit) {
  EXPECT_EQ(std::string("\x89\x00", 2), controlFrame(Opcode::kPing, ""));
  EXPECT_EQ(127U, controlFrame(Opcode::kPong, std::string(300, 'x')).size());
  EXPECT_EQ(std::string("\x88\x00", 2), closeFrame(close_code::kNoStatus, "ignored"));
  EXPECT_EQ("\x88\x05\x0f\xa1why", closeFrame(4001, "why"));
  // Cut where a character ends.
  std::string reason(122, 'x');
  reason += "\xE2\x82\xAC";
  EXPECT_EQ(2U + 2U + 122U, closeFrame(4001, reason).size());
}

}  // namespace
}  // namespace easyflow::hub
