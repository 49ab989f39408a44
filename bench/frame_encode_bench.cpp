// From a payload to the masked frame that a client sends: binary messages of one frame.
//
// "wsproof" is encode_frame_header and copy_masked into a buffer that is used again, and
// "wsproof Connection" send_binary with its output taken. Of Beast it is the header writer and the
// mask over a copied payload, which is what its stream does, since its stream has no way to fix the
// key. websocketpp's prepare_data_frame leaves header and payload in two strings.
#include <algorithm>
#include <boost/beast/websocket/detail/frame.hpp>
#include <boost/beast/websocket/detail/mask.hpp>
#include <cstring>
#include <span>

#include "bench/websocketpp_peer.hpp"
#include "bench/workload.hpp"
#include "conformance/oracle/raw_frame.hpp"
#include "impl/connection/connection.hpp"
#include "impl/handshake/accept_key.hpp"
#include "impl/wire/frame_header.hpp"
#if defined(WSPROOF_HAS_UWEBSOCKETS)
#include "bench/uwebsockets_peer.hpp"
#endif

namespace ws::bench {
namespace {

using Payload = std::span<const std::byte>;

/// Each encoder makes one frame of `payload`; frame() is what it made, for the check.
class Wsproof {
 public:
  void encode(Payload payload) {
    frame_.resize(kMaxFrameHeaderSize + payload.size());
    frame_.resize(write_frame({.opcode = Opcode::binary, .masking_key = kKey}, payload, frame_));
  }

  const std::vector<std::byte>& frame() const { return frame_; }

 private:
  std::vector<std::byte> frame_;
};

class WsproofConnection {
 public:
  WsproofConnection() {
    connection_.take_output();
    const std::string response =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: " +
        compute_accept(encode_key(Nonce{})) + "\r\n\r\n";
    require(connection_.receive(std::as_bytes(std::span(response))).empty(), "a response");
    require(connection_.state() == ConnectionState::open, "an open connection");
    connection_.take_events();
  }

  void encode(Payload payload) {
    require(connection_.send_binary(payload).has_value(), "a sent message");
    frame_ = connection_.take_output();
  }

  const std::vector<std::byte>& frame() const { return frame_; }

 private:
  Connection connection_{ClientSettings{.offer = {.uri = parse_uri("ws://a/").value()},
                                        .masking_keys = [] { return kKey; }}};
  std::vector<std::byte> frame_;
};

class Beast {
 public:
  void encode(Payload payload) {
    namespace detail = boost::beast::websocket::detail;
    detail::frame_header header{};
    header.len = payload.size();
    std::memcpy(&header.key, kKey.data(), kKey.size());
    header.op = detail::opcode::binary;
    header.fin = true;
    header.mask = true;
    detail::fh_buffer encoded;
    detail::write(encoded, header);

    frame_.resize(encoded.size() + payload.size());
    std::memcpy(frame_.data(), encoded.data().data(), encoded.size());
    std::ranges::copy(payload, frame_.begin() + static_cast<std::ptrdiff_t>(encoded.size()));
    detail::prepared_key key{};
    detail::prepare_key(key, header.key);
    detail::mask_inplace(
        boost::asio::mutable_buffer(frame_.data() + encoded.size(), payload.size()), key);
  }

  const std::vector<std::byte>& frame() const { return frame_; }

 private:
  std::vector<std::byte> frame_;
};

class Websocketpp {
 public:
  void encode(Payload payload) {
    require(peer_.encode(payload.data(), payload.size()), "a frame of websocketpp");
  }

  std::vector<std::byte> frame() const { return peer_.frame(); }

 private:
  WebsocketppPeer peer_{false, kKey};
};

template <typename Encoder>
void BM_Encode(benchmark::State& state) {
  const auto payload = payload_of(static_cast<std::size_t>(state.range(0)));
  Encoder encoder;
  encoder.encode(payload);
  require(encoder.frame() ==
              oracle::encode({.opcode = Opcode::binary, .masking_key = kKey, .payload = payload}),
          "an encoded frame");
  for ([[maybe_unused]] auto _ : state) {
    encoder.encode(payload);
    benchmark::DoNotOptimize(encoder);
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

void BM_Memcpy(benchmark::State& state) {
  const auto payload = payload_of(static_cast<std::size_t>(state.range(0)));
  std::vector<std::byte> copy(payload.size());
  for ([[maybe_unused]] auto _ : state) {
    std::memcpy(copy.data(), payload.data(), payload.size());
    benchmark::DoNotOptimize(copy.data());
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

// A server's frame: header and payload, not masked, in a buffer that is used again. uWebSockets'
// encoder stands behind a call, and so does ours.

[[gnu::noinline]] std::size_t encode_behind_call(Payload payload, std::span<std::byte> frame) {
  return write_frame({.opcode = Opcode::binary}, payload, frame);
}

std::span<const std::byte> encode_with_wsproof(Payload payload, std::vector<std::byte>& frame) {
  return std::span(frame).first(encode_behind_call(payload, frame));
}

std::span<const std::byte> encode_with_beast(Payload payload, std::vector<std::byte>& frame) {
  namespace detail = boost::beast::websocket::detail;
  detail::frame_header header{};
  header.len = payload.size();
  header.op = detail::opcode::binary;
  header.fin = true;
  detail::fh_buffer encoded;
  detail::write(encoded, header);
  std::memcpy(frame.data(), encoded.data().data(), encoded.size());
  std::memcpy(frame.data() + encoded.size(), payload.data(), payload.size());
  return std::span(frame).first(encoded.size() + payload.size());
}

#if defined(WSPROOF_HAS_UWEBSOCKETS)
std::span<const std::byte> encode_with_uwebsockets(Payload payload, std::vector<std::byte>& frame) {
  const std::string_view text(reinterpret_cast<const char*>(payload.data()), payload.size());
  return std::span(frame).first(
      UwebsocketsPeer::encode(text, reinterpret_cast<char*>(frame.data())));
}
#endif

template <std::span<const std::byte> (*kEncode)(Payload, std::vector<std::byte>&)>
void BM_EncodeUnmasked(benchmark::State& state) {
  const auto payload = payload_of(static_cast<std::size_t>(state.range(0)));
  std::vector<std::byte> frame(payload.size() + kMaxFrameHeaderSize);
  require(std::ranges::equal(kEncode(payload, frame),
                             oracle::encode({.opcode = Opcode::binary, .payload = payload})),
          "an unmasked frame");
  for ([[maybe_unused]] auto _ : state) {
    benchmark::DoNotOptimize(kEncode(payload, frame).size());
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

BENCHMARK(BM_EncodeUnmasked<encode_with_wsproof>)
    ->Name("frame_encode/unmasked/wsproof")
    ->Apply(each_size);
BENCHMARK(BM_EncodeUnmasked<encode_with_beast>)
    ->Name("frame_encode/unmasked/Boost.Beast")
    ->Apply(each_size);
#if defined(WSPROOF_HAS_UWEBSOCKETS)
BENCHMARK(BM_EncodeUnmasked<encode_with_uwebsockets>)
    ->Name("frame_encode/unmasked/uWebSockets")
    ->Apply(each_size);
#endif
BENCHMARK(BM_Encode<Wsproof>)->Name("frame_encode/binary/wsproof")->Apply(each_size);
BENCHMARK(BM_Encode<WsproofConnection>)
    ->Name("frame_encode/binary/wsproof Connection")
    ->Apply(each_size);
BENCHMARK(BM_Encode<Beast>)->Name("frame_encode/binary/Boost.Beast")->Apply(each_size);
BENCHMARK(BM_Encode<Websocketpp>)->Name("frame_encode/binary/websocketpp")->Apply(each_size);
BENCHMARK(BM_Memcpy)->Name("frame_encode/binary/memcpy")->Apply(each_size);

}  // namespace
}  // namespace ws::bench
