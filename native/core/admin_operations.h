// The functions behind adminOperation(), by subject. They throw BadArgument.
#pragma once

#include "core/error.h"
#include "core/json_args.h"

namespace easyflow::core::admin {

JsonResult createTopics(rd_kafka_t* rk, const Args& args);
JsonResult deleteTopics(rd_kafka_t* rk, const Args& args);
JsonResult createPartitions(rd_kafka_t* rk, const Args& args);
JsonResult describeTopics(rd_kafka_t* rk, const Args& args);
JsonResult describeCluster(rd_kafka_t* rk, const Args& args);
JsonResult electLeaders(rd_kafka_t* rk, const Args& args);

JsonResult describeConfigs(rd_kafka_t* rk, const Args& args);
JsonResult alterConfigs(rd_kafka_t* rk, const Args& args);
JsonResult incrementalAlterConfigs(rd_kafka_t* rk, const Args& args);

JsonResult listGroups(rd_kafka_t* rk, const Args& args);
JsonResult describeGroupsRaw(rd_kafka_t* rk, const Args& args);
JsonResult describeConsumerGroups(rd_kafka_t* rk, const Args& args);
JsonResult deleteGroups(rd_kafka_t* rk, const Args& args);

JsonResult deleteRecords(rd_kafka_t* rk, const Args& args);
JsonResult listOffsets(rd_kafka_t* rk, const Args& args);
JsonResult listConsumerGroupOffsets(rd_kafka_t* rk, const Args& args);
JsonResult alterConsumerGroupOffsets(rd_kafka_t* rk, const Args& args);
JsonResult deleteConsumerGroupOffsets(rd_kafka_t* rk, const Args& args);

JsonResult createAcls(rd_kafka_t* rk, const Args& args);
JsonResult describeAcls(rd_kafka_t* rk, const Args& args);
JsonResult deleteAcls(rd_kafka_t* rk, const Args& args);

JsonResult describeUserScramCredentials(rd_kafka_t* rk, const Args& args);
JsonResult alterUserScramCredentials(rd_kafka_t* rk, const Args& args);

}  // namespace easyflow::core::admin
