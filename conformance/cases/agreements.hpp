// Section 42, in two files: everything that compression leaves free, and everything that stays
// forbidden, under every agreement.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "conformance/cases/parts.hpp"
#include "conformance/harness/case.hpp"

namespace ws::conformance {

std::vector<Case> agreement_cases();
std::vector<Case> agreed_check_cases();

struct Agreed {
  const char* what = nullptr;
  const char* offer = nullptr;  ///< of the harness as a client
  ServerWish wish{};            ///< and as a server
};

/// Windows that are kept or not, of all sizes, of one side or both.
inline const Agreed kAgreements[] = {
    {"no window of the server is kept",
     "permessage-deflate; server_no_context_takeover",
     {.takes_hint = true, .server_no_context_takeover = true}},
    {"no window of the client is kept",
     "permessage-deflate; client_no_context_takeover",
     {.client_no_context_takeover = true}},
    {"no window is kept",
     "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
     {.client_no_context_takeover = true, .server_no_context_takeover = true}},
    {"the windows have 9 bits",
     "permessage-deflate; server_max_window_bits=9; client_max_window_bits=9",
     {.needs_client_max_window_bits = true,
      .client_max_window_bits = 9,
      .server_max_window_bits = 9}},
    {"the windows have 12 bits",
     "permessage-deflate; server_max_window_bits=12; client_max_window_bits=12",
     {.needs_client_max_window_bits = true,
      .client_max_window_bits = 12,
      .server_max_window_bits = 12}},
    {"the windows have 10 bits, and none is kept",
     "permessage-deflate; server_no_context_takeover; client_no_context_takeover; "
     "server_max_window_bits=10; client_max_window_bits=10",
     {.needs_client_max_window_bits = true,
      .client_no_context_takeover = true,
      .client_max_window_bits = 10,
      .server_no_context_takeover = true,
      .server_max_window_bits = 10}},
};

inline Case agreement_case(std::string id, std::string title, std::string purpose,
                           std::vector<DialogueStep> steps, const Agreed* agreed = nullptr) {
  Case test{.id = "42." + std::move(id),
            .title = std::move(title),
            .purpose = std::move(purpose),
            .checks = {"RFC7692-7.2.2-2", "RFC7692-7.2.2-4", "RFC7692-6.2-1", "RFC7692-6.2-2"},
            .tags = {"agreements"},
            .dialogue = Dialogue{.steps = std::move(steps)}};
  test.dialogue->deflate = agreed != nullptr
                               ? Negotiation{.offers = {agreed->offer}, .wishes = {agreed->wish}}
                               : usual_deflate();
  return test;
}

}  // namespace ws::conformance
