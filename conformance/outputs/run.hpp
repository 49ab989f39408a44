// A run file as the outputs read it (reports/run.schema.json).
#pragma once

#include <filesystem>
#include <functional>
#include <iosfwd>
#include <nlohmann/json_fwd.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace ws::conformance {

/// A file that cannot be used. The text says which, what is wrong, and what to do.
class InputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A case id that stands before another in a catalogue: numbers within ids count as numbers.
bool comes_before(std::string_view left, std::string_view right);

/// The ids of a run's cases, in the order of the catalogue.
std::vector<std::string> case_ids(const nlohmann::json& run);

/// What a result means to its reader: ok, non_strict, informational, unsupported, failed, missing,
/// expected_failure (the baseline names it) or unexpected_pass.
std::string_view outcome_of(const nlohmann::json& entry);

/// The verdicts of a case in a line, such as "fail; Autobahn: OK, UNCLEAN".
std::string describe_verdicts(const nlohmann::json& entry);

/// Reads JSON. Errors: InputError.
nlohmann::json read_json(const std::filesystem::path& path);

/// Reads a run file, packs the details of its cases, and checks what the outputs rely on. Errors:
/// InputError.
nlohmann::json read_run(const std::filesystem::path& path);

/// Writes a file so that it is there whole or not at all, with the folders it needs.
/// Errors: InputError.
void write_file(const std::filesystem::path& path, std::string_view text);
void write_file(const std::filesystem::path& path, const std::function<void(std::ostream&)>& write);

}  // namespace ws::conformance
