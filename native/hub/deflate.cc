#include "hub/deflate.h"

#include <zlib.h>

namespace easyflow::hub {

namespace {

constexpr int kRawWindowBits = -15;
constexpr int kMemoryLevel = 8;
// Ends a sync flush; RFC 7692 7.2.1 takes it off.
constexpr std::string_view kTail("\x00\x00\xff\xff", 4);
constexpr std::size_t kPieceBytes = 16 * 1024;

class Deflater {
 public:
  Deflater()
      : isOpen_(deflateInit2(&stream_, Z_BEST_SPEED, Z_DEFLATED, kRawWindowBits, kMemoryLevel,
                             Z_DEFAULT_STRATEGY) == Z_OK) {}
  ~Deflater() {
    if (isOpen_) deflateEnd(&stream_);
  }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  // Null: no memory.
  z_stream* fresh() { return isOpen_ && deflateReset(&stream_) == Z_OK ? &stream_ : nullptr; }

 private:
  z_stream stream_{};
  bool isOpen_;
};

class Inflater {
 public:
  Inflater() : isOpen_(inflateInit2(&stream_, kRawWindowBits) == Z_OK) {}
  ~Inflater() {
    if (isOpen_) inflateEnd(&stream_);
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // Null: no memory.
  z_stream* get() { return isOpen_ ? &stream_ : nullptr; }

 private:
  z_stream stream_{};
  bool isOpen_;
};

Bytef* bytesOf(std::string_view text) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
}

}  // namespace

bool deflateMessage(std::string_view message, std::string& packed) {
  // One a thread: making one costs more than a small message. It goes with its thread.
  thread_local Deflater deflater;
  z_stream* stream = deflater.fresh();
  if (!stream) return false;
  packed.resize(deflateBound(stream, message.size()) + 16);
  stream->next_in = bytesOf(message);
  stream->avail_in = static_cast<uInt>(message.size());
  stream->next_out = bytesOf(packed);
  stream->avail_out = static_cast<uInt>(packed.size());
  if (deflate(stream, Z_SYNC_FLUSH) != Z_OK || stream->avail_in > 0) return false;
  packed.resize(packed.size() - stream->avail_out);
  if (packed.size() >= kTail.size()) packed.resize(packed.size() - kTail.size());
  return true;
}

bool inflateMessage(std::string_view packed, std::size_t maxBytes, std::string& message,
                    bool& tooLong) {
  tooLong = false;
  Inflater inflater;
  z_stream* stream = inflater.get();
  if (!stream) return false;
  message.clear();
  bool tail = false;
  stream->next_in = bytesOf(packed);
  stream->avail_in = static_cast<uInt>(packed.size());
  for (;;) {
    const std::size_t before = message.size();
    message.resize(before + kPieceBytes);
    stream->next_out = bytesOf(std::string_view(message).substr(before));
    stream->avail_out = kPieceBytes;
    const int result = inflate(stream, Z_SYNC_FLUSH);
    message.resize(message.size() - stream->avail_out);
    if (message.size() > maxBytes) {
      tooLong = true;
      return false;
    }
    if (result == Z_STREAM_END) {
      // A block with BFINAL, RFC 7692 7.2.3.4: what follows it is a stream of its own.
      if (stream->avail_in == 0) return true;
      if (inflateReset(stream) != Z_OK) return false;
      continue;
    }
    if (result != Z_OK && result != Z_BUF_ERROR) return false;
    if (stream->avail_in > 0) {
      if (result == Z_BUF_ERROR) return false;
      continue;
    }
    if (stream->avail_out == 0) continue;
    if (tail) return true;
    tail = true;
    stream->next_in = bytesOf(kTail);
    stream->avail_in = static_cast<uInt>(kTail.size());
  }
}

}  // namespace easyflow::hub
