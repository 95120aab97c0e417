/*
 * The limit that every client on librdkafka is measured against: the same work in plain C, with the
 * properties that our client sets. One run a process, one JSON line on standard output.
 *
 *   bench-c consume|produce|latency --topic t --messages n [--size n --batch n --in-flight n --rate
 * n]
 *           [--producer key=value]... [--consumer key=value]...
 */
#include "bench.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define MAX_PROPERTIES 128
/* As many as our consumer takes at once. */
#define CONSUME_BATCH 4096

typedef struct {
  const char* entries[MAX_PROPERTIES];
  int count;
} properties_t;

static properties_t producer_properties;
static properties_t consumer_properties;

void fail(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fputc('\n', stderr);
  exit(1);
}

double now_seconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

double cpu_seconds(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

double peak_rss_mb(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)usage.ru_maxrss / 1024;
}

static void report(int64_t messages, double seconds, double cpu) {
  printf(
      "{\"messages\":%lld,\"seconds\":%.6f,\"cpuSeconds\":%.6f,\"peakRssMb\":%.1f,\"librdkafka\":"
      "\"%s\"}\n",
      (long long)messages, seconds, cpu, peak_rss_mb(), rd_kafka_version_str());
}

char* make_value(int index, int size) {
  char* value = malloc((size_t)size + 64);
  int length = snprintf(value, (size_t)size + 64, "{\"id\":%d,\"pad\":\"", index);
  while (length < size - 2) {
    value[length] = (char)('a' + (index + length) % 26);
    length++;
  }
  memcpy(value + size - 2, "\"}", 2);
  return value;
}

static rd_kafka_t* create(rd_kafka_type_t type, const properties_t* properties) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char error[512];
  for (int i = 0; i < properties->count; i++) {
    char* entry = strdup(properties->entries[i]);
    char* equals = strchr(entry, '=');
    if (!equals) fail("Expected key=value for a property but received %s", entry);
    *equals = '\0';
    if (rd_kafka_conf_set(conf, entry, equals + 1, error, sizeof(error)) != RD_KAFKA_CONF_OK) {
      fail("%s: %s", entry, error);
    }
    free(entry);
  }
  if (type == RD_KAFKA_PRODUCER) rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_DR);
  rd_kafka_t* rk = rd_kafka_new(type, conf, error, sizeof(error));
  if (!rk) fail("rd_kafka_new: %s", error);
  if (type == RD_KAFKA_CONSUMER) rd_kafka_poll_set_consumer(rk);
  return rk;
}

rd_kafka_t* create_producer(void) { return create(RD_KAFKA_PRODUCER, &producer_properties); }
rd_kafka_t* create_consumer(void) { return create(RD_KAFKA_CONSUMER, &consumer_properties); }

/* Takes delivery reports as our producer does: batched events. Returns how many messages were
 * acknowledged. */
static int64_t take_reports(rd_kafka_queue_t* queue, int timeout_ms) {
  int64_t acknowledged = 0;
  rd_kafka_event_t* event = rd_kafka_queue_poll(queue, timeout_ms);
  while (event) {
    const rd_kafka_message_t* message;
    while ((message = rd_kafka_event_message_next(event))) {
      if (message->err) fail("delivery failed: %s", rd_kafka_err2str(message->err));
      acknowledged++;
    }
    rd_kafka_event_destroy(event);
    event = rd_kafka_queue_poll(queue, 0);
  }
  return acknowledged;
}

typedef struct {
  rd_kafka_topic_t* topic;
  rd_kafka_queue_t* queue;
  rd_kafka_message_t* batch;
  char** values;
  int size;
} sender_t;

static void send_batch(sender_t* sender, int count) {
  for (int i = 0; i < count; i++) {
    memset(&sender->batch[i], 0, sizeof(sender->batch[i]));
    sender->batch[i].payload = sender->values[i];
    sender->batch[i].len = (size_t)sender->size;
  }
  /* Neither copied nor freed: our producer keeps the payloads in its block until their reports,
   * too. */
  int sent = rd_kafka_produce_batch(sender->topic, RD_KAFKA_PARTITION_UA, 0, sender->batch, count);
  if (sent != count) fail("rd_kafka_produce_batch took %d of %d", sent, count);
}

static void run_produce(const options_t* options) {
  rd_kafka_t* rk = create_producer();
  sender_t sender = {.size = options->size};
  sender.topic = rd_kafka_topic_new(rk, options->topic, NULL);
  sender.queue = rd_kafka_queue_get_main(rk);
  sender.batch = calloc((size_t)options->batch, sizeof(*sender.batch));
  sender.values = calloc((size_t)options->batch, sizeof(*sender.values));
  for (int i = 0; i < options->batch; i++) sender.values[i] = make_value(i, options->size);

  send_batch(&sender, options->batch); /* connects, asks for metadata and a producer id */
  for (int64_t warm = 0; warm < options->batch;) warm += take_reports(sender.queue, 100);

  const int64_t window = (int64_t)options->batch * options->in_flight;
  int64_t sent = 0, acknowledged = 0;
  double start = now_seconds(), cpu = cpu_seconds();
  while (acknowledged < options->messages) {
    while (sent < options->messages && sent - acknowledged + options->batch <= window) {
      int64_t left = options->messages - sent;
      int count = left < options->batch ? (int)left : options->batch;
      send_batch(&sender, count);
      sent += count;
    }
    acknowledged += take_reports(sender.queue, 100);
  }
  report(acknowledged, now_seconds() - start, cpu_seconds() - cpu);
  rd_kafka_queue_destroy(sender.queue);
  rd_kafka_topic_destroy(sender.topic);
  rd_kafka_destroy(rk);
}

static void run_consume(const options_t* options) {
  rd_kafka_t* rk = create_consumer();
  rd_kafka_topic_partition_list_t* topics = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(topics, options->topic, RD_KAFKA_PARTITION_UA);
  rd_kafka_resp_err_t error = rd_kafka_subscribe(rk, topics);
  if (error) fail("rd_kafka_subscribe: %s", rd_kafka_err2str(error));
  rd_kafka_topic_partition_list_destroy(topics);

  rd_kafka_queue_t* queue = rd_kafka_queue_get_consumer(rk);
  rd_kafka_message_t** messages = calloc(CONSUME_BATCH, sizeof(*messages));
  int64_t count = 0, bytes = 0, before = 0;
  double start = 0, cpu = 0;
  const double deadline = now_seconds() + options->timeout_ms / 1e3;
  while (start == 0 || count < before + options->messages) {
    /* A short wait: the call returns when the batch is full or the time is over, and the end of a
     * topic is neither. */
    ssize_t got = rd_kafka_consume_batch_queue(queue, 5, messages, CONSUME_BATCH);
    for (ssize_t i = 0; i < got; i++) {
      if (messages[i]->err) fail("consume: %s", rd_kafka_message_errstr(messages[i]));
      bytes += (int64_t)messages[i]->len;
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

static void add_property(properties_t* properties, const char* entry) {
  if (properties->count == MAX_PROPERTIES) fail("too many properties");
  properties->entries[properties->count++] = entry;
}

static void parse(int argc, char** argv, options_t* options) {
  for (int i = 2; i + 1 < argc; i += 2) {
    const char *name = argv[i], *value = argv[i + 1];
    if (!strcmp(name, "--topic"))
      options->topic = value;
    else if (!strcmp(name, "--messages"))
      options->messages = atoll(value);
    else if (!strcmp(name, "--lead"))
      options->lead = atoll(value);
    else if (!strcmp(name, "--size"))
      options->size = atoi(value);
    else if (!strcmp(name, "--batch"))
      options->batch = atoi(value);
    else if (!strcmp(name, "--in-flight"))
      options->in_flight = atoi(value);
    else if (!strcmp(name, "--rate"))
      options->rate = atoi(value);
    else if (!strcmp(name, "--timeout-ms"))
      options->timeout_ms = atoi(value);
    else if (!strcmp(name, "--producer"))
      add_property(&producer_properties, value);
    else if (!strcmp(name, "--consumer"))
      add_property(&consumer_properties, value);
    else
      fail("Unknown option %s", name);
  }
  if (!options->topic) fail("--topic is missing");
  if (options->size < 48) fail("--size is at least 48");
}

int main(int argc, char** argv) {
  options_t options = {.messages = 1000000,
                       .size = 200,
                       .batch = 1000,
                       .in_flight = 8,
                       .rate = 200,
                       .timeout_ms = 60000};
  if (argc < 4) fail("Usage: bench-c consume|produce|latency --topic t [options]");
  parse(argc, argv, &options);
  if (!strcmp(argv[1], "produce"))
    run_produce(&options);
  else if (!strcmp(argv[1], "consume"))
    run_consume(&options);
  else if (!strcmp(argv[1], "latency"))
    run_latency(&options);
  else
    fail("Unknown work %s", argv[1]);
  return 0;
}
