// Any bytes as a server's answer: parsed as the oracle does, however they are cut, and taken if,
// and only if, it keeps section 4.1.
#include <algorithm>

#include "conformance/oracle/extension_list.hpp"
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

/// What an accepted response keeps, from the text of section 4.1. Returns: the first rule broken.
const char* find_broken_rule(const oracle::HttpHead& head, const OpeningOffer& offer) {
  if (head.status != 101 || head.minor_version < 1) return "a connection opens with a 101";
  const auto upgrades = values_of(head, "upgrade");
  if (upgrades.size() != 1 || lower(upgrades[0]) != "websocket" ||
      !has_token(values_of(head, "connection"), "upgrade")) {
    return "a connection opens with an upgrade to websocket";
  }
  if (values_of(head, "sec-websocket-accept") !=
      std::vector<std::string>{"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="}) {
    return "a connection opens with the right accept value";
  }
  const auto subprotocols = values_of(head, "sec-websocket-protocol");
  if (!subprotocols.empty() &&
      (subprotocols.size() > 1 || !std::ranges::count(offer.subprotocols, subprotocols[0]))) {
    return "a subprotocol was offered";
  }
  const auto lists = values_of(head, "sec-websocket-extensions");
  if (lists.empty()) return nullptr;
  const auto extensions = oracle::parse_extension_list(lists[0]);
  if (lists.size() > 1 || !extensions || extensions->empty()) return "extensions keep the grammar";
  const bool all_offered = std::ranges::all_of(*extensions, [&](const Extension& extension) {
    return std::ranges::count(offer.extensions, extension.name, &Extension::name) > 0;
  });
  return all_offered ? nullptr : "an extension was offered";
}

void check_agreement(const oracle::HttpHead& head, const OpeningAgreement& agreement) {
  const auto subprotocols = values_of(head, "sec-websocket-protocol");
  require(agreement.subprotocol.has_value() == !subprotocols.empty() &&
              (subprotocols.empty() || agreement.subprotocol == subprotocols[0]),
          "the subprotocol is that of the response");
  const auto lists = values_of(head, "sec-websocket-extensions");
  require(lists.empty() ? agreement.extensions.empty()
                        : agreement.extensions == oracle::parse_extension_list(lists[0]),
          "the extensions are those of the response");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzInput input(data, size);
  const auto [limits, cuts] = take_head_settings(input);
  const auto [parsed, expected] = check_head<ResponseHeadParser>(input.rest_as_text(), cuts, limits,
                                                                 oracle::parse_response_head);
  if (!parsed.result || !*parsed.result) return 0;
  static const OpeningOffer kOffer = example_offer();
  const auto agreement = check_opening_response(**parsed.result, kOffer);
  const oracle::HttpHead head = with_lower_names(*expected);
  const char* const broken = find_broken_rule(head, kOffer);
  if (agreement) {
    require(broken == nullptr, broken);
    check_agreement(head, *agreement);
  } else {
    require(broken != nullptr, "a response that keeps all rules is taken");
  }
  return 0;
}

}  // namespace ws::fuzz
