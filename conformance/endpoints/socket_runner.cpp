#include "conformance/endpoints/socket_runner.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <chrono>
#include <deque>
#include <map>
#include <random>
#include <set>
#include <system_error>
#include <utility>

#include "conformance/harness/player.hpp"
#include "conformance/harness/plays.hpp"

namespace ws::conformance {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kReadSize = 64 * 1024;

/// One connection: a player on a socket, until it is over.
class Play : public std::enable_shared_from_this<Play> {
 public:
  using OnOver = std::function<void(Transcript)>;

  Play(tcp::socket socket, const Case& test, const PlayerSettings& settings, Time limit,
       OnOver on_over)
      : socket_(std::move(socket)),
        timer_(socket_.get_executor()),
        player_(make_player(test, settings)),
        limit_(limit),
        on_over_(std::move(on_over)) {
    socket_.set_option(tcp::no_delay(true));
    buffer_.resize(kReadSize);
  }

  /// `received` was read already.
  void start(std::string_view received = {}) {
    begin_ = Clock::now();
    player_->start(now());
    if (!received.empty()) player_->receive(now(), std::as_bytes(std::span(received)));
    step();
  }

 private:
  Time now() const { return std::chrono::duration_cast<Time>(Clock::now() - begin_); }

  void read() {
    if (reading_ || ended_ || !player_->reads()) return;
    reading_ = true;
    socket_.async_read_some(asio::buffer(buffer_),
                            [self = shared_from_this()](error_code error, std::size_t size) {
                              self->reading_ = false;
                              self->on_read(error, size);
                            });
  }

  void on_read(error_code error, std::size_t size) {
    if (over_) return;
    if (error) {
      ended_ = true;
      player_->end(now(),
                   error == asio::error::eof ? EndCause::peer_finished : EndCause::peer_reset);
    } else {
      player_->receive(now(), std::as_bytes(std::span(buffer_).first(size)));
    }
    step();
  }

  /// Does what the player wants after each thing that happened.
  void step() {
    if (over_) return;
    std::ranges::move(player_->take_writes(), std::back_inserter(writes_));
    if (player_->is_over() && (player_->drop() == Drop::abort || writes_.empty())) {
      if (!writing_ || player_->drop() == Drop::abort) return finish();
    }
    write();
    half_close();
    read();
    wait();
  }

  void half_close() {
    if (half_closed_ || writing_ || !writes_.empty() || !player_->wants_half_close()) return;
    half_closed_ = true;
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
  }

  void write() {
    if (writing_ || writes_.empty()) return;
    writing_ = true;
    asio::async_write(socket_, asio::buffer(writes_.front()),
                      [self = shared_from_this()](error_code error, std::size_t) {
                        self->writing_ = false;
                        if (self->over_) return;
                        self->writes_.pop_front();
                        // The peer's end shows in the read; what is left cannot be sent.
                        if (error) self->writes_.clear();
                        self->step();
                      });
  }

  void wait() {
    if (player_->is_over()) return;
    const Time deadline = std::min(player_->next_deadline().value_or(limit_), limit_);
    timer_.expires_at(begin_ + deadline);
    timer_.async_wait([self = shared_from_this()](error_code error) {
      if (error || self->over_) return;
      const Time at = self->now();
      self->player_->pass_time(at);
      if (at >= self->limit_ && !self->player_->is_over()) self->player_->end(at, EndCause::none);
      self->step();
    });
  }

  void finish() {
    over_ = true;
    timer_.cancel();
    error_code ignored;
    if (player_->drop() == Drop::abort) {
      socket_.set_option(asio::socket_base::linger(true, 0), ignored);
    } else {
      socket_.shutdown(tcp::socket::shutdown_send, ignored);
    }
    socket_.close(ignored);
    on_over_(player_->take_transcript());
  }

  tcp::socket socket_;
  asio::steady_timer timer_;
  std::unique_ptr<Player> player_;
  Time limit_;
  OnOver on_over_;
  Clock::time_point begin_{};
  std::vector<char> buffer_;
  std::deque<std::string> writes_;
  bool writing_ = false;
  bool reading_ = false;
  bool ended_ = false;  // the peer's side
  bool half_closed_ = false;
  bool over_ = false;
};

/// The longest that a case can take by its own timers.
Time longest(const Case& test) {
  Time sum{};
  for (const Step& step : test.script) {
    if (const auto* pause = std::get_if<Pause>(&step)) sum += pause->length;
  }
  if (test.timer) sum += test.timer->after;
  if (test.dialogue) {
    for (const DialogueStep& step : test.dialogue->steps) {
      if (const auto* expect = std::get_if<Expect>(&step)) sum += expect->within;
      if (const auto* rest = std::get_if<Rest>(&step)) sum += rest->length;
    }
  }
  return sum;
}

/// Nothing for cases that Autobahn does not have.
std::optional<CompatibleVerdict> compatible_verdict(const Case& test, const Transcript& transcript,
                                                    Role harness) {
  if (test.dialogue) return std::nullopt;
  return judge_compatibly(test, transcript, harness);
}

/// What /getCaseStatus says: Autobahn's word, or ours where it has none.
std::string_view status_word(const std::optional<CompatibleVerdict>& compatible,
                             const GradedVerdict& graded) {
  return compatible ? to_string(compatible->behavior) : to_string(graded.verdict);
}

CaseResult combined(const Case& test, std::vector<PlayResult> plays, Role harness,
                    std::string agent) {
  CaseResult result{.test = &test, .agent = std::move(agent)};
  result.graded = combine(test, plays);
  result.transcript = std::move(plays[worst_of(plays)].transcript);
  result.compatible = compatible_verdict(test, result.transcript, harness);
  return result;
}

std::uint64_t seed_for(const Case& test, std::uint64_t seed) {
  return seed ^ (static_cast<std::uint64_t>(test.number) * 0x9e3779b97f4a7c15U);
}

}  // namespace

std::optional<Target> parse_target(std::string_view url) {
  constexpr std::string_view kScheme = "ws://";
  if (!url.starts_with(kScheme)) return std::nullopt;
  url.remove_prefix(kScheme.size());
  Target target;
  const std::size_t authority_end = std::min(url.find_first_of("/?"), url.size());
  std::string_view authority = url.substr(0, authority_end);
  target.resource = url.substr(authority_end);
  if (!target.resource.starts_with('/')) target.resource.insert(0, "/");
  if (target.resource.find_first_of(" #") != std::string::npos) return std::nullopt;

  std::string_view port = "80";
  const std::size_t bracket = authority.find(']');
  const std::size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon != std::string_view::npos) {
    port = authority.substr(colon + 1);
    authority = authority.substr(0, colon);
  }
  if (authority.starts_with('[') && authority.ends_with(']')) {
    authority = authority.substr(1, authority.size() - 2);
  }
  target.host = authority;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), target.port);
  if (error != std::errc() || end != port.data() + port.size() || target.port == 0) {
    return std::nullopt;
  }
  if (target.host.empty()) return std::nullopt;
  return target;
}

// Servers.

struct ServerRunner::State {
  asio::io_context context{1};
  Target target{};
  RunnerSettings settings{};
  std::vector<const Case*> cases{};
  std::size_t next = 0;
  int playing = 0;        // cases
  int loops_playing = 0;  // of them
  bool stopped = false;
  const OnResult* on_result = nullptr;

  std::string host_field() const {
    const bool is_ipv6 = target.host.find(':') != std::string::npos;
    return (is_ipv6 ? "[" + target.host + "]" : target.host) + ":" + std::to_string(target.port);
  }

  /// One case, in all its segmentations.
  struct Job {
    const Case& test;
    std::vector<Segmentation> segmentations{};
    std::vector<PlayResult> plays{};
  };

  /// Starts cases, in order, as long as there is room for them.
  ///
  /// A loop of a thousand messages has to end in a minute, and would not on a slow peer that had as
  /// many of them to serve as there may be waits side by side: a few keep it busy.
  void play_next() {
    const int max_loops = settings.jobs / 8 + 1;
    while (!stopped && next != cases.size() && playing < settings.jobs) {
      const Case& test = *cases[next];
      if (test.loop && loops_playing == max_loops) return;
      ++next;
      ++playing;
      if (test.loop) ++loops_playing;
      play(std::make_shared<Job>(Job{.test = test, .segmentations = segmentations_of(test)}));
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
    auto socket = std::make_shared<tcp::socket>(context);
    auto resolver = std::make_shared<tcp::resolver>(context);
    const auto over = [this, job, segmentation](Transcript transcript) {
      job->plays.push_back(
          judge_play(job->test, segmentation, std::move(transcript), Role::client));
      play(job);
    };
    const auto connected = [this, socket, job, segmentation, over](error_code error,
                                                                   const tcp::endpoint&) {
      if (error) {
        Transcript transcript;
        transcript.open_error = "no connection: " + error.message();
        return over(std::move(transcript));
      }
      const PlayerSettings player{.role = Role::client,
                                  .host = host_field(),
                                  .resource = target.resource,
                                  .seed = seed_for(job->test, settings.seed),
                                  .segmentation = segmentation};
      std::make_shared<Play>(std::move(*socket), job->test, player,
                             longest(job->test) + settings.case_limit, over)
          ->start();
    };
    resolver->async_resolve(
        target.host, std::to_string(target.port),
        [socket, resolver, connected](error_code error, const tcp::resolver::results_type& found) {
          if (error) return connected(error, {});
          asio::async_connect(*socket, found, connected);
        });
  }
};

ServerRunner::ServerRunner(Target target, RunnerSettings settings)
    : state_(std::make_unique<State>()) {
  state_->target = std::move(target);
  state_->settings = settings;
}

ServerRunner::~ServerRunner() = default;

bool ServerRunner::is_ready() {
  tcp::resolver resolver(state_->context);
  error_code error;
  const auto found =
      resolver.resolve(state_->target.host, std::to_string(state_->target.port), error);
  if (error) return false;
  tcp::socket socket(state_->context);
  asio::connect(socket, found, error);
  return !error;
}

void ServerRunner::run(const std::vector<const Case*>& cases, const OnResult& on_result) {
  state_->cases = cases;
  state_->next = 0;
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

std::size_t ServerRunner::begun() const { return state_->next; }

// Clients.

namespace {

using Query = std::map<std::string, std::string, std::less<>>;

std::string decode_form(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      decoded += ' ';
    } else if (unsigned value = 0;
               text[i] == '%' && i + 2 < text.size() &&
               std::from_chars(&text[i + 1], &text[i + 1] + 2, value, 16).ptr == &text[i + 1] + 2) {
      decoded += static_cast<char>(value);
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

/// Parameters of a query. One given twice makes the whole query invalid.
std::optional<Query> parse_query(std::string_view text) {
  Query query;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    std::string value = decode_form(pair.substr(std::min(equals + 1, pair.size())));
    if (value.empty()) continue;
    if (!query.emplace(decode_form(pair.substr(0, equals)), std::move(value)).second) {
      return std::nullopt;
    }
  }
  return query;
}

std::string escape_json(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '"' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

/// A conversation of the protocol itself: a text, perhaps, and a Close.
Case conversation(std::optional<std::string> message) {
  Case test{.id = "protocol"};
  if (message) test.script.emplace_back(SendFrame{.frame = {.payload = text(*message)}});
  test.script.emplace_back(SendClose{});
  return test;
}

}  // namespace

struct ClientRunner::State {
  /// A client whose request is not complete yet.
  struct Guest : std::enable_shared_from_this<Guest> {
    Guest(State& owner, tcp::socket accepted) : state(owner), socket(std::move(accepted)) {}

    void read() {
      socket.async_read_some(asio::buffer(buffer),
                             [self = shared_from_this()](error_code error, std::size_t size) {
                               if (error) return;
                               self->head.append(self->buffer.data(), size);
                               constexpr std::size_t kMaxHead = 64 * 1024;
                               if (self->head.find("\r\n\r\n") != std::string::npos) {
                                 self->state.serve(*self);
                               } else if (self->head.size() <= kMaxHead) {
                                 self->read();
                               }
                             });
    }

    State& state;
    tcp::socket socket;
    std::array<char, 4096> buffer{};
    std::string head{};
  };

  asio::io_context context{1};
  std::vector<tcp::acceptor> acceptors{};  // one for each address of the host
  RunnerSettings settings{};
  /// What a client can ask for by number: each case once for each of its segmentations.
  struct Turn {
    const Case* test = nullptr;
    Segmentation segmentation = Segmentation::whole;
  };
  using AgentAndCase = std::pair<std::string, const Case*>;

  std::vector<Turn> turns{};
  std::map<AgentAndCase, std::vector<PlayResult>> unfinished{};
  const ClientEvents* events = nullptr;
  std::size_t conversing = 0;  // connections in conversation
  bool accepts = false;
  bool ends_when_idle = false;
  asio::steady_timer idle{context};
  Clock::time_point last_sign{};  // of a client
  asio::steady_timer silence{context};
  bool fell_silent = false;
  std::deque<Case> conversations{};  // alive as long as their connections
  std::map<std::pair<std::string, std::string>, std::string> verdicts{};

  /// Listens on each address that `host` has, on the same port.
  void listen(const std::string& host, std::uint16_t port) {
    tcp::resolver resolver(context);
    const auto found = resolver.resolve(host, std::to_string(port),
                                        tcp::resolver::passive | tcp::resolver::numeric_service);
    std::set<tcp::endpoint> endpoints;
    for (const auto& entry : found) endpoints.insert(entry.endpoint());
    error_code error;
    for (tcp::endpoint endpoint : endpoints) {
      const bool is_first = acceptors.empty();
      if (!is_first) endpoint.port(acceptors.front().local_endpoint().port());
      tcp::acceptor acceptor(context);
      acceptor.open(endpoint.protocol(), error);
      if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
      if (!error && endpoint.address().is_v6() && endpoints.size() > 1) {
        acceptor.set_option(asio::ip::v6_only(true), error);
      }
      if (!error) acceptor.bind(endpoint, error);
      if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
      if (!error) {
        acceptors.push_back(std::move(acceptor));
        continue;
      }
      // A name may have addresses that this machine does not. A port that was picked for the first
      // may be taken on the next.
      const bool is_missing = error == asio::error::address_family_not_supported ||
                              error == boost::system::errc::address_not_available;
      if (!is_missing && (is_first || port != 0)) break;
      error.clear();
    }
    if (error || acceptors.empty()) {
      if (!error) error = asio::error::address_family_not_supported;
      throw std::system_error(error);
    }
  }

  void accept(tcp::acceptor& acceptor) {
    acceptor.async_accept([this, &acceptor](error_code error, tcp::socket socket) {
      if (error == asio::error::operation_aborted) return;
      if (!error) std::make_shared<Guest>(*this, std::move(socket))->read();
      accept(acceptor);
    });
  }

  /// Ends `run` once no client has been there for as long as the settings allow.
  void watch_silence() {
    if (!settings.silence_limit) return;
    silence.expires_at(last_sign + *settings.silence_limit);
    silence.async_wait([this](error_code error) {
      if (error) return;
      if (conversing > 0) last_sign = Clock::now();
      fell_silent = Clock::now() >= last_sign + *settings.silence_limit;
      if (fell_silent) return context.stop();
      watch_silence();
    });
  }

  /// The case that a query names by position or id; null if there is none.
  const Turn* find(const Query& query) const {
    if (const auto number = query.find("case"); number != query.end()) {
      std::size_t value = 0;
      const std::string& digits = number->second;
      const auto [end, error] =
          std::from_chars(digits.data(), digits.data() + digits.size(), value);
      if (error != std::errc() || end != digits.data() + digits.size()) return nullptr;
      return value >= 1 && value <= turns.size() ? &turns[value - 1] : nullptr;
    }
    const auto id = query.find("casetuple");
    if (id == query.end()) return nullptr;
    const auto agent = query.find("agent");
    const auto cut = query.find("segmentation");
    const Turn* found = nullptr;
    for (const Turn& turn : turns) {
      if (turn.test->id != id->second) continue;
      if (cut != query.end() && cut->second != to_string(turn.segmentation)) continue;
      found = &turn;
      if (agent == query.end()) break;
      // The next segmentation that this client has not had yet.
      const auto played = unfinished.find({agent->second, turn.test});
      if (played == unfinished.end() ||
          std::ranges::find(played->second, turn.segmentation, &PlayResult::segmentation) ==
              played->second.end()) {
        break;
      }
    }
    return found;
  }

  void add(const std::string& agent, const Turn& turn, PlayResult play) {
    verdicts[{agent, turn.test->id}] =
        status_word(compatible_verdict(*turn.test, play.transcript, Role::server), play.graded);
    std::vector<PlayResult>& plays = unfinished[{agent, turn.test}];
    std::erase_if(plays,
                  [&](const PlayResult& old) { return old.segmentation == play.segmentation; });
    plays.push_back(std::move(play));
    if (plays.size() == segmentations_of(*turn.test).size()) report(agent, *turn.test);
  }

  void report(const std::string& agent, const Case& test) {
    const auto entry = unfinished.extract({agent, &test});
    CaseResult result = combined(test, entry.mapped(), Role::server, agent);
    verdicts[{agent, test.id}] = status_word(result.compatible, result.graded);
    events->on_result(std::move(result));
  }

  /// What was asked for in some segmentations only.
  void report_unfinished() {
    while (!unfinished.empty()) {
      const auto& [agent, test] = unfinished.begin()->first;
      report(std::string(agent), *test);
    }
  }

  /// Ends `run` if no connection is left, nor comes in a moment: what a client sent before it ended
  /// may still be in the socket's queue.
  void end_if_idle() {
    if (conversing > 0) return;
    idle.expires_after(std::chrono::milliseconds(100));
    idle.async_wait([this](error_code error) {
      if (!error && conversing == 0) context.stop();
    });
  }

  void play(Guest& guest, const Case& test, Segmentation segmentation, Play::OnOver on_over) {
    ++conversing;
    on_over = [this, report = std::move(on_over)](Transcript transcript) {
      --conversing;
      last_sign = Clock::now();
      report(std::move(transcript));
      if (ends_when_idle) end_if_idle();
    };
    error_code ignored;
    const auto local = guest.socket.local_endpoint(ignored);
    const PlayerSettings player{.role = Role::server,
                                .host = "127.0.0.1:" + std::to_string(local.port()),
                                .seed = seed_for(test, settings.seed),
                                .segmentation = segmentation};
    std::make_shared<Play>(std::move(guest.socket), test, player,
                           longest(test) + settings.case_limit, std::move(on_over))
        ->start(guest.head);
  }

  void converse(
      Guest& guest, std::optional<std::string> message, std::function<void()> then = [] {}) {
    conversations.push_back(conversation(std::move(message)));
    play(guest, conversations.back(), Segmentation::whole,
         [then = std::move(then)](const Transcript&) { then(); });
  }

  static void refuse(Guest& guest) {
    constexpr std::string_view kAnswer =
        "HTTP/1.1 500 Internal Server Error\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    error_code ignored;
    asio::write(guest.socket, asio::buffer(kAnswer), ignored);
    guest.socket.close(ignored);
  }

  void serve(Guest& guest) {
    const std::size_t begin = guest.head.find(' ') + 1;
    const std::string target = guest.head.substr(begin, guest.head.find(' ', begin) - begin);
    const std::size_t mark = std::min(target.find('?'), target.size());
    const std::string path = target.substr(0, mark);
    const auto query =
        parse_query(std::string_view(target).substr(std::min(mark + 1, target.size())));
    if (!query) return refuse(guest);
    const auto agent_entry = query->find("agent");
    const std::string agent = agent_entry == query->end() ? "" : agent_entry->second;

    if (path == "/getCaseCount") return converse(guest, std::to_string(turns.size()));
    if (path == "/stopServer") return context.stop();
    if (path == "/updateReports") {
      const auto shutdown = query->find("shutdownOnComplete");
      const bool ends =
          shutdown != query->end() && (shutdown->second == "true" || shutdown->second == "yes");
      return converse(guest, std::nullopt, [this, agent, ends] {
        if (!events->on_update(agent, ends)) return;
        // A client may be done with a case while the case still waits for the end of its
        // connection.
        if (conversing == 0) return context.stop();
        ends_when_idle = true;
      });
    }
    const Turn* turn = find(*query);
    if (turn == nullptr) return refuse(guest);
    const Case* test = turn->test;
    if (path == "/getCaseInfo") {
      return converse(guest, R"({"id": ")" + test->id + R"(", "description": ")" +
                                 escape_json(test->title) + R"("})");
    }
    if (agent.empty()) return refuse(guest);
    if (path == "/getCaseStatus") {
      const auto known = verdicts.find({agent, test->id});
      if (known == verdicts.end()) return refuse(guest);
      return converse(guest, R"({"behavior": ")" + known->second + R"("})");
    }
    if (path != "/runCase") return refuse(guest);
    if (events->on_begin) events->on_begin(*test, turn->segmentation);
    play(guest, *test, turn->segmentation, [this, turn = *turn, agent](Transcript transcript) {
      add(agent, turn,
          judge_play(*turn.test, turn.segmentation, std::move(transcript), Role::server));
    });
  }
};

ClientRunner::ClientRunner(const std::string& host, std::uint16_t port, RunnerSettings settings)
    : state_(std::make_unique<State>()) {
  state_->settings = settings;
  state_->listen(host, port);
}

ClientRunner::~ClientRunner() = default;

std::uint16_t ClientRunner::port() const {
  return state_->acceptors.front().local_endpoint().port();
}

bool ClientRunner::run(const std::vector<const Case*>& cases, const ClientEvents& events) {
  state_->turns.clear();
  for (const Case* test : cases) {
    for (const Segmentation segmentation : segmentations_of(*test)) {
      state_->turns.push_back({test, segmentation});
    }
  }
  state_->events = &events;
  state_->ends_when_idle = false;
  state_->fell_silent = false;
  state_->last_sign = Clock::now();
  if (!std::exchange(state_->accepts, true)) {
    for (tcp::acceptor& acceptor : state_->acceptors) state_->accept(acceptor);
  }
  state_->watch_silence();
  state_->context.restart();
  state_->context.run();
  state_->report_unfinished();
  return !state_->fell_silent;
}

void ClientRunner::stop() {
  asio::post(state_->context, [this] { state_->context.stop(); });
}

void ClientRunner::stop_when_idle() {
  asio::post(state_->context, [this] {
    state_->ends_when_idle = true;
    state_->end_if_idle();
  });
}

}  // namespace ws::conformance
