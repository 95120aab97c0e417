#include "hub/deflate.h"

#include <zlib.h>

#include <algorithm>
#include <memory>

namespace easyflow::hub {

namespace {

constexpr int kRawWindowBits = -15;
constexpr int kMemoryLevel = 8;
// Ends a sync flush; RFC 7692 7.2.1 takes it off.
constexpr std::string_view kTail("\x00\x00\xff\xff", 4);
constexpr std::size_t kPieceBytes = 16 * 1024;

struct DeflateEnd {
  void operator()(z_stream* stream) const noexcept {
    deflateEnd(stream);
    delete stream;
  }
};
struct InflateEnd {
  void operator()(z_stream* stream) const noexcept {
    inflateEnd(stream);
    delete stream;
  }
};

// One a thread: making one costs more than a small message. It goes with its thread.
z_stream* deflater() {
  thread_local const std::unique_ptr<z_stream, DeflateEnd> stream = [] {
    std::unique_ptr<z_stream, DeflateEnd> made(new z_stream{});
    if (deflateInit2(made.get(), Z_BEST_SPEED, Z_DEFLATED, kRawWindowBits, kMemoryLevel,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
      made.reset();
    }
    return made;
  }();
  return stream.get();
}

Bytef* bytesOf(std::string_view text) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
}

}  // namespace

bool deflateMessage(std::string_view message, std::string& packed) {
  z_stream* stream = deflater();
  if (!stream || deflateReset(stream) != Z_OK) return false;
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
  std::unique_ptr<z_stream, InflateEnd> stream(new z_stream{});
  if (inflateInit2(stream.get(), kRawWindowBits) != Z_OK) return false;
  message.clear();
  bool tail = false;
  stream->next_in = bytesOf(packed);
  stream->avail_in = static_cast<uInt>(packed.size());
  for (;;) {
    const std::size_t before = message.size();
    message.resize(before + kPieceBytes);
    stream->next_out = bytesOf(std::string_view(message).substr(before));
    stream->avail_out = kPieceBytes;
    const int result = inflate(stream.get(), Z_SYNC_FLUSH);
    message.resize(message.size() - stream->avail_out);
    if (message.size() > maxBytes) {
      tooLong = true;
      return false;
    }
    if (result == Z_STREAM_END) return stream->avail_in == 0 && tail;
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
