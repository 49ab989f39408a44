// Section 42: everything that compression leaves free, under every agreement, and what may surround
// a compressed message (RFC 7692 sections 6 and 7). Other sections try most of it under the
// agreement that leaves the most room.
#include "conformance/cases/agreements.hpp"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "conformance/cases/deflate_writer.hpp"
#include "conformance/cases/parts.hpp"
#include "conformance/cases/talk.hpp"

namespace ws::conformance {
namespace {

using Steps = std::vector<DialogueStep>;

/// Likewise, for steps with so many bytes that they are made when they are played.
Case long_case(std::string id, std::string title, std::string purpose,
               std::function<Steps()> make_steps, const Agreed* agreed = nullptr) {
  Case test = agreement_case(std::move(id), std::move(title), std::move(purpose), {}, agreed);
  test.dialogue->own_cuts = true;
  test.late_steps = std::move(make_steps);
  return test;
}

/// Text in blocks that somebody else made, and its echo.
Steps given(const std::string& words, const std::string& blocks,
            std::vector<std::uint64_t> fragments = {}) {
  return given_echo(words, text(blocks), std::move(fragments));
}

/// Likewise, with a Ping and a Pong between its fragments, which are of `size` bytes.
Steps given_around_control(const std::string& words, const std::string& blocks, std::size_t size) {
  Steps steps;
  for (std::size_t begin = 0; begin < blocks.size(); begin += size) {
    const bool is_first = begin == 0;
    steps += Steps{PutFrame{.fin = begin + size >= blocks.size(),
                            .rsv = is_first ? 4U : 0U,
                            .opcode = is_first ? 1U : 0U,
                            .payload = text(blocks.substr(begin, size))}};
    if (begin + size >= blocks.size()) break;
    steps += Steps{frame(Opcode::ping, text("inside")), expect_pong(text("inside")),
                   frame(Opcode::pong, text("unasked"))};
  }
  return steps + Steps{expect_message(Opcode::text, text(words))};
}

std::string fixed(std::string_view bytes) {
  DeflateWriter writer;
  writer.put_fixed(literals(bytes));
  return writer.take_message();
}

std::string stored_and_fixed(std::string_view bytes) {
  DeflateWriter writer;
  writer.put_stored(bytes.substr(0, bytes.size() / 3));
  writer.put_stored("");
  writer.put_fixed(literals(bytes.substr(bytes.size() / 3)));
  writer.put_stored("");
  return writer.take_message();
}

/// Conversations of everything that is legal.
void add_conversations(std::vector<Case>& cases) {
  static constexpr TalkKind kKinds[] = {
      {.what = "short messages", .largest = 140, .messages = 40, .with_deflate = true},
      {.what = "messages of some kilobytes",
       .largest = 5000,
       .messages = 50,
       .with_deflate = true,
       .own_cuts = true},
      {.what = "messages of all sizes",
       .largest = 70'000,
       .messages = 40,
       .with_deflate = true,
       .own_cuts = true},
      {.what = "messages in stored blocks",
       .largest = 5000,
       .messages = 50,
       .with_deflate = true,
       .own_cuts = true,
       .by_blocks = true},
  };
  std::uint64_t seed = 4200;
  int group = 0;
  for (const Agreed& agreed : kAgreements) {
    ++group;
    int number = 0;
    for (const TalkKind& kind : kKinds) {
      const auto make_steps = [&kind, seed = ++seed] {
        Talk talk(seed, kind);
        talk.talk();
        return talk.take_steps() + talk.end();
      };
      cases.push_back(
          long_case("1." + std::to_string(group) + "." + std::to_string(++number),
                    "A conversation of " + std::string(kind.what) + " where " + agreed.what,
                    "What was agreed on holds whatever is said.", make_steps, &agreed));
      cases.back().dialogue->own_cuts = kind.own_cuts;
    }
  }
}

Steps large_messages(const std::string& words) {
  const std::string large = noise(40'000);
  const std::string largest = noise(70'000, 'a', 26);
  const std::string two = large.substr(0, 30'000);
  Steps steps;
  for (const std::string& blocks : {stored(two), fixed(two), stored_and_fixed(two)}) {
    steps += given(two, blocks) + given_around_control(two, blocks, 11'000) +
             compressed_echo(text(large)) +
             compressed_echo(text(largest), {700, 0, 40}, Opcode::binary) +
             compressed_echo(text(words));
  }
  return lives_through(steps);
}

/// Blocks of every type, in every form.
void add_blocks(std::vector<Case>& cases) {
  static const std::string words = "Words and words and more words.";
  int group = 0;
  for (const Agreed& agreed : kAgreements) {
    ++group;
    Steps steps;
    for (const auto& encode : {stored, fixed, stored_and_fixed}) {
      const std::string blocks = encode(words);
      steps += given(words, blocks) + given(words, blocks, {0, 1, 0}) +
               given_around_control(words, blocks, 7) + compressed_echo(text(words)) +
               echo("plain") + given("", encode("")) + given("", encode(""), {0}) +
               compressed_echo(text(words), {2});
    }
    cases.push_back(agreement_case(
        "2." + std::to_string(group), "Blocks of every type where " + std::string(agreed.what),
        "What was agreed on leaves the blocks free.", lives_through(steps), &agreed));
    cases.push_back(long_case(
        "3." + std::to_string(group),
        "Large messages in blocks of every type where " + std::string(agreed.what),
        "What was agreed on holds to a message's end.", [] { return large_messages(words); },
        &agreed));
  }
}

/// A stored block with BFINAL, and what comes behind it: a byte of padding at least.
std::string final_block(std::string_view words, std::string_view behind) {
  std::string bytes = stored(words);
  bytes.pop_back();
  bytes[0] = '\x01';
  return bytes + std::string(behind);
}

Steps large_final_block(const std::string& words, const std::string& padding) {
  const std::string large = noise(50'000);
  Steps many;
  for (int i = 0; i < 4; ++i) many += given(large, stored(large));
  DeflateWriter writer;
  for (int i = 0; i < 3; ++i) writer.put_stored(large);
  std::string three = writer.take_message();
  three.pop_back();
  const std::string whole = large + large + large + words;
  return lives_through(given(whole, three + final_block(words, padding)) +
                       given(words, stored(words)) + many + given(words, fixed(words)));
}

/// Blocks with BFINAL. Nothing refers to what was before them: some forget it then.
void add_final_blocks(std::vector<Case>& cases) {
  const std::string words = "The last block of its stream";
  int group = 0;
  const Agreed usual{"nothing is said", "permessage-deflate", {.takes_hint = true}};
  std::vector<Agreed> agreements{usual};
  agreements.insert(agreements.end(), std::begin(kAgreements), std::end(kAgreements));
  for (const Agreed& agreed : agreements) {
    ++group;
    const std::string padding(1, '\0');
    Steps steps;
    for (int i = 0; i < 2; ++i) {
      steps += given(words, final_block(words, padding)) + given(words, stored(words)) +
               given(words + words, final_block(words, stored(words))) +
               given(words, fixed(words)) + given(words, final_block(words, padding), {5}) +
               echo("plain") + given(words, final_block(words, padding), {words.size() + 5}) +
               given(words, stored(words), {0, 3}) + given("", stored(""));
    }
    cases.push_back(agreement_case(
        "4." + std::to_string(group), "Blocks with BFINAL where " + std::string(agreed.what),
        "Each message is inflated to its end, and no further.", lives_through(steps), &agreed));
    cases.push_back(long_case(
        "5." + std::to_string(group),
        "A message of 150 KB with BFINAL, and others behind it, where " + std::string(agreed.what),
        "What a message was made of does not matter to the next.",
        [words, padding] { return large_final_block(words, padding); }, &agreed));
  }
}

/// Fragments that end where a block with BFINAL does, and so does a stream of DEFLATE, but not the
/// message.
void add_final_fragments(std::vector<Case>& cases) {
  const std::string first = "The first of all. ";
  const std::string second = "And the second. ";
  const std::string third = "The end.";
  const std::string padding(1, '\0');
  std::string block = stored(first);
  block.pop_back();
  const std::pair<std::string, std::vector<std::string>> messages[] = {
      {first + second, {final_block(first, ""), stored(second)}},
      {first + second, {final_block(first, ""), "", stored(second)}},
      {second, {final_block("", ""), stored(second)}},
      {first + second + third, {block, final_block(second, ""), stored(third)}},
      {first + second + third,
       {final_block(first, ""), final_block(second, ""), final_block(third, padding)}},
      {first + first + second,
       {final_block(first, block.substr(0, 3)), block.substr(3), stored(second)}},
  };
  Steps steps;
  for (const bool with_ping : {false, true}) {
    for (const auto& [words, fragments] : messages) {
      for (std::size_t i = 0; i < fragments.size(); ++i) {
        const bool is_last = i + 1 == fragments.size();
        steps += Steps{PutFrame{.fin = is_last,
                                .rsv = i == 0 ? 4U : 0U,
                                .opcode = i == 0 ? 1U : 0U,
                                .payload = text(fragments[i])}};
        if (with_ping && !is_last) steps += ping_answered(text("inside"));
      }
      steps += Steps{expect_message(Opcode::text, text(words))} + given(words, fixed(words)) +
               compressed_echo(text(words));
    }
  }
  int group = 0;
  for (const Agreed& agreed : kAgreements) {
    cases.push_back(agreement_case(
        "11." + std::to_string(++group),
        "Fragments that end with a block with BFINAL where " + std::string(agreed.what),
        "A message ends where FIN says so.", lives_through(steps), &agreed));
  }
}

/// The first frames of a connection.
void add_beginnings(std::vector<Case>& cases) {
  struct Beginning {
    const char* what = nullptr;
    Steps steps{};
  };
  const Steps ping{frame(Opcode::ping, text("first"))};
  const Steps pong{frame(Opcode::pong, text("first"))};
  const Steps answer{expect_pong(text("first"))};
  const Beginning beginnings[] = {
      {"a Ping", ping + answer},
      {"an empty Ping", ping_answered(text(""))},
      {"a Pong", pong},
      {"an empty Pong", {frame(Opcode::pong, text(""))}},
      {"a Pong and a Ping", pong + ping + answer},
  };
  const Payload words = text("What is said first, and first of all");
  const std::string blocks = stored("What is said first, and first of all");
  Steps plain{PutMessage{.type = Opcode::binary, .payload = words, .fragments = {4, 0}},
              expect_message(Opcode::binary, words)};
  const std::pair<const char*, Steps> messages[] = {
      {"a compressed message", compressed_echo(words)},
      {"a compressed binary message in fragments", compressed_echo(words, {3, 1}, Opcode::binary)},
      {"a compressed message around a Ping",
       given_around_control("What is said first, and first of all", blocks, 9)},
      {"a plain message in fragments", std::move(plain)},
  };
  int group = 0;
  for (const Beginning& beginning : beginnings) {
    ++group;
    int number = 0;
    for (const auto& [what, message] : messages) {
      cases.push_back(agreement_case(
          "6." + std::to_string(group) + "." + std::to_string(++number),
          "The connection begins with " + std::string(beginning.what) + ", and then " + what,
          "Control frames may come first, and are no part of what follows.",
          beginning.steps + message + compressed_echo(words) + beginning.steps + message +
              closed_cleanly()));
    }
  }
}

/// Bytes that no compressor makes shorter, so that what comes back has about their size.
std::string random_bytes() {
  std::uint64_t state = 42;
  std::string random;
  for (int i = 0; i < 66'000; ++i) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    random += static_cast<char>(state >> 56U);
  }
  random[0] = '\xff';
  return random;
}

Steps messages_about(std::size_t round) {
  const std::string random = random_bytes();
  const std::size_t before = round > 32'768 ? 40 : round > 16'384 ? 25 : 18;
  Steps steps;
  for (std::size_t size = round - before; size <= round + 2; ++size) {
    steps += compressed_echo(text(random.substr(0, size)), {}, Opcode::binary);
  }
  return lives_through(steps);
}

void add_full_buffers(std::vector<Case>& cases) {
  int number = 0;
  for (const std::size_t round :
       {256U, 512U, 1024U, 2048U, 4096U, 8192U, 16'384U, 32'768U, 65'536U}) {
    cases.push_back(long_case(
        "7." + std::to_string(++number),
        "Messages that compress to about " + std::to_string(round) + " bytes",
        "No size has a meaning of its own.", [round] { return messages_about(round); },
        &kAgreements[2]));
  }
}

/// Many messages in one go; their echoes come in the same order.
Steps burst(bool deflates, unsigned large) {
  struct Said {
    Opcode type{};
    Payload payload{};
  };
  std::vector<Said> said;
  Steps steps;
  const Payload bulk = text(noise(large));
  for (int i = 0; i < 12; ++i) {
    const Payload payload =
        i % 3 == 0 ? bulk : text(i % 3 == 1 ? "short " + std::to_string(i) : std::string());
    const Opcode type = i % 2 == 0 ? Opcode::text : Opcode::binary;
    const bool is_plain = !deflates || i % 4 == 1;
    PutMessage message{
        .type = type,
        .payload = payload,
        .coding = is_plain ? PutMessage::Coding::plain : PutMessage::Coding::compressed};
    if (i % 5 == 4) message.fragments = {2, 0};
    steps += Steps{std::move(message)};
    said.push_back({type, payload});
  }
  for (const Said& it : said) steps += Steps{expect_message(it.type, it.payload)};
  return steps;
}

void add_bursts(std::vector<Case>& cases) {
  int number = 0;
  for (const bool deflates : {true, false}) {
    for (const unsigned large : {300U, 20'000U, 60'000U}) {
      Case test = long_case("8." + std::to_string(++number),
                            "Messages of " + std::to_string(large) +
                                " bytes, short and empty ones in one go, " +
                                (deflates ? "compressed and plain" : "all plain"),
                            "Echoes come in the order of the messages.", [deflates, large] {
                              return lives_through(burst(deflates, large) + burst(deflates, large));
                            });
      test.checks = {"RFC6455-5.4-7", "RFC6455-5.6-1"};
      if (!deflates) test.dialogue->deflate.reset();
      test.dialogue->own_cuts = large > 300;
      cases.push_back(std::move(test));
    }
  }
}

/// Compressed frames at the limits of the forms of the length.
Steps frames_of_limits() {
  Steps steps;
  for (const std::size_t length :
       {1U, 2U, 124U, 125U, 126U, 127U, 128U, 255U, 256U, 65'534U, 65'535U, 65'536U, 65'537U}) {
    std::string blocks;
    std::string words;
    if (length < 7) {
      blocks = std::string(length, '\0');
      if (length == 2) blocks = {'\x02', '\0'};
    } else {
      // A stored block takes five bytes besides, and the empty one a byte.
      const std::size_t block = length > 60'000 ? length / 2 : length - 6;
      DeflateWriter writer;
      words = noise(length > 60'000 ? length - 11 : length - 6);
      writer.put_stored(words.substr(0, block));
      if (words.size() > block) writer.put_stored(words.substr(block));
      blocks = writer.take_message();
    }
    steps += given(words, blocks) + given(words, blocks, {length / 2});
  }
  return lives_through(steps);
}

void add_lengths(std::vector<Case>& cases) {
  cases.push_back(long_case("9.1", "Compressed frames at the limits of the length's forms",
                            "The length is that of what was compressed.", frames_of_limits));
}

/// A last fragment that brings nothing more, or only the empty block that ends a message.
void add_last_fragments(std::vector<Case>& cases) {
  const std::string words = "Everything was said before.";
  const std::string whole = fixed(words);
  DeflateWriter writer;
  writer.put_fixed(literals(words));
  writer.put_stored("");
  const std::string blocks = writer.take_message();  // with an empty block more
  int number = 0;
  for (const std::size_t left : {1U, 2U, 3U, 4U, 5U, 6U}) {
    const Steps message = given(words, blocks, {blocks.size() - left});
    cases.push_back(
        agreement_case("10." + std::to_string(++number),
                       "The last fragment of a message is the last " + std::to_string(left) +
                           " bytes of its empty blocks",
                       "Fragments of compressed data are joined, then inflated.",
                       lives_through(message + compressed_echo(text(words)) + message +
                                     echo("plain") + given(words, whole, {whole.size() - 1}))));
  }
}

/// A first, a middle or a last fragment that fills a buffer, or leaves less room than the tail of a
/// message takes.
Steps fragments_about(std::size_t round) {
  constexpr std::size_t kOther = 40;  // bytes of the other fragments
  const std::size_t before = round > 8192 ? 4 : 9;
  Steps steps;
  for (std::size_t size = round - before; size <= round + 1; ++size) {
    const std::string words = noise(size + kOther - 6);
    DeflateWriter writer;
    writer.put_stored(words);
    const std::string blocks = writer.take_message();
    steps += given(words, blocks, {kOther}) + given(words, blocks, {size}) +
             given(words, blocks, {kOther / 2, size});
  }
  return lives_through(steps);
}

void add_full_fragments(std::vector<Case>& cases) {
  int number = 0;
  for (const std::size_t round : {128U, 256U, 512U, 1024U, 2048U, 4096U, 8192U, 16'384U, 32'768U}) {
    cases.push_back(long_case("15." + std::to_string(++number),
                              "Compressed fragments of about " + std::to_string(round) + " bytes",
                              "No size has a meaning of its own.",
                              [round] { return fragments_about(round); }));
  }
}

}  // namespace

std::vector<Case> agreement_cases() {
  std::vector<Case> cases;
  add_conversations(cases);
  add_blocks(cases);
  add_final_blocks(cases);
  add_beginnings(cases);
  add_full_buffers(cases);
  add_bursts(cases);
  add_lengths(cases);
  add_last_fragments(cases);
  add_final_fragments(cases);
  add_full_fragments(cases);
  return cases;
}

}  // namespace ws::conformance
