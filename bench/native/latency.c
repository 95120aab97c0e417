/* From the produce call to the consumer, one message at a time at a fixed rate. */
#include "bench.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct {
  const options_t* options;
  rd_kafka_t* producer;
  rd_kafka_topic_t* topic;
} sender_t;

static void sleep_until(double when) {
  double left = when - now_seconds();
  if (left <= 0) return;
  struct timespec time = {(time_t)left, (long)((left - (double)(time_t)left) * 1e9)};
  nanosleep(&time, NULL);
}

static void send_one(const sender_t* sender, char* value) {
  double now = now_seconds();
  memcpy(value, &now, sizeof(now));
  if (rd_kafka_produce(sender->topic, 0, RD_KAFKA_MSG_F_COPY, value, (size_t)sender->options->size,
                       NULL, 0, NULL)) {
    fail("rd_kafka_produce: %s", rd_kafka_err2str(rd_kafka_last_error()));
  }
}

static void* send_all(void* argument) {
  const sender_t* sender = argument;
  char* value = make_value(0, sender->options->size);
  double next = now_seconds();
  for (int64_t i = 0; i < sender->options->messages; i++) {
    sleep_until(next);
    send_one(sender, value);
    next += 1.0 / (double)sender->options->rate;
  }
  free(value);
  return NULL;
}

static int compare(const void* a, const void* b) {
  double left = *(const double*)a, right = *(const double*)b;
  return left < right ? -1 : left > right;
}

void run_latency(const options_t* options) {
  rd_kafka_t* consumer = create_consumer();
  subscribe(consumer, options->topic);

  sender_t sender = {.options = options, .producer = create_producer()};
  sender.topic = rd_kafka_topic_new(sender.producer, options->topic, NULL);
  char* value = make_value(0, options->size);
  send_one(&sender, value); /* connects both sides; its time does not count */
  free(value);
  rd_kafka_message_destroy(poll_one(consumer));

  double* samples = calloc((size_t)options->messages, sizeof(*samples));
  double start = now_seconds(), cpu = cpu_seconds();
  pthread_t thread;
  pthread_create(&thread, NULL, send_all, &sender);
  for (int64_t i = 0; i < options->messages; i++) {
    rd_kafka_message_t* message = poll_one(consumer);
    double sent;
    memcpy(&sent, message->payload, sizeof(sent));
    samples[i] = (now_seconds() - sent) * 1e3;
    rd_kafka_message_destroy(message);
  }
  double seconds = now_seconds() - start;
  cpu = cpu_seconds() - cpu;
  pthread_join(thread, NULL);
  qsort(samples, (size_t)options->messages, sizeof(*samples), compare);
  printf(
      "{\"messages\":%lld,\"seconds\":%.6f,\"cpuSeconds\":%.6f,\"peakRssMb\":%.1f,\"latency\":{"
      "\"p50\":%.3f,\"p99\":%.3f,\"max\":%.3f}}\n",
      (long long)options->messages, seconds, cpu, peak_rss_mb(), samples[options->messages / 2],
      samples[options->messages * 99 / 100], samples[options->messages - 1]);
  rd_kafka_purge(sender.producer, RD_KAFKA_PURGE_F_QUEUE);
  rd_kafka_topic_destroy(sender.topic);
  rd_kafka_destroy(sender.producer);
  rd_kafka_consumer_close(consumer);
  rd_kafka_destroy(consumer);
  free(samples);
}
