// Hostile bytes against everything that reads what clients and records say. The same test runs
// more of them: EASYFLOW_HOSTILE_INPUTS=1000000, EASYFLOW_HOSTILE_SEED=2.
#include <gtest/gtest.h>

#include <cstdlib>

#include "hub/hostile_inputs.h"

namespace easyflow::hub {
namespace {

std::uint64_t numberOf(const char* name, std::uint64_t otherwise) {
  const char* value = std::getenv(name);
  return value ? std::strtoull(value, nullptr, 10) : otherwise;
}

TEST(HubHostileInput, BreaksNothing) {
  const std::uint64_t seed = numberOf("EASYFLOW_HOSTILE_SEED", 1);
  const std::uint64_t count = numberOf("EASYFLOW_HOSTILE_INPUTS", 50'000);
  test::HostileInputs inputs(seed);
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::string input = inputs.next();
    const char* broken = test::checkHostile(input);
    ASSERT_EQ(nullptr, broken) << "input " << i << " of seed " << seed << ": "
                               << testing::PrintToString(input);
  }
}

}  // namespace
}  // namespace easyflow::hub
