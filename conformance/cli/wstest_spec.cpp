#include "conformance/cli/wstest_spec.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <regex>

#include "conformance/cases/catalogue.hpp"
#include "conformance/outputs/run.hpp"

namespace ws::conformance {
namespace {

using nlohmann::json;

/// The values that change nothing: Autobahn's own, and all where nothing depends on it here.
const json& options_without_effect() {
  static const json kOptions = {{"failByDrop", false},
                                {"tcpNoDelay", true},
                                {"utf8validateIncoming", true},
                                {"applyMask", true},
                                {"maxFramePayloadSize", 0},
                                {"maxMessagePayloadSize", 0},
                                {"autoFragmentSize", 0},
                                {"echoCloseCodeReason", false},
                                {"allowHixie76", false},
                                {"autoPingInterval", 0},
                                {"autoPingTimeout", 0},
                                {"autoPingSize", 4},
                                {"version", 18},
                                {"acceptMaskedServerFrames", false},
                                {"maskClientFrames", true},
                                {"versions", {0, 8, 13}},
                                {"webStatus", true},
                                {"requireMaskedClientFrames", true},
                                {"maskServerFrames", false},
                                {"serveFlashSocketPolicy", false},
                                {"allowedOrigins", {"*"}},
                                {"maxConnections", 0}};
  return kOptions;
}

/// Patterns of Autobahn: a star stands for anything, other characters are those of a regular
/// expression.
std::regex regex_of(const std::string& pattern) {
  std::string text;
  for (const char c : pattern) text += c == '.' ? "\\." : c == '*' ? ".*" : std::string(1, c);
  return std::regex(text);
}

/// Reads one spec file; complaints name it.
class Reader {
 public:
  explicit Reader(std::string file) : file_(std::move(file)), content_(read_json(file_)) {
    if (!content_.is_object()) complain("is no object");
  }

  [[noreturn]] void complain(const std::string& what) const {
    throw InputError("\"" + file_ + "\": " + what);
  }

  const json& content() const { return content_; }

  std::string text(const json& object, const char* name, const std::string& otherwise = {}) const {
    const json value = object.value(name, json(otherwise));
    if (value.is_null()) return otherwise;
    if (!value.is_string()) complain("\"" + std::string(name) + "\" is no text");
    return value;
  }

  std::vector<std::string> texts(const json& list, const std::string& name) const {
    const bool fits = list.is_array() && std::ranges::all_of(list, [](const json& element) {
                        return element.is_string();
                      });
    if (!fits) complain("\"" + name + "\" is no list of texts");
    return list;
  }

  /// The cases that a list of patterns means. Like Autobahn it lets a pattern with a star, and
  /// whatever is left out, mean none: spec files name sections that older releases had.
  std::vector<const Case*> cases(const char* name, WstestSpec& spec) const {
    std::vector<const Case*> found;
    for (const std::string& pattern : texts(content_.value(name, json::array()), name)) {
      const std::size_t before = found.size();
      const bool is_literal = !pattern.contains('*');
      for (const Case& test : catalogue()) {
        if (test.dialogue) continue;  // not one of Autobahn's
        const bool meant = is_literal ? test.id == pattern
                                      : std::regex_search(test.id, regex(pattern),
                                                          std::regex_constants::match_continuous);
        if (meant) found.push_back(&test);
      }
      if (found.size() != before) continue;
      if (is_literal && name == std::string_view("cases")) {
        complain("\"cases\": \"" + pattern + "\" means no case; \"" + pattern +
                 ".*\" is a section");
      }
      spec.without_effect.push_back(std::string(name) + ": " + pattern);
    }
    return found;
  }

  std::regex regex(const std::string& pattern) const {
    try {
      return regex_of(pattern);
    } catch (const std::regex_error&) {
      complain("\"" + pattern + "\" is no pattern");
    }
  }

  /// Applies library options to what is there.
  void apply(const json& options, WstestTimeouts& timeouts, WstestSpec& spec) const {
    if (!options.is_object()) complain("\"options\" is no object");
    for (const auto& [name, value] : options.items()) {
      std::optional<double>* timeout = name == "openHandshakeTimeout"          ? &timeouts.open
                                       : name == "closeHandshakeTimeout"       ? &timeouts.close
                                       : name == "serverConnectionDropTimeout" ? &timeouts.drop
                                                                               : nullptr;
      if (timeout != nullptr) {
        if (!value.is_number() || value.get<double>() < 0) {
          complain("options: \"" + name + "\" is no number of seconds");
        }
        *timeout = value.get<double>();
      } else if (!options_without_effect().contains(name)) {
        complain("options: there is no \"" + name + "\"");
      } else if (options_without_effect().at(name) != value) {
        spec.without_effect.push_back("options." + name);
      }
    }
  }

 private:
  std::string file_;
  json content_;
};

void read_servers(const Reader& reader, const std::string& url, WstestSpec& spec) {
  json servers = reader.content().value("servers", json::array());
  if (!servers.is_array()) reader.complain("\"servers\" is no list");
  if (servers.empty() && !url.empty()) servers.push_back({{"url", url}});
  if (servers.empty()) reader.complain("\"servers\" names none; --wsuri gives one");
  for (const json& entry : servers) {
    if (!entry.is_object()) reader.complain("\"servers\" has something that is no object");
    WstestServer server{.url = reader.text(entry, "url"),
                        .agent = reader.text(entry, "agent"),
                        .hostname = reader.text(entry, "hostname"),
                        .timeouts = spec.timeouts};
    if (server.url.empty()) reader.complain("a server has no \"url\"");
    reader.apply(entry.value("options", json::object()), server.timeouts, spec);
    for (const char* name : {"origin", "protocols"}) {
      if (entry.contains(name) && !entry.at(name).empty()) {
        spec.without_effect.push_back("servers." + std::string(name));
      }
    }
    spec.servers.push_back(std::move(server));
  }
}

}  // namespace

WstestSpec read_wstest_spec(const std::filesystem::path& path, std::string_view mode,
                            const std::string& url) {
  const Reader reader(path.string());
  const json& content = reader.content();
  const bool tests_servers = mode == "fuzzingclient";
  WstestSpec spec;
  spec.outdir =
      reader.text(content, "outdir", tests_servers ? "./reports/servers/" : "./reports/clients/");
  if (!content.contains("cases")) reader.complain("there are no \"cases\"; [\"*\"] means all");
  spec.cases = reader.cases("cases", spec);
  const std::vector<const Case*> excluded = reader.cases("exclude-cases", spec);
  std::ranges::sort(spec.cases, {}, &Case::number);
  const auto doubled = std::ranges::unique(spec.cases);
  spec.cases.erase(doubled.begin(), doubled.end());
  std::erase_if(spec.cases, [&](const Case* test) {
    return std::ranges::find(excluded, test) != excluded.end();
  });
  if (spec.cases.empty()) reader.complain("no case is left to play");
  const json for_agents = content.value("exclude-agent-cases", json::object());
  if (!for_agents.is_object()) reader.complain("\"exclude-agent-cases\" is no object");
  for (const auto& [agent, patterns] : for_agents.items()) {
    static_cast<void>(reader.regex(agent));
    spec.excluded_for[agent] = reader.texts(patterns, "exclude-agent-cases");
    for (const std::string& pattern : spec.excluded_for[agent]) {
      static_cast<void>(reader.regex(pattern));
    }
  }
  reader.apply(content.value("options", json::object()), spec.timeouts, spec);
  if (tests_servers) {
    read_servers(reader, url, spec);
    return spec;
  }
  spec.url = reader.text(content, "url");
  if (spec.url.empty()) reader.complain("there is no \"url\" to listen on");
  spec.certificate = reader.text(content, "cert");
  spec.key = reader.text(content, "key");
  return spec;
}

std::string_view wstest_template(std::string_view mode) {
  return mode == "fuzzingclient" ? R"({
   "outdir": "./reports/servers",
   "servers": [{"url": "ws://127.0.0.1:9001"}],
   "cases": ["*"],
   "exclude-cases": [],
   "exclude-agent-cases": {}
}
)"
                                 : R"({
   "url": "ws://127.0.0.1:9001",
   "outdir": "./reports/clients",
   "cases": ["*"],
   "exclude-cases": [],
   "exclude-agent-cases": {}
}
)";
}

bool is_excluded(const WstestSpec& spec, const std::string& agent, const std::string& case_id) {
  return std::ranges::any_of(spec.excluded_for, [&](const auto& entry) {
    return std::regex_match(agent, regex_of(entry.first)) &&
           std::ranges::any_of(entry.second, [&](const std::string& pattern) {
             return std::regex_match(case_id, regex_of(pattern));
           });
  });
}

}  // namespace ws::conformance
