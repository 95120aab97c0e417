#include "core/admin.h"

#include <utility>

#include "core/admin_operations.h"

namespace easyflow::core {

JsonResult adminOperation(rd_kafka_t* rk, const std::string& operation,
                          const nlohmann::json& args) {
  using Function = JsonResult (*)(rd_kafka_t*, const Args&);
  static constexpr std::pair<const char*, Function> kOperations[] = {
      {"createTopics", admin::createTopics},
      {"deleteTopics", admin::deleteTopics},
      {"createPartitions", admin::createPartitions},
      {"describeTopics", admin::describeTopics},
      {"describeCluster", admin::describeCluster},
      {"electLeaders", admin::electLeaders},
      {"describeConfigs", admin::describeConfigs},
      {"alterConfigs", admin::alterConfigs},
      {"incrementalAlterConfigs", admin::incrementalAlterConfigs},
      {"listGroups", admin::listGroups},
      {"describeGroupsRaw", admin::describeGroupsRaw},
      {"describeConsumerGroups", admin::describeConsumerGroups},
      {"deleteGroups", admin::deleteGroups},
      {"deleteRecords", admin::deleteRecords},
      {"listOffsets", admin::listOffsets},
      {"listConsumerGroupOffsets", admin::listConsumerGroupOffsets},
      {"alterConsumerGroupOffsets", admin::alterConsumerGroupOffsets},
      {"deleteConsumerGroupOffsets", admin::deleteConsumerGroupOffsets},
      {"createAcls", admin::createAcls},
      {"describeAcls", admin::describeAcls},
      {"deleteAcls", admin::deleteAcls},
      {"describeUserScramCredentials", admin::describeUserScramCredentials},
      {"alterUserScramCredentials", admin::alterUserScramCredentials},
  };
  for (const auto& [name, function] : kOperations) {
    if (operation != name) continue;
    try {
      return function(rk, Args(args, operation));
    } catch (const BadArgument& error) {
      return JsonResult::fail(RD_KAFKA_RESP_ERR__INVALID_ARG, error.message);
    } catch (const std::exception& error) {
      return JsonResult::fail(RD_KAFKA_RESP_ERR__FAIL, error.what());
    }
  }
  return JsonResult::fail(RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED,
                          "No such admin operation: " + operation);
}

}  // namespace easyflow::core
