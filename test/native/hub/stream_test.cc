#include "hub/stream.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

namespace easyflow::hub {
namespace {

SubscribeMessage request(const std::vector<std::string>& patterns, Mode mode = Mode::kLatest) {
  SubscribeMessage message;
  for (const std::string& text : patterns) message.patterns.push_back(Pattern::parse(text).value());
  std::sort(message.patterns.begin(), message.patterns.end());
  message.patterns.erase(std::unique(message.patterns.begin(), message.patterns.end()),
                         message.patterns.end());
  message.mode = mode;
  return message;
}

std::set<const Stream*> visited(const StreamIndex& index, const std::string& channel) {
  std::set<const Stream*> found;
  index.visit(channel, [&](Stream& stream) { found.insert(&stream); });
  return found;
}

TEST(HubStreamIndex, EqualRequestsHaveOneStream) {
  StreamIndex index;
  Stream& stream = index.streamOf(request({"a", "b*"}), 7);
  EXPECT_EQ(7U, stream.sentUpTo);
  EXPECT_EQ(&stream, &index.streamOf(request({"b*", "a"}), 9));
  EXPECT_EQ(7U, stream.sentUpTo);
  EXPECT_NE(&stream, &index.streamOf(request({"a", "b*"}, Mode::kAll), 9));
  EXPECT_EQ(2U, index.size());
}

TEST(HubStreamIndex, MembersLeaveInAnyOrder) {
  StreamIndex index;
  Stream& stream = index.streamOf(request({"a"}), 0);
  std::vector<std::unique_ptr<Subscription>> members;
  for (int i = 0; i < 5; ++i) {
    members.push_back(std::make_unique<Subscription>(request({"a"})));
    stream.add(*members.back());
  }
  for (const std::size_t leaving : {2U, 4U, 0U, 3U, 1U}) {
    stream.remove(*members[leaving]);
    EXPECT_EQ(nullptr, members[leaving]->stream);
    for (std::size_t i = 0; i < stream.members.size(); ++i)
      EXPECT_EQ(i, stream.members[i]->indexInStream);
  }
  EXPECT_TRUE(stream.members.empty());
}

TEST(HubStreamIndex, VisitsWhatMatchesAndNothingElse) {
  std::mt19937 random(31);
  const auto word = [&](std::size_t most) {
    std::string text;
    for (std::size_t i = random() % (most + 1); i > 0; --i) text += random() % 2 == 0 ? 'a' : '/';
    return text;
  };
  StreamIndex index;
  std::vector<Stream*> streams;
  for (int step = 0; step < 3'000; ++step) {
    if (random() % 3 != 0 || streams.empty()) {
      std::vector<std::string> patterns;
      for (std::size_t i = 1 + random() % 3; i > 0; --i) {
        const std::string stem = word(4);
        patterns.push_back(random() % 2 == 0 || stem.empty() ? stem + "*" : stem);
      }
      Stream* stream = &index.streamOf(request(patterns), 0);
      if (std::find(streams.begin(), streams.end(), stream) == streams.end())
        streams.push_back(stream);
    } else {
      const std::size_t at = random() % streams.size();
      index.erase(*streams[at]);
      streams.erase(streams.begin() + static_cast<std::ptrdiff_t>(at));
    }
    ASSERT_EQ(streams.size(), index.size());
    const std::string channel = word(6);
    std::set<const Stream*> expected;
    for (const Stream* stream : streams) {
      if (stream->matches(channel)) expected.insert(stream);
    }
    ASSERT_EQ(expected, visited(index, channel)) << channel;
  }
}

}  // namespace
}  // namespace easyflow::hub
