// See "Exit" in docs/threads.md.
#pragma once

namespace easyflow::core {

// Initialises OpenSSL without its atexit handler: `process.exit()` would free what librdkafka's
// threads still use. Called on the thread that loads the addon, before anything else touches
// OpenSSL; later calls do nothing.
void initOpenSsl();

}  // namespace easyflow::core
