// websocketpp's processor of frames and heads, without its transport. websocketpp does not compile
// as C++20, so it stands behind this header, which both languages can read.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace ws::bench {

class WebsocketppPeer {
 public:
  using Take = std::function<void(const std::byte* message, std::size_t size)>;

  /// `key` masks each frame that a client encodes.
  explicit WebsocketppPeer(bool is_server, std::array<std::byte, 4> key = {});
  ~WebsocketppPeer();

  /// Decodes whole frames, and hands each message to `take`. Unmasks `stream` in place, so every
  /// other call with the same bytes gets payloads that are masked no more.
  ///
  /// Returns: false if they break a rule.
  bool decode(std::byte* stream, std::size_t size, const Take& take);

  /// Encodes a binary message as one frame.
  ///
  /// Returns: false if it cannot.
  bool encode(const std::byte* payload, std::size_t size);

  /// What encode() made.
  std::vector<std::byte> frame() const;

  /// Parses and checks an opening request.
  bool accept(std::string_view request) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace ws::bench
