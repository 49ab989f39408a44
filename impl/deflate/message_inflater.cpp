#include "impl/deflate/message_inflater.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <limits>
#include <new>

#include "impl/deflate/message_tail.hpp"
#include "impl/deflate/zlib_stream.hpp"

namespace ws {
namespace {

// z_stream::data_type after the last bit of a block that ends on a byte boundary.
constexpr int kBetweenBlocks = 128;

/// Appends `bytes`. The capacity doubles as it needs to, but stays within `limit`.
void append(std::span<const std::byte> bytes, std::size_t limit, std::vector<std::byte>& output) {
  const std::size_t size = output.size() + bytes.size();
  if (size > output.capacity()) {
    const std::size_t doubled = output.capacity() > limit / 2 ? limit : 2 * output.capacity();
    output.reserve(std::max(size, doubled));
  }
  output.insert(output.end(), bytes.begin(), bytes.end());
}

}  // namespace

struct MessageInflater::Stream {
  explicit Stream(DirectionParameters parameters)
      : no_context_takeover_(parameters.no_context_takeover) {
    const int result = ::inflateInit2(&zlib_, -kMaxWindowBits);
    assert(result == Z_OK || result == Z_MEM_ERROR);
    if (result != Z_OK) throw std::bad_alloc();
  }
  ~Stream() { ::inflateEnd(&zlib_); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  std::expected<void, Violation> decompress(std::span<const std::byte> input,
                                            std::vector<std::byte>& output,
                                            std::size_t max_message_size) {
    while (!input.empty()) {
      const auto piece =
          input.first(std::min<std::size_t>(input.size(), std::numeric_limits<uInt>::max()));
      input = input.subspan(piece.size());
      zlib_.next_in = reinterpret_cast<const Bytef*>(piece.data());
      zlib_.avail_in = static_cast<uInt>(piece.size());
      do {
        const auto done = step(output, max_message_size);
        if (!done) return done;
      } while (zlib_.avail_in > 0 || zlib_.avail_out == 0);
    }
    return {};
  }

  bool is_between_blocks = true;  // the bytes so far end with the last bit of a block

  void end_message() {
    if (!no_context_takeover_) return;
    ::inflateReset(&zlib_);
    is_between_blocks = true;
  }

 private:
  /// Lets zlib fill one buffer at most.
  std::expected<void, Violation> step(std::vector<std::byte>& output,
                                      std::size_t max_message_size) {
    // Room for a single byte beyond the limit: enough to see that there is one.
    std::array<std::byte, 8192> ready;
    const std::size_t allowed = max_message_size - output.size();
    const std::size_t room = allowed < ready.size() ? allowed + 1 : ready.size();
    zlib_.next_out = reinterpret_cast<Bytef*>(ready.data());
    zlib_.avail_out = static_cast<uInt>(room);

    const int result = ::inflate(&zlib_, Z_SYNC_FLUSH);
    if (result == Z_MEM_ERROR) throw std::bad_alloc();
    assert(result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR ||
           result == Z_DATA_ERROR);

    // Of two errors in one step the size is the earlier: zlib had filled the buffer before it met
    // the bad data.
    const std::size_t size = room - zlib_.avail_out;
    append(std::span(ready).first(std::min(size, allowed)), max_message_size, output);
    if (size > allowed) return std::unexpected(Violation::message_too_big);
    if (result == Z_DATA_ERROR) return std::unexpected(Violation::bad_deflate_data);
    if (result == Z_STREAM_END) {
      // A block with BFINAL. Others may follow, and may refer to what came before it: this reset
      // keeps the window.
      ::inflateResetKeep(&zlib_);
      is_between_blocks = true;
    } else if (result == Z_OK) {  // not where there was nothing to do
      is_between_blocks = zlib_.data_type == kBetweenBlocks;
    }
    return {};
  }

  z_stream zlib_ = make_zlib_stream();
  bool no_context_takeover_;
};

MessageInflater::MessageInflater(DirectionParameters parameters)
    : stream_(std::make_unique<Stream>(parameters)) {}
MessageInflater::~MessageInflater() = default;
MessageInflater::MessageInflater(MessageInflater&&) noexcept = default;
MessageInflater& MessageInflater::operator=(MessageInflater&&) noexcept = default;

std::expected<void, Violation> MessageInflater::inflate(std::span<const std::byte> stretch,
                                                        bool is_last,
                                                        std::vector<std::byte>& output,
                                                        std::size_t max_message_size) {
  assert(output.size() <= max_message_size);
  auto done = stream_->decompress(stretch, output, max_message_size);
  if (!done || !is_last) return done;

  if (!stream_->is_between_blocks) {
    done = stream_->decompress(kTail, output, max_message_size);
    if (!done) return done;
    if (!stream_->is_between_blocks) return std::unexpected(Violation::bad_deflate_data);
  }
  stream_->end_message();
  return {};
}

}  // namespace ws
