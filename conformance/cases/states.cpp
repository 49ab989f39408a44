// Section 37: every rule in every state of a connection: what was legal before does not make an
// illegal frame legal, and what is legal stays so wherever it may stand (RFC 6455 sections 5 and
// 7).
#include <algorithm>
#include <iterator>

#include "conformance/cases/catalogue.hpp"
#include "conformance/cases/early_frames.hpp"
#include "conformance/cases/parts.hpp"
#include "conformance/harness/selection.hpp"

namespace ws::conformance {
namespace {

using Steps = std::vector<DialogueStep>;

/// What a connection has seen.
struct State {
  std::string name{};  ///< behind "inside" or "behind"
  Steps steps{};
  unsigned begun = 0;  ///< the type of the message that has begun and not ended; 0: none
  bool with_deflate = false;
  bool is_compressed = false;  ///< the message that has begun
  /// `many_messages` came before, so much that one way to cut it has to do.
  bool is_long = false;
};

PutFrame part(bool fin, unsigned opcode, const Payload& payload, unsigned rsv = 0) {
  return {.fin = fin, .rsv = rsv, .opcode = opcode, .payload = payload};
}

const Payload kFirstOfHello = hex("f2 48 cd");  // "Hello" compressed, in two parts
const Payload kRestOfHello = hex("c9 c9 07 00");

/// More messages, fragments and Pongs than a byte counts; awaited thirty at a time.
Steps many_messages(bool compresses, int batches = 10) {
  constexpr int kEach = 30;
  Steps steps;
  for (int batch = 0; batch < batches; ++batch) {
    Steps echoes;
    for (int i = 0; i < kEach; ++i) {
      const std::string number = std::to_string(batch * kEach + i);
      const Payload words = text("text \xc2\xb7 " + number);
      steps += Steps{PutMessage{.payload = words,
                                .coding = compresses ? PutMessage::Coding::compressed
                                                     : PutMessage::Coding::plain},
                     part(true, 10, text("unasked")), part(false, 2, text("in ")),
                     part(true, 0, text(number))};
      echoes += Steps{expect_message(Opcode::text, words),
                      expect_message(Opcode::binary, text("in " + number))};
    }
    steps += echoes;
    steps += ping_answered(text("a Ping"));
  }
  return steps;
}

std::vector<State> all_states() {
  const Steps ping = ping_answered(text("a Ping"));
  const Steps pong{part(true, 10, text("unasked"))};
  const Steps begun_text{part(false, 1, text("begun "))};
  const Steps begun_binary{part(false, 2, text("begun "))};
  const Steps whole{part(false, 2, text("in ")), part(true, 0, text("parts")),
                    expect_message(Opcode::binary, text("in parts"))};
  const Steps begun_compressed{part(false, 1, kFirstOfHello, 4)};
  return {
      {.name = "nothing"},
      {.name = "a text", .steps = echo("before")},
      {.name = "a binary message", .steps = echo(Opcode::binary, hex("00ff80"))},
      {.name = "a Ping", .steps = ping},
      {.name = "a Pong", .steps = pong},
      {.name = "a message in fragments", .steps = whole},
      {.name = "an empty message", .steps = echo(Opcode::binary, text(""))},
      {.name = "a long message", .steps = echo(Opcode::text, repeat("long ", 70'000))},
      {.name = "a text", .steps = begun_text, .begun = 1},
      {.name = "a binary message", .steps = begun_binary, .begun = 2},
      {.name = "a text of two fragments so far",
       .steps = begun_text + Steps{part(false, 0, text("more "))},
       .begun = 1},
      {.name = "a text and behind a Ping", .steps = begun_text + ping, .begun = 1},
      {.name = "a binary message and behind a Pong", .steps = begun_binary + pong, .begun = 2},
      {.name = "a binary message of an empty fragment so far",
       .steps = {part(false, 2, text(""))},
       .begun = 2},
      {.name = "a text that follows a binary message",
       .steps = echo(Opcode::binary, hex("ff")) + begun_text,
       .begun = 1},
      {.name = "a compressed text", .steps = compressed_echo(text("Hello")), .with_deflate = true},
      {.name = "a plain text with compression agreed on",
       .steps = echo("before"),
       .with_deflate = true},
      {.name = "a compressed text",
       .steps = begun_compressed,
       .begun = 1,
       .with_deflate = true,
       .is_compressed = true},
      {.name = "a compressed text and behind a Ping",
       .steps = begun_compressed + ping,
       .begun = 1,
       .with_deflate = true,
       .is_compressed = true},
      {.name = "a plain text with compression agreed on",
       .steps = begun_text,
       .begun = 1,
       .with_deflate = true},
      {.name = "600 messages", .is_long = true},
      {.name = "600 messages, half of them compressed", .with_deflate = true, .is_long = true},
  };
}

std::string where(const State& state) {
  return (state.begun != 0 ? " inside " : " behind ") + state.name;
}

Case state_case(std::string id, std::string title, std::string purpose,
                std::vector<std::string> checks, const State& state, const Steps& steps) {
  Dialogue dialogue{.own_cuts = state.is_long};
  if (state.with_deflate) {
    dialogue.deflate = usual_deflate();
  }
  Case test{.id = "37." + std::move(id),
            .title = std::move(title),
            .purpose = std::move(purpose),
            .checks = std::move(checks),
            .tags = {"states"},
            .dialogue = std::move(dialogue)};
  if (!state.is_long) {
    test.dialogue->steps = state.steps + steps;
    return test;
  }
  test.tags.emplace_back(kSlow);
  test.late_steps = [compresses = state.with_deflate, steps] {
    return many_messages(compresses) + steps;
  };
  return test;
}

/// A frame that is legal nowhere, or not in this state.
struct Violation {
  int number = 0;  ///< in the case's id
  std::string what{};
  std::string check{};
  PutFrame frame{};
  std::vector<std::uint16_t> codes{1002};
  std::string source{};
  bool is_content = false;  ///< it may show only when the message is looked at
};

/// Control frames that are legal nowhere.
std::vector<Violation> bad_controls() {
  std::vector<Violation> all{
      {1, "A Ping with RSV2", "RFC6455-5.2-3", part(true, 9, text("x"), 2), {1002}, "RFC 6455 5.2"},
      {2, "A Pong with RSV3", "RFC6455-5.2-3", part(true, 10, text(""), 1), {1002}, "RFC 6455 5.2"},
      {3,
       "A Close with RSV1",
       "RFC6455-5.2-3",
       part(true, 8, hex("10e1"), 4),
       {1002},
       "RFC 6455 5.2"},
      {4, "A Ping without FIN", "RFC6455-5.5-2", part(false, 9, text("")), {1002}, "RFC 6455 5.5"},
      {5,
       "A Pong without FIN",
       "RFC6455-5.5-2",
       part(false, 10, text("x")),
       {1002},
       "RFC 6455 5.5"},
      {6,
       "A Ping of 126 bytes",
       "RFC6455-5.5-1",
       part(true, 9, repeat("p", 126)),
       {1002},
       "RFC 6455 5.5"},
      {7,
       "A Pong of 300 bytes",
       "RFC6455-5.5-1",
       part(true, 10, repeat("p", 300)),
       {1002},
       "RFC 6455 5.5"},
      {8,
       "A frame of the reserved opcode 11",
       "RFC6455-5.2-4",
       part(true, 11, text("x")),
       {1002},
       "RFC 6455 5.2"},
      {9,
       "A frame of the reserved opcode 3",
       "RFC6455-5.2-4",
       part(true, 3, text("")),
       {1002},
       "RFC 6455 5.2"},
  };
  // The bit that says something of data, where some has begun.
  all.push_back({33,
                 "A Ping with RSV1",
                 "RFC6455-5.2-3",
                 part(true, 9, text("x"), 4),
                 {1002},
                 "RFC 6455 5.2"});
  all.push_back({34,
                 "A Pong with RSV1",
                 "RFC6455-5.2-3",
                 part(true, 10, text("x"), 4),
                 {1002},
                 "RFC 6455 5.2"});
  PutFrame masked_wrongly = part(true, 9, text("masked?"));
  masked_wrongly.masking = PutFrame::Masking::reversed;
  all.push_back({10,
                 "A Ping masked where it must not be, or not where it must be",
                 "RFC6455-5.1-2",
                 masked_wrongly,
                 {1002},
                 "RFC 6455 5.1"});
  return all;
}

/// The next data frame, legal but for one thing.
std::vector<Violation> bad_data(const State& state) {
  const unsigned next = state.begun != 0 ? 0 : 2;
  const std::string what = state.begun != 0 ? "continuation" : "binary frame";
  const auto with_rsv = [&](int number, const char* name, unsigned rsv, bool fin,
                            const Payload& payload) {
    return Violation{number, "A " + what + name, "RFC6455-5.2-3", part(fin, next, payload, rsv),
                     {1002}, "RFC 6455 5.2"};
  };
  std::vector<Violation> all{
      with_rsv(11, " with RSV3", 1, true, text("x")),
      with_rsv(12, " without FIN, with RSV2", 2, false, text("x")),
      with_rsv(13, " of 200 bytes with RSV2", 2, true, repeat("r", 200)),
      with_rsv(14, " of 66,000 bytes with RSV3", 1, true, repeat("r", 66'000)),
  };
  if (state.with_deflate) {
    const Payload empty_block = hex("00");
    all.push_back(with_rsv(15, " with RSV1 and RSV3", 5, true, empty_block));
    all.push_back(with_rsv(16, " with RSV1, RSV2 and RSV3", 7, true, empty_block));
    if (state.begun != 0) all.push_back(with_rsv(17, " with RSV1", 4, true, text("")));
  } else {
    all.push_back(with_rsv(17, " with RSV1", 4, true, text("")));
  }
  int number = 18;
  for (const std::uint64_t size : {0U, 5U, 200U, 66'000U}) {
    PutFrame frame = part(size != 5, next, repeat("m", size));
    frame.masking = PutFrame::Masking::reversed;
    all.push_back({number++,
                   "A " + what + " of " + std::to_string(size) +
                       " bytes masked where it must not be, or not where it must be",
                   "RFC6455-5.1-2",
                   frame,
                   {1002},
                   "RFC 6455 5.1"});
  }
  if (state.begun != 0) {
    const bool deflates = state.with_deflate;
    all.push_back(
        {22, "A new text", "RFC6455-5.4-16", part(true, 1, text("new")), {1002}, "RFC 6455 5.4"});
    all.push_back({23,
                   "A new binary message",
                   "RFC6455-5.4-16",
                   part(true, 2, text("new")),
                   {1002},
                   "RFC 6455 5.4"});
    all.push_back({24,
                   "The first fragment of a new message",
                   "RFC6455-5.4-16",
                   part(false, 2, text("")),
                   {1002},
                   "RFC 6455 5.4"});
    all.push_back({31,
                   "A new text of 70,000 bytes",
                   "RFC6455-5.4-16",
                   part(true, 1, repeat("new ", 70'000)),
                   {1002},
                   "RFC 6455 5.4"});
    if (deflates) {
      all.push_back({25,
                     "A new compressed text",
                     "RFC6455-5.4-16",
                     part(true, 1, hex("f2 48 cd c9 c9 07 00"), 4),
                     {1002},
                     "RFC 6455 5.4"});
    }
  } else {
    if (state.with_deflate) {
      PutFrame frame = part(true, 2, hex("00"), 4);
      frame.masking = PutFrame::Masking::reversed;
      all.push_back({30,
                     "A compressed frame masked where it must not be, or not where it must be",
                     "RFC6455-5.1-2",
                     frame,
                     {1002},
                     "RFC 6455 5.1"});
    }
    all.push_back({26,
                   "A continuation",
                   "RFC6455-5.4-15",
                   part(true, 0, text("lost")),
                   {1002},
                   "RFC 6455 5.4"});
    all.push_back({32,
                   "A continuation of 70,000 bytes",
                   "RFC6455-5.4-15",
                   part(false, 0, repeat("lost ", 70'000)),
                   {1002},
                   "RFC 6455 5.4"});
    all.push_back({27,
                   "A continuation without FIN",
                   "RFC6455-5.4-15",
                   part(false, 0, text("")),
                   {1002},
                   "RFC 6455 5.4"});
  }
  if (state.begun != 2 && !state.is_compressed) {
    const unsigned opcode = state.begun != 0 ? 0 : 1;
    all.push_back({28,
                   "Text that is not UTF-8",
                   "RFC6455-8.1-1",
                   part(true, opcode, hex("61 ff 62")),
                   {1007},
                   "RFC 6455 8.1",
                   true});
    all.push_back(
        {29,
         "Long text that is not UTF-8",
         "RFC6455-8.1-1",
         part(true, opcode, join({repeat("long ", 200), hex("c3"), repeat("long ", 200)})),
         {1007},
         "RFC 6455 8.1",
         true});
  } else if (state.is_compressed) {
    // A stored block behind the one that has begun.
    all.push_back({28,
                   "Compressed text that is not UTF-8",
                   "RFC7692-6.1-8",
                   part(true, 0, hex("c9 c9 07 00 00 00 ff ff 00 01 00 fe ff ff 00")),
                   {1007},
                   "RFC 6455 8.1",
                   true});
  }
  return all;
}

Steps failing(const Violation& violation) {
  Expect failure = expect_failure(violation.codes, violation.source);
  if (violation.is_content) {
    Reaction& pong = failure.any.back();
    pong.grade = Grade::non_strict;
    pong.goes_on = true;
    pong.why = "the Ping behind the illegal message is answered before the connection is failed";
    pong.source = "RFC 6455 7.1.7";
  }
  const Payload probe = *failure.any.back().payload;
  return {violation.frame, frame(Opcode::ping, probe), failure};
}

void add_violations(std::vector<Case>& cases) {
  int number = 0;
  for (const State& state : all_states()) {
    ++number;
    std::vector<Violation> all = bad_controls();
    std::ranges::move(bad_data(state), std::back_inserter(all));
    for (const Violation& violation : all) {
      // Who does not look at masks does not in any state; these are the ones that may differ.
      const bool is_mask = violation.check == "RFC6455-5.1-2";
      const bool is_long_one = state.is_long && (violation.number == 10 || violation.number == 20);
      if (is_mask && number != 1 && number != 9 && number != 16 && number != 18 && !is_long_one) {
        continue;
      }
      const Steps probe = failing(violation);
      cases.push_back(state_case(
          "1." + std::to_string(number) + "." + std::to_string(violation.number),
          violation.what + where(state) + " fails the connection", "A rule holds in every state.",
          {violation.check, "RFC6455-7.1.7-1"}, state, probe));
      if (violation.check == "RFC6455-5.1-2") cases.back().checks.emplace_back("RFC6455-5.1-5");
      // Where reads end is the matter of other sections.
      cases.back().dialogue->own_cuts = true;
    }
  }
}

/// A few of them behind so many messages as a quick run has time for.
void add_late_violations(std::vector<Case>& cases) {
  for (const bool compresses : {false, true}) {
    State state{.name = compresses ? "180 messages, half of them compressed" : "180 messages",
                .with_deflate = compresses};
    state.steps = many_messages(compresses, 3);
    std::vector<Violation> all = bad_controls();
    std::ranges::move(bad_data(state), std::back_inserter(all));
    for (const Violation& violation : all) {
      constexpr int kFew[] = {4, 6, 8, 11, 19, 26, 28, 34};
      if (std::ranges::find(kFew, violation.number) == std::end(kFew)) continue;
      cases.push_back(state_case(
          "1." + std::to_string(compresses ? 32 : 31) + "." + std::to_string(violation.number),
          violation.what + where(state) + " fails the connection", "A rule holds in every state.",
          {violation.check, "RFC6455-7.1.7-1"}, state, failing(violation)));
      if (violation.check == "RFC6455-5.1-2") cases.back().checks.emplace_back("RFC6455-5.1-5");
      cases.back().dialogue->own_cuts = true;
    }
  }
}

/// Closes that may not be sent.
void add_bad_closes(std::vector<Case>& cases) {
  struct Bad {
    std::string what{};
    Payload payload{};
    std::string check{};
    Expect objection{};
    Level level = Level::should;
  };
  const Payload long_reason = join({hex("0bb8"), repeat("reason ", 40), hex("e2 28 a1")});
  const Bad all[] = {
      {"A Close of one byte", hex("03"), "RFC6455-5.5.1-2", expect_objection("RFC 6455 5.5.1")},
      {"A Close with the code 999", hex("03e7"), "RFC6455-7.4.2-1",
       expect_objection("RFC 6455 7.4.2")},
      {"A Close with the code 1005", hex("03ed"), "RFC6455-7.4.1-3",
       expect_objection("RFC 6455 7.4.1")},
      {"A Close with 1000 and a reason that is not UTF-8", hex("03e8 61 ff"), "RFC6455-8.1-1",
       expect_reason_refused(1000), Level::must},
      {"A Close with 4999 and a reason with a surrogate", hex("1387 ed b0 80"), "RFC6455-8.1-1",
       expect_reason_refused(4999), Level::must},
      {"A Close with 3000 and a long reason that is not UTF-8 at its end", long_reason,
       "RFC6455-8.1-1", expect_reason_refused(3000), Level::must},
  };
  int number = 0;
  for (const State& state : all_states()) {
    ++number;
    int kind = 0;
    for (const Bad& bad : all) {
      cases.push_back(state_case("2." + std::to_string(number) + "." + std::to_string(++kind),
                                 bad.what + where(state) + " is objected to",
                                 "A rule holds in every state.", {bad.check}, state,
                                 {frame(Opcode::close, bad.payload), bad.objection}));
      cases.back().dialogue->own_cuts = true;
      cases.back().level = bad.level;
    }
  }
}

/// Closes that everybody has to answer.
void add_good_closes(std::vector<Case>& cases) {
  struct Good {
    std::string what{};
    std::optional<std::uint16_t> code{};
    Payload reason{};
  };
  const Good all[] = {
      {"An empty Close", std::nullopt, {}},
      {"A Close with 1000 and a reason of one byte", 1000, text("r")},
      {"A Close with 3072 and a reason of 123 bytes", 3072, repeat("\xe2\x82\xac", 123)},
      {"A Close with 4999", 4999, {}},
  };
  int number = 0;
  for (const State& state : all_states()) {
    ++number;
    int kind = 0;
    for (const Good& good : all) {
      Expect answer = expect_close_answer(good.code);
      if (state.begun != 0) {
        std::erase_if(answer.any, [](const Reaction& it) { return it.grade == Grade::fail; });
      }
      cases.push_back(state_case("3." + std::to_string(number) + "." + std::to_string(++kind),
                                 good.what + where(state) + " is answered",
                                 "A Close may come at any time.",
                                 {"RFC6455-5.5.1-7", "RFC6455-5.5.1-3"}, state,
                                 {PutClose{.code = good.code, .reason = good.reason}, answer}));
      cases.back().dialogue->own_cuts = true;
    }
  }
}

/// Ends the message that has begun, if there is one.
Steps finished(const State& state) {
  if (state.begun == 0) return {};
  const auto type = static_cast<Opcode>(state.begun);
  if (state.is_compressed) {
    return {part(true, 0, kRestOfHello), expect_message(type, text("Hello"))};
  }
  std::string whole;
  for (const DialogueStep& step : state.steps) {
    const auto* put = std::get_if<PutFrame>(&step);
    if (put != nullptr && put->opcode < 3)
      whole += put->payload.pattern.str().substr(0, put->payload.length);
  }
  return {part(true, 0, text("end")), expect_message(type, text(whole + "end"))};
}

/// Pings and Pongs of all kinds, in one connection.
Steps control_frames() {
  std::string bytes;
  for (unsigned byte = 0; byte < 256; ++byte) bytes += static_cast<char>(byte);
  const auto twice = [](const Payload& payload) {
    return ping_answered(payload) + ping_answered(payload);
  };
  Steps steps = ping_answered(text("")) + twice(text("the same again"));
  steps += ping_answered(repeat("the longest ", 125)) + ping_answered(text("short"));
  steps += ping_answered(text("")) + twice(text("1")) + ping_answered(text(" spaces "));
  steps += ping_answered(hex("00 00")) + ping_answered(text("two\r\n\r\nlines\r\n"));
  for (std::size_t i = 0; i < bytes.size(); i += 100) {
    steps += ping_answered(text(bytes.substr(i, 100)));
  }
  for (const Payload& payload : {text(""), text("x"), hex("ff 00 c3"), repeat("p", 125),
                                 text("the same again"), text(" spaces ")}) {
    steps += Steps{part(true, 10, payload)};
  }
  steps += ping_answered(text("last")) + Steps{part(true, 10, text("last"))};
  return steps + ping_answered(text("last"));
}

void add_control_frames(std::vector<Case>& cases) {
  int number = 0;
  for (const State& state : all_states()) {
    cases.push_back(
        state_case("4." + std::to_string(++number),
                   "Pings and Pongs of all kinds" + where(state) + " are answered, and passed over",
                   "Control frames may come at any time, and have no memory of each other.",
                   {"RFC6455-5.5.2-2", "RFC6455-5.5.3-1", "RFC6455-5.5.3-3", "RFC6455-5.4-7"},
                   state, control_frames() + finished(state) + echo("after") + closed_cleanly()));
  }
}

/// Everything that was sent before a Close was received before it, in one read too.
void add_overtaking(std::vector<Case>& cases) {
  int number = 0;
  for (const State& state : all_states()) {
    ++number;
    if (state.begun != 0) continue;
    // Who sends its Close at once cannot answer messages any more, and need not.
    const auto or_close = [](Expect expect) {
      expect.any.push_back({.kind = Reaction::Kind::close,
                            .codes = {1000},
                            .why = "the Close is answered before the messages are"});
      return expect;
    };
    const Payload three = repeat("three", 1000);
    const Steps steps{PutMessage{.payload = text("one")},
                      PutMessage{.type = Opcode::binary, .payload = text("two")},
                      frame(Opcode::ping, text("p")),
                      PutMessage{.payload = three},
                      PutClose{.code = 1000},
                      or_close(expect_message(Opcode::text, text("one"))),
                      or_close(expect_message(Opcode::binary, text("two"))),
                      or_close(expect_message(Opcode::text, three)),
                      expect_close_answer(1000)};
    cases.push_back(state_case("5." + std::to_string(number),
                               "Messages, a Ping and a Close in one go" + where(state),
                               "Nothing follows the Close that answers.",
                               {"RFC6455-5.5.1-6", "RFC6455-5.5.1-7"}, state, steps));
  }
}

/// What was legal when it came is answered, however soon something illegal follows.
void add_errors_behind_answers(std::vector<Case>& cases) {
  const auto or_failure = [](Expect expect) {
    return or_ends(std::move(expect), Grade::non_strict,
                   "what came before the illegal frame is not answered", "RFC 6455 7.1.7");
  };
  struct Start {
    const char* what = nullptr;
    bool with_deflate = false;
    bool is_compressed = false;
    Steps begun{};  ///< a message that has not ended, behind the answers
  };
  const Start starts[] = {
      {.what = "two messages and a Ping"},
      {.what = "two messages, a Ping and the beginning of a third message",
       .begun = {part(false, 1, text("begun "))}},
      {.what = "two messages, one compressed, and a Ping",
       .with_deflate = true,
       .is_compressed = true},
      {.what = "two messages, a Ping and the beginning of a compressed message",
       .with_deflate = true,
       .begun = {part(false, 1, kFirstOfHello, 4)}},
  };
  const Payload two = repeat("two ", 300);
  int number = 0;
  for (const Start& start : starts) {
    ++number;
    const bool is_inside = !start.begun.empty();
    const State state{.name = start.what,
                      .begun = is_inside ? 1U : 0U,
                      .with_deflate = start.with_deflate,
                      .is_compressed = is_inside && start.with_deflate};
    std::vector<Violation> all = bad_data(state);
    if (!start.with_deflate) std::ranges::move(bad_controls(), std::back_inserter(all));
    all.push_back({40,
                   "A Close with the code 1005",
                   "RFC6455-7.4.1-3",
                   part(true, 8, hex("03ed")),
                   {1002},
                   "RFC 6455 7.4.1"});
    all.push_back({41,
                   "A Close with a reason that is not UTF-8",
                   "RFC6455-8.1-1",
                   part(true, 8, hex("03e8 61 ff")),
                   {1007, 1002},
                   "RFC 6455 8.1"});
    if (state.with_deflate && !is_inside) {
      all.push_back({42,
                     "Data that cannot be inflated",
                     "RFC7692-6.2-1",
                     part(true, 1, hex("ff ff ff ff"), 4),
                     {1007, 1002},
                     "RFC 7692 7.2.2"});
      all.push_back({43,
                     "Compressed text that is not UTF-8",
                     "RFC6455-8.1-1",
                     part(true, 1, hex("00 01 00 fe ff ff 00"), 4),
                     {1007},
                     "RFC 6455 8.1"});
    }
    for (const Violation& violation : all) {
      const bool is_mask = violation.check == "RFC6455-5.1-2";
      // Inside a message only what is wrong there alone.
      if (is_inside && violation.check != "RFC6455-5.4-16") continue;
      if (is_mask && violation.frame.payload.length > 10) continue;
      Expect failure = expect_failure(violation.codes, violation.source);
      Steps steps{PutMessage{.payload = text("one"),
                             .coding = start.is_compressed ? PutMessage::Coding::compressed
                                                           : PutMessage::Coding::plain},
                  PutMessage{.type = Opcode::binary, .payload = two, .fragments = {7, 0}},
                  frame(Opcode::ping, text("three"))};
      steps += start.begun;
      steps += Steps{violation.frame, or_failure(expect_message(Opcode::text, text("one"))),
                     or_failure(expect_message(Opcode::binary, two)),
                     or_failure(expect_pong(text("three"))), std::move(failure)};
      cases.push_back(
          state_case("10." + std::to_string(number) + "." + std::to_string(violation.number),
                     violation.what + " behind " + start.what + " that came in the same read",
                     "What was legal is answered, whatever follows.",
                     {violation.check, "RFC6455-7.1.7-1"}, state, steps));
      cases.back().level = Level::should;
      cases.back().dialogue->own_cuts = true;
    }
  }
}

/// What comes in one write with the head is the beginning of the stream of frames.
void add_early(std::vector<Case>& cases) {
  for (const Role harness : {Role::client, Role::server}) {
    const auto frame_of = [&](unsigned first_byte, std::string_view payload) {
      return frame_in_bytes(harness, first_byte, payload);
    };
    const auto add = [&](int number, std::string title, const std::string& early, Steps steps) {
      Dialogue dialogue{.steps = std::move(steps), .own_cuts = true};
      if (harness == Role::client) {
        dialogue.request = good_request().followed_by(early);
        let_refuse_early(dialogue);
      } else {
        dialogue.response = good_response().followed_by(early);
      }
      const std::string with = harness == Role::client ? " with the request" : " with the response";
      cases.push_back(
          {.id = "37.6." + std::to_string(harness == Role::client ? number : 20 + number),
           .title = std::move(title) + with,
           .purpose = "The first frame begins with the first byte behind the head.",
           .checks = {"RFC6455-5.1-7", "RFC6455-6.2-1"},
           .only_for = harness == Role::client ? Role::server : Role::client,
           .level = harness == Role::client ? Level::should : Level::must,
           .tags = {"states"},
           .dialogue = std::move(dialogue)});
    };
    const Steps end = echo("after") + closed_cleanly();
    const std::string one = frame_of(0x81, "one");
    const Expect echoed = expect_message(Opcode::text, text("one"));
    add(1, "Two texts come", one + frame_of(0x82, "two"),
        Steps{echoed, expect_message(Opcode::binary, text("two"))} + end);
    add(2, "A Ping comes", frame_of(0x89, "early"), Steps{expect_pong(text("early"))} + end);
    add(3, "A text in fragments comes, with a Ping between,",
        frame_of(0x01, "o") + frame_of(0x89, "early") + frame_of(0x80, "ne"),
        Steps{expect_pong(text("early")), echoed} + end);
    add(4, "A Close comes", frame_of(0x88, "\x03\xe8"), {expect_close_answer(1000)});
    add(5, "A Ping with RSV1 comes", frame_of(0xc9, "early"),
        {expect_failure({1002}, "RFC 6455 5.2")});
    add(6, "A text that is not UTF-8 comes", frame_of(0x81, "a\xff"),
        {expect_failure({1007}, "RFC 6455 8.1")});
    const std::string long_text(5000, 'l');
    add(7, "A text of 5000 bytes comes", frame_of(0x81, long_text),
        Steps{expect_message(Opcode::text, text(long_text))} + end);
    std::string twenty;
    Steps echoes;
    for (int i = 0; i < 20; ++i) {
      twenty += frame_of(0x81, "text " + std::to_string(i));
      echoes += Steps{expect_message(Opcode::text, text("text " + std::to_string(i)))};
    }
    add(8, "Twenty texts come", twenty, echoes + end);
    // The rest of the frame comes when the head was answered.
    int number = 8;
    for (const std::size_t cut : {std::size_t{1}, std::size_t{2}, one.size() - 1}) {
      add(++number, "The first " + std::to_string(cut) + " bytes of a text come",
          one.substr(0, cut),
          Steps{Rest{milliseconds(20)}, PutBytes{text(one.substr(cut))}, echoed} + end);
    }
  }
}

}  // namespace

std::vector<Case> state_cases() {
  std::vector<Case> cases;
  add_violations(cases);
  add_late_violations(cases);
  add_bad_closes(cases);
  add_good_closes(cases);
  add_control_frames(cases);
  add_overtaking(cases);
  add_errors_behind_answers(cases);
  add_early(cases);
  return cases;
}

}  // namespace ws::conformance
