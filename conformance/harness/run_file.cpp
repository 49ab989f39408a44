#include "conformance/harness/run_file.hpp"

#include <array>
#include <cstring>
#include <fstream>
#include <isa-l/igzip_lib.h>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <stdexcept>
#include <string_view>
#include <sys/utsname.h>
#include <thread>
#include <utility>
#include <vector>

#include "conformance/harness/bytes.hpp"
#include "conformance/harness/oracles.hpp"

namespace ws::conformance {
namespace {

using nlohmann::json;

constexpr std::array<const char*, 3> kFailOn{"must", "should", "any"};

/// The first of the bytes in hex.
std::string first_in_hex(std::string_view bytes) {
  return to_hex(bytes.substr(0, Record::kMaxShown));
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
  const Payload shown =
      slice(payload, 0, std::min<std::uint64_t>(payload.length, Record::kMaxShown));
  return {{"hex", to_hex(shown.pattern.str())}, {"length", payload.length}};
}

json event_of(const LogEntry& entry) {
  switch (entry.kind) {
    case LogEntry::Kind::pause:
      return {{"event", "timeout"}, {"tag", entry.payload.pattern.str()}};
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
        entry["hex"] = first_in_hex(record.bytes);
        break;
      case Record::Kind::frame_in:
      case Record::Kind::frame_out:
        entry["kind"] = record.kind == Record::Kind::frame_in ? "frame_in" : "frame_out";
        entry["length"] = record.length;
        entry["hex"] = first_in_hex(record.bytes);
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

/// The value as a run file has it.
std::string one_line(const json& value) {
  return value.dump(-1, ' ', true, json::error_handler_t::replace);
}

/// The value as text, its size in front, then raw DEFLATE.
json pack(const json& value) {
  std::string plain = one_line(value);
  const std::uint64_t size = plain.size();
  std::vector<std::uint8_t> packed(sizeof size + size + size / 1024 + 512);
  std::memcpy(packed.data(), &size, sizeof size);
  const auto work = std::make_unique_for_overwrite<std::uint8_t[]>(ISAL_DEF_LVL1_DEFAULT);
  isal_zstream z{};
  isal_deflate_stateless_init(&z);
  z.level = 1;
  z.level_buf = work.get();
  z.level_buf_size = ISAL_DEF_LVL1_DEFAULT;
  z.end_of_stream = 1;
  z.next_in = reinterpret_cast<std::uint8_t*>(plain.data());
  z.avail_in = static_cast<std::uint32_t>(size);
  z.next_out = packed.data() + sizeof size;
  z.avail_out = static_cast<std::uint32_t>(packed.size() - sizeof size);
  if (isal_deflate_stateless(&z) != COMP_OK) throw std::logic_error("ISA-L has too little room");
  packed.resize(sizeof size + z.total_out);
  packed.shrink_to_fit();
  return json::binary(std::move(packed));
}

std::string unpack(const json::binary_t& packed) {
  std::uint64_t size = 0;
  std::memcpy(&size, packed.data(), sizeof size);
  std::string plain(size, '\0');
  inflate_state state{};
  isal_inflate_init(&state);
  state.next_in = const_cast<std::uint8_t*>(packed.data() + sizeof size);
  state.avail_in = static_cast<std::uint32_t>(packed.size() - sizeof size);
  state.next_out = reinterpret_cast<std::uint8_t*>(plain.data());
  state.avail_out = static_cast<std::uint32_t>(plain.size());
  if (isal_inflate_stateless(&state) != ISAL_DECOMP_OK) {
    throw std::logic_error("packed details cannot be unpacked");
  }
  return plain;
}

constexpr const char* kPacked = "packed";
constexpr std::array<const char*, 13> kDetails{
    "closed_by_harness", "description",         "dropped_by_harness", "expected",
    "expected_close",    "failed_by_harness",   "handshake",          "local_close_code",
    "received",          "remote_close_reason", "timeouts",           "was_clean",
    "wire_log"};

/// The text of an entry of a run, in one line.
std::string entry_text(const json& entry) {
  const auto found = entry.find(kPacked);
  if (found == entry.end() || !found->is_binary()) return one_line(entry);
  json others = json::object();
  for (const auto& [name, value] : entry.items()) {
    if (name != kPacked) others[name] = value;
  }
  std::string text = one_line(others);
  text.pop_back();
  return text + "," + unpack(found->get_binary()).substr(1);
}

}  // namespace

void pack_details(json& entry) {
  json details = json::object();
  for (const char* name : kDetails) {
    const auto found = entry.find(name);
    if (found == entry.end()) continue;
    details[name] = std::move(*found);
    entry.erase(found);
  }
  if (!details.empty()) entry[kPacked] = pack(details);
}

json unpack_details(json entry) {
  const auto found = entry.find(kPacked);
  if (found == entry.end() || !found->is_binary()) return entry;
  const json details = json::parse(unpack(found->get_binary()));
  entry.erase(found);
  entry.update(details);
  return entry;
}

json make_case(const RunInfo& info, const RunCase& result) {
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
    pack_details(entry);
    return entry;
  }
  const Transcript& transcript = *result.transcript;
  entry["verdict"] = to_string(result.graded.verdict);
  if (!result.segmentation.empty()) entry["x-segmentation"] = result.segmentation;
  entry["close_verdict"] = nullptr;
  if (result.compatible) {
    entry["compatible"] = {{"behavior", to_string(result.compatible->behavior)},
                           {"behavior_close", to_string(result.compatible->close)}};
  }
  entry["passed"] = !is_failed(result.compatible, result.graded.verdict, info.fail_on);
  entry["duration_ms"] = transcript.opened
                             ? json(milliseconds_of(transcript.ended - transcript.started))
                             : json(nullptr);
  entry["reason"] = result.graded.reason;
  if (!result.graded.source.empty()) entry["source"] = result.graded.source;
  const std::string broken = statement_of(result.graded.rule, info.role);
  if (!broken.empty()) entry["breaks"] = broken;
  if (!result.endpoint_output.empty()) entry["endpoint_output"] = as_text(result.endpoint_output);
  if (result.resources) {
    entry["resources"] = {{"memory_bytes", result.resources->memory},
                          {"processor_ms", milliseconds_of(result.resources->processor)},
                          {"descriptors", result.resources->descriptors}};
  }
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
  pack_details(entry);
  return entry;
}

void set_status(json& run, int exit_status) {
  const json reason = run.value("reason", json());
  const bool interrupted =
      reason.is_string() && reason.get<std::string>().starts_with("interrupted");
  run["exit_status"] = exit_status;
  run["status"] = exit_status == 0   ? "passed"
                  : exit_status == 1 ? "failed"
                  : exit_status == 3 ? "endpoint_dead"
                  : interrupted      ? "interrupted"
                                     : "harness_error";
}

void count_totals(json& run) {
  std::map<std::string, std::size_t> verdicts;
  std::map<std::string, std::size_t> close_verdicts;
  std::size_t passed = 0;
  std::size_t expected_failures = 0;
  std::size_t unexpected_passes = 0;
  for (const auto& [id, entry] : run["cases"].items()) {
    ++verdicts[entry["verdict"].get<std::string>()];
    if (!entry["close_verdict"].is_null()) ++close_verdicts[entry["close_verdict"]];
    if (entry["passed"].get<bool>()) {
      ++passed;
    } else if (entry.contains("baseline")) {
      ++expected_failures;
    }
    if (entry.value("unexpected_pass", false)) ++unexpected_passes;
  }
  const std::size_t all = run["cases"].size();
  run["totals"] = {{"cases", all},
                   {"passed", passed},
                   {"failed", all - passed - expected_failures},
                   {"expected_failures", expected_failures},
                   {"unexpected_passes", unexpected_passes},
                   {"verdicts", verdicts},
                   {"close_verdicts", close_verdicts}};
}

json make_run(const RunInfo& info, json cases) {
  const std::string role = info.role == Role::server ? "server" : "client";
  std::string id = info.name + "-" + role + "-wsproof";
  if (!info.shard.empty()) id += "-" + info.shard;
  for (char& c : id) {
    const bool allowed = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                         (c >= '0' && c <= '9') || c == '.' || c == '-';
    if (!allowed) c = '_';
  }
  json run{{"format", "wsproof-run"},
           {"version", 1},
           {"id", id},
           {"form", "full"},
           {"implementation",
            {{"name", info.name},
             {"version", text_or_null(info.version)},
             {"language", text_or_null(info.language)},
             {"role", role},
             {"target", info.target},
             {"tls", info.tls}}},
           {"suite",
            {{"name", "wsproof"},
             {"engine", "wsproof"},
             {"engine_version", info.harness_version},
             {"library", nullptr},
             {"python", nullptr}}},
           {"environment", environment()},
           {"started", info.started},
           {"duration_ms", info.duration_ms},
           {"status", nullptr},
           {"exit_status", nullptr},
           {"reason", text_or_null(info.reason)},
           {"selection",
            {{"cases", info.included},
             {"exclude", info.excluded},
             {"quick", info.quick},
             {"fail_on", kFailOn[static_cast<std::size_t>(info.fail_on)]}}},
           {"totals", nullptr}};
  run["cases"] = std::move(cases);
  if (!info.shard.empty()) run["selection"]["shard"] = info.shard;
  if (!info.reproduce.empty()) run["reproduce"] = info.reproduce;
  if (!info.endpoint_output.empty()) run["endpoint_output"] = as_text(info.endpoint_output);
  if (!info.options.empty()) run["x-options"] = info.options;
  if (!info.notes.empty()) run["notes"] = info.notes;
  count_totals(run);
  set_status(run, info.exit_status);
  return run;
}

void write_run(std::ostream& file, const json& run) {
  json head = json::object();
  for (const auto& [name, value] : run.items()) {
    if (name != "cases") head[name] = value;
  }
  std::string text = head.dump(1, ' ', true, json::error_handler_t::replace);
  text.resize(text.rfind("\n}"));
  file << text << ",\n \"cases\": {";
  const char* separator = "\n  ";
  for (const auto& [id, entry] : run["cases"].items()) {
    file << separator << json(id).dump() << ": " << entry_text(entry);
    separator = ",\n  ";
  }
  file << "\n }\n}\n";
}

}  // namespace ws::conformance
