#include "loop/event_loop.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>
#include <vector>

namespace easyflow::loop {
namespace {

using namespace std::chrono_literals;

class Counter final : public core::Pollable {
 public:
  bool poll() noexcept override {
    const int now = ++polls;
    {
      const std::lock_guard lock(mutex);
      if (onPoll) onPoll();
    }
    changed.notify_all();
    return now < pollsWanted.load();
  }
  bool waitFor(int count) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, 60s, [&] { return polls.load() >= count; });
  }

  std::atomic<int> polls{0};
  std::atomic<int> pollsWanted{0};
  std::mutex mutex;
  std::condition_variable changed;
  std::function<void()> onPoll;
};

// Runs the task on the loop and waits for it.
void on(EventLoop& loop, const std::function<void()>& task) {
  std::promise<void> done;
  loop.post([&] {
    task();
    done.set_value();
  });
  done.get_future().wait();
}

std::shared_ptr<Counter> added(EventLoop& loop) {
  auto counter = std::make_shared<Counter>();
  on(loop, [&] { loop.add(counter); });
  return counter;
}

TEST(EventLoop, ASignalFromAnyThreadIsFollowedByAPoll) {
  EventLoop loop;
  const auto counter = added(loop);
  for (int round = 1; round <= 2000; ++round) {
    const int before = counter->polls.load();
    loop.signal(*counter);
    ASSERT_TRUE(counter->waitFor(before + 1)) << "wake-up " << round << " was lost";
  }
}

TEST(EventLoop, SignalsOfSeveralThreadsAreNotLost) {
  EventLoop loop;
  const auto counter = added(loop);
  std::atomic<int> produced{0};
  std::atomic<int> consumed{0};
  {
    const std::lock_guard lock(counter->mutex);
    counter->onPoll = [&] { consumed.store(produced.load()); };
  }
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 5000; ++i) {
        ++produced;
        loop.signal(*counter);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  std::unique_lock lock(counter->mutex);
  EXPECT_TRUE(counter->changed.wait_for(lock, 60s, [&] { return consumed.load() == 20000; }));
  counter->onPoll = nullptr;
}

TEST(EventLoop, APollableWithMoreWorkComesBackAfterTheOthers) {
  EventLoop loop;
  const auto busy = added(loop);
  const auto other = added(loop);
  busy->pollsWanted = 1000;
  int busyPollsAtOthersTurn = -1;
  {
    const std::lock_guard lock(other->mutex);
    other->onPoll = [&] { busyPollsAtOthersTurn = busy->polls.load(); };
  }
  {
    // Both in one turn: the busy one must not keep the other waiting until it is done.
    on(loop, [&] {
      loop.signal(*busy);
      loop.signal(*other);
    });
  }
  ASSERT_TRUE(busy->waitFor(1000));
  ASSERT_TRUE(other->waitFor(1));
  EXPECT_EQ(1, busyPollsAtOthersTurn);
}

TEST(EventLoop, SignalAfterKeepsTheEarliestDeadline) {
  EventLoop loop;
  const auto counter = added(loop);
  const auto start = std::chrono::steady_clock::now();
  on(loop, [&] {
    loop.signalAfter(*counter, 1h);
    loop.signalAfter(*counter, 30ms);
    loop.signalAfter(*counter, 2h);
  });
  ASSERT_TRUE(counter->waitFor(1));
  EXPECT_GE(std::chrono::steady_clock::now() - start, 20ms);
}

TEST(EventLoop, ARemovedPollableIsNeverPolledAgain) {
  EventLoop loop;
  auto counter = added(loop);
  const auto witness = added(loop);
  on(loop, [&] {
    loop.signalAfter(*counter, 5ms);
    loop.signalAfter(*witness, 10ms);
    loop.signal(*counter);
    loop.remove(*counter);
  });
  EXPECT_EQ(1, counter.use_count()) << "the loop still holds it";
  ASSERT_TRUE(witness->waitFor(1));
  loop.signal(*counter);
  loop.signal(*witness);
  ASSERT_TRUE(witness->waitFor(2));
  EXPECT_EQ(0, counter->polls.load());
}

TEST(EventLoop, TasksRunInOrder) {
  EventLoop loop;
  std::vector<int> order;
  for (int i = 0; i < 1000; ++i) loop.post([&order, i] { order.push_back(i); });
  on(loop, [] {});
  ASSERT_EQ(1000U, order.size());
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(i, order[static_cast<std::size_t>(i)]);
}

TEST(EventLoop, StopRunsWhatWasPostedAndIsIdempotent) {
  EventLoop loop;
  int ran = 0;
  for (int i = 0; i < 100; ++i) loop.post([&ran] { ++ran; });
  loop.stop();
  EXPECT_EQ(100, ran);
  loop.stop();
}

// A queue callback of a client that was left behind may come at any time: the loop's descriptor is
// gone by then.
TEST(EventLoop, ASignalAfterStopDoesNothing) {
  EventLoop loop;
  const auto counter = added(loop);
  loop.stop();
  counter->signalled = false;
  loop.signal(*counter);
  EXPECT_EQ(0, counter->polls.load());
}

TEST(EventLoop, SignalsThatRaceWithStopDoNothingBad) {
  for (int round = 0; round < 50; ++round) {
    EventLoop loop;
    const auto counter = added(loop);
    std::atomic<bool> enough{false};
    std::thread noise([&] {
      while (!enough.load()) {
        counter->signalled = false;
        loop.signal(*counter);
      }
    });
    ASSERT_TRUE(counter->waitFor(1));
    loop.stop();
    enough = true;
    noise.join();
  }
}

}  // namespace
}  // namespace easyflow::loop
