// wsproof: plays the catalogue against a WebSocket server or client, and judges what it does.
#include <CLI/CLI.hpp>
#include <iostream>
#include <malloc.h>
#include <map>
#include <string>

#include "conformance/cli/coverage_command.hpp"
#include "conformance/cli/documentation.hpp"
#include "conformance/cli/endpoint_commands.hpp"
#include "conformance/cli/explore_command.hpp"
#include "conformance/cli/options.hpp"
#include "conformance/cli/replay.hpp"
#include "conformance/cli/report_commands.hpp"
#include "conformance/cli/wstest.hpp"
#include "conformance/endpoints/known_endpoints.hpp"
#include "conformance/harness/explain.hpp"
#include "conformance/outputs/run.hpp"

namespace ws::conformance {
namespace {

int run(int argc, char** argv) {
  Options options;
  CLI::App app("Conformance tests for WebSocket (RFC 6455) servers and clients.", "wsproof");
  app.set_version_flag("--version", std::string("wsproof ") + WSPROOF_VERSION);
  app.require_subcommand(0, 1);
  app.set_config("--config", "wsproof.toml",
                 "TOML with the same names, in a section for each command, such as [server]");
  app.allow_config_extras(CLI::config_extras_mode::error);
  WstestOptions wstest;
  const std::string as_wstest = "In place of a command: as Autobahn's wstest";
  app.add_option("-m,--mode", wstest.mode,
                 "fuzzingclient tests the servers of a spec file, fuzzingserver serves clients "
                 "until it is told to stop; the exit status does not depend on verdicts")
      ->check(CLI::IsMember({"fuzzingclient", "fuzzingserver"}))
      ->group(as_wstest);
  app.add_option(
         "-s,--spec", wstest.spec,
         "wstest's spec file, MODE.json if none is given; a template is written if there is "
         "none of that name")
      ->type_name("FILE")
      ->needs("--mode")
      ->group(as_wstest);
  app.add_option("-w,--wsuri", wstest.url, "The server, for a spec file without servers")
      ->type_name("URL")
      ->needs("--mode")
      ->group(as_wstest);
  app.footer(
      "Exit status: 0 passed, 1 cases failed, 2 bad usage, 3 the endpoint is dead, never was "
      "ready, or no client came, 4 the harness failed, was interrupted, or ran out of time. A run "
      "that does not go through writes what it has.");

  const auto add_case_file = [&](CLI::App* command) {
    command
        ->add_option("--case-file", options.case_file,
                     "Cases of a file, such as explore writes, in place of the catalogue's")
        ->type_name("FILE");
  };
  const auto add_selection = [&](CLI::App* command) {
    add_case_file(command);
    command
        ->add_option("--cases", options.cases, "Ids, sections (7 or 6.12) or globs; default: all")
        ->delimiter(',');
    command->add_option("--exclude", options.excluded, "Leave these out")->delimiter(',');
    command
        ->add_option("--tag", options.tags,
                     "Those of the selection with one of these tags, such as closing or deflate")
        ->delimiter(',');
    command
        ->add_option("--level", options.levels,
                     "Those that are about a MUST, a SHOULD or a MAY: must, should, may")
        ->delimiter(',')
        ->transform(CLI::CheckedTransformer(std::map<std::string, Level>{
            {"must", Level::must}, {"should", Level::should}, {"may", Level::may}}))
        ->type_name("LEVEL");
    command->add_flag_callback(
        "--quick",
        [&] {
          options.quick = true;
          options.segmentation = Segmentation::whole;
        },
        "Each case in one segmentation, and without sections 9, 12 and 13 and what waits for "
        "seconds (tag slow) or is played alone; what --cases names by its id stays");
    command->add_option("--shard", options.shard, "I/N: the I-th of N parts of the selection");
  };
  const auto add_run = [&](CLI::App* command) {
    add_selection(command);
    command->add_option("--name", options.name, "Of the implementation, for the report");
    command->add_option("--impl-version", options.version, "Of the implementation, for the report");
    command->add_option("--language", options.language, "Of the implementation, for the report");
    const auto add_output = [&](const char* option, std::string& path, const char* what) {
      command->add_option(option, path, what)->type_name("FILE")->group("Output");
    };
    add_output("--json", options.json, "Write a run file, which report and diff read");
    add_output("--html", options.html, "Write the report, one page that needs no network");
    add_output("--junit", options.junit, "Write JUnit's XML");
    add_output("--tap", options.tap, "Write the Test Anything Protocol");
    add_output("--markdown", options.markdown,
               "Write Markdown, such as for \"$GITHUB_STEP_SUMMARY\"");
    add_output("--badge", options.badge, "Write an SVG badge");
    command
        ->add_option("--autobahn", options.autobahn,
                     "Write index.json and a file for each of Autobahn's cases, as Autobahn does")
        ->type_name("FOLDER")
        ->group("Output");
    command->add_flag("--github", options.github, "Print annotations for GitHub Actions")
        ->group("Output");
    command
        ->add_flag_callback(
            "--quiet", [&] { options.verbosity = Verbosity::quiet; }, "Print the summary alone")
        ->group("Output");
    command
        ->add_flag_callback(
            "--verbose", [&] { options.verbosity = Verbosity::verbose; }, "Print every case")
        ->group("Output");
    command->add_option("--color", options.color, "auto, always or never; auto heeds NO_COLOR")
        ->check(CLI::IsMember({"auto", "always", "never"}))
        ->capture_default_str()
        ->group("Output");
    command
        ->add_option("--fail-on", options.fail_on,
                     "must: a broken MUST fails the run; should: a missed SHOULD too; any: "
                     "whatever is not a plain pass")
        ->transform(CLI::CheckedTransformer(std::map<std::string, FailOn>{
            {"must", FailOn::must}, {"should", FailOn::should}, {"any", FailOn::any}}))
        ->type_name("LEVEL");
    command->add_flag("--fail-fast", options.fail_fast,
                      "Stop at the first failure that the baseline does not know");
    command
        ->add_option("--repeat", options.repeat,
                     "Play everything this many times; of each case the worst result counts")
        ->check(CLI::Range(1, 1'000'000))
        ->type_name("N")
        ->capture_default_str();
    command->add_flag("--until-fail", options.until_fail,
                      "Play again and again until a case fails, up to --repeat times if that is "
                      "given");
    command
        ->add_option("--run-timeout", options.run_timeout,
                     "Seconds after which the run ends with what it has; with --until-fail that "
                     "is no failure")
        ->check(CLI::PositiveNumber)
        ->type_name("SECONDS");
    command
        ->add_option("--baseline", options.baseline,
                     "Known failures with a reason each; anything else, an unexpected pass "
                     "too, but of what it calls unsteady, fails the run")
        ->type_name("FILE");
    command
        ->add_option("--update-baseline", options.new_baseline,
                     "Write the baseline under which this run passes; reasons are kept")
        ->type_name("FILE");
    command
        ->add_option("--profile", options.profile,
                     "What the endpoint speaks above WebSocket: socket.io has its handshake done "
                     "and messages as events named echo; cases that cannot be so are unsupported")
        ->check(CLI::IsMember({"socket.io"}));
    command
        ->add_option("--max-message", options.max_message,
                     "Bytes of the longest message that the endpoint takes, for section 34; a "
                     "server that refuses a frame by its header is asked")
        ->type_name("BYTES");
    command->add_option("--seed", options.seed, "Of keys and masks")->capture_default_str();
    command
        ->add_option("--case-timeout", options.case_timeout,
                     "Seconds beyond a case's own timers after which it is given up")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
  };

  auto* list = app.add_subcommand("list", "List the cases");
  add_selection(list);
  auto* explain = app.add_subcommand("explain", "Say what a case does and expects, bytes included");
  explain->add_option("ID", options.id, "Such as 6.4.1")->required();
  add_case_file(explain);
  auto* server = app.add_subcommand("server", "Test a server");
  server->add_option("URL", options.url,
                     "Of an echo service, such as ws://127.0.0.1:9001/, wss://HOST:PORT/ or "
                     "unix:FILE[:/PATH]; with --spawn, {port} in it stands for the port");
  server
      ->add_option("--spawn", options.spawn,
                   "Start the server with this shell command, {port} being where it is to listen, "
                   "or {socket} the file of a Unix socket; with a wss URL {certificate} and {key} "
                   "are files made for it. Crashes, hangs and sanitizer reports are tied to their "
                   "case")
      ->type_name("COMMAND");
  server
      ->add_option("--ca", options.ca,
                   "Verify the certificate and the host name of a wss URL against these CAs, PEM. "
                   "Without it any certificate will do: what is tested is WebSocket")
      ->type_name("FILE");
  add_run(server);
  server
      ->add_option("--origin", options.origin,
                   "An origin that the server takes, such as https://example.com, where it does "
                   "not take all; for section 36")
      ->type_name("ORIGIN");
  server
      ->add_option("--missing", options.missing,
                   "A path that the server does not have, such as /nothing; for section 36")
      ->type_name("PATH");
  server->add_option("--jobs", options.jobs, "Cases at a time; default: eight for each core")
      ->check(CLI::Range(1, 1000));
  server
      ->add_option("--ready-timeout", options.ready_timeout,
                   "Seconds until the server has to accept connections")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  auto* client = app.add_subcommand("client", "Test a client that speaks Autobahn's protocol");
  client
      ->add_option("--listen", options.listen,
                   "Port, address and port, or name and port, such as 9001, [::1]:9001 or "
                   "localhost:9001; port 0 takes a free one. Or unix:FILE. Default: 127.0.0.1:9001")
      ->type_name("[HOST:]PORT");
  client->add_flag("--tls", options.tls,
                   "Speak TLS, with a certificate made for this run; its CA is the file {ca} in "
                   "--spawn, and is printed with --listen");
  client
      ->add_option("--certificate", options.certificate,
                   "Speak TLS with this certificate and what is between it and a CA, PEM; {ca} "
                   "is this file then")
      ->type_name("FILE");
  client->add_option("--key", options.key, "Of --certificate, PEM")->type_name("FILE");
  client
      ->add_option("--idle-timeout", options.idle_timeout,
                   "Seconds without any client after which the run ends; 0 waits for ever")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  client
      ->add_option(
          "--spawn", options.spawn,
          "Start the client with this shell command: with {url} it speaks Autobahn's "
          "protocol; with {case_url} it is started for each play of each case, and only has "
          "to connect and echo")
      ->type_name("COMMAND");
  client
      ->add_option("--jobs", options.jobs,
                   "Clients at a time. With {url} each has a part of the cases on a port of its "
                   "own, default 1; with {case_url} as many as there are cores")
      ->check(CLI::Range(1, 1000));
  add_run(client);
  client
      ->add_option("--origin", options.origin,
                   "The origin of the page in which a browser is the client, such as "
                   "http://localhost:8000; for section 36")
      ->type_name("ORIGIN");

  ExploreOptions explore_options;
  auto* explore = app.add_subcommand(
      "explore", "Look for faults of a server or client with scripts of chance, without end");
  add_explore(*explore, options, explore_options);

  ReportOptions report_options;
  auto* report = app.add_subcommand("report", "Make one HTML report of run files");
  report->add_option("RUN", report_options.runs, "Run files (--json); parts of one are joined")
      ->required();
  report->add_option("-o,--output", report_options.output, "The page to write")
      ->type_name("FILE")
      ->required();
  report->add_option("--bench", report_options.bench, "Benchmarks, as ./dev bench writes them")
      ->type_name("FILE");
  report
      ->add_option("--parity", report_options.parity,
                   "How Autobahn and kosoku compare, as ./dev parity writes it")
      ->type_name("FILE");
  report
      ->add_option("--max-payload", report_options.max_payload, "Bytes of a payload that are shown")
      ->capture_default_str();

  report
      ->add_option("--docs", report_options.docs,
                   "Link each case to its page, where wsproof docs wrote them, from the report")
      ->type_name("URL");

  std::string docs_folder;
  auto* docs = app.add_subcommand("docs", "Write a page for each case, in HTML");
  docs->add_option("-o,--output", docs_folder, "The folder to write them to")
      ->type_name("FOLDER")
      ->required();

  std::string shell;
  auto* completion = app.add_subcommand("completion", "Print a script that completes the options");
  completion->add_option("SHELL", shell, "bash, zsh or fish")->required();
  auto* man = app.add_subcommand("man", "Print the man page, as for man -l");

  ReplayOptions replay_options;
  auto* replay_command = app.add_subcommand(
      "replay",
      "Play a case of a run file again, with the same seed and cuts, and show every byte");
  replay_command->add_option("RUN", replay_options.run, "Run file (--json)")->required();
  replay_command->add_option("ID", replay_options.id, "Of the case")->required();
  replay_command
      ->add_option("--pcap", replay_options.pcap,
                   "Write a capture for Wireshark (pcapng), with the keys of TLS; its packets are "
                   "made of what was read and written")
      ->type_name("FILE");
  replay_command->add_option("--url", replay_options.url, "Another server than that of the run");
  replay_command
      ->add_option("--spawn", replay_options.spawn, "Another command than that of the run")
      ->type_name("COMMAND");

  std::string before;
  std::string after;
  auto* diff = app.add_subcommand("diff", "Say what two runs have better, worse, new and gone");
  diff->add_option("BEFORE", before, "Run file")->required();
  diff->add_option("AFTER", after, "Run file")->required();
  diff->footer("Exit status: 0 nothing is worse, 1 something is.");

  CoverageOptions coverage_options;
  auto* coverage =
      app.add_subcommand("coverage", "List the statements of the RFCs and their cases");
  coverage->add_option("--run", coverage_options.run, "Run file: the endpoint's results")
      ->type_name("RUN");
  coverage
      ->add_option("--markdown", coverage_options.markdown, "Write a document in place of a list")
      ->type_name("FILE");

  ImportOptions import_options;
  auto* baseline = app.add_subcommand("baseline", "Make a baseline of what Autobahn's users have");
  auto* import = baseline->add_subcommand(
      "import", "From a spec file's exclude-cases, a list of cases, or an index.json");
  baseline->require_subcommand(1);
  import->add_option("FILE", import_options.source, "What to read")->required();
  import->add_option("--name", import_options.agent, "The agent of an index.json with several");
  import->add_option("-o,--output", import_options.output, "Default: standard output")
      ->type_name("FILE");

  try {
    app.parse(argc, argv);
    if (app.get_subcommands().empty()) {
      if (wstest.mode.empty()) {
        throw CLI::RequiredError("A command, such as server or client,");
      }
      return run_wstest(wstest);
    }
    if (!wstest.mode.empty()) {
      throw CLI::ValidationError("--mode", "stands in place of a command; leave one of them out");
    }
    if (report->parsed()) return make_report(report_options);
    if (docs->parsed()) return write_docs(docs_folder);
    if (completion->parsed()) {
      const auto script = format_completion(app, shell);
      if (!script)
        throw CLI::ValidationError("SHELL", "\"" + shell + "\" is not bash, zsh or fish");
      std::cout << *script;
      return kPassed;
    }
    if (man->parsed()) {
      std::cout << format_man_page(app, WSPROOF_VERSION);
      return kPassed;
    }
    if (replay_command->parsed()) return replay(replay_options);
    if (diff->parsed()) return diff_runs(before, after);
    if (coverage->parsed()) return show_coverage(coverage_options);
    if (import->parsed()) return import_baseline_command(import_options);
    if (list->parsed()) {
      for (const Case* test : selected(options))
        std::cout << test->id << '\t' << test->title << '\n';
      return kPassed;
    }
    if (explain->parsed()) {
      const Case* test = find_known_case(options, options.id);
      if (test == nullptr) {
        std::cerr << "wsproof: \"" << options.id << "\" is no case; wsproof list shows them all\n";
        return kUsage;
      }
      std::cout << explain_case(*test);
      return kPassed;
    }
    if (explore->parsed()) return explore_endpoint(options, explore_options);
    return server->parsed() ? test_server(options) : test_client(options);
  } catch (const CLI::ParseError& error) {
    const int status = app.exit(error);
    return status == 0 ? kPassed : kUsage;
  } catch (const InputError& error) {
    std::cerr << "wsproof: " << error.what() << '\n';
    return kUsage;
  } catch (const std::exception& error) {
    std::cerr << "wsproof: " << error.what() << '\n';
    return kHarnessError;
  }
}

}  // namespace
}  // namespace ws::conformance

int main(int argc, char** argv) {
#ifdef __GLIBC__
  // Runs make and free messages of megabytes in many threads. With an arena for each, and a
  // threshold that grows with what is freed, glibc keeps several times what is in use.
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_MMAP_THRESHOLD, 256 * 1024);
  mallopt(M_TRIM_THRESHOLD, 1024 * 1024);
#endif
  ws::conformance::look_names_up_without_modules();
  return ws::conformance::run(argc, argv);
}
