/* Consumers that have nothing to do, served by one thread that sleeps until one of their queues is
 * filled. */
#include "bench.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* As the other sides: the time to settle and to have calls beside, and the measured one. */
#define SETTLE_SECONDS 8
#define MEASURED_SECONDS 20

typedef struct {
  rd_kafka_t* rk;
  rd_kafka_queue_t* queue;
} idler_t;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t filled = PTHREAD_COND_INITIALIZER;
static int is_filled;

static void on_filled(rd_kafka_t* rk, void* opaque) {
  (void)rk;
  (void)opaque;
  pthread_mutex_lock(&lock);
  is_filled = 1;
  pthread_cond_signal(&filled);
  pthread_mutex_unlock(&lock);
}

/* A second at most: each consumer has to be polled within max.poll.interval.ms. */
static void await_filled(void) {
  struct timespec end;
  clock_gettime(CLOCK_REALTIME, &end);
  end.tv_sec += 1;
  pthread_mutex_lock(&lock);
  while (!is_filled && pthread_cond_timedwait(&filled, &lock, &end) == 0) {
  }
  is_filled = 0;
  pthread_mutex_unlock(&lock);
}

static void serve(idler_t* idlers, int64_t count, double seconds) {
  const double end = now_seconds() + seconds;
  while (now_seconds() < end) {
    await_filled();
    for (int64_t i = 0; i < count; i++) {
      rd_kafka_message_t* message;
      while ((message = rd_kafka_consumer_poll(idlers[i].rk, 0))) rd_kafka_message_destroy(message);
    }
  }
}

static int thread_count(void) {
  FILE* status = fopen("/proc/self/status", "r");
  char line[256];
  int threads = 0;
  if (!status) fail("/proc/self/status cannot be read");
  while (fgets(line, sizeof(line), status) && sscanf(line, "Threads: %d", &threads) != 1) {
  }
  fclose(status);
  return threads;
}

static double rss_mb(void) {
  FILE* statm = fopen("/proc/self/statm", "r");
  long pages = 0;
  if (!statm || fscanf(statm, "%*d %ld", &pages) != 1) fail("/proc/self/statm cannot be read");
  fclose(statm);
  return (double)pages * (double)sysconf(_SC_PAGESIZE) / (1 << 20);
}

void run_idle(const options_t* options) {
  const int64_t count = options->consumers;
  idler_t* idlers = calloc((size_t)count, sizeof(*idlers));
  for (int64_t i = 0; i < count; i++) {
    idlers[i].rk = create_consumer_of_group(i);
    idlers[i].queue = rd_kafka_queue_get_consumer(idlers[i].rk);
    rd_kafka_queue_cb_event_enable(idlers[i].queue, on_filled, NULL);
    subscribe(idlers[i].rk, options->topic);
  }
  serve(idlers, count, SETTLE_SECONDS);
  const double start = now_seconds(), before = cpu_seconds();
  serve(idlers, count, MEASURED_SECONDS);
  const double seconds = now_seconds() - start, cpu = cpu_seconds() - before;
  printf(
      "{\"messages\":0,\"seconds\":%.6f,\"cpuSeconds\":%.6f,\"peakRssMb\":%.1f,"
      "\"idle\":{\"cpuPercent\":%.4f,\"threads\":%d,\"rssMb\":%.1f},\"librdkafka\":\"%s\"}\n",
      seconds, cpu, peak_rss_mb(), cpu / seconds * 100, thread_count(), rss_mb(),
      rd_kafka_version_str());
  for (int64_t i = 0; i < count; i++) {
    rd_kafka_queue_cb_event_enable(idlers[i].queue, NULL, NULL);
    rd_kafka_queue_destroy(idlers[i].queue);
    rd_kafka_consumer_close(idlers[i].rk);
    rd_kafka_destroy(idlers[i].rk);
  }
  free(idlers);
}
