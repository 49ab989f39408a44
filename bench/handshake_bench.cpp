// From the bytes of an opening request to the knowledge that it is one, as a server does it.
//
// Ours parses and checks all of section 4.2.1, extensions and subprotocols included. Beast's is its
// parser and is_upgrade, which looks at method, version, Connection, Upgrade and the version field.
// websocketpp's is its parser, is_websocket_handshake and validate_handshake. "Answered" is up to
// the text of the 101 response; uWebSockets only looks at the fields that it needs.
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <cstring>
#include <span>
#include <utility>
#include <vector>

#include "bench/websocketpp_peer.hpp"
#include "bench/workload.hpp"
#include "impl/handshake/server_handshake.hpp"
#if defined(WSPROOF_HAS_UWEBSOCKETS)
#include "bench/uwebsockets_peer.hpp"
#endif

namespace ws::bench {
namespace {

constexpr std::string_view kMinimal =
    "GET /chat HTTP/1.1\r\n"
    "Host: server.example.com\r\n"
    "Upgrade: websocket\r\n"
    "Connection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Version: 13\r\n\r\n";

constexpr std::string_view kBrowser =
    "GET /chat?room=42 HTTP/1.1\r\n"
    "Host: server.example.com\r\n"
    "Connection: Upgrade\r\n"
    "Pragma: no-cache\r\n"
    "Cache-Control: no-cache\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Safari/537.36\r\n"
    "Upgrade: websocket\r\n"
    "Origin: https://server.example.com\r\n"
    "Sec-WebSocket-Version: 13\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Accept-Language: en-GB,en;q=0.9,el;q=0.8\r\n"
    "Cookie: id=0123456789abcdef0123456789abcdef; theme=dark\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Protocol: chat, superchat\r\n"
    "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n";

bool accept_with_wsproof(std::string_view request) {
  RequestHeadParser parser;
  auto input = std::as_bytes(std::span(request));
  auto head = parser.receive(input);
  return head && *head && check_opening_request(std::move(**head));
}

bool accept_with_beast(std::string_view request) {
  boost::beast::http::request_parser<boost::beast::http::empty_body> parser;
  boost::system::error_code error;
  parser.put(boost::asio::const_buffer(request.data(), request.size()), error);
  return !error && parser.is_done() && boost::beast::websocket::is_upgrade(parser.get());
}

bool accept_with_websocketpp(std::string_view request) {
  static const WebsocketppPeer kPeer(true);
  return kPeer.accept(request);
}

bool answer_with_wsproof(std::string_view request) {
  RequestHeadParser parser;
  auto input = std::as_bytes(std::span(request));
  auto head = parser.receive(input);
  if (!head || !*head) return false;
  const auto opening = check_opening_request(std::move(**head));
  if (!opening) return false;
  const std::string response = format_acceptance(*opening, {});
  benchmark::DoNotOptimize(response.data());
  return response.starts_with("HTTP/1.1 101 ");
}

#if defined(WSPROOF_HAS_UWEBSOCKETS)
/// From a copy, as from a socket: its parser writes into what it reads.
bool answer_with_uwebsockets(std::string_view request) {
  static UwebsocketsPeer peer;
  static std::vector<char> read;
  read.resize(request.size() + UwebsocketsPeer::kPadding);
  std::memcpy(read.data(), request.data(), request.size());
  const std::string response = peer.answer(read.data(), request.size());
  benchmark::DoNotOptimize(response.data());
  return response.starts_with("HTTP/1.1 101 ");
}
#endif

using Accept = bool (*)(std::string_view);

void BM_Accept(benchmark::State& state, Accept accept, std::string_view request) {
  require(accept(request), "a good request");
  std::string bad(request);
  bad.replace(bad.find("Upgrade: websocket"), 18, "Upgrade: h2c");
  require(!accept(bad), "a bad request");
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(accept(request));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(request.size()));
}

const bool kRegistered = [] {
  for (const auto& [kind, request] :
       {std::pair{"minimal", kMinimal}, std::pair{"browser", kBrowser}}) {
    for (const auto& [name, accept] :
         {std::pair{"wsproof", &accept_with_wsproof}, std::pair{"Boost.Beast", &accept_with_beast},
          std::pair{"websocketpp", &accept_with_websocketpp}}) {
      const std::string full =
          std::string("handshake/") + kind + "/" + name + "/" + std::to_string(request.size());
      benchmark::RegisterBenchmark(full.c_str(), BM_Accept, accept, request);
    }
    const std::string answered = std::string("handshake/") + kind + " answered/";
    const std::string size = "/" + std::to_string(request.size());
    benchmark::RegisterBenchmark((answered + "wsproof" + size).c_str(), BM_Accept,
                                 answer_with_wsproof, request);
#if defined(WSPROOF_HAS_UWEBSOCKETS)
    benchmark::RegisterBenchmark((answered + "uWebSockets" + size).c_str(), BM_Accept,
                                 answer_with_uwebsockets, request);
#endif
  }
  return true;
}();

}  // namespace
}  // namespace ws::bench
