// Any bytes as a client's opening request: parsed as the oracle does, however they are cut;
// answered with a head that is HTTP; and taken if, and only if, it keeps section 4.2.1.
#include <algorithm>
#include <set>

#include "conformance/oracle/accept_key.hpp"
#include "conformance/oracle/extension_list.hpp"
#include "fuzz/handshake_checks.hpp"
#include "impl/handshake/accept_key.hpp"
#include "impl/handshake/server_handshake.hpp"

namespace ws::fuzz {
namespace {

constexpr std::string_view kAlphanumerics =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

bool is_one_key(const std::vector<std::string>& keys) {
  return keys.size() == 1 && keys[0].size() == 24 && keys[0].ends_with("==") &&
         keys[0].find_first_not_of(std::string(kAlphanumerics) + "+/") == 22;
}

/// One token at least, and no two alike (section 4.1, item 10).
bool are_subprotocols(const std::vector<std::string>& subprotocols) {
  const std::string characters = std::string(kAlphanumerics) + "!#$%&'*+-.^_`|~";
  return !subprotocols.empty() &&
         std::set(subprotocols.begin(), subprotocols.end()).size() == subprotocols.size() &&
         std::ranges::all_of(subprotocols, [&](const std::string& each) {
           return each.find_first_not_of(characters) == std::string::npos;
         });
}

/// All extensions of the lists; nothing if one is malformed.
std::optional<std::vector<Extension>> extensions_of(const std::vector<std::string>& lists) {
  std::vector<Extension> extensions;
  for (const std::string& list : lists) {
    const auto some = oracle::parse_extension_list(list);
    if (!some) return std::nullopt;
    extensions.insert(extensions.end(), some->begin(), some->end());
  }
  return extensions;
}

/// What every accepted request keeps but for the grammar of its target and Host, from the text of
/// section 4.2.1. Returns: the first rule broken.
const char* find_broken_rule(const oracle::HttpHead& head) {
  if (head.method != "GET" || head.minor_version < 1) return "a request is a GET of HTTP/1.1";
  if (values_of(head, "host").size() != 1) return "a request has one Host";
  const auto lengths = values_of(head, "content-length");
  if (!values_of(head, "transfer-encoding").empty() ||
      std::ranges::any_of(lengths, [](const std::string& length) { return length != "0"; })) {
    return "a request has no body";
  }
  if (!has_token(values_of(head, "upgrade"), "websocket") ||
      !has_token(values_of(head, "connection"), "upgrade")) {
    return "a request asks for an upgrade";
  }
  if (values_of(head, "sec-websocket-version") != std::vector<std::string>{"13"}) {
    return "a request is of version 13";
  }
  if (!is_one_key(values_of(head, "sec-websocket-key"))) return "a request has one key of 16 bytes";
  if (values_of(head, "origin").size() > 1) return "a request has one Origin at most";
  const auto protocols = values_of(head, "sec-websocket-protocol");
  if (!protocols.empty() && !are_subprotocols(elements_of(protocols))) {
    return "subprotocols are tokens, no two alike";
  }
  const auto lists = values_of(head, "sec-websocket-extensions");
  const auto extensions = extensions_of(lists);
  if (!lists.empty() && (!extensions || extensions->empty())) return "extensions keep the grammar";
  return nullptr;
}

/// Whether target and Host are what most are, so that they are no reason for a refusal.
bool has_usual_place(const oracle::HttpHead& head) {
  const std::string host = values_of(head, "host").at(0);
  const auto is_of = [](const std::string& text, std::string_view others) {
    return text.find_first_not_of(std::string(kAlphanumerics).append(others)) == std::string::npos;
  };
  return head.target.starts_with('/') && is_of(head.target, "/?=&._-") && !host.empty() &&
         is_of(host, ".-");
}

void check_accepted(const oracle::HttpHead& head, const OpeningRequest& request) {
  const char* const broken = find_broken_rule(head);
  require(broken == nullptr, broken);
  require(request.key == values_of(head, "sec-websocket-key").at(0), "a request has one key");
  require(request.target.starts_with('/'), "a target is a path");
  const auto offered = elements_of(values_of(head, "sec-websocket-protocol"));
  require(std::ranges::equal(request.subprotocols(), offered),
          "the subprotocols are those of all lines, in order");
  require(request.extensions() == extensions_of(values_of(head, "sec-websocket-extensions")),
          "the extensions are those of all lines, in order");

  const std::string answer = format_acceptance(request, {});
  const auto response = oracle::parse_response_head(answer, {});
  require(response && response->status == 101 && response->size == answer.size(),
          "the answer is a 101 response");
  require(values_of(with_lower_names(*response), "sec-websocket-accept") ==
              std::vector{oracle::compute_accept(request.key)},
          "the answer has the accept value");
}

/// What a refusal sends is a whole HTTP response.
void check_refusal(HandshakeError error) {
  require(describe(error).status != 0, "a server has an answer for it");
  const std::string answer = format_refusal(refusal_for(error));
  const auto response = oracle::parse_response_head(answer, {});
  require(response && response->status == describe(error).status, "a refusal is a response");
  require(values_of(with_lower_names(*response), "content-length") ==
              std::vector{std::to_string(answer.size() - response->size)},
          "a refusal has the body that it announces");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzInput input(data, size);
  if (size > 0 && data[0] == 0xff) {  // a key of any length, which a request cannot have
    input.take_byte();
    require(compute_accept(input.rest_as_text()) == oracle::compute_accept(input.rest_as_text()),
            "the accept value of any text is the oracle's");
    return 0;
  }
  const auto [limits, cuts] = take_head_settings(input);
  const auto [parsed, expected] =
      check_head<RequestHeadParser>(input.rest_as_text(), cuts, limits, oracle::parse_request_head);
  if (!parsed.result) {
    check_refusal(parsed.result.error());
  } else if (*parsed.result) {
    const auto request = check_opening_request(**parsed.result);
    const oracle::HttpHead head = with_lower_names(*expected);
    if (request) {
      check_accepted(head, *request);
    } else {
      require(find_broken_rule(head) != nullptr || !has_usual_place(head),
              "a request that keeps all rules is taken");
      check_refusal(request.error());
    }
  }
  return 0;
}

}  // namespace ws::fuzz
