#include "core/client.h"

#include <algorithm>

#include "core/common_operations.h"
#include "core/json_args.h"
#include "core/latch.h"
#include "core/statistics.h"

namespace easyflow::core {

namespace {

// Events taken from the main queue before other clients get their turn.
constexpr int kEventsPerTurn = 64;
constexpr int kDefaultCloseTimeoutMs = 30'000;
// How long an environment's cleanup waits for a work thread that is inside a call of librdkafka.
// Past it the thread is left behind: it closes its client by itself when the call returns.
constexpr std::chrono::milliseconds kAbandonWait{5'000};

constexpr int kEvents = RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_LOG | RD_KAFKA_EVENT_ERROR |
                        RD_KAFKA_EVENT_STATS | RD_KAFKA_EVENT_OAUTHBEARER_TOKEN_REFRESH;

void signalPollable(rd_kafka_t* /*rk*/, void* opaque) noexcept {
  auto* wake = static_cast<std::pair<Poller*, Pollable*>*>(opaque);
  wake->first->signal(*wake->second);
}

}  // namespace

Client::Client(std::shared_ptr<Poller> poller, std::shared_ptr<ClientSink> sink)
    : poller_(std::move(poller)),
      sink_(std::move(sink)),
      wakeTarget_(poller_.get(), this),
      trace_([this] { signal(); }) {}

Client::~Client() = default;

bool Client::open(rd_kafka_type_t type, ConfHandle conf, const ConfigEntries& config,
                  ConfigFailure& failure) {
  rd_kafka_conf_set_opaque(conf.get(), this);
  rd_kafka_conf_set_events(conf.get(), kEvents);
  rd_kafka_conf_set(conf.get(), "log.queue", "true", nullptr, 0);
  trace_.install(conf.get());
  char reason[512] = "";
  rk_.reset(rd_kafka_new(type, conf.get(), reason, sizeof(reason)));
  if (!rk_) {
    failure = {"", withoutSecrets(reason, config)};
    return false;
  }
  (void)conf.release();  // owned by the handle since rd_kafka_new succeeded
  mainQueue_.reset(rd_kafka_queue_get_main(rk_.get()));
  // Logs wait in a queue until they have a destination: the main queue, so that no log callback
  // runs on their threads.
  rd_kafka_set_log_queue(rk_.get(), nullptr);
  return true;
}

void Client::start() {
  poller_->post([self = shared_from_this()] {
    self->poller_->add(self);
    self->wakeOn(self->mainQueue_.get());
    self->startOnPoller();
    self->signal();
  });
}

void Client::wakeOn(rd_kafka_queue_t* queue) {
  rd_kafka_queue_cb_event_enable(
      queue, [](rd_kafka_t* rk, void* opaque) { signalPollable(rk, opaque); }, &wakeTarget_);
}

void Client::runOnPoller(const std::function<void()>& task) {
  const auto done = std::make_shared<Latch>();
  const bool taken = poller_->post([&task, done] {
    task();
    done->open();
  });
  if (taken) {
    done->wait();
    return;
  }
  // The environment is gone and its poller with it: what was the poller's is this thread's now.
  poller_->awaitStopped();
  task();
}

void Client::request(std::uint32_t id, std::string operation, std::string argumentsJson) {
  {
    const std::lock_guard lock(pendingMutex_);
    pending_.insert(id);
  }
  const bool isClose = operation == "close";
  if (closing_.load() || (isClose && closing_.exchange(true))) {
    respond(id, JsonResult::fail(RD_KAFKA_RESP_ERR__DESTROY, "the client is closed"));
    return;
  }
  bool taken = false;
  if (isClose) {
    // Its time runs from here, not from when the operations before it have ended. Arguments that
    // are no JSON still close: there is no second chance.
    const auto arguments =
        nlohmann::json::parse(argumentsJson, nullptr, /*allow_exceptions=*/false);
    const auto deadline = Clock::now() + timeoutOf(arguments, kDefaultCloseTimeoutMs);
    closeBy_ = deadline.time_since_epoch().count();
    taken =
        work_.post([self = shared_from_this(), id, deadline] { self->performClose(id, deadline); });
  } else {
    taken =
        work_.post([self = shared_from_this(), id, operation = std::move(operation),
                    json = std::move(argumentsJson)] { self->performJson(id, operation, json); });
  }
  if (!taken) respond(id, JsonResult::fail(RD_KAFKA_RESP_ERR__DESTROY, "the client is closed"));
}

void Client::abandon(bool wait) {
  closing_.store(true);
  abandoned_.store(true);
  const auto done = std::make_shared<Latch>();
  const bool taken = work_.post([self = shared_from_this(), done] {
    self->close(std::chrono::milliseconds(0));
    done->open();
  });
  if (taken && wait) done->waitFor(kAbandonWait);
}

void Client::performClose(std::uint32_t id, Clock::time_point deadline) {
  // Answered after everything else that was pending.
  {
    const std::lock_guard lock(pendingMutex_);
    pending_.erase(id);
  }
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
  close(std::max(left, std::chrono::milliseconds(0)));
  sink_->onResponse(id, Error::none(), "null");
}

void Client::performJson(std::uint32_t id, const std::string& operation,
                         const std::string& argumentsJson) {
  if (!rk_ || abandoned()) {
    respond(id, JsonResult::fail(RD_KAFKA_RESP_ERR__DESTROY, "the client is closed"));
    return;
  }
  const nlohmann::json arguments =
      nlohmann::json::parse(argumentsJson, nullptr, /*allow_exceptions=*/false);
  if (arguments.is_discarded()) {
    respond(id, JsonResult::fail(RD_KAFKA_RESP_ERR__INVALID_ARG,
                                 operation + ": arguments are not JSON"));
    return;
  }
  try {
    if (auto result = perform(id, operation, arguments)) respond(id, std::move(*result));
  } catch (const BadArgument& error) {
    respond(id, JsonResult::fail(RD_KAFKA_RESP_ERR__INVALID_ARG, error.message));
  } catch (const nlohmann::json::exception& error) {
    respond(id, JsonResult::fail(RD_KAFKA_RESP_ERR__INVALID_ARG, operation + ": " + error.what()));
  } catch (const std::exception& error) {
    respond(id, JsonResult::fail(RD_KAFKA_RESP_ERR__FAIL, operation + ": " + error.what()));
  }
}

std::optional<JsonResult> Client::perform(std::uint32_t /*id*/, const std::string& operation,
                                          const nlohmann::json& arguments) {
  bool handled = false;
  JsonResult result = commonOperation(rk(), operation, arguments, handled);
  if (handled) return result;
  return JsonResult::fail(RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED,
                          "unknown operation '" + operation + "'");
}

void Client::respond(std::uint32_t id, JsonResult result) {
  {
    const std::lock_guard lock(pendingMutex_);
    if (pending_.erase(id) == 0) return;  // answered already
  }
  std::string json =
      result.error ? std::string()
                   : result.value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  sink_->onResponse(id, std::move(result.error), std::move(json));
}

void Client::close(std::chrono::milliseconds timeout) {
  if (!rk_) return;
  prepareClose(timeout);
  runOnPoller([this] {
    rd_kafka_queue_cb_event_enable(mainQueue_.get(), nullptr, nullptr);
    releaseOnPoller();
    trace_.close();
    poller_->remove(*this);
    mainQueue_.reset();
  });
  rd_kafka_destroy_flags(rk_.release(), destroyFlags());

  std::unordered_set<std::uint32_t> unanswered;
  {
    const std::lock_guard lock(pendingMutex_);
    unanswered.swap(pending_);
  }
  for (const std::uint32_t id : unanswered) {
    sink_->onResponse(id, Error::of(RD_KAFKA_RESP_ERR__DESTROY, "the client was closed"), {});
  }
  work_.stop();
}

bool Client::poll() noexcept {
  if (!mainQueue_) return false;
  if (trace_.isWaiting()) sink_->onRequests(trace_.take());
  const bool moreEvents = pollMainQueue();
  const bool more = pollMore();
  return moreEvents || more;
}

bool Client::pollMainQueue() noexcept {
  for (int i = 0; i < kEventsPerTurn; ++i) {
    const EventHandle event(rd_kafka_queue_poll(mainQueue_.get(), 0));
    if (!event) return false;
    handleEvent(event.get());
  }
  return true;
}

void Client::handleEvent(rd_kafka_event_t* event) noexcept {
  switch (rd_kafka_event_type(event)) {
    case RD_KAFKA_EVENT_DR:
      onDeliveryReports(event);
      break;
    case RD_KAFKA_EVENT_LOG: {
      const char* facility = "";
      const char* message = "";
      int level = 0;
      if (rd_kafka_event_log(event, &facility, &message, &level) == 0)
        sink_->onLog(level, facility, message);
      break;
    }
    case RD_KAFKA_EVENT_ERROR: {
      Error error = Error::of(rd_kafka_event_error(event), rd_kafka_event_error_string(event));
      if (rd_kafka_event_error_is_fatal(event) != 0 || error.code == RD_KAFKA_RESP_ERR__FATAL) {
        char reason[512] = "";
        const rd_kafka_resp_err_t code = rd_kafka_fatal_error(rk_.get(), reason, sizeof(reason));
        if (code != RD_KAFKA_RESP_ERR_NO_ERROR) error = Error::of(code, reason);
        error.fatal = true;
        error.retriable = false;
      }
      sink_->onError(std::move(error));
      break;
    }
    case RD_KAFKA_EVENT_STATS:
      // A large cluster's statistics take a millisecond to parse: not on the poller.
      work_.post([self = shared_from_this(), json = std::string(rd_kafka_event_stats(event))] {
        if (!self->rk_) return;  // closed meanwhile: quiet
        if (const auto statistics = parseStatistics(json)) {
          self->sink_->onStatistics(toJson(*statistics));
        }
      });
      break;
    case RD_KAFKA_EVENT_OAUTHBEARER_TOKEN_REFRESH: {
      const char* config = rd_kafka_event_config_string(event);
      sink_->onTokenRefresh(config ? config : "");
      break;
    }
    default:
      break;
  }
}

std::chrono::milliseconds timeoutOf(const nlohmann::json& arguments, int fallbackMs) {
  const auto found = arguments.find("timeoutMs");
  if (found == arguments.end() || !found->is_number()) return std::chrono::milliseconds(fallbackMs);
  // As a double: every number of JSON has one, and what librdkafka takes is an int.
  const auto timeoutMs = found->get<double>();
  constexpr double kMax = std::numeric_limits<int>::max();
  return std::chrono::milliseconds(
      timeoutMs > 0 ? static_cast<std::int64_t>(std::min(timeoutMs, kMax)) : 0);
}

}  // namespace easyflow::core
