// Section 32: peers that take their time, and how long an endpoint waits (RFC 6455
// sections 4.1, 5.5 and 7.1.1).
#include <string>
#include <utility>

#include "conformance/cases/catalogue.hpp"
#include "conformance/cases/parts.hpp"
#include "conformance/harness/selection.hpp"

namespace ws::conformance {
namespace {

using Steps = std::vector<DialogueStep>;

Case time_case(std::string id, std::string title, std::string purpose,
               std::vector<std::string> checks, Dialogue dialogue) {
  dialogue.own_cuts = true;
  return {.id = "32." + std::move(id),
          .title = std::move(title),
          .purpose = std::move(purpose),
          .checks = std::move(checks),
          .tags = {"time"},
          .dialogue = std::move(dialogue)};
}

Case slow(Case test) {
  test.tags.emplace_back(kSlow);
  return test;
}

void add_heads(std::vector<Case>& cases) {
  struct Pace {
    std::size_t piece = 0;
    milliseconds pause{};
  };
  int number = 0;
  for (const Pace& pace : {Pace{20, milliseconds(30)}, Pace{60, milliseconds(300)},
                           Pace{1, milliseconds(5)}, Pace{120, milliseconds(1500)}}) {
    Expect answer = Dialogue{}.answer;
    for (const auto kind : {Reaction::Kind::refused, Reaction::Kind::end}) {
      answer.any.push_back({.grade = Grade::non_strict,
                            .kind = kind,
                            .why = "a slow request is taken for an attack",
                            .source = "RFC 6455 10.4"});
    }
    auto steps = echo("slowly") + closed_cleanly();
    // Of a client the response is not asked for, so what it makes of a slow one is seen here.
    std::get<Expect>(steps[1]).any.push_back({.grade = Grade::non_strict,
                                              .kind = Reaction::Kind::end,
                                              .why = "a slow response is taken for an attack",
                                              .source = "RFC 6455 10.4"});
    cases.push_back(time_case(
        "1." + std::to_string(++number),
        "The opening handshake comes in pieces of " + std::to_string(pace.piece) + " bytes, " +
            std::to_string(pace.pause.count()) + " ms apart",
        "TCP has no records, and a network has delays.", {"RFC6455-4.1-2", "RFC6455-4.2.2-14"},
        {.answer = std::move(answer),
         .head_piece = pace.piece,
         .head_pause = pace.pause,
         .steps = std::move(steps)}));
  }
}

void add_frames(std::vector<Case>& cases) {
  const std::vector<std::string> checks{"RFC6455-5.2-7", "RFC6455-5.4-2"};
  const std::string purpose = "A message is as long under way as its peer needs.";
  int number = 0;
  for (const std::size_t cut : {1U, 3U, 6U, 9U}) {
    PutFrame cut_frame = frame(Opcode::text, text("in two parts"));
    cut_frame.cut = cut;
    cases.push_back(time_case(
        "2." + std::to_string(++number),
        "A pause after byte " + std::to_string(cut) + " of a frame", purpose, checks,
        {.steps = lives_through({cut_frame, expect_message(Opcode::text, text("in two parts"))})}));
  }
  Steps fragments;
  for (int i = 0; i < 6; ++i) {
    PutFrame part = frame(i == 0 ? Opcode::text : Opcode::continuation, text("part "));
    part.fin = i == 5;
    fragments += Steps{part, Rest{milliseconds(300)}};
  }
  cases.push_back(time_case(
      "2.5", "Six fragments in two seconds", purpose, checks,
      {.steps =
           lives_through(fragments + Steps{expect_message(Opcode::text, repeat("part ", 30))})}));
  cases.push_back(slow(time_case("2.6", "Nothing is sent for five seconds", "Silence is no fault.",
                                 {"RFC6455-7.1.7-8", "RFC6455-7.3-2"},
                                 {.steps = lives_through({Rest{milliseconds(5000)}})})));
  Steps pings;
  for (int i = 0; i < 12; ++i) {
    pings =
        pings + ping_answered(text("beat " + std::to_string(i))) + Steps{Rest{milliseconds(500)}};
  }
  cases.push_back(slow(time_case(
      "2.7", "Only Pings come for six seconds", "A Ping is a sign of life as good as a message.",
      {"RFC6455-5.5.2-2", "RFC6455-5.5.2-1", "RFC6455-7.1.7-8", "RFC6455-7.3-2"},
      {.steps = lives_through(pings)})));
  Steps trickle;
  for (int i = 0; i < 20; ++i) {
    trickle += Steps{frame(Opcode::pong, text("beat")), Rest{milliseconds(300)}};
  }
  cases.push_back(slow(time_case("2.8", "Only Pongs come for six seconds",
                                 "They may be a heartbeat of one direction.", {"RFC6455-5.5.3-3"},
                                 {.steps = lives_through(trickle)})));
  // Signs of life that timers which wait for whole frames, or whole messages, do not see.
  PutFrame drips = frame(Opcode::text, repeat("drip ", 65));
  drips.cut = drips.piece = 5;
  drips.piece_pause = milliseconds(450);
  cases.push_back(slow(
      time_case("2.9", "A frame comes in pieces for six seconds",
                "Half a frame is a sign of life as good as a whole one.", checks,
                {.steps = lives_through({drips, expect_message(Opcode::text, drips.payload)})})));
  Steps parts;
  for (int i = 0; i < 13; ++i) {
    PutFrame part = frame(i == 0 ? Opcode::text : Opcode::continuation, text("part "));
    part.fin = i == 12;
    parts += Steps{part, Rest{milliseconds(450)}};
  }
  cases.push_back(slow(time_case(
      "2.10", "Fragments come for six seconds",
      "A fragment is a sign of life as good as a message.", checks,
      {.steps = lives_through(parts + Steps{expect_message(Opcode::text, repeat("part ", 65))})})));
}

/// Timers that run on from the opening handshake, or that only some frames start anew, have 5 to 30
/// seconds in what people use.
void add_lives(std::vector<Case>& cases) {
  const std::vector<std::string> checks{"RFC6455-7.1.7-8", "RFC6455-7.3-2"};
  const auto talk = [](int seconds) {
    Steps steps;
    for (int i = 0; i < seconds; ++i) {
      steps += echo("after " + std::to_string(i) + " s");
      steps += Steps{Rest{milliseconds(1000)}};
    }
    return steps;
  };
  cases.push_back(slow(time_case("7.1", "A message comes every second, for 33 seconds",
                                 "The time that a handshake may take is no limit for what follows.",
                                 checks, {.steps = lives_through(talk(33))})));
  cases.push_back(slow(
      time_case("7.2", "Messages come for six seconds behind a Ping and a Pong",
                "A message is a sign of life as good as a Ping.", checks,
                {.steps = lives_through(ping_answered(text("beat")) +
                                        Steps{frame(Opcode::pong, text("beat"))} + talk(6))})));
}

void add_ends(std::vector<Case>& cases) {
  const auto ended = [](const char* why) {
    return expect_end(kPatience, "the endpoint ends TCP", why);
  };
  cases.push_back(slow(time_case(
      "3.1", "A failed connection that the peer leaves open is ended",
      "Who fails a connection does not depend on the peer to get rid of it.",
      {"RFC6455-7.1.7-1", "RFC6455-7.1.7-3"},
      {.steps =
           echo("before") + Steps{PutFrame{.rsv = 1, .payload = text("illegal")}, expect_failure(),
                                  ended("TCP is still open 35 s after the connection was failed")},
       .keeps_close_open = true})));
  Case client = time_case("3.2", "A client ends TCP when the server does not",
                          "A server that is gone ends nothing.",
                          {"RFC6455-7.1.1-4", "RFC6455-5.5.1-11", "RFC6455-5.5.1-14"},
                          {.steps = echo("before") + closed_cleanly() +
                                    Steps{ended("TCP is still open 35 s after both have closed")},
                           .keeps_close_open = true});
  client.only_for = Role::client;
  cases.push_back(slow(std::move(client)));
}

/// What is left unread in a socket that is closed makes the kernel reset the connection, and what
/// was sent before may be lost.
void add_resets(std::vector<Case>& cases) {
  const Expect orderly{.any = {{.grade = Grade::non_strict,
                                .kind = Reaction::Kind::reset,
                                .why = "TCP is reset, which may lose the Close on its way",
                                .source = "RFC 6455 7.1.1"},
                               {.kind = Reaction::Kind::end, .why = "TCP ends in order"},
                               {.kind = Reaction::Kind::silence, .why = "TCP is left to the peer"}},
                       .within = milliseconds(3000),
                       .source = "RFC 6455 7.1.1"};
  Case clean = time_case(
      "4.1", "TCP ends in order after the closing handshake", "A reset is for emergencies.",
      {"RFC6455-7.1.1-1"},
      {.steps = echo("before") + closed_cleanly() + Steps{orderly}, .keeps_close_open = true});
  clean.only_for = Role::server;
  cases.push_back(std::move(clean));
  const Steps failed_with_more_behind{
      PutFrame{.rsv = 1, .payload = text("illegal")},
      PutMessage{.type = Opcode::binary, .payload = repeat("unread ", 50'000)}, expect_failure()};
  Case behind = time_case("4.2", "TCP ends in order behind a Close that fails the connection",
                          "What the peer has still sent is discarded, not answered by a reset.",
                          {"RFC6455-7.1.1-1"},
                          {.steps = echo("before") + failed_with_more_behind + Steps{orderly},
                           .keeps_close_open = true});
  behind.only_for = Role::server;
  cases.push_back(std::move(behind));
  // The harness ends its side alone, so that nothing but the client decides how TCP ends.
  Case client = time_case("4.3", "A client's TCP ends in order after the closing handshake",
                          "A reset is for emergencies.", {"RFC6455-7.1.1-1"},
                          {.steps = echo("before") + closed_cleanly() + Steps{HalfClose{}, orderly},
                           .keeps_close_open = true});
  client.only_for = Role::client;
  cases.push_back(std::move(client));
  Case failed = time_case(
      "4.4", "A client's TCP ends in order behind a Close that fails the connection",
      "What the server has still sent is discarded, not answered by a reset.", {"RFC6455-7.1.1-1"},
      {.steps = echo("before") + failed_with_more_behind + Steps{HalfClose{}, orderly},
       .keeps_close_open = true});
  failed.only_for = Role::client;
  cases.push_back(std::move(failed));
  // A server that has not read the Close yet goes on.
  const std::pair<const char*, DialogueStep> more[] = {
      {"a Ping", frame(Opcode::ping, text("late"))},
      {"a message", frame(Opcode::text, text("late"))},
      {"a Close", PutClose{.code = 1001}}};
  int number = 4;
  for (const auto& [what, step] : more) {
    Case later = time_case(
        "4." + std::to_string(++number),
        "A client's TCP ends in order where " + std::string(what) +
            " comes after the Close that fails the connection",
        "What the server still sends is discarded, not answered by a reset.", {"RFC6455-7.1.1-1"},
        {.steps = echo("before") + Steps{PutFrame{.rsv = 1, .payload = text("illegal")},
                                         expect_failure(), step, Rest{milliseconds(50)},
                                         HalfClose{}, orderly},
         .keeps_close_open = true});
    later.only_for = Role::client;
    cases.push_back(std::move(later));
  }
}

void add_connections(std::vector<Case>& cases) {
  Case random{.id = "32.5.1",
              .title = "What is random differs between connections",
              .purpose = "Keys that can be foretold protect nobody.",
              .checks = {"RFC6455-4.1-26", "RFC6455-5.3-3"},
              .only_for = Role::client,
              .tags = {"masking"},
              .dialogue = Dialogue{.steps = echo("one") + echo("two") + closed_cleanly(),
                                   .compares_connections = true}};
  cases.push_back(std::move(random));
}

/// What the RFC wants at once, and what may take a moment on a busy machine.
void add_promptness(std::vector<Case>& cases) {
  constexpr milliseconds kMoment{1200};
  const auto late = [](const char* why, const char* source) {
    return Reaction{
        .grade = Grade::non_strict, .kind = Reaction::Kind::silence, .why = why, .source = source};
  };
  Expect answer = expect_close_answer(1000);
  answer.any.push_back(late("there is no answer within 1.2 s", "RFC 6455 5.5.1"));
  answer.within = kMoment;
  cases.push_back(time_case("8.1", "A Close is answered soon",
                            "\"It SHOULD do so as soon as practical.\"", {"RFC6455-5.5.1-8"},
                            {.steps = echo("before") + Steps{PutClose{}, answer}}));
  const auto ended = [&](const char* why) {
    return Expect{.any = {{.kind = Reaction::Kind::end, .why = "the server ends TCP"},
                          late(why, "RFC 6455 5.5.1")},
                  .within = kMoment,
                  .source = "RFC 6455 5.5.1"};
  };
  Case clean = time_case("8.2", "A server ends TCP soon after the closing handshake",
                         "\"The server MUST close the underlying TCP connection immediately.\"",
                         {"RFC6455-5.5.1-12"},
                         {.steps = echo("before") + closed_cleanly() +
                                   Steps{ended("TCP is still open 1.2 s after both have closed")},
                          .keeps_close_open = true});
  clean.only_for = Role::server;
  cases.push_back(std::move(clean));
}

/// The first thing behind a silence is no other than any.
void add_first_after_silence(std::vector<Case>& cases) {
  const std::string purpose = "What comes behind a silence is what it was before.";
  const Payload phrase = text("A phrase that comes before the silence, and behind it again.");
  int number = 0;
  for (const int seconds : {1, 4}) {
    const Steps silence{Rest{milliseconds(1000 * seconds + 200)}};
    const std::string behind = ", behind " + std::to_string(seconds) + " s of silence";
    const auto add = [&](const std::string& what, std::vector<std::string> checks,
                         Dialogue dialogue) {
      Case test = time_case("9." + std::to_string(++number), what + behind, purpose,
                            std::move(checks), std::move(dialogue));
      cases.push_back(seconds == 1 ? std::move(test) : slow(std::move(test)));
    };
    add("A Ping is answered", {"RFC6455-5.5.2-2"},
        {.steps = lives_through(silence + ping_answered(text("behind a silence")) + silence +
                                ping_answered(text("")))});
    add("A Close is answered", {"RFC6455-5.5.1-7"},
        {.steps = echo("before") + silence + closed_cleanly(1001)});
    add("A message in fragments is echoed", {"RFC6455-5.4-2"},
        {.steps =
             lives_through(silence + Steps{PutMessage{.payload = phrase, .fragments = {10, 20}},
                                           expect_message(Opcode::text, phrase)})});
    add("A compressed message that refers to one before is echoed", {"RFC7692-7.2.2-4"},
        {.deflate = usual_deflate(),
         .steps = lives_through(compressed_echo(phrase) + silence + compressed_echo(phrase))});
    add("An illegal frame fails the connection", {"RFC6455-5.2-3"},
        {.steps = fails_after(silence + Steps{PutFrame{.rsv = 2, .payload = text("illegal")}})});
    add("A text that is not UTF-8 fails the connection", {"RFC6455-8.1-1"},
        {.steps = fails_after_contents(silence + Steps{PutFrame{.payload = hex("61ff")}})});
  }
}

/// A silence is no end of what it comes inside of.
void add_silences_inside(std::vector<Case>& cases) {
  const milliseconds silence(1200);
  int number = 12;
  const auto add = [&](const std::string& what, std::vector<std::string> checks,
                       Dialogue dialogue) {
    cases.push_back(time_case(
        "9." + std::to_string(++number), "A second of silence comes inside " + what,
        "What goes on behind a silence began before it.", std::move(checks), std::move(dialogue)));
  };
  const auto cut = [&](PutFrame whole, std::size_t at) {
    whole.cut = at;
    whole.piece_pause = silence;
    return whole;
  };
  const Payload words = repeat("what a silence comes inside of ", 300);
  for (const std::size_t at : {1U, 3U}) {
    add("a frame's header, behind " + std::to_string(at) + " bytes", {"RFC6455-5.2-7"},
        {.steps = lives_through(
             {cut(frame(Opcode::text, words), at), expect_message(Opcode::text, words)})});
  }
  add("a Ping's payload", {"RFC6455-5.5.2-2"},
      {.steps = lives_through({cut(frame(Opcode::ping, text("cut by a silence")), 9),
                               expect_pong(text("cut by a silence"))})});
  add("a compressed message", {"RFC7692-7.2.2-4", "RFC7692-6.2-2"},
      {.deflate = usual_deflate(),
       .steps =
           lives_through(compressed_echo(text("Hello")) +
                         Steps{PutFrame{.fin = false, .rsv = 4, .opcode = 1, .payload = hex("f2")},
                               Rest{silence}, PutFrame{.opcode = 0, .payload = hex("00 11 00 00")},
                               expect_message(Opcode::text, text("Hello"))})});
  cases.back().dialogue->needs_context_takeover = true;
}

/// How soon it came, the runner sees, where a client is started for each play.
void add_returns(std::vector<Case>& cases) {
  Case returns = time_case("6.1", "A client that connects again after a reset waits a little",
                           "A server that went down is not helped by all its clients at once.",
                           {"RFC6455-7.2.3-1", "RFC6455-7.2.3-3"},
                           {.steps = echo("before") + Steps{Reset{}}, .own_cuts = true});
  returns.only_for = Role::client;
  returns.needs = {Need::given_url};
  cases.push_back(std::move(returns));
}

}  // namespace

std::vector<Case> time_cases() {
  std::vector<Case> cases;
  add_heads(cases);
  add_frames(cases);
  add_ends(cases);
  add_resets(cases);
  add_connections(cases);
  add_returns(cases);
  add_promptness(cases);
  add_lives(cases);
  add_first_after_silence(cases);
  add_silences_inside(cases);
  return cases;
}

}  // namespace ws::conformance
