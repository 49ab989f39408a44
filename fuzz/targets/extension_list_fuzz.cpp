// Any value of Sec-WebSocket-Extensions: parsed as the oracle does, written and read back, and
// negotiated by the rules of RFC 7692 section 7.1, in both roles.
#include <vector>

#include "conformance/oracle/extension_list.hpp"
#include "fuzz/fuzz_input.hpp"
#include "fuzz/negotiation_rules.hpp"
#include "impl/deflate/negotiation.hpp"
#include "impl/handshake/extension_list.hpp"
#include "impl/wire/kernels/variant.hpp"

namespace ws::fuzz {
namespace {

DirectionParameters direction_of(unsigned byte) {
  return {.no_context_takeover = byte % 2 == 1,
          .max_window_bits = kMinWindowBits + static_cast<int>(byte / 2 % 8)};
}

/// The server's side: it answers the first offer that it can, and as section 7.1 wants it.
void check_answer(const std::vector<Extension>& offers, const DeflateSettings& settings) {
  const auto accepted = accept_offer(offers, settings);
  const auto expected = find_answer(offers, settings);
  require(accepted.has_value() == expected.has_value(), "an offer is taken if one can be");
  if (!accepted) return;
  const Extension& response = accepted->response;
  require(accepted->parameters == expected->parameters, "what is agreed on is what can be");
  require(response.name == kDeflateName, "the response names what was offered");
  require(stated_by(response) == expected->stated, "both sides hear what was agreed on");
  require(
      parse_extension_list(format_extension_list(std::span(&response, 1))) == std::vector{response},
      "the response keeps the grammar");
}

/// The client's side: what it makes of the answer of a server that may be wrong, and of a right
/// one.
void check_client(const Extension& response, const DeflateSettings& settings) {
  require(check_response(response, settings) == find_agreement(response, settings),
          "a response is taken if it answers the offer, for what it says");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzInput input(data, size);
  DeflateSettings settings;
  const unsigned server = input.take_byte();
  settings.server = direction_of(server);
  settings.client = direction_of(input.take_byte());
  const auto variants = kernels::runnable_variants();
  kernels::use_variant(variants[variants.size() - 1 - server / 16 % 4 % variants.size()]);

  const auto parsed = parse_extension_list(input.rest_as_text());
  require(parsed == oracle::parse_extension_list(input.rest_as_text()),
          "a list is parsed as the oracle does");
  if (!parsed) return 0;
  require(parse_extension_list(format_extension_list(*parsed)) == parsed,
          "a list that is written is read back");
  check_answer(*parsed, settings);

  for (const Extension& response : *parsed) check_client(response, settings);
  return 0;
}

}  // namespace ws::fuzz
