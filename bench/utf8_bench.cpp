// Throughput of validating one whole text, by the script it is in.
#include <boost/beast/websocket/detail/utf8_checker.hpp>
#include <span>
#include <utility>
#include <websocketpp/utf8_validator.hpp>

#include "bench/workload.hpp"
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

const bool kRegistered = [] {
  for (const Script& script : kScripts) {
    for (const auto& [name, validate] : {std::pair{"wsproof", &validate_with_wsproof},
                                         std::pair{"Boost.Beast", &validate_with_beast},
                                         std::pair{"websocketpp", &validate_with_websocketpp}}) {
      each_size(
          benchmark::RegisterBenchmark((std::string("utf8/") + script.name + "/" + name).c_str(),
                                       BM_Validate, validate, script.sample));
    }
  }
  return true;
}();

}  // namespace
}  // namespace ws::bench
