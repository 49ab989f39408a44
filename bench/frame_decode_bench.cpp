// From the bytes that a client sends to unmasked payloads: binary messages of one frame each.
//
// "wsproof" is FrameDecoder, and copy_masked into a buffer that is used again. The others are whole
// connections without their transport: ours with its events, Beast's stream over memory, and
// websocketpp's processor, which takes a new string for each message. uWebSockets' parser hands out
// messages in place, after a copy of the stream that stands for a read, which it needs because it
// writes into it; wslay's copies out of a callback. memcpy copies the stream.
#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <cstring>
#include <span>

#include "bench/memory_stream.hpp"
#include "bench/websocketpp_peer.hpp"
#include "bench/workload.hpp"
#include "conformance/oracle/raw_frame.hpp"
#include "impl/connection/connection.hpp"
#include "impl/wire/frame_decoder.hpp"
#if defined(WSPROOF_HAS_UWEBSOCKETS)
#include "bench/uwebsockets_peer.hpp"
#endif
#if defined(WSPROOF_HAS_WSLAY)
#include <wslay/wslay.h>
#endif

namespace ws::bench {
namespace {

constexpr std::string_view kRequest =
    "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

/// About 64 KiB of frames, and at least one.
struct Workload {
  explicit Workload(std::int64_t size)
      : payload(payload_of(static_cast<std::size_t>(size))),
        frames(std::max<std::size_t>(1, (64 << 10) / payload.size())) {
    const auto frame =
        oracle::encode({.opcode = Opcode::binary, .masking_key = kKey, .payload = payload});
    for (std::size_t i = 0; i < frames; ++i)
      stream.insert(stream.end(), frame.begin(), frame.end());
  }

  std::vector<std::byte> payload;
  std::size_t frames;
  std::vector<std::byte> stream{};
};

/// Each decoder takes the stream of `frames` frames whole, and hands each message to `take`.
class Wsproof {
 public:
  template <typename Take>
  void decode(std::span<std::byte> stream, std::size_t, const Take& take) {
    std::span<const std::byte> input = stream;
    const auto decoded = decoder_.decode(input, [&](const FramePart& part) {
      const std::size_t size = part.header.payload_length;
      if (message_.size() < size) message_.resize(size);
      const auto message = std::span(message_).first(size);
      copy_masked(part.payload, message.subspan(part.offset, part.payload.size()),
                  *part.header.masking_key, part.offset);
      if (part.is_last) take(message);
      return true;
    });
    require(decoded.has_value(), "frames that keep the rules");
  }

 private:
  FrameDecoder decoder_{FrameDecoderSettings{.sender = Role::client}};
  std::vector<std::byte> message_;
};

class WsproofConnection {
 public:
  WsproofConnection() {
    require(connection_.receive(std::as_bytes(std::span(kRequest))).empty(), "an opening request");
    require(connection_.state() == ConnectionState::open, "an open connection");
    connection_.take_events();
  }

  template <typename Take>
  void decode(std::span<std::byte> stream, std::size_t, const Take& take) {
    std::span<const std::byte> input = stream;
    while (!input.empty()) {
      input = connection_.receive(input);
      for (const Event& event : connection_.take_events()) {
        take(std::get<MessageReceived>(event).payload);
      }
    }
  }

 private:
  Connection connection_{ServerSettings{}};
};

class Beast {
 public:
  Beast() {
    connection_.next_layer().set_input(std::as_bytes(std::span(kRequest)));
    connection_.accept();
  }

  template <typename Take>
  void decode(std::span<std::byte> stream, std::size_t frames, const Take& take) {
    connection_.next_layer().set_input(stream);
    for (std::size_t i = 0; i < frames; ++i) {
      connection_.read(buffer_);
      take(std::span(static_cast<const std::byte*>(buffer_.cdata().data()), buffer_.size()));
      buffer_.clear();
    }
  }

 private:
  boost::asio::io_context io_;
  boost::beast::websocket::stream<MemoryStream> connection_{io_};
  boost::beast::flat_buffer buffer_;
};

class Websocketpp {
 public:
  template <typename Take>
  void decode(std::span<std::byte> stream, std::size_t, const Take& take) {
    require(peer_.decode(stream.data(), stream.size(),
                         [&](const std::byte* message, std::size_t size) {
                           take(std::span(message, size));
                         }),
            "frames for websocketpp");
  }

 private:
  WebsocketppPeer peer_{true};
};

#if defined(WSPROOF_HAS_UWEBSOCKETS)
/// Unmasks in place, so like websocketpp it gets payloads that are masked no more in every other
/// pass, and moves them: it has to have a fresh stream each time, as from a socket.
class Uwebsockets {
 public:
  template <typename Take>
  void decode(std::span<std::byte> stream, std::size_t, const Take& take) {
    constexpr std::size_t kPadding = UwebsocketsPeer::kPadding;
    read_.resize(stream.size() + 2 * kPadding);
    std::memcpy(read_.data() + kPadding, stream.data(), stream.size());
    const auto hand_on = [](void* taker, const char* message, std::size_t size) {
      (*static_cast<const Take*>(taker))(std::as_bytes(std::span(message, size)));
    };
    require(peer_.decode(reinterpret_cast<char*>(read_.data()) + kPadding, stream.size(), hand_on,
                         const_cast<Take*>(&take)),
            "frames for uWebSockets");
  }

 private:
  UwebsocketsPeer peer_;
  std::vector<std::byte> read_;
};
#endif

#if defined(WSPROOF_HAS_WSLAY)
/// Its frame API, which hands out stretches of payload.
class Wslay {
 public:
  Wslay() {
    wslay_frame_callbacks callbacks{};
    callbacks.recv_callback = [](std::uint8_t* to, std::size_t size, int, void* user) -> ssize_t {
      auto& rest = static_cast<Wslay*>(user)->rest_;
      size = std::min(size, rest.size());
      std::memcpy(to, rest.data(), size);
      rest = rest.subspan(size);
      return static_cast<ssize_t>(size);
    };
    require(wslay_frame_context_init(&context_, &callbacks, this) == 0, "a wslay context");
  }
  Wslay(const Wslay&) = delete;
  Wslay& operator=(const Wslay&) = delete;
  ~Wslay() { wslay_frame_context_free(context_); }

  template <typename Take>
  void decode(std::span<std::byte> stream, std::size_t frames, const Take& take) {
    rest_ = stream;
    message_.clear();
    while (frames > 0) {
      wslay_frame_iocb part{};
      require(wslay_frame_recv(context_, &part) >= 0, "a frame for wslay");
      const auto data = std::as_bytes(std::span(part.data, part.data_length));
      if (message_.empty() && data.size() == part.payload_length) {
        take(data);
        --frames;
        continue;
      }
      message_.insert(message_.end(), data.begin(), data.end());
      if (message_.size() == part.payload_length) {
        take(message_);
        message_.clear();
        --frames;
      }
    }
  }

 private:
  wslay_frame_context_ptr context_ = nullptr;
  std::span<const std::byte> rest_;
  std::vector<std::byte> message_;
};
#endif

/// Copies the stream in one go.
class Memcpy {
 public:
  template <typename Take>
  void decode(std::span<std::byte> stream, std::size_t, const Take& take) {
    copy_.resize(stream.size());
    std::memcpy(copy_.data(), stream.data(), stream.size());
    take(copy_);
  }

 private:
  std::vector<std::byte> copy_;
};

template <typename Decoder>
void BM_Decode(benchmark::State& state) {
  Workload workload(state.range(0));
  Decoder decoder;
  if constexpr (!std::is_same_v<Decoder, Memcpy>) {
    std::size_t messages = 0;
    auto stream = workload.stream;
    decoder.decode(stream, workload.frames, [&](std::span<const std::byte> message) {
      require(std::ranges::equal(message, workload.payload), "a decoded message");
      ++messages;
    });
    require(messages == workload.frames, "the number of decoded messages");
  }
  for ([[maybe_unused]] auto _ : state) {
    decoder.decode(workload.stream, workload.frames, [](std::span<const std::byte> message) {
      benchmark::DoNotOptimize(message.data());
      benchmark::ClobberMemory();
    });
  }
  const auto bytes = static_cast<std::int64_t>(workload.frames * workload.payload.size());
  state.SetBytesProcessed(state.iterations() * bytes);
}

BENCHMARK(BM_Decode<Wsproof>)->Name("frame_decode/binary/wsproof")->Apply(each_size);
BENCHMARK(BM_Decode<WsproofConnection>)
    ->Name("frame_decode/binary/wsproof Connection")
    ->Apply(each_size);
BENCHMARK(BM_Decode<Beast>)->Name("frame_decode/binary/Boost.Beast")->Apply(each_size);
BENCHMARK(BM_Decode<Websocketpp>)->Name("frame_decode/binary/websocketpp")->Apply(each_size);
#if defined(WSPROOF_HAS_UWEBSOCKETS)
BENCHMARK(BM_Decode<Uwebsockets>)->Name("frame_decode/binary/uWebSockets")->Apply(each_size);
#endif
#if defined(WSPROOF_HAS_WSLAY)
BENCHMARK(BM_Decode<Wslay>)->Name("frame_decode/binary/wslay")->Apply(each_size);
#endif
BENCHMARK(BM_Decode<Memcpy>)->Name("frame_decode/binary/memcpy")->Apply(each_size);

}  // namespace
}  // namespace ws::bench
