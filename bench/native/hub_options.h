#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace easyflow::bench {

// One exchange before a connection counts as live: wait for a message (nothing: do not wait), then
// send one.
struct Step {
  std::string expect;  // "^text": begins with it, else contains it
  std::string send;    // {channels} and {since} are filled in
};

struct Options {
  int port = 0;
  std::string path = "/";
  std::string protocol;  // Sec-WebSocket-Protocol; none when empty
  int connections = 1;
  int inFlight = 256;     // handshakes at a time
  int rampPerSecond = 0;  // 0: as quick as inFlight lets
  int timeoutSeconds = 120;
  // Between two looks at the sockets. Without it every write of the server wakes this process,
  // which a client on another machine would not cost it.
  int napMicros = 1'000;

  std::vector<Step> steps;
  std::string update = "{\"type\":\"update\"";  // how a delivery begins
  std::string ping;                             // a text message that is answered by `pong`
  std::string pong;

  std::string pattern;  // one for all connections, or:
  std::string prefix;   // `each` channels of `of`, prefix + number
  int of = 0;
  int each = 0;

  int stuck = 0;    // of the first connections, after the command `slow`: read nothing
  int trickle = 0;  // of the next ones: trickleBytes a second
  int trickleBytes = 1'024;
  int slowBuffer = 65'536;  // SO_RCVBUF of both, else the kernel holds megabytes for them

  bool resumes = false;      // keeps tokens, and gives them back after `cut`
  int entities = 0;          // > 0: keeps the count of each entity on each connection
  bool everyUpdate = false;  // counts have to follow each other (mode `all`)
};

// Ends the program with a message when the words are wrong.
Options parseOptions(int argc, char** argv);

}  // namespace easyflow::bench
