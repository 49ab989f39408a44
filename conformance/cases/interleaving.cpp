// Section 25: fragments in every legal order up to a size, and the illegal ones (RFC 6455
// section 5.4).
#include "conformance/cases/catalogue.hpp"
#include "conformance/cases/deflate_writer.hpp"
#include "conformance/cases/parts.hpp"

namespace ws::conformance {
namespace {

Case order_case(std::string id, std::string title, std::vector<std::string> checks,
                std::vector<DialogueStep> steps) {
  return {.id = "25." + std::move(id),
          .title = std::move(title),
          .purpose = "A message is the same however it was cut and whatever stands between.",
          .checks = std::move(checks),
          .tags = {"fragmentation"},
          .dialogue = Dialogue{.steps = std::move(steps)}};
}

PutFrame part(bool fin, unsigned opcode, std::string_view words) {
  return {.fin = fin, .opcode = opcode, .payload = text(words)};
}

/// What may stand between two fragments.
enum class Between { nothing, ping, pong, both };

std::vector<DialogueStep> between(Between kind, std::string_view words) {
  std::vector<DialogueStep> steps;
  if (kind == Between::pong || kind == Between::both) {
    steps.emplace_back(part(true, 10, "unasked"));
  }
  if (kind == Between::ping || kind == Between::both) {
    steps.emplace_back(part(true, 9, words));
    steps.emplace_back(expect_pong(text(words)));
  }
  return steps;
}

void add_legal(std::vector<Case>& cases) {
  constexpr std::string_view kNames[] = {"nothing", "a Ping", "a Pong", "a Pong and a Ping"};
  int number = 0;
  for (const Opcode type : {Opcode::text, Opcode::binary}) {
    for (const Between kind : {Between::nothing, Between::ping, Between::pong, Between::both}) {
      std::vector<std::string> checks{"RFC6455-5.4-2", "RFC6455-5.4-5",  "RFC6455-5.4-8",
                                      "RFC6455-5.4-9", "RFC6455-5.4-14", "RFC6455-6.2-3",
                                      "RFC6455-6.2-4"};
      if (kind != Between::nothing) {
        checks.insert(checks.end(), {"RFC6455-5.4-3", "RFC6455-5.4-7", "RFC6455-6.2-2"});
      }
      if (kind == Between::ping || kind == Between::both) checks.emplace_back("RFC6455-5.5.2-3");
      // All ways to cut six bytes into up to four fragments, empty ones included.
      constexpr std::string_view kWords = "abcdef";
      std::vector<DialogueStep> steps;
      for (std::size_t first = 0; first <= 6; first += 2) {
        for (std::size_t second = first; second <= 6; second += 3) {
          for (std::size_t third = second; third <= 6; third += 3) {
            steps.emplace_back(part(false, static_cast<unsigned>(type), kWords.substr(0, first)));
            steps = std::move(steps) + between(kind, "one");
            steps.emplace_back(part(false, 0, kWords.substr(first, second - first)));
            steps = std::move(steps) + between(kind, "two");
            steps.emplace_back(part(false, 0, kWords.substr(second, third - second)));
            steps = std::move(steps) + between(kind, "three");
            steps.emplace_back(part(true, 0, kWords.substr(third)));
            steps.emplace_back(expect_message(type, text(kWords)));
          }
        }
      }
      cases.push_back(order_case("1." + std::to_string(++number),
                                 std::string(type == Opcode::text ? "Text" : "Binary") +
                                     " in four fragments of all lengths, with " +
                                     std::string(kNames[static_cast<int>(kind)]) + " between",
                                 checks, std::move(steps) + closed_cleanly()));
    }
  }
  for (const int count : {2, 10, 100, 1000}) {
    std::vector<DialogueStep> steps{part(false, 2, "")};
    std::string whole;
    for (int i = 0; i < count; ++i) {
      steps.emplace_back(part(false, 0, i % 3 == 0 ? "" : "xy"));
      if (i % 3 != 0) whole += "xy";
    }
    steps.emplace_back(part(true, 0, ""));
    steps.emplace_back(expect_message(Opcode::binary, text(whole)));
    cases.push_back(order_case(
        "2." + std::to_string(count), std::to_string(count) + " fragments, a third of them empty",
        {"RFC6455-5.4-2", "RFC6455-5.4-8"}, std::move(steps) + echo("after") + closed_cleanly()));
    // A thousand frames byte by byte would measure the machine.
    cases.back().dialogue->own_cuts = count >= 1000;
  }
  cases.push_back(order_case(
      "2.1", "A message of nothing but empty fragments", {"RFC6455-5.4-8"},
      std::vector<DialogueStep>{part(false, 1, ""), part(false, 0, ""), part(true, 0, ""),
                                expect_message(Opcode::text, text(""))} +
          echo("after") + closed_cleanly()));
  cases.push_back(order_case(
      "2.3", "After an empty last fragment the next message is one of its own",
      {"RFC6455-5.4-8", "RFC6455-6.2-3", "RFC6455-6.2-4"},
      std::vector<DialogueStep>{
          part(false, 2, "first"), part(true, 0, ""), expect_message(Opcode::binary, text("first")),
          part(false, 1, "sec"), part(true, 0, "ond"), expect_message(Opcode::text, text("second")),
          part(true, 1, "third"), expect_message(Opcode::text, text("third")), part(false, 1, ""),
          part(true, 0, "fourth"), expect_message(Opcode::text, text("fourth")), part(true, 2, ""),
          expect_message(Opcode::binary, text(""))} +
          closed_cleanly()));
  std::vector<DialogueStep> pings{part(false, 1, "be")};
  for (const char* words : {"1", "2", "3", "4", "5"}) {
    pings.emplace_back(part(true, 9, words));
    pings.emplace_back(expect_pong(text(words)));
  }
  pings.emplace_back(part(true, 0, "gun"));
  pings.emplace_back(expect_message(Opcode::text, text("begun")));
  cases.push_back(order_case("2.4", "Five Pings between two fragments",
                             {"RFC6455-5.4-7", "RFC6455-5.5.2-3"},
                             std::move(pings) + closed_cleanly()));
  cases.push_back(order_case("2.5", "A Close between two fragments is answered",
                             {"RFC6455-5.4-7", "RFC6455-5.5.1-7", "RFC6455-5.5.1-8"},
                             echo("before") + std::vector<DialogueStep>{part(false, 1, "begun")} +
                                 closed_inside_message(1000)));
  const Payload long_text = repeat(noise(4001), 70'000);
  cases.push_back(order_case(
      "2.6", "A long message in fragments of uneven lengths", {"RFC6455-5.4-2"},
      std::vector<DialogueStep>{
          PutMessage{.payload = long_text, .fragments = {1, 125, 126, 127, 65'535, 0, 3}},
          expect_message(Opcode::text, long_text)} +
          echo("after") + closed_cleanly()));
  std::vector<DialogueStep> forms;
  for (const std::uint64_t length : {125U, 126U, 127U, 65'535U, 65'536U, 65'537U}) {
    for (const Opcode type : {Opcode::text, Opcode::binary}) {
      for (const std::vector<std::uint64_t>& fragments :
           {std::vector<std::uint64_t>{length, 1}, {1, length}, {2, length, 3}}) {
        // Long ones are in the middle of a text only.
        if (length > 127 && fragments.size() == 3 && type == Opcode::binary) continue;
        std::uint64_t whole = 0;
        for (const std::uint64_t fragment : fragments) whole += fragment;
        const Payload payload = repeat("a fragment, ", whole);
        forms.emplace_back(PutMessage{.type = type, .payload = payload, .fragments = fragments});
        forms.emplace_back(expect_message(type, payload));
      }
    }
  }
  cases.push_back(order_case("2.7", "Fragments as long as where the form of a length changes",
                             {"RFC6455-5.2-9", "RFC6455-5.4-2"},
                             std::move(forms) + closed_cleanly()));
  cases.back().dialogue->own_cuts = true;
}

void add_illegal(std::vector<Case>& cases) {
  int number = 0;
  for (const unsigned begun : {1U, 2U}) {
    for (const unsigned next : {1U, 2U}) {
      for (const bool fin : {true, false}) {
        for (const bool is_empty : {true, false}) {
          cases.push_back(order_case(
              "3." + std::to_string(++number),
              std::string(is_empty ? "An empty " : "A ") + (fin ? "final " : "not final ") +
                  (next == 1 ? "text" : "binary") + " frame inside a " +
                  (begun == 1 ? "text" : "binary") + " message",
              {"RFC6455-5.4-6", "RFC6455-5.4-16", "RFC6455-7.1.7-7"},
              fails_after({part(false, begun, "begun"), part(fin, next, is_empty ? "" : "next")},
                          {1002}, "RFC 6455 5.4")));
        }
      }
    }
  }
  number = 0;
  for (const bool fin : {true, false}) {
    for (const std::string_view words : {"", "lost"}) {
      const std::string what = std::string(words.empty() ? "An empty, " : "A ") +
                               (fin ? "final" : "not final") + " continuation ";
      cases.push_back(order_case("4." + std::to_string(++number), what + "with no message begun",
                                 {"RFC6455-5.4-15"},
                                 {part(fin, 0, words), part(true, 9, "behind the illegal bytes"),
                                  expect_failure({1002}, "RFC 6455 5.4")}));
      cases.push_back(order_case("4." + std::to_string(++number), what + "after a whole message",
                                 {"RFC6455-5.4-15"},
                                 fails_after({part(fin, 0, words)}, {1002}, "RFC 6455 5.4")));
      cases.push_back(
          order_case("4." + std::to_string(++number), what + "after a message in fragments",
                     {"RFC6455-5.4-15"},
                     fails_after({part(false, 2, "a"), part(true, 0, "b"),
                                  expect_message(Opcode::binary, text("ab")), part(fin, 0, words)},
                                 {1002}, "RFC 6455 5.4")));
      cases.push_back(
          order_case("4." + std::to_string(++number),
                     what + "after a message with an empty last fragment", {"RFC6455-5.4-15"},
                     fails_after({part(false, 1, "a"), part(true, 0, ""),
                                  expect_message(Opcode::text, text("a")), part(fin, 0, words)},
                                 {1002}, "RFC 6455 5.4")));
      cases.push_back(
          order_case("4." + std::to_string(++number), what + "after a Ping", {"RFC6455-5.4-15"},
                     fails_after({part(true, 9, "p"), expect_pong(text("p")), part(fin, 0, words)},
                                 {1002}, "RFC 6455 5.4")));
    }
  }
}

/// A message of stored blocks, that many bytes long when compressed. Requires: 12 at least.
std::string stored_to(std::uint64_t size, std::string& words) {
  std::string deflated;
  words = noise(static_cast<std::size_t>(size) - 6);
  while (true) {
    DeflateWriter writer;
    constexpr std::size_t kBlock = 60'000;
    for (std::size_t i = 0; i < words.size(); i += kBlock) {
      writer.put_stored(std::string_view(words).substr(i, kBlock));
    }
    deflated = writer.take_message();
    if (deflated.size() <= size) return deflated;
    words.resize(words.size() - (deflated.size() - static_cast<std::size_t>(size)));
  }
}

/// Each form of a length at its borders, of the first fragment, of one in the middle and of the
/// last, and of all together; what is compressed has these lengths as it goes over the wire.
void add_lengths_at_places(std::vector<Case>& cases) {
  constexpr std::uint64_t kLengths[] = {124, 125, 126, 127, 128, 255, 256, 65'535, 65'536, 65'537};
  constexpr std::string_view kTitles[] = {
      "Fragments of all forms of length at every place",
      "Fragments of all forms of length at every place, with Pings between",
      "Compressed fragments of all forms of length at every place",
      "Compressed fragments of all forms of length at every place, with Pings between"};
  for (int number = 1; number <= 4; ++number) {
    const bool with_pings = number % 2 == 0;
    const bool compressed = number > 2;
    int count = 0;
    std::vector<DialogueStep> steps;
    for (const std::uint64_t length : kLengths) {
      const std::vector<std::uint64_t> cuts[] = {
          {length, 3, 9}, {3, length, 9}, {3, 9, length}, {60, length - 110, 50}};
      for (const std::vector<std::uint64_t>& fragments : cuts) {
        std::uint64_t size = 0;
        for (const std::uint64_t fragment : fragments) size += fragment;
        std::string words = noise(static_cast<std::size_t>(size));
        const Payload sent = text(compressed ? stored_to(size, words) : words);
        const auto type = ++count % 2 == 0 ? Opcode::text : Opcode::binary;
        std::uint64_t begin = 0;
        for (std::size_t i = 0; i < fragments.size(); ++i) {
          if (with_pings && i > 0) {
            steps = std::move(steps) + between(Between::both, "ping " + std::to_string(count));
          }
          const bool is_first = i == 0;
          steps.emplace_back(PutFrame{.fin = i + 1 == fragments.size(),
                                      .rsv = is_first && compressed ? 4U : 0U,
                                      .opcode = is_first ? static_cast<unsigned>(type) : 0U,
                                      .payload = slice(sent, begin, fragments[i])});
          begin += fragments[i];
        }
        steps.emplace_back(expect_message(type, text(words)));
      }
    }
    cases.push_back(order_case("5." + std::to_string(number), std::string(kTitles[number - 1]),
                               {"RFC6455-5.4-2", "RFC6455-5.2-7", "RFC6455-6.2-4"},
                               lives_through(steps)));
    cases.back().dialogue->own_cuts = true;
    if (!compressed) continue;
    cases.back().dialogue->deflate = usual_deflate();
    cases.back().tags.emplace_back("deflate");
  }
}

}  // namespace

std::vector<Case> interleaving_cases() {
  std::vector<Case> cases;
  add_legal(cases);
  add_illegal(cases);
  add_lengths_at_places(cases);
  return cases;
}

}  // namespace ws::conformance
