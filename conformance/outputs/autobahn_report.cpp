#include "conformance/outputs/autobahn_report.hpp"

#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "conformance/harness/bytes.hpp"
#include "conformance/harness/payload.hpp"
#include "conformance/harness/run_file.hpp"
#include "conformance/oracle/utf8.hpp"
#include "conformance/outputs/run.hpp"

namespace ws::conformance {
namespace {

using nlohmann::json;

/// A payload as Autobahn writes it: text if it is UTF-8, hex otherwise, cut after 64 bytes.
std::string show(const json& payload) {
  const std::string digits = payload.value("hex", "");
  const json length = payload.value("length", json(digits.size() / 2));
  std::string bytes = hex(digits).pattern;
  const bool cut = length.is_null() || length.get<std::uint64_t>() > 60;
  if (cut) bytes.resize(std::min<std::size_t>(bytes.size(), 64));
  const std::string tail = cut ? " ..." : "";
  if (oracle::is_valid_utf8(bytes_of(bytes))) return bytes + tail;
  return "0x" + digits.substr(0, bytes.size() * 2) + tail;
}

json events(const json& list) {
  json shown = json::array();
  for (const json& event : list) {
    const std::string kind = event.at("event");
    if (kind == "message") {
      shown.push_back({"message", show(event.at("payload")), event.at("binary")});
    } else if (kind == "ping" || kind == "pong") {
      shown.push_back({kind, show(event.at("payload"))});
    } else if (kind == "timeout") {
      shown.push_back({"timeout", event.value("tag", json())});
    }
  }
  return shown;
}

struct Traffic {
  json octets_in = json::object();
  json octets_out = json::object();
  json frames_in = json::object();
  json frames_out = json::object();
  json wire_log = json::array();
};

Traffic traffic_of(const json& wire_log) {
  Traffic traffic;
  const auto count = [](json& counts, const json& key) {
    const std::string name = key.dump();
    counts[name] = counts.value(name, 0) + 1;
  };
  for (const json& entry : wire_log) {
    const std::string kind = entry.at("kind");
    if (kind == "octets_in" || kind == "octets_out") {
      const bool in = kind == "octets_in";
      count(in ? traffic.octets_in : traffic.octets_out, entry.at("length"));
      json shown{in ? "RO" : "TO", json::array({entry.at("length"), entry.at("hex")})};
      if (!in) shown.push_back(false);
      traffic.wire_log.push_back(std::move(shown));
    } else if (kind == "frame_in" || kind == "frame_out") {
      const bool in = kind == "frame_in";
      count(in ? traffic.frames_in : traffic.frames_out, entry.at("opcode"));
      json shown{in ? "RF" : "TF", json::array({entry.at("length"), show(entry)}),
                 entry.at("opcode"), entry.at("fin"), entry.at("rsv")};
      if (in) shown.push_back(entry.at("masked"));
      shown.push_back(entry.value("masking_key", json()));
      if (!in) {
        shown.push_back(nullptr);
        shown.push_back(nullptr);
        shown.push_back(false);
      }
      traffic.wire_log.push_back(std::move(shown));
    }
  }
  return traffic;
}

bool timed_out(const json& entry, std::string_view timer) {
  const json timers = entry.value("timeouts", json::array());
  return std::ranges::find(timers, json(timer)) != timers.end();
}

json case_file(const json& run, const std::string& agent, const std::string& id,
               const json& packed_entry) {
  const json entry = unpack_details(packed_entry);
  const Traffic traffic = traffic_of(entry.value("wire_log", json::array()));
  json expected = json::object();
  const json outcomes = entry.value("expected", json::object());
  for (const auto& [verdict, list] : outcomes.items()) {
    expected[verdict] = events(list);
  }
  json expected_close = json::object();
  const json close = entry.value("expected_close", json());
  if (close.is_object()) {
    expected_close = {{"closedByMe", close.at("closer") == "harness"},
                      {"closeCode", close.at("close_codes")},
                      {"requireClean", close.at("clean")}};
  }
  const json handshake = entry.value("handshake", json::object());
  const auto head = [&](const char* name) {
    const json text = handshake.value(name, json());
    return text.is_string() ? text : json("?");
  };
  const std::string started = run.at("started");
  return {{"agent", agent},
          {"case", entry.at("number")},
          {"id", id},
          {"description", entry.at("title")},
          {"expectation", entry.value("description", "")},
          {"started", entry.value("started", started)},
          {"duration",
           static_cast<std::int64_t>(std::llround(
               entry.at("duration_ms").is_null() ? 0.0 : entry.at("duration_ms").get<double>()))},
          {"reportTime", id.starts_with("9.") || id.starts_with("12.") || id.starts_with("13.")},
          {"reportCompressionRatio", id.starts_with("12.") || id.starts_with("13.")},
          {"behavior", entry.at("compatible").at("behavior")},
          {"behaviorClose", entry.at("compatible").at("behavior_close")},
          {"expected", expected},
          {"received", events(entry.value("received", json::array()))},
          {"expectedClose", expected_close},
          {"result", entry.value("reason", "")},
          {"resultClose", entry.value("reason", "")},
          {"closedByMe", entry.value("closed_by_harness", false)},
          {"failedByMe", entry.value("failed_by_harness", false)},
          {"droppedByMe", entry.value("dropped_by_harness", false)},
          {"wasClean", entry.value("was_clean", false)},
          {"wasNotCleanReason", nullptr},
          {"wasServerConnectionDropTimeout", timed_out(entry, "tcp_drop")},
          {"wasOpenHandshakeTimeout", timed_out(entry, "opening_handshake")},
          {"wasCloseHandshakeTimeout", timed_out(entry, "closing_handshake")},
          {"localCloseCode", entry.value("local_close_code", json())},
          {"remoteCloseCode", entry.value("remote_close_code", json())},
          {"localCloseReason", nullptr},
          {"remoteCloseReason", entry.value("remote_close_reason", json())},
          {"isServer", run.at("implementation").at("role") == "client"},
          {"httpRequest", head("request")},
          {"httpResponse", head("response")},
          {"createStats", true},
          {"rxOctetStats", traffic.octets_in},
          {"txOctetStats", traffic.octets_out},
          {"rxFrameStats", traffic.frames_in},
          {"txFrameStats", traffic.frames_out},
          {"trafficStats", nullptr},
          {"createWirelog", true},
          {"wirelog", traffic.wire_log}};
}

}  // namespace

std::string autobahn_file_name(std::string_view agent, std::string_view case_id) {
  std::string name;
  for (const char c : agent) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool kept = (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9');
    name += kept ? lower : ' ';
  }
  const std::size_t begin = std::min(name.find_first_not_of(' '), name.size());
  name = name.substr(begin, name.find_last_not_of(' ') + 1 - begin);
  name += "_case_" + std::string(case_id) + ".json";
  const std::size_t extension = name.size() - 5;
  for (std::size_t i = 0; i < extension; ++i) {
    if (name[i] == ' ' || name[i] == '.') name[i] = '_';
  }
  return name;
}

void write_autobahn_report(const std::filesystem::path& directory, const std::vector<json>& runs) {
  json index = json::object();
  for (const json& run : runs) {
    const std::string agent = run.at("implementation").at("name");
    json& results = index[agent];
    results = json::object();
    for (const std::string& id : case_ids(run)) {
      const json& entry = run.at("cases").at(id);
      if (!entry.contains("compatible")) continue;
      const std::string name = autobahn_file_name(agent, id);
      const json file = case_file(run, agent, id, entry);
      results[id] = {{"behavior", file.at("behavior")},
                     {"behaviorClose", file.at("behaviorClose")},
                     {"remoteCloseCode", file.at("remoteCloseCode")},
                     {"duration", file.at("duration")},
                     {"reportfile", name}};
      write_file(directory / name, file.dump(3, ' ', false, json::error_handler_t::replace));
    }
  }
  write_file(directory / "index.json", index.dump(3));
}

}  // namespace ws::conformance
