#include "conformance/cli/results.hpp"

#include <cstdio>
#include <ctime>
#include <fstream>
#include <iostream>
#include <utility>

namespace ws::conformance {

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

Results::Results(std::vector<const Case*> cases, bool quiet)
    : cases_(std::move(cases)), quiet_(quiet) {}

void Results::add(CaseResult result) {
  const bool passed = is_passed(result.compatible) && result.graded.verdict != Verdict::fail;
  ++played_;
  if (!passed) ++failed_;
  if (!passed || !quiet_) {
    std::cout << '[' << played_ << '/' << cases_.size() << "] " << result.test->id << ' '
              << to_string(result.graded.verdict) << " (" << to_string(result.compatible.behavior)
              << " / " << to_string(result.compatible.close) << ')';
    if (!passed) std::cout << ": " << result.graded.reason << " [" << result.graded.source << ']';
    std::cout << std::endl;
  }
  results_.push_back(std::move(result));
}

std::vector<RunCase> Results::in_order() const {
  std::unordered_map<const Case*, const CaseResult*> last;
  for (const CaseResult& result : results_) last[result.test] = &result;
  std::vector<RunCase> ordered;
  for (const Case* test : cases_) {
    RunCase entry{.test = test};
    if (const auto found = last.find(test); found != last.end()) {
      entry.transcript = &found->second->transcript;
      entry.compatible = found->second->compatible;
      entry.graded = found->second->graded;
    }
    ordered.push_back(entry);
  }
  return ordered;
}

int finish_run(const Options& options, RunInfo info, const Results& results, bool interrupted,
               std::chrono::steady_clock::time_point begin) {
  info.duration_ms =
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
  info.harness_version = WSPROOF_VERSION;
  info.included = options.cases;
  info.excluded = options.excluded;
  info.interrupted = interrupted;
  info.exit_status = interrupted ? kHarnessError : results.exit_status();
  if (interrupted) info.reason = "interrupted";
  const auto cases = results.in_order();
  std::printf("%s as %s: %zu of %zu cases played, %zu failed, %.1f s\n", info.name.c_str(),
              info.role == Role::server ? "server" : "client", results.played(), cases.size(),
              results.failed(), info.duration_ms / 1000);
  if (!options.json.empty()) {
    std::ofstream file(options.json);
    file << format_run(info, cases);
    if (!file.flush()) {
      std::cerr << "wsproof: --json: cannot write \"" << options.json << "\"\n";
      return kHarnessError;
    }
    std::cout << "run file: " << options.json << '\n';
  }
  return info.exit_status;
}

}  // namespace ws::conformance
