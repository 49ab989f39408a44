#include "impl/wire/close_code.hpp"

#include <algorithm>
#include <array>

namespace ws {
namespace {

using enum CloseCodeSender;

constexpr auto kRegistry = std::to_array<CloseCodeInfo>({
    {0, 999, "unused", "not used", nobody, "RFC 6455 7.4.2"},
    {1000, 1000, "normal_closure", "the purpose of the connection is fulfilled", both,
     "RFC 6455 7.4.1"},
    {1001, 1001, "going_away", "the server goes down, or the browser leaves the page", both,
     "RFC 6455 7.4.1"},
    {1002, 1002, "protocol_error", "the peer broke the protocol", both, "RFC 6455 7.4.1"},
    {1003, 1003, "unsupported_data", "a type of data that the endpoint cannot take", both,
     "RFC 6455 7.4.1"},
    {1004, 1004, "reserved_1004", "reserved; a meaning may be defined later", nobody,
     "RFC 6455 7.4.1"},
    {1005, 1005, "no_status_received", "for use in an API: the Close frame had no code", nobody,
     "RFC 6455 7.4.1"},
    {1006, 1006, "abnormal_closure", "for use in an API: there was no Close frame", nobody,
     "RFC 6455 7.4.1"},
    {1007, 1007, "invalid_payload_data",
     "data that does not fit the message's type, such as text "
     "that is not UTF-8",
     both, "RFC 6455 7.4.1"},
    {1008, 1008, "policy_violation", "a message against the endpoint's policy", both,
     "RFC 6455 7.4.1"},
    {1009, 1009, "message_too_big", "a message too big to process", both, "RFC 6455 7.4.1"},
    {1010, 1010, "mandatory_extension",
     "the server did not agree to an extension that the client "
     "needs",
     client, "RFC 6455 7.4.1"},
    {1011, 1011, "internal_error", "the server met an unexpected condition", server,
     "RFC 6455 7.4.1"},
    {1012, 1012, "service_restart", "the service restarts; reconnect after a random delay", server,
     "IANA registry"},
    {1013, 1013, "try_again_later", "the service is overloaded", server, "IANA registry"},
    {1014, 1014, "bad_gateway", "a gateway got a bad answer from the server behind it", server,
     "IANA registry"},
    {1015, 1015, "tls_handshake", "for use in an API: the TLS handshake failed", nobody,
     "RFC 6455 7.4.1"},
    {1016, 2999, "protocol_reserved", "reserved for later versions of the protocol and extensions",
     nobody, "RFC 6455 7.4.2"},
    {3000, 3000, "unauthorized", "not authorised", application, "IANA registry"},
    {3001, 3002, "registered_range", "for libraries, frameworks and applications, by registration",
     application, "RFC 6455 7.4.2"},
    {3003, 3003, "forbidden", "authorised, but not for this", application, "IANA registry"},
    {3004, 3007, "registered_range", "for libraries, frameworks and applications, by registration",
     application, "RFC 6455 7.4.2"},
    {3008, 3008, "timeout", "the endpoint took too long", application, "IANA registry"},
    {3009, 3999, "registered_range", "for libraries, frameworks and applications, by registration",
     application, "RFC 6455 7.4.2"},
    {4000, 4999, "private_range", "for private use by agreement between applications", application,
     "RFC 6455 7.4.2"},
    {5000, 65535, "undefined", "outside every defined range", nobody, "RFC 6455 7.4.2"},
});

}  // namespace

std::span<const CloseCodeInfo> close_code_registry() { return kRegistry; }

const CloseCodeInfo& describe(CloseCode code) {
  const auto value = static_cast<std::uint16_t>(code);
  return *std::ranges::lower_bound(kRegistry, value, {}, &CloseCodeInfo::last);
}

bool may_be_sent(CloseCode code) { return describe(code).sender != nobody; }

bool may_be_chosen_by_application(CloseCode code) {
  return code == CloseCode::normal_closure || describe(code).sender == application;
}

}  // namespace ws
