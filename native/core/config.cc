#include "core/config.h"

#include <stdio.h>
#include <stdlib.h>

#include <array>
#include <cctype>
#include <set>
#include <string_view>

namespace easyflow::core {

namespace {

// librdkafka's reason for most properties is the value and what was expected; a secret one is
// described without it.
std::string reasonFor(const std::string& property, const std::string& value,
                      rd_kafka_conf_res_t result, const char* reason, bool topicOnly) {
  if (result == RD_KAFKA_CONF_UNKNOWN) {
    return "No such configuration property" + std::string(topicOnly ? " of a topic" : "") + ": \"" +
           property + "\"";
  }
  std::string prefix = "Invalid value for configuration property \"" + property + "\"";
  if (*reason == '\0') return prefix;
  return prefix + ": " + withoutSecrets(reason, {{property, value}});
}

template <typename Handle, typename Set>
bool setAll(Handle& handle, const ConfigEntries& entries, Set set, bool topicOnly,
            ConfigFailure& failure) {
  for (const auto& [property, value] : entries) {
    // C sees neither name nor value behind a NUL.
    if (property.find('\0') != std::string::npos || value.find('\0') != std::string::npos) {
      failure = {property.substr(0, property.find('\0')),
                 "Expected no NUL in configuration property \"" +
                     property.substr(0, property.find('\0')) + "\""};
      return false;
    }
    std::array<char, 512> reason{};
    const auto result =
        set(handle.get(), property.c_str(), value.c_str(), reason.data(), reason.size());
    if (result != RD_KAFKA_CONF_OK) {
      failure = {property, reasonFor(property, value, result, reason.data(), topicOnly)};
      return false;
    }
  }
  return true;
}

}  // namespace

bool isSecretProperty(const std::string& property) {
  std::string lower;
  for (const char c : property)
    lower.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
  for (const std::string_view part :
       {"password", "secret", "ssl.key", "ssl_key", "jaas", "token", "oauthbearer.config",
        "assertion", "private.key", "keytab", "kinit.cmd", "credential", "passphrase"}) {
    if (lower.find(part) != std::string::npos) return true;
  }
  return false;
}

std::string withoutSecrets(std::string message, const ConfigEntries& entries) {
  for (const auto& [property, value] : entries) {
    if (value.empty() || !isSecretProperty(property)) continue;
    if (message.find(value) != std::string::npos) {
      // Replacing a one-letter password would tell which letters it has: say nothing instead.
      if (value.size() < 4) return "(reason not shown: it holds the value)";
      for (std::size_t at = 0; (at = message.find(value, at)) != std::string::npos; at += 3) {
        message.replace(at, value.size(), "***");
      }
    } else if (value.size() > 64) {
      // A long value may have been cut by librdkafka's own buffer.
      const std::size_t at = message.find(value.substr(0, 24));
      if (at != std::string::npos) message = message.substr(0, at) + "***";
    }
  }
  return message;
}

ConfHandle makeConf(const ConfigEntries& entries, ConfigFailure& failure) {
  ConfHandle conf(rd_kafka_conf_new());
  if (!setAll(conf, entries, rd_kafka_conf_set, false, failure)) return nullptr;
  return conf;
}

TopicConfHandle makeTopicConf(const ConfigEntries& entries, ConfigFailure& failure) {
  TopicConfHandle conf(rd_kafka_topic_conf_new());
  if (!setAll(conf, entries, rd_kafka_topic_conf_set, true, failure)) return nullptr;
  return conf;
}

std::vector<std::pair<std::string, bool>> configProperties() {
  char* text = nullptr;
  size_t size = 0;
  // rd_kafka_conf_dump() leaves out aliases and unset properties; the printed table has them all.
  FILE* stream = open_memstream(&text, &size);
  if (!stream) return {};
  rd_kafka_conf_properties_show(stream);
  fclose(stream);
  const std::string table(text, size);
  free(text);

  std::vector<std::pair<std::string, bool>> properties;
  std::set<std::string> seen;
  bool topic = false;
  for (std::size_t begin = 0; begin < table.size();) {
    std::size_t end = table.find('\n', begin);
    if (end == std::string::npos) end = table.size();
    const std::string_view line(table.data() + begin, end - begin);
    begin = end + 1;
    if (line.starts_with("## ")) {
      topic = line.starts_with("## Topic");
      continue;
    }
    const std::size_t bar = line.find(" | ");
    if (bar == std::string_view::npos || line.starts_with("Property ")) continue;
    // Callbacks and the like: rd_kafka_conf_set() refuses them.
    if (line.find("*Type: see dedicated API*") != std::string_view::npos) continue;
    std::string name(line.substr(0, line.find(' ')));
    if (seen.insert(name).second) {
      properties.emplace_back(std::move(name), topic);
    }
  }
  return properties;
}

}  // namespace easyflow::core
