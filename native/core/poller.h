// What core needs of a thread that polls: it can be woken from anywhere, also from inside
// librdkafka's queue locks. native/loop implements it on libuv; core itself knows no event loop.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>

namespace easyflow::core {

// Something the poller serves. Owned by shared_ptr; the poller keeps one while it is registered.
class Pollable {
 public:
  virtual ~Pollable() = default;

  // Called on the poller. Does a bounded amount of work without blocking; true: there is more, come
  // back after the others.
  virtual bool poll() noexcept = 0;

  // Set by Poller::signal, taken by the poller before poll().
  std::atomic<bool> signalled{false};
};

class Poller {
 public:
  virtual ~Poller() = default;

  // Called on any thread, also under librdkafka's queue lock: sets the flag and wakes the loop,
  // nothing else.
  virtual void signal(Pollable& pollable) noexcept = 0;

  // Called on any thread. Runs the task on the poller, in order. False once the poller was stopped:
  // the task was not taken.
  virtual bool post(std::function<void()> task) = 0;

  // Called on any thread but the poller, after post() refused: returns when the poller's thread has
  // ended. What was the poller's own belongs to the caller from then on.
  virtual void awaitStopped() = 0;

  // Called on the poller. Polls the pollable once more after the delay at the latest; a later call
  // replaces the deadline when it is earlier.
  virtual void signalAfter(Pollable& pollable, std::chrono::milliseconds delay) = 0;

  // Called on the poller. After remove() returns the pollable is never polled again.
  virtual void add(std::shared_ptr<Pollable> pollable) = 0;
  virtual void remove(Pollable& pollable) = 0;
};

}  // namespace easyflow::core
