#include "core/work_thread.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <vector>

#include "client_fixture.h"

namespace easyflow::core {
namespace {

using namespace std::chrono_literals;

TEST(WorkThread, RunsJobsInOrderOneAtATime) {
  std::vector<int> order;
  std::promise<void> last;
  WorkThread thread;
  for (int i = 0; i < 1000; ++i) thread.post([&order, i] { order.push_back(i); });
  thread.post([&last] { last.set_value(); });
  last.get_future().wait();
  ASSERT_EQ(1000U, order.size());
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(i, order[static_cast<std::size_t>(i)]);
}

TEST(WorkThread, DelayedJobsRunByTheirTimeNotByTheirOrder) {
  std::vector<int> order;
  std::promise<void> last;
  WorkThread thread;
  thread.postAfter(3s, [&] {
    order.push_back(2);
    last.set_value();
  });
  thread.postAfter(10ms, [&] { order.push_back(1); });
  thread.post([&] { order.push_back(0); });
  last.get_future().wait();
  EXPECT_EQ((std::vector<int>{0, 1, 2}), order);
}

TEST(WorkThread, StopRunsWhatIsDueDropsWhatIsLaterAndRefusesTheRest) {
  std::promise<void> blocked;
  std::promise<void> release;
  auto ran = std::make_shared<int>(0);
  {
    WorkThread thread;
    thread.post([&] {
      blocked.set_value();
      release.get_future().wait();
    });
    blocked.get_future().wait();
    EXPECT_TRUE(thread.post([ran] { ++*ran; }));
    EXPECT_TRUE(thread.postAfter(1h, [ran] { *ran += 100; }));
    thread.stop();
    thread.stop();
    EXPECT_FALSE(thread.post([ran] { *ran += 100; }));
    release.set_value();
  }
  EXPECT_EQ(1, *ran);
  EXPECT_EQ(1, ran.use_count()) << "a dropped job is still held";
}

// The job of a client may hold the last reference to the client that owns the thread.
TEST(WorkThread, AJobMayDestroyItsThread) {
  // A sanitizer starts a thread of its own with the first of ours.
  { WorkThread first; }
  const std::size_t before = test::threadsOfProcess();
  struct Owner {
    WorkThread thread;
  };
  auto owner = std::make_shared<Owner>();
  auto destroyed = std::make_shared<std::promise<void>>();
  auto let = std::make_shared<std::promise<void>>();
  auto* raw = owner.get();
  raw->thread.post([owner = std::move(owner), let, destroyed]() mutable {
    let->get_future().wait();
    owner.reset();
    destroyed->set_value();
  });
  let->set_value();
  destroyed->get_future().wait();
  EXPECT_TRUE(test::eventually([&] { return test::threadsOfProcess() <= before; }));
}

}  // namespace
}  // namespace easyflow::core
