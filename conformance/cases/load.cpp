// Section 30: sizes, numbers, and peers that read late or leave early (RFC 6455 sections 5.4 and
// 10.4).
#include "conformance/cases/catalogue.hpp"
#include "conformance/cases/parts.hpp"
#include "conformance/harness/selection.hpp"

namespace ws::conformance {
namespace {

using Steps = std::vector<DialogueStep>;

Case load_case(std::string id, std::string title, std::string purpose,
               std::vector<std::string> checks, Steps steps) {
  return {.id = "30." + std::move(id),
          .title = std::move(title),
          .purpose = std::move(purpose),
          .checks = std::move(checks),
          .tags = {"load"},
          .dialogue = Dialogue{.steps = std::move(steps), .own_cuts = true}};
}

/// An endpoint may have a limit, and say so; few have one as low.
Expect echoed_or_too_big(Opcode type, const Payload& payload) {
  Expect expect = expect_message(type, payload);
  // Python alone unmasks less than a megabyte a second where others are played at the same time.
  expect.within = milliseconds(10'000);
  expect.any.push_back({.grade = Grade::non_strict,
                        .kind = Reaction::Kind::close,
                        .codes = {1008, 1009},
                        .why = "the endpoint has a limit below what is usual",
                        .source = "RFC 6455 10.4"});
  return expect;
}

/// Refused at its header, or waited for: a limit is no must.
Steps too_big(const Steps& steps) {
  Expect expect = expect_failure({1009, 1002, 1008}, "RFC 6455 10.4");
  expect.within = milliseconds(1000);
  expect.any.push_back({.grade = Grade::non_strict,
                        .kind = Reaction::Kind::silence,
                        .why = "the endpoint waits for more than anyone has",
                        .source = "RFC 6455 10.4"});
  return echo("before") + steps + Steps{expect};
}

/// The order in which a message and a Pong come is free.
Expect message_or_pong(const Payload& message, const Payload& pong) {
  Expect expect = expect_message(Opcode::binary, message);
  expect.any.push_back({.kind = Reaction::Kind::pong, .payload = pong});
  return expect;
}

void add_slow_readers(std::vector<Case>& cases) {
  int number = 0;
  for (const std::size_t size : {100'000U, 150'000U, 200'000U}) {
    const Payload large = repeat("0123456789abcdefghij", size);
    Steps steps{Reading{false},
                PutMessage{.type = Opcode::binary, .payload = large},
                Rest{milliseconds(50)},
                PutFrame{.opcode = 9, .payload = text("late")},
                Rest{milliseconds(50)},
                Reading{true},
                message_or_pong(large, text("late")),
                message_or_pong(large, text("late"))};
    cases.push_back(
        load_case("1." + std::to_string(++number),
                  "A Ping comes while the echo of " + std::to_string(size) + " bytes is not read",
                  "A Pong is no part of the frame that is being written.",
                  {"RFC6455-5.5.2-2", "RFC6455-5.4-6"}, lives_through(steps)));
  }
  for (const std::size_t size : {100'000U, 150'000U, 200'000U}) {
    const Payload large = repeat("0123456789abcdefghij", size);
    Steps steps{Reading{false}, PutMessage{.type = Opcode::binary, .payload = large},
                Rest{milliseconds(50)}};
    Steps echoes{Reading{true}, expect_message(Opcode::binary, large)};
    for (int i = 0; i < 20; ++i) {
      const Payload words = text("small message " + std::to_string(i));
      steps += Steps{PutMessage{.payload = words}};
      echoes += Steps{expect_message(Opcode::text, words)};
    }
    cases.push_back(load_case(
        "1." + std::to_string(++number),
        "Twenty messages come while the echo of " + std::to_string(size) + " bytes is not read",
        "Messages stay whole and in order.", {"RFC6455-5.4-5", "RFC6455-5.4-6"},
        lives_through(steps + Steps{Rest{milliseconds(50)}} + echoes)));
  }
  Steps steps{Reading{false}};
  Steps echoes{Reading{true}};
  for (int i = 0; i < 900; ++i) {
    const Payload words = text(std::string(static_cast<std::size_t>(100 + i % 37), 'w'));
    steps += Steps{PutMessage{.payload = words}};
    echoes += Steps{expect_message(Opcode::text, words)};
  }
  cases.push_back(load_case("1.7", "Nine hundred messages come while nothing is read",
                            "Every frame is written whole, wherever the socket was full.",
                            {"RFC6455-5.4-5", "RFC6455-6.1-8"},
                            lives_through(steps + Steps{Rest{milliseconds(50)}} + echoes)));
}

/// Where compression is agreed on, what waits for a slow reader is compressed before or behind the
/// wait; it stays whole and in order all the same.
void add_slow_readers_of_compressed(std::vector<Case>& cases) {
  int number = 0;
  const auto add = [&](const std::string& title, const std::string& purpose,
                       std::vector<std::string> checks, const Steps& steps) {
    Case test = load_case("5." + std::to_string(++number), title, purpose, std::move(checks),
                          lives_through(steps));
    test.tags.emplace_back("deflate");
    test.dialogue->deflate = usual_deflate();
    cases.push_back(std::move(test));
  };
  // Nothing that DEFLATE makes shorter; two of them are more than waits in a socket that nobody
  // reads from.
  const Payload large = text(noise(900'000, '\0', 256));
  const PutMessage put{
      .type = Opcode::binary, .payload = large, .coding = PutMessage::Coding::compressed};
  const Steps begun{Reading{false}, put, put, Rest{milliseconds(100)}};
  add("A Ping comes while a compressed echo is not read",
      "A Pong is no part of the frame that is being written.",
      {"RFC6455-5.5.2-2", "RFC6455-5.4-6", "RFC7692-6.1-5"},
      begun + Steps{PutFrame{.opcode = 9, .payload = text("late")}, Rest{milliseconds(50)},
                    Reading{true}, message_or_pong(large, text("late")),
                    message_or_pong(large, text("late")), message_or_pong(large, text("late"))});
  for (const bool are_compressed : {true, false}) {
    Steps steps = begun;
    Steps echoes{Reading{true}, expect_message(Opcode::binary, large),
                 expect_message(Opcode::binary, large)};
    const std::string phrases = noise(1000);
    for (std::size_t i = 0; i < 20; ++i) {
      // Each repeats a part of the one before it.
      const Payload words = text("small message " + std::to_string(i) + phrases.substr(40 * i, 60));
      steps += Steps{PutMessage{
          .payload = words,
          .coding = are_compressed ? PutMessage::Coding::compressed : PutMessage::Coding::plain}};
      echoes += Steps{expect_message(Opcode::text, words)};
    }
    add(std::string("Twenty messages, ") + (are_compressed ? "compressed" : "plain") +
            ", come while a compressed echo is not read",
        "Messages stay whole and in order, and the window with them.",
        {"RFC6455-5.4-5", "RFC6455-5.4-6", "RFC7692-7.2.1-1"},
        steps + Steps{Rest{milliseconds(50)}} + echoes);
  }
}

/// A Close that comes while output waits cuts no frame short: it is answered behind what has begun.
void add_late_closes(std::vector<Case>& cases) {
  // Who sends its Close at once cannot answer messages any more, and need not.
  const auto or_close = [](Expect expect) {
    expect.any.push_back({.kind = Reaction::Kind::close,
                          .codes = {1000},
                          .why = "the Close is answered before the messages are"});
    return expect;
  };
  int number = 7;
  const auto add = [&](std::size_t count, std::size_t size, const std::string& what) {
    const Payload large = repeat("0123456789abcdefghij", size);
    Steps steps = echo("before") + Steps{Reading{false}};
    Steps echoes{Reading{true}};
    for (std::size_t i = 0; i < count; ++i) {
      steps += Steps{PutMessage{.type = Opcode::binary, .payload = large}};
      echoes += Steps{or_close(echoed_or_too_big(Opcode::binary, large))};
    }
    cases.push_back(load_case(
        "1." + std::to_string(++number), "A Close comes while the echo of " + what + " is not read",
        "The Close that answers waits for its turn, and ends no frame before its last byte.",
        {"RFC6455-5.5.1-7", "RFC6455-5.4-6", "RFC6455-7.1.1-1"},
        steps + Steps{Rest{milliseconds(50)}, PutClose{.code = 1000}, Rest{milliseconds(50)}} +
            echoes + Steps{expect_close_answer(1000)}));
  };
  add(1, 100'000, "100000 bytes");
  add(1, 200'000, "200000 bytes");
  add(1, 900'000, "900000 bytes");
  add(20, 10'000, "twenty messages");
}

/// What waits for a slow reader a second time, or with what ends the connection.
void add_further_waits(std::vector<Case>& cases) {
  const std::vector<std::string> checks{"RFC6455-5.4-5", "RFC6455-5.4-6"};
  const Payload large = repeat("0123456789abcdefghij", 900'000);
  const Steps waits{Reading{false}, PutMessage{.type = Opcode::binary, .payload = large},
                    Rest{milliseconds(50)}};
  const Steps echoed{Reading{true}, echoed_or_too_big(Opcode::binary, large)};
  cases.push_back(
      load_case("1.12", "Two echoes of 900000 bytes are not read at first, one behind the other",
                "Who has waited once writes on as before.", checks,
                lives_through(waits + echoed + echo("between") + waits + echoed + echo("behind"))));

  Expect at_best = echoed_or_too_big(Opcode::binary, large);
  at_best.any.push_back({.kind = Reaction::Kind::close,
                         .codes = {1002},
                         .why = "the connection fails before the message is answered"});
  at_best.any.push_back({.grade = Grade::non_strict,
                         .kind = Reaction::Kind::end,
                         .why = "TCP ends inside the frame that had begun, without a Close",
                         .source = "RFC 6455 7.1.7"});
  cases.push_back(
      load_case("1.13", "An illegal frame comes while the echo of 900000 bytes is not read",
                "The Close that fails the connection stands in no other frame.", checks,
                echo("before") + waits +
                    Steps{PutFrame{.rsv = 2, .payload = text("illegal")}, Rest{milliseconds(50)},
                          Reading{true}, at_best, expect_failure()}));

  // Who answers the most recent Ping alone has done enough (section 5.5.3).
  Expect first = expect_pong(text("first"));
  first.any.push_back({.grade = Grade::informational,
                       .kind = Reaction::Kind::pong,
                       .payload = text("second"),
                       .why = "the most recent Ping alone is answered"});
  Expect second = expect_pong(text("second"));
  second.any.push_back({.grade = Grade::informational,
                        .kind = Reaction::Kind::silence,
                        .why = "the most recent Ping alone is answered"});
  second.any.push_back({.grade = Grade::non_strict,
                        .kind = Reaction::Kind::pong,
                        .payload = text("first"),
                        .why = "the older Ping is answered behind the newer one",
                        .source = "RFC 6455 5.5.3"});
  second.within = milliseconds(500);
  // An endpoint that stops reading for what waits would not see the Pings meanwhile.
  const Payload less = repeat("0123456789abcdefghij", 200'000);
  cases.push_back(
      load_case("1.14", "Two Pings come while the echo of 200000 bytes is not read",
                "Pongs come in the order of their Pings.", {"RFC6455-5.5.2-2"},
                {Reading{false}, PutMessage{.type = Opcode::binary, .payload = less},
                 Rest{milliseconds(50)}, frame(Opcode::ping, text("first")),
                 frame(Opcode::ping, text("second")), Rest{milliseconds(50)}, Reading{true},
                 echoed_or_too_big(Opcode::binary, less), first, second}));
  cases.back().dialogue->steps = cases.back().dialogue->steps + closed_cleanly();
}

/// How long a peer is waited for that does not read is the endpoint's choice; some seconds are
/// better than none.
void add_long_waits(std::vector<Case>& cases) {
  const Payload large = repeat("0123456789abcdefghij", 900'000);
  const Steps waits =
      echo("before") + Steps{Reading{false}, PutMessage{.type = Opcode::binary, .payload = large}};
  const auto or_leaves = [](Expect expect) {
    for (const auto kind : {Reaction::Kind::close, Reaction::Kind::end, Reaction::Kind::reset}) {
      expect.any.push_back({.grade = Grade::non_strict,
                            .kind = kind,
                            .why = "the endpoint leaves a peer that was busy for three seconds",
                            .source = "RFC 6455 7.2.1"});
    }
    return expect;
  };
  Expect at_last = echoed_or_too_big(Opcode::binary, large);
  const auto add = [&](const char* id, std::string title, std::vector<std::string> checks,
                       Steps steps) {
    cases.push_back(load_case(id, std::move(title), "Three seconds are no long time to be busy.",
                              std::move(checks), std::move(steps)));
    cases.back().tags.emplace_back(kSlow);
    cases.back().level = Level::should;
  };
  add("1.15", "The echo of 900000 bytes is not read for three seconds",
      {"RFC6455-5.4-5", "RFC6455-5.4-6"},
      waits + Steps{Rest{milliseconds(3000)}, Reading{true}, or_leaves(at_last)} + echo("behind") +
          closed_cleanly());
  at_last.any.push_back({.kind = Reaction::Kind::close,
                         .codes = {1000},
                         .why = "the Close is answered before the message is"});
  add("1.16", "The echo of 900000 bytes is not read for three seconds behind a Close",
      {"RFC6455-5.5.1-7", "RFC6455-5.4-6", "RFC6455-7.1.1-1"},
      waits + Steps{Rest{milliseconds(50)}, PutClose{.code = 1000}, Rest{milliseconds(3000)},
                    Reading{true}, or_leaves(at_last), expect_close_answer(1000)});

  const Payload larger = repeat("0123456789abcdefghij", kMoreThanSocketsHold);
  Expect taken = or_ends(echoed_or_too_big(Opcode::binary, larger), Grade::non_strict,
                         "the endpoint leaves a peer that reads for six seconds", "RFC 6455 7.2.1");
  taken.within = milliseconds(30'000);
  cases.push_back(load_case(
      "1.17", "The echo of 4.5 MB is read in pieces for six seconds",
      "Who reads what is sent is there, though nothing comes from it.",
      {"RFC6455-5.4-5", "RFC6455-7.1.7-8"},
      echo("before") +
          Steps{Reading{false}, PutMessage{.type = Opcode::binary, .payload = larger}, Standstill{},
                Reading{.piece = 32'768, .pause = milliseconds(40)}, taken, Reading{true}} +
          echo("behind") + closed_cleanly()));
  cases.back().needs = {Need::sockets};
  cases.back().tags.emplace_back(kSlow);
  cases.back().level = Level::should;
}

void add_numbers(std::vector<Case>& cases) {
  Steps messages;
  for (int i = 0; i < 250; ++i) messages += echo("message " + std::to_string(i));
  cases.push_back(load_case("2.1", "250 messages are echoed", "There is no last message.",
                            {"RFC6455-5.6-1"}, lives_through(messages)));
  Steps pings;
  for (int i = 0; i < 250; ++i) pings += ping_of_many(i, text("ping " + std::to_string(i)));
  cases.push_back(load_case("2.2", "250 Pings are answered", "There is no last Ping.",
                            {"RFC6455-5.5.2-2"}, lives_through(pings)));
  int number = 2;
  for (const std::size_t count : {100U, 2000U, 30'000U}) {
    const Payload payload = repeat("fragment ", count);
    cases.push_back(
        load_case("2." + std::to_string(++number),
                  "A text of " + std::to_string(count) + " fragments of a byte each",
                  "The time that a message takes grows with its length, not with its square.",
                  {"RFC6455-5.4-2", "RFC6455-10.4-1"},
                  echo("before") +
                      Steps{PutMessage{.payload = payload,
                                       .fragments = std::vector<std::uint64_t>(count - 1, 1)},
                            echoed_or_too_big(Opcode::text, payload)} +
                      closed_cleanly()));
  }
  for (const std::size_t size : {1'000'000U, 1'500'000U}) {
    const Payload payload = repeat("0123456789abcdefghij", size);
    cases.push_back(load_case("2." + std::to_string(++number),
                              "A binary message of " + std::to_string(size) + " bytes",
                              "A megabyte is nothing unusual.", {"RFC6455-5.2-7"},
                              echo("before") +
                                  Steps{PutMessage{.type = Opcode::binary, .payload = payload},
                                        echoed_or_too_big(Opcode::binary, payload)} +
                                  closed_cleanly()));
  }
}

void add_limits(std::vector<Case>& cases) {
  const std::vector<std::string> checks{"RFC6455-10.4-1", "RFC6455-10.4-2"};
  int number = 0;
  for (const unsigned bits : {31U, 32U, 40U, 60U, 62U}) {
    const std::uint64_t announced = std::uint64_t{1} << bits;
    cases.push_back(load_case(
        "3." + std::to_string(++number),
        "A frame announces two to the power of " + std::to_string(bits) + " bytes",
        "A limit is best looked at with the header.", checks,
        too_big({PutFrame{.opcode = 2, .payload = text("begin"), .announced = announced}})));
  }
  // More of them than anybody needs; to keep each costs more than it brought.
  number = 6;
  for (const std::uint64_t size : {0U, 1U}) {
    Case test = load_case("3." + std::to_string(++number),
                          "A message of 200,000 fragments of " + std::to_string(size) + " bytes",
                          "Fragments without end are no message.", checks, {});
    // Each of the lengths takes eight bytes.
    test.late_steps = [size] {
      constexpr std::size_t kCount = 200'000;
      const Payload whole = repeat("fragment ", kCount * size + 3);
      return echo("before") +
             Steps{PutMessage{.type = Opcode::binary,
                              .payload = whole,
                              .fragments = std::vector<std::uint64_t>(kCount, size)},
                   expect_too_big_at_best(milliseconds(5000), whole,
                                          "the number of fragments has no limit")};
    };
    cases.push_back(std::move(test));
  }
  cases.push_back(load_case(
      "3.6", "A continuation announces almost two to the power of 63 bytes",
      "The sum of two lengths does not fit where each does.", checks,
      too_big(
          {PutFrame{.fin = false, .opcode = 2, .payload = text("b")},
           PutFrame{.opcode = 0, .payload = text("egin"), .announced = 0x7fff'ffff'ffff'ffffU}})));
}

void add_leavers(std::vector<Case>& cases) {
  int number = 0;
  for (const std::string bytes : {"", "81", "81 fe", "81 fe 01", "81 85 01 02 03"}) {
    Expect ended{.any = {{.kind = Reaction::Kind::end}, {.kind = Reaction::Kind::close}},
                 .source = "RFC 6455 7.1.4"};
    Steps steps = echo("before");
    if (!bytes.empty()) steps += Steps{PutBytes{hex(bytes)}};
    Case test = load_case(
        "4." + std::to_string(++number),
        "The peer ends its side of TCP " +
            (bytes.empty() ? std::string("between two frames") : "inside a frame, behind " + bytes),
        "Who is left alone ends the connection too.", {"RFC6455-7.1.1-2", "RFC6455-7.2.1-2"},
        steps + Steps{HalfClose{}, ended});
    cases.push_back(std::move(test));
  }
  struct Left {
    const char* what = nullptr;
    Steps steps{};
  };
  PutFrame first = frame(Opcode::text, text("a message that never"));
  first.fin = false;
  const PutFrame begun{.opcode = 2, .payload = text("begun"), .announced = 70'000};
  const PutFrame control{.opcode = 9, .payload = text("begun"), .announced = 100};
  const Left all[] = {
      {"inside a message", {first}},
      {"inside a message, behind a Ping",
       {first, frame(Opcode::ping, text("p")), expect_pong(text("p"))}},
      {"inside the payload of a frame", {begun}},
      {"inside a continuation",
       {first, PutFrame{.opcode = 0, .payload = text("e"), .announced = 300}}},
      {"inside the payload of a Ping", {control}},
  };
  for (const auto& [what, steps] : all) {
    const Expect ended{.any = {{.kind = Reaction::Kind::end}, {.kind = Reaction::Kind::close}},
                       .source = "RFC 6455 7.1.4"};
    cases.push_back(load_case(
        "4." + std::to_string(++number), "The peer ends its side of TCP " + std::string(what),
        "Who is left alone ends the connection too.", {"RFC6455-7.1.1-2", "RFC6455-7.2.1-2"},
        echo("before") + steps + Steps{HalfClose{}, ended}));
  }
}

}  // namespace

std::vector<Case> load_cases() {
  std::vector<Case> cases;
  add_slow_readers(cases);
  add_late_closes(cases);
  add_further_waits(cases);
  add_long_waits(cases);
  add_numbers(cases);
  add_limits(cases);
  add_leavers(cases);
  add_slow_readers_of_compressed(cases);
  return cases;
}

}  // namespace ws::conformance
