// Any bytes as a client's opening request: parsed as the oracle does, however they are cut;
// answered with a head that is HTTP; and taken only if it keeps section 4.2.1.
#include <algorithm>

#include "conformance/oracle/accept_key.hpp"
#include "fuzz/handshake_checks.hpp"
#include "impl/handshake/server_handshake.hpp"

namespace ws::fuzz {
namespace {

/// The values of all lines called `name`, which is in lower case.
std::vector<std::string> values_of(const oracle::HttpHead& head, std::string_view name) {
  std::vector<std::string> values;
  for (const auto& [key, value] : head.fields) {
    std::string lower = key;
    for (char& c : lower) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    if (lower == name) values.push_back(value);
  }
  return values;
}

/// What every accepted request has, from the text of section 4.2.1.
void check_accepted(const oracle::HttpHead& head, const OpeningRequest& request) {
  require(head.method == "GET" && head.minor_version >= 1, "a request is a GET of HTTP/1.1");
  require(values_of(head, "host").size() == 1, "a request has one Host");
  require(!values_of(head, "upgrade").empty() && !values_of(head, "connection").empty(),
          "a request asks for an upgrade");
  require(values_of(head, "sec-websocket-version") == std::vector<std::string>{"13"},
          "a request is of version 13");
  const auto keys = values_of(head, "sec-websocket-key");
  require(keys.size() == 1 && keys[0] == request.key, "a request has one key");
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  require(
      keys[0].size() == 24 && keys[0].ends_with("==") && keys[0].find_first_not_of(kDigits) == 22,
      "a key is the base64 of 16 bytes");
  require(request.target.starts_with('/'), "a target is a path");

  const std::string answer = format_acceptance(request, {});
  const auto response = oracle::parse_response_head(answer, {});
  require(response && response->status == 101 && response->size == answer.size(),
          "the answer is a 101 response");
  require(values_of(*response, "sec-websocket-accept") ==
              std::vector{oracle::compute_accept(request.key)},
          "the answer has the accept value");
}

/// What a refusal sends is a whole HTTP response.
void check_refusal(HandshakeError error) {
  require(describe(error).status != 0, "a server has an answer for it");
  const std::string answer = format_refusal(refusal_for(error));
  const auto response = oracle::parse_response_head(answer, {});
  require(response && response->status == describe(error).status, "a refusal is a response");
  require(values_of(*response, "content-length") ==
              std::vector{std::to_string(answer.size() - response->size)},
          "a refusal has the body that it announces");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzInput input(data, size);
  const HeadLimits limits = take_head_limits(input);
  const Cuts cuts = input.take_cuts();
  const auto parsed =
      check_head<RequestHeadParser>(input.rest_as_text(), cuts, limits, oracle::parse_request_head);
  if (!parsed.result) {
    check_refusal(parsed.result.error());
  } else if (*parsed.result) {
    const auto request = check_opening_request(**parsed.result);
    if (request) {
      check_accepted(*oracle::parse_request_head(input.rest_as_text(), {}), *request);
    } else {
      check_refusal(request.error());
    }
  }
  return 0;
}

}  // namespace ws::fuzz
