#include "conformance/endpoints/server_runner.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <utility>

#include "conformance/endpoints/dial.hpp"
#include "conformance/endpoints/play.hpp"
#include "conformance/endpoints/schedule.hpp"
#include "conformance/endpoints/stream.hpp"
#include "conformance/harness/player.hpp"

namespace ws::conformance {

namespace asio = boost::asio;

struct ServerRunner::State {
  asio::io_context context{1};
  Target target{};
  RunnerSettings settings{};
  std::vector<const Case*> cases{};
  std::vector<bool> begun{};  // for each of them
  std::size_t first = 0;      // that has not begun
  int playing = 0;            // cases
  int loops_playing = 0;      // of them
  bool stopped = false;
  const OnResult* on_result = nullptr;

  /// One case, in all its segmentations.
  struct Job {
    const Case& test;
    std::vector<Segmentation> segmentations{};
    std::vector<PlayResult> plays{};
  };

  /// Starts cases as long as there is room for them, in order but for loops, which let others pass
  /// where there are enough of them.
  void play_next() {
    while (first != cases.size() && begun[first]) ++first;
    for (std::size_t i = first; i != cases.size() && playing < settings.jobs && !stopped; ++i) {
      const Case& test = *cases[i];
      if (begun[i] || (test.loop && loops_playing == max_loops(settings.jobs))) continue;
      begun[i] = true;
      ++playing;
      if (test.loop) ++loops_playing;
      play(std::make_shared<Job>(
          Job{.test = test, .segmentations = segmentations_of(test, settings)}));
    }
  }

  void end_job(const Case& test) {
    --playing;
    if (test.loop) --loops_playing;
    play_next();
  }

  /// Plays what is still to be played of the job, and goes on with the next.
  void play(const std::shared_ptr<Job>& job) {
    if (stopped) return;
    if (job->plays.size() == job->segmentations.size()) {
      (*on_result)(combined(job->test, std::move(job->plays), Role::client, {}));
      return end_job(job->test);
    }
    const Segmentation segmentation = job->segmentations[job->plays.size()];
    const auto over = [this, job, segmentation](Transcript transcript) {
      job->plays.push_back(
          judge_play(job->test, segmentation, std::move(transcript), Role::client));
      play(job);
    };
    dial(
        context, target, target.secure ? settings.tls.get() : nullptr, kConnectLimit,
        [this, job, segmentation, over](std::shared_ptr<Stream> stream, const std::string& error) {
          if (!stream) {
            Transcript transcript;
            transcript.open_error = "no connection: " + error;
            return over(std::move(transcript));
          }
          PlayerSettings player = player_settings(settings, Role::client, job->test, segmentation);
          player.host = host_field_of(target);
          player.resource = target.resource;
          std::make_shared<Play>(std::move(stream), job->test, player,
                                 longest(job->test) + settings.case_limit, over)
              ->start();
        },
        settings.tap);
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
