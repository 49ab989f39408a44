// Any bytes as a server's answer: parsed as the oracle does, however they are cut, and taken only
// if it keeps section 4.1.
#include <algorithm>

#include "fuzz/handshake_checks.hpp"
#include "impl/handshake/client_handshake.hpp"

namespace ws::fuzz {
namespace {

/// The example of section 1.3, whose accept value is s3pPLMBiTxaQ9kYGzzhZRbK+xOo=.
OpeningOffer example_offer() {
  OpeningOffer offer{.uri = {.host = "server.example.com", .port = 80, .resource = "/chat"},
                     .subprotocols = {"chat", "superchat"},
                     .extensions = {{.name = "permessage-deflate"}, {.name = "foo"}}};
  std::ranges::transform(std::string_view("the sample nonce"), offer.nonce.begin(),
                         [](char c) { return static_cast<std::byte>(c); });
  return offer;
}

void check_agreement(const ResponseHead& head, const OpeningAgreement& agreement,
                     const OpeningOffer& offer) {
  require(head.status == 101 && head.minor_version >= 1, "a connection opens with a 101");
  require(head.fields.joined("sec-websocket-accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
          "a connection opens with the right accept value");
  require(!agreement.subprotocol || std::ranges::find(offer.subprotocols, *agreement.subprotocol) !=
                                        offer.subprotocols.end(),
          "a subprotocol was offered");
  for (const Extension& extension : agreement.extensions) {
    require(std::ranges::find(offer.extensions, extension.name, &Extension::name) !=
                offer.extensions.end(),
            "an extension was offered");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzInput input(data, size);
  const HeadLimits limits = take_head_limits(input);
  const Cuts cuts = input.take_cuts();
  const auto parsed = check_head<ResponseHeadParser>(input.rest_as_text(), cuts, limits,
                                                     oracle::parse_response_head);
  if (!parsed.result || !*parsed.result) return 0;
  static const OpeningOffer kOffer = example_offer();
  const auto agreement = check_opening_response(**parsed.result, kOffer);
  if (agreement) check_agreement(**parsed.result, *agreement, kOffer);
  return 0;
}

}  // namespace ws::fuzz
