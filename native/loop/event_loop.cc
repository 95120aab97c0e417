#include "loop/event_loop.h"

#include <pthread.h>

#include <algorithm>
#include <stdexcept>

namespace easyflow::loop {

EventLoop::EventLoop(const char* name) {
  if (uv_loop_init(&loop_) != 0) throw std::runtime_error("uv_loop_init failed");
  loop_.data = this;
  async_.data = this;
  timer_.data = this;
  if (uv_async_init(&loop_, &async_, [](uv_async_t* handle) {
        static_cast<EventLoop*>(handle->data)->turn();
      }) != 0) {
    throw std::runtime_error("uv_async_init failed");
  }
  uv_timer_init(&loop_, &timer_);
  thread_ = std::thread([this, name] {
    pthread_setname_np(pthread_self(), name);
    run();
  });
}

EventLoop::~EventLoop() { stop(); }

void EventLoop::run() {
  uv_run(&loop_, UV_RUN_DEFAULT);
  // Both handles are closed: nothing is left in the loop.
  uv_loop_close(&loop_);
  {
    const std::lock_guard lock(tasksMutex_);
    hasEnded_ = true;
  }
  ended_.notify_all();
}

void EventLoop::awaitStopped() {
  std::unique_lock lock(tasksMutex_);
  ended_.wait(lock, [this] { return hasEnded_.load(); });
}

void EventLoop::wake() noexcept {
  // Librdkafka's threads come here under their queue locks, so no lock of ours: closeHandles()
  // waits until nobody is in between, and who comes later sees that it is closed.
  senders_.fetch_add(1);
  if (isOpen_.load()) uv_async_send(&async_);
  senders_.fetch_sub(1);
}

void EventLoop::closeHandles() {
  isOpen_ = false;
  while (senders_.load() > 0) std::this_thread::yield();
  pollables_.clear();
  deadlines_.clear();
  uv_close(reinterpret_cast<uv_handle_t*>(&timer_), nullptr);
  uv_close(reinterpret_cast<uv_handle_t*>(&async_), nullptr);
}

void EventLoop::stop() {
  {
    const std::lock_guard lock(tasksMutex_);
    if (stopping_) return;
    stopping_ = true;
    tasks_.emplace_back([this] { closeHandles(); });
    uv_async_send(&async_);
  }
  thread_.join();
}

void EventLoop::signal(core::Pollable& pollable) noexcept {
  if (!pollable.signalled.exchange(true)) wake();
}

bool EventLoop::post(std::function<void()> task) {
  const std::lock_guard lock(tasksMutex_);
  if (stopping_) return false;
  const bool first = tasks_.empty();
  tasks_.push_back(std::move(task));
  // Under the lock: stop() may not close the handle in between.
  if (first) uv_async_send(&async_);
  return true;
}

void EventLoop::add(std::shared_ptr<core::Pollable> pollable) {
  if (hasEnded_) return;
  pollables_.push_back(std::move(pollable));
}

void EventLoop::remove(core::Pollable& pollable) {
  if (hasEnded_) return;
  deadlines_.erase(&pollable);
  const auto found = std::find_if(pollables_.begin(), pollables_.end(),
                                  [&](const auto& entry) { return entry.get() == &pollable; });
  // The slot is emptied, not erased: a turn may be walking the list.
  if (found != pollables_.end()) found->reset();
}

void EventLoop::runTasks() {
  std::vector<std::function<void()>> tasks;
  {
    const std::lock_guard lock(tasksMutex_);
    tasks.swap(tasks_);
  }
  for (auto& task : tasks) task();
}

void EventLoop::turn() {
  runTasks();
  bool again = false;
  bool gone = false;
  for (std::size_t i = 0; i < pollables_.size(); ++i) {
    const std::shared_ptr<core::Pollable> pollable = pollables_[i];
    if (!pollable) {
      gone = true;
      continue;
    }
    if (!pollable->signalled.exchange(false)) continue;
    if (pollable->poll()) {
      pollable->signalled.store(true);
      again = true;
    }
  }
  if (gone)
    pollables_.erase(std::remove(pollables_.begin(), pollables_.end(), nullptr), pollables_.end());
  // Through the loop, not around it: timers and posted tasks get their turn.
  if (again) wake();
}

void EventLoop::signalAfter(core::Pollable& pollable, std::chrono::milliseconds delay) {
  if (hasEnded_) return;
  const std::uint64_t due =
      uv_now(&loop_) + static_cast<std::uint64_t>(std::max<std::int64_t>(1, delay.count()));
  const auto [entry, added] = deadlines_.emplace(&pollable, due);
  if (!added) {
    if (entry->second <= due) return;
    entry->second = due;
  }
  armTimer();
}

void EventLoop::armTimer() {
  if (deadlines_.empty()) {
    uv_timer_stop(&timer_);
    return;
  }
  const auto next =
      std::min_element(deadlines_.begin(), deadlines_.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  const std::uint64_t now = uv_now(&loop_);
  uv_timer_start(
      &timer_, [](uv_timer_t* handle) { static_cast<EventLoop*>(handle->data)->onTimer(); },
      next->second > now ? next->second - now : 0, 0);
}

void EventLoop::onTimer() {
  const std::uint64_t now = uv_now(&loop_);
  for (auto entry = deadlines_.begin(); entry != deadlines_.end();) {
    if (entry->second <= now) {
      entry->first->signalled.store(true);
      entry = deadlines_.erase(entry);
    } else {
      ++entry;
    }
  }
  turn();
  armTimer();
}

}  // namespace easyflow::loop
