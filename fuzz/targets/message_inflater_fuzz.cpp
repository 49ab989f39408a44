// Any bytes as compressed messages, cut anywhere: what comes out, and whether it is refused, is
// what the oracle says, and never more than the limit. What did come out is compressed again.
#include <cstdint>
#include <vector>

#include "conformance/oracle/inflater.hpp"
#include "fuzz/fuzz_input.hpp"
#include "impl/deflate/message_deflater.hpp"
#include "impl/deflate/message_inflater.hpp"

namespace ws::fuzz {
namespace {

struct Settings {
  DirectionParameters direction{};
  std::size_t limit = 0;  // bytes of one message
  Cuts cuts{};
  int level = 6;         ///< of compression; 1 is another library's where there is one
  bool repeats = false;  ///< the first that is compressed repeats itself beyond the window
};

/// Splits off the next message: its length in one byte, twice that if it is odd.
std::span<const std::byte> take_message(FuzzInput& input) {
  const unsigned length = input.take_byte();
  return input.take_bytes(length % 2 == 0 ? length / 2 : 8 * length);
}

/// Takes one message through `inflater` and compares. Returns: false once one is refused.
bool check_message(MessageInflater& inflater, std::span<const std::byte> payload,
                   const oracle::Inflated& expected, const Settings& settings, const Cuts& cuts) {
  std::vector<std::byte> output;
  std::expected<void, Violation> result;
  cuts.for_each_read(payload, [&](std::span<const std::byte> read) {
    result = inflater.inflate(read, false, output, settings.limit);
    return result.has_value();
  });
  if (result) result = inflater.inflate({}, true, output, settings.limit);

  require(output.size() <= settings.limit && output.capacity() <= 2 * settings.limit + 64,
          "the output stays within the limit");
  if (expected.end == oracle::InflateEnd::complete) {
    require(result.has_value(), "a message is taken that the oracle takes");
    require(output == expected.output, "a message is decompressed as the oracle does");
    return true;
  }
  require(!result, "a message is refused that the oracle refuses");
  require((result.error() == Violation::message_too_big) ==
              (expected.end == oracle::InflateEnd::too_big),
          "a message is refused for the oracle's reason");
  require(output == expected.output, "all that came out before the error is there");
  return false;
}

void check_messages(FuzzInput input, const Settings& settings, const Cuts& cuts) {
  // The window that the sender may use is not for its receiver to enforce.
  MessageInflater inflater(settings.direction);
  oracle::Inflater reference({.no_context_takeover = settings.direction.no_context_takeover});
  while (!input.rest().empty()) {
    const auto payload = take_message(input);
    const auto expected = reference.inflate(payload, settings.limit);
    if (!check_message(inflater, payload, expected, settings, cuts)) return;
  }
}

/// The message, noise, and the message again: just farther away than the window is wide, or nearly.
std::vector<std::byte> repeat_beyond_window(std::span<const std::byte> message, int window_bits) {
  std::vector<std::byte> repeated(message.begin(), message.end());
  const std::size_t distance = (std::size_t{1} << static_cast<unsigned>(window_bits)) + 16;
  std::uint32_t noise = 1;
  while (repeated.size() < distance) {
    noise = noise * 1664525U + 1013904223U;
    repeated.push_back(static_cast<std::byte>(noise >> 24U));
  }
  repeated.insert(repeated.end(), message.begin(), message.end());
  return repeated;
}

/// Compresses the same bytes, read as plain messages, and lets the oracle decompress them within
/// the window that was agreed on.
void check_deflater(FuzzInput input, const Settings& settings) {
  MessageDeflater deflater(settings.direction, settings.level, 8);
  oracle::Inflater reference({.window_bits = settings.direction.max_window_bits,
                              .no_context_takeover = settings.direction.no_context_takeover});
  std::vector<std::byte> repeated;
  while (!input.rest().empty()) {
    std::span<const std::byte> message = take_message(input);
    if (settings.repeats && repeated.empty()) {  // the first
      repeated = repeat_beyond_window(message, settings.direction.max_window_bits);
      message = repeated;
    }
    std::vector<std::byte> compressed;
    settings.cuts.for_each_read(message, [&](std::span<const std::byte> read) {
      deflater.deflate(read, false, compressed);
      return true;
    });
    deflater.deflate({}, true, compressed);
    const auto result = reference.inflate(compressed, message.size());
    require(result.end == oracle::InflateEnd::complete,
            "what the deflater writes keeps to its window");
    require(std::ranges::equal(result.output, message), "what is compressed comes out again");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzInput input(data, size);
  Settings settings;
  const unsigned flags = input.take_byte();
  settings.direction = {.no_context_takeover = flags % 2 == 1,
                        .max_window_bits = kMinWindowBits + static_cast<int>(flags / 2 % 8)};
  settings.limit = (flags & 0x10U) != 0 ? 64 : 16 * 1024;
  // Seldom, as both take long: the other library has tables to make, and noise has to be
  // compressed.
  settings.level = (flags & 0xf0U) == 0xf0U ? 1 : 6;
  settings.repeats = (flags & 0xe0U) == 0xa0U && settings.direction.max_window_bits <= 9;
  settings.cuts = input.take_cuts();

  check_messages(input, settings, Cuts());
  if (!settings.cuts.is_whole()) check_messages(input, settings, settings.cuts);
  if ((flags & 0x20U) != 0) check_deflater(input, settings);
  return 0;
}

}  // namespace ws::fuzz
