// An endpoint of its own, apart from the reference, right or with one deliberate fault.
#pragma once

#include <memory>

#include "conformance/harness/endpoint.hpp"

namespace ws::conformance {

/// What the endpoint does wrong.
enum class Fault {
  none,
  answers_close_with_empty,  ///< legal
  answers_close_with_1012,   ///< legal since 1012 was registered, not to Autobahn
  answers_close_with_1005,
  answers_close_with_1001,  ///< and fails with 1011; both legal
  ignores_close,            ///< but fails the connection by itself
  keeps_tcp_open,
  echoes_twice,
  checks_utf8_at_the_end,  ///< legal, but not as soon as possible
  echoes_late,             ///< by 50 ms, and not once it has sent a Close
  drops_without_close,     ///< on a violation
  skips_illegal_frames,    ///< silently, illegal Closes too, and does not look at UTF-8
  checks_nothing,
  masks_the_wrong_way_round,
  says_nothing,  ///< after the opening handshake
  drops_after_opening,
  refuses_opening,        ///< with 403; servers
  never_answers_opening,  ///< servers
};

std::unique_ptr<Endpoint> make_mutant(Role role, Fault fault);

}  // namespace ws::conformance
