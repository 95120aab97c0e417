/*
 * The limit that every client on librdkafka is measured against: the same work in plain C, with the
 * properties that our client sets. One run a process, one JSON line on standard output.
 *
 *   bench-c consume|produce|latency|start|transactions|idle --topic t --messages n [--size n ...]
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

typedef struct {
  const char* entries[MAX_PROPERTIES];
  int count;
} properties_t;

static properties_t producer_properties;
static properties_t consumer_properties;

_Noreturn void fail(const char* format, ...) {
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

void report(int64_t messages, double seconds, double cpu) {
  printf(
      "{\"messages\":%lld,\"seconds\":%.6f,\"cpuSeconds\":%.6f,\"peakRssMb\":%.1f,\"librdkafka\":"
      "\"%s\"}\n",
      (long long)messages, seconds, cpu, peak_rss_mb(), rd_kafka_version_str());
}

char* make_value(int index, int64_t size) {
  char* value = malloc((size_t)size + 64);
  int length = snprintf(value, (size_t)size + 64, "{\"id\":%d,\"pad\":\"", index);
  while (length < size - 2) {
    value[length] = (char)('a' + (index + length) % 26);
    length++;
  }
  memcpy(value + size - 2, "\"}", 2);
  return value;
}

/* The group of the command line with a number behind it. */
static void number_group(rd_kafka_conf_t* conf, int64_t number) {
  char group[256], numbered[300];
  size_t size = sizeof(group);
  if (rd_kafka_conf_get(conf, "group.id", group, &size)) fail("--consumer group.id is missing");
  snprintf(numbered, sizeof(numbered), "%s-%lld", group, (long long)number);
  rd_kafka_conf_set(conf, "group.id", numbered, NULL, 0);
}

static rd_kafka_conf_t* make_conf(const properties_t* properties) {
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
  return conf;
}

static rd_kafka_t* create(rd_kafka_type_t type, rd_kafka_conf_t* conf) {
  char error[512];
  if (type == RD_KAFKA_PRODUCER) rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_DR);
  rd_kafka_t* rk = rd_kafka_new(type, conf, error, sizeof(error));
  if (!rk) fail("rd_kafka_new: %s", error);
  if (type == RD_KAFKA_CONSUMER) rd_kafka_poll_set_consumer(rk);
  return rk;
}

rd_kafka_t* create_producer(void) {
  return create(RD_KAFKA_PRODUCER, make_conf(&producer_properties));
}
rd_kafka_t* create_consumer(void) {
  return create(RD_KAFKA_CONSUMER, make_conf(&consumer_properties));
}

rd_kafka_t* create_consumer_of_group(int64_t number) {
  rd_kafka_conf_t* conf = make_conf(&consumer_properties);
  number_group(conf, number);
  return create(RD_KAFKA_CONSUMER, conf);
}

int64_t take_reports(rd_kafka_queue_t* queue, int timeout_ms) {
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

void subscribe(rd_kafka_t* rk, const char* topic) {
  rd_kafka_topic_partition_list_t* topics = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(topics, topic, RD_KAFKA_PARTITION_UA);
  rd_kafka_resp_err_t error = rd_kafka_subscribe(rk, topics);
  if (error) fail("rd_kafka_subscribe: %s", rd_kafka_err2str(error));
  rd_kafka_topic_partition_list_destroy(topics);
}

rd_kafka_message_t* poll_one(rd_kafka_t* consumer) {
  for (;;) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(consumer, 1000);
    if (!message) continue;
    if (!message->err) return message;
    rd_kafka_message_destroy(message);
  }
}

static void add_property(properties_t* properties, const char* entry) {
  if (properties->count == MAX_PROPERTIES) fail("too many properties");
  properties->entries[properties->count++] = entry;
}

static const char* text_option(const char* name, const char* value, options_t* options) {
  if (!strcmp(name, "--topic")) return options->topic = value;
  if (!strcmp(name, "--out-topic")) return options->out_topic = value;
  return NULL;
}

/* Where the value of a numeric option goes. */
static int64_t* number_option(const char* name, options_t* options) {
  const struct {
    const char* name;
    int64_t* place;
  } known[] = {{"--messages", &options->messages},
               {"--lead", &options->lead},
               {"--size", &options->size},
               {"--batch", &options->batch},
               {"--in-flight", &options->in_flight},
               {"--rate", &options->rate},
               {"--headers", &options->headers},
               {"--handler-us", &options->handler_us},
               {"--per-transaction", &options->per_transaction},
               {"--consumers", &options->consumers},
               {"--timeout-ms", &options->timeout_ms}};
  for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
    if (!strcmp(name, known[i].name)) return known[i].place;
  }
  return NULL;
}

static void parse(int argc, char** argv, options_t* options) {
  for (int i = 2; i + 1 < argc; i += 2) {
    const char *name = argv[i], *value = argv[i + 1];
    int64_t* number = number_option(name, options);
    if (number)
      *number = atoll(value);
    else if (!strcmp(name, "--producer"))
      add_property(&producer_properties, value);
    else if (!strcmp(name, "--consumer"))
      add_property(&consumer_properties, value);
    else if (!text_option(name, value, options))
      fail("Unknown option %s", name);
  }
  if (!options->topic) fail("--topic is missing");
  if (options->size < 48) fail("--size is at least 48");
}

int main(int argc, char** argv) {
  static const struct {
    const char* name;
    void (*run)(const options_t*);
  } works[] = {{"produce", run_produce},           {"consume", run_consume},
               {"latency", run_latency},           {"start", run_start},
               {"transactions", run_transactions}, {"idle", run_idle}};
  options_t options = {.messages = 1000000,
                       .size = 200,
                       .batch = 1000,
                       .in_flight = 8,
                       .rate = 200,
                       .per_transaction = 500,
                       .consumers = 50,
                       .timeout_ms = 60000};
  if (argc < 4)
    fail("Usage: bench-c consume|produce|latency|start|transactions|idle --topic t [options]");
  parse(argc, argv, &options);
  for (size_t i = 0; i < sizeof(works) / sizeof(works[0]); i++) {
    if (strcmp(argv[1], works[i].name)) continue;
    works[i].run(&options);
    return 0;
  }
  fail("Unknown work %s", argv[1]);
}
