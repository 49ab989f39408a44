#include "conformance/explorer/coverage.hpp"

#include <algorithm>
#include <string>

#include "conformance/harness/digest.hpp"

namespace ws::conformance::explorer {

Situation situation_of(const State& state, std::string_view event) {
  const auto few = [](std::size_t count) {
    return std::to_string(std::min<std::size_t>(count, 2));
  };
  std::string all = std::to_string(static_cast<int>(state.phase)) + std::to_string(state.begun);
  all += state.is_compressed ? 'c' : '-';
  all += state.with_deflate ? 'd' : '-';
  all += few(state.begun == 0 ? 0 : state.fragments) + few(state.messages);
  all += state.pinged ? 'p' : '-';
  all += few(state.pending);
  all += event;
  return conformance::digest_of(all);
}

std::uint64_t Coverage::times(Situation situation) const {
  const auto found = counts_.find(situation);
  return found == counts_.end() ? 0 : found->second;
}

}  // namespace ws::conformance::explorer
