#include "conformance/cli/explore_command.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <map>
#include <mutex>
#include <optional>
#include <system_error>
#include <unistd.h>
#include <unordered_map>
#include <utility>
#include <vector>

#include "conformance/cli/client_setup.hpp"
#include "conformance/cli/kept_options.hpp"
#include "conformance/cli/result_sink.hpp"
#include "conformance/cli/rounds.hpp"
#include "conformance/cli/server_run.hpp"
#include "conformance/cli/server_setup.hpp"
#include "conformance/endpoints/process.hpp"
#include "conformance/explorer/explorer.hpp"
#include "conformance/outputs/run.hpp"

namespace ws::conformance {
namespace {

using std::chrono::steady_clock;

/// Takes the verdicts of one batch.
class Verdicts : public ResultSink {
 public:
  explicit Verdicts(std::size_t count) : missing_(count) {}

  void add(CaseResult result) override {
    const std::lock_guard lock(mutex_);
    if (verdicts_.try_emplace(result.test, result.graded).second && missing_ > 0) --missing_;
  }
  void note(const std::string& text) override {
    const std::lock_guard lock(mutex_);
    notes_.push_back(text);
  }
  void take_name(const std::string& /*agent*/) override {}
  void keep_output(std::string /*output*/) override {}
  std::size_t missing() const override {
    const std::lock_guard lock(mutex_);
    return missing_;
  }

  std::optional<GradedVerdict> find(const Case& test) const {
    const auto found = verdicts_.find(&test);
    return found == verdicts_.end() ? std::nullopt : std::optional(found->second);
  }
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  mutable std::mutex mutex_;
  std::unordered_map<const Case*, GradedVerdict> verdicts_;
  std::vector<std::string> notes_;
  std::size_t missing_;
};

/// An endpoint that cases can be played with again and again.
class Opponent {
 public:
  Opponent() = default;
  Opponent(const Opponent&) = delete;
  Opponent& operator=(const Opponent&) = delete;
  virtual ~Opponent() = default;

  /// Returns: why it cannot go on; empty if it can.
  virtual std::string play(const std::vector<const Case*>& cases, bool alone,
                           Verdicts& verdicts) = 0;
  virtual void stop() = 0;  ///< may be called from any thread
  virtual Role role() const = 0;
  virtual std::string shown() const = 0;
  virtual std::size_t batch() const = 0;  ///< scripts that are worth a round
};

class Server : public Opponent {
 public:
  Server(const Options& options, std::unique_ptr<ServerSetup> setup)
      : setup_(std::move(setup)),
        run_(options, setup_->settings, setup_->target, setup_->command) {}

  std::string play(const std::vector<const Case*>& cases, bool alone, Verdicts& verdicts) override {
    if (!started_) {
      if (std::string why = run_.start(); !why.empty()) return why;
      started_ = true;
    }
    return run_.run(cases, verdicts, alone ? 1 : 0);
  }
  void stop() override { run_.stop(); }
  Role role() const override { return Role::server; }
  std::string shown() const override { return setup_->shown; }
  std::size_t batch() const override { return static_cast<std::size_t>(setup_->settings.jobs) * 4; }

 private:
  std::unique_ptr<ServerSetup> setup_;
  ServerRun run_;
  bool started_ = false;
};

class Client : public Opponent {
 public:
  /// Throws std::system_error if it cannot listen.
  Client(const Options& options, ClientSetup setup)
      : setup_(std::move(setup)), runs_(options, setup_) {
    if (setup_.spawns) return;
    std::cout << "listening on " << runs_.url()
              << ", for clients that speak Autobahn's protocol, and come again and again";
    if (setup_.secure) std::cout << " and trust " << setup_.authority;
    std::cout << std::endl;
  }

  std::string play(const std::vector<const Case*>& cases, bool /*alone*/,
                   Verdicts& verdicts) override {
    return runs_.play(cases, verdicts);
  }
  void stop() override { runs_.stop(); }
  Role role() const override { return Role::client; }
  std::string shown() const override {
    return setup_.spawns ? setup_.command : "client of " + runs_.url();
  }
  std::size_t batch() const override {
    return setup_.once_for_each ? static_cast<std::size_t>(setup_.jobs) * 4
                                : static_cast<std::size_t>(setup_.processes) * 32;
  }

 private:
  ClientSetup setup_;
  ClientRuns runs_;
};

/// What was remembered under this name; nothing if there is no such file. Errors: InputError.
std::optional<explorer::Memory> recall(const std::string& path) {
  if (path.empty() || !std::filesystem::exists(path)) return std::nullopt;
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) throw InputError("--state: cannot read \"" + path + "\"");
  try {
    return explorer::parse_memory(text);
  } catch (const explorer::CaseFileError& error) {
    throw InputError("--state: \"" + path + "\": " + error.what());
  }
}

/// Like "1 h 2 min", for people.
std::string format_duration(double seconds) {
  const auto whole = static_cast<long>(seconds);
  if (whole < 60) return std::to_string(whole) + " s";
  if (whole < 3600) return std::to_string(whole / 60) + " min " + std::to_string(whole % 60) + " s";
  return std::to_string(whole / 3600) + " h " + std::to_string(whole / 60 % 60) + " min";
}

/// One run, from its first batch to its exit status.
class Exploration {
 public:
  Exploration(const Options& options, const ExploreOptions& explore,
              std::optional<explorer::Memory> memory, Opponent& opponent)
      : options_(options),
        explore_(explore),
        opponent_(opponent),
        known_(memory ? memory->found.size() : 0),
        shows_progress_(options.verbosity != Verbosity::quiet && ::isatty(STDERR_FILENO) != 0) {
    if (!memory) {
      memory.emplace();
      memory->seed = options.seed;
      memory->harness = peer_of(opponent.role());
    }
    explorer_.emplace(
        explorer::ExplorerSettings{
            .batch = opponent.batch(),
            .non_strict_counts = options.fail_on != FailOn::must,
            .endpoint = options.name.empty() ? opponent.shown() : options.name},
        *std::move(memory),
        explorer::Explorer::Events{
            .play = [this](const std::vector<Case>& cases,
                           bool alone) { return play(cases, alone); },
            .on_found = [this](const explorer::Discovery& found,
                               const explorer::CaseFile& file) { keep(found, file); },
            .is_stopped = [this] { return is_over(); }});
  }

  int run() {
    stopper_.emplace([this] { opponent_.stop(); }, explore_.duration);
    while (!is_over()) {
      const std::uint64_t left =
          explore_.runs == 0 ? ~std::uint64_t{0} : explore_.runs - explorer_->played();
      const std::uint64_t before = explorer_->played();
      explorer_->run_batch(left);
      if (explorer_->played() == before && why_.empty() && !is_over()) {
        why_ = "no script of the last batch was played";
      }
      save();
      show_progress();
    }
    save();
    return finish();
  }

 private:
  bool is_over() const {
    return !why_.empty() || stopper_->interrupted() || stopper_->out_of_time() ||
           (explore_.runs != 0 && explorer_->played() >= explore_.runs) ||
           (options_.until_fail && fresh() > 0);
  }

  /// Findings of this run.
  std::size_t fresh() const { return explorer_->memory().found.size() - known_; }

  std::vector<std::optional<GradedVerdict>> play(const std::vector<Case>& cases, bool alone) {
    std::vector<const Case*> pointers;
    for (const Case& test : cases) pointers.push_back(&test);
    Verdicts verdicts(cases.size());
    if (why_.empty()) why_ = opponent_.play(pointers, alone, verdicts);
    for (const std::string& note : verdicts.notes()) {
      if (noted_.insert({note, true}).second) say(note);
    }
    std::vector<std::optional<GradedVerdict>> all;
    all.reserve(cases.size());
    for (const Case& test : cases) all.push_back(verdicts.find(test));
    show_progress();
    return all;
  }

  std::string replay_command(const std::string& path) const {
    Options options = options_;
    options.case_file = path;
    options.seed = explorer_->memory().seed;
    std::string words = options_to_reproduce(options);
    words.resize(words.rfind(" --cases"));
    return std::string("wsproof ") + (opponent_.role() == Role::server ? "server" : "client") +
           words;
  }

  void keep(const explorer::Discovery& found, const explorer::CaseFile& file) {
    const std::string path = explore_.folder + "/" + found.id + ".json";
    write_file(path, explorer::format_case_file(file));
    const std::string steadiness = found.failed_replays == found.replays
                                       ? std::string()
                                       : ", but in " + std::to_string(found.failed_replays) +
                                             " of " + std::to_string(found.replays) +
                                             " replays alone";
    clear_progress();
    std::cout << found.id << "  " << file.found.verdict << steadiness << ": " << file.found.reason
              << " (" << (file.found.source.empty() ? "no source" : file.found.source) << ")\n  "
              << file.cases.back().title << "\n  " << replay_command(path) << std::endl;
  }

  void save() const {
    if (!explore_.state.empty()) write_file(explore_.state, format_memory(explorer_->memory()));
  }

  void say(const std::string& text) {
    clear_progress();
    std::cerr << "wsproof: " << text << '\n';
  }

  void clear_progress() {
    if (shows_progress_) std::cerr << "\r\x1b[K";
  }

  void show_progress() {
    if (!shows_progress_ || steady_clock::now() < next_progress_) return;
    next_progress_ = steady_clock::now() + std::chrono::milliseconds(500);
    clear_progress();
    std::cerr << summary();
    std::cerr.flush();
  }

  std::string summary() const {
    const double took = std::chrono::duration<double>(steady_clock::now() - begin_).count();
    const auto per_second = static_cast<std::uint64_t>(static_cast<double>(explorer_->played()) /
                                                       std::max(took, 0.001));
    return std::to_string(explorer_->played()) + " scripts in " + format_duration(took) + ", " +
           std::to_string(per_second) + " a second, " +
           std::to_string(explorer_->memory().coverage.size()) + " situations tried, " +
           std::to_string(fresh()) + " findings";
  }

  int finish() {
    clear_progress();
    std::cout << summary();
    if (known_ != 0) std::cout << " beside " << known_ << " of before";
    if (!explorer_->memory().abilities.deflate) std::cout << "; the endpoint does not compress";
    std::cout << '\n';
    for (const explorer::Discovery& found : explorer_->memory().found) {
      if (found.count > 1) {
        std::cout << found.id << " was seen in " << found.count << " scripts\n";
      }
    }
    if (!why_.empty()) {
      std::cerr << "wsproof: " << why_ << '\n';
      return kEndpointDead;
    }
    if (stopper_->interrupted()) {
      std::cerr << "wsproof: interrupted\n";
      return kHarnessError;
    }
    // What did not show again is told, and no failure.
    const bool failed = std::ranges::any_of(
        explorer_->memory().found.begin() + static_cast<std::ptrdiff_t>(known_),
        explorer_->memory().found.end(),
        [](const explorer::Discovery& found) { return found.failed_replays > 0; });
    return failed ? kFailed : kPassed;
  }

  const Options& options_;
  const ExploreOptions& explore_;
  Opponent& opponent_;
  std::size_t known_;  // findings of before
  bool shows_progress_;
  std::optional<explorer::Explorer> explorer_;
  std::optional<Stopper> stopper_;
  std::string why_;  // the endpoint is dead
  std::map<std::string, bool> noted_;
  steady_clock::time_point begin_ = steady_clock::now();
  steady_clock::time_point next_progress_{};
};

}  // namespace

void add_explore(CLI::App& command, Options& options, ExploreOptions& explore) {
  command.add_option("URL", options.url,
                     "Of a server's echo service, as for wsproof server; a client comes to "
                     "--listen, or is started by --spawn");
  command
      .add_option("--spawn", options.spawn,
                  "Start the endpoint with this shell command: a server with {port} or {socket} in "
                  "it, a client with {url} or {case_url}, as for wsproof server and client")
      ->type_name("COMMAND");
  command
      .add_option("--listen", options.listen,
                  "Where clients that speak Autobahn's protocol come to, again and again")
      ->type_name("[HOST:]PORT");
  command
      .add_option("--for", explore.duration,
                  "How long, such as 90, 90s, 15m or 8h; without --runs too it goes on until it "
                  "is stopped")
      ->transform(CLI::AsNumberWithUnit(
          std::map<std::string, double>{{"s", 1}, {"m", 60}, {"min", 60}, {"h", 3600}},
          CLI::AsNumberWithUnit::Options::DEFAULT, "TIME"))
      ->check(CLI::PositiveNumber);
  command.add_option("--runs", explore.runs, "How many scripts")
      ->check(CLI::PositiveNumber)
      ->type_name("N");
  command.add_flag("--until-fail", options.until_fail, "Stop at the first finding");
  command
      .add_option("--jobs", options.jobs,
                  "Connections at a time; default: eight for each core with a server, one with "
                  "a client")
      ->check(CLI::Range(1, 1000));
  command.add_option("--seed", options.seed, "Of all that is left to chance")
      ->capture_default_str();
  command
      .add_option("--state", explore.state,
                  "Remember in this file what was tried and found; a run that finds it there goes "
                  "on where that one ended")
      ->type_name("FILE");
  command
      .add_option("-o,--output", explore.folder, "Where a case file is written for each finding")
      ->type_name("FOLDER")
      ->capture_default_str();
  command
      .add_option("--fail-on", options.fail_on,
                  "must: a broken MUST is a finding; should: a missed SHOULD too")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, FailOn>{{"must", FailOn::must}, {"should", FailOn::should}}))
      ->type_name("LEVEL");
  command.add_option("--name", options.name, "Of the implementation, for the case files");
  command.add_option("--ca", options.ca, "As for wsproof server")->type_name("FILE");
  command.add_flag("--tls", options.tls, "As for wsproof client");
  command.add_option("--certificate", options.certificate, "As for wsproof client")
      ->type_name("FILE");
  command.add_option("--key", options.key, "Of --certificate, PEM")->type_name("FILE");
  command
      .add_option("--ready-timeout", options.ready_timeout,
                  "Seconds until a server has to accept connections")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command
      .add_option("--idle-timeout", options.idle_timeout,
                  "Seconds without any client after which the run ends; 0 waits for ever")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command
      .add_option("--case-timeout", options.case_timeout,
                  "Seconds beyond a script's own timers after which it is given up")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command.add_flag_callback(
      "--quiet", [&options] { options.verbosity = Verbosity::quiet; },
      "Print findings and the summary alone");
  command.footer(
      "Exit status: 0 nothing was found, 1 something was, 2 bad usage, 3 the endpoint is dead, 4 "
      "interrupted. Each finding is a file for wsproof server or client --case-file.");
}

int explore_endpoint(Options options, const ExploreOptions& explore) {
  const bool is_client = !options.listen.empty() || options.spawn.contains("{url}") ||
                         options.spawn.contains("{case_url}");
  if (is_client && !options.url.empty()) {
    return complain("explore: \"" + options.url +
                    "\" is a server, and the other options are for clients; leave one out");
  }
  if (options.url.empty() && options.spawn.empty() && options.listen.empty()) {
    return complain("explore needs the URL of a server, --listen for clients, or --spawn COMMAND");
  }
  auto memory = recall(explore.state);
  const Role role = is_client ? Role::client : Role::server;
  if (memory && memory->harness != peer_of(role)) {
    return complain("--state: \"" + explore.state + "\" is of a " +
                    (role == Role::client ? "server" : "client") + "; give each its own file");
  }
  if (memory && options.seed != 0 && options.seed != memory->seed) {
    return complain("--state: \"" + explore.state + "\" was made with --seed " +
                    std::to_string(memory->seed) + ", which has to stay");
  }
  if (memory) options.seed = memory->seed;
  std::unique_ptr<Opponent> opponent;
  if (is_client) {
    auto setup = set_up_client(options);
    if (!setup) return complain(setup.error());
    try {
      opponent = std::make_unique<Client>(options, *std::move(setup));
    } catch (const std::system_error& error) {
      return complain("--listen: cannot listen on \"" + options.listen +
                      "\": " + error.code().message());
    }
  } else {
    auto setup = set_up_server(options);
    if (!setup) return complain(setup.error());
    opponent = std::make_unique<Server>(options, *std::move(setup));
  }
  Exploration exploration(options, explore, std::move(memory), *opponent);
  return exploration.run();
}

}  // namespace ws::conformance
