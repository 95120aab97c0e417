#include "core/request_trace.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "client_fixture.h"

namespace easyflow::test {
namespace {

constexpr std::int16_t kMetadata = 3;

TEST(RequestTraceQueueTest, TheNewestAreDroppedAndCountedWhileNobodyTakes) {
  int wakes = 0;
  core::RequestTrace trace([&] { ++wakes; });
  for (std::size_t i = 0; i < core::RequestTrace::kMaxWaiting + 6; ++i) {
    trace.add({.correlationId = static_cast<std::int32_t>(i)});
  }
  EXPECT_EQ(1, wakes);
  EXPECT_TRUE(trace.isWaiting());
  const core::RequestTraces traces = trace.take();
  ASSERT_EQ(core::RequestTrace::kMaxWaiting, traces.requests.size());
  EXPECT_EQ(0, traces.requests.front().correlationId);
  EXPECT_EQ(6U, traces.dropped);
  EXPECT_FALSE(trace.isWaiting());

  trace.add({.correlationId = 7});
  EXPECT_EQ(2, wakes);
  EXPECT_EQ(1U, trace.take().requests.size());
}

TEST(RequestTraceQueueTest, NothingIsKeptAndNobodyWokenAfterClose) {
  int wakes = 0;
  core::RequestTrace trace([&] { ++wakes; });
  trace.close();
  trace.add({});
  EXPECT_EQ(0, wakes);
  EXPECT_TRUE(trace.take().requests.empty());
}

class RequestTraceTest : public ClusterTest {};

TEST_F(RequestTraceTest, EachAnswerIsToldOnceAndOnlyWhileTraced) {
  TestProducer client = producer();
  ASSERT_FALSE(client.call("metadata", {{"timeoutMs", 10'000}}).error);
  EXPECT_EQ(0U, client.sink().read([](const Seen& seen) { return seen.requests.size(); }));

  client.core().traceRequests(true);
  ASSERT_FALSE(client.call("metadata", {{"timeoutMs", 10'000}}).error);
  ASSERT_TRUE(client.sink().wait([](const Seen& seen) {
    return std::any_of(
        seen.requests.begin(), seen.requests.end(),
        [](const core::TracedRequest& request) { return request.apiKey == kMetadata; });
  }));
  client.core().traceRequests(false);
  ASSERT_FALSE(client.call("metadata", {{"timeoutMs", 10'000}}).error);

  client.sink().read([](const Seen& seen) {
    std::set<std::tuple<std::string, std::int32_t>> seenNumbers;
    for (const core::TracedRequest& request : seen.requests) {
      EXPECT_TRUE(seenNumbers.emplace(request.broker, request.correlationId).second)
          << request.broker << " " << request.correlationId;
      EXPECT_FALSE(request.timedOut);
      EXPECT_GT(request.correlationId, 0);
      EXPECT_GT(request.sizeBytes, 0);
      EXPECT_GE(request.rttUs, 0);
      EXPECT_GT(request.atMs, 1'600'000'000'000);
      EXPECT_NE(std::string::npos, request.broker.find("127.0.0.1:")) << request.broker;
    }
    EXPECT_EQ(0U, seen.droppedRequests);
    return 0;
  });
}

TEST_F(RequestTraceTest, ARequestThatNobodyAnswersIsToldAsTimedOut) {
  TestProducer client = producer({{"socket.timeout.ms", "3000"}});
  ASSERT_FALSE(client.call("metadata", {{"timeoutMs", 10'000}}).error);
  client.core().traceRequests(true);
  clusterCall("brokerRtt", {{"brokerId", 1}, {"rttMs", 60'000}});
  EXPECT_TRUE(client.call("metadata", {{"timeoutMs", 5'000}}).error);
  EXPECT_TRUE(client.sink().wait([](const Seen& seen) {
    return std::any_of(seen.requests.begin(), seen.requests.end(),
                       [](const core::TracedRequest& request) { return request.timedOut; });
  }));
  clusterCall("brokerRtt", {{"brokerId", 1}, {"rttMs", 0}});
}

TEST_F(RequestTraceTest, ClosingWhileRequestsAreTracedIsQuick) {
  for (int i = 0; i < 20; ++i) {
    TestProducer client = producer();
    client.core().traceRequests(true);
    client.send("metadata", {{"timeoutMs", 10'000}});
    EXPECT_FALSE(client.close(1'000).error);
  }
}

}  // namespace
}  // namespace easyflow::test
