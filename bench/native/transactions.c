/* Consume, transform, produce: every `per_transaction` messages and their offsets in one
 * transaction. */
#include "bench.h"

#include <stdlib.h>
#include <string.h>

#define TRANSACTION_TIMEOUT_MS 60000

static void check(rd_kafka_error_t* error, const char* what) {
  if (error) fail("%s: %s", what, rd_kafka_error_string(error));
}

/* The transform: the value with its first bytes changed, in memory of its own. */
static void transform(const rd_kafka_message_t* in, rd_kafka_message_t* out) {
  memset(out, 0, sizeof(*out));
  out->payload = malloc(in->len);
  out->len = in->len;
  memcpy(out->payload, in->payload, in->len);
  memcpy(out->payload, "{\"to\"", 5);
}

static rd_kafka_topic_partition_list_t* positions(rd_kafka_t* consumer) {
  rd_kafka_topic_partition_list_t* offsets = NULL;
  rd_kafka_assignment(consumer, &offsets);
  rd_kafka_position(consumer, offsets);
  return offsets;
}

typedef struct {
  rd_kafka_t* consumer;
  rd_kafka_t* producer;
  rd_kafka_topic_t* out;
  rd_kafka_queue_t* from;
  rd_kafka_queue_t* reports;
  rd_kafka_message_t** in;
  rd_kafka_message_t* made;
} pipe_t;

static int64_t transact(pipe_t* pipe, int64_t most) {
  ssize_t got = rd_kafka_consume_batch_queue(pipe->from, 5, pipe->in, (size_t)most);
  if (got <= 0) return 0;
  check(rd_kafka_begin_transaction(pipe->producer), "begin");
  for (ssize_t i = 0; i < got; i++) {
    if (pipe->in[i]->err) fail("consume: %s", rd_kafka_message_errstr(pipe->in[i]));
    transform(pipe->in[i], &pipe->made[i]);
    rd_kafka_message_destroy(pipe->in[i]);
  }
  int sent = rd_kafka_produce_batch(pipe->out, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_FREE,
                                    pipe->made, (int)got);
  if (sent != got) fail("rd_kafka_produce_batch took %d of %zd", sent, got);
  /* Reports are events here; a commit waits until they are taken. */
  for (int64_t left = got; left > 0;) left -= take_reports(pipe->reports, 100);
  rd_kafka_topic_partition_list_t* offsets = positions(pipe->consumer);
  rd_kafka_consumer_group_metadata_t* group = rd_kafka_consumer_group_metadata(pipe->consumer);
  check(
      rd_kafka_send_offsets_to_transaction(pipe->producer, offsets, group, TRANSACTION_TIMEOUT_MS),
      "offsets");
  rd_kafka_consumer_group_metadata_destroy(group);
  rd_kafka_topic_partition_list_destroy(offsets);
  check(rd_kafka_commit_transaction(pipe->producer, TRANSACTION_TIMEOUT_MS), "commit");
  return got;
}

void run_transactions(const options_t* options) {
  if (!options->out_topic) fail("--out-topic is missing");
  pipe_t pipe = {.consumer = create_consumer(), .producer = create_producer()};
  check(rd_kafka_init_transactions(pipe.producer, TRANSACTION_TIMEOUT_MS), "init");
  pipe.out = rd_kafka_topic_new(pipe.producer, options->out_topic, NULL);
  pipe.from = rd_kafka_queue_get_consumer(pipe.consumer);
  pipe.reports = rd_kafka_queue_get_main(pipe.producer);
  pipe.in = calloc((size_t)options->per_transaction, sizeof(*pipe.in));
  pipe.made = calloc((size_t)options->per_transaction, sizeof(*pipe.made));
  subscribe(pipe.consumer, options->topic);

  const double deadline = now_seconds() + (double)options->timeout_ms / 1e3;
  int64_t count = 0, before = 0;
  double start = 0, cpu = 0;
  while (start == 0 || count < before + options->messages) {
    count += transact(&pipe, options->per_transaction);
    if (start == 0 && count > 0 && count >= options->lead) {
      before = count;
      start = now_seconds();
      cpu = cpu_seconds();
    }
    if (now_seconds() > deadline) fail("only %lld messages came", (long long)count);
  }
  report(count - before, now_seconds() - start, cpu_seconds() - cpu);
  rd_kafka_queue_destroy(pipe.reports);
  rd_kafka_queue_destroy(pipe.from);
  rd_kafka_topic_destroy(pipe.out);
  rd_kafka_destroy(pipe.producer);
  rd_kafka_consumer_close(pipe.consumer);
  rd_kafka_destroy(pipe.consumer);
  free(pipe.in);
  free(pipe.made);
}
