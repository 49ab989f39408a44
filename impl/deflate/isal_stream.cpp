#include "impl/deflate/isal_stream.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>
#include <isa-l/igzip_lib.h>
#include <limits>

#include "impl/deflate/message_tail.hpp"

namespace ws {
namespace {

class IsalStream final : public MessageDeflater::Stream {
 public:
  explicit IsalStream(DirectionParameters parameters)
      : no_context_takeover_(parameters.no_context_takeover) {
    isal_deflate_init(&isal_);
    // Level 0 would not make codes for the data.
    isal_.level = 1;
    isal_.level_buf = work_.data();
    isal_.level_buf_size = static_cast<std::uint32_t>(work_.size());
    isal_.hist_bits = static_cast<std::uint16_t>(parameters.max_window_bits);
  }

  void deflate(std::span<const std::byte> stretch, bool is_last,
               std::vector<std::byte>& output) override {
    has_data_ = has_data_ || !stretch.empty();
    if (!has_data_) {
      // An empty message, whose flush would write two empty blocks (section 7.2.3.6).
      if (is_last) output.push_back(std::byte{0});
      return;
    }
    do {
      const auto piece = stretch.first(
          std::min<std::size_t>(stretch.size(), std::numeric_limits<std::uint32_t>::max()));
      stretch = stretch.subspan(piece.size());
      compress(piece, is_last && stretch.empty() ? SYNC_FLUSH : NO_FLUSH, output);
    } while (!stretch.empty());
    if (!is_last) return;
    assert(output.size() > kTail.size());
    output.resize(output.size() - kTail.size());
    if (no_context_takeover_) isal_deflate_reset(&isal_);
    has_data_ = false;
  }

 private:
  /// Gives all of `input` to ISA-L and appends what comes out.
  void compress(std::span<const std::byte> input, std::uint16_t flush,
                std::vector<std::byte>& output) {
    isal_.flush = flush;
    // ISA-L reads only.
    isal_.next_in = const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(input.data()));
    isal_.avail_in = static_cast<std::uint32_t>(input.size());
    do {
      std::array<std::byte, 8192> ready;
      isal_.next_out = reinterpret_cast<std::uint8_t*>(ready.data());
      isal_.avail_out = static_cast<std::uint32_t>(ready.size());
      [[maybe_unused]] const int result = isal_deflate(&isal_);
      assert(result == COMP_OK);
      const auto size = static_cast<std::ptrdiff_t>(ready.size() - isal_.avail_out);
      output.insert(output.end(), ready.begin(), ready.begin() + size);
    } while (isal_.avail_out == 0);
  }

  isal_zstream isal_;
  std::vector<std::uint8_t> work_ = std::vector<std::uint8_t>(ISAL_DEF_LVL1_DEFAULT);
  bool no_context_takeover_;
  bool has_data_ = false;  // of this message
};

}  // namespace

std::unique_ptr<MessageDeflater::Stream> make_isal_stream(DirectionParameters parameters) {
  return std::make_unique<IsalStream>(parameters);
}

}  // namespace ws
