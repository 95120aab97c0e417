// Turns a client's events into calls of its JS onEvent.
#pragma once

#include <napi.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "binding/dispatcher.h"
#include "core/client.h"
#include "core/consumer.h"

namespace easyflow::binding {

// Owned by its core client. Methods are called on the poller and the work thread; they only queue.
class DispatchingSink final : public core::ClientSink {
 public:
  DispatchingSink(std::shared_ptr<Dispatcher> dispatcher, ReceiverId receiver)
      : dispatcher_(std::move(dispatcher)), receiver_(receiver) {}

  // Called on the JS thread before the close request is made: its response is the last thing JS
  // hears.
  void closeWith(std::uint32_t id) { closeId_.store(id); }
  // Called on the JS thread, once, before the first batch can come.
  void budgetOf(const std::shared_ptr<core::Consumer>& consumer) { consumer_ = consumer; }

  void onResponse(std::uint32_t id, core::Error error, std::string resultJson) noexcept override;
  void onError(core::Error error) noexcept override;
  void onLog(int level, std::string facility, std::string message) noexcept override;
  void onStatistics(nlohmann::json statistics) noexcept override;
  void onTokenRefresh(std::string config) noexcept override;
  void onBatch(std::uint32_t slot, std::uint32_t generation, core::PackedBlock block,
               core::BatchSource source) noexcept override;
  void onRebalance(std::uint32_t id, core::RebalanceType type,
                   std::vector<core::AssignedPartition> partitions) noexcept override;
  void onSettled(std::vector<std::int32_t> entries) noexcept override;
  void onPartitionError(std::uint32_t slot, std::string topic, std::int32_t partition,
                        core::Error error) noexcept override;
  void onRequests(core::RequestTraces traces) noexcept override;

 private:
  template <typename Deliver>
  void post(Deliver deliver) noexcept;

  const std::shared_ptr<Dispatcher> dispatcher_;
  const ReceiverId receiver_;
  std::atomic<std::int64_t> closeId_{-1};
  std::weak_ptr<core::Consumer> consumer_;
};

}  // namespace easyflow::binding
