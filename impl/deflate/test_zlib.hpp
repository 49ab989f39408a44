// zlib used in the plainest way, for the tests: a reference that shares no code with what it
// judges.
#pragma once

#include <cstddef>
#include <gtest/gtest.h>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>
#include <zlib.h>

#include "impl/testing/bytes.hpp"

namespace ws::test_zlib {

using Bytes = std::vector<std::byte>;

/// Window bits, no context takeover, level.
using Parameters = std::tuple<int, bool, int>;

inline std::string test_name(const ::testing::TestParamInfo<Parameters>& test) {
  const auto [window_bits, no_context_takeover, level] = test.param;
  return "Bits" + std::to_string(window_bits) + (no_context_takeover ? "NoTakeover" : "Takeover") +
         "Level" + std::to_string(level);
}

/// `size` bytes that look like the text of messages: words of a small vocabulary.
inline Bytes words(std::size_t size, unsigned seed) {
  static constexpr std::string_view kWords[] = {
      "frame ", "message ", "{\"id\": ", "masking ", "payload ", "Hello", "\u00e9t\u00e9, ", "0, "};
  std::minstd_rand random(seed);
  Bytes bytes;
  while (bytes.size() < size) {
    const auto word = ws::testing::bytes_of(kWords[random() % std::size(kWords)]);
    bytes.insert(bytes.end(), word.begin(), word.end());
  }
  bytes.resize(size);
  return bytes;
}

inline Bytes noise(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  Bytes bytes(size);
  for (auto& byte : bytes) byte = static_cast<std::byte>(random());
  return bytes;
}

/// Noise that repeats itself every `period` bytes.
inline Bytes periodic_noise(std::size_t size, std::size_t period, unsigned seed) {
  Bytes bytes = noise(size, seed);
  for (std::size_t i = period; i < size; ++i) bytes[i] = bytes[i - period];
  return bytes;
}

/// One stream of raw DEFLATE data.
class Deflater {
 public:
  explicit Deflater(int window_bits = 15, int level = 6, int memory_level = 8) {
    EXPECT_EQ(
        deflateInit2(&zlib_, level, Z_DEFLATED, -window_bits, memory_level, Z_DEFAULT_STRATEGY),
        Z_OK);
  }
  ~Deflater() { deflateEnd(&zlib_); }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  /// Everything that zlib makes of `input` in a single call.
  Bytes deflate(Bytes input, int flush) {
    Bytes output(input.size() + input.size() / 8 + 1000);
    zlib_.next_in = reinterpret_cast<Bytef*>(input.data());
    zlib_.avail_in = static_cast<uInt>(input.size());
    zlib_.next_out = reinterpret_cast<Bytef*>(output.data());
    zlib_.avail_out = static_cast<uInt>(output.size());
    ::deflate(&zlib_, flush);
    EXPECT_GT(zlib_.avail_out, 0U);
    output.resize(output.size() - zlib_.avail_out);
    return output;
  }

  /// A message as section 7.2.1 has it.
  Bytes deflate_message(Bytes input) {
    Bytes output = deflate(std::move(input), Z_SYNC_FLUSH);
    output.resize(output.size() - 4);
    return output;
  }

 private:
  z_stream zlib_{};
};

/// One stream of raw DEFLATE data with a strict window: zlib checks distances against the window
/// and what the present call has put out, so each call here puts out a single byte.
class StrictInflater {
 public:
  explicit StrictInflater(int window_bits) { EXPECT_EQ(inflateInit2(&zlib_, -window_bits), Z_OK); }
  ~StrictInflater() { inflateEnd(&zlib_); }
  StrictInflater(const StrictInflater&) = delete;
  StrictInflater& operator=(const StrictInflater&) = delete;

  /// The message that `payload` carries; nothing if it is not exactly as section 7.2.1 has it,
  /// without BFINAL, or refers to bytes outside the window.
  std::optional<Bytes> inflate_message(Bytes payload) {
    for (const int byte : {0x00, 0x00, 0xff, 0xff}) payload.push_back(static_cast<std::byte>(byte));
    zlib_.next_in = reinterpret_cast<Bytef*>(payload.data());
    zlib_.avail_in = static_cast<uInt>(payload.size());
    Bytes output;
    bool is_between_blocks = false;
    for (;;) {
      std::byte byte{};
      zlib_.next_out = reinterpret_cast<Bytef*>(&byte);
      zlib_.avail_out = 1;
      const int result = ::inflate(&zlib_, Z_SYNC_FLUSH);
      if (result == Z_BUF_ERROR) break;  // nothing left to do
      if (result != Z_OK) return std::nullopt;
      // Bits left over: none. The last block: not yet seen. The end of a block: just passed.
      is_between_blocks = zlib_.data_type == 128;
      if (zlib_.avail_out == 0) output.push_back(byte);
    }
    if (!is_between_blocks) return std::nullopt;
    return output;
  }

 private:
  z_stream zlib_{};
};

}  // namespace ws::test_zlib
