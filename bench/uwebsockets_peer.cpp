#include "bench/uwebsockets_peer.hpp"

#include <HttpParser.h>
#include <WebSocketHandshake.h>
#include <WebSocketProtocol.h>

namespace ws::bench {
namespace {

/// What its connection state does with the parser's messages, without fragments and compression.
struct Receiver : uWS::WebSocketProtocol<true, Receiver> {
  using State = uWS::WebSocketState<true>;

  UwebsocketsPeer::Take take = nullptr;
  void* taker = nullptr;
  bool failed = false;
  std::string fragments;

  using WebSocketProtocol::unmaskInplace;

  // NOLINTBEGIN(readability-identifier-naming): the parser's names
  static bool setCompressed(State* /*state*/, void* /*receiver*/) { return false; }
  static bool refusePayloadLength(std::uint64_t length, State* /*state*/, void* /*receiver*/) {
    return length > (64U << 20U);
  }
  static void forceClose(State* /*state*/, void* receiver, std::string_view /*reason*/ = {}) {
    static_cast<Receiver*>(receiver)->failed = true;
  }
  static bool handleFragment(char* data, std::size_t size, unsigned remaining, int opcode, bool fin,
                             State* /*state*/, void* receiver) {
    auto& self = *static_cast<Receiver*>(receiver);
    if (remaining != 0 || !fin || !self.fragments.empty()) {
      self.fragments.append(data, size);
      if (remaining != 0 || !fin) return false;
      self.take(self.taker, self.fragments.data(), self.fragments.size());
      self.fragments.clear();
      return false;
    }
    if (opcode == uWS::TEXT &&
        !uWS::protocol::isValidUtf8(reinterpret_cast<unsigned char*>(data), size)) {
      forceClose(nullptr, receiver);
      return true;
    }
    self.take(self.taker, data, size);
    return false;
  }
  // NOLINTEND(readability-identifier-naming)
};

}  // namespace

struct UwebsocketsPeer::Parts {
  Receiver::State state;
  Receiver receiver;
};

UwebsocketsPeer::UwebsocketsPeer() : parts_(std::make_unique<Parts>()) {}
UwebsocketsPeer::~UwebsocketsPeer() = default;

void UwebsocketsPeer::mask(char* payload, std::size_t size, std::array<char, 4> key) {
  Receiver::unmaskInplace(payload, payload + size, key.data());
}

bool UwebsocketsPeer::is_valid_utf8(std::string_view text) {
  auto* bytes = reinterpret_cast<unsigned char*>(const_cast<char*>(text.data()));
  return uWS::protocol::isValidUtf8(bytes, text.size());
}

bool UwebsocketsPeer::decode(char* stream, std::size_t size, Take take, void* taker) {
  parts_->receiver.take = take;
  parts_->receiver.taker = taker;
  Receiver::consume(stream, static_cast<unsigned>(size), &parts_->state, &parts_->receiver);
  return !parts_->receiver.failed;
}

std::size_t UwebsocketsPeer::encode(std::string_view payload, char* frame) {
  return uWS::protocol::formatMessage<true>(frame, payload.data(), payload.size(), uWS::BINARY,
                                            payload.size(), false, true);
}

std::string UwebsocketsPeer::answer(char* request, std::size_t size) {
  std::string response;
  response.reserve(256);  // as ours does
  uWS::HttpParser parser;
  parser.consumePostPadded(
      request, static_cast<unsigned>(size), this, nullptr,
      [&response](void* user, uWS::HttpRequest* head) -> void* {
        // What App::ws looks at and HttpResponse::upgrade writes.
        const std::string_view key = head->getHeader("sec-websocket-key");
        const std::string_view protocol = head->getHeader("sec-websocket-protocol");
        [[maybe_unused]] volatile std::size_t extensions =
            head->getHeader("sec-websocket-extensions").size();  // looked up, and not agreed to
        if (key.size() != 24 || head->getHeader("upgrade") != "websocket") return user;
        char accept[29] = {};
        // NOLINTNEXTLINE(bugprone-suspicious-stringview-data-usage): it reads 24 characters
        uWS::WebSocketHandshake::generate(key.data(), accept);
        response.append("HTTP/1.1 101 Switching Protocols\r\n")
            .append("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ")
            .append(accept, 28)
            .append("\r\n");
        if (!protocol.empty()) {
          response.append("Sec-WebSocket-Protocol: ")
              .append(protocol.substr(0, protocol.find(',')))
              .append("\r\n");
        }
        response.append("\r\n");
        return user;
      },
      [](void* user, std::string_view /*data*/, bool /*fin*/) -> void* { return user; });
  return response;
}

}  // namespace ws::bench
