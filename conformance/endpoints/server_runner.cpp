#include "conformance/endpoints/server_runner.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <sys/resource.h>
#include <utility>

#include "conformance/endpoints/crowd.hpp"
#include "conformance/endpoints/dial.hpp"
#include "conformance/endpoints/play.hpp"
#include "conformance/endpoints/schedule.hpp"
#include "conformance/endpoints/stream.hpp"
#include "conformance/endpoints/tls_contexts.hpp"
#include "conformance/harness/player.hpp"

namespace ws::conformance {

namespace asio = boost::asio;

namespace {

/// Why there cannot be as many connections as `crowd` has; empty if there can. `of_endpoint` is
/// what its processes may open, if that is known.
std::string find_lacking_descriptors(const Crowd& crowd, std::optional<std::uint64_t> of_endpoint) {
  if (crowd.act != Crowd::Act::hold) return {};
  constexpr std::uint64_t kOthers = 64;  // files, listeners, and whatever else is open
  const std::uint64_t needed = static_cast<std::uint64_t>(crowd.count) + kOthers;
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const auto lack = [&](const char* whose, std::uint64_t has) {
    return std::to_string(needed) + " descriptors, and " + whose + " limit (RLIMIT_NOFILE) is " +
           std::to_string(has);
  };
  if (limit.rlim_cur < needed) {
    if (limit.rlim_max < needed) return lack("wsproof's", limit.rlim_max);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
  return of_endpoint && *of_endpoint < needed ? lack("the endpoint's", *of_endpoint) : "";
}

}  // namespace

struct ServerRunner::State {
  asio::io_context context{1};
  Target target{};
  RunnerSettings settings{};
  std::vector<const Case*> cases{};
  std::vector<bool> begun{};  // for each of them
  std::size_t first = 0;      // that has not begun
  int playing = 0;            // cases
  int loops_playing = 0;      // of them
  int large_playing = 0;      // likewise
  bool stopped = false;
  const OnResult* on_result = nullptr;

  using Gathered = std::function<void(const ErrandReport&)>;

  /// One case, in all its segmentations.
  struct Job {
    const Case& test;
    std::vector<Segmentation> segmentations{};
    std::vector<PlayResult> plays{};
    ResourceWatch::Mark mark{};
    std::shared_ptr<const TlsContext> tls{};
    std::size_t earlier = 0;           // connections before the next play
    std::vector<PlayResult> beside{};  // of the play that goes on
    std::vector<Gathered> gathered{};  // likewise, what waits for the others
    std::size_t open = 0;              // connections that play, or wait
  };

  /// Starts cases as long as there is room for them, in order but for loops and large ones, which
  /// let others pass where there are enough of them.
  void play_next() {
    while (first != cases.size() && begun[first]) ++first;
    for (std::size_t i = first; i != cases.size() && playing < settings.jobs && !stopped; ++i) {
      const Case& test = *cases[i];
      if (begun[i] || (test.loop && loops_playing == max_loops(settings.jobs)) ||
          (large_playing == kMaxLarge && is_large(test))) {
        continue;
      }
      begun[i] = true;
      ++playing;
      if (test.loop) ++loops_playing;
      if (is_large(test)) ++large_playing;
      auto job = std::make_shared<Job>(Job{.test = test,
                                           .segmentations = segmentations_of(test, settings),
                                           .tls = target.secure ? settings.tls : nullptr});
      if (settings.watch) job->mark = settings.watch->mark();
      if (target.secure && test.dialogue && test.dialogue->tls) {
        job->tls = make_client_context(*test.dialogue->tls);
      }
      play(job);
    }
  }

  void run_errand(Job& job, const Errand& errand, const Gathered& done) {
    if (std::holds_alternative<Gather>(errand)) {
      job.gathered.push_back(done);
      return release_gathered(job);
    }
    const auto* crowd = std::get_if<Crowd>(&errand);
    if (crowd == nullptr) return done(measure(settings.watch.get()));
    const auto limit = settings.watch ? settings.watch->descriptor_limit() : std::nullopt;
    if (std::string lacking = find_lacking_descriptors(*crowd, limit); !lacking.empty()) {
      return done({.lacking = std::move(lacking)});
    }
    if (crowd->act == Crowd::Act::cut_tls && (!job.tls || !target.path.empty())) {
      return done({.lacking = "TLS over TCP"});
    }
    gather_crowd(context, *crowd,
                 {.target = target,
                  .tls = job.tls.get(),
                  .player = settings_of_player(job.test, Segmentation::whole),
                  .limit = kConnectLimit},
                 done);
  }

  PlayerSettings settings_of_player(const Case& test, Segmentation segmentation) const {
    PlayerSettings player = player_settings(settings, Role::client, test, segmentation);
    player.host = host_field_of(target);
    player.resource = target.resource;
    return player;
  }

  void end_job(const Case& test) {
    --playing;
    if (test.loop) --loops_playing;
    if (is_large(test)) --large_playing;
    play_next();
  }

  /// Lets connections go on once all that are left of the play wait.
  static void release_gathered(Job& job) {
    if (job.gathered.size() < job.open) return;
    for (const Gathered& go_on : std::exchange(job.gathered, {})) go_on({});
  }

  /// Makes a connection for `test`, which is the job's case as it is played on this one.
  void connect(const std::shared_ptr<Job>& job, const std::shared_ptr<const Case>& test,
               const PlayerSettings& player, const Play::OnOver& over) {
    dial(
        context, target, job->tls.get(), kConnectLimit,
        [this, job, test, player, over](std::shared_ptr<Stream> stream, const std::string& error) {
          if (!stream) {
            Transcript transcript;
            transcript.open_error = "no connection: " + error;
            constexpr std::string_view kTls = "TLS: ";
            if (error.starts_with(kTls)) transcript.tls_error = error.substr(kTls.size());
            return over(std::move(transcript));
          }
          std::make_shared<Play>(
              std::move(stream), *test, player, longest(*test) + settings.case_limit, over,
              [this, job](const Errand& errand, auto done) { run_errand(*job, errand, done); })
              ->start();
        },
        settings.tap);
  }

  static std::shared_ptr<const Case> other_connection(const Case& test, const Dialogue& dialogue) {
    return std::make_shared<const Case>(with_dialogue(test, dialogue));
  }

  /// Plays what is still to be played of the job, and goes on with the next.
  void play(const std::shared_ptr<Job>& job) {
    if (stopped) return;
    const Case& test = job->test;
    if (job->plays.size() == job->segmentations.size()) {
      CaseResult result = combined(test, std::move(job->plays), Role::client, {});
      if (settings.watch) result.resources = settings.watch->since(job->mark);
      (*on_result)(std::move(result));
      return end_job(test);
    }
    const Segmentation segmentation = job->segmentations[job->plays.size()];
    PlayerSettings player = settings_of_player(test, segmentation);
    if (job->earlier < test.earlier.size()) {
      player.seed += 1 + job->earlier;
      const auto other = other_connection(test, test.earlier[job->earlier++]);
      return connect(job, other, player, [this, job, other](const Transcript&) { play(job); });
    }
    job->earlier = 0;
    job->open = 1 + test.beside.size();
    const auto start = [&](const std::shared_ptr<const Case>& connection) {
      connect(job, connection, player,
              [this, job, connection, segmentation](Transcript transcript) {
                job->beside.push_back(
                    judge_play(*connection, segmentation, std::move(transcript), Role::client));
                --job->open;
                if (job->open > 0) return release_gathered(*job);
                job->plays.push_back(worst_play(std::exchange(job->beside, {})));
                play(job);
              });
    };
    start(complete(test));
    for (const Dialogue& dialogue : test.beside) {
      player.seed += 1 + test.earlier.size();
      start(other_connection(test, dialogue));
    }
  }
};

ServerRunner::ServerRunner(Target target, RunnerSettings settings)
    : state_(std::make_unique<State>()) {
  state_->target = std::move(target);
  state_->settings = std::move(settings);
}

ServerRunner::~ServerRunner() = default;

bool ServerRunner::is_ready() {
  bool ready = false;
  dial(state_->context, state_->target, nullptr, std::chrono::seconds(1),
       [&](const std::shared_ptr<Stream>& stream, const std::string&) {
         ready = stream != nullptr;
         if (ready) stream->finish();
       });
  state_->context.restart();
  state_->context.run();
  return ready;
}

void ServerRunner::run(const std::vector<const Case*>& cases, const OnResult& on_result) {
  state_->cases = cases;
  state_->begun.assign(cases.size(), false);
  state_->first = 0;
  state_->on_result = &on_result;
  state_->playing = 0;
  state_->loops_playing = 0;
  state_->large_playing = 0;
  state_->play_next();
  state_->context.restart();
  state_->context.run();
}

void ServerRunner::stop() {
  asio::post(state_->context, [this] {
    state_->stopped = true;
    state_->context.stop();
  });
}

bool ServerRunner::has_begun(std::size_t index) const { return state_->begun[index]; }

}  // namespace ws::conformance
