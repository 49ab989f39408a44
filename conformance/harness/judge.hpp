// Verdicts, computed from a case and the transcript of its run alone.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "conformance/harness/case.hpp"
#include "conformance/harness/taken_sizes.hpp"
#include "conformance/harness/transcript.hpp"
#include "impl/wire/role.hpp"

namespace ws::conformance {

/// Autobahn's two verdicts, as Autobahn decides them.
enum class Behavior { ok, non_strict, informational, unimplemented, failed };
enum class CloseBehavior { ok, informational, failed, wrong_code, unclean, failed_by_client };

std::string_view to_string(Behavior behavior);             ///< such as "NON-STRICT"
std::string_view to_string(CloseBehavior close_behavior);  ///< such as "FAILED BY CLIENT"

struct CompatibleVerdict {
  Behavior behavior = Behavior::failed;
  CloseBehavior close = CloseBehavior::failed;

  bool operator==(const CompatibleVerdict&) const = default;
};

/// `harness` is the harness's role; the peer under test has the other. Requires: `test` is one of
/// Autobahn's, so it is no dialogue.
CompatibleVerdict judge_compatibly(const Case& test, const Transcript& transcript, Role harness);

/// Ours: one graded verdict, which needs positive evidence.
enum class Verdict { pass, non_strict, fail, informational, unsupported, harness_error };

std::string_view to_string(Verdict verdict);  ///< such as "non_strict"

struct GradedVerdict {
  Verdict verdict = Verdict::fail;
  std::string reason{};  ///< one sentence: what was seen, and why it gives this verdict
  std::string source{};  ///< the sentence of the RFC it rests on, such as "RFC 6455 7.1.7"
  std::string rule{};    ///< the rule of an oracle that decided (oracles.hpp); empty: none
  TakenSizes sizes{};    ///< that were seen
};

/// Which misses count as failures.
enum class FailOn {
  must,    ///< a broken MUST, and a verdict of Autobahn's that its users take for a failure
  should,  ///< a missed SHOULD too
  any,     ///< whatever is not a plain pass, but for what the endpoint does not support
};

/// True if a result counts as failed. `compatible` is absent for cases that Autobahn does not have.
bool is_failed(const std::optional<CompatibleVerdict>& compatible, Verdict graded, FailOn fail_on);

GradedVerdict judge(const Case& test, const Transcript& transcript, Role harness);

}  // namespace ws::conformance
