#include "conformance/outputs/sections.hpp"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "conformance/outputs/run.hpp"

namespace ws::conformance {

std::string section_of(std::string_view id) {
  return std::string(id.substr(0, id.find_first_of("./")));
}

std::string_view section_title(std::string_view section) {
  struct Entry {
    std::string_view section{};
    std::string_view title{};
  };
  static constexpr Entry kTitles[] = {
      {"1", "Framing"},
      {"2", "Pings and pongs"},
      {"3", "Reserved bits"},
      {"4", "Opcodes"},
      {"5", "Fragmentation"},
      {"6", "UTF-8 handling"},
      {"7", "Close handling"},
      {"9", "Limits and performance"},
      {"10", "Miscellaneous"},
      {"12", "Compression, different payloads"},
      {"13", "Compression, different parameters"},
      {"20", "Opening handshake of servers"},
      {"21", "Opening handshake of clients"},
      {"22", "Subprotocols and extensions"},
      {"23", "Frame headers and lengths"},
      {"24", "Masking"},
      {"25", "Fragments and interleaving"},
      {"26", "Control frames"},
      {"27", "Closing, systematically"},
      {"28", "UTF-8, systematically"},
      {"29", "Compressed messages"},
      {"30", "Limits and backpressure"},
      {"31", "TLS"},
      {"32", "Time"},
      {"33", "What the endpoint starts by itself"},
      {"34", "The largest message"},
      {"35", "What the endpoint uses"},
      {"36", "Policies of servers, URLs for clients"},
      {"37", "Every rule in every state"},
      {"38", "Contents, sizes and numbers of messages"},
  };
  const auto* const found = std::ranges::find(kTitles, section, &Entry::section);
  return found == std::end(kTitles) ? std::string_view{} : found->title;
}

std::vector<std::pair<std::string, std::vector<std::string>>> by_section(
    const nlohmann::json& run) {
  std::vector<std::pair<std::string, std::vector<std::string>>> sections;
  for (const std::string& id : case_ids(run)) {
    const std::string section = section_of(id);
    if (sections.empty() || sections.back().first != section) sections.emplace_back(section, 0);
    sections.back().second.push_back(id);
  }
  return sections;
}

}  // namespace ws::conformance
