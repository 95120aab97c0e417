#include "core/partitioner.h"

#include <gtest/gtest.h>

#include <string>

namespace easyflow::core {
namespace {

std::int32_t hashOf(const std::string& key) {
  return murmur2(reinterpret_cast<const std::uint8_t*>(key.data()), key.size());
}

// The vectors of Apache Kafka's own UtilsTest.testMurmur2.
TEST(Murmur2, AgreesWithKafka) {
  EXPECT_EQ(-973932308, hashOf("21"));
  EXPECT_EQ(-790332482, hashOf("foobar"));
  EXPECT_EQ(-985981536, hashOf("a-little-bit-long-string"));
  EXPECT_EQ(-1486304829, hashOf("a-little-bit-longer-string"));
  EXPECT_EQ(-58897971, hashOf("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8"));
  EXPECT_EQ(479470107, hashOf("abc"));
}

TEST(Murmur2, AnEmptyKeyHasAHash) {
  EXPECT_EQ(275646681, hashOf(""));
  EXPECT_EQ(275646681, murmur2(nullptr, 0));
}

}  // namespace
}  // namespace easyflow::core
