// The one thread of a client that may block: jobs run one at a time, in order, some not before a
// time.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

namespace easyflow::core {

class WorkThread {
 public:
  using Job = std::function<void()>;
  using Clock = std::chrono::steady_clock;

  WorkThread();
  // Joins; from the work thread itself (a job dropped the last owner) it detaches instead.
  ~WorkThread();

  WorkThread(const WorkThread&) = delete;
  WorkThread& operator=(const WorkThread&) = delete;

  // Called on any thread. False after stop(): the job was not taken.
  bool post(Job job) { return postAt(Clock::now(), std::move(job)); }
  bool postAfter(std::chrono::milliseconds delay, Job job) {
    return postAt(Clock::now() + delay, std::move(job));
  }

  // Called on any thread, idempotent: jobs that are due still run, later ones are dropped, new ones
  // refused.
  void stop();

 private:
  // Shared with the thread, so that a detached thread outlives the object safely.
  struct State {
    std::mutex mutex;
    std::condition_variable changed;
    // Due time and sequence keep jobs of one time in the order they came.
    std::map<std::pair<Clock::time_point, std::uint64_t>, Job> jobs;
    std::uint64_t sequence = 0;
    bool stopped = false;
  };

  bool postAt(Clock::time_point when, Job job);
  static void run(const std::shared_ptr<State>& state);

  std::shared_ptr<State> state_;
  std::thread thread_;
};

}  // namespace easyflow::core
