// What an endpoint's processes use, read from /proc: at a moment, and the most during a case.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <sys/types.h>

#include "conformance/harness/errand.hpp"

namespace ws::conformance {

/// Of `root` and all its descendants. Memory is what is resident; what several processes share is
/// divided among them. Returns: nothing if `root` has ended.
std::optional<ResourceSample> sample_processes(pid_t root);

/// Looks at the processes of one endpoint again and again, on a thread of its own.
class ResourceWatch {
 public:
  ResourceWatch();
  ResourceWatch(const ResourceWatch&) = delete;
  ResourceWatch& operator=(const ResourceWatch&) = delete;
  ~ResourceWatch();

  /// `root` is the endpoint from now on.
  void attach(pid_t root);

  /// There is none.
  void detach();

  std::optional<ResourceSample> sample() const;

  /// How many descriptors a process of the endpoint may have; nothing if there is none.
  std::optional<std::uint64_t> descriptor_limit() const;

  struct Mark {
    std::chrono::steady_clock::time_point begin{};
    std::size_t at = 0;
    pid_t root = 0;
    std::chrono::microseconds processor{};
  };

  /// Where a case begins.
  Mark mark() const;

  /// What was used since; nothing if the endpoint is not the same any more.
  std::optional<ResourceUse> since(const Mark& mark) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ws::conformance
