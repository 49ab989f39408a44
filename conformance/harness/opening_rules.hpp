// What the heads of the opening handshake have to keep, whatever a case is about (RFC 6455
// section 4; RFC 9110; RFC 7692 section 7.1).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "conformance/harness/transcript.hpp"
#include "conformance/oracle/http_head.hpp"

namespace ws::conformance {

/// The rules that a response with status 101 breaks, as the answer to the head `request`.
std::vector<PeerViolation> check_upgrade(const oracle::HttpHead& response,
                                         std::string_view request);

/// The rules that a response breaks which refuses the opening handshake.
std::vector<PeerViolation> check_refusal(const oracle::HttpHead& response);

/// The rules that a client's request breaks.
std::vector<PeerViolation> check_request(const oracle::HttpHead& request,
                                         std::string_view authority);

}  // namespace ws::conformance
