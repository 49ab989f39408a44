// Section 39: connections have nothing in common. What one has left behind, however it ended, shows
// in none that follows, and what happens on one shows on none beside it (RFC 6455 sections 1.2 and
// 4.1: each connection has its own handshake, and is a stream of frames by itself).
#include <string>
#include <utility>
#include <vector>

#include "conformance/cases/catalogue.hpp"
#include "conformance/cases/opening_sections.hpp"
#include "conformance/cases/parts.hpp"
#include "conformance/harness/bytes.hpp"

namespace ws::conformance {
namespace {

using Steps = std::vector<DialogueStep>;

PutFrame part(bool fin, unsigned opcode, const Payload& payload, unsigned rsv = 0) {
  return {.fin = fin, .rsv = rsv, .opcode = opcode, .payload = payload};
}

/// The beginning of a frame, of which there will be no more.
PutFrame begun(unsigned opcode, std::uint64_t announced) {
  return {.opcode = opcode, .payload = text("left"), .announced = announced};
}

const Payload kPhrase = text("A phrase that is sent on many connections, word by word.");
const Payload kFirstOfHello = hex("f2 48 cd");  // "Hello" compressed, but for its end

/// How a connection before was left.
struct Left {
  std::string how{};  ///< behind "after one that"
  Dialogue dialogue{};
  std::optional<Role> only_for{};
  bool inside_message = false;
};

Dialogue left(Steps steps) { return {.steps = std::move(steps), .own_cuts = true}; }

Dialogue left_with_deflate(Steps steps) {
  Dialogue dialogue = left(std::move(steps));
  dialogue.deflate = usual_deflate();
  return dialogue;
}

/// A head that does not end, or one that is no good; nobody waits for the answer.
Dialogue left_opening(Head request, Head response) {
  return {.request = std::move(request),
          .response = std::move(response),
          .answer = {.within = milliseconds(60)},
          .steps = {Rest{milliseconds(20)}, Reset{}},
          .own_cuts = true};
}

Head without_end(Head head) {
  head.end = "X-Half: a li";
  return head;
}

/// Small windows, and none of them kept.
Negotiation small_windows() {
  return {.offers = {"permessage-deflate; server_no_context_takeover; server_max_window_bits=9"},
          .wishes = {ServerWish{.needs_client_max_window_bits = true,
                                .client_no_context_takeover = true,
                                .client_max_window_bits = 9}}};
}

std::vector<Left> all_left() {
  const Steps pause{Rest{milliseconds(20)}};
  const Steps reset{Reset{}};
  const Steps ping = ping_answered(text("of an earlier connection"));
  Head with_protocol = good_request().with("Sec-WebSocket-Protocol: chat, superchat");
  Dialogue protocol = left_with_deflate(compressed_echo(kPhrase) + closed_cleanly());
  Dialogue forgetful = left(compressed_echo(kPhrase) + compressed_echo(kPhrase) + closed_cleanly());
  forgetful.deflate = small_windows();
  // A server may take this for leave to forget, and has to say so.
  forgetful.deflate->offers = {
      "permessage-deflate; server_no_context_takeover; client_no_context_takeover; "
      "server_max_window_bits=9; client_max_window_bits=9"};
  forgetful.deflate->wishes.front().server_no_context_takeover = true;
  protocol.request = with_protocol;
  protocol.answer.any.push_back({.kind = Reaction::Kind::refused});
  std::vector<Left> all{
      {.how = "was closed with 4000 and a long reason",
       .dialogue = left(echo("nothing left") +
                        closed_cleanly(4000, text("a reason of an earlier connection")))},
      {.how = "ended inside a text in fragments",
       .dialogue = left(Steps{part(false, 1, text("left ")), part(false, 0, text("behind"))} +
                        ping + reset),
       .inside_message = true},
      {.how = "ended inside a character",
       .dialogue = left(Steps{part(false, 1, text("left \xe2\x82"))} + ping),
       .inside_message = true},
      {.how = "ended inside a binary message",
       .dialogue = left(Steps{part(false, 2, hex("00ff00"))} + ping + reset),
       .inside_message = true},
      {.how = "ended behind the first byte of a frame",
       .dialogue = left(echo("before") + Steps{PutBytes{hex("81")}} + pause)},
      {.how = "ended inside the length of a frame",
       .dialogue = left(echo("before") + Steps{PutBytes{hex("82 fe 01")}} + pause + reset),
       .only_for = Role::server},
      {.how = "ended inside the length of a frame",
       .dialogue = left(echo("before") + Steps{PutBytes{hex("82 7e 01")}} + pause + reset),
       .only_for = Role::client},
      {.how = "ended inside the masking key of a frame",
       .dialogue = left(echo("before") + Steps{PutBytes{hex("81 85 12 34")}} + pause),
       .only_for = Role::server},
      {.how = "ended inside the payload of a text",
       .dialogue = left(echo("before") + Steps{begun(1, 26)} + pause + reset)},
      {.how = "ended inside the payload of a long binary frame",
       .dialogue = left(echo("before") + Steps{begun(2, 70'001)} + pause)},
      {.how = "ended inside a Ping", .dialogue = left(ping + Steps{begun(9, 21)} + pause + reset)},
      {.how = "ended inside a Close",
       .dialogue = left(echo("before") + Steps{begun(8, 22)} + pause)},
      {.how = "ended inside a compressed message",
       .dialogue = left_with_deflate(Steps{part(false, 1, kFirstOfHello, 4)} + ping + reset),
       .inside_message = true},
      {.how = "ended behind compressed messages",
       .dialogue = left_with_deflate(compressed_echo(kPhrase) + compressed_echo(text(noise(500))) +
                                     compressed_echo(kPhrase))},
      {.how = "failed at an illegal frame",
       .dialogue = left(echo("before") + Steps{part(true, 3, text("x")), expect_failure()})},
      {.how = "failed at a text that is not UTF-8",
       .dialogue =
           left(Steps{part(false, 1, text("a")), part(true, 0, hex("c3 28")), expect_failure()})},
      {.how = "failed at bad compressed data",
       .dialogue =
           left_with_deflate(compressed_echo(kPhrase) +
                             Steps{part(true, 1, hex("07 ff ff ff"), 4), expect_failure()})},
      {.how = "was closed with more behind its Close",
       .dialogue = left(echo("before") + Steps{PutClose{.code = 1001, .reason = text("and more")},
                                               PutMessage{.payload = text("behind")}, begun(2, 300),
                                               expect_close_answer(1001)})},
      {.how = "was closed inside a message",
       .dialogue = left(Steps{part(false, 2, text("left behind"))} + closed_inside_message(1000)),
       .inside_message = true},
      {.how = "was reset while a long echo was on its way",
       .dialogue = left(Steps{Reading{false},
                              PutMessage{.type = Opcode::binary, .payload = repeat("L", 200'000)}} +
                        pause + reset)},
      {.how = "ended behind a long text without a Close",
       .dialogue = left(ping + echo(Opcode::text, repeat("long and left behind, ", 70'000)))},
      {.how = "ended inside the head of its opening handshake",
       .dialogue = left_opening(without_end(good_request()), without_end(good_response()))},
      {.how = "had a bad opening handshake",
       .dialogue = left_opening(
           good_request().set("Sec-WebSocket-Version", "12"),
           good_response().set("Sec-WebSocket-Accept", "AAAAAAAAAAAAAAAAAAAAAAAAAAA="))},
      {.how = "had a subprotocol and compression, and was closed", .dialogue = protocol},
      {.how = "had small windows that were not kept", .dialogue = forgetful},
  };
  return all;
}

/// What is asked of the connection that follows.
struct Fresh {
  std::string what{};
  std::vector<std::string> checks{};
  Dialogue dialogue{};
};

std::vector<Fresh> all_fresh() {
  const std::vector<std::string> checks{"RFC6455-5.6-1", "RFC6455-5.4-2", "RFC6455-5.5.2-2"};
  const Payload words = text("one, two \xe2\x82\xac");
  const Payload bytes = hex("00 01 ff");
  const Steps fragments{part(false, 1, text("one, ")), part(false, 0, text("two \xe2")),
                        part(true, 0, hex("82 ac")), expect_message(Opcode::text, words)};
  Dialogue first_text =
      left(ping_answered(text("p")) + echo("a") + fragments + echo(Opcode::binary, bytes) +
           echo("") + ping_answered(text("")) + echo(Opcode::text, repeat("more ", 300)) +
           closed_cleanly(std::nullopt));
  Dialogue first_binary =
      left(Steps{part(false, 2, hex("00")), part(true, 0, hex("01 ff")),
                 expect_message(Opcode::binary, bytes)} +
           echo("b") + ping_answered(text("q")) + closed_cleanly(1000, text("r")));
  Dialogue deflate = left_with_deflate(compressed_echo(kPhrase) + compressed_echo(kPhrase, {1, 2}) +
                                       echo("plain") + compressed_echo(text("")) +
                                       compressed_echo(kPhrase) + closed_cleanly());
  const Payload window = text(noise(700) + noise(700));
  Dialogue small = left(compressed_echo(kPhrase) + compressed_echo(kPhrase) +
                        compressed_echo(window) + compressed_echo(window) + closed_cleanly());
  small.deflate = small_windows();
  return {{"A connection works", checks, first_text},
          {"A connection that begins with a binary message works", checks, first_binary},
          {"A connection with compression works", {"RFC7692-7.2.2-4", "RFC7692-6.2-1"}, deflate},
          {"A connection with small windows that are not kept works",
           {"RFC7692-7.1.1.1-2", "RFC7692-7.1.2.1-3"},
           small}};
}

/// What is legal only as the rest of what an earlier connection began.
std::vector<Fresh> all_rests() {
  const Expect failure = expect_failure();
  const Payload probe = *failure.any.back().payload;
  const auto failing = [&](Steps steps, std::uint16_t code, const char* source) {
    Expect expect = expect_failure({code}, source);
    if (code == 1007) {
      Reaction& pong = expect.any.back();
      pong.grade = Grade::non_strict;
      pong.goes_on = true;
      pong.why = "the Ping behind the illegal message is answered before the connection is failed";
    }
    return left(std::move(steps) + Steps{frame(Opcode::ping, probe), expect});
  };
  Dialogue distance = failing({part(true, 1, hex("f2 00 11 00 00"), 4)}, 1007, "RFC 7692 7.2.2");
  distance.deflate = usual_deflate();
  return {
      {"A continuation",
       {"RFC6455-5.4-15"},
       failing({part(true, 0, text("rest"))}, 1002, "RFC 6455 5.4")},
      {"A text that begins with the rest of a character",
       {"RFC6455-8.1-1"},
       failing({part(true, 1, hex("ac 61"))}, 1007, "RFC 6455 8.1")},
      {"RSV1 without an extension",
       {"RFC6455-5.2-3"},
       failing({part(true, 1, hex("f2 48 cd c9 c9 07 00"), 4)}, 1002, "RFC 6455 5.2")},
      {"A compressed message that refers to bytes before its connection began",
       {"RFC7692-7.2.2-4"},
       distance},
  };
}

Case connection_case(std::string id, std::string title, std::string purpose,
                     std::vector<std::string> checks, Dialogue dialogue) {
  return {.id = "39." + std::move(id),
          .title = std::move(title),
          .purpose = std::move(purpose),
          .checks = std::move(checks),
          .tags = {"connections"},
          .dialogue = std::move(dialogue)};
}

void add_successors(std::vector<Case>& cases) {
  int number = 0;
  for (const Left& before : all_left()) {
    ++number;
    const std::string behind = " after one that " + before.how;
    int kind = 0;
    const auto add = [&](const Fresh& fresh, const std::string& title) {
      cases.push_back(connection_case("1." + std::to_string(number) + "." + std::to_string(++kind),
                                      title, "Nothing is left of a connection that has ended.",
                                      fresh.checks, fresh.dialogue));
      cases.back().only_for = before.only_for;
      cases.back().earlier = {before.dialogue};
    };
    for (const Fresh& fresh : all_fresh()) {
      // Parameters are kept, if at all, by connections that agreed on some.
      if (fresh.what.contains("small") && !before.dialogue.deflate) continue;
      add(fresh, fresh.what + behind);
    }
    const std::vector<Fresh> rests = all_rests();
    const auto fails = [&](const Fresh& rest) {
      add(rest, rest.what + " fails the connection" + behind);
    };
    if (before.inside_message) {
      fails(rests[0]);
      fails(rests[1]);
    }
    if (before.how.starts_with("had small windows")) {
      const Payload window = text(noise(700) + noise(700));
      Dialogue wide =
          left_with_deflate(compressed_echo(window) + compressed_echo(kPhrase) +
                            compressed_echo(window) + compressed_echo(kPhrase) + closed_cleanly());
      add({"A connection with windows that are kept works", {"RFC7692-7.2.2-4"}, wide},
          "A connection with windows that are kept works" + behind);
    }
    if (before.dialogue.deflate) {
      fails(rests[2]);
      fails(rests[3]);
    }
  }
  // An object may be used again only once several have been given back.
  const Dialogue plain = left(echo("one of many") + closed_cleanly());
  std::vector<Dialogue> many(12, plain);
  const auto all = all_left();
  for (std::size_t i = 0; i < many.size(); i += 2) many[i] = all[1 + i].dialogue;
  for (Dialogue& dialogue : many) dialogue.deflate.reset();
  const std::vector<Fresh> fresh = all_fresh();
  for (int i = 0; i < 3; ++i) {
    const Fresh& each = fresh[static_cast<std::size_t>(i)];
    cases.push_back(connection_case(
        "2." + std::to_string(i + 1), each.what + " after many that ended in many ways",
        "Nothing is left of connections that have ended.", each.checks, each.dialogue));
    cases.back().earlier = many;
  }
  Case ordinary =
      connection_case("2.4", "A request without Upgrade is refused after one that was upgraded",
                      "Nothing is left of connections that have ended.", {"RFC6455-4.2.1-7"},
                      {.request = good_request().without("Upgrade"),
                       .answer = expect_no_upgrade(good_request().without("Upgrade"), {})});
  ordinary.only_for = Role::server;
  ordinary.earlier = {plain};
  cases.push_back(std::move(ordinary));
  // Whoever keeps answers for keys has to find them by the whole key.
  Dialogue first_key = plain;
  first_key.request = good_request().set("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
  const std::pair<const char*, const char*> keys[] = {
      {"DgHLihnHBxbSzsbUB25JzQ==", "the case of its letters"},
      {"dGhlIHNhbXBsZSBub25jZA==", "its last letter"},
      {"eGhlIHNhbXBsZSBub25jZQ==", "its first letter"},
  };
  int key_number = 4;
  for (const auto& [key, difference] : keys) {
    Dialogue like_it = left(echo("of another key") + closed_cleanly());
    like_it.request = good_request().set("Sec-WebSocket-Key", key);
    cases.push_back(connection_case(
        "2." + std::to_string(++key_number),
        std::string("A key is answered after one that differs in ") + difference + " alone",
        "Nothing is left of connections that have ended.", {"RFC6455-4.2.2-17"}, like_it));
    cases.back().only_for = Role::server;
    cases.back().earlier = {first_key};
  }
}

void add_neighbours(std::vector<Case>& cases) {
  int number = 0;
  const auto add = [&](std::string title, std::vector<std::string> checks, Dialogue dialogue,
                       std::vector<Dialogue> beside) {
    cases.push_back(connection_case("3." + std::to_string(++number), std::move(title),
                                    "What happens on one connection shows on no other.",
                                    std::move(checks), std::move(dialogue)));
    cases.back().only_for = Role::server;
    cases.back().beside = std::move(beside);
  };
  const Steps gather{Gather{}};
  const Steps end = gather + closed_cleanly();
  const std::vector<std::string> checks{"RFC6455-5.6-1", "RFC6455-5.4-2"};

  Steps mine = gather;
  Steps theirs = gather;
  for (int i = 0; i < 6; ++i) {
    mine += echo("mine " + std::to_string(i)) + gather + gather;
    theirs += gather + echo("theirs " + std::to_string(i)) + gather;
  }
  add("Two connections take turns", checks, left(mine + echo("my last") + end),
      {left(theirs + echo("their last") + end)});

  std::vector<Dialogue> crowd;
  for (int i = 0; i < 8; ++i) {
    const std::string name = "of connection " + std::to_string(i) + " ";
    Steps steps = gather;
    for (int k = 0; k < 10; ++k) {
      steps += echo(Opcode::text, repeat(name, static_cast<std::uint64_t>(20 * k + i))) +
               ping_answered(text(name + std::to_string(k)));
    }
    crowd.push_back(left(steps + end));
  }
  const Dialogue first = crowd.front();
  crowd.erase(crowd.begin());
  add("Eight connections send messages and Pings at once", {"RFC6455-5.6-1", "RFC6455-5.5.2-2"},
      first, crowd);

  const auto in_parts = [&](const std::vector<Payload>& parts, unsigned opcode, bool is_first) {
    Steps steps = gather;
    std::string whole;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const bool is_last = i + 1 == parts.size();
      const Steps frame_of{part(is_last, i == 0 ? opcode : 0, parts[i])};
      steps += is_first ? frame_of + gather + gather : gather + frame_of + gather;
      whole += text_of(expand(parts[i]));
    }
    return left(steps + Steps{expect_message(static_cast<Opcode>(opcode), text(whole))} +
                echo("after") + end);
  };
  add("Fragments of two texts come in turns", checks,
      in_parts({text("my "), text("text "), text("in parts")}, 1, true),
      {in_parts({text("their "), text("other "), text("text")}, 1, false)});
  add("Fragments of a text and a binary message come in turns", checks,
      in_parts({text("my "), text("text "), text("in parts")}, 1, true),
      {in_parts({hex("ff 00"), hex("fe 80"), hex("c0")}, 2, false)});
  add("Two texts are cut inside their characters in turns", {"RFC6455-8.1-1", "RFC6455-5.4-2"},
      in_parts({text("\xe2"), text("\x82\xac \xf0\x9f"), text("\x9a\x80")}, 1, true),
      {in_parts({text("\xf0\x9f"), text("\x9a\x80 \xc3"), text("\xa9")}, 1, false)});

  // "82" and the rest of the frame; the other connection's comes between.
  const auto cut_at = [&](const std::string& bytes, std::size_t cut, const Expect& answer,
                          bool is_first) {
    const Steps one{PutBytes{text(bytes.substr(0, cut))}, Rest{milliseconds(10)}};
    const Steps two{PutBytes{text(bytes.substr(cut))}, Rest{milliseconds(10)}};
    const Steps turns = is_first ? one + gather + gather + two + gather + gather
                                 : gather + one + gather + gather + two + gather;
    return left(echo("before") + gather + turns + Steps{answer} + echo("after") + end);
  };
  // Each with a key of its own, or a server that keeps one key for all would not be seen.
  const auto masked = [](unsigned opcode, const std::string& key, const std::string& words) {
    std::string bytes{static_cast<char>(0x80U | opcode), static_cast<char>(0x80U | words.size())};
    bytes += key;
    for (std::size_t i = 0; i < words.size(); ++i) {
      bytes += static_cast<char>(words[i] ^ key[i % key.size()]);
    }
    return bytes;
  };
  const std::string my_key = "\x37\xfa\x21\x3d";
  const std::string their_key = "\x5c\x0d\x99\xe2";
  const std::string my_frame = masked(2, my_key, "mine");
  const std::string their_frame = masked(2, their_key, "theirs");
  for (const std::size_t cut : {1U, 2U, 4U, 7U}) {
    add("Two connections are inside a frame, behind " + std::to_string(cut) + " bytes",
        {"RFC6455-5.2-7", "RFC6455-5.6-2"},
        cut_at(my_frame, cut, expect_message(Opcode::binary, text("mine")), true),
        {cut_at(their_frame, cut, expect_message(Opcode::binary, text("theirs")), false)});
  }

  const Payload my_phrase = text("A phrase of mine, a phrase of mine, and one more of mine.");
  const Payload their_phrase = text("What others say, what others say, and what they say again.");
  const auto deflated = [&](const Payload& payload, bool is_first) {
    Steps steps = gather;
    for (int i = 0; i < 4; ++i) {
      const Steps turn = compressed_echo(
          payload, i % 2 == 0 ? std::vector<std::uint64_t>{} : std::vector<std::uint64_t>{2, 3});
      steps += is_first ? turn + gather + gather : gather + turn + gather;
    }
    return left_with_deflate(steps + end);
  };
  add("Two connections with compression take turns", {"RFC7692-7.2.2-4", "RFC7692-6.2-1"},
      deflated(my_phrase, true), {deflated(their_phrase, false)});
  const auto inside_deflated = [&](bool is_first) {
    const Steps one{part(false, 1, kFirstOfHello, 4)};
    const Steps two{part(true, 0, hex("c9 c9 07 00")), expect_message(Opcode::text, text("Hello"))};
    return left_with_deflate(
        gather +
        (is_first ? one + gather + gather + two + gather : gather + one + gather + gather + two) +
        compressed_echo(my_phrase) + end);
  };
  add("Two connections are inside a compressed message", {"RFC7692-7.2.2-4", "RFC7692-6.2-2"},
      inside_deflated(true), {inside_deflated(false)});
  add("A connection with compression is beside one without", {"RFC6455-9.1-4", "RFC7692-6.1-3"},
      left(gather + echo(Opcode::text, repeat("plain ", 300)) + gather +
           echo(Opcode::text, repeat("plain ", 300)) + end),
      {left_with_deflate(gather + compressed_echo(their_phrase) + gather +
                         compressed_echo(their_phrase) + end)});

  const Steps lives = gather + echo("before") + gather + gather + echo("after") +
                      ping_answered(text("p")) + closed_cleanly();
  const auto leaves = [&](const Steps& steps) {
    return left(gather + echo("here") + gather + steps + gather);
  };
  add("The connection beside is closed", {"RFC6455-5.6-1", "RFC6455-7.1.1-2"}, left(lives),
      {left(gather + echo("here") + gather + closed_cleanly(4001))});
  add("The connection beside fails", {"RFC6455-5.6-1", "RFC6455-7.1.7-1"}, left(lives),
      {left(gather + echo("here") + gather + Steps{part(true, 0, text("x")), expect_failure()})});
  add("The connection beside fails at its text", {"RFC6455-5.6-1", "RFC6455-8.1-1"}, left(lives),
      {left(gather + echo("here") + gather +
            Steps{part(true, 1, hex("ff")), expect_failure({1007})})});
  add("The connection beside is reset", {"RFC6455-5.6-1", "RFC6455-7.2.1-2"}, left(lives),
      {leaves({part(false, 1, text("left")), Rest{milliseconds(20)}, Reset{}})});
  add("The connection beside ends without a Close", {"RFC6455-5.6-1", "RFC6455-7.2.1-2"},
      left(lives), {leaves({begun(1, 100), Rest{milliseconds(20)}})});

  // A server that does one thing at a time would be busy with the connection beside.
  Steps soon = gather + gather + echo("meanwhile") + ping_answered(text("p"));
  for (DialogueStep& step : soon) {
    if (auto* expect = std::get_if<Expect>(&step)) expect->within = milliseconds(3000);
  }
  add("The connection beside is inside a frame", {"RFC6455-5.6-1"},
      left(soon + gather + closed_cleanly()),
      {left(gather + Steps{begun(2, 1000), Rest{milliseconds(20)}} + gather + gather +
            Steps{Reset{}})});
  Dialogue slow = left(gather + closed_cleanly());
  slow.head_piece = 20;
  slow.head_pause = milliseconds(400);
  Steps early{Rest{milliseconds(300)}};
  early += echo("meanwhile") + closed_cleanly();
  std::get<Expect>(early[2]).within = milliseconds(1500);
  Dialogue meanwhile = left(early);
  meanwhile.answer.within = milliseconds(1500);
  add("The connection beside sends its request slowly", {"RFC6455-5.6-1"}, meanwhile, {slow});
  add("The connection beside is inside a message", {"RFC6455-5.6-1"},
      left(soon + gather + closed_cleanly()),
      {left(
          gather + Steps{part(false, 2, text("begun "))} + ping_answered(text("q")) + gather +
          gather +
          Steps{part(true, 0, text("ended")), expect_message(Opcode::binary, text("begun ended"))} +
          closed_cleanly())});
  const Flood flood{
      .size = 65'536, .count = 256, .patience = milliseconds(300), .longest = milliseconds(3000)};
  add("The connection beside reads none of its echoes", {"RFC6455-5.6-1"},
      left(soon + gather + closed_cleanly()),
      {left(gather + Steps{Reading{false}, flood} + gather + gather + Steps{Reset{}})});
  cases.back().needs = {Need::sockets};
  cases.back().alone = true;  // a server that it stops would fail in what is played meanwhile

  // What cannot be told from what one has in common with the other is not seen above.
  for (const std::size_t cut : {4U, 8U}) {
    add("Two connections are inside a Ping, behind " + std::to_string(cut) + " bytes",
        {"RFC6455-5.2-7", "RFC6455-5.5.2-2"},
        cut_at(masked(9, my_key, "mine"), cut, expect_pong(text("mine")), true),
        {cut_at(masked(9, their_key, "theirs"), cut, expect_pong(text("theirs")), false)});
  }
  const Steps plain_parts{part(false, 1, text("plain ")), Rest{milliseconds(10)}};
  const Steps plain_end{part(true, 0, text("text")),
                        expect_message(Opcode::text, text("plain text"))};
  const Steps hello_parts{part(false, 1, kFirstOfHello, 4), Rest{milliseconds(10)}};
  const Steps hello_end{part(true, 0, hex("c9 c9 07 00")),
                        expect_message(Opcode::text, text("Hello"))};
  add("A connection is inside a compressed message, and one beside it inside a plain one",
      {"RFC7692-7.2.2-4", "RFC7692-6.2-2"},
      left_with_deflate(gather + hello_parts + gather + gather + hello_end + gather +
                        compressed_echo(my_phrase) + end),
      {left_with_deflate(gather + gather + plain_parts + gather + gather + plain_end +
                         compressed_echo(their_phrase) + end)});
  Dialogue refused{.request = good_request().without("Upgrade"),
                   .answer = expect_no_upgrade(good_request().without("Upgrade"), {})};
  refused.head_piece = 40;
  refused.head_pause = milliseconds(20);
  add("The connection beside is refused", {"RFC6455-5.6-1", "RFC6455-4.2.1-7"}, left(lives),
      {refused});
  Steps same = gather;
  for (int i = 0; i < 3; ++i) {
    same += echo(Opcode::text, repeat("the same words on both connections ", 400)) + gather;
  }
  add("Two connections send the same", {"RFC6455-5.6-1"}, left(same + end), {left(same + end)});
  add("The second of three connections is closed", {"RFC6455-5.6-1", "RFC6455-7.1.1-2"},
      left(lives), {left(gather + echo("here") + gather + closed_cleanly()), left(lives)});
  add("The second of three connections is reset", {"RFC6455-5.6-1", "RFC6455-7.2.1-2"}, left(lives),
      {leaves({begun(1, 100), Rest{milliseconds(20)}, Reset{}}), left(lives)});
  add("The first of three connections is closed", {"RFC6455-5.6-1", "RFC6455-7.1.1-2"},
      left(gather + echo("here") + gather + closed_cleanly()), {left(lives), left(lives)});

  // The server keeps what is left of each echo.
  const auto reads_late = [&](const char* words, const Steps& meanwhile_here) {
    const PutMessage large{.type = Opcode::binary, .payload = repeat(words, kMoreThanSocketsHold)};
    Expect echoed = or_leaves(expect_message(large.type, large.payload));
    echoed.within = milliseconds(30'000);
    return left(gather + Steps{Reading{false}, large} + meanwhile_here +
                Steps{Reading{true}, echoed} + closed_cleanly());
  };
  const Steps both_rest = Steps{Rest{milliseconds(200)}} + gather;
  add("Two connections read nothing of a large echo at first", checks,
      reads_late("mine ", both_rest), {reads_late("theirs ", both_rest)});
  cases.back().needs = {Need::sockets};

  // Browsers open connections ahead of what they will ask for. A server may tire of them.
  Expect nothing{.any = {{}}, .within = milliseconds(1900)};
  for (const auto kind : {Reaction::Kind::refused, Reaction::Kind::end, Reaction::Kind::reset}) {
    nothing.any.push_back({.kind = kind});
  }
  const Dialogue silent{.request = Head{.line_end = "", .end = ""},
                        .answer = nothing,
                        .steps = {Reset{}},
                        .own_cuts = true};
  add("The connection beside has sent nothing yet", {"RFC6455-5.6-1"}, meanwhile, {silent});

  // The same where the other one came first: who takes requests in the order of their connections
  // has only those wait that came later.
  slow.head_piece = 60;
  slow.head_pause = milliseconds(900);
  add("A connection that came before sends its request slowly", {"RFC6455-5.6-1"}, slow,
      {meanwhile});
  add("A connection that came before has sent nothing yet", {"RFC6455-5.6-1"}, silent, {meanwhile});

  // A writer that waits for one connection is no reason for the others to wait.
  add("The connection beside does not read a large echo yet", {"RFC6455-5.6-1"},
      left(soon + gather + closed_cleanly()),
      {reads_late("0123456789", Steps{Standstill{}} + gather + gather)});
  cases.back().needs = {Need::sockets};
}

}  // namespace

std::vector<Case> connection_cases() {
  std::vector<Case> cases;
  add_successors(cases);
  add_neighbours(cases);
  return cases;
}

}  // namespace ws::conformance
