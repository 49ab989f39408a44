// permessage-deflate in Sec-WebSocket-Extensions, offered and answered (RFC 6455 section 9.1, RFC
// 7692 section 7.1).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/mutants/agreement.hpp"
#include "conformance/mutants/switches.hpp"

namespace ws::conformance::mutants {

struct Answer {
  int status = 101;          ///< of the whole handshake; 400 for a list that breaks the grammar
  std::string extensions{};  ///< the field's value; empty: no field
  std::uint64_t work = 0;    ///< steps beyond what parsing takes
};

/// A server's answer to the values of the request's fields. Writes to `agreement`.
Answer answer_offers(const std::vector<std::string>& fields, Switches& switches,
                     Agreement& agreement);

/// What a client offers.
std::string offer();

/// Reads the values of the response's fields into `agreement`.
///
/// Returns: false if they do not answer what was offered.
bool accept_answer(const std::vector<std::string>& fields, Switches& switches,
                   Agreement& agreement);

}  // namespace ws::conformance::mutants
