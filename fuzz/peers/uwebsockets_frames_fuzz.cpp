// The least that a fuzz target around uWebSockets' frame parser does: a client's bytes in two
// reads, with its UTF-8 check. Not a target to find anything with, but the measure for
// frame_decoder's speed.
#include <WebSocketProtocol.h>
#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace {

constexpr std::size_t kPadding = 32;  // bytes before and behind a read that it may write to
constexpr std::size_t kMaxInput = 4096;

struct Receiver : uWS::WebSocketProtocol<true, Receiver> {
  using State = uWS::WebSocketState<true>;

  bool failed = false;

  static bool setCompressed(State* /*state*/, void* /*receiver*/) { return false; }
  static bool refusePayloadLength(std::uint64_t length, State* /*state*/, void* /*receiver*/) {
    return length > 16U * 1024U * 1024U;
  }
  static void forceClose(State* /*state*/, void* receiver, std::string_view /*reason*/ = {}) {
    static_cast<Receiver*>(receiver)->failed = true;
  }
  static bool handleFragment(char* data, std::size_t size, unsigned remaining, int opcode, bool fin,
                             State* /*state*/, void* receiver) {
    if (opcode == uWS::TEXT && remaining == 0 && fin &&
        !uWS::protocol::isValidUtf8(reinterpret_cast<unsigned char*>(data), size)) {
      forceClose(nullptr, receiver);
      return true;
    }
    return false;
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static std::array<char, kMaxInput + 2 * kPadding> buffer;
  if (size == 0) return 0;
  const std::string_view stream(reinterpret_cast<const char*>(data) + 1,
                                std::min(size - 1, kMaxInput));
  const std::size_t cut = std::min<std::size_t>(data[0], stream.size());
  Receiver::State state;
  Receiver receiver;
  for (const std::string_view read : {stream.substr(0, cut), stream.substr(cut)}) {
    if (read.empty() || receiver.failed) continue;
    std::ranges::copy(read, buffer.begin() + kPadding);
    Receiver::consume(buffer.data() + kPadding, static_cast<unsigned>(read.size()), &state,
                      &receiver);
  }
  return 0;
}
