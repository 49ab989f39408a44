// What every reader sees at once is plain JSON in the page. The details of the cases are
// compressed in chunks, which the page unpacks when a case is opened.
#include "conformance/outputs/html.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <openssl/evp.h>
#include <optional>
#include <string_view>
#include <utility>
#include <zlib.h>

#include "conformance/harness/run_file.hpp"
#include "conformance/outputs/coverage.hpp"
#include "conformance/outputs/page.hpp"
#include "conformance/outputs/run.hpp"
#include "conformance/outputs/sections.hpp"

namespace ws::conformance {
namespace {

using nlohmann::json;

constexpr std::size_t kChunkLength = std::size_t{256} * 1024;  // bytes of JSON, more or less

std::string encode_base64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4, '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                  reinterpret_cast<const unsigned char*>(bytes.data()),
                  static_cast<int>(bytes.size()));
  return text;
}

/// For the Content-Security-Policy.
std::string digest(std::string_view text) {
  std::string hash(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(hash.data()), &size,
                 EVP_sha256(), nullptr) != 1) {
    throw std::runtime_error("OpenSSL has no SHA-256");
  }
  return encode_base64(std::string_view(hash).substr(0, size));
}

std::string gzip(std::string_view text) {
  z_stream stream{};
  constexpr int kGzip = 16;  // added to the window bits
  if (deflateInit2(&stream, 9, Z_DEFLATED, MAX_WBITS + kGzip, 9, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc();
  }
  const std::unique_ptr<z_stream, int (*)(z_stream*)> ended(&stream, deflateEnd);
  std::string packed(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) throw std::runtime_error("zlib does not finish");
  packed.resize(stream.total_out);
  return packed;
}

std::string compact(const json& value) {
  return value.dump(-1, ' ', true, json::error_handler_t::replace);
}

/// JSON that can stand in a script element: no byte sequence in it can end the element.
std::string script_json(const json& value) {
  std::string safe;
  for (const char c : compact(value)) {
    switch (c) {
      case '<':
        safe += "\\u003c";
        break;
      case '>':
        safe += "\\u003e";
        break;
      case '&':
        safe += "\\u0026";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

std::string grouped(std::size_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, ",");
  return digits;
}

std::string count(std::size_t number, const std::string& thing) {
  return grouped(number) + " " + thing + (number == 1 ? "" : "s");
}

/// The verdict over all runs: a status, a sentence, and what is worth knowing besides. Only what
/// ran and passed is passed.
json overall(const std::vector<json>& runs) {
  std::map<std::string, std::size_t> statuses;
  std::map<std::string_view, std::size_t> outcomes;
  std::size_t results = 0;
  std::size_t failed = 0;
  for (const json& run : runs) {
    ++statuses[run.at("status").get<std::string>()];
    failed += run.at("totals").at("failed").get<std::size_t>();
    for (const json& entry : run.at("cases")) {
      ++outcomes[outcome_of(entry)];
      ++results;
    }
  }
  json details = json::array();
  for (const auto& [name, text] : std::initializer_list<std::pair<const char*, const char*>>{
           {"failed", "failed"},
           {"unsupported", "not supported"},
           {"missing", "missing"},
           {"expected_failure", "known to fail"},
           {"unexpected_pass", "passed unexpectedly"}}) {
    if (outcomes[name] > 0) details.push_back(grouped(outcomes[name]) + " " + text);
  }
  for (const auto& [name, text] : std::initializer_list<std::pair<const char*, const char*>>{
           {"endpoint_dead", "lost the endpoint"},
           {"harness_error", "broke in the harness"},
           {"interrupted", "interrupted"},
           {"not_run", "did not happen"}}) {
    if (statuses[name] > 0) details.push_back(count(statuses[name], "run") + " " + text);
  }
  const std::string all = count(results, "result");
  if (statuses["passed"] == runs.size() && !runs.empty()) {
    const std::size_t known = outcomes["expected_failure"];
    const std::string text = known > 0     ? grouped(results - known) + " of " + all + " passed"
                             : results > 1 ? "All " + all + " passed"
                                           : "The one result passed";
    return {{"status", "passed"}, {"text", text}, {"details", details}};
  }
  if (failed > 0) {
    return {{"status", "failed"},
            {"text", grouped(failed) + " of " + all + " did not pass"},
            {"details", details}};
  }
  if (statuses["not_run"] == runs.size()) {
    return {{"status", "not_run"}, {"text", "Nothing was run"}, {"details", details}};
  }
  return {{"status", "incomplete"}, {"text", "The runs are incomplete"}, {"details", details}};
}

/// Cuts every payload to `max_payload` bytes; its length still tells the whole.
void cut(json& value, std::size_t max_payload) {
  if (value.is_object()) {
    for (auto& [name, member] : value.items()) {
      if (name == "hex" && member.is_string()) {
        auto& digits = member.get_ref<std::string&>();
        digits.resize(std::min(digits.size(), 2 * max_payload));
      } else {
        cut(member, max_payload);
      }
    }
  } else if (value.is_array()) {
    for (json& item : value) cut(item, max_payload);
  }
}

/// Leaves out of a log what its frames and the handshake say as well: octets as they were read and
/// written. Returns: how many entries.
std::size_t drop_octets(json& log) {
  const auto kind_begins = [](std::string_view begin) {
    return [begin](const json& entry) {
      return entry.value("kind", std::string()).starts_with(begin);
    };
  };
  if (std::ranges::none_of(log, kind_begins("frame"))) return 0;
  auto& entries = log.get_ref<json::array_t&>();
  return std::erase_if(entries, kind_begins("octets"));
}

/// How much of a case is kept: entries at the beginning and at the end of its wire log, bytes of
/// each payload.
struct Room {
  std::size_t first = 0;
  std::size_t last = 0;
  std::size_t payload = 0;
  bool failures_alone = false;  ///< are kept whole; only cases about the handshake keep it
};

constexpr Room kRoom{.first = 12, .last = 6, .payload = 64};

// Of ten implementations, 15 MB would not be enough for that.
constexpr std::size_t kManyResults = 30'000;
constexpr Room kLittleRoom{.first = 5, .last = 3, .payload = 24, .failures_alone = true};

/// True if one of the statements that a case checks is about the opening handshake.
bool checks_opening(const json& details) {
  return std::ranges::any_of(details.value("requirements", json::array()), [](const json& id) {
    return std::ranges::any_of(
        std::initializer_list<std::string_view>{"RFC6455-4", "RFC7692-5", "RFC7692-7.1", "RFC9110",
                                                "RFC9112"},
        [&](std::string_view section) { return id.get<std::string>().starts_with(section); });
  });
}

/// Leaves the beginning and the end of the wire log of a case that passed, and of its payloads:
/// many such cases are long, and nobody looks for a mistake in them. The run file has the rest.
void shorten_log(json& details, const Room& room) {
  constexpr std::size_t kHandshake = 2;
  const std::string_view outcome = outcome_of(details);
  if (outcome != "ok" &&
      (!room.failures_alone || outcome == "failed" || outcome == "unexpected_pass")) {
    return;
  }
  if (room.failures_alone && !checks_opening(details)) details.erase("handshake");
  if (!details.contains("wire_log")) return;
  // Without anything to be compared with, the list says what the log says.
  if (details.value("expected", json::object()).empty()) details.erase("received");
  json& log = details["wire_log"];
  if (!log.is_array()) return;
  std::size_t left_out = drop_octets(log);
  // The handshake, which comes first where there are octets, is kept whole.
  for (std::size_t i = left_out == 0 ? kHandshake : 0; i < log.size(); ++i)
    cut(log[i], room.payload);
  const bool is_long = log.size() > room.first + room.last + 1;
  const std::size_t first = is_long ? room.first : log.size();
  const std::size_t last = is_long ? room.last : 0;
  left_out += log.size() - first - last;
  if (left_out == 0) return;
  json shorter = json::array();
  for (std::size_t i = 0; i < first; ++i) shorter.push_back(log[i]);
  json note{{"kind", "note"},
            {"text", grouped(left_out) + (is_long ? " entries" : " reads and writes") +
                         " are left out; the run file has them"}};
  const json& at = is_long ? log[first] : log[first - 1];
  if (at.contains("at_ms")) note["at_ms"] = at.at("at_ms");
  shorter.push_back(std::move(note));
  for (std::size_t i = log.size() - last; i < log.size(); ++i) shorter.push_back(log[i]);
  log = std::move(shorter);
}

/// A row of the matrix: a case of a suite.
struct Row {
  std::string suite{};
  std::string id{};
};

/// What the matrix shows of a case, but for what nearly every case has of its own. What is null is
/// left out.
json kind_of(const json& entry) {
  json result{{"verdict", entry.at("verdict")}, {"outcome", outcome_of(entry)}};
  for (const char* name : {"close_verdict", "remote_close_code"}) {
    if (!entry.value(name, json()).is_null()) result[name] = entry.at(name);
  }
  if (entry.contains("compatible")) result["compatible"] = entry.at("compatible");
  if (entry.contains("baseline")) result["baseline"] = entry.at("baseline").at("reason");
  return result;
}

/// One run as the page wants it; appends the details of its cases to `chunks`. There are tens of
/// thousands of results, so each is the index of its kind, its duration and the number of the chunk
/// that holds the rest.
json column_of(const json& run, const std::vector<Row>& rows, std::vector<std::string>& chunks,
               std::size_t max_payload, const Room& room) {
  const std::string suite = run.at("suite").at("name");
  json column = json::object();
  for (const auto& [name, value] : run.items()) {
    if (name != "cases" && name != "format") column[name] = value;
  }
  json results = json::array();
  json kinds = json::array();
  std::map<json, std::size_t> known_kinds;
  json part = json::object();
  std::size_t length = 0;
  const auto pack = [&] {
    if (part.empty()) return;
    chunks.push_back(encode_base64(gzip(compact(part))));
    part = json::object();
    length = 0;
  };
  for (const Row& row : rows) {
    const auto found = run.at("cases").find(row.id);
    if (row.suite != suite || found == run.at("cases").end()) {
      results.push_back(nullptr);
      continue;
    }
    const auto [kind, is_new] = known_kinds.try_emplace(kind_of(*found), kinds.size());
    if (is_new) kinds.push_back(kind->first);
    results.push_back({kind->second, found->at("duration_ms"), chunks.size()});
    json details = unpack_details(*found);
    cut(details, max_payload);
    shorten_log(details, room);
    length += compact(details).size();
    part[row.id] = std::move(details);
    if (length >= kChunkLength) pack();
  }
  pack();
  column["kinds"] = std::move(kinds);
  column["results"] = std::move(results);
  return column;
}

/// What the runs say of each statement of the RFCs; null if none of them is of our own suite.
json statements_of(const std::vector<json>& runs, const std::vector<Row>& rows) {
  const auto is_ours = [](const json& run) { return run.at("suite").at("name") == "wsproof"; };
  if (std::ranges::none_of(runs, is_ours)) return {};
  std::map<std::string, std::vector<std::size_t>> cases;  // by statement, numbers of rows
  for (std::size_t row = 0; row < rows.size(); ++row) {
    for (const json& run : runs) {
      const auto found = run.at("cases").find(rows[row].id);
      if (found == run.at("cases").end() || run.at("suite").at("name") != rows[row].suite) continue;
      for (const json& id : found->value("requirements", json::array())) cases[id].push_back(row);
      break;
    }
  }
  std::vector<std::optional<StatementResults>> said;
  for (const json& run : runs) {
    said.push_back(is_ours(run) ? std::optional<StatementResults>(run) : std::nullopt);
  }
  json statements = json::array();
  for (const Coverage& coverage : find_coverage({})) {
    const Requirement& statement = *coverage.statement;
    json results = json::array();
    for (const auto& of_run : said) results.push_back(of_run ? of_run->of(coverage) : "");
    std::string reasons;
    for (const Exemption& exemption : coverage.reasons) {
      reasons += (reasons.empty() ? "" : " ") + exemption.reason;
    }
    statements.push_back({{"id", statement.id},
                          {"level", statement.level},
                          {"role", statement.role},
                          {"text", statement.text},
                          {"cases", cases[statement.id]},
                          {"rules", coverage.rules},
                          {"reasons", reasons},
                          {"results", std::move(results)}});
  }
  return statements;
}

/// Puts values in the place of {{name}}, in one pass: values are never filled themselves.
std::string fill(std::string_view page, const std::map<std::string, std::string>& values) {
  std::string filled;
  while (true) {
    const std::size_t begin = page.find("{{");
    const std::size_t end = page.find("}}", begin);
    if (begin == std::string_view::npos || end == std::string_view::npos) return filled += page;
    filled += page.substr(0, begin);
    filled += values.at(std::string(page.substr(begin + 2, end - begin - 2)));
    page.remove_prefix(end + 2);
  }
}

}  // namespace

std::string render_html(const std::vector<json>& runs, const json& bench,
                        const HtmlSettings& settings) {
  std::map<std::string, int> ids;
  for (const json& run : runs) {
    const std::string id = run.at("id");
    if (++ids[id] > 1) {
      throw InputError("two runs have the id \"" + id + "\"; give each run a --name of its own");
    }
  }
  std::vector<Row> rows;
  std::map<std::pair<std::string, std::string>, const json*> known;
  for (const json& run : runs) {
    const std::string suite = run.at("suite").at("name");
    for (const auto& [id, entry] : run.at("cases").items()) {
      if (known.emplace(std::pair(suite, id), &entry).second) rows.push_back({suite, id});
    }
  }
  std::ranges::sort(rows, [](const Row& left, const Row& right) {
    return left.suite != right.suite ? left.suite < right.suite : comes_before(left.id, right.id);
  });

  std::size_t results = 0;
  for (const json& run : runs) results += run.at("cases").size();
  const Room& room = results > kManyResults ? kLittleRoom : kRoom;
  std::vector<std::string> chunks;
  json columns = json::array();
  for (const json& run : runs) {
    columns.push_back(column_of(run, rows, chunks, settings.max_payload, room));
  }
  json sections = json::array();
  json cases = json::array();
  for (const Row& row : rows) {
    const json& entry = *known.at({row.suite, row.id});
    const std::string section = section_of(row.id);
    const bool is_new = std::ranges::none_of(
        sections, [&](const json& other) { return other.at("id") == section; });
    if (is_new) sections.push_back({{"id", section}, {"title", section_title(section)}});
    cases.push_back({{"id", row.id},
                     {"number", entry.value("number", json())},
                     {"title", entry.at("title")},
                     {"section", section}});
  }
  const json index{{"overall", overall(runs)},
                   {"statements", statements_of(runs, rows)},
                   {"sections", sections},
                   {"cases", cases},
                   {"runs", columns},
                   {"bench", bench},
                   {"docs", settings.docs},
                   {"parity", settings.parity == nullptr ? json() : *settings.parity}};
  std::string packed;
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    packed += (i == 0 ? "" : "\n");
    packed += R"(<script type="application/gzip" id="chunk-)" + std::to_string(i) + R"(">)" +
              chunks[i] + "</script>";
  }
  const std::string policy = "default-src 'none'; style-src 'sha256-" + digest(page::kStyle) +
                             "'; script-src 'sha256-" + digest(page::kScript) +
                             "'; img-src data:; base-uri 'none'; form-action 'none'";
  return fill(page::kPage, {{"policy", policy},
                            {"style", std::string(page::kStyle)},
                            {"script", std::string(page::kScript)},
                            {"index", script_json(index)},
                            {"chunks", packed}});
}

}  // namespace ws::conformance
