#include "conformance/cli/second_look.hpp"

#include <utility>

#include "conformance/harness/judge.hpp"

namespace ws::conformance {
namespace {

constexpr std::size_t kMaxSecondLooks = 20;
constexpr int kEnoughSecondLooks = 4;  // that fail again

/// Whether one of Autobahn's cases ran out of the second that they wait. Autobahn plays one at a
/// time, so what an endpoint does in that second beside other cases says nothing.
bool waits_a_second(const CaseResult& result) {
  const Transcript& seen = result.transcript;
  return result.compatible &&
         (seen.timer_fired || seen.close_handshake_timed_out || seen.server_drop_timed_out);
}

/// Whether a case failed for something that did not come in time: then the endpoint may have been
/// busy with the cases beside it.
bool ran_out_of_time(const CaseResult& result) {
  if (waits_a_second(result)) {
    return is_failed(result.compatible, result.graded.verdict, FailOn::should);
  }
  return result.graded.verdict == Verdict::fail && result.graded.reason.contains("in time");
}

}  // namespace

bool SecondLooks::keep(CaseResult& result) {
  if (late_.size() >= kMaxSecondLooks || !ran_out_of_time(result)) return false;
  late_.push_back(std::move(result));
  return true;
}

std::vector<CaseResult> SecondLooks::take() {
  confirmed_ = refuted_ = 0;
  return std::exchange(late_, {});
}

bool SecondLooks::is_clear() const { return refuted_ == 0 && confirmed_ == kEnoughSecondLooks; }

CaseResult SecondLooks::settle(CaseResult late, CaseResult again) {
  if (again.test != nullptr && again.graded.verdict == Verdict::harness_error) return again;
  const bool passes = again.test != nullptr && again.graded.verdict != Verdict::unsupported &&
                      !is_failed(again.compatible, again.graded.verdict, FailOn::must);
  ++(passes ? refuted_ : confirmed_);
  if (!passes) return late;
  if (waits_a_second(late)) return again;
  late.graded = {.verdict = Verdict::non_strict,
                 .reason = "beside other cases: " + late.graded.reason +
                           "; played again, alone: " + again.graded.reason,
                 .source = late.graded.source};
  late.compatible = again.compatible;  // Autobahn plays one case at a time
  return late;
}

std::string SecondLooks::note() const {
  if (refuted_ == 0) return {};
  return "beside others " + std::to_string(refuted_) +
         " cases ran out of time that did not when they were played again, alone. Less --jobs "
         "may leave the endpoint time enough";
}

}  // namespace ws::conformance
