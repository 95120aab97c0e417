// librdkafka's configuration from the entries that JavaScript gives, with errors fit to be shown.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/handles.h"

namespace easyflow::core {

using ConfigEntries = std::vector<std::pair<std::string, std::string>>;

// Why a configuration was refused. The message never holds a value of a secret property.
struct ConfigFailure {
  std::string property;
  std::string message;
};

// Null on failure. Topic-level properties are accepted too: they become defaults of all topics of
// the client.
ConfHandle makeConf(const ConfigEntries& entries, ConfigFailure& failure);

// For one topic of a producer or consumer. Null on failure.
TopicConfHandle makeTopicConf(const ConfigEntries& entries, ConfigFailure& failure);

// Whether the value of the property must not be shown: passwords, keys, tokens, login
// configurations.
bool isSecretProperty(const std::string& property);

// What rd_kafka_new() said about the whole configuration, without the secret values among the
// entries.
std::string withoutSecrets(std::string message, const ConfigEntries& entries);

// Name and scope (true: topic) of every property that can be set by name, aliases included.
std::vector<std::pair<std::string, bool>> configProperties();

}  // namespace easyflow::core
