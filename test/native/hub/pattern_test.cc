#include "hub/pattern.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace easyflow::hub {
namespace {

Pattern pattern(std::string_view text) { return Pattern::parse(text).value(); }

TEST(HubPattern, ParsesChannelsAndPrefixes) {
  EXPECT_FALSE(pattern("task/42").isPrefix());
  EXPECT_EQ("task/42", pattern("task/42").stem());
  EXPECT_TRUE(pattern("task/*").isPrefix());
  EXPECT_EQ("task/", pattern("task/*").stem());
  EXPECT_TRUE(pattern("*").isPrefix());
  EXPECT_EQ("", pattern("*").stem());
  EXPECT_TRUE(Pattern::parse(std::string(Pattern::kMaxBytes, 'a')));
}

TEST(HubPattern, RefusesWhatIsNoPattern) {
  EXPECT_FALSE(Pattern::parse(""));
  EXPECT_FALSE(Pattern::parse(std::string(Pattern::kMaxBytes + 1, 'a')));
  EXPECT_FALSE(Pattern::parse("a*b"));
  EXPECT_FALSE(Pattern::parse("*a"));
  EXPECT_FALSE(Pattern::parse("**"));
  EXPECT_FALSE(Pattern::parse("a\nb"));
  EXPECT_FALSE(Pattern::parse(std::string_view("a\0b", 3)));
  EXPECT_FALSE(Pattern::parse("a\x1f*"));
  EXPECT_FALSE(Pattern::parse("a\x7f"));
}

TEST(HubPattern, MatchesByEqualityOrPrefix) {
  EXPECT_TRUE(pattern("task/42").matches("task/42"));
  EXPECT_FALSE(pattern("task/42").matches("task/421"));
  EXPECT_FALSE(pattern("task/42").matches("task/4"));
  EXPECT_TRUE(pattern("task/*").matches("task/42"));
  EXPECT_TRUE(pattern("task/*").matches("task/"));
  EXPECT_FALSE(pattern("task/*").matches("task"));
  EXPECT_FALSE(pattern("task/*").matches("tasks/42"));
  EXPECT_TRUE(pattern("*").matches(""));
  EXPECT_TRUE(pattern("*").matches("anything"));
}

// What covers() promises, for all short patterns and channels over two letters.
TEST(HubPattern, CoversExactlyWhatMatchesAllOfTheOther) {
  std::vector<std::string> channels{""};
  for (std::size_t i = 0; channels[i].size() < 4; ++i) {
    channels.push_back(channels[i] + "a");
    channels.push_back(channels[i] + "b");
  }
  std::vector<Pattern> patterns;
  for (const std::string& channel : channels) {
    // Longer channels show what a pattern of two letters does not cover.
    if (channel.size() > 2) break;
    if (!channel.empty()) patterns.push_back(pattern(channel));
    patterns.push_back(pattern(channel + "*"));
  }
  for (const Pattern& wide : patterns) {
    for (const Pattern& narrow : patterns) {
      bool matchesAll = true;
      for (const std::string& channel : channels)
        matchesAll = matchesAll && (!narrow.matches(channel) || wide.matches(channel));
      EXPECT_EQ(matchesAll, wide.covers(narrow)) << wide.text() << " over " << narrow.text();
    }
  }
}

}  // namespace
}  // namespace easyflow::hub
