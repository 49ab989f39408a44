// Section 35: what an endpoint uses, and what it does for peers that do not read, are slow, many,
// or gone (RFC 6455 sections 7.1.1 and 10.4). The memory, time and descriptors of an endpoint that
// is started by the harness are looked at; they are compared with one another, never with a number
// of seconds.
#include "conformance/cases/catalogue.hpp"
#include "conformance/cases/parts.hpp"

namespace ws::conformance {
namespace {

using Steps = std::vector<DialogueStep>;
using Kind = ResourceRule::Kind;

constexpr std::uint64_t kMiB = std::uint64_t{1024} * 1024;

/// Linux lends a writer up to 4 MiB, and little to a reader that reads nothing.

Case resource_case(std::string id, std::string title, std::string purpose,
                   std::vector<std::string> checks, Need need, Dialogue dialogue) {
  dialogue.own_cuts = true;
  return {.id = "35." + std::move(id),
          .title = std::move(title),
          .purpose = std::move(purpose),
          .checks = std::move(checks),
          .needs = {need},
          .tags = {"resources"},
          .alone = true,
          .dialogue = std::move(dialogue)};
}

Case of_servers(Case test) {
  test.only_for = Role::server;
  return test;
}

/// All that was sent comes back.
Expect expect_echoes(milliseconds within) {
  return or_leaves(
      {.any = {{.kind = Reaction::Kind::echoes}}, .within = within, .source = "RFC 6455 5.4"});
}

ResourceRule keeps_little() {
  return {.kind = Kind::memory,
          .spans = {{"before", "after"}},
          .why = "what the peer does not read is kept without a limit",
          .source = "RFC 6455 10.4"};
}

/// The closing handshake, with time for what came before it to be worked through.
Steps closed_in_the_end() {
  Steps steps = closed_cleanly();
  std::get<Expect>(steps.back()).within = milliseconds(60'000);
  return steps;
}

void add_backpressure(std::vector<Case>& cases) {
  struct Size {
    const char* id = nullptr;
    std::size_t bytes = 0;
  };
  for (const Size& size : {Size{"1.1", 65'536}, Size{"1.2", 4093}}) {
    const Flood flood{.size = size.bytes, .count = 64 * kMiB / size.bytes};
    cases.push_back(resource_case(
        size.id,
        "64 MiB come in messages of " + std::to_string(size.bytes) + " bytes while nothing is read",
        "Who cannot write stops reading, so that TCP tells the peer; then nothing is lost.",
        {"RFC6455-10.4-1", "RFC6455-5.4-5"}, Need::sockets,
        {.steps = echo("before") +
                  Steps{Measure{.name = "before", .optional = true}, Reading{false}, flood,
                        Measure{.name = "after", .optional = true}, Reading{true},
                        expect_echoes(milliseconds(60'000))} +
                  echo("after") + closed_cleanly(),
         .resources = {keeps_little()}}));
  }
  cases.push_back(resource_case(
      "1.4", "48 MiB of Pings come while nothing is read",
      "A Pong for the latest Ping is enough, so there is no need to keep them all.",
      {"RFC6455-10.4-1", "RFC6455-5.5.2-2"}, Need::sockets,
      {.steps = echo("before") +
                Steps{Measure{.name = "before", .optional = true}, Reading{false},
                      Flood{.type = Opcode::ping, .size = 125, .count = 48 * kMiB / 131},
                      Measure{.name = "after", .optional = true}, Reading{true},
                      frame(Opcode::ping, text("the last"))} +
                // Who leaves keeps nothing either, and whether a Pong waits long enough for that is
                // the kernel's choice.
                Steps{Expect{.any = {{.kind = Reaction::Kind::pong, .payload = text("the last")},
                                     {.kind = Reaction::Kind::close,
                                      .why = "the endpoint leaves a peer that does not read"},
                                     {.kind = Reaction::Kind::end,
                                      .why = "the endpoint leaves a peer that does not read"}},
                             .within = milliseconds(60'000),
                             .source = "RFC 6455 5.5.2"}} +
                closed_in_the_end(),
       .resources = {keeps_little()}}));
  const Flood some{.size = 65'536, .count = 128};
  cases.push_back(resource_case(
      "1.5", "The echo of 8 MiB is read byte by byte for a second, then as it comes",
      "A slow reader gets the same bytes.", {"RFC6455-5.4-5", "RFC6455-6.1-8"}, Need::sockets,
      {.steps =
           echo("before") +
           Steps{Reading{false}, some, Reading{.piece = 1, .pause = milliseconds(1)},
                 Rest{milliseconds(1000)}, Reading{true}, expect_echoes(milliseconds(30'000))} +
           echo("after") + closed_cleanly()}));
  PutFrame slow = frame(Opcode::text, repeat("slowly ", 700));
  slow.cut = 1;
  slow.piece = 1;
  slow.piece_pause = milliseconds(2);
  cases.push_back(resource_case(
      "1.6", "A message comes byte by byte, 2 ms apart",
      "A slow sender has as much right to an echo.", {"RFC6455-5.2-7", "RFC6455-6.2-1"},
      Need::sockets, {.steps = lives_through({slow, expect_message(Opcode::text, slow.payload)})}));
  // Every place at which a buffer is full comes, with frames of 251 bytes.
  cases.push_back(
      resource_case("1.3", "15,000 small messages come while nothing is read",
                    "Every frame is written whole, wherever the socket was full.",
                    {"RFC6455-5.4-5", "RFC6455-6.1-8"}, Need::sockets,
                    {.steps = echo("before") +
                              Steps{Reading{false}, Flood{.size = 247, .count = 15'000},
                                    Reading{true}, expect_echoes(milliseconds(60'000))} +
                              echo("after") + closed_cleanly()}));
  // Counters of 16 bits pass their end, where an endpoint is fast enough.
  Case count = resource_case("1.8", "66,000 messages are echoed", "There is no last message.",
                             {"RFC6455-5.6-2", "RFC6455-5.4-5"}, Need::sockets,
                             {.steps = echo("before") +
                                       Steps{Flood{.size = 6, .count = 66'000, .longest = 6000ms},
                                             expect_echoes(milliseconds(30'000))} +
                                       echo("after") + closed_cleanly()});
  count.alone = false;
  cases.push_back(std::move(count));
  Case gigabyte =
      resource_case("1.7", "1 GiB goes through one connection", "There is no last byte either.",
                    {"RFC6455-5.4-5", "RFC6455-6.1-8"}, Need::sockets,
                    {.steps = echo("before") +
                              Steps{Measure{.name = "before", .optional = true},
                                    Flood{.size = 1'000'000,
                                          .count = 1074,
                                          .patience = milliseconds(10'000),
                                          .longest = milliseconds(600'000)},
                                    Measure{.name = "after", .optional = true},
                                    expect_echoes(milliseconds(120'000))} +
                              echo("after") + closed_cleanly(),
                     .resources = {{.kind = Kind::memory,
                                    .spans = {{"before", "after"}},
                                    .most = 512 * kMiB,
                                    .why = "what was echoed is kept",
                                    .source = "RFC 6455 10.4"}}});
  gigabyte.tags.emplace_back(kOnRequest);
  cases.push_back(std::move(gigabyte));
}

/// More comes behind a message whose echo no socket holds, however much the system lends it: what
/// the endpoint has to send waits in its own memory.
void add_full_sockets(std::vector<Case>& cases) {
  const Payload large = repeat("0123456789abcdefghij", kMoreThanSocketsHold);
  const auto add = [&](const char* id, const std::string& what, const std::string& purpose,
                       std::vector<std::string> checks, const Steps& more, const Steps& answers) {
    const Steps held{Reading{false}, PutMessage{.type = Opcode::binary, .payload = large}};
    cases.push_back(resource_case(
        id, what + " while the echo of 4.5 MB is not read", purpose, std::move(checks),
        Need::sockets,
        {.steps = echo("before") + held + more +
                  Steps{Standstill{}, Rest{milliseconds(100)}, Reading{true}} + answers}));
    // Nothing is measured, and nothing but this shows a queue that is wrong.
    cases.back().alone = false;
  };
  Expect echoed = expect_message(Opcode::binary, large);
  echoed.within = milliseconds(30'000);

  Expect echoed_or_closed = echoed;
  echoed_or_closed.any.push_back({.kind = Reaction::Kind::close,
                                  .codes = {1000},
                                  .why = "the Close is answered before the message is"});
  echoed_or_closed.any.push_back(
      {.grade = Grade::non_strict,
       .kind = Reaction::Kind::close,
       .why = "the Close is answered before the message is, and by another code"});
  add("1.9", "A Close comes",
      "The Close that answers waits for its turn, and ends no frame before its last byte.",
      {"RFC6455-5.5.1-7", "RFC6455-5.4-6", "RFC6455-7.1.1-1"}, {PutClose{.code = 1000}},
      {echoed_or_closed, expect_close_answer(1000)});

  echoed = or_leaves(std::move(echoed));
  Expect echoed_or_pong = echoed;
  echoed_or_pong.any.push_back({.kind = Reaction::Kind::pong, .payload = text("late")});
  add("1.10", "A Ping comes", "A Pong is no part of the frame that is being written.",
      {"RFC6455-5.5.2-2", "RFC6455-5.4-6"}, {frame(Opcode::ping, text("late"))},
      Steps{echoed_or_pong, echoed_or_pong} + echo("after") + closed_cleanly());

  // By then a writer of its own is inside the frame.
  add("1.14", "A Ping comes after a while", "A Pong is no part of the frame that is being written.",
      {"RFC6455-5.5.2-2", "RFC6455-5.4-6"}, {Standstill{}, frame(Opcode::ping, text("late"))},
      Steps{echoed_or_pong, echoed_or_pong} + echo("after") + closed_cleanly());

  add("1.15", "A Close comes after a while",
      "The Close that answers waits for its turn, and ends no frame before its last byte.",
      {"RFC6455-5.5.1-7", "RFC6455-5.4-6", "RFC6455-7.1.1-1"},
      {Standstill{}, PutClose{.code = 1000}}, {echoed_or_closed, expect_close_answer(1000)});

  // "The endpoint MAY elect to send a Pong frame for only the most recently processed Ping"
  // (5.5.3).
  Expect echoed_or_pongs = echoed;
  echoed_or_pongs.any.push_back({.kind = Reaction::Kind::pong, .payload = text("and the third")});
  for (const char* earlier : {"one", "another"}) {
    echoed_or_pongs.any.push_back(
        {.kind = Reaction::Kind::pong, .payload = text(earlier), .goes_on = true});
  }
  add("1.17", "Three Pings come after a while", "Each Pong has the payload of its own Ping.",
      {"RFC6455-5.5.2-2", "RFC6455-5.5.3-1"},
      {Standstill{}, frame(Opcode::ping, text("one")), frame(Opcode::ping, text("another")),
       frame(Opcode::ping, text("and the third"))},
      Steps{echoed_or_pongs, echoed_or_pongs} + echo("after") + closed_cleanly());

  Steps messages;
  Steps echoes;
  for (int i = 0; i < 20; ++i) {
    const Payload words = text("small message " + std::to_string(i));
    messages += Steps{PutMessage{.payload = words}};
    echoes += Steps{expect_message(Opcode::text, words)};
  }
  add("1.11", "Twenty messages come", "Messages stay whole and in order.",
      {"RFC6455-5.4-5", "RFC6455-5.4-6"}, messages,
      Steps{echoed} + echoes + echo("after") + closed_cleanly());

  // Nobody has a reason to leave this peer: it reads, though the socket is full most of the time.
  Expect taken = expect_message(Opcode::binary, large);
  taken.within = milliseconds(30'000);
  cases.push_back(resource_case(
      "1.16", "Twenty messages come while the echo of 4.5 MB is read in pieces",
      "Messages stay whole and in order.", {"RFC6455-5.4-5", "RFC6455-5.4-6"}, Need::sockets,
      {.steps = echo("before") +
                Steps{Reading{false}, PutMessage{.type = Opcode::binary, .payload = large},
                      Standstill{}, Reading{.piece = 65'536, .pause = milliseconds(2)}} +
                messages + Steps{taken} + echoes + Steps{Reading{true}} + echo("after") +
                closed_cleanly()}));
  cases.back().alone = false;

  Expect before_end = echoed_or_closed;
  before_end.any.push_back({.grade = Grade::non_strict,
                            .kind = Reaction::Kind::end,
                            .why = "the endpoint ends TCP at once when its peer does",
                            .source = "RFC 6455 5.5.1"});
  Expect answered = expect_close_answer(1000);
  answered.any.push_back(before_end.any.back());
  add("1.12", "A Close and the end of the peer's side of TCP come",
      "A Close is answered in its turn, and one side of TCP is enough for that.",
      {"RFC6455-5.5.1-7", "RFC6455-7.1.1-1"}, {PutClose{.code = 1000}, HalfClose{}},
      {before_end, answered});
  cases.back().level = Level::should;

  Steps mixed;
  Steps mixed_echoes{echoed};
  char letter = 'a';
  for (const std::uint64_t size : {60'000U, 3U, 5000U, 0U, 126U, 9000U, 1U, 70'000U, 4096U, 125U,
                                   65'536U, 17U, 20'000U, 2U, 130'000U, 5U}) {
    const auto type = size % 2 == 0 ? Opcode::text : Opcode::binary;
    const Payload words = repeat(std::string(1, letter++), size);
    mixed += Steps{PutMessage{.type = type, .payload = words}};
    mixed_echoes += Steps{expect_message(type, words)};
  }
  add("1.13", "Short and long messages come in turns",
      "Messages stay in order, whatever their size.", {"RFC6455-5.4-5", "RFC6455-5.4-6"}, mixed,
      mixed_echoes + echo("after") + closed_cleanly());
}

/// Frames and messages that are announced, and never come.
void add_announced(std::vector<Case>& cases) {
  int number = 0;
  for (const std::uint64_t length : {64 * kMiB, 512 * kMiB, 2048 * kMiB}) {
    Expect either = expect_too_big(milliseconds(700));
    either.any.push_back({.kind = Reaction::Kind::silence, .why = "the rest is waited for"});
    cases.push_back(resource_case(
        "2." + std::to_string(++number),
        "A frame announces " + std::to_string(length / kMiB) + " MiB, and brings 1000 bytes",
        "Memory is for what has come, not for what was announced.",
        {"RFC6455-10.4-1", "RFC6455-10.4-2"}, Need::process,
        {.steps = echo("before") +
                  Steps{Measure{"before"},
                        PutFrame{.opcode = 2, .payload = repeat("x", 1000), .announced = length},
                        either, Measure{"after"}},
         .keeps_close_open = true,
         .resources = {{.kind = Kind::memory,
                        .spans = {{"before", "after"}},
                        .most = 24 * kMiB,
                        .why = "memory is taken for what was only announced",
                        .source = "RFC 6455 10.4"}}}));
  }
}

/// `make` sends something of a size, and waits until it is through. The large one is eight times
/// as much as the small one; a square would take 64 times as long.
Dialogue compared(const std::function<Steps(std::size_t size)>& make, std::size_t size) {
  Steps steps = echo("before");
  const auto measured = [&](const std::string& name, std::size_t bytes) {
    steps += Steps{Measure{name}} + make(bytes) + Steps{Measure{name + " done"}};
  };
  measured("warm-up", size);
  for (const std::string round : {"1", "2"}) {
    measured("small " + round, size);
    measured("large " + round, 8 * size);
  }
  return {.steps = std::move(steps),
          .resources = {{.kind = Kind::growth,
                         .spans = {{"small 1", "small 1 done"}, {"small 2", "small 2 done"}},
                         .larger = {{"large 1", "large 1 done"}, {"large 2", "large 2 done"}},
                         .most = 14,
                         .why = "eight times as much takes more than 14 times as long",
                         .source = "RFC 6455 10.4"}}};
}

void add_growth(std::vector<Case>& cases) {
  const std::string purpose = "The time that something takes grows with its size, not its square.";
  const auto in_pieces = [](std::size_t size) {
    PutFrame pieces = frame(Opcode::binary, repeat("0123456789abcdefghij", size));
    pieces.cut = 1000;
    pieces.piece = 1000;
    pieces.piece_pause = milliseconds(1);
    Expect echoed = expect_message(Opcode::binary, pieces.payload);
    echoed.within = milliseconds(30'000);
    return Steps{pieces, echoed};
  };
  Dialogue pieces = compared(in_pieces, 125'000);
  pieces.steps += closed_cleanly();
  cases.push_back(resource_case("3.1", "A frame comes in pieces, and one eight times as long",
                                purpose, {"RFC6455-10.4-1", "RFC6455-6.2-1"}, Need::process,
                                std::move(pieces)));
  const auto in_fragments = [](std::size_t count) {
    const Payload payload = repeat("fragment ", count);
    Expect echoed = expect_message(Opcode::binary, payload);
    echoed.within = milliseconds(30'000);
    return Steps{PutMessage{.type = Opcode::binary,
                            .payload = payload,
                            .fragments = std::vector<std::uint64_t>(count - 1, 1)},
                 echoed};
  };
  Dialogue fragments = compared(in_fragments, 2000);
  fragments.steps += closed_cleanly();
  cases.push_back(
      resource_case("3.2", "A message comes in fragments, and one of eight times as many", purpose,
                    {"RFC6455-10.4-1", "RFC6455-5.4-2"}, Need::process, std::move(fragments)));
  const auto head = [](std::size_t size) {
    return Steps{Crowd{.act = Crowd::Act::head, .size = size}};
  };
  Dialogue heads = compared(head, 32'768);
  heads.steps += closed_cleanly();
  cases.push_back(of_servers(
      resource_case("3.3", "A request comes in pieces, and one eight times as long", purpose,
                    {"RFC6455-10.4-1", "RFC6455-4.2.1-1"}, Need::process, std::move(heads))));
}

ResourceRule idle_between(std::vector<Span> spans, std::string why) {
  return {.kind = Kind::idleness,
          .spans = std::move(spans),
          .why = std::move(why),
          .source = "RFC 6455 7.1.1"};
}

/// An endpoint that has nothing to do does nothing.
Dialogue idle(Steps before, Steps after) {
  return {
      .steps = std::move(before) +
               Steps{Rest{milliseconds(200)}, Measure{"1"}, Rest{milliseconds(300)}, Measure{"2"},
                     Rest{milliseconds(300)}, Measure{"3"}} +
               std::move(after),
      .resources = {idle_between({{"1", "2"}, {"2", "3"}}, "the endpoint is busy with nothing")}};
}

void add_idleness(std::vector<Case>& cases) {
  const std::string purpose = "Who waits for nothing but the peer takes no processor.";
  const std::vector<std::string> checks{"RFC6455-7.1.1-4", "RFC6455-10.4-1"};
  cases.push_back(resource_case("4.1", "An open connection is idle", purpose, checks, Need::process,
                                idle(echo("before"), closed_cleanly())));
  PutFrame beginning = frame(Opcode::text, text("the beginning"));
  beginning.announced = 26;
  cases.push_back(resource_case("4.2", "Half a frame has come", purpose, checks, Need::process,
                                idle(echo("before") + Steps{beginning}, {})));
  cases.push_back(resource_case(
      "4.3", "A large echo waits for a peer that does not read", purpose, checks, Need::process,
      idle(echo("before") + Steps{Reading{false}, Flood{.size = 65'536,
                                                        .count = 256,
                                                        .patience = milliseconds(500),
                                                        .longest = milliseconds(4000)}},
           {})));
  struct Gone {
    const char* id = nullptr;
    const char* what = nullptr;
    Crowd::Act act{};
  };
  for (const Gone& gone :
       {Gone{"4.4", "reset the connection while their echo was written", Crowd::Act::reset},
        Gone{"4.5", "ended TCP without a Close", Crowd::Act::vanish},
        Gone{"4.6", "ended TCP inside the request", Crowd::Act::leave}}) {
    cases.push_back(of_servers(resource_case(gone.id, "Three peers have " + std::string(gone.what),
                                             purpose, checks, Need::process,
                                             idle(Steps{Crowd{.act = gone.act, .count = 3}}, {}))));
  }
  // Room to write is waited for, or has been; either way there is nothing to be done.
  const PutMessage large{.type = Opcode::binary,
                         .payload = repeat("0123456789abcdefghij", 2 * kMoreThanSocketsHold)};
  cases.push_back(resource_case(
      "4.14", "The peer has ended its side of TCP, and does not read a large echo", purpose, checks,
      Need::process,
      idle(echo("before") + Steps{Reading{false}, large, Rest{milliseconds(500)}, HalfClose{}},
           {})));
  Expect echoed = or_leaves(expect_message(Opcode::binary, large.payload));
  echoed.within = milliseconds(30'000);
  cases.push_back(resource_case(
      "4.15", "An open connection is idle behind a large echo that was not read at first", purpose,
      checks, Need::process,
      idle(echo("before") +
               Steps{Reading{false}, large, Rest{milliseconds(500)}, Reading{true}, echoed},
           closed_cleanly())));
  // A client may begin with the next case, which is as idle.
  for (const char* id : {"4.7", "4.8"}) {
    const bool is_first = std::string_view(id) == "4.7";
    Case left =
        resource_case(id,
                      is_first ? "The server has reset the connection while the echo was written"
                               : "An open connection is idle behind one that was reset",
                      purpose, checks, Need::process,
                      is_first ? idle(echo("before") + Steps{Reading{false},
                                                             Flood{.size = 65'536,
                                                                   .count = 96,
                                                                   .patience = milliseconds(300),
                                                                   .longest = milliseconds(3000)},
                                                             Abandon{}},
                                      {})
                               : idle(echo("before"), closed_cleanly()));
    left.only_for = Role::client;
    // A client that ends with its connection has nothing to be seen.
    for (DialogueStep& step : left.dialogue->steps) {
      if (auto* measure = std::get_if<Measure>(&step)) measure->optional = true;
    }
    cases.push_back(std::move(left));
  }
}

/// The beginning of a frame whose rest has not come, for as long as can be measured.
struct Begun {
  const char* state = nullptr;
  std::string bytes{};  ///< of the frames of one message, one after the other
};

/// An endpoint that waits inside a message, at the end of each of `parts`, does nothing. All of
/// them make one message of "hello".
Dialogue idle_inside(const std::vector<Begun>& parts) {
  Dialogue dialogue;
  dialogue.steps = echo("before");
  for (const Begun& part : parts) {
    const std::string state = part.state;
    if (!part.bytes.empty()) dialogue.steps.emplace_back(PutBytes{.bytes = text(part.bytes)});
    if (state.empty()) continue;
    dialogue.steps +=
        Steps{Rest{milliseconds(100)}, Measure{state + " 1"},   Rest{milliseconds(150)},
              Measure{state + " 2"},   Rest{milliseconds(150)}, Measure{state + " 3"}};
    dialogue.resources.push_back(
        idle_between({{state + " 1", state + " 2"}, {state + " 2", state + " 3"}},
                     "the endpoint is busy with nothing " + state));
  }
  Expect echoed = expect_message(Opcode::text, text("hello"));
  dialogue.steps += Steps{echoed} + closed_cleanly();
  return dialogue;
}

/// Endpoints that wait in the middle of something, in as few connections as may be: each state
/// takes a while in which nothing else is played.
void add_idle_states(std::vector<Case>& cases) {
  const std::string purpose = "Who waits for the rest looks at it when it comes.";
  const std::vector<std::string> checks{"RFC6455-7.1.1-4", "RFC6455-5.4-5"};
  for (const Role role : {Role::server, Role::client}) {
    // Frames to a server are masked, here with a key of zeros.
    const bool masked = role == Role::server;
    const auto length = [masked](unsigned size) {
      std::string bytes(1, static_cast<char>(size | (masked ? 0x80U : 0U)));
      if (masked) bytes.append(4, '\0');
      return bytes;
    };
    Dialogue plain = idle_inside({{"inside a header", "\x01"},
                                  {"", length(3) + "hel"},
                                  {"between two fragments", ""},
                                  {"inside the header of a Ping", "\x89"},
                                  {"", length(1) + "p"},
                                  {"inside the last fragment", "\x80" + length(2) + "l"},
                                  {"", "o"}});
    plain.steps.insert(plain.steps.end() - 3, expect_pong(text("p")));
    Case waits = resource_case(masked ? "4.9" : "4.10",
                               "A message comes in parts, with a while between them", purpose,
                               checks, Need::process, std::move(plain));
    waits.only_for = role;
    cases.push_back(std::move(waits));

    // RFC 7692 section 7.2.3.1: "Hello" in one block, here in lower case and two fragments.
    constexpr std::string_view kHello = "\xca\x48\xcd\xc9\xc9\x07";
    Dialogue compressed = idle_inside(
        {{"between compressed fragments", "\x41" + length(3) + std::string(kHello.substr(0, 3))},
         {"inside a compressed fragment", "\x80" + length(4) + std::string(kHello.substr(3, 2))},
         {"", std::string(kHello.substr(5)) + std::string(1, '\0')}});
    compressed.deflate = usual_deflate();
    Case inflates = resource_case(
        masked ? "4.11" : "4.12", "A compressed message comes in parts, with a while between them",
        purpose, {"RFC6455-7.1.1-4", "RFC7692-6.2-1"}, Need::process, std::move(compressed));
    inflates.only_for = role;
    cases.push_back(std::move(inflates));
  }
  // The first pause of a client is that before the response.
  Dialogue opening{
      .response_after = milliseconds(300),
      .head_piece = 40,
      .head_pause = milliseconds(250),
      .measures_pauses = true,
      .steps = lives_through({}),
      .resources = {idle_between({{"pause 2", "pause 2 over"}, {"pause 3", "pause 3 over"}},
                                 "the endpoint is busy with nothing inside a head")}};
  cases.push_back(resource_case("4.13", "A head comes in pieces, with a while between them",
                                purpose, checks, Need::process, std::move(opening)));
}

void add_descriptors(std::vector<Case>& cases) {
  struct Left {
    const char* id = nullptr;
    const char* what = nullptr;
    Crowd::Act act{};
    int count = 0;
  };
  for (const Left& left :
       {Left{"5.1", "a closing handshake", Crowd::Act::close, 100},
        Left{"5.2", "an end of TCP without a Close", Crowd::Act::vanish, 100},
        Left{"5.3", "a reset while an echo is written", Crowd::Act::reset, 12},
        Left{"5.4", "an end of TCP inside the request", Crowd::Act::leave, 100}}) {
    const Crowd crowd{.act = left.act, .count = left.count};
    cases.push_back(of_servers(resource_case(
        left.id, "Nothing is left of connections after " + std::string(left.what),
        "Who keeps a socket of each connection can have no more of them one day.",
        {"RFC6455-7.1.1-4", "RFC6455-5.5.1-12"}, Need::process,
        {.steps = echo("before") + Steps{crowd, Rest{milliseconds(300)}, Measure{"before"}, crowd,
                                         Rest{milliseconds(1500)}, Measure{"after"}},
         .resources = {{.kind = Kind::descriptors,
                        .spans = {{"before", "after"}},
                        .most = static_cast<std::uint64_t>(left.count) / 2,
                        .why = "descriptors of connections that have ended stay open",
                        .source = "RFC 6455 7.1.1"}}})));
  }
  const int count = 60;
  const Crowd resets{.act = Crowd::Act::reset, .count = count, .size = 21};
  const Crowd ends{.act = Crowd::Act::vanish, .count = count, .size = 21};
  cases.push_back(of_servers(resource_case(
      "5.5", "Nothing is left of connections after a reset or an end of TCP inside a message",
      "Who keeps a socket of each connection can have no more of them one day.",
      {"RFC6455-7.1.1-4", "RFC6455-5.5.1-12"}, Need::process,
      {.steps = echo("before") + Steps{resets, ends, Rest{milliseconds(300)}, Measure{"before"},
                                       resets, ends, Rest{milliseconds(1500)}, Measure{"after"}},
       .resources = {{.kind = Kind::descriptors,
                      .spans = {{"before", "after"}},
                      .most = static_cast<std::uint64_t>(count) / 2,
                      .why = "descriptors of connections that have ended stay open",
                      .source = "RFC 6455 7.1.1"}}})));

  // More for each connection than a right endpoint leaves to its collector of garbage.
  constexpr int kConnections = 200;
  constexpr std::uint64_t kOfEach = 128 * 1024;
  const Crowd closed{.act = Crowd::Act::close, .count = kConnections};
  Steps rounds = echo("before") + Steps{closed, Measure{"round 0"}};
  std::vector<Span> spans;
  for (int round = 1; round <= 5; ++round) {
    const std::string name = "round " + std::to_string(round);
    spans.push_back({"round " + std::to_string(round - 1), name});
    rounds += Steps{closed, Measure{name}};
  }
  cases.push_back(of_servers(
      resource_case("5.6", "Memory does not grow with connections that have ended",
                    "Who keeps something of each connection has no room for more of them one day.",
                    {"RFC6455-7.1.1-4", "RFC6455-10.4-1"}, Need::process,
                    {.steps = rounds,
                     .resources = {{.kind = Kind::memory,
                                    .spans = spans,
                                    .most = kConnections * kOfEach,
                                    .why = "memory grows with each 200 connections that have ended",
                                    .source = "RFC 6455 10.4"}}})));
}

void add_crowds(std::vector<Case>& cases) {
  cases.push_back(of_servers(resource_case(
      "6.1", "Two connections are open at once", "A server is there for more than one.",
      {"RFC6455-4.2.2-14"}, Need::sockets,
      {.steps =
           Steps{Crowd{.act = Crowd::Act::hold, .count = 2}} + echo("after") + closed_cleanly()})));
  cases.push_back(of_servers(
      resource_case("6.2", "A thousand connections are open at once, with an echo on each",
                    "How many there may be is the server's choice; each has its own state.",
                    {"RFC6455-4.2.2-14", "RFC6455-5.4-5"}, Need::sockets,
                    {.steps = Steps{Crowd{.act = Crowd::Act::hold, .count = 1000}} + echo("after") +
                              closed_cleanly()})));
}

}  // namespace

std::vector<Case> resource_cases() {
  std::vector<Case> cases;
  add_backpressure(cases);
  add_full_sockets(cases);
  add_announced(cases);
  add_growth(cases);
  add_idleness(cases);
  add_idle_states(cases);
  add_descriptors(cases);
  add_crowds(cases);
  return cases;
}

}  // namespace ws::conformance
