// What the explorer has tried: how often each event was seen in each state of the model.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string_view>

#include "conformance/explorer/model.hpp"

namespace ws::conformance::explorer {

/// A state of the model, an event in it, and what is special about it.
using Situation = std::uint64_t;

Situation situation_of(const State& state, std::string_view event);

class Coverage {
 public:
  std::uint64_t times(Situation situation) const;
  void add(Situation situation) { ++counts_[situation]; }

  /// Of how many kinds something was tried.
  std::size_t size() const { return counts_.size(); }

  const std::map<Situation, std::uint64_t>& counts() const { return counts_; }
  void set(Situation situation, std::uint64_t count) { counts_[situation] = count; }

 private:
  std::map<Situation, std::uint64_t> counts_;
};

}  // namespace ws::conformance::explorer
