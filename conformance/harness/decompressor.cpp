// The receiving side of permessage-deflate (RFC 7692 section 7.2.2).
#include <algorithm>
#include <cstring>
#include <isa-l/igzip_lib.h>
#include <new>
#include <span>
#include <string>
#include <utility>
#include <vector>
#include <zlib.h>

#include "conformance/harness/compression.hpp"
#include "conformance/oracle/inflater.hpp"

namespace ws::conformance {
namespace {

constexpr std::string_view kTail{"\x00\x00\xff\xff", 4};
constexpr std::size_t kMaxWindow = 32 * 1024;
constexpr std::size_t kRoom = 8 * kMaxWindow;
constexpr int kMaxBits = 15;

enum class End { good, refused, too_big };

std::string_view text_of(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

/// The payload of a compressed message of `bytes`, at most 65535.
std::string store(std::string_view bytes) {
  std::string payload(1, '\0');
  for (const std::size_t half : {bytes.size(), ~bytes.size()}) {
    payload += static_cast<char>(half);
    payload += static_cast<char>(half >> 8U);
  }
  payload += bytes;
  return payload + '\0';  // the empty block that the tail belongs to
}

/// zlib's inflater, which looks how far a match reaches when it crosses the beginning of a piece of
/// output, `piece_size` bytes long.
class ZlibInflater {
 public:
  ZlibInflater(int window_bits, std::string_view history, std::size_t piece_size)
      : piece_size_(static_cast<uInt>(piece_size)) {
    if (inflateInit2(&z_, -window_bits) != Z_OK) throw std::bad_alloc();
    const std::size_t window = std::min(history.size(), std::size_t{1} << unsigned(window_bits));
    history.remove_prefix(history.size() - window);
    if (history.empty()) return;
    inflateSetDictionary(&z_, reinterpret_cast<const Bytef*>(history.data()),
                         static_cast<uInt>(history.size()));
  }
  ZlibInflater(const ZlibInflater&) = delete;
  ZlibInflater& operator=(const ZlibInflater&) = delete;
  ~ZlibInflater() { inflateEnd(&z_); }

  void forget() { inflateReset(&z_); }

  /// Of the message since the last call. What is left behind a block with BFINAL says nothing more.
  bool take_inside_block() {
    return !std::exchange(saw_final_block_, false) && (z_.data_type & 128) == 0;
  }
  bool saw_final_block() const { return saw_final_block_; }

  /// `give(size)` takes what came out at `room()`, and returns false to stop.
  template <typename Room, typename Give>
  End inflate_all(std::string_view input, const Room& room, const Give& give) {
    z_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
    z_.avail_in = static_cast<uInt>(input.size());
    while (true) {
      z_.next_out = room();
      z_.avail_out = piece_size_;
      const int result = inflate(&z_, Z_SYNC_FLUSH);
      if (result == Z_STREAM_END) {
        saw_final_block_ = true;
        if (inflateResetKeep(&z_) != Z_OK) return End::refused;
      } else if (result != Z_OK && result != Z_BUF_ERROR) {
        return End::refused;
      }
      if (!give(piece_size_ - z_.avail_out)) return End::too_big;
      if (z_.avail_out != 0 && (z_.avail_in == 0 || result == Z_BUF_ERROR)) return End::good;
    }
  }

 private:
  z_stream z_{};
  uInt piece_size_;
  bool saw_final_block_ = false;  // of this message
};

}  // namespace

struct Decompressor::Stream {
  explicit Stream(const Direction& agreed) : direction(agreed) {
    isal_inflate_init(&fast);
    if (direction.window_bits < kMaxBits) begin_strictly();
  }

  /// ISA-L looks at the window in some blocks only.
  void begin_strictly() {
    strict = std::make_unique<ZlibInflater>(direction.window_bits, history,
                                            std::size_t{1} << unsigned(direction.window_bits));
  }

  /// Where the next output goes: there is room for kMaxWindow bytes, behind the last that many.
  std::uint8_t* next_room() {
    if (room.size() - end < kMaxWindow) {
      std::memmove(room.data(), room.data() + end - kMaxWindow, kMaxWindow);
      end = kMaxWindow;
    }
    return room.data() + end;
  }

  /// Hands on the next `size` bytes, but for what an earlier attempt at this message handed on.
  ///
  /// Returns: false over the limit.
  bool give(std::size_t size, std::size_t limit, const Output& output) {
    end += size;
    came_out += size;
    if (came_out <= given) return true;
    const std::size_t fresh = std::min(size, came_out - given);
    given = came_out;
    if (given > limit) return false;
    output(text_of(room.data() + end - fresh, fresh));
    return true;
  }

  End decompress_fast(std::string_view input, std::size_t limit, const Output& output) {
    fast.next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(input.data()));
    fast.avail_in = static_cast<std::uint32_t>(input.size());
    std::size_t size = 0;
    do {
      fast.next_out = next_room();
      size = room.size() - end;
      fast.avail_out = static_cast<std::uint32_t>(size);
      // A block with BFINAL is legal (RFC 7692 section 7.2.3.5), and zlib knows how to go on.
      if (isal_inflate(&fast) != ISAL_DECOMP_OK || fast.bfinal != 0) return End::refused;
      size -= fast.avail_out;
      if (!give(size, limit, output)) return End::too_big;
    } while (fast.avail_out == 0);
    return End::good;
  }

  End decompress_with(ZlibInflater& inflater, std::string_view input, std::size_t limit,
                      const Output& output) {
    return inflater.inflate_all(
        input, [&] { return next_room(); },
        [&](std::size_t size) { return give(size, limit, output); });
  }

  End decompress(std::string_view input, std::size_t limit, const Output& output) {
    if (slow) return decompress_with(*slow, input, limit, output);
    if (strict) return decompress_with(*strict, input, limit, output);
    return decompress_fast(input, limit, output);
  }

  /// Takes the message from its beginning, as Autobahn does.
  void begin_slowly() {
    slow = std::make_unique<ZlibInflater>(direction.window_bits, history, kMaxWindow);
    std::ranges::copy(history, room.begin());
    end = history.size();
    came_out = 0;
  }

  /// Asks the oracle, which keeps exactly to the window, where zlib looks at whole pieces, and
  /// which looks at the bits that zlib passes over.
  void ask_oracle() {
    constexpr std::size_t kAlwaysChecked = 64 * 1024;  // bytes
    pads_with_ones = false;
    const bool saw_final = slow ? slow->saw_final_block() : strict && strict->saw_final_block();
    const bool looks_at_window = direction.window_bits != kMaxBits && !beyond_window;
    if (!looks_at_window && !saw_final) return;
    if (!slow && checked + given > kAlwaysChecked) return;
    checked += given;
    oracle::Inflater inflater({.window_bits = direction.window_bits});
    const std::string before = store(history);
    inflater.inflate(std::as_bytes(std::span(before)), kMaxWindow);
    const auto inflated = inflater.inflate(std::as_bytes(std::span(compressed)), given);
    beyond_window = beyond_window || inflated.end == oracle::InflateEnd::bad_data;
    pads_with_ones = inflated.pads_with_ones;
  }

  /// After the tail, ISA-L waits for a block's first bits.
  bool is_fast_inside_block() const {
    return fast.block_state > ISAL_BLOCK_HDR || fast.read_in_length != 0 || fast.tmp_in_size != 0;
  }

  void end_message() {
    ask_oracle();
    inside_block = slow     ? slow->take_inside_block()
                   : strict ? strict->take_inside_block()
                            : is_fast_inside_block();
    if (direction.no_context_takeover) end = 0;
    const std::size_t kept = std::min(end, kMaxWindow);
    history = text_of(room.data() + end - kept, kept);
    if (strict && slow) {
      begin_strictly();
    } else if (strict && direction.no_context_takeover) {
      strict->forget();
    } else if (slow || direction.no_context_takeover) {
      isal_inflate_reset(&fast);
      if (kept != 0) {
        isal_inflate_set_dict(&fast, room.data() + end - kept, static_cast<std::uint32_t>(kept));
      }
    }
    slow.reset();
    compressed.clear();
    came_out = 0;
    given = 0;
  }

  Direction direction;
  inflate_state fast{};
  std::unique_ptr<ZlibInflater> strict{};  // instead of `fast`
  std::unique_ptr<ZlibInflater> slow{};    // for a message that the others have refused
  std::vector<std::uint8_t> room = std::vector<std::uint8_t>(kRoom);
  std::size_t end = 0;       // of what came out, in `room`
  std::string history{};     // the end of what came out before this message
  std::string compressed{};  // this message so far, without the tail
  std::size_t came_out = 0;  // bytes of this message, of the inflater at work
  std::size_t given = 0;     // bytes of this message, handed on
  std::size_t checked = 0;   // bytes, by the oracle
  bool beyond_window = false;
  bool pads_with_ones = false;  // in the last message
  bool inside_block = false;    // the last message ended
};

Decompressor::Decompressor(const Direction& direction)
    : stream_(std::make_unique<Stream>(direction)) {}

Decompressor::~Decompressor() = default;

bool Decompressor::reached_beyond_window() const { return stream_->beyond_window; }

bool Decompressor::ended_inside_block() const { return stream_->inside_block; }

bool Decompressor::padded_with_ones() const { return stream_->pads_with_ones; }

bool Decompressor::decompress(std::string_view stretch, bool is_last, std::size_t limit,
                              const Output& output) {
  Stream& stream = *stream_;
  stream.compressed += stretch;
  for (const std::string_view input : {stretch, is_last ? kTail : std::string_view()}) {
    End end = stream.decompress(input, limit, output);
    if (end == End::refused && !stream.slow) {
      stream.begin_slowly();
      end = stream.decompress(stream.compressed, limit, output);
      if (end == End::good && input.data() == kTail.data()) {
        end = stream.decompress(kTail, limit, output);
      }
    }
    if (end != End::good) return false;
  }
  if (is_last) stream.end_message();
  return true;
}

}  // namespace ws::conformance
