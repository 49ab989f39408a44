// Throughput of masking payloads in place, as they lie in a read. memcpy of the same size is near
// the bound that memory sets; in place is half the lines, so masking can be faster. wslay and
// libwebsockets mask as they go through a frame, and have no function for it: they are measured by
// frames.
#include <algorithm>
#include <bit>
#include <boost/beast/websocket/detail/mask.hpp>
#include <cstring>
#include <span>
#include <websocketpp/frame.hpp>

#include "bench/workload.hpp"
#if defined(WSPROOF_HAS_UWEBSOCKETS)
#include "bench/uwebsockets_peer.hpp"
#endif
#if defined(WSPROOF_HAS_BUFFERUTIL)
#include "bench/bufferutil_peer.hpp"
#endif

namespace ws::bench {
namespace {

using Bytes = std::span<std::byte>;

void mask_with_wsproof(Bytes payload) { apply_mask(payload, kKey); }

void mask_with_beast(Bytes payload) {
  namespace detail = boost::beast::websocket::detail;
  detail::prepared_key key{};
  std::memcpy(key.data(), kKey.data(), kKey.size());
  detail::mask_inplace(boost::asio::mutable_buffer(payload.data(), payload.size()), key);
}

void mask_with_websocketpp(Bytes payload) {
  websocketpp::frame::masking_key_type key{};
  std::memcpy(key.c, kKey.data(), kKey.size());
  websocketpp::frame::word_mask_exact(reinterpret_cast<std::uint8_t*>(payload.data()),
                                      payload.size(), key);
}

#if defined(WSPROOF_HAS_UWEBSOCKETS)
void mask_with_uwebsockets(Bytes payload) {
  UwebsocketsPeer::mask(reinterpret_cast<char*>(payload.data()), payload.size(),
                        std::bit_cast<std::array<char, 4>>(kKey));
}
#endif

#if defined(WSPROOF_HAS_BUFFERUTIL)
void mask_with_bufferutil(Bytes payload) {
  bench::mask_with_bufferutil(payload.data(), payload.size(), kKey.data());
}
#endif

void mask_nothing_but_copy(Bytes payload) {
  static std::vector<std::byte> copy;
  if (copy.size() < payload.size()) copy.resize(payload.size());
  std::memcpy(copy.data(), payload.data(), payload.size());
  benchmark::DoNotOptimize(copy.data());
}

/// Payloads as they lie in a read: each behind a header of a client, so at every alignment. Small
/// ones fill a part of the first cache; one alone would wait for its own stores again and again.
class Pool {
 public:
  explicit Pool(std::size_t size) {
    constexpr std::size_t kPoolSize = 24 << 10;
    const std::size_t header = size < 126 ? 6 : size < 0x1'0000 ? 8 : 14;
    const std::size_t count = std::max<std::size_t>(1, kPoolSize / (header + size));
    bytes_ = payload_of(count * (header + size) + kBehind);
    for (std::size_t i = 0; i < count; ++i) {
      payloads_.push_back(std::span(bytes_).subspan(i * (header + size) + header, size));
    }
  }

  const std::vector<Bytes>& payloads() const { return payloads_; }

 private:
  static constexpr std::size_t kBehind = 64;  // uWebSockets writes up to three bytes too many

  std::vector<std::byte> bytes_;
  std::vector<Bytes> payloads_;
};

template <void (*kMask)(Bytes)>
void BM_Mask(benchmark::State& state) {
  const Pool pool(static_cast<std::size_t>(state.range(0)));
  const auto payload = pool.payloads().front();
  std::vector<std::byte> expected(payload.begin(), payload.end());
  if constexpr (kMask != mask_nothing_but_copy) {
    for (std::size_t i = 0; i < expected.size(); ++i) expected[i] ^= kKey[i % 4];
  }
  kMask(payload);
  require(std::ranges::equal(payload, expected), "a masked payload");
  for ([[maybe_unused]] auto _ : state) {
    for (const Bytes each : pool.payloads()) kMask(each);
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * state.range(0) *
                          static_cast<std::int64_t>(pool.payloads().size()));
}

BENCHMARK(BM_Mask<mask_with_wsproof>)->Name("masking/in place/wsproof")->Apply(each_size);
BENCHMARK(BM_Mask<mask_with_beast>)->Name("masking/in place/Boost.Beast")->Apply(each_size);
BENCHMARK(BM_Mask<mask_with_websocketpp>)->Name("masking/in place/websocketpp")->Apply(each_size);
#if defined(WSPROOF_HAS_UWEBSOCKETS)
BENCHMARK(BM_Mask<mask_with_uwebsockets>)->Name("masking/in place/uWebSockets")->Apply(each_size);
#endif
#if defined(WSPROOF_HAS_BUFFERUTIL)
BENCHMARK(BM_Mask<mask_with_bufferutil>)->Name("masking/in place/bufferutil")->Apply(each_size);
#endif
BENCHMARK(BM_Mask<mask_nothing_but_copy>)->Name("masking/in place/memcpy")->Apply(each_size);

}  // namespace
}  // namespace ws::bench
