// Thousands of WebSocket clients on one thread.
#pragma once

#include <sys/epoll.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "hub_connection.h"
#include "hub_histogram.h"

namespace easyflow::bench {

int64_t epochMicros();
int64_t steadyMicros();

class Load {
 public:
  explicit Load(Options options);

  // Until the command `quit`, the end of standard input, or the time is over; -> exit code.
  int run();

 private:
  struct Counters {
    int64_t since = 0;
    double cpuSince = 0;
    uint64_t deliveries = 0;
    uint64_t bytes = 0;
    uint64_t reads = 0;
    uint64_t slowDeliveries = 0;
    Histogram latency;
  };

  // hub_load.cc
  void turn();
  void onEvent(const epoll_event& event);
  void onWritable(Connection& connection);
  void onReadable(Connection& connection);
  void openMore();
  void open(Connection& connection);
  void close(Connection& connection, bool abruptly);
  void lost(Connection& connection, int code);
  void write(Connection& connection, std::string_view bytes);
  void watch(const Connection& connection, uint32_t events, int operation);
  bool isSettled() const;

  // hub_messages.cc
  void take(Connection& connection, const char* data, size_t size);
  bool onFrame(Connection& connection, Opcode opcode, std::string_view payload);
  void onMessage(Connection& connection, std::string_view message);
  void onUpdate(Connection& connection, std::string_view message);
  void onStep(Connection& connection, std::string_view message);
  void sayNext(Connection& connection);
  void nowLive(Connection& connection);

  // hub_commands.cc
  void onInput();
  void onCommand(const std::string& line);
  void begin();
  void report();
  void cut(uint32_t count);
  void slowDown();
  void readSlowly();
  uint32_t slowOnesClosed() const;
  void sayReady(const char* event);

  const Options options_;
  std::vector<Connection> connections_;
  std::vector<char> buffer_;
  std::vector<epoll_event> events_;
  std::string input_;
  int epoll_ = -1;
  bool isOver_ = false;

  std::vector<uint32_t> toOpen_;
  size_t nextToOpen_ = 0;
  uint32_t handshakes_ = 0;
  uint32_t live_ = 0;
  int64_t openedAt_ = 0;     // us: the first connect of this wave
  int64_t connectedAt_ = 0;  // the last upgrade answered
  int64_t slowestReady_ = 0;
  uint64_t closed_ = 0;
  uint64_t failed_ = 0;
  std::string failure_;
  std::map<int, uint64_t> closeCodes_;

  bool readsSlowly_ = false;
  int64_t nextTrickle_ = 0;

  int64_t now_ = 0;  // epoch us, of the read that is being parsed
  StampReader stamps_;
  Seen::Faults faults_;
  uint64_t items_ = 0;  // of snapshots
  uint64_t snapshotBytes_ = 0;
  uint64_t recovered_ = 0;
  Counters counters_;
};

}  // namespace easyflow::bench
