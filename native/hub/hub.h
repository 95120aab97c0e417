// What is between Kafka and the connections: the shards, and which partitions they know.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "hub/metrics.h"
#include "hub/options.h"
#include "hub/shard.h"
#include "hub/topology.h"

namespace easyflow::hub {

// Owned by its JS wrapper and the feed of its consumer. Methods are called on the JS thread unless
// they say otherwise.
class Hub {
 public:
  // Null: `error` says what is wrong with the options.
  static std::shared_ptr<Hub> create(const std::string& options, std::shared_ptr<HubEvents> events,
                                     std::string& error);
  Hub(HubOptions options, std::shared_ptr<HubEvents> events);
  ~Hub();

  // `partitions` as in lib/native.d.ts. False: `error` says what is wrong with them.
  bool follow(const std::string& epoch, const std::string& partitions, std::string& error);
  void setReady();

  // The id of a new connection.
  std::uint64_t nextConnection();
  void connect(ConnectionSettings settings, std::string greeting, std::vector<std::uint8_t> head);
  Shard& shardOf(std::uint64_t connection) { return *shards_[connection % shards_.size()]; }
  void revoke(const std::string& subject);

  void close(Milliseconds drain);
  // Ends the shards' threads; idempotent. Not on a shard's thread.
  void stop();

  std::string metrics() const;

  // Called on the poller.
  void take(const UpdateBatchPtr& batch);
  std::shared_ptr<const Topology> topology() const;
  const HubOptions& options() const { return options_; }
  HubEvents& events() const { return *events_; }
  FeedMetrics& feedMetrics() { return feedMetrics_; }
  // 0 while nobody could read compressed frames.
  std::size_t compressAbove() const { return wantsDeflate_ ? options_.compressAbove : 0; }

 private:
  // Runs `event` on JS once every shard has called what it returns.
  std::function<void()> whenAll(const char* event);

  const HubOptions options_;
  const std::shared_ptr<HubEvents> events_;
  FeedMetrics feedMetrics_;
  std::atomic<bool> wantsDeflate_{false};
  mutable std::mutex topologyMutex_;
  std::shared_ptr<const Topology> topology_;
  std::uint64_t connections_ = 0;
  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace easyflow::hub
