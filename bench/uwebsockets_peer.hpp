// uWebSockets' parsers of frames and heads, without its event loop. Its headers want to be compiled
// without our warnings, so it stands behind this one.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ws::bench {

class UwebsocketsPeer {
 public:
  /// Bytes that it may read and write before and behind a stream or payload.
  static constexpr std::size_t kPadding = 64;

  using Take = void (*)(void* taker, const char* message, std::size_t size);

  UwebsocketsPeer();
  ~UwebsocketsPeer();

  /// Masks in place, up to three bytes more than `payload` has.
  static void mask(char* payload, std::size_t size, std::array<char, 4> key);

  static bool is_valid_utf8(std::string_view text);

  /// Unmasks whole binary frames of a client in place, and hands each message to `take`.
  ///
  /// Returns: false if they break a rule.
  bool decode(char* stream, std::size_t size, Take take, void* taker);

  /// Writes an unmasked binary frame into `frame`.
  ///
  /// Returns: its size.
  static std::size_t encode(std::string_view payload, char* frame);

  /// Parses an opening request, which is followed by padding, and answers it with a 101 response.
  ///
  /// Returns: the response; empty if it is no request for a WebSocket.
  std::string answer(char* request, std::size_t size);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace ws::bench
