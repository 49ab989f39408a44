// Section 41, the groups 1, 2, 3 and 8: blocks of DEFLATE that zlib does not make, legal and
// illegal (RFC 1951 section 3.2, RFC 7692 section 7.2).
#include <algorithm>
#include <numeric>

#include "conformance/cases/deflate_writer.hpp"
#include "conformance/cases/parts.hpp"
#include "conformance/cases/rare_forms.hpp"

namespace ws::conformance {
namespace {

using Steps = std::vector<DialogueStep>;

/// Needs permessage-deflate with full windows.
Case deflate_case(std::string id, std::string title, std::string purpose, Steps steps) {
  Case test = rare_case(std::move(id), std::move(title), std::move(purpose),
                        {"RFC7692-6.2-1", "RFC7692-7.2.2-1"},
                        {.deflate = usual_deflate(), .steps = std::move(steps)});
  test.tags.emplace_back("deflate");
  return test;
}

Steps given(const std::string& deflated, const Payload& payload, Opcode type = Opcode::text) {
  return {PutMessage{.type = type,
                     .payload = payload,
                     .coding = PutMessage::Coding::given,
                     .deflated = text(deflated)},
          expect_message(type, payload)};
}

/// `count` lengths, all 0 but for those of `symbols`.
std::vector<unsigned> only(unsigned count, const std::vector<unsigned>& symbols, unsigned length) {
  std::vector<unsigned> lengths(count);
  for (const unsigned symbol : symbols) lengths[symbol] = length;
  return lengths;
}

std::vector<DeflateToken> with_match(std::string_view words, unsigned length, unsigned distance) {
  std::vector<DeflateToken> tokens = literals(words);
  tokens.push_back({.length = length, .distance = distance});
  return tokens;
}

/// 286 codes of 8 and 9 bits.
std::vector<unsigned> all_literal_lengths() {
  std::vector<unsigned> lengths(286, 8);
  std::fill(lengths.begin() + 226, lengths.end(), 9);
  return lengths;
}

/// 30 codes of 4 and 5 bits.
std::vector<unsigned> all_distance_lengths() {
  std::vector<unsigned> lengths(30, 5);
  lengths[28] = lengths[29] = 4;
  return lengths;
}

/// Matches of every length at distances below 40, with letters between.
std::vector<DeflateToken> overlapping() {
  std::vector<DeflateToken> tokens = literals("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ");
  for (unsigned length = 3; length <= 258; ++length) {
    tokens.push_back({.length = length, .distance = 1 + length % 40});
    tokens.push_back({.literal = 'a' + length % 26});
    tokens.push_back({.literal = 'A' + length % 25});
  }
  for (unsigned distance = 1; distance <= 40; ++distance) {
    tokens.push_back({.length = 3 * distance > 258 ? 258 : 3 * distance, .distance = distance});
    tokens.push_back({.literal = '0' + distance % 10});
  }
  return tokens;
}

/// A match at the least and the greatest distance of every code.
std::vector<DeflateToken> far_matches() {
  std::vector<DeflateToken> tokens = literals(noise(33'000));
  unsigned length = 10;
  for (const auto& [first, extra_bits] : distance_ranges()) {
    for (const unsigned distance : {first, first + (1U << extra_bits) - 1}) {
      tokens.push_back({.length = length, .distance = distance});
    }
    ++length;
  }
  return tokens;
}

std::string one_block(const DynamicBlock& block) {
  DeflateWriter writer;
  writer.put_dynamic(block);
  return writer.take_message();
}

struct Form {
  std::string title{};
  std::string deflated{};
  std::string words{};
};

std::vector<Form> legal_forms() {
  std::vector<Form> forms;
  const auto add = [&](std::string title, const DynamicBlock& block) {
    forms.push_back({std::move(title), one_block(block), say(block.tokens)});
  };
  const std::vector<unsigned> few{'a', 'b', 256, 264};
  add("A dynamic block with no distance code",
      {.literal_lengths = only(257, {'a', 'b', 'c', 256}, 2),
       .distance_lengths = {0},
       .tokens = literals("abcabcaabbcc")});
  add("A dynamic block with one distance code, of one bit", {.literal_lengths = only(265, few, 2),
                                                             .distance_lengths = {1},
                                                             .tokens = with_match("ab", 10, 1)});
  add("A dynamic block with one distance code, the fourth", {.literal_lengths = only(265, few, 2),
                                                             .distance_lengths = {0, 0, 0, 1},
                                                             .tokens = with_match("abba", 10, 4)});
  add("A dynamic block with one distance code that is not used",
      {.literal_lengths = only(265, few, 2),
       .distance_lengths = {1},
       .tokens = literals("abbaab")});
  std::vector<unsigned> five(286);
  five['a'] = five['b'] = 5;
  std::fill(five.begin() + 256, five.end(), 5);
  add("Code lengths that repeat from the literals into the distances",
      {.literal_lengths = five,
       .distance_lengths = all_distance_lengths(),
       .tokens = with_match("abba", 10, 3),
       .repeats = true});
  for (const unsigned zeros : {2U, 20U}) {
    std::vector<unsigned> distances(zeros);
    distances.insert(distances.end(), {1, 1});
    std::vector<DeflateToken> tokens = literals(noise(3000, 'a', 2));
    tokens.push_back({.length = 10, .distance = zeros == 2 ? 3U : 1025U});
    add("A run of " + std::string(zeros == 2 ? "few" : "many") +
            " zeros from the literals into the distances",
        {.literal_lengths = only(zeros == 2 ? 268 : 286, few, 2),
         .distance_lengths = distances,
         .tokens = tokens,
         .repeats = true});
  }
  std::vector<unsigned> stairs(15);
  std::iota(stairs.begin(), stairs.end(), 'a');
  stairs.push_back(256);
  add("Literals with codes of 1 to 15 bits",
      {.literal_lengths = staircase(257, stairs),
       .distance_lengths = {0},
       .tokens = literals("abcdefghijklmnoonmlkjihgfedcba")});
  std::vector<unsigned> distant(16);
  std::iota(distant.begin(), distant.end(), 0);
  std::vector<DeflateToken> tokens = literals(noise(300));
  for (const unsigned distance :
       {1U, 2U, 3U, 4U, 5U, 7U, 9U, 13U, 17U, 25U, 33U, 49U, 65U, 97U, 129U, 193U, 256U}) {
    tokens.push_back({.length = 9, .distance = distance});
  }
  add("Distances with codes of 1 to 15 bits", {.literal_lengths = all_literal_lengths(),
                                               .distance_lengths = staircase(16, distant),
                                               .tokens = tokens});
  add("A literal of one bit, a thousand times", {.literal_lengths = only(257, {'a', 256}, 1),
                                                 .distance_lengths = {0},
                                                 .tokens = literals(std::string(1000, 'a'))});
  add("All codes there are, and matches that overlap, of every length",
      {.literal_lengths = all_literal_lengths(),
       .distance_lengths = all_distance_lengths(),
       .tokens = overlapping()});
  add("All codes there are, and matches at both ends of every distance code",
      {.literal_lengths = all_literal_lengths(),
       .distance_lengths = all_distance_lengths(),
       .tokens = far_matches()});
  const auto add_fixed = [&](std::string title, const std::vector<DeflateToken>& fixed) {
    DeflateWriter writer;
    writer.put_fixed(fixed);
    forms.push_back({std::move(title), writer.take_message(), say(fixed)});
  };
  add_fixed("A fixed block with matches that overlap, of every length", overlapping());
  add_fixed("A fixed block with matches at both ends of every distance code", far_matches());
  return forms;
}

void add_legal_blocks(std::vector<Case>& cases) {
  int number = 0;
  for (const Form& form : legal_forms()) {
    cases.push_back(deflate_case("1." + std::to_string(++number), form.title + " is inflated",
                                 "A sender may compress as it likes.",
                                 lives_through(given(form.deflated, text(form.words)))));
    // Where reads end is the matter of other sections.
    if (form.words.size() > 5000) cases.back().dialogue->own_cuts = true;
  }
  // Literals of nine bits, each of which moves what follows by a bit.
  DeflateWriter writer;
  std::string bytes;
  for (std::size_t i = 0; i < 9; ++i) {
    const std::string nine(i, '\xf0');
    writer.put_fixed(literals(nine));
    writer.put_stored("stored");
    bytes += nine + "stored";
  }
  cases.push_back(
      deflate_case("1." + std::to_string(++number), "A stored block begins at each bit of a byte",
                   "A sender may compress as it likes.",
                   lives_through(given(writer.take_message(), text(bytes), Opcode::binary))));
  const std::string long_one = noise(65'535);
  writer.put_stored(long_one);
  writer.put_stored("");
  writer.put_stored(long_one.substr(0, 1));
  writer.put_fixed(with_match("", 258, 32'768));
  writer.put_stored("");
  const Payload words =
      text(long_one + long_one.substr(0, 1) + long_one.substr(long_one.size() + 1 - 32'768, 258));
  cases.push_back(deflate_case(
      "1." + std::to_string(++number), "Stored blocks of 65,535 bytes, of none and of one",
      "A sender may compress as it likes.", lives_through(given(writer.take_message(), words))));
  cases.back().dialogue->own_cuts = true;
}

std::vector<Form> illegal_forms() {
  std::vector<Form> forms;
  DeflateWriter writer;
  const auto add = [&](std::string title) {
    writer.put_bits(0, 32);
    forms.push_back({std::move(title), writer.take_message()});
  };
  // In a fixed block the codes 286 and 287, and the distance codes 30 and 31, "will never actually
  // occur" (RFC 1951 section 3.2.6).
  for (const unsigned code : {30U, 31U}) {
    writer.put_bits(2, 3);
    writer.put_code(0x30 + 'a', 8);
    writer.put_code(1, 7);  // a length of 3
    writer.put_code(code, 5);
    add("The distance code " + std::to_string(code));
  }
  for (const unsigned code : {286U, 287U}) {
    writer.put_bits(2, 3);
    writer.put_code(0x30 + 'a', 8);
    writer.put_code(0xc0 + code - 280, 8);
    writer.put_code(0, 5);
    add("The length code " + std::to_string(code));
  }
  writer.begin_dynamic(257, 1);
  writer.put_length(16);
  add("A repetition of the code length before the first");
  writer.begin_dynamic(257, 1);
  for (int i = 0; i < 2; ++i) writer.put_length(18, 127);
  add("A run of code lengths beyond their number");
  writer.begin_dynamic(257, 1);
  for (unsigned i = 0; i < 257; ++i) writer.put_length(i < 3 || i == 256 ? 1 : 0);
  writer.put_length(0);
  add("Literals that have more codes than there are");
  writer.begin_dynamic(257, 4);
  for (unsigned i = 0; i < 257; ++i) writer.put_length(i == 'a' || i == 256 ? 1 : 0);
  for (int i = 0; i < 4; ++i) writer.put_length(1);
  add("Distances that have more codes than there are");
  writer.begin_dynamic(258, 1);
  for (unsigned i = 0; i < 258; ++i) {
    writer.put_length(i == 'a' ? 1 : i > 255 ? 2 : 0);
  }
  writer.put_length(0);
  writer.put_code(0, 1);
  writer.put_code(3, 2);  // a length of 3
  add("A match without a distance code");
  return forms;
}

void add_illegal_blocks(std::vector<Case>& cases) {
  int number = 0;
  for (const Form& form : illegal_forms()) {
    cases.push_back(deflate_case(
        "2." + std::to_string(++number), form.title + " fails the connection",
        "Data that cannot be inflated is no message.",
        fails_after_contents(
            {PutMessage{.coding = PutMessage::Coding::given, .deflated = text(form.deflated)}},
            {1002, 1003, 1007, 1011}, "RFC 7692 7.2.2")));
  }
}

/// The four bytes that senders leave out and receivers add, where they are the message's own.
void add_tails(std::vector<Case>& cases) {
  const char* const kTails[] = {"00 00 ff ff",
                                "78 00 00 ff ff",
                                "00 00 ff ff 00 00 ff ff",
                                "00 00 ff ff 78",
                                "00 00 00 00 ff ff ff ff",
                                "00 00 ff",
                                "00 00 00 ff ff 00",
                                "ff ff"};
  Steps plain;
  Steps compressed;
  Steps stored;
  for (const char* tail : kTails) {
    const Payload payload = hex(tail);
    plain += echo(Opcode::binary, payload);
    compressed += Steps{
        PutMessage{
            .type = Opcode::binary, .payload = payload, .coding = PutMessage::Coding::compressed},
        expect_message(Opcode::binary, payload)};
    DeflateWriter writer;
    writer.put_stored(payload.pattern);
    stored += given(writer.take_message(), payload, Opcode::binary);
  }
  const std::string purpose = "Four bytes are left out of compressed data, and of nothing else.";
  const std::pair<const char*, Steps*> ways[] = {
      {"plain", &plain}, {"compressed", &compressed}, {"in stored blocks", &stored}};
  int number = 0;
  for (const auto& [how, steps] : ways) {
    cases.push_back(deflate_case("3." + std::to_string(++number),
                                 "Messages that end like an empty block come " + std::string(how),
                                 purpose, lives_through(*steps)));
  }
}

/// Longer than what many take for enough.
void add_long_ones(std::vector<Case>& cases) {
  int number = 3;
  for (const std::uint64_t size : {1'048'577U, 3'000'000U}) {
    const Payload payload = repeat("0123456789abcdefghij", size);
    cases.push_back(deflate_case(
        "3." + std::to_string(++number), "A message inflates to " + std::to_string(size) + " bytes",
        "What is short on the wire may be long.",
        echo("before") +
            Steps{PutMessage{.payload = payload, .coding = PutMessage::Coding::compressed},
                  echoed_or_too_big(Opcode::text, payload)} +
            closed_cleanly()));
    cases.back().dialogue->own_cuts = true;
  }
}

/// What a message leaves in the window is there for the next, whatever its size.
void add_round_sizes(std::vector<Case>& cases) {
  Steps steps;
  std::size_t at = 0;
  const std::string source = noise(200'000);
  const auto put = [&](const std::string& words) {
    steps += Steps{PutMessage{.payload = text(words), .coding = PutMessage::Coding::compressed},
                   expect_message(Opcode::text, text(words))};
  };
  for (const std::size_t round : {256U, 512U, 1024U, 4096U, 8192U, 16'384U, 32'768U, 65'536U}) {
    for (const std::size_t size : {round - 1, round, round + 1}) {
      const std::string words = source.substr(at, size);
      put(words);
      put(words.substr(size - 60));
      put(words.substr(size - std::min<std::size_t>(size, 30'000), 60));
      at = (at + 997) % 100'000;
    }
  }
  cases.push_back(deflate_case("3.6", "Messages of round sizes, and what refers to their parts",
                               "What was inflated is the window of what follows.",
                               lives_through(steps)));
  cases.back().dialogue->own_cuts = true;
  cases.back().dialogue->needs_context_takeover = true;
}

/// The last byte of a fragment brings more than a buffer of a round size has room for: what is left
/// comes without any more input.
void add_full_buffers(std::vector<Case>& cases) {
  constexpr unsigned kMatch = 258;
  int number = 6;
  for (const unsigned round : {1024U, 4096U, 8192U, 16'384U, 32'768U, 65'536U, 131'072U}) {
    const unsigned matches = (round - 1) / kMatch + 1;  // the last of them passes the border
    // The block's header and a literal have 11 bits, each match 13.
    const std::uint64_t cut = (11 + 13 * std::uint64_t{matches} + 7) / 8;
    Steps steps;
    for (const unsigned more : {1U, 40U}) {
      std::vector<DeflateToken> tokens = literals("a");
      tokens.resize(1 + matches + more, DeflateToken{.length = kMatch, .distance = 1});
      DeflateWriter writer;
      writer.put_fixed(tokens);
      const Payload payload = repeat("a", 1 + std::uint64_t{kMatch} * (matches + more));
      steps += Steps{PutMessage{.payload = payload,
                                .fragments = {cut},
                                .coding = PutMessage::Coding::given,
                                .deflated = text(writer.take_message())},
                     expect_message(Opcode::text, payload)};
    }
    cases.push_back(
        deflate_case("3." + std::to_string(++number),
                     "A fragment ends with the byte that inflates to more than " +
                         std::to_string(round) + " bytes",
                     "What a buffer has no room for is not lost, and does not wait for more input.",
                     lives_through(steps + compressed_echo(text("something else")))));
    cases.back().dialogue->own_cuts = true;
  }
}

/// Bytes that no compressor makes shorter, so that it leaves them as they are.
std::string random_bytes(std::size_t size) {
  std::uint64_t state = 4103;
  std::string random;
  for (std::size_t i = 0; i < size; ++i) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    random += static_cast<char>(state >> 56U);
  }
  return random;
}

/// A compressor leaves what it cannot make shorter as it is, and so the four bytes too, where
/// nobody who looks for them has to find them.
void add_tails_as_they_are(std::vector<Case>& cases) {
  const std::string four = hex("00 00 ff ff").pattern;
  Steps compressed;
  Steps in_stored_block;
  for (const std::string& end : {four, four + four, four + random_bytes(500)}) {
    for (const std::size_t size : {90U, 1000U, 40'000U}) {
      const Payload payload = text(random_bytes(size) + end);
      compressed += compressed_echo(payload, {}, Opcode::binary);
      in_stored_block += given(stored(payload.pattern), payload, Opcode::binary);
    }
  }
  const std::string purpose = "Four bytes are left out of compressed data, and of nothing else.";
  int number = 0;
  for (const auto& [how, steps] :
       {std::pair{"compressed", &compressed}, std::pair{"in stored blocks", &in_stored_block}}) {
    cases.push_back(deflate_case("15." + std::to_string(++number),
                                 "Messages that get no shorter, with the four bytes of a tail at "
                                 "their end or inside, come " +
                                     std::string(how),
                                 purpose, lives_through(*steps)));
    cases.back().dialogue->own_cuts = true;
  }
}

/// The first of the bytes that a window still has, before a message adds any. zlib refers to none
/// of the first 262.
void add_ends_of_kept_windows(std::vector<Case>& cases) {
  constexpr std::size_t kWindow = 32'768;
  const std::string words = noise(kWindow + 20'000);
  int number = 0;
  for (const std::vector<std::size_t>& sizes :
       {std::vector<std::size_t>{kWindow}, std::vector<std::size_t>{20'000, kWindow},
        std::vector<std::size_t>(4, kWindow / 4), std::vector<std::size_t>{kWindow - 1, 1},
        std::vector<std::size_t>{kWindow + 20'000}}) {
    Steps steps;
    std::string all;
    for (const std::size_t size : sizes) {
      const std::string message = words.substr(all.size(), size);
      steps += given(stored(message), text(message));
      all += message;
    }
    for (int i = 0; i < 3; ++i) {
      const std::string again = all.substr(all.size() - kWindow, 258);
      DeflateWriter writer;
      writer.put_fixed(with_match("", 258, kWindow));
      steps += given(writer.take_message(), text(again));
      all += again;
    }
    Case test = deflate_case(
        "14." + std::to_string(++number),
        "A message begins with the first byte of the window that " +
            (sizes.size() == 1 ? "one of " + std::to_string(sizes[0]) + " bytes"
                               : "some of " + std::to_string(sizes[0]) + " bytes and so on") +
            " left",
        "What a window has, it has to its end.", lives_through(steps));
    test.checks = {"RFC7692-7.2.2-4", "RFC7692-7.2.2-8", "RFC7692-7.2.2-10"};
    test.dialogue->own_cuts = true;
    test.dialogue->needs_context_takeover = true;
    test.dialogue->deflate->wishes = {
        ServerWish{.needs_full_server_window = true, .takes_hint = true}};
    cases.push_back(std::move(test));
  }
}

/// A repetition that a window of one bit more would reach, far into a message.
void add_small_windows(std::vector<Case>& cases) {
  for (int bits = 9; bits <= 14; ++bits) {
    const std::size_t window = std::size_t{1} << static_cast<unsigned>(bits);
    const Payload payload = repeat(noise(window + window / 2), 100'000);
    const std::string value = std::to_string(bits);
    Case test = deflate_case(
        "8." + value, "A window of " + value + " bits is kept in a message of 100,000 bytes",
        "What was agreed on holds to a message's end.", lives_through(echo(Opcode::text, payload)));
    test.checks = {"RFC7692-7.2.1-12", "RFC7692-7.2.1-13"};
    test.dialogue->own_cuts = true;
    test.dialogue->deflate =
        Negotiation{.offers = {"permessage-deflate; server_max_window_bits=" + value},
                    .wishes = {ServerWish{.needs_client_max_window_bits = true,
                                          .client_max_window_bits = bits}}};
    cases.push_back(std::move(test));
  }
}

/// Nothing, compressed in all the ways there are.
void add_forms_of_nothing(std::vector<Case>& cases) {
  DeflateWriter fixed;
  for (int i = 0; i < 3; ++i) fixed.put_fixed({});
  DeflateWriter dynamic;
  dynamic.put_dynamic({.literal_lengths = only(257, {'a', 256}, 1), .distance_lengths = {0}});
  DeflateWriter mixed;
  mixed.put_fixed({});
  mixed.put_stored("");
  mixed.put_fixed({});
  const std::pair<const char*, Payload> forms[] = {
      {"no block but the one of the tail", hex("00")},
      {"an empty stored block", hex("00 00 00 ff ff 00")},
      {"three empty stored blocks", hex("00 00 00 ff ff 00 00 00 ff ff 00 00 00 ff ff 00")},
      {"an empty fixed block", hex("02 00")},
      {"three empty fixed blocks", text(fixed.take_message())},
      {"an empty dynamic block", text(dynamic.take_message())},
      {"empty blocks of two kinds", text(mixed.take_message())},
      {"an empty final stored block", hex("01 00 00 ff ff 00")},
      {"an empty final fixed block", hex("03 00 00")},
      {"an empty stored block and a final one", hex("00 00 00 ff ff 01 00 00 ff ff 00")},
  };
  int number = 0;
  for (const auto& [what, form] : forms) {
    for (const bool in_fragments : {false, true}) {
      if (in_fragments && form.length == 1) continue;
      const std::vector<std::uint64_t> ones(
          in_fragments ? static_cast<std::size_t>(form.length) - 1 : 0, 1);
      Steps steps;
      for (int i = 0; i < 2; ++i) {
        steps += given_echo("", form, ones);
        steps += compressed_echo(text("something again, something again"));
      }
      cases.push_back(deflate_case("12." + std::to_string(++number),
                                   "An empty message of " + std::string(what) +
                                       (in_fragments ? ", in fragments of one byte" : ""),
                                   "A sender may compress as it likes.", lives_through(steps)));
      cases.back().dialogue->own_cuts = true;
    }
  }
}

/// More blocks than a message usually has.
void add_many_blocks(std::vector<Case>& cases) {
  using Put = void (*)(DeflateWriter&, const std::string&);
  const std::pair<const char*, Put> kinds[] = {
      {"fixed blocks",
       [](DeflateWriter& writer, const std::string& one) { writer.put_fixed(literals(one)); }},
      {"stored blocks",
       [](DeflateWriter& writer, const std::string& one) { writer.put_stored(one); }},
      {"dynamic blocks",
       [](DeflateWriter& writer, const std::string& one) {
         writer.put_dynamic({.literal_lengths = only(257, {'a', 'b', 'c', 256}, 2),
                             .distance_lengths = {0},
                             .tokens = literals(one)});
       }},
      {"blocks of all kinds, empty ones among them",
       [](DeflateWriter& writer, const std::string& one) {
         writer.put_fixed({});
         writer.put_stored(one);
         writer.put_stored("");
         writer.put_fixed(literals(one));
       }}};
  int number = 0;
  for (const auto& [what, put] : kinds) {
    for (const int count : {20, 66, 130, 260, 1030}) {
      DeflateWriter writer;
      for (int i = 0; i < count; ++i) put(writer, std::string(1, static_cast<char>('a' + i % 3)));
      std::string words;
      const bool is_mixed = what == kinds[3].first;
      for (int i = 0; i < count; ++i) {
        words += std::string(is_mixed ? 2 : 1, static_cast<char>('a' + i % 3));
      }
      cases.push_back(deflate_case(
          "13." + std::to_string(++number),
          "A message of " + std::to_string(count) + (is_mixed ? " times four " : " ") + what,
          "A sender may compress as it likes.",
          lives_through(given(writer.take_message(), text(words)) +
                        compressed_echo(text("something again, something again")))));
      cases.back().dialogue->own_cuts = true;
    }
  }
}

}  // namespace

std::vector<Case> rare_block_cases() {
  std::vector<Case> cases;
  add_legal_blocks(cases);
  add_illegal_blocks(cases);
  add_tails(cases);
  add_long_ones(cases);
  add_round_sizes(cases);
  add_full_buffers(cases);
  add_tails_as_they_are(cases);
  add_ends_of_kept_windows(cases);
  add_small_windows(cases);
  add_forms_of_nothing(cases);
  add_many_blocks(cases);
  return cases;
}

}  // namespace ws::conformance
