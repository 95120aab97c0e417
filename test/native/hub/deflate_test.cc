#include "hub/deflate.h"

#include <gtest/gtest.h>

#include <random>
#include <thread>

#include "hub/client_frames.h"

namespace easyflow::hub {
namespace {

constexpr std::size_t kPlenty = 100U << 20U;

std::string text(std::size_t bytes, unsigned seed, unsigned letters) {
  std::mt19937 random(seed);
  std::string result;
  while (result.size() < bytes) result += static_cast<char>(random() % letters);
  return result;
}

std::string inflated(std::string_view packed) {
  std::string message;
  bool tooLong = true;
  EXPECT_TRUE(inflateMessage(packed, kPlenty, message, tooLong));
  EXPECT_FALSE(tooLong);
  return message;
}

TEST(HubDeflate, AnotherInflaterReadsIt) {
  for (const std::size_t bytes : {0U, 1U, 100U, 16'383U, 16'384U, 16'385U, 300'000U}) {
    for (const unsigned letters : {1U, 4U, 256U}) {
      const std::string message = text(bytes, 3, letters);
      std::string packed;
      ASSERT_TRUE(deflateMessage(message, packed));
      EXPECT_EQ(message, test::unpacked(packed)) << bytes << ' ' << letters;
      EXPECT_EQ(message, inflated(packed)) << bytes << ' ' << letters;
    }
  }
}

TEST(HubDeflate, ReadsWhatAnotherDeflaterWrote) {
  for (const int level : {Z_NO_COMPRESSION, Z_BEST_SPEED, Z_BEST_COMPRESSION}) {
    for (const std::size_t bytes : {0U, 1U, 16'384U, 32'768U, 200'000U}) {
      const std::string message = text(bytes, 5, 8);
      EXPECT_EQ(message, inflated(test::packed(message, level)));
    }
  }
}

// RFC 7692 7.2.3: fixed Huffman codes, no compression, a final block, two blocks.
TEST(HubDeflate, ReadsTheExamplesOfTheRfc) {
  EXPECT_EQ("Hello", inflated(std::string_view("\xf2\x48\xcd\xc9\xc9\x07\x00", 7)));
  EXPECT_EQ("Hello", inflated(std::string_view("\x00\x05\x00\xfa\xffHello\x00", 11)));
  EXPECT_EQ("Hello", inflated(std::string_view("\xf3\x48\xcd\xc9\xc9\x07\x00\x00", 8)));
  EXPECT_EQ("Hello",
            inflated(std::string_view("\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00", 13)));
}

TEST(HubDeflate, MessagesStandAlone) {
  std::string first;
  std::string second;
  ASSERT_TRUE(deflateMessage("the same text, the same text", first));
  ASSERT_TRUE(deflateMessage("the same text, the same text", second));
  EXPECT_EQ(first, second);
  std::string elsewhere;
  std::thread([&] { deflateMessage("the same text, the same text", elsewhere); }).join();
  EXPECT_EQ(first, elsewhere);
}

TEST(HubDeflate, StopsAtTheLimit) {
  std::string message;
  bool tooLong = false;
  const std::string bomb = test::packed(std::string(50U << 20U, 'a'), Z_BEST_COMPRESSION);
  EXPECT_LT(bomb.size(), 100'000U);
  EXPECT_FALSE(inflateMessage(bomb, 32'768, message, tooLong));
  EXPECT_TRUE(tooLong);
  EXPECT_LE(message.capacity(), 256U * 1024);
  EXPECT_TRUE(inflateMessage(test::packed(std::string(32'768, 'a')), 32'768, message, tooLong));
  EXPECT_FALSE(tooLong);
  EXPECT_FALSE(inflateMessage(test::packed(std::string(32'769, 'a')), 32'768, message, tooLong));
  EXPECT_TRUE(tooLong);
}

TEST(HubDeflate, RefusesWhatIsNotDeflated) {
  std::string message;
  bool tooLong = true;
  for (const std::string_view junk :
       {std::string_view("\xff\xff\xff\xff"), std::string_view("\x06\x00", 2),
        std::string_view("\x05", 1)}) {
    EXPECT_FALSE(inflateMessage(junk, kPlenty, message, tooLong));
    EXPECT_FALSE(tooLong);
  }
  std::mt19937 random(17);
  for (int i = 0; i < 20'000; ++i) {
    std::string junk(random() % 40, '\0');
    for (char& c : junk) c = static_cast<char>(random());
    if (inflateMessage(junk, 4'096, message, tooLong)) {
      EXPECT_LE(message.size(), 4'096U);
    }
  }
}

}  // namespace
}  // namespace easyflow::hub
