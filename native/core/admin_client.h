// A client for admin operations alone.
#pragma once

#include <memory>
#include <string>

#include "core/client.h"

namespace easyflow::core {

class AdminClient final : public Client {
 public:
  static std::shared_ptr<AdminClient> create(const ConfigEntries& config,
                                             std::shared_ptr<Poller> poller,
                                             std::shared_ptr<ClientSink> sink,
                                             ConfigFailure& failure);
  using Client::Client;

 protected:
  std::optional<JsonResult> perform(std::uint32_t id, const std::string& operation,
                                    const nlohmann::json& arguments) override;
};

}  // namespace easyflow::core
