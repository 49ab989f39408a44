// Throughput of validating one whole text, by the script it is in, and one that comes in pieces.
#include <boost/beast/websocket/detail/utf8_checker.hpp>
#include <span>
#include <utility>
#include <websocketpp/utf8_validator.hpp>

#include "bench/workload.hpp"
#if defined(WSPROOF_HAS_UWEBSOCKETS)
#include "bench/uwebsockets_peer.hpp"
#endif
#if defined(WSPROOF_HAS_SIMDUTF)
#include <simdutf.h>
#endif
#include "impl/wire/utf8.hpp"

namespace ws::bench {
namespace {

struct Script {
  const char* name = nullptr;
  std::string_view sample{};
};

constexpr Script kScripts[] = {
    {"ASCII", "The quick brown fox jumps over the lazy dog. "},
    {"Greek", "ξεσκεπάζωτηνψυχοφθόραβδελυγμία"},              // two bytes each
    {"CJK", "いろはにほへとちりぬるを色は匂へど散りぬるを"},  // three
    {"emoji", "😀😃😄😁😆😅🤣😂🙂🙃"},                        // four
    {"mixed", "Ωa 色 😀: ξεσκεπάζω τὴν πέτρα (reset by peer), 色は匂へど 😀 ok. "},
};

/// `sample` again and again, cut between two code points and filled up with spaces.
std::string text_of(std::string_view sample, std::size_t size) {
  std::string text;
  while (text.size() <= size) text += sample;
  std::size_t end = size;
  while ((static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
  text.resize(end);
  text.resize(size, ' ');
  return text;
}

bool validate_with_wsproof(const std::string& text) {
  return is_valid_utf8(std::as_bytes(std::span(text)));
}

bool validate_with_beast(const std::string& text) {
  boost::beast::websocket::detail::utf8_checker checker;
  return checker.write(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()) &&
         checker.finish();
}

bool validate_with_websocketpp(const std::string& text) {
  return websocketpp::utf8_validator::validate(text);
}

#if defined(WSPROOF_HAS_UWEBSOCKETS)
bool validate_with_uwebsockets(const std::string& text) {
  return UwebsocketsPeer::is_valid_utf8(text);
}
#endif

#if defined(WSPROOF_HAS_SIMDUTF)
bool validate_with_simdutf(const std::string& text) {
  return simdutf::validate_utf8(text.data(), text.size());
}
#endif

// A stream, as a message comes in reads.

constexpr std::size_t kPiece = 1 << 10;

template <typename Feed>
bool feed_pieces(const std::string& text, const Feed& feed) {
  for (std::size_t i = 0; i < text.size(); i += kPiece) {
    if (!feed(std::string_view(text).substr(i, kPiece))) return false;
  }
  return true;
}

bool stream_with_wsproof(const std::string& text) {
  Utf8Validator validator;
  return feed_pieces(text,
                     [&](std::string_view piece) {
                       return validator.feed(std::as_bytes(std::span(piece)));
                     }) &&
         validator.is_complete();
}

bool stream_with_beast(const std::string& text) {
  boost::beast::websocket::detail::utf8_checker checker;
  return feed_pieces(text,
                     [&](std::string_view piece) {
                       return checker.write(reinterpret_cast<const std::uint8_t*>(piece.data()),
                                            piece.size());
                     }) &&
         checker.finish();
}

bool stream_with_websocketpp(const std::string& text) {
  websocketpp::utf8_validator::validator validator;
  return feed_pieces(text,
                     [&](std::string_view piece) {
                       return validator.decode(piece.begin(), piece.end());
                     }) &&
         validator.complete();
}

using Validate = bool (*)(const std::string&);

void BM_Validate(benchmark::State& state, Validate validate, std::string_view sample) {
  auto text = text_of(sample, static_cast<std::size_t>(state.range(0)));
  require(validate(text), "a valid text");
  const char kept = text[text.size() / 2];
  text[text.size() / 2] = '\xff';
  require(!validate(text), "an invalid text");
  text[text.size() / 2] = kept;
  for ([[maybe_unused]] auto _ : state) {
    benchmark::DoNotOptimize(validate(text));
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

void register_one(const std::string& name, Validate validate, std::string_view sample) {
  each_size(benchmark::RegisterBenchmark(name.c_str(), BM_Validate, validate, sample));
}

const bool kRegistered = [] {
  for (const Script& script : kScripts) {
    const std::string whole = std::string("utf8/") + script.name + "/";
    register_one(whole + "wsproof", validate_with_wsproof, script.sample);
    register_one(whole + "Boost.Beast", validate_with_beast, script.sample);
    register_one(whole + "websocketpp", validate_with_websocketpp, script.sample);
#if defined(WSPROOF_HAS_UWEBSOCKETS)
    register_one(whole + "uWebSockets", validate_with_uwebsockets, script.sample);
#endif
#if defined(WSPROOF_HAS_SIMDUTF)
    register_one(whole + "simdutf", validate_with_simdutf, script.sample);
#endif
  }
  for (const Script& script : {kScripts[0], kScripts[4]}) {
    const std::string pieces = std::string("utf8/") + script.name + " in pieces of 1 KiB/";
    register_one(pieces + "wsproof", stream_with_wsproof, script.sample);
    register_one(pieces + "Boost.Beast", stream_with_beast, script.sample);
    register_one(pieces + "websocketpp", stream_with_websocketpp, script.sample);
    register_one(pieces + "ours in one piece", validate_with_wsproof, script.sample);
  }
  return true;
}();

}  // namespace
}  // namespace ws::bench
