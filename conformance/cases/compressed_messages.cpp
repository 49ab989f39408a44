// Section 29: what compressed messages may be made of, and what they may not (RFC 7692 sections 6
// and 7.2).
#include "conformance/cases/catalogue.hpp"
#include "conformance/cases/parts.hpp"

namespace ws::conformance {
namespace {

using Steps = std::vector<DialogueStep>;

constexpr std::string_view kHello = "f2 48 cd c9 c9 07 00";
constexpr std::string_view kFinalHello = "f3 48 cd c9 c9 07 00";

/// Dialogues need permessage-deflate as it is without parameters.
Case compressed_case(std::string id, std::string title, std::string purpose,
                     std::vector<std::string> checks, Steps steps,
                     std::string offer = "permessage-deflate") {
  return {.id = "29." + std::move(id),
          .title = std::move(title),
          .purpose = std::move(purpose),
          .checks = std::move(checks),
          .tags = {"deflate"},
          .dialogue = Dialogue{.deflate = Negotiation{.offers = {std::move(offer)},
                                                      .wishes = {ServerWish{.takes_hint = true}}},
                               .steps = std::move(steps)}};
}

/// `deflated`, in hex, as a text, and the echo of what it says.
Steps given(std::string_view deflated, std::string_view words,
            std::vector<std::uint64_t> fragments = {}) {
  return given_echo(words, hex(deflated), std::move(fragments));
}

PutMessage only_given(std::string_view deflated) {
  return {.payload = {}, .coding = PutMessage::Coding::given, .deflated = hex(deflated)};
}

/// Letters out of the first `kinds` of the alphabet.
std::string letters(std::size_t size, unsigned kinds) { return noise(size, 'a', kinds); }

void add_encodings(std::vector<Case>& cases) {
  const std::vector<std::string> checks{"RFC7692-6-2", "RFC7692-7.2.2-1", "RFC7692-7.2.2-2"};
  struct Encoding {
    std::string_view title{};
    std::string deflated{};
    std::string words{};
  };
  std::string empty_blocks;
  for (int i = 0; i < 20; ++i) empty_blocks += "00 00 00 ff ff ";
  const Encoding encodings[] = {
      {"A fixed block", std::string(kHello), "Hello"},
      {"A stored block", "00 05 00 fa ff 48 65 6c 6c 6f 00", "Hello"},
      {"Two blocks", "f2 48 05 00 00 00 ff ff ca c9 c9 07 00", "Hello"},
      {"A block with BFINAL and its padding", std::string(kFinalHello) + " 00", "Hello"},
      {"A stored block with BFINAL", "01 05 00 fa ff 48 65 6c 6c 6f 00", "Hello"},
      {"A block behind one with BFINAL", std::string(kFinalHello) + std::string(kHello),
       "HelloHello"},
      {"An empty message of one byte", "00", ""},
      {"An empty message of an empty fixed block", "02 00", ""},
      {"Twenty empty blocks before the data", empty_blocks + std::string(kHello), "Hello"},
      {"A fixed block, a stored one and a fixed one",
       "f2 48 cd c9 c9 07 00 00 00 ff ff 00 05 00 fa ff 48 65 6c 6c 6f " + std::string(kHello),
       "HelloHelloHello"},
  };
  int number = 0;
  for (const auto& [title, deflated, words] : encodings) {
    const std::string id = std::to_string(++number);
    cases.push_back(compressed_case("1." + id, std::string(title) + " is inflated",
                                    "A sender may use every kind of block.", checks,
                                    lives_through(given(deflated, words))));
    cases.push_back(compressed_case(
        "2." + id, std::string(title) + ", then a plain and a compressed message",
        "What a message was made of does not matter to the next.", checks,
        lives_through(given(deflated, words) + echo("plain") + given(kHello, "Hello"))));
  }
  cases.push_back(compressed_case("1.11", "A dynamic block is inflated",
                                  "A sender may use every kind of block.", checks,
                                  lives_through(compressed_echo(text(letters(3000, 5))))));
  cases.push_back(compressed_case(
      "1.12", "A message refers to the one before", "The window is kept from message to message.",
      {"RFC7692-7.2.2-4", "RFC7692-7.2.2-6"},
      lives_through(given(kHello, "Hello") + given("f2 00 11 00 00", "Hello") +
                    given("f2 00 11 00 00", "Hello"))));
  cases.back().dialogue->needs_context_takeover = true;
}

void add_fragments(std::vector<Case>& cases) {
  const std::vector<std::string> checks{"RFC7692-6.2-1", "RFC7692-7.2.1-6"};
  const std::string euros = "\xe2\x82\xac 1, \xe2\x82\xac 22, \xf0\x9f\x98\x80 and \xc3\xa4";
  for (std::uint64_t cut = 1; cut <= 6; ++cut) {
    cases.push_back(compressed_case(
        "3." + std::to_string(cut), "A compressed text is cut behind byte " + std::to_string(cut),
        "Fragments of compressed data are joined, then inflated.", checks,
        lives_through(given(kHello, "Hello", {cut}) + compressed_echo(text(euros), {cut * 4}))));
  }
  const std::vector<std::uint64_t> bytes(12, 1);
  cases.push_back(
      compressed_case("3.7", "A compressed text comes byte by byte in fragments",
                      "UTF-8 is checked on what was inflated, whatever the cuts.",
                      {"RFC7692-6.2-1", "RFC7692-6.1-8"},
                      lives_through(compressed_echo(text(euros), bytes) +
                                    compressed_echo(text(euros), bytes, Opcode::binary))));
  cases.push_back(compressed_case("3.8", "A compressed text has empty fragments",
                                  "Fragments may be empty.", {"RFC7692-6.2-1", "RFC6455-5.4-8"},
                                  lives_through(given(kHello, "Hello", {0, 3, 0, 0}))));
  for (const unsigned opcode : {9U, 10U}) {
    Steps steps{PutFrame{.fin = false, .rsv = 4, .opcode = 1, .payload = hex("f2 48")},
                PutFrame{.opcode = opcode, .payload = text("between")}};
    if (opcode == 9) steps += Steps{expect_pong(text("between"))};
    cases.push_back(compressed_case(
        opcode == 9 ? "3.9" : "3.10",
        std::string(opcode == 9 ? "A Ping" : "A Pong") + " comes between compressed fragments",
        "Control frames are no part of the message.", {"RFC7692-6.1-3", "RFC6455-5.4-7"},
        lives_through(steps + Steps{PutFrame{.opcode = 0, .payload = hex("cd c9 c9 07 00")},
                                    expect_message(Opcode::text, text("Hello"))})));
  }
}

void add_windows(std::vector<Case>& cases) {
  const std::vector<std::string> checks{"RFC7692-7.2.2-4", "RFC7692-7.2.2-6"};
  const Payload phrase = text("A phrase that comes again and again, a phrase.");
  const Steps twice = compressed_echo(phrase) + compressed_echo(phrase, {}, Opcode::binary);
  cases.push_back(
      compressed_case("4.1", "The same message comes again", "The window is kept.",
                      {"RFC7692-6.1-1", "RFC7692-6.1-7", "RFC7692-7.2.2-4", "RFC7692-7.2.2-6"},
                      lives_through(twice + twice)));
  cases.push_back(compressed_case("4.2", "A plain message comes between compressed ones",
                                  "A plain message leaves the window alone.",
                                  {"RFC7692-6-1", "RFC7692-6.2-2"},
                                  lives_through(twice + echo("plain") + twice)));
  cases.push_back(compressed_case(
      "4.3", "A Ping comes between compressed messages", "A Ping leaves the window alone.", checks,
      lives_through(twice + ping_answered(text(std::string(100, 'p'))) + twice)));
  Steps rolling;
  const std::string block = letters(6000, 26);
  for (std::size_t i = 0; i < 12; ++i) {
    rolling += compressed_echo(text(block.substr(i * 200) + block.substr(0, i)));
  }
  cases.push_back(compressed_case("4.4", "The window rolls on over 64 KiB",
                                  "Messages refer to what is up to 32 KiB behind.", checks,
                                  lives_through(rolling)));
  int number = 4;
  for (const std::size_t size : {1535U, 1536U, 1537U, 4095U, 4096U, 4097U, 8192U, 12288U, 32768U,
                                 65535U, 65536U, 70000U, 131072U}) {
    cases.push_back(compressed_case(
        "4." + std::to_string(++number), "A message of " + std::to_string(size) + " equal letters",
        "What comes out may be far longer than what went in.", {"RFC7692-7.2.2-1"},
        lives_through(compressed_echo(repeat("a", size)))));
  }
  cases.push_back(
      compressed_case("4.18", "Text that cannot be compressed, then text like it",
                      "An endpoint may send plain what does not get shorter, but "
                      "its window has to stay that of its peer.",
                      {"RFC7692-6.1-2", "RFC7692-7.2.1-1"},
                      lives_through(compressed_echo(text(letters(300, 26)), {}, Opcode::binary) +
                                    compressed_echo(text(letters(300, 26)), {}, Opcode::binary) +
                                    compressed_echo(text(letters(200, 26))))));
  Case narrow =
      compressed_case("4.19", "A server that agreed to a window of 8 bits keeps to it",
                      "Nothing that it sends refers to more than 256 bytes behind.",
                      {"RFC7692-7-4", "RFC7692-7.2.1-13"},
                      lives_through(echo(Opcode::text, text(letters(300, 26) + letters(300, 26)))),
                      "permessage-deflate; server_max_window_bits=8");
  narrow.only_for = Role::server;
  cases.push_back(std::move(narrow));
  // A stored block as long as the window, and a match of 258 bytes from its beginning.
  const Payload whole_window = text(noise(32'768));
  const Payload words = join({whole_window, slice(whole_window, 0, 258)});
  Case wide = compressed_case(
      "4.20", "A message refers to what is 32,768 bytes behind",
      "Without an agreement on less, the window has its full size.",
      {"RFC7692-5-4", "RFC7692-7.2.2-8", "RFC7692-7.2.2-10"},
      lives_through({PutMessage{.payload = words,
                                .coding = PutMessage::Coding::given,
                                .deflated = join(
                                    {hex("00 00 80 ff 7f"), whole_window, hex("1a bd ff 1f 00")})},
                     expect_message(Opcode::text, words)}));
  wide.dialogue->deflate->wishes = {
      ServerWish{.needs_full_server_window = true, .takes_hint = true}};
  cases.push_back(std::move(wide));
  number = 20;
  const std::string phrases = noise(500);
  for (const std::size_t size : {262'145U, 400'000U, 1'048'577U}) {
    cases.push_back(compressed_case(
        "4." + std::to_string(++number), "A message of " + std::to_string(size) + " letters",
        "What comes out may be far longer than what went in.", {"RFC7692-7.2.2-1"},
        lives_through(compressed_echo(repeat(phrases, size)))));
    cases.back().dialogue->own_cuts = true;
  }
}

void add_illegal(std::vector<Case>& cases) {
  const std::vector<std::uint16_t> any{1002, 1003, 1007, 1011};
  constexpr std::string_view kCutShort = "f2 48";
  struct Bad {
    std::string_view title{};
    std::string_view deflated{};
  };
  const Bad bad[] = {
      {"A block of the reserved type", "07 ff"},
      {"A stored block whose lengths do not agree", "00 05 00 00 00 48 65 6c 6c 6f 00"},
      {"A match that reaches behind the beginning", "f2 00 11 00 00"},
      {"A dynamic block with an impossible code", "04 ff ff ff ff ff ff ff ff"},
      {"Plain text that claims to be compressed", "7e 7e 7e 7e 48 65 6c 6c 6f"},
      {"A message that ends inside a block", kCutShort},
      {"A message that ends inside a stored block", "00 05 00 fa ff 48 65"},
  };
  int number = 0;
  for (const auto& [title, deflated] : bad) {
    cases.push_back(compressed_case(
        "5." + std::to_string(++number), std::string(title) + " fails the connection",
        "Data that cannot be inflated is no message.", {"RFC7692-7.2.2-1"},
        fails_after_contents({only_given(deflated)}, any, "RFC 7692 7.2.2")));
    if (deflated == kCutShort) {
      // What the algorithm makes of it comes to no end, and no sentence says what to do then.
      auto& wait = std::get<Expect>(cases.back().dialogue->steps.back());
      wait.any.insert(wait.any.begin(), {.grade = Grade::informational,
                                         .kind = Reaction::Kind::message,
                                         .why = "the message is passed on as far as it goes"});
    }
  }
  const std::pair<const char*, const char*> bad_text[] = {
      {"A byte 0xff", "fa 0f 00"},
      {"A text that ends inside a code point", "00 02 00 fd ff e2 82 00"},
      {"A surrogate", "00 03 00 fc ff ed a0 80 00"},
      {"An overlong form", "00 02 00 fd ff c0 af 00"},
  };
  for (const auto& [title, deflated] : bad_text) {
    cases.push_back(compressed_case(
        "5." + std::to_string(++number), std::string(title) + ", compressed, fails the connection",
        "Text is checked after it was inflated.", {"RFC7692-6.1-8", "RFC6455-8.1-1"},
        fails_after_contents({only_given(deflated)})));
  }
  const PutFrame first{.fin = false, .rsv = 4, .opcode = 1, .payload = hex("f2 48 cd")};
  cases.push_back(compressed_case(
      "5.12", "A continuation with RSV1 fails the connection",
      "RSV1 stands on the first frame of a message alone.", {"RFC7692-6.1-6"},
      fails_after({first, PutFrame{.rsv = 4, .opcode = 0, .payload = hex("c9 c9 07 00")}})));
  cases.push_back(
      compressed_case("5.13", "A continuation of a plain message with RSV1 fails the connection",
                      "RSV1 stands on the first frame of a message alone.", {"RFC7692-6.1-6"},
                      fails_after({PutFrame{.fin = false, .opcode = 1, .payload = text("a")},
                                   PutFrame{.rsv = 4, .opcode = 0, .payload = text("b")}})));
  number = 13;
  for (const unsigned opcode : {8U, 9U, 10U}) {
    cases.push_back(compressed_case(
        "5." + std::to_string(++number),
        "A control frame of opcode " + std::to_string(opcode) + " with RSV1 fails the connection",
        "Control frames are never compressed.", {"RFC7692-6.1-5"},
        fails_after({PutFrame{
            .rsv = 4, .opcode = opcode, .payload = opcode == 8 ? hex("10 e1") : text("ping")}})));
  }
  cases.push_back(
      compressed_case("5.17", "A compressed text with RSV2 fails the connection",
                      "Compression gives a meaning to RSV1 alone.", {"RFC6455-5.2-3"},
                      fails_after({PutFrame{.rsv = 6, .opcode = 1, .payload = hex(kHello)}})));
}

}  // namespace

std::vector<Case> compressed_message_cases() {
  std::vector<Case> cases;
  add_encodings(cases);
  add_fragments(cases);
  add_windows(cases);
  add_illegal(cases);
  return cases;
}

}  // namespace ws::conformance
