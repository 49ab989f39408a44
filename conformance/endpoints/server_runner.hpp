// Plays cases against a server, several at a time.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "conformance/endpoints/runner.hpp"
#include "conformance/endpoints/target.hpp"
#include "conformance/harness/case.hpp"

namespace ws::conformance {

class ServerRunner {
 public:
  ServerRunner(Target target, RunnerSettings settings);
  ~ServerRunner();

  /// Whether the server accepts a connection now.
  bool is_ready();

  /// Plays `cases` and reports each as it ends, in any order. Returns when all have, or after
  /// `stop`.
  void run(const std::vector<const Case*>& cases, const OnResult& on_result);

  /// Ends `run` soon; may be called from any thread.
  void stop();

  /// Whether `run` began the case at this place of those that it was given.
  bool has_begun(std::size_t index) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ws::conformance
