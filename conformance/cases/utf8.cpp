// Section 6: text that is UTF-8, text that is not, and how soon the difference shows.
#include "conformance/cases/catalogue.hpp"
#include "conformance/cases/parts.hpp"
#include "conformance/harness/bytes.hpp"

namespace ws::conformance {
namespace {

constexpr std::string_view kGreek = "cebae1bdb9cf83cebcceb5";  // "kosme"

// A text of 29 bytes: ASCII, then two-byte sequences in between.
constexpr std::string_view kMixed = "48656c6c6f2dc2b540c39fc3b6c3a4c3bcc3a0c3a12d5554462d382121";

std::vector<Step> in_fragments(const Payload& payload, const std::vector<std::uint64_t>& lengths) {
  std::vector<Step> script;
  std::uint64_t offset = 0;
  for (const std::uint64_t length : lengths) {
    const bool is_first = script.empty();
    const bool is_last = script.size() + 1 == lengths.size();
    script.emplace_back(send({.fin = is_last,
                              .opcode = is_first ? Opcode::text : Opcode::continuation,
                              .payload = slice(payload, offset, length)}));
    offset += length;
  }
  return script;
}

Case valid(std::string id, std::string title, std::vector<Step> script, const Payload& message) {
  return {
      .id = std::move(id),
      .title = std::move(title),
      .purpose = "Valid UTF-8 is taken, also where fragments cut a sequence.",
      .checks = {"RFC6455-5.6-1", "RFC6455-8.1-1"},
      .script = std::move(script),
      .timer = close_after(1s),
      .outcomes = {{Grade::pass, {text_message(message)}}},
  };
}

Case invalid(std::string id, std::string title, std::vector<Step> script) {
  return {
      .id = std::move(id),
      .title = std::move(title),
      .purpose = "Text that is not UTF-8 fails the connection.",
      .checks = {"RFC6455-8.1-1", "RFC6455-7.4.1-7"},
      .script = std::move(script),
      .timer = fail_after(1s),
      .outcomes = {{Grade::pass, {}}},
      .closing = failed_for_utf8(),
  };
}

/// Three pieces with a second between them; the second has the first impossible byte. Whoever
/// validates as the bytes arrive closes before the third.
Case fail_fast(std::string id, std::string title, std::vector<Step> script) {
  Case test = invalid(std::move(id), std::move(title), std::move(script));
  test.purpose = "Text that is not UTF-8 is best refused at the first byte that shows it.";
  test.outcomes = {{Grade::pass, {pause_ended("A")}},
                   {Grade::non_strict, {pause_ended("A"), pause_ended("B")}}};
  return test;
}

struct Vector {
  std::string hex{};
  bool is_valid = false;
};

struct Group {
  std::string_view about{};
  std::vector<Vector> vectors{};
};

constexpr bool kValid = true;
constexpr bool kInvalid = false;

/// The digits of `count` bytes from `first` on, each followed by `then`.
std::string run_of(unsigned first, unsigned count, std::string_view then) {
  std::string digits;
  for (unsigned byte = first; byte < first + count; ++byte) {
    digits += to_hex(std::string(1, static_cast<char>(byte)));
    digits += then;
  }
  return digits;
}

std::string leads(unsigned first, unsigned count) { return run_of(first, count, "20"); }
std::string continuations(unsigned first, unsigned count) { return run_of(first, count, ""); }

std::vector<Group> groups() {
  std::vector<Group> all = {
      {"text of one to four bytes a code point",
       {{"68656c6c6f24776f726c64", kValid},
        {"68656c6c6fc2a2776f726c64", kValid},
        {"68656c6c6fe282ac776f726c64", kValid},
        {"68656c6c6ff0a4ada2776f726c64", kValid},
        {std::string(kGreek), kValid}}},
      {"the first bytes of a Greek word",
       {{"ce", kInvalid},
        {"ceba", kValid},
        {"cebae1", kInvalid},
        {"cebae1bd", kInvalid},
        {"cebae1bdb9", kValid},
        {"cebae1bdb9cf", kInvalid},
        {"cebae1bdb9cf83", kValid},
        {"cebae1bdb9cf83ce", kInvalid},
        {"cebae1bdb9cf83cebc", kValid},
        {"cebae1bdb9cf83cebcce", kInvalid},
        {std::string(kGreek), kValid}}},
      {"the first code point of each length",
       {{"00", kValid}, {"c280", kValid}, {"e0a080", kValid}, {"f0908080", kValid}}},
      {"the first code point of lengths that there are no more",
       {{"f888808080", kInvalid}, {"fc8480808080", kInvalid}}},
      {"the last code point of each length",
       {{"7f", kValid}, {"dfbf", kValid}, {"efbfbf", kValid}, {"f48fbfbf", kValid}}},
      {"code points beyond U+10FFFF",
       {{"f7bfbfbf", kInvalid}, {"fbbfbfbfbf", kInvalid}, {"fdbfbfbfbfbf", kInvalid}}},
      {"code points beside the gaps",
       {{"ed9fbf", kValid},
        {"ee8080", kValid},
        {"efbfbd", kValid},
        {"f48fbfbf", kValid},
        {"f4908080", kInvalid}}},
      {"continuation bytes without a lead",
       {{"80", kInvalid},
        {"bf", kInvalid},
        {"80bf", kInvalid},
        {"80bf80", kInvalid},
        {"80bf80bf", kInvalid},
        {"80bf80bf80", kInvalid},
        {"80bf80bf80bf", kInvalid},
        {continuations(0x80, 63), kInvalid}}},
      {"leads, each followed by a space",
       {{leads(0xc0, 31), kInvalid},
        {leads(0xe0, 15), kInvalid},
        {leads(0xf0, 7), kInvalid},
        {leads(0xf8, 3), kInvalid},
        {leads(0xfc, 1), kInvalid}}},
      {"sequences without their last byte",
       {{"c0", kInvalid},
        {"e080", kInvalid},
        {"f08080", kInvalid},
        {"f8808080", kInvalid},
        {"fc80808080", kInvalid},
        {"df", kInvalid},
        {"efbf", kInvalid},
        {"f7bfbf", kInvalid},
        {"fbbfbfbf", kInvalid},
        {"fdbfbfbfbf", kInvalid}}},
      {"all sequences without their last byte, one after the other",
       {{"c0e080f08080f8808080fc80808080dfefbff7bfbffbbfbfbffdbfbfbfbf", kInvalid}}},
      {"bytes that UTF-8 never has", {{"fe", kInvalid}, {"ff", kInvalid}, {"fefeffff", kInvalid}}},
      {"a slash in too many bytes",
       {{"c0af", kInvalid},
        {"e080af", kInvalid},
        {"f08080af", kInvalid},
        {"f8808080af", kInvalid},
        {"fc80808080af", kInvalid}}},
      {"the last code point in too many bytes",
       {{"c1bf", kInvalid},
        {"e09fbf", kInvalid},
        {"f08fbfbf", kInvalid},
        {"f887bfbfbf", kInvalid},
        {"fc83bfbfbfbf", kInvalid}}},
      {"NUL in too many bytes",
       {{"c080", kInvalid},
        {"e08080", kInvalid},
        {"f0808080", kInvalid},
        {"f880808080", kInvalid},
        {"fc8080808080", kInvalid}}},
      {"a surrogate by itself",
       {{"eda080", kInvalid},
        {"edadbf", kInvalid},
        {"edae80", kInvalid},
        {"edafbf", kInvalid},
        {"edb080", kInvalid},
        {"edbe80", kInvalid},
        {"edbfbf", kInvalid}}},
      {"a pair of surrogates",
       {{"eda080edb080", kInvalid},
        {"eda080edbfbf", kInvalid},
        {"edadbfedb080", kInvalid},
        {"edadbfedbfbf", kInvalid},
        {"edae80edb080", kInvalid},
        {"edae80edbfbf", kInvalid},
        {"edafbfedb080", kInvalid},
        {"edafbfedbfbf", kInvalid}}},
  };
  Group noncharacters{"noncharacters, which are valid", {{"efbfbe", kValid}, {"efbfbf", kValid}}};
  for (const std::string_view plane :
       {"f09f", "f0af", "f0bf", "f18f", "f19f", "f1af", "f1bf", "f28f", "f29f", "f2af", "f2bf",
        "f38f", "f39f", "f3af", "f3bf", "f48f"}) {
    for (const std::string_view end : {"bfbe", "bfbf"}) {
      noncharacters.vectors.push_back({std::string(plane) + std::string(end), kValid});
    }
  }
  all.push_back(std::move(noncharacters));
  all.push_back({"special code points, which are valid",
                 {{"efbfb9", kValid},
                  {"efbfba", kValid},
                  {"efbfbb", kValid},
                  {"efbfbc", kValid},
                  {"efbfbd", kValid},
                  {"efbfbe", kValid},
                  {"efbfbf", kValid}}});
  return all;
}

void add_vectors(std::vector<Case>& cases) {
  int group_number = 4;
  for (const auto& [about, vectors] : groups()) {
    ++group_number;
    int index = 0;
    for (const auto& [digits, is_valid] : vectors) {
      const Payload payload = hex(digits);
      std::string id = "6." + std::to_string(group_number) + "." + std::to_string(++index);
      std::string title = std::string(is_valid ? "Valid" : "Not valid") + ": " +
                          std::string(about) + ", " + std::to_string(payload.length) + " bytes";
      const std::vector<Step> script = {send({.payload = payload})};
      cases.push_back(is_valid ? valid(std::move(id), std::move(title), script, payload)
                               : invalid(std::move(id), std::move(title), script));
      cases.back().timer = fail_after(500ms);
    }
  }
}

}  // namespace

std::vector<Case> utf8_cases() {
  const Payload empty = text("");
  const Payload middle = text("middle frame payload");
  const Payload mixed = hex(kMixed);
  const Payload greek = hex(kGreek);
  const Payload surrogate = hex("cebae1bdb9cf83cebcceb5eda080656469746564");
  const Payload too_big = hex("cebae1bdb9cf83cebcceb5f4908080656469746564");
  const auto each_byte = [](const Payload& payload) -> std::vector<Step> {
    return {SendMessage{.payload = payload, .fragment_size = 1}};
  };
  const auto in_one_frame = [&](std::uint64_t first, std::uint64_t second) -> std::vector<Step> {
    return {BeginFrame{.length = 21, .payload = slice(too_big, 0, first)},
            Pause{.length = 1s, .tag = "A"},
            ContinueFrame{slice(too_big, first, second)},
            Pause{.length = 1s, .tag = "B"},
            ContinueFrame{slice(too_big, first + second, 21 - first - second)},
            send({.opcode = Opcode::continuation})};
  };
  const auto in_three = [&](std::uint64_t first, std::uint64_t second) -> std::vector<Step> {
    const auto pieces = in_fragments(too_big, {first, second, 21 - first - second});
    return {pieces[0], Pause{.length = 1s, .tag = "A"}, pieces[1], Pause{.length = 1s, .tag = "B"},
            pieces[2]};
  };

  std::vector<Case> cases = {
      valid("6.1.1", "An empty text comes back", {send({.payload = empty})}, empty),
      valid("6.1.2", "A text of three empty fragments comes back", in_fragments(empty, {0, 0, 0}),
            empty),
      valid("6.1.3", "A text with an empty first and last fragment comes back",
            in_fragments(middle, {0, middle.length, 0}), middle),
      valid("6.2.1", "A text with two-byte sequences comes back", {send({.payload = mixed})},
            mixed),
      valid("6.2.2", "A text in two fragments, cut between two sequences",
            in_fragments(mixed, {15, 14}), mixed),
      valid("6.2.3", "A text in fragments of one byte, which cut every sequence", each_byte(mixed),
            mixed),
      valid("6.2.4", "A Greek word in fragments of one byte", each_byte(greek), greek),
      invalid("6.3.1", "A surrogate inside a text", {send({.payload = surrogate})}),
      invalid("6.3.2", "A surrogate inside a text, in fragments of one byte", each_byte(surrogate)),
      fail_fast("6.4.1", "The second of three fragments shows that the text is not UTF-8",
                in_three(11, 4)),
      fail_fast("6.4.2", "The second of three fragments is the one byte that shows it",
                in_three(12, 1)),
      fail_fast("6.4.3", "The second of three pieces of one frame shows it", in_one_frame(11, 4)),
      fail_fast("6.4.4", "The second of three pieces of one frame is the one byte that shows it",
                in_one_frame(12, 1)),
  };
  add_vectors(cases);
  return cases;
}

}  // namespace ws::conformance
