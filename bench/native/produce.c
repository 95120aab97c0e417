/* Batches without a copy, a window of them unacknowledged. */
#include "bench.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
  rd_kafka_t* rk;
  rd_kafka_topic_t* topic;
  rd_kafka_queue_t* queue;
  rd_kafka_message_t* batch;
  char** values;
  const options_t* options;
} sender_t;

/* Neither copied nor freed: our producer keeps the payloads in its block until their reports, too.
 */
static void send_plain(sender_t* sender, int count) {
  for (int i = 0; i < count; i++) {
    memset(&sender->batch[i], 0, sizeof(sender->batch[i]));
    sender->batch[i].payload = sender->values[i];
    sender->batch[i].len = (size_t)sender->options->size;
  }
  int sent = rd_kafka_produce_batch(sender->topic, RD_KAFKA_PARTITION_UA, 0, sender->batch, count);
  if (sent != count) fail("rd_kafka_produce_batch took %d of %d", sent, count);
}

/* rd_kafka_produce_batch() takes no headers. */
static void send_with_headers(sender_t* sender, int count) {
  static const char* const names[] = BENCH_HEADER_NAMES;
  static const char* const values[] = BENCH_HEADER_VALUES;
  for (int i = 0; i < count; i++) {
    rd_kafka_headers_t* headers = rd_kafka_headers_new((size_t)sender->options->headers);
    for (int at = 0; at < sender->options->headers; at++) {
      rd_kafka_header_add(headers, names[at], -1, values[at], -1);
    }
    rd_kafka_resp_err_t error =
        rd_kafka_producev(sender->rk, RD_KAFKA_V_RKT(sender->topic),
                          RD_KAFKA_V_VALUE(sender->values[i], (size_t)sender->options->size),
                          RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
    if (error) fail("rd_kafka_producev: %s", rd_kafka_err2str(error));
  }
}

static void send_batch(sender_t* sender, int count) {
  if (sender->options->headers > 0)
    send_with_headers(sender, count);
  else
    send_plain(sender, count);
}

void run_produce(const options_t* options) {
  const int batch = (int)options->batch;
  if (options->headers > BENCH_HEADERS) fail("--headers is at most %d", BENCH_HEADERS);
  sender_t sender = {.rk = create_producer(), .options = options};
  sender.topic = rd_kafka_topic_new(sender.rk, options->topic, NULL);
  sender.queue = rd_kafka_queue_get_main(sender.rk);
  sender.batch = calloc((size_t)batch, sizeof(*sender.batch));
  sender.values = calloc((size_t)batch, sizeof(*sender.values));
  for (int i = 0; i < batch; i++) sender.values[i] = make_value(i, options->size);

  send_batch(&sender, batch); /* connects, asks for metadata and a producer id */
  for (int64_t warm = 0; warm < batch;) warm += take_reports(sender.queue, 100);

  const int64_t window = options->batch * options->in_flight;
  int64_t sent = 0, acknowledged = 0;
  double start = now_seconds(), cpu = cpu_seconds();
  while (acknowledged < options->messages) {
    while (sent < options->messages && sent - acknowledged + batch <= window) {
      int64_t left = options->messages - sent;
      int count = left < batch ? (int)left : batch;
      send_batch(&sender, count);
      sent += count;
    }
    acknowledged += take_reports(sender.queue, 100);
  }
  report(acknowledged, now_seconds() - start, cpu_seconds() - cpu);
  rd_kafka_queue_destroy(sender.queue);
  rd_kafka_topic_destroy(sender.topic);
  rd_kafka_destroy(sender.rk);
}
