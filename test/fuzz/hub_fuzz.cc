// libFuzzer's entry to what HubHostileInput checks. It needs clang and libclang-rt-<n>-dev:
//   cmake -S . -B build-fuzz -DCMAKE_C_COMPILER=clang -DCMAKE_CXX_COMPILER=clang++
//   cmake --build build-fuzz --target hub_fuzz && build-fuzz/hub_fuzz -max_len=8192 corpus/
#include <cstdio>
#include <cstdlib>

#include "hub/hostile_inputs.h"

extern "C" __attribute__((visibility("default"))) int LLVMFuzzerTestOneInput(
    const std::uint8_t* data, std::size_t size) {
  using namespace easyflow::hub;
  if (const char* broken = test::checkHostile({reinterpret_cast<const char*>(data), size})) {
    std::fprintf(stderr, "%s\n", broken);
    std::abort();
  }
  return 0;
}
