// Internal to the shard's files.
#pragma once

#include "hub/shard.h"

namespace easyflow::hub {

class Shard::Turn {
 public:
  explicit Turn(Shard& shard) : shard_(shard) { ++shard_.depth_; }
  ~Turn() {
    if (--shard_.depth_ == 0) shard_.endTurn();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  Shard& shard_;
};

inline std::int64_t wallMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace easyflow::hub
