#include "conformance/endpoints/client_runner.hpp"

#include <algorithm>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "conformance/endpoints/autobahn_request.hpp"
#include "conformance/endpoints/known_endpoints.hpp"
#include "conformance/endpoints/play.hpp"
#include "conformance/endpoints/segments.hpp"
#include "conformance/endpoints/stream.hpp"
#include "conformance/endpoints/tls_contexts.hpp"
#include "conformance/endpoints/visitors.hpp"
#include "conformance/harness/dialogue_player.hpp"
#include "conformance/harness/opening_fields.hpp"
#include "conformance/harness/payload.hpp"

namespace ws::conformance {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Local = asio::local::stream_protocol;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

std::string escape_json(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '"' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

/// The request that a client sent for something else, on the connection of a case whose response
/// did not open it, where HTTP may keep the connection; empty if there is none.
std::string next_request(const Transcript& transcript) {
  std::string request;
  for (const Record& record : transcript.records) {
    if (record.kind == Record::Kind::octets_in) request = record.bytes;
    if (record.kind == Record::Kind::note && record.text == kNextRequest) return request;
  }
  return "";
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
  /// What a client can ask for by number: each case once for each of its segmentations, and, in
  /// front of each, the connections that come before.
  struct Turn {
    const Case* test = nullptr;
    Segmentation segmentation = Segmentation::whole;
    const Dialogue* earlier = nullptr;  // that is played instead, and not judged

    bool operator==(const Turn&) const = default;
  };

  /// A client whose request is not complete yet.
  struct Guest : std::enable_shared_from_this<Guest> {
    Guest(State& owner, std::shared_ptr<Stream> accepted)
        : state(owner), stream(std::move(accepted)), timer(stream->executor()) {}

    void start() {
      timer.expires_after(kConnectLimit);
      timer.async_wait([self = shared_from_this()](error_code error) {
        if (!error) self->stream->abort();
      });
      stream->open([self = shared_from_this()](const std::string& error) {
        if (error.empty()) return self->read();
        self->leave();
        if (self->turn) return self->state.refused(*self, error);
        if (self->state.events->on_trouble) {
          self->state.events->on_trouble("a client's TLS handshake failed: " + error);
        }
      });
    }

    void read() {
      stream->read([self = shared_from_this()](error_code error, std::span<const std::byte> read) {
        if (error) {
          self->leave();
          if (!self->head.empty()) {
            self->state.note_refusal("has no end, an empty line", self->head);
          }
          if (self->turn) self->state.refused(*self, "the client ended it without a request");
          return;
        }
        constexpr std::size_t kMaxHead = std::size_t{64} * 1024;
        for (const std::byte octet : read) self->head += static_cast<char>(octet);
        if (self->head.contains("\r\n\r\n")) {
          self->timer.cancel();
          self->state.serve(*self);
        } else if (self->head.size() <= kMaxHead) {
          self->read();
        } else {
          self->state.note_refusal("is longer than " + std::to_string(kMaxHead) + " bytes",
                                   self->head);
          self->leave();
        }
      });
    }

    void leave() {
      timer.cancel();
      stream->finish();
    }

    State& state;
    std::shared_ptr<Stream> stream;
    asio::steady_timer timer;
    std::string head{};
    const Turn* turn = nullptr;  // that it is taken to come for, if TLS depends on that
  };

  /// In which order a client goes through the turns, learnt from what it has done.
  class Order {
   public:
    /// A client has come for something else.
    void see_other() { ++others_; }

    void see_turn(const Turn& turn, const std::vector<Turn>& turns) {
      const auto index = static_cast<std::size_t>(std::ranges::find(turns, turn) - turns.begin());
      told_ = nullptr;
      if (last_ && index == *last_ + 1) between_ = others_;
      last_ = index;
      others_ = 0;
    }

    void tell(const Turn* turn) { told_ = turn; }

    /// The turn that the next client is taken to come for, if it wants TLS in its own way.
    const Turn* next_turn(const std::vector<Turn>& turns) const {
      const Turn* next = told_;
      if (next == nullptr && last_ && between_ == others_ && *last_ + 1 < turns.size()) {
        next = &turns[*last_ + 1];
      }
      return next != nullptr && next->test->dialogue && next->test->dialogue->tls ? next : nullptr;
    }

   private:
    std::optional<std::size_t> last_{};  // index of the last turn
    int others_ = 0;                     // connections since
    int between_ = 0;                    // likewise, between the two before
    const Turn* told_ = nullptr;
  };

  asio::io_context context{1};
  std::vector<tcp::acceptor> acceptors{};  // one for each address of the host
  std::optional<Local::acceptor> local_acceptor{};
  std::string local_path{};  // to be removed in the end
  RunnerSettings settings{};
  using AgentAndCase = std::pair<std::string, const Case*>;

  std::vector<Turn> turns{};
  std::map<AgentAndCase, std::vector<PlayResult>> unfinished{};
  std::map<AgentAndCase, std::size_t> earlier_had{};  // connections before the next play

  /// How often a client that was started for one play has come for it again, and how soon.
  struct Return {
    Clock::time_point left{};
    int in_a_hurry = 0;
  };
  std::map<std::pair<AgentAndCase, Segmentation>, Return> returns{};
  struct Visit {
    std::string agent{};
    Turn turn{};

    bool operator==(const Visit&) const = default;
  };
  std::vector<Visit> visited{};  // by clients, for a case
  std::vector<Visit> lost{};     // likewise, where nobody could serve them
  Order order{};
  std::string last_agent{};                                         // that asked for a case
  std::map<std::pair<std::string, const Case*>, int> redirected{};  // visits
  /// A client that was sent to another URL, and may come back by it.
  struct SentAway {
    Visit from{};
    std::string target{};  // that it has to ask for
    std::string host{};    // another one than that of its request; empty: the same
    std::string head{};    // of its request
    Clock::time_point at{};
  };
  std::vector<SentAway> sent_away{};  // several if clients are started side by side
  std::vector<std::shared_ptr<Reception>> receptions{};      // of visitors
  std::map<const Case*, std::optional<ResourceUse>> used{};  // in the last play of each
  const ClientEvents* events = nullptr;
  std::size_t conversing = 0;  // connections in conversation
  std::string refusal{};       // of the latest request that was not served
  bool accepts = false;
  bool ends_when_idle = false;
  std::atomic<int> runs = 0;
  asio::steady_timer idle{context};
  Clock::time_point last_sign{};  // of a client
  asio::steady_timer silence{context};
  bool fell_silent = false;
  std::map<std::pair<std::string, std::string>, std::string> verdicts{};

  /// Listens on each address that `host` has, on the same port.
  void listen(const std::string& host, std::uint16_t port) {
    const auto known = known_endpoints(host, port);
    std::set<tcp::endpoint> endpoints(known.begin(), known.end());
    if (known.empty()) {
      tcp::resolver resolver(context);
      const auto found = resolver.resolve(host, std::to_string(port),
                                          tcp::resolver::passive | tcp::resolver::numeric_service);
      for (const auto& entry : found) endpoints.insert(entry.endpoint());
    }
    error_code error;
    for (tcp::endpoint endpoint : endpoints) {
      const bool is_first = acceptors.empty();
      if (!is_first) endpoint.port(acceptors.front().local_endpoint().port());
      tcp::acceptor acceptor(context);
      acceptor.open(endpoint.protocol(), error);
      if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
      if (!error) ask_for_usual_segments(acceptor.native_handle());
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
    listen_beside();
  }

  /// Listens on the other address of this machine too, if there is one, for URLs that have it.
  void listen_beside() {
    const tcp::endpoint first = acceptors.front().local_endpoint();
    if (acceptors.size() > 1 || first.address() != asio::ip::address_v4::loopback()) return;
    const tcp::endpoint other(asio::ip::address_v6::loopback(), first.port());
    error_code error;
    tcp::acceptor acceptor(context);
    acceptor.open(other.protocol(), error);
    if (!error) acceptor.set_option(asio::ip::v6_only(true), error);
    if (!error) ask_for_usual_segments(acceptor.native_handle());
    if (!error) acceptor.bind(other, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (!error) acceptors.push_back(std::move(acceptor));
  }

  /// Listens on a Unix socket. One that an earlier run left there is replaced.
  void listen(const std::string& path) {
    struct stat found{};
    error_code error;
    if (::lstat(path.c_str(), &found) == 0 && S_ISSOCK(found.st_mode)) {
      Local::socket probe(context);
      probe.connect(Local::endpoint(path), error);
      if (!error) throw std::system_error(EADDRINUSE, std::generic_category());
      ::unlink(path.c_str());
    }
    try {
      local_acceptor.emplace(context, Local::endpoint(path));
    } catch (const boost::system::system_error& problem) {
      throw std::system_error(std::error_code(problem.code()));
    }
    local_path = path;
  }

  template <typename Acceptor>
  void accept(Acceptor& acceptor) {
    acceptor.async_accept([this, &acceptor](error_code error, auto socket) {
      if (error == asio::error::operation_aborted) return;
      if (!error) {
        const Turn* turn = settings.certificates ? order.next_turn(turns) : nullptr;
        const auto tls = turn == nullptr ? settings.tls
                                         : make_server_context(*turn->test->dialogue->tls,
                                                               *settings.certificates);
        auto stream = std::make_shared<Stream>(Stream::Socket(std::move(socket)), tls.get(),
                                               std::string(), settings.tap);
        auto guest = std::make_shared<Guest>(*this, std::move(stream));
        guest->turn = turn;
        guest->start();
      }
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

  /// The case that a request names by position or id; null if there is none.
  const Turn* find(const AutobahnRequest& request) const {
    if (const std::string_view number = request["case"]; !number.empty()) {
      std::size_t value = 0;
      const auto [end, error] =
          std::from_chars(number.data(), number.data() + number.size(), value);
      if (error != std::errc() || end != number.data() + number.size()) return nullptr;
      return value >= 1 && value <= turns.size() ? &turns[value - 1] : nullptr;
    }
    const std::string_view cut = request["segmentation"];
    const Turn* found = nullptr;
    std::size_t earlier = 0;
    for (const Turn& turn : turns) {
      if (turn.test->id != request["casetuple"]) continue;
      if (!cut.empty() && cut != to_string(turn.segmentation)) continue;
      const AgentAndCase key{std::string(request["agent"]), turn.test};
      const auto played = unfinished.find(key);
      const bool is_played = played != unfinished.end() &&
                             std::ranges::find(played->second, turn.segmentation,
                                               &PlayResult::segmentation) != played->second.end();
      if (turn.earlier != nullptr) {
        // Who names the cut was started for this play alone, and has had no connection before.
        const auto had = earlier_had.find(key);
        const bool is_over = had != earlier_had.end() && earlier++ < had->second;
        if (is_played || is_over || !cut.empty()) continue;
      }
      found = &turn;
      // The next that this client has not had yet.
      if (!is_played) break;
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
    if (plays.size() == segmentations_of(*turn.test, settings).size()) report(agent, *turn.test);
  }

  void report(const std::string& agent, const Case& test) {
    const auto entry = unfinished.extract({agent, &test});
    CaseResult result = combined(test, entry.mapped(), Role::server, agent);
    if (const auto use = used.extract(&test); !use.empty()) result.resources = use.mapped();
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

  /// A client came for its next case on the connection of the last, which has to end.
  void see_next_request(const Transcript& transcript) {
    const auto request = parse_autobahn_request(next_request(transcript));
    if (!request || request->path != "/runCase" || (*request)["agent"].empty()) return;
    const Turn* turn = find(*request);
    if (turn == nullptr || turn->earlier != nullptr || !turn->test->dialogue) return;
    lost.push_back({std::string((*request)["agent"]), *turn});
  }

  /// What clients have come for in vain, and not once more, says nothing about them.
  void report_lost() {
    for (const Visit& request : std::exchange(lost, {})) {
      if (std::ranges::find(visited, request) != visited.end()) continue;
      const auto whole = complete(*request.turn.test);
      PlayResult result = judge_play(*whole, request.turn.segmentation, {}, Role::server);
      result.graded = {.verdict = Verdict::unsupported,
                       .reason =
                           "the client asked for it on the connection of the case before, "
                           "whose response did not open it, and not once more",
                       .source = "RFC 9112 9.3"};
      add(request.agent, request.turn, std::move(result));
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

  /// A client did not go on over the TLS of its case.
  void refused(const Guest& guest, const std::string& why) {
    Transcript transcript;
    transcript.tls_error = why;
    if (events->on_begin) events->on_begin(*guest.turn->test, guest.turn->segmentation);
    order.see_turn(*guest.turn, turns);
    add(last_agent, *guest.turn,
        judge_play(*guest.turn->test, guest.turn->segmentation, std::move(transcript),
                   Role::server));
  }

  void play(Guest& guest, const Case& test, Segmentation segmentation, Play::OnOver on_over,
            bool takes_any_request = false) {
    ++conversing;
    on_over = [this, report = std::move(on_over),
               name = guest.stream->server_name()](Transcript transcript) {
      --conversing;
      transcript.server_name = name;
      last_sign = Clock::now();
      report(std::move(transcript));
      if (ends_when_idle) end_if_idle();
    };
    PlayerSettings player = player_settings(settings, Role::server, test, segmentation);
    player.host = own_host();
    player.takes_any_request = takes_any_request;
    player.resource = std::string(target_of(guest.head));
    if (guest.stream->is_secure()) player.linger = Time{};
    std::make_shared<Play>(
        std::move(guest.stream), test, player, longest(test) + settings.case_limit,
        std::move(on_over),
        [this, target = player.resource](const Errand& errand, const auto& done) {
          if (const auto* visitors = std::get_if<Visitors>(&errand)) {
            return receive(*visitors, target, done);
          }
          done(std::holds_alternative<Measure>(errand)
                   ? measure(settings.watch.get())
                   : ErrandReport{.lacking = "a server, which connections can be made to"});
        })
        ->start(guest.head);
  }

  void receive(const Visitors& wanted, const std::string& target, Reception::OnDone on_done) {
    std::erase_if(receptions, [](const auto& reception) { return reception->is_over(); });
    receptions.push_back(
        std::make_shared<Reception>(context.get_executor(), wanted, target, std::move(on_done)));
    receptions.back()->start();
  }

  /// Whether `guest` is one of those that a client was asked to open; it is served no further.
  bool visits(const Guest& guest) {
    const std::string_view target = target_of(guest.head);
    if (!target.contains(kVisit)) return false;
    const auto found = std::ranges::find_if(
        receptions, [&](const auto& reception) { return reception->awaits(target); });
    if (found == receptions.end()) {
      guest.stream->abort();
    } else {
      (*found)->receive(guest.stream, key_of(guest.head));
    }
    return true;
  }

  void converse(
      Guest& guest, std::optional<std::string> message, std::function<void()> then = [] {}) {
    const auto test = std::make_shared<const Case>(conversation(std::move(message)));
    const auto on_over = [this, test, then = std::move(then)](const Transcript& transcript) {
      if (!transcript.opened) {
        note_refusal("was refused: " + transcript.open_error, transcript.request);
      }
      then();
    };
    play(guest, *test, Segmentation::whole, on_over, true);
  }

  void note_refusal(const std::string& why, std::string_view head) {
    const std::string_view line = head.substr(0, head.find_first_of("\r\n")).substr(0, 200);
    refusal = "a request of the client (" + escape_bytes(line) + ") " + why;
  }

  /// Who connects again by itself, at once and again, does not back off.
  void see_return(const AutobahnRequest& request, const Turn& turn) {
    constexpr std::chrono::milliseconds kAtOnce(100);
    // Who is started for a whole run may be told to play a case again.
    if (request["segmentation"].empty()) return;
    const auto found =
        returns.find({{std::string(request["agent"]), turn.test}, turn.segmentation});
    if (found == returns.end()) return;
    if (Clock::now() - found->second.left < kAtOnce) ++found->second.in_a_hurry;
  }

  void note_return(Transcript& transcript, const std::string& agent, const Turn& turn) {
    constexpr int kMost = 2;
    Return& seen = returns[{{agent, turn.test}, turn.segmentation}];
    seen.left = Clock::now();
    if (seen.in_a_hurry < kMost) return;
    transcript.violations.push_back(
        {.what = "the client connects again by itself, each time at once",
         .source = "RFC 6455 7.2.3",
         .is_must = false,
         .rule = "backoff"});
  }

  /// How often a client has come for a case that sends it back to where it came from; 0 for others.
  int count_redirections(const std::string& agent, const Case& test) {
    if (!test.dialogue || !test.dialogue->response) return 0;
    const Head& response = *test.dialogue->response;
    if (!response.start.starts_with("HTTP/1.1 3")) return 0;
    const bool is_back = std::ranges::any_of(
        response.lines, [](const std::string& line) { return line.ends_with("{resource}"); });
    return is_back ? ++redirected[{agent, &test}] : 0;
  }

  void play_earlier(Guest& guest, const Turn& turn, const std::string& agent) {
    order.see_turn(turn, turns);
    last_agent = agent;
    ++earlier_had[{agent, turn.test}];
    const auto other = std::make_shared<const Case>(with_dialogue(*turn.test, *turn.earlier));
    play(guest, *other, turn.segmentation, [other](const Transcript&) {});
  }

  void refuse(Guest& guest) {
    note_refusal("was refused: it asks for nothing known", guest.head);
    answer(guest,
           "HTTP/1.1 500 Internal Server Error\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  }

  /// Requires: `head` outlives the connection.
  static void answer(Guest& guest, std::string_view head) {
    guest.stream->write(head, [stream = guest.stream](error_code) { stream->finish(); });
  }

  std::string own_host() const {
    const std::uint16_t port =
        acceptors.empty() ? std::uint16_t{0} : acceptors.front().local_endpoint().port();
    return "127.0.0.1:" + std::to_string(port);
  }

  static bool is_service(std::string_view path) {
    return path.starts_with("/get") || path == "/stopServer" || path == "/updateReports";
  }

  /// Whether a client is sent to another path for a case. If it goes elsewhere, the case says so.
  static bool has_path_of_its_own(const Case& test) {
    return test.dialogue && test.dialogue->url && !test.dialogue->url->path.empty();
  }

  /// The key of a request; empty if there is not just one.
  static std::string key_of(std::string_view head) {
    const auto keys = values_of(fields_of(head), "sec-websocket-key");
    return keys.size() == 1 ? std::string(keys.front()) : std::string();
  }

  /// What cases put into a target to know who is sent there.
  static constexpr std::string_view kAgain = "again=";
  /// Who comes to this path is sent on, by a reference that is relative to it.
  static constexpr std::string_view kStation = "/again=1/";
  static constexpr std::string_view kSecond = "again=2";

  /// Notes that `guest` is about to be sent to another URL, if the case does that.
  void send_away(const Guest& guest, const Visit& visit) {
    const Case& test = *visit.turn.test;
    if (!test.dialogue || !test.dialogue->response) return;
    for (const std::string& line : test.dialogue->response->lines) {
      constexpr std::string_view kName = "Location: ";
      if (!line.starts_with(kName) || line.find(kAgain) == std::string::npos) continue;
      std::string target = line.substr(kName.size(), line.find('#') - kName.size());
      const bool is_other_host = target.starts_with("//{other}");
      if (target.starts_with("//")) target.erase(0, target.find('}') + 1);
      if (target.starts_with('.')) target.erase(0, 1);
      constexpr std::string_view kResource = "{resource}";
      if (target.starts_with(kResource)) {
        target.replace(0, kResource.size(), target_of(guest.head));
      }
      sent_away.push_back({.from = visit,
                           .target = target,
                           .host = is_other_host ? other_name_of(own_host()) : std::string(),
                           .head = guest.head,
                           .at = Clock::now()});
    }
  }

  /// What is wrong with how `guest` follows a redirection; empty: nothing.
  static std::pair<std::string, std::string> mistake_of(const Guest& guest, const SentAway& away) {
    const std::string target(target_of(guest.head));
    if (target != away.target) {
      return {
          "by asking for " + escape_bytes(target.substr(0, 200)) + " in place of " + away.target,
          "RFC 9110 10.2.2"};
    }
    const std::string key = key_of(away.head);
    if (!key.empty() && key_of(guest.head) == key) return {"with the same key", "RFC 6455 4.1"};
    const auto before = fields_of(away.head);
    const auto now = fields_of(guest.head);
    // Behind a relay both may have the name of the relay.
    if (!away.host.empty() && values_of(before, "host") != std::vector{away.host}) {
      if (values_of(now, "host") == values_of(before, "host")) {
        return {"to another host with the Host of the one before", "RFC 6455 4.1"};
      }
      if (!values_of(now, "authorization").empty() &&
          values_of(now, "authorization") == values_of(before, "authorization")) {
        return {"to another host with the credentials of the one before", "RFC 9110 15.4"};
      }
    }
    for (const std::string_view name :
         {"upgrade", "connection", "sec-websocket-version", "sec-websocket-key",
          "sec-websocket-protocol", "sec-websocket-extensions"}) {
      if (!values_of(before, name).empty() && values_of(now, name).empty()) {
        return {"without the field " + std::string(name) + " that its request had",
                "RFC 9110 15.4"};
      }
    }
    return {};
  }

  /// Whom `guest` was when it was sent away, if that can be told: from where it goes, for which
  /// case it still asks, or because nobody else was.
  std::optional<SentAway> take_sent_away(std::string_view target, const Turn* turn) {
    auto found = std::ranges::find(sent_away, target, &SentAway::target);
    if (found == sent_away.end() && turn != nullptr) {
      found = std::ranges::find_if(
          sent_away, [turn](const SentAway& away) { return away.from.turn == *turn; });
    } else if (found == sent_away.end() && target.ends_with(kSecond)) {
      found = std::ranges::find_if(
          sent_away, [](const SentAway& away) { return away.target.ends_with(kSecond); });
    } else if (found == sent_away.end() && sent_away.size() == 1) {
      found = sent_away.begin();
    }
    if (found == sent_away.end()) return std::nullopt;
    SentAway away = std::move(*found);
    sent_away.erase(found);
    return away;
  }

  /// Whether `guest` follows a redirection; how it does so is judged, and it is served no further.
  bool follows(Guest& guest, bool is_known, bool is_alone, const Turn* asked) {
    const Clock::time_point oldest = Clock::now() - std::chrono::seconds(2);
    std::erase_if(sent_away, [oldest](const SentAway& away) { return away.at < oldest; });
    if (sent_away.empty()) return false;
    const std::string target(target_of(guest.head));
    const bool is_marked = target.find(kAgain) != std::string::npos;
    if (!is_marked && is_known) {
      // One client does one thing after the other.
      if (is_alone) sent_away.clear();
      return false;
    }
    std::optional<SentAway> found = take_sent_away(target, asked);
    if (!found) {
      refuse(guest);
      return true;
    }
    SentAway away = *std::move(found);
    const auto [mistake, source] = mistake_of(guest, away);
    if (!mistake.empty()) {
      const Turn& turn = away.from.turn;
      PlayResult result = judge_play(*complete(*turn.test), turn.segmentation, {}, Role::server);
      result.graded = {.verdict = Verdict::non_strict,
                       .reason = "the client follows the redirection " + mistake,
                       .source = source};
      add(away.from.agent, turn, std::move(result));
    } else if (target.starts_with(kStation) && target.find(kSecond) == std::string::npos) {
      away.target = std::string(kStation) + "then?again=2";
      away.host.clear();
      away.head = guest.head;
      away.at = Clock::now();
      sent_away.push_back(std::move(away));
      answer(guest,
             "HTTP/1.1 302 Found\r\nLocation: then?again=2\r\nConnection: close\r\n"
             "Content-Length: 0\r\n\r\n");
      return true;
    }
    refuse(guest);
    return true;
  }

  void serve(Guest& guest) {
    if (visits(guest)) return;
    const auto request = parse_autobahn_request(guest.head);
    const Turn* const turn = request ? find(*request) : nullptr;
    const bool is_known = turn != nullptr || (request && is_service(request->path));
    const bool is_alone = !request || (*request)["casetuple"].empty();
    if (follows(guest, is_known, is_alone, turn)) return;
    if (!request) return refuse(guest);
    // A case may be asked for by a URL without a path.
    const bool has_path = request->path.size() > 1 || (*request)["casetuple"].empty();
    std::string path = has_path ? request->path : "/runCase";
    if (turn != nullptr && has_path_of_its_own(*turn->test) && !is_service(path)) path = "/runCase";
    if (path != "/runCase") order.see_other();
    const std::string agent((*request)["agent"]);
    if (path == "/getCaseCount") return converse(guest, std::to_string(turns.size()));
    if (path == "/stopServer") return context.stop();
    if (path == "/updateReports") {
      const std::string_view shutdown = (*request)["shutdownOnComplete"];
      const bool ends = shutdown == "true" || shutdown == "yes";
      return converse(guest, std::nullopt, [this, agent, ends] {
        if (!events->on_update(agent, ends)) return;
        // A client may be done with a case while the case still waits for the end of its
        // connection.
        if (conversing == 0) return context.stop();
        ends_when_idle = true;
      });
    }
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
    if (turn->earlier != nullptr) return play_earlier(guest, *turn, agent);
    earlier_had.erase({agent, test});
    const bool is_foreseen = !test->dialogue || !test->dialogue->tls || guest.turn == turn;
    order.see_turn(*turn, turns);
    see_return(*request, *turn);
    // Browsers follow twenty, curl fifty if it is asked to.
    constexpr int kMostRedirections = 60;
    const int redirections = count_redirections(agent, *test);
    if (redirections > kMostRedirections) return refuse(guest);
    last_agent = agent;
    visited.push_back({agent, *turn});
    send_away(guest, visited.back());
    if (events->on_begin) events->on_begin(*test, turn->segmentation);
    const auto mark = settings.watch ? settings.watch->mark() : ResourceWatch::Mark{};
    const auto whole = complete(*test);
    play(
        guest, *whole, turn->segmentation,
        [this, whole, turn = *turn, agent, mark, is_foreseen, redirections](Transcript transcript) {
          if (settings.watch) used[turn.test] = settings.watch->since(mark);
          if (redirections == kMostRedirections) {
            transcript.violations.push_back(
                {.what = "the client follows a redirection to where it came from without end",
                 .source = "RFC 9110 15.4",
                 .is_must = false,
                 .rule = "redirection"});
          } else if (redirections == 0) {
            note_return(transcript, agent, turn);
          }
          see_next_request(transcript);
          PlayResult result =
              judge_play(*whole, turn.segmentation, std::move(transcript), Role::server);
          if (!is_foreseen) {
            result.graded = {.verdict = Verdict::unsupported,
                             .reason =
                                 "that the client would come for this case was not known before "
                                 "its TLS handshake"};
          }
          add(agent, turn, std::move(result));
        });
  }
};

ClientRunner::ClientRunner(const ListenAddress& address, RunnerSettings settings)
    : state_(std::make_unique<State>()) {
  state_->settings = std::move(settings);
  if (address.path.empty()) {
    state_->listen(address.host, address.port);
  } else {
    state_->listen(address.path);
  }
}

ClientRunner::~ClientRunner() {
  if (!state_->local_path.empty()) ::unlink(state_->local_path.c_str());
}

std::uint16_t ClientRunner::port() const {
  return state_->acceptors.empty() ? 0 : state_->acceptors.front().local_endpoint().port();
}

const std::string& ClientRunner::refusal() const { return state_->refusal; }

bool ClientRunner::run(const std::vector<const Case*>& cases, const ClientEvents& events) {
  state_->refusal.clear();
  state_->redirected.clear();
  state_->sent_away.clear();
  state_->idle.cancel();
  state_->turns.clear();
  state_->order = {};
  state_->returns.clear();
  state_->visited.clear();
  state_->receptions.clear();
  state_->lost.clear();
  for (const Case* test : cases) {
    for (const Segmentation segmentation : segmentations_of(*test, state_->settings)) {
      for (const Dialogue& dialogue : test->earlier) {
        state_->turns.push_back({test, segmentation, &dialogue});
      }
      state_->turns.push_back({test, segmentation});
    }
  }
  state_->events = &events;
  state_->ends_when_idle = false;
  state_->fell_silent = false;
  state_->last_sign = Clock::now();
  if (!std::exchange(state_->accepts, true)) {
    for (tcp::acceptor& acceptor : state_->acceptors) state_->accept(acceptor);
    if (state_->local_acceptor) state_->accept(*state_->local_acceptor);
  }
  state_->watch_silence();
  state_->context.restart();
  state_->context.run();
  state_->report_lost();
  state_->report_unfinished();
  return !state_->fell_silent;
}

void ClientRunner::expect(const Case& test, Segmentation segmentation) {
  asio::post(state_->context, [this, wanted = State::Turn{&test, segmentation}] {
    const auto found = std::ranges::find(state_->turns, wanted);
    state_->order.tell(found == state_->turns.end() ? nullptr : &*found);
  });
}

void ClientRunner::stop() {
  asio::post(state_->context, [this] { state_->context.stop(); });
}

int ClientRunner::announce_run() { return ++state_->runs; }

void ClientRunner::stop_when_idle(int run) {
  asio::post(state_->context, [this, run] {
    if (run != state_->runs) return;
    state_->ends_when_idle = true;
    state_->end_if_idle();
  });
}

}  // namespace ws::conformance
