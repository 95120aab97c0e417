// Lets one thread wait until another has done something. Shared by both, so that neither outlives
// it: a std::promise on the waiter's stack may be gone while set_value() still returns from it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace easyflow::core {

class Latch {
 public:
  // Called on any thread, once.
  void open() {
    {
      const std::lock_guard lock(mutex_);
      open_ = true;
    }
    changed_.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return open_; });
  }
  // False: it was not opened in time.
  bool waitFor(std::chrono::milliseconds timeout) {
    std::unique_lock lock(mutex_);
    return changed_.wait_until(lock, std::chrono::steady_clock::now() + timeout,
                               [this] { return open_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
};

}  // namespace easyflow::core
