#include "hub/topology.h"

#include <gtest/gtest.h>

#include <random>

#include "hub/updates.h"

namespace easyflow::hub {
namespace {

TEST(HubTopology, FindsPartitionsByTheirNames) {
  const Topology topology("e",
                          {{"a", 0, "0.0"}, {"a", 1, "0.1"}, {"b", 0, "1.0"}, {"a:1", 0, "2.0"}});
  EXPECT_EQ(0U, topology.find("a", 0));
  EXPECT_EQ(1U, topology.find("a", 1));
  EXPECT_EQ(2U, topology.find("b", 0));
  EXPECT_EQ(3U, topology.find("a:1", 0));
  EXPECT_FALSE(topology.find("b", 1));
  EXPECT_FALSE(topology.find("", 0));
}

TEST(HubTopology, TokensComeBackAsTheyWere) {
  const Topology topology("ep", {{"a", 0, "0.0"}, {"a", 1, "0.1"}, {"b", 0, "1.0"}});
  std::mt19937_64 random(23);
  for (int i = 0; i < 1'000; ++i) {
    Offsets offsets;
    for (int p = 0; p < 3; ++p)
      offsets.push_back(
          random() % 3 == 0 ? -1 : static_cast<std::int64_t>(random() >> (1 + random() % 60)));
    const auto time = static_cast<std::int64_t>(random() >> (1 + random() % 60));
    const std::string token = topology.token(offsets, time);
    const auto parsed = topology.parse(token);
    ASSERT_TRUE(parsed) << token;
    EXPECT_EQ(offsets, parsed->offsets);
    EXPECT_EQ(time, parsed->timeMs);
  }
  EXPECT_EQ("ep~zz~0.0:5,1.0:7", topology.token({5, -1, 7}, 35 * 36 + 35));
  EXPECT_EQ("ep~0~", topology.token({-1, -1, -1}, 0));
  EXPECT_EQ((Offsets{-1, 6, -1}), topology.parse("ep~0~0.1:6")->offsets);
}

TEST(HubTopology, RefusesWhatIsNoTokenOfItsEpoch) {
  const Topology topology("ep", {{"t", 0, "0"}, {"t", 1, "1"}});
  ASSERT_TRUE(topology.parse("ep~1~0:5,1:6"));
  for (const char* token : {"",
                            "ep",
                            "ep~",
                            "ep~~",
                            "other~1~0:5",
                            "ep2~1~0:5",
                            "e~1~0:5",
                            "EP~1~0:5",
                            "ep~-1~0:5",
                            "ep~!~0:5",
                            "ep~1 ~0:5",
                            "ep~1~0",
                            "ep~1~0:",
                            "ep~1~:5",
                            "ep~1~0:-5",
                            "ep~1~0:5x",
                            "ep~1~0: 5",
                            "ep~1~0:+5",
                            "ep~1~2:5",
                            "ep~1~0:5;1:6",
                            "ep~1~,",
                            "ep~1~0:5,,1:6",
                            "ep~1~00:5",
                            "ep~1~0:99999999999999999999",
                            "ep~zzzzzzzzzzzzzzzzzzzz~0:5",
                            "ep~1~0:5~1:6",
                            "ep~1~0:5:6",
                            "ep~1~0:0x5",
                            "ep~1~0:1e3"}) {
    EXPECT_FALSE(topology.parse(token)) << token;
  }
}

}  // namespace
}  // namespace easyflow::hub
