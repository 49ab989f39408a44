#include "conformance/harness/run_file.hpp"

#include <fstream>
#include <nlohmann/json.hpp>
#include <string_view>
#include <sys/utsname.h>
#include <thread>

namespace ws::conformance {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxShown = 256;  // bytes of a payload or of octets

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string digits;
  for (const char byte : bytes.substr(0, kMaxShown)) {
    digits += kDigits[static_cast<unsigned char>(byte) >> 4U];
    digits += kDigits[static_cast<unsigned char>(byte) & 0xfU];
  }
  return digits;
}

/// A value of a line such as `NAME="Debian"` or `model name : x` in a file of the system.
std::string find_line(const char* file, std::string_view name, char separator) {
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(name)) continue;
    std::string value = line.substr(line.find(separator) + 1);
    std::erase(value, '"');
    value.erase(0, value.find_first_not_of(' '));
    return value;
  }
  return "unknown";
}

json environment() {
  utsname names{};
  uname(&names);
  return {{"os", find_line("/etc/os-release", "PRETTY_NAME", '=')},
          {"kernel", names.release},
          {"cpu", find_line("/proc/cpuinfo", "model name", ':')},
          {"cores", std::max(1U, std::thread::hardware_concurrency())}};
}

json text_or_null(const std::string& text) { return text.empty() ? json(nullptr) : json(text); }

/// Text that may hold any bytes, as JSON text: what is not ASCII becomes \xNN.
std::string as_text(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    const auto value = static_cast<unsigned char>(c);
    if (value < 0x80) {
      text += c;
    } else {
      text += "\\x" + to_hex({&c, 1});
    }
  }
  return text;
}

json payload_of(const Payload& payload) {
  const Payload shown = slice(payload, 0, std::min<std::uint64_t>(payload.length, kMaxShown));
  return {{"hex", to_hex(shown.pattern)}, {"length", payload.length}};
}

json event_of(const LogEntry& entry) {
  switch (entry.kind) {
    case LogEntry::Kind::pause:
      return {{"event", "timeout"}, {"tag", entry.payload.pattern}};
    case LogEntry::Kind::pong:
      return {{"event", "pong"}, {"payload", payload_of(entry.payload)}};
    default:
      return {{"event", "message"},
              {"binary", entry.kind == LogEntry::Kind::binary},
              {"payload", payload_of(entry.payload)}};
  }
}

json events_of(const std::vector<LogEntry>& log) {
  json events = json::array();
  for (const LogEntry& entry : log) events.push_back(event_of(entry));
  return events;
}

double milliseconds_of(Time time) { return static_cast<double>(time.count()) / 1000.0; }

json wire_log_of(const Transcript& transcript) {
  json entries = json::array();
  for (const Record& record : transcript.records) {
    json entry{{"at_ms", milliseconds_of(record.at)}};
    switch (record.kind) {
      case Record::Kind::octets_in:
      case Record::Kind::octets_out:
        entry["kind"] = record.kind == Record::Kind::octets_in ? "octets_in" : "octets_out";
        entry["length"] = record.length;
        entry["hex"] = to_hex(record.bytes);
        break;
      case Record::Kind::frame_in:
      case Record::Kind::frame_out:
        entry["kind"] = record.kind == Record::Kind::frame_in ? "frame_in" : "frame_out";
        entry["length"] = record.length;
        entry["hex"] = to_hex(record.bytes);
        entry["opcode"] = record.opcode;
        entry["fin"] = record.fin;
        entry["rsv"] = record.rsv;
        entry["masked"] = record.masked;
        break;
      case Record::Kind::timer:
      case Record::Kind::note:
        entry["kind"] = "note";
        entry["text"] = record.text;
        break;
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

json case_of(const RunCase& result) {
  const Case& test = *result.test;
  json entry{{"number", test.number},
             {"title", test.title},
             {"description", test.purpose},
             {"requirements", test.checks}};
  json expected = json::object();
  for (const Outcome& outcome : test.outcomes) {
    expected[outcome.grade == Grade::pass ? "OK" : "NON-STRICT"] = events_of(outcome.log);
  }
  entry["expected"] = std::move(expected);
  entry["expected_close"] = {
      {"closer", test.closing.closer == Closer::harness ? "harness" : "endpoint"},
      {"close_codes", test.closing.codes},
      {"clean", test.closing.clean_required},
      {"wrong_closer_is_fatal", test.closing.wrong_closer_is_fatal}};
  if (result.transcript == nullptr) {
    entry.update({{"verdict", "MISSING"},
                  {"close_verdict", nullptr},
                  {"passed", false},
                  {"duration_ms", nullptr}});
    return entry;
  }
  const Transcript& transcript = *result.transcript;
  entry["verdict"] = to_string(result.compatible.behavior);
  entry["close_verdict"] = to_string(result.compatible.close);
  entry["passed"] = is_passed(result.compatible);
  entry["duration_ms"] = transcript.opened
                             ? json(milliseconds_of(transcript.ended - transcript.started))
                             : json(nullptr);
  entry["reason"] = result.graded.reason + " (" + result.graded.source + ")";
  entry["x-verdict"] = to_string(result.graded.verdict);
  entry["x-source"] = result.graded.source;
  entry["received"] = events_of(transcript.log);
  entry["remote_close_code"] =
      transcript.remote_code ? json(*transcript.remote_code) : json(nullptr);
  entry["remote_close_reason"] = text_or_null(as_text(transcript.remote_reason));
  entry["local_close_code"] = transcript.local_code ? json(*transcript.local_code) : json(nullptr);
  entry["was_clean"] = transcript.was_clean;
  entry["closed_by_harness"] = transcript.closed_by_harness;
  entry["failed_by_harness"] = transcript.failed_by_harness;
  entry["dropped_by_harness"] = transcript.dropped_by_harness;
  json timeouts = json::array();
  if (transcript.open_handshake_timed_out) timeouts.push_back("opening_handshake");
  if (transcript.close_handshake_timed_out) timeouts.push_back("closing_handshake");
  if (transcript.server_drop_timed_out) timeouts.push_back("tcp_drop");
  entry["timeouts"] = std::move(timeouts);
  entry["handshake"] = {{"request", text_or_null(as_text(transcript.request))},
                        {"response", text_or_null(as_text(transcript.response))}};
  entry["wire_log"] = wire_log_of(transcript);
  return entry;
}

}  // namespace

bool is_passed(const CompatibleVerdict& verdict) {
  const bool behavior = verdict.behavior == Behavior::ok ||
                        verdict.behavior == Behavior::non_strict ||
                        verdict.behavior == Behavior::informational;
  return behavior &&
         (verdict.close == CloseBehavior::ok || verdict.close == CloseBehavior::informational);
}

std::string format_run(const RunInfo& info, const std::vector<RunCase>& cases) {
  json results = json::object();
  json verdicts = json::object();
  json close_verdicts = json::object();
  std::size_t passed = 0;
  for (const RunCase& result : cases) {
    json entry = case_of(result);
    if (entry["passed"].get<bool>()) ++passed;
    const auto count = [](json& counts, const json& verdict) {
      if (!verdict.is_null()) {
        counts[verdict.get<std::string>()] = counts.value(verdict.get<std::string>(), 0) + 1;
      }
    };
    count(verdicts, entry["verdict"]);
    count(close_verdicts, entry["close_verdict"]);
    results[result.test->id] = std::move(entry);
  }
  const std::string status = info.interrupted        ? "interrupted"
                             : info.exit_status == 0 ? "passed"
                             : info.exit_status == 1 ? "failed"
                             : info.exit_status == 3 ? "endpoint_dead"
                                                     : "harness_error";
  const std::string role = info.role == Role::server ? "server" : "client";
  std::string id = info.name + "-" + role + "-wsproof";
  for (char& c : id) {
    const bool allowed = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                         (c >= '0' && c <= '9') || c == '.' || c == '-';
    if (!allowed) c = '_';
  }
  const json run{
      {"format", "wsproof-run"},
      {"version", 1},
      {"id", id},
      {"form", "full"},
      {"implementation",
       {{"name", info.name},
        {"version", text_or_null(info.version)},
        {"language", text_or_null(info.language)},
        {"role", role},
        {"target", info.target},
        {"tls", false}}},
      {"suite",
       {{"name", "autobahn"},
        {"engine", "wsproof"},
        {"engine_version", info.harness_version},
        {"library", nullptr},
        {"python", nullptr}}},
      {"environment", environment()},
      {"started", info.started},
      {"duration_ms", info.duration_ms},
      {"status", status},
      {"exit_status", info.exit_status},
      {"reason", text_or_null(info.reason)},
      {"selection", {{"cases", info.included}, {"exclude", info.excluded}, {"quick", false}}},
      {"totals",
       {{"cases", cases.size()},
        {"passed", passed},
        {"failed", cases.size() - passed},
        {"expected_failures", 0},
        {"unexpected_passes", 0},
        {"verdicts", verdicts},
        {"close_verdicts", close_verdicts}}},
      {"cases", results}};
  return run.dump(1) + "\n";
}

}  // namespace ws::conformance
