#include "conformance/cli/profile.hpp"

#include <algorithm>
#include <expected>
#include <utility>
#include <variant>

#include "conformance/harness/socket_io.hpp"

namespace ws::conformance {

namespace {

/// Whether a case ends the harness's side of TCP and goes on.
bool half_closes(const Case& test) {
  if (!test.dialogue) return false;
  const auto whole = complete(test);
  return std::ranges::any_of(whole->dialogue->steps, [](const DialogueStep& step) {
    return std::holds_alternative<HalfClose>(step);
  });
}

/// Why `test` cannot be played with `means`; empty if it can.
std::string find_lacking(const Case& test, const Means& means) {
  if (means.secure && half_closes(test)) {
    // A peer may take close_notify for the end of both directions: TLS 1.2 demands it (RFC 5246
    // section 7.2.1), and many libraries do so in TLS 1.3 too.
    return "TLS has no end of one side alone that every peer has to bear";
  }
  if (needs(test, Need::tls) && !means.secure) {
    return means.role == Role::server ? "the case is about TLS, which a wss URL has"
                                      : "the case is about TLS, which there is with --tls";
  }
  if (needs(test, Need::process) && !means.spawned) {
    return "what an endpoint uses is seen of one that is started with --spawn";
  }
  if (needs(test, Need::origin_policy) && !means.has_origins) {
    return means.role == Role::server
               ? "which origins the server takes is not known; --origin tells one"
               : "which origin the page of a browser has is not known; --origin tells it";
  }
  if (needs(test, Need::missing_resource) && !means.has_missing) {
    return "which resources the server does not have is not known; --missing tells one";
  }
  if (needs(test, Need::given_url) && !means.takes_any_url) {
    return "the client is not started with a URL for each play, which {case_url} in --spawn does";
  }
  if (means.role == Role::server || !test.dialogue || !test.dialogue->tls) return {};
  if (!means.foresees_clients) {
    return "which case a client comes for has to be known before TLS: of one that is started with "
           "--spawn, without --certificate";
  }
  if (test.dialogue->tls->flaw != CertificateFlaw::none && !means.knows_authority) {
    return "a client that takes certificates of a CA that it was not told of, by {ca} in --spawn, "
           "verifies none";
  }
  if (test.dialogue->tls->wants_server_name && !means.has_name) {
    return "the client is given an address, for which TLS tells no name (RFC 6066)";
  }
  return {};
}

}  // namespace

ProfiledCases apply_profile(const std::string& profile, const Means& means,
                            const std::vector<const Case*>& cases) {
  ProfiledCases profiled;
  const auto refuse = [&](const Case& test, std::string reason) {
    profiled.all.push_back(&test);
    profiled.unsupported.push_back(
        {.test = &test, .graded = {.verdict = Verdict::unsupported, .reason = std::move(reason)}});
  };
  for (const Case* test : cases) {
    if (std::string lacking = find_lacking(*test, means); !lacking.empty()) {
      refuse(*test, std::move(lacking));
      continue;
    }
    if (!profile.empty()) {
      auto wrapped = wrap_in_socket_io(*test);
      if (!wrapped) {
        refuse(*test, std::move(wrapped.error()));
        continue;
      }
      profiled.owned.push_back(*std::move(wrapped));
      test = &profiled.owned.back();
    }
    profiled.all.push_back(test);
    profiled.played.push_back(test);
  }
  return profiled;
}

}  // namespace ws::conformance
