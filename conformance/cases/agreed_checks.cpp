// Section 42, the second part: what stays forbidden under every agreement, and what is left to do
// when the last fragment of a compressed message brings nothing (RFC 6455 sections 5 and 8.1, RFC
// 7692 sections 6 and 7.2.2).
#include <string>
#include <utility>
#include <vector>

#include "conformance/cases/agreements.hpp"
#include "conformance/cases/catalogue.hpp"
#include "conformance/cases/deflate_writer.hpp"
#include "conformance/cases/parts.hpp"

namespace ws::conformance {
namespace {

using Steps = std::vector<DialogueStep>;

struct Forbidden {
  std::string what{};
  std::string check{};
  Steps steps{};
  std::vector<std::uint16_t> codes{1002};
  bool is_contents = false;
};

std::string bits_of(unsigned rsv) {
  std::string bits;
  for (const auto& [bit, digit] : {std::pair{4U, "1"}, std::pair{2U, "2"}, std::pair{1U, "3"}}) {
    if ((rsv & bit) != 0) bits += (bits.empty() ? "RSV" : " and RSV") + std::string(digit);
  }
  return bits;
}

/// An answer to a Close with this code tells that the Close was read as a legal one.
Payload legal_close() {
  const std::string body{static_cast<char>(kCloseProbe >> 8U),
                         static_cast<char>(kCloseProbe & 0xffU)};
  return text(body);
}

void add_forbidden_bits(std::vector<Forbidden>& all) {
  const Payload words = text("What the bits would be about");
  const Payload block = text(stored("What the bits would be about"));
  for (const unsigned rsv : {1U, 2U, 3U, 5U, 6U, 7U}) {
    const bool is_compressed = (rsv & 4U) != 0;
    const unsigned opcode = rsv == 2 || rsv == 5 ? 2 : 1;
    all.push_back(
        {(opcode == 1 ? "a text with " : "a binary message with ") + bits_of(rsv),
         "RFC6455-5.2-3",
         {PutFrame{.rsv = rsv, .opcode = opcode, .payload = is_compressed ? block : words}}});
  }
  const PutFrame plain{.fin = false, .opcode = 1, .payload = words};
  const PutFrame compressed{.fin = false, .rsv = 4, .opcode = 1, .payload = slice(block, 0, 9)};
  for (const unsigned rsv : {1U, 2U, 4U}) {
    all.push_back({"a continuation with " + bits_of(rsv),
                   rsv == 4 ? "RFC7692-6.1-6" : "RFC6455-5.2-3",
                   {plain, PutFrame{.rsv = rsv, .opcode = 0, .payload = words}}});
    all.push_back(
        {"a continuation with " + bits_of(rsv) + " of a compressed message",
         rsv == 4 ? "RFC7692-6.1-6" : "RFC6455-5.2-3",
         {compressed,
          PutFrame{.rsv = rsv, .opcode = 0, .payload = slice(block, 9, block.length - 9)}}});
  }
  for (const auto& [opcode, name] :
       {std::pair{8U, "Close"}, std::pair{9U, "Ping"}, std::pair{10U, "Pong"}}) {
    for (const unsigned rsv : {1U, 2U, 4U}) {
      all.push_back({"a " + std::string(name) + " with " + bits_of(rsv),
                     rsv == 4 ? "RFC7692-6.1-5" : "RFC6455-5.2-3",
                     {PutFrame{.rsv = rsv,
                               .opcode = opcode,
                               .payload = opcode == 8 ? legal_close() : text("bits")}}});
    }
  }
}

void add_forbidden_masking(std::vector<Forbidden>& all) {
  const std::string words = "What should have been masked, or not";
  const std::string block = stored(words);
  const auto wrong = [](PutFrame frame) {
    frame.masking = PutFrame::Masking::reversed;
    return frame;
  };
  const PutFrame begun{.fin = false, .rsv = 4, .opcode = 1, .payload = text(block.substr(0, 9))};
  const PutFrame rest{.opcode = 0, .payload = text(block.substr(9))};
  const std::pair<const char*, Steps> frames[] = {
      {"a text", {wrong({.opcode = 1, .payload = text(words)})}},
      {"a compressed text", {wrong({.rsv = 4, .opcode = 1, .payload = text(block)})}},
      {"a compressed binary message", {wrong({.rsv = 4, .opcode = 2, .payload = text(block)})}},
      {"a compressed message that is empty",
       {wrong({.rsv = 4, .opcode = 1, .payload = text(std::string(1, '\0'))})}},
      {"the first fragment of a compressed text", {wrong(begun), rest}},
      {"the last fragment of a compressed text", {begun, wrong(rest)}},
      {"a Ping inside a compressed text", {begun, wrong(frame(Opcode::ping, text("inside")))}},
      {"a Pong", {wrong(frame(Opcode::pong, text("unasked")))}},
      {"a Close", {wrong({.opcode = 8, .payload = legal_close()})}},
  };
  for (const auto& [what, steps] : frames) {
    all.push_back({std::string(what) + ", masked where it must not be, or not where it must be",
                   "RFC6455-5.1-2", steps});
  }
}

void add_forbidden_order(std::vector<Forbidden>& all) {
  const std::string block = stored("What comes out of turn");
  const PutFrame begun{.fin = false, .rsv = 4, .opcode = 1, .payload = text(block.substr(0, 9))};
  const PutFrame whole{.rsv = 4, .opcode = 1, .payload = text(block)};
  const Payload words = text("out of turn");
  all.push_back(
      {"a continuation of nothing", "RFC6455-5.4-15", {PutFrame{.opcode = 0, .payload = words}}});
  all.push_back({"a compressed text inside a compressed text", "RFC6455-5.4-16", {begun, whole}});
  all.push_back({"a binary message inside a compressed text",
                 "RFC6455-5.4-16",
                 {begun, PutFrame{.opcode = 2, .payload = words}}});
  all.push_back({"a Ping without FIN",
                 "RFC6455-5.5-2",
                 {PutFrame{.fin = false, .opcode = 9, .payload = words}}});
  all.push_back({"a Ping of 126 bytes",
                 "RFC6455-5.5-1",
                 {PutFrame{.opcode = 9, .payload = repeat("p", 126)}}});
  all.push_back({"a frame of the reserved opcode 3",
                 "RFC6455-5.2-4",
                 {PutFrame{.opcode = 3, .payload = words}}});
  all.push_back({"a compressed frame of the reserved opcode 3",
                 "RFC6455-5.2-4",
                 {PutFrame{.rsv = 4, .opcode = 3, .payload = text(block)}}});
  all.push_back(
      {"a Close of one byte", "RFC6455-5.5.1-2", {PutFrame{.opcode = 8, .payload = text("\x03")}}});
}

void add_forbidden_contents(std::vector<Forbidden>& all) {
  for (const std::string words :
       {"not \xff UTF-8", "ends inside \xe2\x82", "\xed\xa0\x80 is none"}) {
    const std::string check = "RFC6455-8.1-1";
    const bool ends = words.starts_with("ends");
    const std::string what = ends ? "that ends inside a code point" : "that is not UTF-8";
    if (words.ends_with("none")) {
      all.push_back({"a compressed text with a surrogate",
                     check,
                     {PutFrame{.rsv = 4, .opcode = 1, .payload = text(stored(words))}},
                     {1007},
                     true});
      continue;
    }
    const std::string block = stored(words);
    all.push_back(
        {"a text " + what, check, {PutFrame{.opcode = 1, .payload = text(words)}}, {1007}, true});
    all.push_back({"a compressed text " + what,
                   check,
                   {PutFrame{.rsv = 4, .opcode = 1, .payload = text(block)}},
                   {1007},
                   true});
    all.push_back({"a compressed text in fragments " + what,
                   check,
                   {PutFrame{.fin = false, .rsv = 4, .opcode = 1, .payload = text(block)},
                    frame(Opcode::pong, text("inside")), PutFrame{.opcode = 0}},
                   {1007},
                   true});
  }
  all.push_back({"a Close with a reason that is not UTF-8",
                 "RFC6455-8.1-1",
                 {PutFrame{.opcode = 8, .payload = hex("03 e8 ff")}},
                 {1007, 1002},
                 true});
}

/// Who checks in the one place where a message is inflated anew, or into a window of its own size,
/// may not do so in the other.
void add_forbidden(std::vector<Case>& cases) {
  std::vector<Forbidden> all;
  add_forbidden_bits(all);
  add_forbidden_masking(all);
  add_forbidden_order(all);
  add_forbidden_contents(all);
  int group = 0;
  for (const Agreed& agreed : kAgreements) {
    ++group;
    int number = 0;
    for (const Forbidden& forbidden : all) {
      const Steps steps = compressed_echo(text("What was right before")) + forbidden.steps;
      Case test = agreement_case(
          "12." + std::to_string(group) + "." + std::to_string(++number),
          "Where " + std::string(agreed.what) + ", " + forbidden.what + " fails the connection",
          "What was agreed on about windows allows nothing else.",
          forbidden.is_contents ? fails_after_contents(steps, forbidden.codes)
                                : fails_after(steps, forbidden.codes),
          &agreed);
      test.dialogue->own_cuts = true;  // cuts of such frames are tried without an agreement
      test.checks = {forbidden.check};
      if (forbidden.check == "RFC6455-5.1-2") test.checks.emplace_back("RFC6455-5.1-5");
      cases.push_back(std::move(test));
    }
  }
}

/// How a compressed message comes to an end once all that it says was said.
struct Ending {
  const char* what = nullptr;
  std::vector<std::uint64_t> before{};  ///< lengths of the fragments between the first and the last
  std::uint64_t last = 0;               ///< bytes of the last
  bool with_control = false;            ///< in front of the last
};

constexpr std::uint64_t kNoBytes = 0;

std::vector<Ending> endings() {
  return {
      {.what = "the last fragment is empty"},
      {.what = "the last fragment is the last byte", .last = 1},
      {.what = "three empty fragments are the last", .before = {kNoBytes, kNoBytes}},
      {.what = "the last fragment is empty, behind a Ping and a Pong", .with_control = true},
      {.what = "the last byte is a fragment, and the last fragment is empty", .before = {1}},
  };
}

/// The frames of a message. What it says is in the first, but for what the ending has.
Steps ended(const std::string& blocks, Opcode type, const Ending& ending) {
  std::uint64_t left = ending.last;
  for (const std::uint64_t size : ending.before) left += size;
  std::size_t at = blocks.size() - static_cast<std::size_t>(left);
  Steps steps{PutFrame{.fin = false,
                       .rsv = 4,
                       .opcode = static_cast<unsigned>(type),
                       .payload = text(blocks.substr(0, at))}};
  for (const std::uint64_t size : ending.before) {
    steps.emplace_back(
        PutFrame{.fin = false,
                 .opcode = 0,
                 .payload = text(blocks.substr(at, static_cast<std::size_t>(size)))});
    at += static_cast<std::size_t>(size);
  }
  if (ending.with_control) {
    steps += ping_answered(text("before the end")) + Steps{frame(Opcode::pong, text("unasked"))};
  }
  steps.emplace_back(PutFrame{.opcode = 0, .payload = text(blocks.substr(at))});
  return steps;
}

std::string in_stored_blocks(const std::string& bytes) {
  DeflateWriter writer;
  for (std::size_t at = 0; at < bytes.size(); at += 60'000) {
    writer.put_stored(std::string_view(bytes).substr(at, 60'000));
  }
  return writer.take_message();
}

/// `size` times an x, in a few bytes.
std::string in_matches(std::size_t size) {
  std::vector<DeflateToken> tokens = literals("x");
  std::size_t left = size - 1;
  for (; left >= 258 + 3; left -= 258) tokens.push_back({.length = 258, .distance = 1});
  for (; left > 0; --left) tokens.push_back(literals("x").front());
  DeflateWriter writer;
  writer.put_fixed(tokens);
  return writer.take_message();
}

struct Contents {
  const char* what = nullptr;
  bool is_dense = false;
  Opcode type = Opcode::text;
};

Steps endings_of_all_sizes(const Contents& contents, const Ending& ending) {
  Steps steps;
  // Round numbers, about which the buffers of inflaters end.
  for (const std::size_t size : {1U, 2U, 255U, 256U, 1000U, 1024U, 2048U, 4095U, 4096U, 4097U,
                                 8192U, 10'000U, 16'384U, 32'768U, 65'536U, 66'000U}) {
    const std::string words = contents.is_dense ? std::string(size, 'x') : noise(size);
    const std::string blocks = contents.is_dense ? in_matches(size) : in_stored_blocks(words);
    steps +=
        ended(blocks, contents.type, ending) + Steps{expect_message(contents.type, text(words))};
    if (size == 4096) steps += compressed_echo(text("between")) + echo("plain");
  }
  return lives_through(steps);
}

/// Many messages in whose last fragment nothing is left to inflate, but all to hand on.
void add_endings(std::vector<Case>& cases) {
  constexpr Contents kContents[] = {
      {.what = "Texts that repeat a letter", .is_dense = true},
      {.what = "Texts in stored blocks"},
      {.what = "Binary messages that repeat a byte", .is_dense = true, .type = Opcode::binary},
  };
  int number = 0;
  for (const Contents& contents : kContents) {
    for (const Ending& ending : endings()) {
      Case test = agreement_case(
          "13." + std::to_string(++number),
          std::string(contents.what) + ", of 1 to 66,000 bytes, of which " + ending.what,
          "A message is all that its fragments say, whichever of them says it.", {});
      test.dialogue->own_cuts = true;
      test.late_steps = [contents, ending] { return endings_of_all_sizes(contents, ending); };
      cases.push_back(std::move(test));
    }
  }
}

/// What can only be told at the end of a message is told there too if its last fragment is empty.
void add_bad_endings(std::vector<Case>& cases) {
  const std::pair<const char*, const char*> texts[] = {
      {"\xc3", "after one byte of two"},
      {"a few words \xe2\x82", "after two bytes of three"},
      {"\xf0\x9f\x98", "after three bytes of four"},
      {"\xe2\x82\xac \xf4", "after one byte of four"},
  };
  int group = 0;
  for (const Agreed* agreed : {static_cast<const Agreed*>(nullptr), &kAgreements[2]}) {
    ++group;
    int number = 0;
    for (const auto& [words, where] : texts) {
      for (const Ending& ending : endings()) {
        Case test = agreement_case(
            "14." + std::to_string(group) + "." + std::to_string(++number),
            "A compressed text ends " + std::string(where) + " of a character, and " + ending.what +
                (agreed != nullptr ? ", where " + std::string(agreed->what) : ""),
            "Whether a text is whole is seen at its end, in whatever fragment that comes.",
            fails_after_contents(compressed_echo(text("right")) +
                                 ended(stored(words), Opcode::text, ending)),
            agreed);
        test.dialogue->own_cuts = agreed != nullptr;
        test.checks = {"RFC6455-8.1-1", "RFC6455-5.6-1", "RFC7692-6.1-8"};
        cases.push_back(std::move(test));
      }
    }
  }
}

}  // namespace

std::vector<Case> agreed_check_cases() {
  std::vector<Case> cases;
  add_forbidden(cases);
  add_endings(cases);
  add_bad_endings(cases);
  return cases;
}

}  // namespace ws::conformance
