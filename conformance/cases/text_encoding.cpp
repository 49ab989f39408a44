// Section 28: UTF-8 in every place and cut (RFC 6455 section 8.1).
#include "conformance/cases/catalogue.hpp"
#include "conformance/cases/deflate_writer.hpp"
#include "conformance/cases/parts.hpp"

namespace ws::conformance {
namespace {

Case text_case(std::string id, std::string title, std::vector<DialogueStep> steps) {
  return {.id = "28." + std::move(id),
          .title = std::move(title),
          .purpose = "Text is UTF-8 as a whole, wherever its bytes stand and are cut.",
          .checks = {"RFC6455-5.6-1", "RFC6455-8.1-1"},
          .tags = {"utf8"},
          .dialogue = Dialogue{.steps = std::move(steps)}};
}

struct Sequence {
  std::string_view hex{};
  std::string_view what{};
  std::uint64_t may_be_good = 0;  ///< of a bad one: bytes behind which it might become a good one
};

constexpr Sequence kGood[] = {{"00", "U+0000"},        {"7f", "U+007F"},
                              {"c280", "U+0080"},      {"dfbf", "U+07FF"},
                              {"e0a080", "U+0800"},    {"ed9fbf", "U+D7FF"},
                              {"ee8080", "U+E000"},    {"efbbbf", "U+FEFF, the byte order mark"},
                              {"efbfbd", "U+FFFD"},    {"efbfbf", "U+FFFF"},
                              {"f0908080", "U+10000"}, {"f09f9880", "U+1F600"},
                              {"f3bfbfbf", "U+FFFFF"}, {"f48fbfbf", "U+10FFFF"},
                              {"0d0a", "a line end"},  {"0a0d09", "other white space"}};

constexpr Sequence kBad[] = {
    {"80", "a byte from inside a character"},
    {"bf", "the last byte from inside a character"},
    {"c080", "an overlong zero"},
    {"c0af", "an overlong slash in two bytes"},
    {"c1bf", "the greatest overlong form of two bytes"},
    {"e08080", "an overlong zero in three bytes", 1},
    {"e09fbf", "the greatest overlong form of three bytes", 1},
    {"f0808080", "an overlong zero in four bytes", 1},
    {"f08fbfbf", "the greatest overlong form of four bytes", 1},
    {"eda080", "the first surrogate", 1},
    {"edbfbf", "the last surrogate", 1},
    {"f4908080", "U+110000", 1},
    {"f5808080", "the lead byte F5"},
    {"f7bfbfbf", "the lead byte F7"},
    {"f888808080", "a sequence of five bytes"},
    {"fc8480808080", "a sequence of six bytes"},
    {"fe", "the byte FE"},
    {"ff", "the byte FF"},
    {"c341", "a lead byte and a letter", 1},
    {"e28241", "two of three bytes and a letter", 2},
    {"e241", "one of three bytes and a letter", 1},
    {"f09f9841", "three of four bytes and a letter", 3},
    {"c3c3", "two lead bytes", 1},
    {"e282e282ac", "a broken character and a good one", 2},
    {"c2808080", "a good character and a byte too many", 2},
};

void add_good(std::vector<Case>& cases) {
  int number = 0;
  for (const Sequence& sequence : kGood) {
    // At every place of a block of 32 bytes, alone and among others.
    std::vector<DialogueStep> steps;
    for (std::uint64_t offset = 0; offset <= 34; ++offset) {
      const Payload payload = join({repeat("a", offset), hex(sequence.hex), repeat("z", 20)});
      steps = std::move(steps) + echo(Opcode::text, payload);
    }
    steps = std::move(steps) + echo(Opcode::text, hex(sequence.hex));
    cases.push_back(text_case("1." + std::to_string(++number),
                              std::string(sequence.what) + " at 35 places comes back unchanged",
                              std::move(steps) + closed_cleanly()));
  }
  // A character of four bytes across places where buffers and blocks end.
  number = 0;
  for (const std::uint64_t border :
       {16U, 32U, 64U, 125U, 128U, 512U, 1024U, 4096U, 8192U, 16'384U, 65'536U}) {
    std::vector<DialogueStep> steps;
    for (std::uint64_t before = border - 4; before <= border; ++before) {
      const Payload payload = join({repeat("b", before), hex("f09f9880"), repeat("c", 7)});
      steps = std::move(steps) + echo(Opcode::text, payload);
    }
    cases.push_back(text_case("2." + std::to_string(++number),
                              "A character across the byte " + std::to_string(border),
                              std::move(steps) + closed_cleanly()));
  }
  number = 0;
  for (const std::string_view character : {"c3a9", "e282ac", "f09f9880"}) {
    const Payload whole = join({text("x"), hex(character), text("y")});
    for (std::uint64_t cut = 0; cut <= whole.length; ++cut) {
      std::vector<DialogueStep> steps{
          PutMessage{.payload = whole, .fragments = {cut}}, expect_message(Opcode::text, whole),
          PutMessage{.payload = whole, .fragments = {cut, 0}}, expect_message(Opcode::text, whole)};
      // Likewise with a Ping in the cut, whose payload is not text.
      steps.emplace_back(PutFrame{.fin = false, .payload = slice(whole, 0, cut)});
      steps.emplace_back(frame(Opcode::ping, hex("80ff")));
      steps.emplace_back(expect_pong(hex("80ff")));
      steps.emplace_back(PutFrame{.opcode = 0, .payload = slice(whole, cut, whole.length - cut)});
      steps.emplace_back(expect_message(Opcode::text, whole));
      cases.push_back(text_case("3." + std::to_string(++number),
                                "A character of " + std::to_string(character.size() / 2) +
                                    " bytes in fragments, cut after byte " + std::to_string(cut),
                                lives_through(steps)));
    }
    std::vector<std::uint64_t> ones(static_cast<std::size_t>(whole.length) - 1, 1);
    cases.push_back(text_case("3." + std::to_string(++number),
                              "A character of " + std::to_string(character.size() / 2) +
                                  " bytes in fragments of one byte",
                              lives_through({PutMessage{.payload = whole, .fragments = ones},
                                             expect_message(Opcode::text, whole)})));
  }
  for (const std::string_view tail : {"e2", "e282", "f09f98", "ff"}) {
    cases.push_back(text_case(
        "3." + std::to_string(++number), "A binary message that is not UTF-8, then a text",
        lives_through(echo(Opcode::binary, hex(tail)) + echo(Opcode::text, hex("c3a9")) +
                      echo(Opcode::text, text("plain")))));
  }
}

/// A text that fails the connection.
Case bad_text_case(std::string id, std::string title, std::vector<DialogueStep> steps) {
  Case test = text_case(std::move(id), std::move(title), std::move(steps));
  test.checks.insert(test.checks.end(),
                     {"RFC6455-7.1.7-7", "RFC6455-7.4.1-7", "RFC6455-10.7-1", "RFC6455-10.7-3"});
  return test;
}

void add_bad(std::vector<Case>& cases) {
  int number = 0;
  for (const Sequence& sequence : kBad) {
    for (const std::uint64_t offset : {0U, 3U, 7U, 8U, 11U, 15U, 16U, 29U, 31U, 47U, 63U, 125U}) {
      for (const bool is_last : {false, true}) {
        if (is_last && offset != 0 && offset != 11 && offset != 29) continue;
        const Payload payload =
            join({repeat("a", offset), hex(sequence.hex), repeat("z", is_last ? 0U : 40U)});
        cases.push_back(bad_text_case("4." + std::to_string(++number),
                                      "A text with " + std::string(sequence.what) + " behind " +
                                          std::to_string(offset) + " bytes" +
                                          (is_last ? ", at its end" : ""),
                                      fails_after_contents({PutMessage{.payload = payload}})));
      }
    }
  }
  number = 0;
  for (const std::string_view begun : {"c3", "e2", "e282", "f0", "f09f", "f09f98"}) {
    for (const std::uint64_t offset : {0U, 5U, 30U, 4096U}) {
      cases.push_back(bad_text_case(
          "5." + std::to_string(++number),
          "A text that ends inside a character, behind " + std::to_string(offset) + " bytes",
          fails_after_contents({PutMessage{.payload = join({repeat("a", offset), hex(begun)})}})));
    }
    cases.push_back(bad_text_case(
        "5." + std::to_string(++number), "A text in fragments that ends inside a character",
        fails_after_contents({PutFrame{.fin = false, .payload = join({text("a"), hex(begun)})},
                              PutFrame{.opcode = 0}})));
  }
  // The special second bytes, with the cut right behind the lead byte.
  number = 0;
  for (const std::string_view bad :
       {"e080af", "e09fbf", "eda080", "edbfbf", "f08080af", "f08fbfbf", "f4908080", "f4bfbfbf"}) {
    const Payload payload = hex(bad);
    for (std::uint64_t cut = 1; cut < payload.length; ++cut) {
      cases.push_back(bad_text_case(
          "6." + std::to_string(++number),
          "An illegal sequence in two fragments, cut after byte " + std::to_string(cut),
          fails_after_contents({PutMessage{.payload = payload, .fragments = {cut}}})));
    }
  }
  // Far into a long text.
  number = 0;
  for (const std::uint64_t offset : {1000U, 4095U, 4096U, 5000U, 65'535U, 65'536U, 100'001U}) {
    cases.push_back(bad_text_case(
        "7." + std::to_string(++number),
        "A text with a bad byte behind " + std::to_string(offset) + " good ones",
        fails_after_contents({PutMessage{
            .payload = join({repeat("long text ", offset), hex("ff"), repeat("z", 50)})}})));
  }
}

/// Every bad sequence, cut at every place into two fragments: what is wrong shows only in the
/// second, or only in both.
void add_bad_over_fragments(std::vector<Case>& cases) {
  enum class Way { plain, ping, compressed };
  int numbers[3] = {};
  const auto add = [&](Way way, const Payload& begin, const Payload& end, const std::string& what) {
    std::vector<DialogueStep> steps;
    if (way == Way::compressed) {
      const std::string one = stored(begin.pattern);
      DeflateWriter both;
      both.put_stored(begin.pattern);
      both.put_stored(end.pattern);
      const std::string whole = both.take_message();
      steps.emplace_back(
          PutFrame{.fin = false, .rsv = 4, .payload = text(one.substr(0, one.size() - 1))});
      steps.emplace_back(PutFrame{.opcode = 0, .payload = text(whole.substr(one.size() - 1))});
    } else {
      steps.emplace_back(PutFrame{.fin = false, .payload = begin});
      if (way == Way::ping) steps += ping_answered(hex("c3"));
      steps.emplace_back(PutFrame{.opcode = 0, .payload = end});
    }
    const char* const how[] = {"in two fragments", "in two fragments with a Ping between them",
                               "in two compressed fragments"};
    const auto index = static_cast<std::size_t>(way);
    cases.push_back(
        bad_text_case(std::to_string(10 + index) + "." + std::to_string(++numbers[index]),
                      "A text with " + what + ", " + how[index], fails_after_contents(steps)));
    if (way == Way::plain) return;
    cases.back().dialogue->own_cuts = true;
    if (way == Way::compressed) {
      cases.back().dialogue->deflate = usual_deflate();
      cases.back().tags.emplace_back("deflate");
    }
  };
  for (const Sequence& sequence : kBad) {
    const Payload bad = hex(sequence.hex);
    for (std::uint64_t cut = bad.length == 1 ? 0 : 1; cut < bad.length; ++cut) {
      const Payload begin = join({text("good "), slice(bad, 0, cut)});
      const Payload end = join({slice(bad, cut, bad.length - cut), text(" good")});
      const std::string what =
          std::string(sequence.what) + (cut == 0 ? "" : ", cut after byte " + std::to_string(cut));
      add(Way::plain, begin, end, what);
      // What is wrong in the first already fails there.
      if (cut > sequence.may_be_good) continue;
      add(Way::ping, begin, end, what);
      add(Way::compressed, begin, end, what);
    }
  }
}

/// The same text, compressed where `deflate` says so.
Case compressed_if(Case test, bool deflate) {
  if (!deflate) return test;
  test.title += ", compressed";
  test.tags.emplace_back("deflate");
  test.dialogue->deflate = usual_deflate();
  for (DialogueStep& step : test.dialogue->steps) {
    auto* const message = std::get_if<PutMessage>(&step);
    if (message != nullptr && message->payload.length > 16) {
      message->coding = PutMessage::Coding::compressed;
    }
  }
  return test;
}

/// What is open where a block of a checker, or a piece of an inflater, ends.
void add_open_at_blocks(std::vector<Case>& cases) {
  constexpr std::uint64_t kBlocks[] = {16, 64, 1024, 4096, 65'536};
  int number = 0;
  for (const std::string_view begun : {"c3", "e282", "f09f98"}) {
    for (const std::uint64_t block : kBlocks) {
      const Payload open = hex(begun);
      for (const bool deflate : {false, true}) {
        if (deflate && (block < 1024 || open.length == 2)) continue;
        Case test = bad_text_case(
            "13." + std::to_string(++number),
            "A text of " + std::to_string(block) + " bytes ends inside a character of " +
                std::to_string(open.length + 1),
            fails_after_contents(
                {PutMessage{.payload = join({repeat("a", block - open.length), open})}}));
        test.dialogue->own_cuts = true;
        cases.push_back(compressed_if(std::move(test), deflate));
      }
    }
  }
  // And goes on wrongly, or well, in the next.
  number = 0;
  int good_number = 0;
  for (const std::uint64_t block : {64U, 1024U, 4096U, 16'384U, 65'536U}) {
    for (const bool deflate : {false, true}) {
      if (deflate && block < 1024) continue;
      for (const auto& [begun, next] :
           {std::pair{"c3", "41"}, std::pair{"f09f98", "c3a9"}, std::pair{"ed", "a080"}}) {
        const Payload open = hex(begun);
        Case test = bad_text_case(
            "14." + std::to_string(++number),
            "A text with " + std::string(begun) + " at the end of " + std::to_string(block) +
                " bytes, and " + next + " behind it",
            fails_after_contents({PutMessage{.payload = join({repeat("a", block - open.length),
                                                              open, hex(next), text("zzz")})}}));
        test.dialogue->own_cuts = true;
        cases.push_back(compressed_if(std::move(test), deflate));
      }
      std::vector<DialogueStep> steps;
      for (const std::string_view character : {"c3a9", "e282ac", "f09f9880"}) {
        const Payload good = hex(character);
        for (std::uint64_t before = 1; before < good.length; ++before) {
          const Payload payload = join({repeat("a", block - before), good, text("zzz")});
          steps += std::vector<DialogueStep>{PutMessage{.payload = payload},
                                             expect_message(Opcode::text, payload)};
        }
      }
      Case test = text_case("15." + std::to_string(++good_number),
                            "Characters across the end of " + std::to_string(block) + " bytes",
                            std::move(steps) + closed_cleanly());
      test.dialogue->own_cuts = true;
      cases.push_back(compressed_if(std::move(test), deflate));
    }
  }
}

/// What is wrong is the last byte of a block, or the first one behind characters that fill it.
void add_bad_at_blocks(std::vector<Case>& cases) {
  constexpr std::uint64_t kBlock = 64;  // of which blocks of 16 and 32 bytes are parts
  int number = 0;
  const auto add = [&](const std::string& title, const Payload& payload) {
    Case test = bad_text_case("17." + std::to_string(++number), title,
                              fails_after_contents({PutMessage{.payload = payload}}));
    test.dialogue->own_cuts = true;
    cases.push_back(std::move(test));
  };
  for (const std::string_view last : {"80", "c0", "f5", "ff"}) {
    add("A text of 64 bytes of which the last one is " + std::string(last),
        join({repeat("a", kBlock - 1), hex(last)}));
  }
  for (const std::string_view character : {"c3a9", "e282ac", "f09f9880"}) {
    const Payload good = hex(character);
    const std::uint64_t rest = kBlock % good.length;
    add("64 bytes of the character " + std::string(character) + ", and a byte too many behind",
        join({repeat("a", rest), repeat(good.pattern, kBlock - rest), hex("80"), text("zzz")}));
  }
  // A block that a fragment or a read ends, inside a character.
  for (const std::string_view begun : {"c3", "e282", "f09f98"}) {
    const Payload open = hex(begun);
    const Payload block = join({repeat("a", kBlock - open.length), open});
    for (const std::string_view next : {"7a", "c3a9"}) {
      Case test =
          bad_text_case("17." + std::to_string(++number),
                        "A fragment of 64 bytes ends behind " + std::string(begun) + ", and " +
                            std::string(next) + " is next",
                        fails_after_contents({PutFrame{.fin = false, .payload = block},
                                              PutFrame{.opcode = 0, .payload = hex(next)}}));
      test.dialogue->own_cuts = true;
      cases.push_back(std::move(test));
    }
  }
  for (const Role role : {Role::server, Role::client}) {
    const std::uint64_t header = role == Role::server ? 6 : 2;
    for (const std::string_view begun : {"c3", "f09f98"}) {
      const Payload open = hex(begun);
      const Payload block = join({repeat("a", kBlock - open.length), open});
      const Payload good = join({block, hex(begun == "c3" ? "a9" : "80"), text("z")});
      Case test = bad_text_case(
          "17." + std::to_string(++number),
          "A read of 64 bytes of a text ends behind " + std::string(begun) + ", and 7a is next",
          std::vector<DialogueStep>{PutFrame{.payload = good, .cut = header + kBlock},
                                    expect_message(Opcode::text, good)} +
              fails_after_contents(
                  {PutFrame{.payload = join({block, text("zz")}), .cut = header + kBlock}}));
      test.dialogue->own_cuts = true;
      test.only_for = role;
      cases.push_back(std::move(test));
    }
  }
}

/// A text that ends inside a character, whatever comes between that and its end.
void add_open_at_ends(std::vector<Case>& cases) {
  const std::vector<DialogueStep> empty{PutFrame{.fin = false, .opcode = 0}};
  const std::vector<DialogueStep> ping = ping_answered(text("between"));
  const std::vector<DialogueStep> pong{frame(Opcode::pong, hex("80"))};
  const std::pair<const char*, std::vector<DialogueStep>> betweens[] = {
      {"a Ping", ping},
      {"a Pong", pong},
      {"an empty fragment", empty},
      {"an empty fragment and a Ping", empty + ping},
      {"a Ping and an empty fragment", ping + empty},
      {"three Pings", ping + ping + ping}};
  int number = 0;
  for (const std::string_view begun : {"c3", "f09f98"}) {
    for (const auto& [what, between] : betweens) {
      cases.push_back(bad_text_case(
          "16." + std::to_string(++number),
          "A text that ends with " + std::string(begun) + ", " + what +
              " and an empty last fragment",
          fails_after_contents(std::vector<DialogueStep>{PutFrame{
                                   .fin = false, .payload = join({text("a"), hex(begun)})}} +
                               between + std::vector<DialogueStep>{PutFrame{.opcode = 0}})));
      cases.back().dialogue->own_cuts = true;
    }
  }
}

/// One byte of a good sequence is replaced by one that must not stand there.
void add_replaced(std::vector<Case>& cases) {
  int number = 0;
  for (const std::string_view good : {"c3 a9", "e2 82 ac", "f0 9f 9a 80"}) {
    const Payload sequence = hex(good);
    for (std::uint64_t place = 1; place < sequence.length; ++place) {
      for (const std::string_view other : {"00", "41", "7f", "c3", "e2", "f0", "ff"}) {
        const Payload payload =
            join({text("good "), slice(sequence, 0, place), hex(other),
                  slice(sequence, place + 1, sequence.length - place - 1), text(" good")});
        Case test = bad_text_case("9." + std::to_string(++number),
                                  "A text with " + std::string(other) + " in place of byte " +
                                      std::to_string(place + 1) + " of a character of " +
                                      std::to_string(sequence.length),
                                  fails_after_contents({PutMessage{.payload = payload}}));
        test.dialogue->own_cuts = true;
        cases.push_back(std::move(test));
      }
    }
  }
  // Behind a lead byte that narrows what may follow, bytes that are no continuation at all: a check
  // of one limit lets in what is beyond the other, if only the rest is as it has to be.
  for (const std::string_view good : {"e0 a0 80", "ed 9f bf", "f0 90 80 80", "f4 8f bf bf"}) {
    const Payload sequence = hex(good);
    for (std::uint64_t place = 1; place < sequence.length; ++place) {
      for (const std::string_view other : {"00", "7f", "c2", "ff"}) {
        if (place > 1 && other == "00") continue;
        const Payload payload =
            join({text("good "), slice(sequence, 0, place), hex(other),
                  slice(sequence, place + 1, sequence.length - place - 1), text(" good")});
        Case test = bad_text_case("9." + std::to_string(++number),
                                  "A text with " + std::string(other) + " in place of byte " +
                                      std::to_string(place + 1) + " of " + std::string(good),
                                  fails_after_contents({PutMessage{.payload = payload}}));
        test.dialogue->own_cuts = true;
        cases.push_back(std::move(test));
      }
    }
  }
}

/// Texts longer than buffers, cut into fragments inside characters.
void add_cut_texts(std::vector<Case>& cases) {
  struct Text {
    std::string_view character{};
    std::uint64_t length = 0;    // of the text, bytes
    std::uint64_t fragment = 0;  // of each fragment
  };
  int number = 0;
  for (const Text& long_text :
       {Text{"\xc3\xa9", 3000, 7}, Text{"\xe2\x82\xac", 3000, 100},
        Text{"\xf0\x9f\x9a\x80", 1400, 5}, Text{"\xf0\x9f\x9a\x80", 2000, 3},
        Text{"\xe2\x82\xac", 30'000, 1025}, Text{"\xf0\x9f\x9a\x80", 40'000, 4097},
        Text{"\xe2\x82\xac", 300'000, 65'537}}) {
    const Payload payload = repeat(long_text.character, long_text.length);
    const std::vector<std::uint64_t> fragments((long_text.length - 1) / long_text.fragment,
                                               long_text.fragment);
    cases.push_back(text_case("8." + std::to_string(++number),
                              "A text of " + std::to_string(long_text.length) +
                                  " bytes, of characters of " +
                                  std::to_string(long_text.character.size()) +
                                  ", in fragments of " + std::to_string(long_text.fragment),
                              lives_through({PutMessage{.payload = payload, .fragments = fragments},
                                             expect_message(Opcode::text, payload)})));
  }
}

}  // namespace

std::vector<Case> text_encoding_cases() {
  std::vector<Case> cases;
  add_good(cases);
  add_bad(cases);
  add_cut_texts(cases);
  add_replaced(cases);
  add_bad_over_fragments(cases);
  add_open_at_blocks(cases);
  add_bad_at_blocks(cases);
  add_open_at_ends(cases);
  return cases;
}

}  // namespace ws::conformance
