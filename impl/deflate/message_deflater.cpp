#include "impl/deflate/message_deflater.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <limits>
#include <new>

#include "impl/deflate/isal_stream.hpp"
#include "impl/deflate/message_tail.hpp"
#include "impl/deflate/zlib_stream.hpp"

namespace ws {
namespace {

// zlib's smallest window for raw DEFLATE; see the class comment.
constexpr int kMinZlibWindowBits = 9;

// A hash table several times as long as the window gains a hundredth in size, and has to be gone
// through each time the window slides: with 9 bits and level 8 that takes half of the time.
int fitting_memory_level(int memory_level, int window_bits) {
  return std::min(memory_level, window_bits - 3);
}

class ZlibStream final : public MessageDeflater::Stream {
 public:
  ZlibStream(DirectionParameters parameters, int level, int memory_level)
      : no_context_takeover_(parameters.no_context_takeover) {
    assert(kMinWindowBits <= parameters.max_window_bits);
    assert(parameters.max_window_bits <= kMaxWindowBits);
    const int window_bits = std::max(parameters.max_window_bits, kMinZlibWindowBits);
    const int result =
        ::deflateInit2(&zlib_, level, Z_DEFLATED, -window_bits,
                       fitting_memory_level(memory_level, window_bits), Z_DEFAULT_STRATEGY);
    assert(result == Z_OK || result == Z_MEM_ERROR);
    if (result != Z_OK) throw std::bad_alloc();
  }
  ~ZlibStream() override { ::deflateEnd(&zlib_); }
  ZlibStream(const ZlibStream&) = delete;
  ZlibStream& operator=(const ZlibStream&) = delete;

  void deflate(std::span<const std::byte> stretch, bool is_last,
               std::vector<std::byte>& output) override {
    // Z_BLOCK writes out all data first, whatever room that takes. A Z_SYNC_FLUSH that filled its
    // room to the last byte would have to be repeated, and would then write a second empty block;
    // one that follows another without data would write none.
    compress(stretch, is_last ? Z_BLOCK : Z_NO_FLUSH, output);
    if (is_last) end_message(output);
  }

 private:
  /// Gives all of `input` to zlib and appends what comes out.
  void compress(std::span<const std::byte> input, int flush, std::vector<std::byte>& output) {
    do {
      const auto piece =
          input.first(std::min<std::size_t>(input.size(), std::numeric_limits<uInt>::max()));
      input = input.subspan(piece.size());
      zlib_.next_in = reinterpret_cast<const Bytef*>(piece.data());
      zlib_.avail_in = static_cast<uInt>(piece.size());
      do {
        std::array<std::byte, 8192> ready;
        const auto size = run(ready, flush);
        output.insert(output.end(), ready.begin(), ready.begin() + size);
      } while (zlib_.avail_out == 0);
    } while (!input.empty());
  }

  /// Ends the message with an empty stored block, less its tail.
  void end_message(std::vector<std::byte>& output) {
    // Up to 7 bits still held, the header of 3, padding and the tail: always fewer than 8 bytes.
    std::array<std::byte, 8> ready;
    const auto size = run(ready, Z_SYNC_FLUSH);
    assert(size > std::ssize(kTail));
    output.insert(output.end(), ready.begin(), ready.begin() + size - std::ssize(kTail));
    if (no_context_takeover_) ::deflateReset(&zlib_);
  }

  /// Returns: the number of bytes that zlib put into `ready`.
  std::ptrdiff_t run(std::span<std::byte> ready, int flush) {
    zlib_.next_out = reinterpret_cast<Bytef*>(ready.data());
    zlib_.avail_out = static_cast<uInt>(ready.size());
    [[maybe_unused]] const int result = ::deflate(&zlib_, flush);
    assert(result == Z_OK || result == Z_BUF_ERROR);  // the latter: nothing to do, which is fine
    return static_cast<std::ptrdiff_t>(ready.size() - zlib_.avail_out);
  }

  z_stream zlib_ = make_zlib_stream();
  bool no_context_takeover_;
};

std::unique_ptr<MessageDeflater::Stream> make_stream(DirectionParameters parameters, int level,
                                                     int memory_level) {
#if WS_HAS_ISAL
  if (level == 1) return make_isal_stream(parameters);
#endif
  return std::make_unique<ZlibStream>(parameters, level, memory_level);
}

}  // namespace

MessageDeflater::MessageDeflater(DirectionParameters parameters, int level, int memory_level)
    : stream_(make_stream(parameters, level, memory_level)) {}
MessageDeflater::~MessageDeflater() = default;
MessageDeflater::MessageDeflater(MessageDeflater&&) noexcept = default;
MessageDeflater& MessageDeflater::operator=(MessageDeflater&&) noexcept = default;

void MessageDeflater::deflate(std::span<const std::byte> stretch, bool is_last,
                              std::vector<std::byte>& output) {
  stream_->deflate(stretch, is_last, output);
}

}  // namespace ws
