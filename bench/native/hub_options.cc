#include "hub_options.h"

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>

namespace easyflow::bench {

namespace {

[[noreturn]] void fail(const char* what, const char* word) {
  std::fprintf(stderr, "hub-load: %s: %s\n", what, word);
  std::exit(2);
}

int wholeNumber(const char* name, const char* text) {
  char* end = nullptr;
  const long value = std::strtol(text, &end, 10);
  if (*text == '\0' || *end != '\0' || value < 0) fail("expected a whole number", name);
  return static_cast<int>(value);
}

}  // namespace

Options parseOptions(int argc, char** argv) {
  Options options;
  const std::map<std::string, int*> numbers = {
      {"--port", &options.port},
      {"--connections", &options.connections},
      {"--in-flight", &options.inFlight},
      {"--ramp", &options.rampPerSecond},
      {"--timeout-s", &options.timeoutSeconds},
      {"--nap-us", &options.napMicros},
      {"--of", &options.of},
      {"--each", &options.each},
      {"--stuck", &options.stuck},
      {"--trickle", &options.trickle},
      {"--trickle-bytes", &options.trickleBytes},
      {"--slow-buffer", &options.slowBuffer},
      {"--entities", &options.entities},
  };
  const std::map<std::string, std::string*> texts = {
      {"--path", &options.path},     {"--protocol", &options.protocol},
      {"--update", &options.update}, {"--ping", &options.ping},
      {"--pong", &options.pong},     {"--pattern", &options.pattern},
      {"--prefix", &options.prefix},
  };
  const std::map<std::string, bool*> flags = {
      {"--resumes", &options.resumes},
      {"--every-update", &options.everyUpdate},
  };
  for (int at = 1; at < argc; ++at) {
    const std::string name = argv[at];
    if (const auto flag = flags.find(name); flag != flags.end()) {
      *flag->second = true;
      continue;
    }
    if (at + 1 == argc) fail("expected a value", name.c_str());
    const char* value = argv[++at];
    if (const auto number = numbers.find(name); number != numbers.end()) {
      *number->second = wholeNumber(name.c_str(), value);
    } else if (const auto text = texts.find(name); text != texts.end()) {
      *text->second = value;
    } else if (name == "--expect") {
      options.steps.push_back({value, ""});
    } else if (name == "--send") {
      // Before the first --expect: at once.
      if (options.steps.empty()) options.steps.push_back({"", ""});
      options.steps.back().send = value;
    } else {
      fail("unknown option", name.c_str());
    }
  }
  if (options.port == 0) fail("expected", "--port");
  return options;
}

}  // namespace easyflow::bench
