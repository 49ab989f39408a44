// What the runners for servers and for clients share: their settings, and what comes out of a case.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/endpoints/certificates.hpp"
#include "conformance/endpoints/resource_watch.hpp"
#include "conformance/endpoints/wire_tap.hpp"
#include "conformance/harness/case.hpp"
#include "conformance/harness/judge.hpp"
#include "conformance/harness/player.hpp"
#include "conformance/harness/plays.hpp"
#include "conformance/harness/transcript.hpp"
#include "impl/transport/tls_context.hpp"
#include "impl/wire/role.hpp"

namespace ws::conformance {

/// One case, played and judged.
struct CaseResult {
  const Case* test = nullptr;
  std::string agent{};  ///< the client's name for itself; empty for servers
  std::optional<CompatibleVerdict> compatible{};  ///< none for cases that Autobahn does not have
  GradedVerdict graded{};
  Transcript transcript{};
  Segmentation segmentation = Segmentation::whole;  ///< of the play that decided
  std::string endpoint_output{};           ///< what it wrote meanwhile, if it was started here
  std::optional<ResourceUse> resources{};  ///< likewise, what it used
};

using OnResult = std::function<void(CaseResult)>;

struct RunnerSettings {
  int jobs = 1;                                ///< cases at a time, against servers
  Time case_limit = std::chrono::seconds(60);  ///< beyond what a case's own timers take
  std::uint64_t seed = 0;                      ///< of keys and masks; each case's id is mixed in
  Time open_timeout = PlayerSettings{}.open_timeout;  ///< as the players have them, all three
  Time close_timeout = PlayerSettings{}.close_timeout;
  Time drop_timeout = PlayerSettings{}.drop_timeout;
  /// How TLS is spoken, with servers whose URL says so, with clients if it is there.
  std::shared_ptr<const TlsContext> tls{};
  std::optional<Segmentation> segmentation{};  ///< to play no other
  std::shared_ptr<const WireTap> tap{};        ///< may be null
  std::optional<Time> silence_limit{};         ///< without any client, after which its run ends
  std::string origin{};                        ///< as PlayerSettings, both
  std::string missing{};
  std::shared_ptr<ResourceWatch> watch{};  ///< of the endpoint, if it is started here
  std::shared_ptr<Patience> patience{};    ///< of the run; null: there is no end to it
  /// For cases that want TLS in their own way, with clients. Null: they cannot be played.
  std::shared_ptr<const Certificates> certificates{};
};

/// How long a peer may take to connect and for the TLS handshake, and a client to send its request.
inline constexpr Time kConnectLimit = std::chrono::seconds(10);

/// Nothing for cases that Autobahn does not have.
std::optional<CompatibleVerdict> compatible_verdict(const Case& test, const Transcript& transcript,
                                                    Role harness);

/// What /getCaseStatus says: Autobahn's word, or ours where it has none.
std::string_view status_word(const std::optional<CompatibleVerdict>& compatible,
                             const GradedVerdict& graded);

/// The result of a case that was played in all its segmentations.
CaseResult combined(const Case& test, std::vector<PlayResult> plays, Role harness,
                    std::string agent);

/// What `watch`, which may be null, sees now.
ErrandReport measure(const ResourceWatch* watch);

/// The segmentations in which a case is played.
std::vector<Segmentation> segmentations_of(const Case& test, const RunnerSettings& settings);

/// What a player needs for one play, but for the host and the resource.
PlayerSettings player_settings(const RunnerSettings& settings, Role harness, const Case& test,
                               Segmentation segmentation);

}  // namespace ws::conformance
