// Plays a case of a run file again, and shows every byte of it.
#pragma once

#include <string>

namespace ws::conformance {

struct ReplayOptions {
  std::string run{};  ///< a run file
  std::string id{};   ///< of the case
  std::string pcap{};
  std::string url{};    ///< instead of that of the run, as is
  std::string spawn{};  ///< this
};

/// Returns: the exit status of the run. Errors: InputError.
int replay(const ReplayOptions& options);

}  // namespace ws::conformance
