// Any value of Sec-WebSocket-Extensions: parsed as the oracle does, written and read back, and
// negotiated without breaking a rule of RFC 7692 section 7.1.
#include <algorithm>
#include <string>

#include "conformance/oracle/extension_list.hpp"
#include "fuzz/fuzz_input.hpp"
#include "impl/deflate/negotiation.hpp"
#include "impl/handshake/extension_list.hpp"

namespace ws::fuzz {
namespace {

bool has(const Extension& extension, std::string_view name) {
  return std::ranges::find(extension.parameters, name, &ExtensionParameter::name) !=
         extension.parameters.end();
}

DirectionParameters take_direction(FuzzInput& input) {
  const unsigned byte = input.take_byte();
  return {.no_context_takeover = byte % 2 == 1,
          .max_window_bits = kMinWindowBits + static_cast<int>(byte / 2 % 8)};
}

/// The server's side: what it answers to offers that anybody may have made.
void check_answer(const std::vector<Extension>& offers, const DeflateSettings& settings) {
  const auto accepted = accept_offer(offers, settings);
  if (!accepted) return;
  const Extension& response = accepted->response;
  const DeflateParameters& agreed = accepted->parameters;
  require(response.name == kDeflateName, "the response names what was offered");
  require(
      parse_extension_list(format_extension_list(std::span(&response, 1))) == std::vector{response},
      "the response keeps the grammar");

  // "A server MAY include ... only if" (7.1.2.2): some offer must allow it.
  const bool any_allows = std::ranges::any_of(offers, [](const Extension& offer) {
    return offer.name == kDeflateName && has(offer, "client_max_window_bits");
  });
  require(!has(response, "client_max_window_bits") || any_allows,
          "client_max_window_bits answers an offer that has it");
  require(has(response, "client_max_window_bits") || agreed.client.max_window_bits == 15,
          "the client's window is 15 bits unless the response narrows it");
  require(agreed.server.max_window_bits <= settings.server.max_window_bits,
          "the server's window is no wider than it wants");
  require(agreed.client.max_window_bits <= settings.client.max_window_bits,
          "the client's window is no wider than the server wants");
  require(has(response, "server_no_context_takeover") == agreed.server.no_context_takeover &&
              has(response, "client_no_context_takeover") == agreed.client.no_context_takeover,
          "both sides hear what was agreed on");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzInput input(data, size);
  DeflateSettings settings;
  settings.server = take_direction(input);
  settings.client = take_direction(input);

  const auto parsed = parse_extension_list(input.rest_as_text());
  require(parsed == oracle::parse_extension_list(input.rest_as_text()),
          "a list is parsed as the oracle does");
  if (!parsed) return 0;
  require(parse_extension_list(format_extension_list(*parsed)) == parsed,
          "a list that is written is read back");
  check_answer(*parsed, settings);

  // The client's side: what it makes of the answer of a server that may be wrong, and of a right
  // one.
  for (const Extension& response : *parsed) {
    const auto agreed = check_response(response, settings);
    if (!agreed) continue;
    require(response.name == kDeflateName, "another extension is not taken");
    require(agreed->server.max_window_bits <= settings.server.max_window_bits &&
                (agreed->server.no_context_takeover || !settings.server.no_context_takeover),
            "the server keeps what the client asked it for");
  }
  return 0;
}

}  // namespace ws::fuzz
