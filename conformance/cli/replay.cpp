#include "conformance/cli/replay.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <span>

#include "conformance/cli/capture.hpp"
#include "conformance/cli/endpoint_commands.hpp"
#include "conformance/cli/kept_options.hpp"
#include "conformance/cli/options.hpp"
#include "conformance/endpoints/wire_tap.hpp"
#include "conformance/harness/player.hpp"
#include "conformance/outputs/run.hpp"

namespace ws::conformance {
namespace {

using nlohmann::json;
using std::chrono::microseconds;
using std::chrono::steady_clock;

/// Sixteen bytes on a line: offset, hex, and what of them is text.
void print_hexdump(std::span<const std::byte> bytes) {
  constexpr std::size_t kPerLine = 16;
  for (std::size_t begin = 0; begin < bytes.size(); begin += kPerLine) {
    std::array<char, 32> digits{};
    std::snprintf(digits.data(), digits.size(), "    %06zx  ", begin);
    std::string line = digits.data();
    std::string text;
    for (std::size_t i = begin; i < begin + kPerLine; ++i) {
      if (i >= bytes.size()) {
        line += "   ";
        continue;
      }
      const auto octet = std::to_integer<unsigned>(bytes[i]);
      std::snprintf(digits.data(), digits.size(), "%02x ", octet);
      line += digits.data();
      text += octet >= 0x20 && octet < 0x7f ? static_cast<char>(octet) : '.';
    }
    std::cout << line << ' ' << text << '\n';
  }
}

/// Prints what is read and written, and keeps it for a capture.
class Log {
 public:
  Log(Role harness, bool secure) : capture_(harness, secure) {}

  void print(int connection, Flow flow, std::span<const std::byte> bytes) {
    const std::lock_guard lock(mutex_);
    const auto [number, is_new] =
        numbers_.try_emplace(connection, static_cast<int>(numbers_.size()) + 1);
    if (is_new) std::cout << "connection " << number->second << '\n';
    std::array<char, 64> head{};
    std::snprintf(head.data(), head.size(), "%10.6f s  %d %s %zu bytes",
                  std::chrono::duration<double>(steady_clock::now() - begin_).count(),
                  number->second, flow == Flow::out ? "->" : "<-", bytes.size());
    std::cout << head.data() << '\n';
    print_hexdump(bytes);
  }

  void keep(int connection, Flow flow, std::span<const std::byte> bytes) {
    const std::lock_guard lock(mutex_);
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    capture_.add(connection, flow, std::chrono::duration_cast<microseconds>(now), bytes);
  }

  void keep_key(std::string_view line) {
    const std::lock_guard lock(mutex_);
    capture_.add_key(line);
  }

  std::string capture() const { return capture_.file(); }

 private:
  std::mutex mutex_;
  steady_clock::time_point begin_ = steady_clock::now();
  std::map<int, int> numbers_;
  Capture capture_;
};

std::optional<Segmentation> segmentation_of(const json& entry) {
  const std::string name = entry.value("x-segmentation", "");
  for (const Segmentation each : {Segmentation::whole, Segmentation::bytes, Segmentation::random}) {
    if (to_string(each) == name) return each;
  }
  return std::nullopt;
}

Options options_of(const json& run, const std::string& file) {
  const json kept = run.value("x-options", json());
  if (!kept.is_object()) {
    throw InputError("\"" + file + "\" does not say how it was played; only wsproof's own runs do");
  }
  std::map<std::string, std::string> texts;
  for (const auto& [name, value] : kept.items()) {
    if (value.is_string()) texts.emplace(name, value.get<std::string>());
  }
  Options options;
  take_up_options(texts, options);
  return options;
}

}  // namespace

int replay(const ReplayOptions& wanted) {
  const json run = read_run(wanted.run);
  const json& cases = run.at("cases");
  if (!cases.contains(wanted.id)) {
    throw InputError("\"" + wanted.run + "\" has no case \"" + wanted.id + "\"");
  }
  const json& entry = cases.at(wanted.id);
  Options options = options_of(run, wanted.run);
  if (find_known_case(options, wanted.id) == nullptr) {
    throw InputError("\"" + wanted.id + "\" is no case of " +
                     (options.case_file.empty()
                          ? std::string("this version; wsproof list shows them all")
                          : "\"" + options.case_file + "\""));
  }
  if (!wanted.url.empty() || !wanted.spawn.empty()) {
    options.url = wanted.url;
    options.spawn = wanted.spawn;
  }
  options.cases = {wanted.id};
  options.name = run.at("implementation").at("name");
  options.segmentation = segmentation_of(entry);
  options.checks_liveness = false;

  const bool is_server = run.at("implementation").at("role") == "server";
  const auto log = std::make_shared<Log>(is_server ? Role::client : Role::server,
                                         run.at("implementation").value("tls", false));
  options.wire_tap = std::make_shared<const WireTap>(WireTap{
      .on_wire = [log](int connection, Flow flow,
                       std::span<const std::byte> bytes) { log->keep(connection, flow, bytes); },
      .on_plain = [log](int connection, Flow flow,
                        std::span<const std::byte> bytes) { log->print(connection, flow, bytes); },
      .on_key = [log](std::string_view line) { log->keep_key(line); }});
  json again;
  const int status = is_server ? test_server(options, &again) : test_client(options, &again);
  if (!wanted.pcap.empty()) write_file(wanted.pcap, log->capture());
  if (again.is_null()) return status;
  const json& now = again.at("cases").at(wanted.id);
  std::cout << "in the run: " << describe_verdicts(entry) << '\n'
            << "now:        " << describe_verdicts(now) << '\n';
  if (now.contains("reason")) std::cout << now.at("reason").get<std::string>() << '\n';
  return status;
}

}  // namespace ws::conformance
