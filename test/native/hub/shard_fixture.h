// A running shard and its clients; each test runs over descriptors and over the relay.
#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <functional>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "hub/hub_client.h"
#include "hub/recording_events.h"
#include "hub/shard.h"
#include "hub/updates.h"

namespace easyflow::hub::test {

enum class Relay { kDescriptor, kJs };

inline Grant grantOf(const std::vector<std::string>& patterns = {"*"}, std::string subject = "u1") {
  Grant grant;
  grant.subject = std::move(subject);
  for (const std::string& text : patterns) grant.allow.push_back(Pattern::parse(text).value());
  return grant;
}

class ShardFixture : public testing::TestWithParam<Relay> {
 protected:
  ShardFixture() { options_.limits.messagesPerSecond = 10'000; }
  void TearDown() override {
    clients_.clear();
    if (shard_) shard_->stop();
    shard_.reset();
  }

  // With the options as they are then.
  void start(std::shared_ptr<const Topology> topology = topologyOf(2)) {
    startUnready(std::move(topology));
    makeReady();
  }
  void startUnready(std::shared_ptr<const Topology> topology = topologyOf(2)) {
    shard_ = std::make_unique<Shard>(options_, events_);
    follow(std::move(topology));
  }
  void follow(std::shared_ptr<const Topology> topology) {
    topology_ = std::move(topology);
    shard_->follow(topology_);
  }
  void makeReady() {
    std::promise<void> done;
    shard_->setReady([&] { done.set_value(); });
    ASSERT_EQ(std::future_status::ready, done.get_future().wait_for(kPatience));
  }
  // What was given to the shard before is done then.
  void settle() {
    std::promise<void> done;
    shard_->take(std::make_shared<const UpdateBatch>(topology_, std::vector<UpdatePtr>(),
                                                     [&] { done.set_value(); }));
    ASSERT_EQ(std::future_status::ready, done.get_future().wait_for(kPatience));
  }
  void publish(std::vector<UpdatePtr> updates) {
    shard_->take(std::make_shared<const UpdateBatch>(topology_, std::move(updates), [] {}));
  }

  HubClient& connect(std::optional<Grant> grant = grantOf(),
                     Encoding encoding = Encoding::kWebSocket, std::string subscribe = "",
                     std::string greeting = "", std::string head = "") {
    ConnectionSettings settings;
    settings.id = ++lastId_;
    settings.grant = std::move(grant);
    settings.encoding = encoding;
    settings.subscribe = std::move(subscribe);
    std::unique_ptr<ByteStream> stream;
    if (GetParam() == Relay::kDescriptor) {
      int pair[2] = {-1, -1};
      EXPECT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
      if (bufferBytes_ > 0) {
        for (const int fd : pair) {
          setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bufferBytes_, sizeof(bufferBytes_));
          setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bufferBytes_, sizeof(bufferBytes_));
        }
      }
      settings.descriptor = Descriptor(pair[0]);
      stream = std::make_unique<DescriptorStream>(pair[1]);
    } else {
      stream = std::make_unique<RelayStream>(lastId_, *shard_, *events_);
    }
    clients_.push_back(std::make_unique<HubClient>(lastId_, std::move(stream)));
    shard_->connect(std::move(settings), std::move(greeting),
                    std::vector<std::uint8_t>(head.begin(), head.end()));
    return *clients_.back();
  }
  HubClient& welcomed(Grant grant = grantOf(), Encoding encoding = Encoding::kWebSocket) {
    HubClient& client = connect(std::move(grant), encoding);
    client.expect("welcome");
    return client;
  }
  // Subscribed as 1, with the whole snapshot read.
  HubClient& subscribed(const std::vector<std::string>& channels,
                        nlohmann::json more = nlohmann::json::object()) {
    HubClient& client = welcomed();
    client.subscribe(1, channels, std::move(more));
    client.expect("subscribed");
    client.snapshot();
    return client;
  }
  // The peer goes without a word.
  void dropClient(HubClient& client) {
    std::erase_if(clients_, [&](const auto& owned) { return owned.get() == &client; });
  }
  std::uint64_t metric(Counter ShardMetrics::*counter) {
    return (shard_->metrics().*counter).load();
  }

  HubOptions options_;
  std::shared_ptr<RecordingEvents> events_ = std::make_shared<RecordingEvents>();
  std::shared_ptr<const Topology> topology_;
  std::unique_ptr<Shard> shard_;
  // Of a descriptor's socket; 0: as the system has them.
  int bufferBytes_ = 0;

 private:
  std::uint64_t lastId_ = 0;
  std::vector<std::unique_ptr<HubClient>> clients_;
};

inline const auto kRelays = testing::Values(Relay::kDescriptor, Relay::kJs);
inline std::string relayName(const testing::TestParamInfo<Relay>& info) {
  return info.param == Relay::kDescriptor ? "Descriptor" : "Relay";
}

}  // namespace easyflow::hub::test
