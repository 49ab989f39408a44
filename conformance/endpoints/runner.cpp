#include "conformance/endpoints/runner.hpp"

#include <utility>

#include "conformance/harness/digest.hpp"

namespace ws::conformance {

std::optional<CompatibleVerdict> compatible_verdict(const Case& test, const Transcript& transcript,
                                                    Role harness) {
  if (test.dialogue) return std::nullopt;
  return judge_compatibly(test, transcript, harness);
}

std::string_view status_word(const std::optional<CompatibleVerdict>& compatible,
                             const GradedVerdict& graded) {
  return compatible ? to_string(compatible->behavior) : to_string(graded.verdict);
}

CaseResult combined(const Case& test, std::vector<PlayResult> plays, Role harness,
                    std::string agent) {
  CaseResult result{.test = &test, .agent = std::move(agent)};
  result.graded = combine(test, plays);
  result.segmentation = plays[worst_of(plays)].segmentation;
  result.transcript = std::move(plays[worst_of(plays)].transcript);
  result.compatible = compatible_verdict(test, result.transcript, harness);
  return result;
}

ErrandReport measure(const ResourceWatch* watch) {
  ErrandReport report;
  if (watch != nullptr) report.sample = watch->sample();
  if (!report.sample) report.lacking = "an endpoint that is started by wsproof, with --spawn";
  return report;
}

std::vector<Segmentation> segmentations_of(const Case& test, const RunnerSettings& settings) {
  if (settings.segmentation) return {*settings.segmentation};
  return segmentations_of(test);
}

PlayerSettings player_settings(const RunnerSettings& settings, Role harness, const Case& test,
                               Segmentation segmentation) {
  return {.role = harness,
          .origin = settings.origin,
          .missing = settings.missing,
          .seed = settings.seed ^ digest_of(test.id),
          .segmentation = segmentation,
          .open_timeout = settings.open_timeout,
          .close_timeout = settings.close_timeout,
          .drop_timeout = settings.drop_timeout,
          .patience = test.alone ? nullptr : settings.patience};
}

}  // namespace ws::conformance
