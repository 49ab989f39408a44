// Section 43, the second part: frames that break several rules at once, what comes behind a Close
// or a Ping of the endpoint's own, and control frames that come together (RFC 6455 sections 5.2,
// 5.5 and 7.1).
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "conformance/cases/catalogue.hpp"
#include "conformance/cases/deflate_writer.hpp"
#include "conformance/cases/parts.hpp"
#include "conformance/cases/together.hpp"

namespace ws::conformance {
namespace {

using Steps = std::vector<DialogueStep>;

struct Mixture {
  PutFrame frame{};
  std::string what{};
};

std::string name_of_bits(unsigned rsv) {
  std::string name;
  for (const auto& [bit, digit] : {std::pair{4U, "1"}, std::pair{2U, "2"}, std::pair{1U, "3"}}) {
    if ((rsv & bit) != 0) name += (name.empty() ? "RSV" : " and RSV") + std::string(digit);
  }
  return name;
}

/// Frames with at least two things wrong.
std::vector<Mixture> mixtures() {
  std::vector<Mixture> all;
  const auto add = [&](PutFrame frame, const std::string& kind) {
    std::string what = kind + " with " + name_of_bits(frame.rsv);
    if (!frame.fin) what += ", without FIN";
    if (frame.payload.length > 125) what += ", of " + std::to_string(frame.payload.length);
    all.push_back({std::move(frame), std::move(what)});
  };
  const std::pair<unsigned, const char*> controls[] = {{8, "Close"}, {9, "Ping"}, {10, "Pong"}};
  for (const auto& [opcode, name] : controls) {
    for (const unsigned rsv : {4U, 2U, 7U}) {
      const Payload payload = opcode == 8 ? hex("03e8") : text("two");
      add({.fin = false, .rsv = rsv, .opcode = opcode, .payload = payload}, name);
      add({.rsv = rsv, .opcode = opcode, .payload = repeat("l", 126)}, name);
      add({.fin = false, .rsv = rsv, .opcode = opcode, .payload = repeat("l", 70'000)}, name);
    }
    add({.fin = false, .rsv = 4, .opcode = opcode}, std::string("empty ") + name);
  }
  for (const unsigned opcode : {3U, 7U, 11U, 15U}) {
    for (const unsigned rsv : {4U, 3U}) {
      const std::string name = "frame of the reserved opcode " + std::to_string(opcode);
      add({.rsv = rsv, .opcode = opcode, .payload = text("two")}, name);
      add({.fin = false, .rsv = rsv, .opcode = opcode}, name);
    }
  }
  for (const unsigned rsv : {4U, 1U, 6U}) {
    add({.rsv = rsv, .opcode = 0, .payload = text("two")}, "continuation of nothing");
    add({.fin = false, .rsv = rsv, .opcode = 0}, "continuation of nothing");
  }
  for (const unsigned rsv : {2U, 3U, 6U}) {
    add({.fin = false, .rsv = rsv, .opcode = 1, .payload = hex("ff")}, "text that is not UTF-8");
  }
  return all;
}

void add_wrong_twice(std::vector<Case>& cases) {
  int number = 0;
  for (const Mixture& mixture : mixtures()) {
    ++number;
    for (const bool with_deflate : {false, true}) {
      Dialogue dialogue{.steps = fails_after({mixture.frame})};
      if (with_deflate) dialogue.deflate = usual_deflate();
      cases.push_back(
          together_case(std::string(with_deflate ? "11." : "10.") + std::to_string(number),
                        "A " + mixture.what + (with_deflate ? ", with compression agreed on" : ""),
                        "Two wrongs are no right, and no reason to die.",
                        {"RFC6455-5.2-3", "RFC6455-5.5-2"}, std::move(dialogue)));
    }
  }
}

Expect close_of_peer() {
  return {.any = {{.kind = Reaction::Kind::close, .codes = {1000}}}, .source = "RFC 6455 5.5.1"};
}

/// What may come between the endpoint's Close and the answer to it: the endpoint waits on.
void add_behind_own_close(std::vector<Case>& cases) {
  struct Behind {
    const char* what = nullptr;
    Steps steps{};
    bool with_deflate = false;
  };
  PutFrame cut{.opcode = 2, .payload = repeat("0123456789", 1000)};
  cut.cut = 500;
  PutFrame cut_header{.opcode = 1, .payload = repeat("0123456789", 300)};
  cut_header.cut = 3;
  PutFrame in_pieces{.opcode = 2, .payload = repeat(std::string(1, '\0'), 70'000)};
  in_pieces.piece = 9000;
  PutFrame cut_ping = frame(Opcode::ping, text("in two reads"));
  cut_ping.cut = 8;
  const PutFrame begun{.fin = false, .opcode = 1, .payload = text("begun")};
  const Behind all[] = {
      {"a Ping", {frame(Opcode::ping, text("there?"))}},
      {"an empty Ping", {frame(Opcode::ping, text(""))}},
      {"a Ping of 125 bytes", {frame(Opcode::ping, repeat("p", 125))}},
      {"a Pong", {frame(Opcode::pong, text("unasked"))}},
      {"ten Pings", Steps(10, DialogueStep{frame(Opcode::ping, text("again"))})},
      {"a Ping in two reads", {cut_ping}},
      {"a frame in two reads", {cut}},
      {"a frame in two reads, cut in its header", {cut_header}},
      {"a frame of 70,000 bytes in many reads", {in_pieces}},
      {"a message that has begun", {begun}},
      {"a message with a Ping inside",
       {begun, frame(Opcode::ping, text("inside")), PutFrame{.opcode = 0, .payload = text("end")}}},
      {"an empty message", {PutMessage{.payload = text("")}}},
      {"a compressed message",
       {PutMessage{.payload = repeat("compressed", 3000),
                   .coding = PutMessage::Coding::compressed}},
       true},
  };
  const Expect waits{.any = {{.kind = Reaction::Kind::silence, .why = "the endpoint waits"},
                             {.grade = Grade::non_strict,
                              .kind = Reaction::Kind::end,
                              .why = "TCP ends before the endpoint's Close was answered",
                              .source = "RFC 6455 7.1.1"},
                             {.grade = Grade::non_strict,
                              .kind = Reaction::Kind::reset,
                              .why = "TCP is reset before the endpoint's Close was answered",
                              .source = "RFC 6455 7.1.1"}},
                     .within = milliseconds(150),
                     .source = "RFC 6455 5.5.1"};
  const Expect ended{.any = {{.kind = Reaction::Kind::end, .why = "nothing follows the Close"},
                             {.kind = Reaction::Kind::silence, .why = "nothing follows the Close"}},
                     .within = milliseconds(200),
                     .source = "RFC 6455 5.5.1"};
  int number = 0;
  for (const Behind& behind : all) {
    Dialogue dialogue{.steps = echo("before") + Steps{Ask{"close 1000"}, close_of_peer()} +
                               behind.steps + Steps{waits, PutClose{1000}, ended},
                      .keeps_close_open = true};
    if (behind.with_deflate) dialogue.deflate = usual_deflate();
    Case test = together_case(
        "12." + std::to_string(++number),
        "In front of the answer to the endpoint's Close comes " + std::string(behind.what),
        "Who has closed waits for the peer's Close, whatever is on its way.",
        {"RFC6455-7.1.2-2", "RFC6455-5.5.1-6"}, std::move(dialogue));
    test.tags.emplace_back("control-convention");
    cases.push_back(std::move(test));
  }
}

/// Pongs for Pings of the endpoint: fewer, more and others than it waits for disturb nothing.
void add_answers_to_pings(std::vector<Case>& cases) {
  const auto ping = [](const char* words) {
    return Steps{Ask{"ping " + std::string(words)},
                 Expect{.any = {{.kind = Reaction::Kind::ping, .payload = text(words)}},
                        .source = "RFC 6455 5.5.2"}};
  };
  const auto pong = [](const Payload& payload) { return Steps{frame(Opcode::pong, payload)}; };
  const Steps two = ping("one") + ping("two");
  struct Answer {
    const char* what = nullptr;
    Steps steps{};
  };
  const Answer all[] = {
      {"is answered twice", ping("one") + pong(text("one")) + pong(text("one"))},
      {"is answered three times, with a message between",
       ping("one") + pong(text("one")) + echo("between") + pong(text("one")) + pong(text("one"))},
      {"is answered by another payload", ping("one") + pong(text("other"))},
      {"is answered by a longer payload", ping("one") + pong(text("one and more"))},
      {"is answered by no payload", ping("one") + pong(text(""))},
      {"is answered by another payload, then rightly",
       ping("one") + pong(text("other")) + pong(text("one"))},
      {"is answered inside a message",
       ping("one") + Steps{PutFrame{.fin = false, .opcode = 1, .payload = text("in ")}} +
           pong(text("one")) +
           Steps{PutFrame{.opcode = 0, .payload = text("parts")},
                 expect_message(Opcode::text, text("in parts"))}},
      {"is answered once it has sent another, which is answered first",
       two + pong(text("two")) + pong(text("one"))},
      {"is never answered, the next one is", two + pong(text("two"))},
      {"is answered once it has sent another, which never is", two + pong(text("one"))},
      {"comes twice, and is answered once", ping("one") + ping("one") + pong(text("one"))},
      {"comes twice, and is answered three times",
       ping("one") + ping("one") + pong(text("one")) + pong(text("one")) + pong(text("one"))},
      {"without a payload is answered twice", ping("") + pong(text("")) + pong(text(""))},
      {"is answered by a Ping with its payload",
       ping("one") + ping_answered(text("one")) + pong(text("one"))},
      {"is never answered", ping("one")},
      {"without a payload is never answered, and Pings come", ping("") + ping_answered(text(""))},
  };
  int number = 0;
  for (const Answer& answer : all) {
    Case test = together_case(
        "13." + std::to_string(++number), "A Ping of the endpoint " + std::string(answer.what),
        "A Pong that nobody waits for is let pass.", {"RFC6455-5.5.3-2", "RFC6455-5.5.3-3"},
        {.steps = lives_through(answer.steps), .leaves_pings = true});
    test.tags.emplace_back("control-convention");
    cases.push_back(std::move(test));
  }
}

/// A Ping that came in front of a Close is answered in front of the answer to that.
void add_ping_and_close(std::vector<Case>& cases) {
  struct Front {
    const char* what = nullptr;
    Steps steps{};
    Payload last{};
  };
  const PutFrame begun{.fin = false, .opcode = 1, .payload = text("begun")};
  const Front all[] = {
      {"A Ping and a Close", {frame(Opcode::ping, text("a"))}, text("a")},
      {"A Ping of 125 bytes and a Close",
       {frame(Opcode::ping, repeat("p", 125))},
       repeat("p", 125)},
      {"A message, a Ping and a Close",
       Steps{PutMessage{.payload = text("a message")}, frame(Opcode::ping, text("b"))}, text("b")},
      {"A Ping inside a message, and a Close", {begun, frame(Opcode::ping, text("c"))}, text("c")},
  };
  int number = 0;
  for (const Front& front : all) {
    Steps steps = echo("before") + front.steps + Steps{PutClose{1000}};
    Expect answered{
        .any = {{.kind = Reaction::Kind::pong, .payload = front.last},
                {.kind = Reaction::Kind::close,
                 .why = "the Close has come when the Ping would be answered, so it is not"}},
        .source = "RFC 6455 5.5.2"};
    if (std::holds_alternative<PutMessage>(front.steps.front())) {
      // Who has got a Close may leave a message unanswered, and then the Ping, too.
      Expect echoed = expect_message(Opcode::text, text("a message"));
      echoed.any.push_back({.kind = Reaction::Kind::close,
                            .why = "the Close has come when the message would be answered"});
      steps.emplace_back(std::move(echoed));
      answered.any.push_back({.kind = Reaction::Kind::end, .why = "nothing follows the Close"});
      answered.any.push_back({.kind = Reaction::Kind::silence, .why = "nothing follows the Close"});
    }
    steps.emplace_back(std::move(answered));
    steps.emplace_back(
        Expect{.any = {{.kind = Reaction::Kind::close},
                       {.kind = Reaction::Kind::end, .why = "nothing follows the Close"},
                       {.kind = Reaction::Kind::silence, .why = "nothing follows the Close"},
                       {.grade = Grade::non_strict,
                        .kind = Reaction::Kind::pong,
                        .payload = front.last,
                        .why = "the Ping is answered behind the Close",
                        .source = "RFC 6455 1.4"}},
               .within = milliseconds(500),
               .source = "RFC 6455 5.5.1"});
    cases.push_back(
        together_case("14." + std::to_string(++number), std::string(front.what) + " come together",
                      "Nothing is said behind a Close.", {"RFC6455-5.5.2-2", "RFC6455-5.5.1-6"},
                      {.steps = std::move(steps), .keeps_close_open = true}));
  }
}

/// A read ends inside a frame's header, which is not the read's first: whoever keeps what is left
/// keeps all of it. The rest comes with another frame behind.
void add_cuts_behind_others(std::vector<Case>& cases) {
  struct Front {
    PutFrame frame{};
    Expect came{};
  };
  const auto message = [](Opcode type, const Payload& payload) {
    return Front{frame(type, payload), expect_message(type, payload)};
  };
  const Front fronts[] = {
      message(Opcode::text, text("in front")),
      message(Opcode::binary, text("")),
      message(Opcode::binary, repeat("in front ", 300)),
      {frame(Opcode::ping, text("in front")), expect_pong(text("in front"))},
      {frame(Opcode::pong, text("")), {}},
  };
  struct Cut {
    const char* what = nullptr;
    PutFrame frame{};
    std::size_t header = 0;  ///< bytes, of a client
    bool is_continuation = false;
  };
  const Payload medium = repeat(noise(97), 0x180);
  const Payload large = repeat(noise(97), 0x10180);
  const Cut cuts[] = {
      {"an empty text", frame(Opcode::text, text("")), 6},
      {"a text of 5 bytes", frame(Opcode::text, text("hello")), 6},
      {"a binary frame of 384 bytes", frame(Opcode::binary, medium), 8},
      {"a binary frame of 65,920 bytes", frame(Opcode::binary, large), 14},
      {"an empty Ping", frame(Opcode::ping, text("")), 6},
      {"a Ping of 5 bytes", frame(Opcode::ping, text("hello")), 6},
      {"a continuation of 384 bytes", PutFrame{.opcode = 0, .payload = medium}, 8, true},
  };
  int number = 0;
  for (const Cut& cut : cuts) {
    // One byte of the payload, too.
    for (std::size_t at = 1; at <= cut.header + 1; ++at) {
      Steps steps;
      for (const Front& front : fronts) {
        PutFrame split = cut.frame;
        split.cut = at;
        Payload whole = split.payload;
        steps.emplace_back(front.frame);
        if (cut.is_continuation) {
          steps.emplace_back(PutFrame{.fin = false, .opcode = 2, .payload = text("begun ")});
          whole = join({text("begun "), whole});
        }
        steps.emplace_back(split);
        steps.emplace_back(frame(Opcode::text, text("behind")));
        const bool is_ping = cut.frame.opcode == 9;
        // Of two Pings it is enough to answer the second.
        const bool is_first_ping = is_ping && front.frame.opcode == 9;
        if (!front.came.any.empty() && !is_first_ping) {
          steps.emplace_back(front.came);
          std::get<Expect>(steps.back()).prompt = false;
        }
        const auto type = static_cast<Opcode>(cut.is_continuation ? 2U : cut.frame.opcode);
        steps.emplace_back(is_ping ? expect_pong(whole) : expect_message(type, whole));
        std::get<Expect>(steps.back()).prompt = false;
        steps.emplace_back(expect_message(Opcode::text, text("behind")));
      }
      cases.push_back(together_case("17." + std::to_string(++number),
                                    "Behind other frames comes " + std::string(cut.what) +
                                        ", cut after byte " + std::to_string(at),
                                    "A read may end anywhere.", {"RFC6455-5.2-7", "RFC6455-5.2-9"},
                                    {.steps = lives_through(steps), .own_cuts = true}));
    }
  }
}

/// The same for a Close, which nothing comes behind.
void add_cut_closes(std::vector<Case>& cases) {
  const auto or_close = [](Expect expect) {
    expect.prompt = false;
    expect.any.push_back({.kind = Reaction::Kind::close,
                          .codes = {1000},
                          .why = "the Close is answered before what came in front of it"});
    return expect;
  };
  struct Front {
    const char* what = nullptr;
    Steps steps{};
    Steps answers{};
  };
  const Front fronts[] = {
      {"a text",
       {frame(Opcode::text, text("in front"))},
       {or_close(expect_message(Opcode::text, text("in front")))}},
      {"a Ping",
       {frame(Opcode::ping, text("in front"))},
       {or_close(expect_pong(text("in front")))}},
      {"an empty Pong", {frame(Opcode::pong, text(""))}},
      {"a fragment", {PutFrame{.fin = false, .opcode = 2, .payload = text("begun")}}},
  };
  int number = 0;
  for (const Front& front : fronts) {
    for (const char* payload : {"03e8", "03e8 67 6f 6e 65"}) {
      PutFrame close = frame(Opcode::close, hex(payload));
      for (std::size_t at = 1; at <= 6 + close.payload.length - 1; ++at) {
        close.cut = at;
        Expect answer = expect_close_answer(1000);
        if (front.what == std::string_view("a fragment")) {
          // Who ends a message before its end may be told that it is an error.
          std::erase_if(answer.any, [](const Reaction& it) { return it.grade == Grade::fail; });
        }
        cases.push_back(together_case(
            "28." + std::to_string(++number),
            "Behind " + std::string(front.what) + " comes a Close of " +
                std::to_string(close.payload.length) + " bytes, cut after byte " +
                std::to_string(at),
            "A read may end anywhere.", {"RFC6455-5.5.1-7", "RFC6455-5.5.1-3"},
            {.steps = echo("before") + front.steps + Steps{close} + front.answers + Steps{answer},
             .own_cuts = true}));
      }
    }
  }
}

/// A payload of which each read brings what looks like a whole frame as `to` gets them.
PutFrame frame_of_likenesses(Role to, unsigned opcode, std::string_view first_bytes) {
  constexpr std::size_t kRead = 32;
  constexpr std::array<std::uint8_t, 4> kKey{0x1b, 0x2c, 0x3d, 0x4e};
  const bool is_masked = to == Role::server;
  std::string wire(kRead, '.');
  for (const char first : first_bytes) {
    const std::size_t header = is_masked ? 6 : 2;
    std::string likeness{first, static_cast<char>((is_masked ? 0x80U : 0U) | (kRead - header))};
    // The code 1000 of a Close, and text for others; a key of zeros.
    likeness.append(header - 2, '\0').append("\x03\xe8").resize(kRead, 'x');
    wire += likeness;
  }
  std::string payload = wire;
  for (std::size_t i = 0; is_masked && i < payload.size(); ++i) {
    payload[i] = static_cast<char>(payload[i] ^ kKey[i % kKey.size()]);
  }
  const std::size_t header = (payload.size() > 125 ? 4U : 2U) + (is_masked ? 4U : 0U);
  return {.opcode = opcode,
          .payload = text(payload),
          .masking = PutFrame::Masking::key,
          .key = kKey,
          .cut = header + kRead,
          .piece = kRead};
}

/// Where a read begins, a frame need not.
void add_likenesses(std::vector<Case>& cases) {
  int number = 0;
  for (const Role role : {Role::server, Role::client}) {
    const PutFrame message = frame_of_likenesses(role, 2, "\x82\x81\x88\x89\x8a\x80\x02\x01\x88");
    const PutFrame end = frame_of_likenesses(role, 0, "\x80\x82\x88\x89");
    const PutFrame ping = frame_of_likenesses(role, 9, "\x88\x82");
    Case test = together_case(
        "29." + std::to_string(++number), "What reads bring of a payload looks like whole frames",
        "A payload goes on where a read begins, whatever its bytes look like.",
        {"RFC6455-5.2-7", "RFC6455-5.2-9"},
        {.steps =
             lives_through({message, expect_message(Opcode::binary, message.payload), ping,
                            expect_pong(ping.payload),
                            PutFrame{.fin = false, .opcode = 2, .payload = text("begun ")}, ping,
                            expect_pong(ping.payload), end,
                            expect_message(Opcode::binary, join({text("begun "), end.payload}))}),
         .own_cuts = true});
    test.only_for = role;
    cases.push_back(std::move(test));
  }
}

/// A Close that comes in the same read as what is before it.
void add_closes_behind_others(std::vector<Case>& cases) {
  const std::pair<const char*, PutFrame> fronts[] = {
      {"A text", frame(Opcode::text, text("a text"))},
      {"An empty binary message", frame(Opcode::binary, text(""))},
      {"A Ping", frame(Opcode::ping, text("a Ping"))},
      {"An empty Ping", frame(Opcode::ping, text(""))},
      {"A Pong", frame(Opcode::pong, text("a Pong"))},
  };
  const std::pair<const char*, PutClose> closes[] = {
      {"an empty Close", {.code = std::nullopt}},
      {"a Close with a reason of 123 bytes", {.code = 3000, .reason = repeat("reason ", 123)}},
  };
  int number = 0;
  for (const auto& [what, front] : fronts) {
    for (const auto& [which, close] : closes) {
      Steps steps = echo("before") + Steps{front, close};
      if (front.opcode < 8) {
        // Who has got a Close may leave a message unanswered.
        Expect echoed = expect_message(static_cast<Opcode>(front.opcode), front.payload);
        echoed.any.push_back({.kind = Reaction::Kind::close,
                              .codes = {close.code.value_or(kNoCode)},
                              .why = "the Close is answered before the message is"});
        steps.emplace_back(std::move(echoed));
      }
      steps.emplace_back(expect_close_answer(close.code));
      cases.push_back(together_case("30." + std::to_string(++number),
                                    std::string(what) + " and " + which + " come together",
                                    "Every Close is answered.", {"RFC6455-5.5.1-7"},
                                    {.steps = std::move(steps), .own_cuts = true}));
    }
  }
}

/// A header that a read cuts is looked at again with the next: RSV1 is still the message's own, and
/// neither new nor forgotten. All cuts of a frame are in one connection, where one may spoil the
/// next.
void add_cut_compressed(std::vector<Case>& cases) {
  struct Cut {
    const char* what = nullptr;
    Payload payload{};
    std::size_t header = 0;  ///< bytes, of a client
    std::size_t first = 0;   ///< bytes of the compressed payload in a fragment in front
    bool goes_on = false;    ///< another fragment follows
  };
  const std::string medium = noise(384);
  const std::string large = noise(65'000) + noise(920);
  const Cut cuts[] = {
      {"A compressed text of 5 bytes", text("hello"), 6},
      {"A compressed text of 384 bytes", text(medium), 8},
      {"A compressed text of 65,920 bytes", text(large), 14},
      {"The first of two compressed fragments", text(medium), 8, 0, true},
      {"The last of two compressed fragments", text(medium), 8, 7},
  };
  int number = 0;
  for (const Cut& cut : cuts) {
    DeflateWriter writer;
    // A stored block is shorter than 65,536 bytes.
    const std::string words(cut.payload.pattern);
    for (std::size_t i = 0; i < words.size(); i += 60'000) {
      writer.put_stored(words.substr(i, 60'000));
    }
    const std::string whole = writer.take_message();
    Steps steps;
    for (std::size_t at = 1; at <= cut.header + 1; ++at) {
      const std::string begin = cut.goes_on ? whole.substr(0, 300) : whole.substr(0, cut.first);
      PutFrame split{.fin = !cut.goes_on,
                     .rsv = cut.first == 0 ? 4U : 0U,
                     .opcode = cut.first == 0 ? 1U : 0U,
                     .payload = text(cut.goes_on ? begin : whole.substr(begin.size())),
                     .cut = at};
      if (cut.first > 0) {
        steps.emplace_back(PutFrame{.fin = false, .rsv = 4, .payload = text(begin)});
      }
      steps.emplace_back(std::move(split));
      if (cut.goes_on) {
        steps.emplace_back(PutFrame{.opcode = 0, .payload = text(whole.substr(begin.size()))});
      }
      steps.emplace_back(expect_message(Opcode::text, cut.payload));
      // The bit is not left behind.
      if (at % 3 == 0) steps += echo(Opcode::binary, text("plain"));
    }
    Case test = together_case(
        "31." + std::to_string(++number),
        std::string(cut.what) + ", cut after each byte of its header", "A read may end anywhere.",
        {"RFC6455-5.2-7", "RFC7692-6-1"},
        {.deflate = usual_deflate(), .steps = lives_through(steps), .own_cuts = true});
    test.tags.emplace_back("deflate");
    cases.push_back(std::move(test));
  }
}

}  // namespace

std::vector<Case> frame_mixture_cases() {
  std::vector<Case> cases;
  add_wrong_twice(cases);
  add_behind_own_close(cases);
  add_answers_to_pings(cases);
  add_ping_and_close(cases);
  add_cuts_behind_others(cases);
  add_cut_closes(cases);
  add_likenesses(cases);
  add_closes_behind_others(cases);
  add_cut_compressed(cases);
  return cases;
}

}  // namespace ws::conformance
