// The sending side of permessage-deflate (RFC 7692 section 7.2.1).
#include <isa-l/igzip_lib.h>
#include <stdexcept>
#include <string>
#include <vector>

#include "conformance/harness/compression.hpp"

namespace ws::conformance {
namespace {

constexpr std::size_t kTailSize = 4;  // 00 00 ff ff, which is left out

}  // namespace

struct Compressor::Stream {
  explicit Stream(const Direction& agreed) : direction(agreed) {
    isal_deflate_init(&z);
    // The lowest level that has codes made for the data: a peer's time goes with the size.
    z.level = 1;
    z.level_buf = work.data();
    z.level_buf_size = static_cast<std::uint32_t>(work.size());
    z.hist_bits = static_cast<std::uint16_t>(direction.window_bits);
    z.flush = SYNC_FLUSH;
  }

  Direction direction;
  isal_zstream z{};
  std::vector<std::uint8_t> work = std::vector<std::uint8_t>(ISAL_DEF_LVL1_DEFAULT);
  std::string output{};
};

Compressor::Compressor(const Direction& direction) : stream_(std::make_unique<Stream>(direction)) {}

Compressor::~Compressor() = default;

std::string_view Compressor::compress(std::string_view message) {
  // "an empty uncompressed block" and nothing else (RFC 7692 section 7.2.3.6).
  if (message.empty()) return {"\0", 1};
  isal_zstream& z = stream_->z;
  std::string& output = stream_->output;
  z.next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(message.data()));
  z.avail_in = static_cast<std::uint32_t>(message.size());
  std::size_t size = 0;
  do {
    if (output.size() < size + message.size() / 2 + 512) {
      output.resize(size + message.size() + message.size() / 2 + 512);
    }
    z.next_out = reinterpret_cast<std::uint8_t*>(output.data() + size);
    z.avail_out = static_cast<std::uint32_t>(output.size() - size);
    if (isal_deflate(&z) != COMP_OK) throw std::logic_error("ISA-L does not take its settings");
    size = output.size() - z.avail_out;
  } while (z.avail_out == 0);
  if (stream_->direction.no_context_takeover) isal_deflate_reset(&z);
  // "Remove 4 octets (that are 0x00 0x00 0xff 0xff) from the tail end." (RFC 7692 section 7.2.1)
  size -= kTailSize;
  if (size < message.size() || message.size() > 0xffff) {
    return std::string_view(output).substr(0, size);
  }
  // A stored block says the same to the peer's window (RFC 1951 section 3.2.4).
  output.assign(1, '\0');
  for (const std::size_t half : {message.size(), ~message.size()}) {
    output += static_cast<char>(half);
    output += static_cast<char>(half >> 8U);
  }
  output += message;
  output += '\0';
  return output;
}

}  // namespace ws::conformance
