#include "conformance/harness/resource_rules.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace ws::conformance {
namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1024} * 1024;

/// More than an endpoint that keeps nothing grows by: heaps of managed languages, buffers.
constexpr std::uint64_t kUsualGrowth = 24 * kMiB;

/// Less is lost among what starting, compiling and collecting take.
constexpr std::chrono::milliseconds kShortest(100);

/// Part of a span, in percent, that a process which waits for nothing is running or ready to run.
constexpr std::int64_t kBusy = 70;

std::string in_mib(std::uint64_t bytes) {
  const std::uint64_t tenths = bytes * 10 / kMiB;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " MiB";
}

std::string in_ms(std::chrono::microseconds time) {
  const auto tenths = time.count() / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " ms";
}

/// What was used in a span.
struct Use {
  std::uint64_t memory_growth = 0;  ///< bytes
  std::chrono::microseconds processor{};
  std::chrono::microseconds ready{};  ///< running, or waiting to run
  std::chrono::microseconds length{};
  int descriptors = 0;  ///< more at the end
};

class Samples {
 public:
  explicit Samples(const std::vector<DialogueEvent>& samples) : samples_(samples) {}

  std::optional<Use> between(const Span& span) const {
    const DialogueEvent* from = find(span.from);
    const DialogueEvent* to = find(span.to);
    if (from == nullptr || to == nullptr) return std::nullopt;
    const ResourceSample& first = *from->sample;
    const ResourceSample& last = *to->sample;
    return Use{.memory_growth = last.memory > first.memory ? last.memory - first.memory : 0,
               .processor = last.processor - first.processor,
               .ready = last.processor - first.processor + last.waited - first.waited,
               .length = to->at - from->at,
               .descriptors = last.descriptors - first.descriptors};
  }

  /// Of all spans; empty if one has not been measured.
  std::vector<Use> between(const std::vector<Span>& spans) const {
    std::vector<Use> uses;
    for (const Span& span : spans) {
      const auto use = between(span);
      if (!use) return {};
      uses.push_back(*use);
    }
    return uses;
  }

 private:
  const DialogueEvent* find(const std::string& name) const {
    const auto found = std::ranges::find(samples_, name, &DialogueEvent::text);
    return found == samples_.end() || !found->sample ? nullptr : &*found;
  }

  const std::vector<DialogueEvent>& samples_;
};

Finding judged(bool broken, const ResourceRule& rule, Grade grade, const std::string& evidence) {
  return {.grade = broken ? grade : Grade::pass,
          .why = broken ? rule.why + ": " + evidence : evidence,
          .source = rule.source};
}

std::optional<Finding> check_memory(const ResourceRule& rule, const Samples& samples,
                                    const std::optional<DialogueEvent>& flooded) {
  const auto uses = samples.between(rule.spans);
  const bool stalled = flooded && flooded->code == DialogueEvent::kStalled;
  const std::string taken =
      flooded ? " while it took " + in_mib(flooded->length) + " and nothing of its answers was read"
              : std::string();
  if (stalled) {
    return Finding{.why = "the endpoint stopped reading after " + in_mib(flooded->length) +
                          ", as nothing of its answers was read",
                   .source = rule.source};
  }
  if (uses.empty()) {
    if (!flooded) return std::nullopt;
    return Finding{.grade = Grade::informational,
                   .why = "the endpoint took " + in_mib(flooded->length) +
                          " while nothing of its answers was read; what it keeps of that shows if "
                          "it is started with --spawn",
                   .source = rule.source};
  }
  // What a collector has not come to yet does not grow in every span.
  const std::uint64_t growth =
      std::ranges::min_element(uses, {}, &Use::memory_growth)->memory_growth;
  const std::uint64_t most =
      rule.most != 0 ? rule.most : std::max(kUsualGrowth, flooded ? flooded->length / 2 : 0);
  return judged(growth > most, rule, Grade::non_strict, "it grew by " + in_mib(growth) + taken);
}

std::optional<Finding> check_growth(const ResourceRule& rule, const Samples& samples) {
  const auto uses = samples.between(rule.spans);
  const auto larger = samples.between(rule.larger);
  if (uses.empty() || larger.empty()) return std::nullopt;
  // Whatever came in between, such as a collection of garbage, did not come each time.
  const auto small = std::ranges::max_element(uses, {}, &Use::processor)->processor;
  const auto large = std::ranges::min_element(larger, {}, &Use::processor)->processor;
  const bool broken = large > kShortest && large > small * static_cast<std::int64_t>(rule.most);
  return judged(broken, rule, Grade::fail,
                in_ms(small) + " of processor time for the small one, " + in_ms(large) +
                    " for the large one");
}

std::optional<Finding> check_idleness(const ResourceRule& rule, const Samples& samples) {
  const auto uses = samples.between(rule.spans);
  if (uses.empty()) return std::nullopt;
  const auto percent = [](const Use& use) {
    return use.length.count() == 0 ? 0 : 100 * use.ready.count() / use.length.count();
  };
  std::int64_t least = percent(uses.front());
  for (const Use& use : uses) least = std::min(least, percent(use));
  return judged(least > kBusy, rule, Grade::fail,
                "for " + std::to_string(least) + " % of the time it had work to do");
}

std::optional<Finding> check_descriptors(const ResourceRule& rule, const Samples& samples) {
  const auto uses = samples.between(rule.spans);
  if (uses.empty()) return std::nullopt;
  const int more = uses.front().descriptors;
  return judged(more > static_cast<int>(rule.most), rule, Grade::fail,
                std::to_string(std::max(more, 0)) + " more descriptors were open than before");
}

}  // namespace

std::vector<Finding> check_resources(const std::vector<ResourceRule>& rules,
                                     const std::vector<DialogueEvent>& samples,
                                     const std::optional<DialogueEvent>& flooded) {
  std::vector<Finding> findings;
  const Samples known(samples);
  for (const ResourceRule& rule : rules) {
    std::optional<Finding> found;
    switch (rule.kind) {
      case ResourceRule::Kind::memory:
        found = check_memory(rule, known, flooded);
        break;
      case ResourceRule::Kind::growth:
        found = check_growth(rule, known);
        break;
      case ResourceRule::Kind::idleness:
        found = check_idleness(rule, known);
        break;
      case ResourceRule::Kind::descriptors:
        found = check_descriptors(rule, known);
        break;
    }
    if (found) findings.push_back(*std::move(found));
  }
  return findings;
}

}  // namespace ws::conformance
