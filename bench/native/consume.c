/* Batches from the consumer's queue, every message looked at and given back. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>

static void spin(int64_t turns) {
  for (volatile int64_t i = 0; i < turns; i++) {
  }
}

/* Turns of spin() in a microsecond: the fastest of some trials, since an interruption only makes
 * one slower. */
static double turns_per_us(void) {
  const int64_t turns = 1000000;
  double best = 0;
  for (int trial = 0; trial < 5; trial++) {
    double start = now_seconds();
    spin(turns);
    double rate = (double)turns / ((now_seconds() - start) * 1e6);
    if (rate > best) best = rate;
  }
  return best;
}

/* The headers are taken apart where the benchmark has some: our client hands them out. */
static void touch_headers(const rd_kafka_message_t* message, int64_t wanted) {
  rd_kafka_headers_t* headers = NULL;
  rd_kafka_message_headers(message, &headers);
  size_t count = headers ? rd_kafka_header_cnt(headers) : 0;
  if ((int64_t)count != wanted) fail("%zu headers came", count);
}

void run_consume(const options_t* options) {
  const int64_t turns =
      options->handler_us > 0 ? (int64_t)(turns_per_us() * (double)options->handler_us) : 0;
  rd_kafka_t* rk = create_consumer();
  subscribe(rk, options->topic);
  rd_kafka_queue_t* queue = rd_kafka_queue_get_consumer(rk);
  rd_kafka_message_t** messages = calloc(CONSUME_BATCH, sizeof(*messages));
  int64_t count = 0, bytes = 0, before = 0;
  double start = 0, cpu = 0;
  const double deadline = now_seconds() + (double)options->timeout_ms / 1e3;
  while (start == 0 || count < before + options->messages) {
    /* A short wait: the call returns when the batch is full or the time is over, and the end of a
     * topic is neither. */
    ssize_t got = rd_kafka_consume_batch_queue(queue, 5, messages, CONSUME_BATCH);
    for (ssize_t i = 0; i < got; i++) {
      if (messages[i]->err) fail("consume: %s", rd_kafka_message_errstr(messages[i]));
      bytes += (int64_t)messages[i]->len;
      if (options->headers > 0) touch_headers(messages[i], options->headers);
      if (turns > 0) spin(turns);
      rd_kafka_message_destroy(messages[i]);
      count++;
    }
    if (start == 0 && count > 0 && count >= options->lead) {
      before = count;
      start = now_seconds();
      cpu = cpu_seconds();
    }
    if (now_seconds() > deadline) fail("only %lld messages came", (long long)count);
  }
  double seconds = now_seconds() - start;
  cpu = cpu_seconds() - cpu;
  if (bytes != count * options->size) fail("%lld bytes came", (long long)bytes);
  report(count - before, seconds, cpu);
  free(messages);
  rd_kafka_queue_destroy(queue);
  rd_kafka_consumer_close(rk);
  rd_kafka_destroy(rk);
}

/* From making the client to its first message. */
void run_start(const options_t* options) {
  double start = now_seconds(), cpu = cpu_seconds();
  rd_kafka_t* rk = create_consumer();
  subscribe(rk, options->topic);
  rd_kafka_message_destroy(poll_one(rk));
  double seconds = now_seconds() - start;
  printf(
      "{\"messages\":1,\"seconds\":%.6f,\"cpuSeconds\":%.6f,\"peakRssMb\":%.1f,\"startMs\":%.3f}\n",
      seconds, cpu_seconds() - cpu, peak_rss_mb(), seconds * 1e3);
  rd_kafka_consumer_close(rk);
  rd_kafka_destroy(rk);
}
