// Bytes that go out, shared by every connection that sends them.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace easyflow::hub {

using Block = std::shared_ptr<const std::string>;

inline Block makeBlock(std::string bytes) {
  return std::make_shared<const std::string>(std::move(bytes));
}

// A part of a block: what a socket has not taken of it.
struct Chunk {
  Block block;
  std::size_t from = 0;
  std::size_t size() const { return block->size() - from; }
  const char* data() const { return block->data() + from; }
};

// What waits for a connection, in order. Holds no memory while it is empty.
class Outbox {
 public:
  void push(Block block) {
    bytes_ += block->size();
    chunks_.push_back({std::move(block)});
  }
  bool empty() const { return bytes_ == 0; }
  std::size_t bytes() const { return bytes_; }
  // Of memory, those of chunks that were taken included.
  std::size_t slots() const { return chunks_.size(); }
  const Chunk* begin() const { return chunks_.data() + first_; }
  const Chunk* end() const { return chunks_.data() + chunks_.size(); }

  void taken(std::size_t bytes) {
    bytes_ -= bytes;
    while (bytes > 0) {
      Chunk& chunk = chunks_[first_];
      if (bytes < chunk.size()) {
        chunk.from += bytes;
        break;
      }
      bytes -= chunk.size();
      chunk.block.reset();
      ++first_;
    }
    if (bytes_ == 0) {
      first_ = 0;
      if (chunks_.capacity() > kKeep) {
        std::vector<Chunk>().swap(chunks_);
      } else {
        chunks_.clear();
      }
    } else if (first_ > kKeep && first_ > chunks_.size() / 2) {
      // Who is always a little behind never gets to an empty box.
      chunks_.erase(chunks_.begin(), chunks_.begin() + static_cast<std::ptrdiff_t>(first_));
      first_ = 0;
    }
  }

  // Keeps only the rest of a block of which a part was sent.
  void dropUnsent() {
    if (bytes_ == 0) return;
    const Chunk first = chunks_[first_];
    chunks_.clear();
    first_ = 0;
    bytes_ = 0;
    if (first.from == 0) return;
    bytes_ = first.size();
    chunks_.push_back(first);
  }

 private:
  static constexpr std::size_t kKeep = 8;

  std::vector<Chunk> chunks_;
  std::size_t first_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace easyflow::hub
