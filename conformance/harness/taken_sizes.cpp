#include "conformance/harness/taken_sizes.hpp"

#include <algorithm>
#include <string>

#include "conformance/harness/judge.hpp"

namespace ws::conformance {

void SizeRecord::add(std::string_view id, const TakenSizes& sizes) {
  for (std::size_t i = 0; i < longest_.size(); ++i) {
    if (sizes.plain[i] > longest_[i].length) longest_[i] = {sizes.plain[i], id};
  }
}

std::optional<GradedVerdict> SizeRecord::compare(const GradedVerdict& own) const {
  const TakenSizes& sizes = own.sizes;
  if (sizes.refused == 0 || own.verdict == Verdict::fail) return std::nullopt;
  const auto contradiction = [&](Verdict verdict, const Longest& longest) {
    GradedVerdict graded = own;
    graded.verdict = verdict;
    graded.reason = "a message of " + std::to_string(sizes.refused) +
                    " bytes is too big here (1009), and one of " + std::to_string(longest.length) +
                    " bytes came back in " + std::string(longest.id);
    graded.source = "RFC 6455 7.4.1";
    return graded;
  };
  if (sizes.refused_plain) {
    const Longest& longest = longest_[index_of(*sizes.refused_plain)];
    if (longest.length >= sizes.refused) return contradiction(Verdict::fail, longest);
  }
  // What is inflated or put together, and what of another type, may have a limit of its own.
  const Longest& longest = *std::ranges::max_element(longest_, {}, &Longest::length);
  if (own.verdict == Verdict::non_strict || longest.length < sizes.refused) return std::nullopt;
  return contradiction(Verdict::non_strict, longest);
}

}  // namespace ws::conformance
