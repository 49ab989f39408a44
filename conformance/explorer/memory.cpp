#include <nlohmann/json.hpp>

#include "conformance/explorer/explorer.hpp"

namespace ws::conformance::explorer {
namespace {

using nlohmann::json;

json value_of(const Discovery& found) {
  return {{"id", found.id},           {"cause", found.cause},
          {"symptom", found.symptom}, {"shapes", found.shapes},
          {"count", found.count},     {"number", found.number},
          {"replays", found.replays}, {"failed_replays", found.failed_replays}};
}

Discovery read_discovery(const json& value) {
  return {.id = value.at("id"),
          .cause = value.at("cause"),
          .symptom = value.at("symptom"),
          .shapes = value.at("shapes"),
          .count = value.at("count"),
          .number = value.at("number"),
          .replays = value.at("replays"),
          .failed_replays = value.at("failed_replays")};
}

}  // namespace

std::string format_memory(const Memory& memory) {
  json value{{"wsproof_explore_state", 1},
             {"seed", memory.seed},
             {"endpoint", memory.harness == Role::client ? "server" : "client"},
             {"next", memory.next},
             {"deflate", memory.abilities.deflate},
             {"context_takeover", memory.abilities.context_takeover},
             {"found", json::array()},
             {"tried", json::array()}};
  for (const Discovery& found : memory.found) value["found"].push_back(value_of(found));
  for (const auto& [situation, count] : memory.coverage.counts()) {
    value["tried"].push_back({situation, count});
  }
  return value.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

Memory parse_memory(std::string_view text) {
  const json value = json::parse(text, nullptr, false);
  if (!value.is_object() || value.value("wsproof_explore_state", json()) != 1) {
    throw CaseFileError("it is no state of wsproof explore");
  }
  try {
    Memory memory{.seed = value.at("seed"),
                  .harness = value.at("endpoint") == "server" ? Role::client : Role::server,
                  .next = value.at("next"),
                  .abilities = {.deflate = value.at("deflate"),
                                .context_takeover = value.at("context_takeover")}};
    for (const json& found : value.at("found")) memory.found.push_back(read_discovery(found));
    for (const json& tried : value.at("tried")) memory.coverage.set(tried.at(0), tried.at(1));
    return memory;
  } catch (const json::exception& error) {
    throw CaseFileError(std::string("the state is damaged: ") + error.what());
  }
}

}  // namespace ws::conformance::explorer
