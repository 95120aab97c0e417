#include "core/work_thread.h"

#include <pthread.h>

namespace easyflow::core {

WorkThread::WorkThread() : state_(std::make_shared<State>()) {
  thread_ = std::thread([state = state_] {
    pthread_setname_np(pthread_self(), "easyflow-work");
    run(state);
    // Jobs that were not due yet may own the client that owns this thread: let go of them.
    decltype(state->jobs) dropped;
    {
      const std::lock_guard lock(state->mutex);
      dropped.swap(state->jobs);
    }
  });
}

WorkThread::~WorkThread() {
  stop();
  if (thread_.get_id() == std::this_thread::get_id()) {
    thread_.detach();
  } else if (thread_.joinable()) {
    thread_.join();
  }
}

bool WorkThread::postAt(Clock::time_point when, Job job) {
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->stopped) return false;
    state_->jobs.emplace(std::pair{when, state_->sequence++}, std::move(job));
  }
  state_->changed.notify_one();
  return true;
}

void WorkThread::stop() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopped = true;
  }
  state_->changed.notify_one();
}

void WorkThread::run(const std::shared_ptr<State>& state) {
  std::unique_lock lock(state->mutex);
  for (;;) {
    if (state->jobs.empty()) {
      if (state->stopped) return;
      state->changed.wait(lock);
      continue;
    }
    const auto next = state->jobs.begin();
    if (next->first.first > Clock::now()) {
      if (state->stopped) return;
      state->changed.wait_until(lock, next->first.first);
      continue;
    }
    {
      Job job = std::move(next->second);
      state->jobs.erase(next);
      lock.unlock();
      job();
      // The job is destroyed here, unlocked: it may hold the last reference to something that
      // posts.
    }
    lock.lock();
  }
}

}  // namespace easyflow::core
