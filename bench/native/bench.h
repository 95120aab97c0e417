#ifndef EASYFLOW_BENCH_H
#define EASYFLOW_BENCH_H

#include <librdkafka/rdkafka.h>
#include <stdint.h>

/* As many as our consumer takes at once. */
#define CONSUME_BATCH 4096

/* As bench/lib/payload.js has them. */
#define BENCH_HEADERS 2
#define BENCH_HEADER_NAMES \
  { "trace", "source" }
#define BENCH_HEADER_VALUES \
  { "00-4bf92f3577b34da6a3ce929d0e0e4736-01", "bench" }

typedef struct {
  const char* topic;
  const char* out_topic;
  int64_t messages;
  int64_t lead; /* consumed before the clock starts */
  int64_t size;
  int64_t batch;
  int64_t in_flight;
  int64_t rate;
  int64_t headers;
  int64_t handler_us; /* what a handler computes for each message */
  int64_t per_transaction;
  int64_t consumers;
  int64_t timeout_ms;
} options_t;

/* Exits with the message: a measurement that went wrong has no figures. */
_Noreturn void fail(const char* format, ...);

/* The line of the result. */
void report(int64_t messages, double seconds, double cpu);

double now_seconds(void);
double cpu_seconds(void);
double peak_rss_mb(void);

/* Make a client of one half of the properties on the command line; they own their configuration. */
rd_kafka_t* create_producer(void);
rd_kafka_t* create_consumer(void);
/* In a group of its own: the one on the command line with a number. */
rd_kafka_t* create_consumer_of_group(int64_t number);

void subscribe(rd_kafka_t* rk, const char* topic);
rd_kafka_message_t* poll_one(rd_kafka_t* consumer);

/* Takes delivery reports as our producer does: batched events. Returns how many messages were
 * acknowledged. */
int64_t take_reports(rd_kafka_queue_t* queue, int timeout_ms);

/* A value of `size` bytes, as bench/lib/payload.js makes it. */
char* make_value(int index, int64_t size);

void run_produce(const options_t* options);
void run_consume(const options_t* options);
void run_latency(const options_t* options);
void run_start(const options_t* options);
void run_transactions(const options_t* options);
void run_idle(const options_t* options);

#endif
