#include "core/admin_client.h"

#include "core/admin.h"
#include "core/common_operations.h"

namespace easyflow::core {

std::shared_ptr<AdminClient> AdminClient::create(const ConfigEntries& config,
                                                 std::shared_ptr<Poller> poller,
                                                 std::shared_ptr<ClientSink> sink,
                                                 ConfigFailure& failure) {
  ConfHandle conf = makeConf(config, failure);
  if (!conf) return nullptr;
  auto client = std::make_shared<AdminClient>(std::move(poller), std::move(sink));
  if (!client->open(RD_KAFKA_PRODUCER, std::move(conf), config, failure)) return nullptr;
  client->start();
  return client;
}

std::optional<JsonResult> AdminClient::perform(std::uint32_t /*id*/, const std::string& operation,
                                               const nlohmann::json& arguments) {
  bool handled = false;
  JsonResult result = commonOperation(rk(), operation, arguments, handled);
  return handled ? result : adminOperation(rk(), operation, arguments);
}

}  // namespace easyflow::core
