#include "conformance/cli/report_commands.hpp"

#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "conformance/cases/catalogue.hpp"
#include "conformance/cli/options.hpp"
#include "conformance/outputs/baseline.hpp"
#include "conformance/outputs/case_pages.hpp"
#include "conformance/outputs/diff.hpp"
#include "conformance/outputs/html.hpp"
#include "conformance/outputs/merge.hpp"
#include "conformance/outputs/run.hpp"

namespace ws::conformance {

using nlohmann::json;

int make_report(const ReportOptions& options) {
  std::vector<json> runs;
  for (const std::string& path : options.runs) runs.push_back(read_run(path));
  runs = merge_shards(std::move(runs));
  make_ids_unique(runs);
  json bench;
  if (!options.bench.empty()) {
    bench = read_json(options.bench);
    if (!bench.is_object() || !bench.value("ratios", json()).is_array() ||
        !bench.value("plots", json()).is_array()) {
      throw InputError("\"" + options.bench + "\" is not what ./dev bench writes");
    }
  }
  json parity;
  if (!options.parity.empty()) {
    parity = read_json(options.parity);
    if (!parity.is_object() || parity.value("format", "") != "wsproof-parity-report" ||
        !parity.value("endpoints", json()).is_array()) {
      throw InputError("\"" + options.parity + "\" is not what ./dev parity writes");
    }
  }
  write_file(
      options.output,
      render_html(runs, bench,
                  {.max_payload = options.max_payload, .docs = options.docs, .parity = &parity}));
  std::cout << options.output << '\n';
  return kPassed;
}

int write_docs(const std::string& folder) {
  std::filesystem::create_directories(folder);
  for (const Page& page : render_case_pages(catalogue())) {
    write_file((std::filesystem::path(folder) / page.name).string(), page.html);
  }
  std::cout << (std::filesystem::path(folder) / "index.html").string() << '\n';
  return kPassed;
}

int diff_runs(const std::string& before, const std::string& after) {
  const Difference difference = compare_runs(read_run(before), read_run(after));
  std::cout << difference.text << difference.better << " better, " << difference.worse << " worse, "
            << difference.changed << " changed, " << difference.added << " new, " << difference.gone
            << " gone\n";
  return difference.worse > 0 ? kFailed : kPassed;
}

int import_baseline_command(const ImportOptions& options) {
  const std::string text = import_baseline(options.source, options.agent, catalogue_ids());
  if (options.output.empty()) {
    std::cout << text;
  } else {
    write_file(options.output, text);
  }
  return kPassed;
}

}  // namespace ws::conformance
