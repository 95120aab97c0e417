// The one place that pairs each librdkafka pointer with the function that frees it. A pointer goes
// into its alias on the line that gets it; where C takes ownership, `release()` follows the call
// that succeeded.
#pragma once

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <memory>

namespace easyflow::core {

template <auto Destroy>
struct Deleter {
  template <typename T>
  void operator()(T* pointer) const noexcept {
    Destroy(pointer);
  }
};

using KafkaHandle = std::unique_ptr<rd_kafka_t, Deleter<rd_kafka_destroy>>;
using ConfHandle = std::unique_ptr<rd_kafka_conf_t, Deleter<rd_kafka_conf_destroy>>;
using TopicConfHandle =
    std::unique_ptr<rd_kafka_topic_conf_t, Deleter<rd_kafka_topic_conf_destroy>>;
using TopicHandle = std::unique_ptr<rd_kafka_topic_t, Deleter<rd_kafka_topic_destroy>>;
using QueueHandle = std::unique_ptr<rd_kafka_queue_t, Deleter<rd_kafka_queue_destroy>>;
using EventHandle = std::unique_ptr<rd_kafka_event_t, Deleter<rd_kafka_event_destroy>>;
using ErrorHandle = std::unique_ptr<rd_kafka_error_t, Deleter<rd_kafka_error_destroy>>;
using HeadersHandle = std::unique_ptr<rd_kafka_headers_t, Deleter<rd_kafka_headers_destroy>>;
using PartitionListHandle = std::unique_ptr<rd_kafka_topic_partition_list_t,
                                            Deleter<rd_kafka_topic_partition_list_destroy>>;
using GroupMetadataHandle = std::unique_ptr<rd_kafka_consumer_group_metadata_t,
                                            Deleter<rd_kafka_consumer_group_metadata_destroy>>;
using MetadataHandle =
    std::unique_ptr<const rd_kafka_metadata_t, Deleter<rd_kafka_metadata_destroy>>;
using AdminOptionsHandle =
    std::unique_ptr<rd_kafka_AdminOptions_t, Deleter<rd_kafka_AdminOptions_destroy>>;
using MockClusterHandle =
    std::unique_ptr<rd_kafka_mock_cluster_t, Deleter<rd_kafka_mock_cluster_destroy>>;

}  // namespace easyflow::core
