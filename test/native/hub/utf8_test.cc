#include "hub/utf8.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace easyflow::hub {
namespace {

std::string encoded(char32_t point) {
  const auto byte = [](char32_t value) { return static_cast<char>(value); };
  if (point < 0x80) return {byte(point)};
  if (point < 0x800) return {byte(0xC0 | point >> 6), byte(0x80 | (point & 0x3F))};
  if (point < 0x10000)
    return {byte(0xE0 | point >> 12), byte(0x80 | (point >> 6 & 0x3F)),
            byte(0x80 | (point & 0x3F))};
  return {byte(0xF0 | point >> 18), byte(0x80 | (point >> 12 & 0x3F)),
          byte(0x80 | (point >> 6 & 0x3F)), byte(0x80 | (point & 0x3F))};
}

TEST(HubUtf8, AcceptsEveryCodePoint) {
  for (char32_t point = 0; point <= 0x10FFFF; ++point) {
    const bool isSurrogate = point >= 0xD800 && point <= 0xDFFF;
    ASSERT_EQ(!isSurrogate, isUtf8(encoded(point))) << std::hex << static_cast<unsigned>(point);
  }
}

// All pairs of a lead byte and a second one, with good bytes behind them.
TEST(HubUtf8, AgreesWithTheTableOfRfc3629) {
  for (int lead = 0x80; lead <= 0xFF; ++lead) {
    for (int second = 0; second <= 0xFF; ++second) {
      bool isValid = false;
      std::size_t length = 2;
      const auto in = [&](int low, int high) { return second >= low && second <= high; };
      if (lead >= 0xC2 && lead <= 0xDF) isValid = in(0x80, 0xBF);
      if (lead >= 0xE0 && lead <= 0xEF) {
        length = 3;
        isValid = in(lead == 0xE0 ? 0xA0 : 0x80, lead == 0xED ? 0x9F : 0xBF);
      }
      if (lead >= 0xF0 && lead <= 0xF4) {
        length = 4;
        isValid = in(lead == 0xF0 ? 0x90 : 0x80, lead == 0xF4 ? 0x8F : 0xBF);
      }
      std::string text{static_cast<char>(lead), static_cast<char>(second)};
      text.append(length - 2, '\x80');
      ASSERT_EQ(isValid, isUtf8(text)) << std::hex << lead << ' ' << second;
    }
  }
}

TEST(HubUtf8, RefusesTruncationAndStrayBytesWhereverTheyAre) {
  const std::vector<std::string> invalid = {
      "\x80",              // a continuation of nothing
      "\xC0\xAF",          // overlong /
      "\xC1\xBF",          // overlong
      "\xE0\x80\xAF",      // overlong /
      "\xF0\x80\x80\xAF",  // overlong /
      "\xC3",              // cut off
      "\xE2\x82",          // cut off
      "\xF0\x9F\x98",      // cut off
      "\xE2\x82(",         // ASCII instead of a continuation
      "\xF0\x9F\x98(",     // the same, last byte
      "\xED\xA0\x80",      // a surrogate
      "\xF4\x90\x80\x80",  // beyond U+10FFFF
      "\xF5\x80\x80\x80",
      "\xFE",
      "\xFF",
  };
  // Before, at and behind the step of eight bytes in which ASCII is skipped.
  for (std::size_t before = 0; before <= 17; ++before) {
    for (const std::string& text : invalid) {
      const std::string ascii(before, 'a');
      EXPECT_FALSE(isUtf8(ascii + text)) << before;
      EXPECT_FALSE(isUtf8(ascii + text + "tail of ascii")) << before;
    }
    EXPECT_TRUE(isUtf8(std::string(before, 'a') + "\xE2\x82\xAC\xF0\x9F\x98\x80 \xC3\xA9"));
  }
  EXPECT_TRUE(isUtf8(""));
}

}  // namespace
}  // namespace easyflow::hub
