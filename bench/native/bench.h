#ifndef EASYFLOW_BENCH_H
#define EASYFLOW_BENCH_H

#include <librdkafka/rdkafka.h>
#include <stdint.h>

typedef struct {
  const char* topic;
  int64_t messages;
  int64_t lead; /* consumed before the clock starts */
  int size;
  int batch;
  int in_flight;
  int rate;
  int timeout_ms;
} options_t;

/* Exits with the message: a measurement that went wrong has no figures. */
void fail(const char* format, ...);

double now_seconds(void);
double cpu_seconds(void);
double peak_rss_mb(void);

/* Make a client of one half of the properties on the command line; they own their configuration. */
rd_kafka_t* create_producer(void);
rd_kafka_t* create_consumer(void);

/* A value of `size` bytes, as bench/lib/payload.js makes it. */
char* make_value(int index, int size);

void run_latency(const options_t* options);

#endif
