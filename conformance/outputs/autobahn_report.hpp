// Reports in the format of Autobahn|Testsuite, for scripts that read them today.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace ws::conformance {

/// Autobahn's name for the file of a case, such as "my_server_1_0_case_2_2.json".
std::string autobahn_file_name(std::string_view agent, std::string_view case_id);

/// Writes index.json and a file for each case of Autobahn's into `directory`, with the compatible
/// verdicts. `runs` are of one role; the agent is the name of the implementation. Members have
/// Autobahn's names; wire logs have the entries for octets and frames. Errors: InputError.
void write_autobahn_report(const std::filesystem::path& directory,
                           const std::vector<nlohmann::json>& runs);

}  // namespace ws::conformance
