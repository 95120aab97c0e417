// A libuv loop on a thread of its own: the poller of an environment (docs/threads.md).
#pragma once

#include <uv.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "core/poller.h"

namespace easyflow::loop {

class EventLoop final : public core::Poller {
 public:
  // `name` is the thread's, 15 characters at most.
  explicit EventLoop(const char* name = "easyflow-poll");
  // Stops and joins; never call on the loop's own thread.
  ~EventLoop() override;

  void signal(core::Pollable& pollable) noexcept override;
  bool post(std::function<void()> task) override;
  void awaitStopped() override;
  void signalAfter(core::Pollable& pollable, std::chrono::milliseconds delay) override;
  void add(std::shared_ptr<core::Pollable> pollable) override;
  void remove(core::Pollable& pollable) override;

  // For handles of others on this loop: used on the loop's thread only, closed there before stop().
  uv_loop_t* handle() { return &loop_; }

  // Called on any thread but the loop's, idempotent: runs what was posted, then ends the thread.
  void stop();

 private:
  void run();
  void wake() noexcept;
  void closeHandles();
  void turn();
  void runTasks();
  void onTimer();
  void armTimer();

  uv_loop_t loop_{};
  uv_async_t async_{};
  uv_timer_t timer_{};

  std::mutex tasksMutex_;
  std::vector<std::function<void()>> tasks_;
  bool stopping_ = false;
  std::condition_variable ended_;
  std::atomic<bool> hasEnded_{false};

  // Threads inside uv_async_send, and whether it may be called at all: a client may be signalled
  // after stop().
  std::atomic<int> senders_{0};
  std::atomic<bool> isOpen_{true};

  // The loop thread's own.
  std::vector<std::shared_ptr<core::Pollable>> pollables_;
  std::unordered_map<core::Pollable*, std::uint64_t> deadlines_;

  std::thread thread_;
};

}  // namespace easyflow::loop
