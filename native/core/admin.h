// Operations of an admin client: librdkafka's admin API with arguments and results as JSON, shaped
// so that lib/ can build KafkaJS's admin methods from them.
//
// Every operation takes timeoutMs (default 30000). Offsets and timestamps are decimal strings.
// `error` of an item is null or a NativeError; an operation fails as a whole only when the request
// did. An empty list of things to do gives an empty list. Numbers of enumerations are those of the
// Kafka protocol, which are KafkaJS's too.
// clang-format off
//
// Topics
//   createTopics {topics:[{topic, numPartitions=-1, replicationFactor=-1,
//       replicaAssignment?:[{partition, replicas:[]}], configEntries?:[{name, value}]}], validateOnly?}
//     -> [{topic, error}]
//   deleteTopics {topics:[string]} -> [{topic, error}]
//   createPartitions {topicPartitions:[{topic, count, assignments?:[[broker]]}], validateOnly?}
//     -> [{topic, error}]
//   describeTopics {topics:[string], includeAuthorizedOperations?}
//     -> [{topic, topicId, isInternal, error, authorizedOperations?,
//          partitions:[{partition, leader (-1: none), replicas:[], isrs:[]}]}]
//   describeCluster {includeAuthorizedOperations?}
//     -> {clusterId, controllerId (-1: unknown), brokers:[{nodeId, host, port, rack}], authorizedOperations?}
//   deleteRecords {partitions:[{topic, partition, offset ("-1": all)}]}
//     -> [{topic, partition, error, lowWatermark}]
//   electLeaders {electionType?: 'preferred' | 'unclean', partitions?:[{topic, partition}]}
//     -> [{topic, partition, error}]
// Configurations; type: 2 topic, 4 broker, 32 group
//   describeConfigs {resources:[{type, name, configNames?}], includeSynonyms?}
//     -> [{type, name, error, entries:[{name, value, readOnly, isDefault, source, isSensitive,
//          synonyms:[{name, value, source}]}]}]
//   alterConfigs {resources:[{type, name, configEntries:[{name, value}]}], validateOnly?}
//     -> [{type, name, error}]         what is not named goes back to its default
//   incrementalAlterConfigs: likewise, entries {name, value?, op?: 'set' | 'delete' | 'append' | 'subtract'}
// Groups
//   listGroups {} -> [{groupId, protocolType, state, type ('Classic', 'Consumer', null: unknown), error}]
//   describeGroupsRaw {groupIds}
//     -> [{groupId, error, state ('Dead': no such group), protocolType, protocol,
//          members:[{memberId, clientId, clientHost, memberMetadata (base64), memberAssignment (base64)}]}]
//     Groups of the newer 'Consumer' type are 'Dead' to this request: describeConsumerGroups sees them.
//   describeConsumerGroups {groupIds, includeAuthorizedOperations?}
//     -> [{groupId, error, state, type, isSimple, partitionAssignor,
//          coordinator:{nodeId, host, port, rack} | null, authorizedOperations?,
//          members:[{memberId, clientId, groupInstanceId, clientHost, assignment:[{topic, partition}],
//                    targetAssignment:[{topic, partition}] | null}]}]
//   deleteGroups {groupIds} -> [{groupId, error}]
// Offsets
//   listOffsets {partitions:[{topic, partition, timestamp}], isolation?: 'read_uncommitted' | 'read_committed'}
//     -> [{topic, partition, offset, timestamp, leaderEpoch, error}]
//     timestamp: "-1" latest, "-2" earliest, "-3" of the highest timestamp, else milliseconds
//   listConsumerGroupOffsets {groupId, partitions?:[{topic, partition}], requireStable?}
//     -> [{topic, partition, offset ("-1": none), metadata, leaderEpoch, error}]
//   alterConsumerGroupOffsets {groupId, partitions:[{topic, partition, offset, metadata?, leaderEpoch?}]}
//     -> [{topic, partition, error}]
//   deleteConsumerGroupOffsets {groupId, partitions:[{topic, partition}]} -> [{topic, partition, error}]
// Security; an ACL is {resourceType, resourceName, resourcePatternType, principal, host, operation, permissionType}
//   createAcls {acls:[ACL]} -> [{error}]
//   describeAcls {filter: ACL, null for anything} -> [ACL]
//   deleteAcls {filters:[ACL, null for anything]} -> [{error, matchingAcls:[ACL with error]}]
//   describeUserScramCredentials {users?:[string] (absent or empty: all)}
//     -> [{user, error, credentials:[{mechanism: 'SCRAM-SHA-256' | 'SCRAM-SHA-512', iterations}]}]
//   alterUserScramCredentials {upsertions?:[{user, mechanism, iterations=4096, password, salt? (base64)}],
//       deletions?:[{user, mechanism}]}
//     -> [{user, error}]
// clang-format on
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "core/error.h"

namespace easyflow::core {

// Called on the client's work thread; blocks up to timeoutMs and a little. Never throws. An unknown
// operation gives _NOT_IMPLEMENTED, malformed arguments _INVALID_ARG with the path of the argument.
JsonResult adminOperation(rd_kafka_t* rk, const std::string& operation, const nlohmann::json& args);

}  // namespace easyflow::core
