// Throughput of masking a payload in place. memcpy of the same size is the bound that memory sets.
#include <boost/beast/websocket/detail/mask.hpp>
#include <cstring>
#include <span>
#include <websocketpp/frame.hpp>

#include "bench/workload.hpp"

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

template <void (*kMask)(Bytes)>
void BM_Mask(benchmark::State& state) {
  auto payload = payload_of(static_cast<std::size_t>(state.range(0)));
  auto expected = payload;
  for (std::size_t i = 0; i < expected.size(); ++i) expected[i] ^= kKey[i % 4];
  kMask(payload);
  require(payload == expected, "a masked payload");
  for ([[maybe_unused]] auto _ : state) {
    kMask(payload);
    benchmark::DoNotOptimize(payload.data());
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

void BM_Memcpy(benchmark::State& state) {
  const auto source = payload_of(static_cast<std::size_t>(state.range(0)));
  std::vector<std::byte> destination(source.size());
  for ([[maybe_unused]] auto _ : state) {
    std::memcpy(destination.data(), source.data(), source.size());
    benchmark::DoNotOptimize(destination.data());
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

BENCHMARK(BM_Mask<mask_with_wsproof>)->Name("masking/in place/wsproof")->Apply(each_size);
BENCHMARK(BM_Mask<mask_with_beast>)->Name("masking/in place/Boost.Beast")->Apply(each_size);
BENCHMARK(BM_Mask<mask_with_websocketpp>)->Name("masking/in place/websocketpp")->Apply(each_size);
BENCHMARK(BM_Memcpy)->Name("masking/in place/memcpy")->Apply(each_size);

}  // namespace
}  // namespace ws::bench
