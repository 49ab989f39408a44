// The switch that turns one fault on. Code asks `switches.has("id")` exactly where the fault would
// show, its trigger first: what a run never asked about, it cannot depend on.
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "conformance/mutants/fault_table.hpp"

namespace ws::conformance::mutants {

// Looked up some two thousand times while one file compiles, so not by going through the table.
constexpr std::size_t slot_of(std::string_view id) {
  std::uint32_t hash = 2'166'136'261U;
  for (const char c : id) hash = (hash ^ static_cast<unsigned char>(c)) * 16'777'619U;
  return hash % 16'384U;
}

/// The places of the faults in the table, from 1; 0 ends a run of those whose slot is the same.
inline constexpr auto kFaultSlots = [] {
  std::array<std::uint16_t, 16'384> slots{};
  static_assert(std::size(kFaults) < slots.size() / 2);
  for (std::size_t i = 0; i < std::size(kFaults); ++i) {
    std::size_t slot = slot_of(kFaults[i].id);
    while (slots[slot] != 0) slot = (slot + 1) % slots.size();
    slots[slot] = static_cast<std::uint16_t>(i + 1);
  }
  return slots;
}();

/// A fault of the table. Made from its id while compiling: one that is not in the table is an
/// error.
class FaultId {
 public:
  // Implicit, so that a fault is asked for by its id.
  // NOLINTNEXTLINE(google-explicit-constructor)
  consteval FaultId(const char* id) : index_(index_of(id)) {}

  /// The fault named `id` at run time; nothing if there is none.
  static std::optional<FaultId> find(std::string_view id) {
    const std::size_t index = position(id);
    if (index == std::size(kFaults)) return std::nullopt;
    return at(index);
  }

  /// Requires: `index` < the number of faults.
  static constexpr FaultId at(std::size_t index) { return {index, 0}; }

  constexpr std::size_t index() const { return index_; }

 private:
  constexpr FaultId(std::size_t index, int /*unused*/) : index_(index) {}

  static constexpr std::size_t position(std::string_view id) {
    std::size_t slot = slot_of(id);
    while (kFaultSlots[slot] != 0) {
      const std::size_t index = kFaultSlots[slot] - 1U;
      if (kFaults[index].id == id) return index;
      slot = (slot + 1) % kFaultSlots.size();
    }
    return std::size(kFaults);
  }
  static consteval std::size_t index_of(std::string_view id) {
    const std::size_t index = position(id);
    if (index == std::size(kFaults)) throw "no such fault";
    return index;
  }

  std::size_t index_;
};

using FaultSet = std::bitset<std::size(kFaults)>;

class Switches {
 public:
  Switches() = default;
  explicit Switches(std::optional<FaultId> on) : on_(on) {}

  bool has(FaultId fault) {
    consulted_.set(fault.index());
    return on_ && on_->index() == fault.index();
  }

  /// The faults that were asked about. A run with any other one is this run.
  const FaultSet& consulted() const { return consulted_; }

 private:
  std::optional<FaultId> on_{};
  FaultSet consulted_;
};

}  // namespace ws::conformance::mutants
