// Section 38: messages come back as they are, whatever they say, however long they are, and however
// many there were (RFC 6455 section 5.6, RFC 7692 section 7.2.2).
#include <algorithm>
#include <numeric>

#include "conformance/cases/catalogue.hpp"
#include "conformance/cases/deflate_writer.hpp"
#include "conformance/cases/parts.hpp"
#include "conformance/harness/code_point.hpp"

namespace ws::conformance {
namespace {

using Steps = std::vector<DialogueStep>;

Case content_case(std::string id, std::string title, std::string purpose,
                  std::vector<std::string> checks, Steps steps) {
  return {.id = "38." + std::move(id),
          .title = std::move(title),
          .purpose = std::move(purpose),
          .checks = std::move(checks),
          .tags = {"contents"},
          .dialogue = Dialogue{.steps = std::move(steps)}};
}

/// Much to be said: where reads end is the matter of other sections.
template <typename Make>
Case bulk_case(std::string id, std::string title, std::string purpose,
               std::vector<std::string> checks, const Make& make_steps) {
  Case test =
      content_case(std::move(id), std::move(title), std::move(purpose), std::move(checks), {});
  test.dialogue->own_cuts = true;
  test.late_steps = [make_steps] { return lives_through(make_steps()); };
  return test;
}

/// Adds an echo of `piece`, if it is not empty, and empties it.
void echo_piece(Steps& steps, std::string& piece) {
  if (!piece.empty()) steps += echo(piece);
  piece.clear();
}

Steps every_character() {
  Steps steps;
  std::string piece;
  for (unsigned point = 0; point < 0x10000; ++point) {
    if (point >= 0xd800 && point < 0xe000) continue;
    piece += encode_code_point(point);
    if (point % 2048 == 2047) echo_piece(steps, piece);
  }
  echo_piece(steps, piece);
  return steps;
}

Steps characters_of_every_plane() {
  Steps steps;
  std::string piece;
  for (unsigned plane = 1; plane <= 16; ++plane) {
    for (unsigned point = plane << 16U; point < (plane + 1) << 16U; point += 251) {
      piece += encode_code_point(point);
    }
    for (unsigned low = 0xfff0; low <= 0xffff; ++low) {
      piece += encode_code_point((plane << 16U) + low);
    }
    echo_piece(steps, piece);
  }
  return steps;
}

struct TextGroup {
  std::string title{};
  std::vector<std::string> texts{};
};

std::vector<TextGroup> text_groups() {
  return {
      {"Texts that a program may take for something else",
       {"ping",
        "pong",
        "PING",
        "2",
        "3probe",
        "null",
        "true",
        "0",
        "-1",
        "1.0",
        "1e5",
        "NaN",
        "[]",
        "{}",
        R"({"type":"ping","id":1})",
        R"({"a": [1, 2.50, "\u00e9"], "a": null})",
        "\"\"",
        "undefined",
        "close",
        "exit",
        "GET / HTTP/1.1",
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\n\r\n",
        "x",
        "SGVsbG8=",
        "\x01\x02\x03"}},
      {"Texts with what has a meaning elsewhere",
       {"%s %d %n %%", "100%", "%41%20+", "a+b c", R"(\n \u0041 \)", R"(C:\temp\new)",
        R"(it's "so")", "<b>&amp;</b>", "&lt;", "$HOME `id` $(id)", "{0} {name} {{}}",
        "' OR 1=1 --", "a;b,c|d", "/* */ // #", "\x1b[31mred\x1b[0m", "\x7f\x08\x1b"}},
      {"Texts with white space and line ends of all kinds",
       {" ",
        "   ",
        "\t",
        "\n",
        "\r",
        "\r\n",
        "\r\n\r\n",
        "\n\n",
        " a",
        "a ",
        "\ta\t",
        "a\n",
        "a\r\n",
        "\na",
        "a\rb",
        "a\nb\r\nc\n\rd",
        "a\t\tb",
        "a  b",
        "\v\f",
        "\xc2\xa0",
        "\xe2\x80\xa8",
        "a\xe2\x80\xa9z",
        "\xc2\x85",
        "\xe3\x80\x80"}},
      {"Texts that a normal form would change",
       {"e\xcc\x81",
        "\xc3\xa9",
        "A\xcc\x8a",
        "\xe2\x84\xab",
        "\xef\xac\x81",
        "\xe1\x84\x80\xe1\x85\xa1",
        "\xea\xb0\x80",
        "\xc4\xb0stanbul",
        "stra\xc3\x9f\x65",
        "\xe2\x80\x8f\xd7\x90",
        "\xe2\x80\x8d",
        "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb",
        "\xf0\x9f\x87\xa9\xf0\x9f\x87\xaa",
        "\xef\xbb\xbf",
        "\xef\xbb\xbf\xef\xbb\xbf",
        "a\xef\xbb\xbf",
        "\xef\xbf\xbd",
        "\xef\xbf\xbe",
        "\xef\xbf\xbf",
        "\xef\xb7\x90",
        "\xf0\xaf\xa0\x80",
        "\xf4\x8f\xbf\xbf",
        std::string("\0", 1),
        std::string("a\0b", 3),
        std::string("\0\0", 2)}},
  };
}

void add_texts(std::vector<Case>& cases) {
  int number = 0;
  for (const TextGroup& group : text_groups()) {
    Steps steps;
    for (const std::string& words : group.texts) steps += echo(words);
    cases.push_back(content_case("1." + std::to_string(++number), group.title,
                                 "A text is not looked into, but for its encoding.",
                                 {"RFC6455-5.6-1"}, lives_through(steps)));
  }
  cases.push_back(bulk_case("1.5", "Every character up to U+FFFF comes back",
                            "All code points are text, but for surrogates.",
                            {"RFC6455-5.6-1", "RFC6455-8.1-1"}, every_character));
  cases.push_back(bulk_case("1.6", "Characters of every plane come back",
                            "All code points are text, but for surrogates.",
                            {"RFC6455-5.6-1", "RFC6455-8.1-1"}, characters_of_every_plane));
}

/// Control frames at every place of a text, inside its characters too.
void add_interrupted(std::vector<Case>& cases) {
  const std::string words = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x9a\x80z";
  int number = 0;
  for (const bool with_ping : {true, false}) {
    Steps steps;
    for (const std::string_view payload : {"", "x", "\xc3", "\xac\xff"}) {
      for (std::size_t cut = 0; cut <= words.size(); ++cut) {
        steps += Steps{PutFrame{.fin = false, .payload = text(words.substr(0, cut))}};
        if (with_ping) {
          steps += ping_answered(text(payload));
        } else {
          steps += Steps{frame(Opcode::pong, text(payload))};
        }
        steps += Steps{PutFrame{.opcode = 0, .payload = text(words.substr(cut))},
                       expect_message(Opcode::text, text(words))};
      }
    }
    cases.push_back(
        content_case("1." + std::to_string(7 + number++),
                     std::string(with_ping ? "A Ping" : "A Pong") + " at every place of a text",
                     "A control frame is no part of the text that it stands in.",
                     {"RFC6455-5.4-7", "RFC6455-5.6-1"}, lives_through(steps)));
  }
}

/// Every pair of the bytes below `kinds`, one behind the other.
std::string all_pairs(unsigned kinds) {
  std::string bytes;
  for (unsigned first = 0; first < kinds; ++first) {
    bytes += static_cast<char>(first);
    for (unsigned second = first + 1; second < kinds; ++second) {
      bytes += static_cast<char>(first);
      bytes += static_cast<char>(second);
    }
  }
  return bytes + std::string(1, '\0');
}

Steps begun_and_ended_by_every_byte() {
  Steps steps;
  for (unsigned byte = 0; byte < 256; ++byte) {
    const std::string one(1, static_cast<char>(byte));
    steps += echo(Opcode::binary, text(one)) + echo(Opcode::binary, text(one + one + "a" + one));
  }
  return steps;
}

constexpr const char* kOddBytes[] = {"81 00",
                                     "81 85 00 00 00 00 48 65 6c 6c 6f",
                                     "88 00",
                                     "88 02 03 e8",
                                     "89 00",
                                     "8a 00",
                                     "00 00",
                                     "ff ff ff ff",
                                     "00",
                                     "00 00 00 00 00 00 00 00",
                                     "ff 00",
                                     "00 ff",
                                     "47 45 54 20 2f",
                                     "16 03 01",
                                     "1f 8b 08 00",
                                     "78 9c 03 00",
                                     "00 00 ff ff",
                                     "f2 48 cd c9 c9 07 00",
                                     "7b 7d",
                                     "0d 0a 0d 0a",
                                     "ef bb bf",
                                     "fe ff",
                                     "ff fe",
                                     "61 00 62",
                                     "1a",
                                     "04",
                                     "03 e8"};

void add_bytes(std::vector<Case>& cases) {
  cases.push_back(bulk_case("2.1", "A binary message with every pair of two bytes",
                            "Binary messages are any bytes.", {"RFC6455-5.6-2"},
                            [] { return echo(Opcode::binary, text(all_pairs(256))); }));
  cases.push_back(bulk_case("2.2", "A text with every pair of two ASCII characters",
                            "A text is not looked into, but for its encoding.", {"RFC6455-5.6-1"},
                            [] { return echo(Opcode::text, text(all_pairs(128))); }));
  cases.push_back(bulk_case("2.3", "Binary messages that begin and end with every byte",
                            "Binary messages are any bytes.", {"RFC6455-5.6-2"},
                            begun_and_ended_by_every_byte));
  Steps steps;
  for (const char* bytes : kOddBytes) {
    steps += echo(Opcode::binary, hex(bytes));
  }
  cases.push_back(content_case("2.4", "Binary messages that look like frames, heads and files",
                               "Binary messages are any bytes.", {"RFC6455-5.6-2"},
                               lives_through(steps)));
}

Steps echoes_of_sizes(Opcode type, const std::vector<std::uint64_t>& sizes) {
  const std::string pattern = noise(997);
  Steps steps;
  for (const std::uint64_t size : sizes) steps += echo(type, repeat(pattern, size));
  return steps;
}

/// Round numbers, and what fills a round number together with any header.
std::vector<std::uint64_t> round_sizes() {
  std::vector<std::uint64_t> sizes;
  for (const std::uint64_t size : {1200U, 1300U, 1400U, 2000U, 3000U, 5000U, 9000U, 10'000U,
                                   20'000U, 50'000U, 60'000U, 65'507U, 100'000U, 200'000U}) {
    sizes.push_back(size);
    sizes.push_back(size - 1);
    sizes.push_back(size + 1);
  }
  // Segments of TCP are among them.
  for (const std::uint64_t round : {128U, 1448U, 1460U, 1500U, 2048U, 3072U, 4096U, 8192U, 12'288U,
                                    16'384U, 24'576U, 32'768U, 49'152U, 65'536U, 131'072U}) {
    for (std::uint64_t size = round - 16; size <= round + 4; ++size) sizes.push_back(size);
  }
  constexpr std::uint64_t kLargest = 262'144;
  for (const std::uint64_t header : {0U, 10U, 14U}) sizes.push_back(kLargest - header);
  return sizes;
}

/// Each of a message's fragments fills a round number with its header, of either role.
Steps fragments_with_headers_of_round_sizes() {
  const std::string pattern = noise(997);
  Steps steps;
  for (const std::uint64_t round : {64U, 128U, 256U, 512U, 1024U, 1460U, 2048U, 4096U, 8192U,
                                    16'384U, 32'768U, 65'536U, 131'072U}) {
    const bool is_long = round > 65'536;
    for (const std::uint64_t header : round < 126 ? std::vector<std::uint64_t>{2, 6}
                                      : is_long   ? std::vector<std::uint64_t>{10, 14}
                                                  : std::vector<std::uint64_t>{4, 8}) {
      const std::uint64_t size = round - header;
      const Opcode type = (round + header) % 16 == 0 || is_long ? Opcode::binary : Opcode::text;
      const Payload payload = repeat(pattern, 3 * size);
      steps += Steps{PutMessage{.type = type, .payload = payload, .fragments = {size, size}},
                     expect_message(type, payload)};
    }
  }
  return steps;
}

void add_sizes(std::vector<Case>& cases) {
  const std::vector<std::string> checks{"RFC6455-5.2-7", "RFC6455-5.6-1", "RFC6455-5.6-2"};
  const std::string purpose = "No size has a meaning of its own.";
  for (const Opcode type : {Opcode::binary, Opcode::text}) {
    const std::string what = type == Opcode::text ? "Texts" : "Binary messages";
    const std::string id = type == Opcode::text ? "3.2." : "3.1.";
    cases.push_back(bulk_case(id + "1", what + " of 141 to 1100 bytes", purpose, checks, [type] {
      std::vector<std::uint64_t> sizes(960);
      std::iota(sizes.begin(), sizes.end(), 141);
      return echoes_of_sizes(type, sizes);
    }));
    cases.push_back(bulk_case(id + "2", what + " of round sizes, with and without a header",
                              purpose, checks,
                              [type] { return echoes_of_sizes(type, round_sizes()); }));
  }
  cases.push_back(bulk_case("3.3", "Fragments that have round sizes with their headers", purpose,
                            {"RFC6455-5.2-7", "RFC6455-5.4-2"},
                            fragments_with_headers_of_round_sizes));
}

/// Messages in bursts, each awaited before the next.
Steps bursts(int count, int each) {
  Steps steps;
  Steps echoes;
  for (int i = 1; i <= count; ++i) {
    const auto type = i % 3 == 0 ? Opcode::binary : Opcode::text;
    const Payload payload = text("message " + std::to_string(i));
    steps += Steps{PutMessage{.type = type, .payload = payload}};
    echoes += Steps{expect_message(type, payload)};
    if (i % each == 0 || i == count) {
      steps += echoes;
      echoes.clear();
    }
  }
  return steps;
}

Steps answered_pings(int count) {
  Steps steps;
  for (int i = 0; i < count; ++i) steps += ping_of_many(i, text("ping " + std::to_string(i)));
  return steps;
}

Steps messages_in_fragments(int count) {
  Steps steps;
  for (int i = 0; i < count; ++i) {
    const Payload payload = text("one, two, three " + std::to_string(i));
    const auto type = i % 2 == 0 ? Opcode::binary : Opcode::text;
    steps += Steps{PutMessage{.type = type, .payload = payload, .fragments = {5, 5}},
                   expect_message(type, payload)};
  }
  return steps;
}

void add_numbers(std::vector<Case>& cases) {
  cases.push_back(bulk_case("4.1", "4200 messages are echoed", "There is no last message.",
                            {"RFC6455-5.6-1", "RFC6455-5.6-2"}, [] { return bursts(4200, 60); }));
  cases.push_back(bulk_case("4.2", "1100 Pings are answered", "There is no last Ping.",
                            {"RFC6455-5.5.2-2"}, [] { return answered_pings(1100); }));
  cases.push_back(bulk_case("4.3", "1100 Pongs that nobody asked for", "They are passed over.",
                            {"RFC6455-5.5.3-3"},
                            [] { return Steps(1100, frame(Opcode::pong, text("unasked"))); }));
  cases.push_back(bulk_case("4.4", "300 messages in three fragments each", "There is no last one.",
                            {"RFC6455-5.4-2", "RFC6455-5.4-9"},
                            [] { return messages_in_fragments(300); }));
}

PutMessage given(Opcode type, const Payload& payload, Payload deflated) {
  return {.type = type,
          .payload = payload,
          .coding = PutMessage::Coding::given,
          .deflated = std::move(deflated)};
}

/// `payload` in a stored block, and the empty one that ends a message, without its tail.
Payload stored(const Payload& payload) {
  const auto low = [](std::uint64_t value) { return static_cast<char>(value % 256); };
  const auto high = [](std::uint64_t value) { return static_cast<char>(value / 256 % 256); };
  const std::uint64_t size = payload.length;
  const std::string head{'\0', low(size), high(size), low(~size), high(~size)};
  return join({text(head), payload, hex("00")});
}

const std::vector<std::string> kDeflateChecks{"RFC7692-7.2.2-4", "RFC7692-6.2-1", "RFC7692-6.2-2"};

Case deflate_case(std::string id, std::string title, std::string purpose, const Steps& steps) {
  Case test = content_case(std::move(id), std::move(title), std::move(purpose), kDeflateChecks,
                           lives_through(steps));
  test.dialogue->deflate = usual_deflate();
  return test;
}

template <typename Make>
Case bulk_deflate_case(std::string id, std::string title, std::string purpose,
                       const Make& make_steps) {
  Case test =
      bulk_case(std::move(id), std::move(title), std::move(purpose), kDeflateChecks, make_steps);
  test.dialogue->deflate = usual_deflate();
  return test;
}

/// What may come between two messages of which the later refers to the earlier one.
void add_windows(std::vector<Case>& cases) {
  const Payload phrase = text("A phrase that the message behind refers to, word by word.");
  const Payload random = text(noise(3000));
  const Payload large = repeat(noise(997), 70'000);
  const Payload plain = text("plain");
  struct Between {
    std::string what{};
    Steps steps{};
  };
  Steps many;
  for (int i = 0; i < 300; ++i) {
    many += compressed_echo(text("A phrase " + std::to_string(i)), {},
                            i % 2 == 0 ? Opcode::binary : Opcode::text);
  }
  const Between all[] = {
      {"an empty message", compressed_echo(text(""))},
      {"an empty binary message in empty fragments",
       compressed_echo(text(""), {0, 0}, Opcode::binary)},
      {"a message of a byte", compressed_echo(text("A"))},
      {"a message that gets no shorter", compressed_echo(random)},
      {"a message that gets a hundred times shorter",
       compressed_echo(join({repeat("a", 5000), phrase}))},
      {"a message in fragments", compressed_echo(phrase, {1, 0, 3})},
      {"a binary message", compressed_echo(text(noise(300)), {}, Opcode::binary)},
      {"a message of 70,000 bytes", compressed_echo(large)},
      {"a plain message", echo("plain")},
      {"an empty plain message", echo("")},
      {"a plain message in fragments", Steps{PutMessage{.payload = plain, .fragments = {2, 0, 2}},
                                             expect_message(Opcode::text, plain)}},
      {"a plain message of 70,000 bytes", echo(Opcode::binary, large)},
      {"a Ping and a Pong", ping_answered(text("ping")) + Steps{frame(Opcode::pong, text("pong"))}},
      {"300 messages", many},
  };
  int number = 0;
  for (const Between& between : all) {
    const bool bulk =
        between.steps.size() > 100 || between.what.find("70,000") != std::string::npos;
    // Of a long message the window holds the end.
    const Payload again = between.what.find("of 70,000") != std::string::npos &&
                                  between.what.find("plain") == std::string::npos
                              ? join({slice(large, 69'000, 300), text(noise(20))})
                              : phrase;
    const std::string id = "5." + std::to_string(++number);
    const std::string title = "Compressed messages refer to each other over " + between.what;
    const std::string purpose = "The window is kept whatever comes between.";
    const Steps steps =
        compressed_echo(phrase) + between.steps + compressed_echo(again) + compressed_echo(phrase);
    cases.push_back(bulk ? bulk_deflate_case(id, title, purpose, [steps] { return Steps(steps); })
                         : deflate_case(id, title, purpose, steps));
    cases.back().dialogue->needs_context_takeover = true;
  }
  const Payload hello = text("Hello");
  const Payload reference = hex("f2 00 11 00 00");  // "H", and four bytes of five behind
  const std::pair<const char*, const char*> blocks[] = {
      {"a block with BFINAL", "f3 48 cd c9 c9 07 00 00"},
      {"a stored block", "00 05 00 fa ff 48 65 6c 6c 6f 00"},
      {"a stored block with BFINAL", "01 05 00 fa ff 48 65 6c 6c 6f 00"},
      {"two blocks", "f2 48 05 00 00 00 ff ff ca c9 c9 07 00"},
      {"empty blocks and one that says something", "00 00 00 ff ff f2 48 cd c9 c9 07 00"},
  };
  for (const auto& [what, deflated] : blocks) {
    // A sender whose deflater ends with BFINAL has forgotten its window, so few ever see this.
    const bool is_final = std::string_view(what).contains("BFINAL");
    const auto echoed = [&](Opcode type) {
      Expect expect = expect_message(type, hello);
      if (!is_final) return expect;
      return or_ends(std::move(expect), Grade::non_strict,
                     "the window is forgotten behind a block with BFINAL", "RFC 7692 7.2.2");
    };
    cases.push_back(deflate_case(
        "5." + std::to_string(++number), "A compressed message refers to " + std::string(what),
        "The window is what was inflated, whatever it was made of.",
        Steps{given(Opcode::text, hello, hex(deflated)), expect_message(Opcode::text, hello),
              given(Opcode::text, hello, reference), echoed(Opcode::text),
              given(Opcode::binary, hello, reference), echoed(Opcode::binary)}));
    cases.back().dialogue->needs_context_takeover = true;
  }
  const std::pair<const char*, Steps> controls[] = {
      {"a Ping", ping_answered(text("ping"))},
      {"an empty Pong", Steps{frame(Opcode::pong, text(""))}},
  };
  for (const auto& [what, control] : controls) {
    const Steps again =
        Steps{given(Opcode::text, hello, reference), expect_message(Opcode::text, hello)};
    cases.push_back(deflate_case(
        "5." + std::to_string(++number),
        "A compressed message refers to one with " + std::string(what) + " inside",
        "The window is kept whatever comes between.",
        Steps{PutFrame{.fin = false, .rsv = 4, .opcode = 1, .payload = hex("f2 48 cd")}} + control +
            Steps{PutFrame{.opcode = 0, .payload = hex("c9 c9 07 00")},
                  expect_message(Opcode::text, hello)} +
            again + Steps{PutFrame{.fin = false, .opcode = 2, .payload = text("pl")}} + control +
            Steps{PutFrame{.opcode = 0, .payload = text("ain")},
                  expect_message(Opcode::binary, text("plain"))} +
            again));
    cases.back().dialogue->needs_context_takeover = true;
  }
  // The message that refers is itself cut in two, before, inside and behind the reference.
  const std::pair<const char*, Steps> inside[] = {
      {"a Ping", ping_answered(text("ping"))},
      {"an empty Ping", ping_answered(text(""))},
      {"a Pong", Steps{frame(Opcode::pong, text("pong"))}},
      {"nothing", {}},
  };
  for (const auto& [what, control] : inside) {
    Steps steps{given(Opcode::text, hello, hex("f2 48 cd c9 c9 07 00")),
                expect_message(Opcode::text, hello)};
    for (std::uint64_t cut = 0; cut <= reference.length; ++cut) {
      const auto type = cut % 2 == 0 ? Opcode::text : Opcode::binary;
      steps.emplace_back(PutFrame{.fin = false,
                                  .rsv = 4,
                                  .opcode = static_cast<unsigned>(type),
                                  .payload = slice(reference, 0, cut)});
      steps += control;
      steps.emplace_back(
          PutFrame{.opcode = 0, .payload = slice(reference, cut, reference.length - cut)});
      steps.emplace_back(expect_message(type, hello));
    }
    cases.push_back(deflate_case(
        "5." + std::to_string(++number),
        "Compressed messages refer to the ones before, with " + std::string(what) + " inside",
        "The window is kept whatever comes between.", steps));
    cases.back().dialogue->needs_context_takeover = true;
  }
  // Frames whose length takes 64 bits though they are compressed, which are referred to and refer.
  const std::string words = noise(70'000);
  const auto put_words = [&](DeflateWriter& writer) {
    writer.put_stored(std::string_view(words).substr(0, 35'000));
    writer.put_stored(std::string_view(words).substr(35'000));
    return text(writer.take_message());
  };
  DeflateWriter plain_long;
  DeflateWriter back;
  back.put_fixed({{.length = 100, .distance = 1000}});
  const Payload to_the_end = text(back.take_message());
  const Payload last_words = text(words.substr(69'000, 100));
  DeflateWriter back_and_long;
  back_and_long.put_fixed({{.length = 258, .distance = 500}});
  const Payload again_words = text(words.substr(69'600, 258) + words);
  cases.push_back(deflate_case(
      "5." + std::to_string(++number), "Compressed frames of 64 bits of length refer to each other",
      "The window is kept whatever comes between.",
      Steps{given(Opcode::binary, text(words), put_words(plain_long)),
            expect_message(Opcode::binary, text(words)),
            given(Opcode::text, last_words, to_the_end), expect_message(Opcode::text, last_words),
            given(Opcode::text, again_words, put_words(back_and_long)),
            expect_message(Opcode::text, again_words),
            given(Opcode::binary, last_words, to_the_end),
            expect_message(Opcode::binary, last_words)}));
  cases.back().dialogue->needs_context_takeover = true;
  cases.back().dialogue->own_cuts = true;
  // The window reaches over as many messages as it holds, and to its last byte.
  const std::string source = noise(34'000);
  for (const std::size_t count : {2U, 7U, 40U}) {
    const std::size_t size = 33'000 / count + 1;
    std::string said;
    Steps far;
    for (std::size_t i = 0; i < count; ++i) {
      const std::string part = source.substr(i * size, size);
      far += Steps{given(Opcode::text, text(part), stored(text(part))),
                   expect_message(Opcode::text, text(part))};
      said += part;
    }
    for (const unsigned distance : {32'768U, 32'767U, 32'507U, 32'506U, 24'577U, 16'385U}) {
      DeflateWriter writer;
      writer.put_fixed({{.length = 20, .distance = distance}});
      const Payload words_again = text(said.substr(said.size() - distance, 20));
      far += Steps{given(Opcode::text, words_again, text(writer.take_message())),
                   expect_message(Opcode::text, words_again)};
      said += words_again.pattern;
    }
    Case reaching =
        deflate_case("5." + std::to_string(++number),
                     "Compressed messages refer to what is 32,768 bytes and " +
                         std::to_string(count) + " messages behind",
                     "The window holds what was inflated last, in however many messages.", far);
    reaching.dialogue->needs_context_takeover = true;
    reaching.dialogue->own_cuts = true;
    reaching.dialogue->deflate->wishes = {
        ServerWish{.needs_full_server_window = true, .takes_hint = true}};
    cases.push_back(std::move(reaching));
  }
}

/// Messages that repeat each other, in one message and over several.
Steps repeating_messages() {
  const Payload phrase = text("A phrase that the message behind refers to, word by word.");
  const Payload window = text(noise(700) + noise(700));
  const Payload wide = join({text(noise(9000)), text(noise(9000))});
  Steps steps;
  for (int i = 0; i < 2; ++i) {
    for (const Payload& payload : {phrase, phrase, window, phrase, wide, wide, text(""), phrase}) {
      steps += compressed_echo(payload) + compressed_echo(payload, {1, 2}, Opcode::binary);
    }
    steps += echo("plain") + compressed_echo(phrase);
  }
  return steps;
}

/// Every agreement, and what both sides keep and forget by it.
void add_agreements(std::vector<Case>& cases) {
  struct Agreed {
    std::string offer{};
    ServerWish wish{};
  };
  const Agreed all[] = {
      {"permessage-deflate; server_no_context_takeover", {.takes_hint = true}},
      {"permessage-deflate; client_no_context_takeover", {.client_no_context_takeover = true}},
      {"permessage-deflate; server_no_context_takeover; client_no_context_takeover",
       {.needs_client_max_window_bits = true,
        .client_no_context_takeover = true,
        .client_max_window_bits = 9}},
      {"permessage-deflate; server_max_window_bits=9",
       {.needs_client_max_window_bits = true, .client_max_window_bits = 9}},
      {"permessage-deflate; client_max_window_bits=9",
       {.needs_client_max_window_bits = true, .client_max_window_bits = 10}},
      {"permessage-deflate; server_max_window_bits=10; client_max_window_bits=12",
       {.needs_client_max_window_bits = true, .client_max_window_bits = 12}},
      {"permessage-deflate; server_max_window_bits=15; client_max_window_bits=15",
       {.needs_client_max_window_bits = true, .client_max_window_bits = 15}},
      {"permessage-deflate; server_no_context_takeover; server_max_window_bits=9; "
       "client_max_window_bits",
       {.needs_client_max_window_bits = true, .client_max_window_bits = 11}},
  };
  int number = 0;
  for (const Agreed& agreed : all) {
    const std::string name = std::to_string(++number);
    Case test = bulk_deflate_case(
        "8." + name, "Messages that repeat each other under agreement " + name,
        "Each side forgets what it agreed to forget, and nothing else.", repeating_messages);
    test.dialogue->deflate = Negotiation{.offers = {agreed.offer}, .wishes = {agreed.wish}};
    cases.push_back(std::move(test));
  }
}

Steps of_round_sizes_when_compressed() {
  Steps steps;
  for (const std::uint64_t round :
       {126U, 256U, 512U, 1024U, 2048U, 4096U, 8192U, 16'384U, 32'768U}) {
    for (std::uint64_t size = round - 12; size <= round + 2; ++size) {
      const Payload payload = repeat(noise(509), size - 6);
      steps += Steps{given(Opcode::binary, payload, stored(payload)),
                     expect_message(Opcode::binary, payload)};
    }
  }
  return steps;
}

Steps compressed_texts_up_to(std::uint64_t largest) {
  Steps steps;
  for (std::uint64_t size = 0; size <= largest; ++size) {
    steps += compressed_echo(repeat(noise(509), size));
  }
  return steps;
}

Steps inflating_to_round_sizes() {
  Steps steps;
  for (const std::uint64_t round : {1024U, 4096U, 8192U, 16'384U, 32'768U, 65'536U, 131'072U}) {
    for (const std::uint64_t size : {round - 1, std::uint64_t{round}, round + 1}) {
      steps += compressed_echo(repeat(noise(61), size), {}, Opcode::binary) +
               compressed_echo(repeat("ab", size), {1, 2, 3});
    }
  }
  return steps;
}

void add_compressed_sizes(std::vector<Case>& cases) {
  const std::string purpose = "No size has a meaning of its own.";
  cases.push_back(bulk_deflate_case("6.1", "Messages of round sizes when compressed", purpose,
                                    of_round_sizes_when_compressed));
  cases.push_back(bulk_deflate_case("6.2", "Compressed texts of 0 to 600 bytes", purpose,
                                    [] { return compressed_texts_up_to(600); }));
  cases.push_back(bulk_deflate_case("6.3", "Compressed messages that inflate to round sizes",
                                    purpose, inflating_to_round_sizes));
}

/// Compressed or not, in fragments or not, text or not: each behind each.
Steps all_kinds_behind_each_other() {
  std::vector<Steps> kinds;
  const Payload words = text("some words, and more of them, and more of them");
  for (const Opcode type : {Opcode::text, Opcode::binary}) {
    for (const auto coding : {PutMessage::Coding::plain, PutMessage::Coding::compressed}) {
      for (const std::vector<std::uint64_t>& fragments :
           std::vector<std::vector<std::uint64_t>>{{}, {3, 0, 1}, {0}}) {
        kinds.push_back(
            {PutMessage{.type = type, .payload = words, .fragments = fragments, .coding = coding},
             expect_message(type, words)});
      }
    }
  }
  Steps steps;
  for (const Steps& first : kinds) {
    for (const Steps& second : kinds) steps += first + second;
  }
  return steps;
}

void add_mixtures(std::vector<Case>& cases) {
  cases.push_back(bulk_deflate_case(
      "7.1", "Plain and compressed messages of all kinds behind each other",
      "Each message says for itself whether it is compressed.", all_kinds_behind_each_other));
  Steps steps;
  const Payload hello = text("Hello");
  for (const unsigned opcode : {1U, 2U}) {
    const auto type = static_cast<Opcode>(opcode);
    for (const bool is_compressed : {true, false}) {
      const Payload whole = is_compressed ? hex("f2 48 cd c9 c9 07 00") : hello;
      for (std::uint64_t cut = 0; cut <= whole.length; ++cut) {
        steps = steps +
                Steps{PutFrame{.fin = false,
                               .rsv = is_compressed ? 4U : 0U,
                               .opcode = opcode,
                               .payload = slice(whole, 0, cut)}} +
                ping_answered(text("between")) + Steps{frame(Opcode::pong, text("unasked"))} +
                Steps{PutFrame{.opcode = 0, .payload = slice(whole, cut, whole.length - cut)},
                      expect_message(type, hello)};
      }
    }
  }
  cases.push_back(deflate_case("7.2",
                               "A Ping and a Pong at every place of plain and compressed messages",
                               "Control frames are no part of a message.", steps));
}

/// What a message says matters as little where it comes in fragments, or compressed, or both: each
/// of these has code of its own that puts a message together.
void add_forms(std::vector<Case>& cases) {
  std::vector<std::pair<std::string, std::vector<Payload>>> groups;
  for (const TextGroup& group : text_groups()) {
    std::vector<Payload> payloads;
    for (const std::string& words : group.texts) payloads.push_back(text(words));
    groups.emplace_back(group.title, std::move(payloads));
  }
  std::vector<Payload> bytes;
  for (const char* odd : kOddBytes) bytes.push_back(hex(odd));
  groups.emplace_back("Binary messages that look like frames, heads and files", std::move(bytes));
  int number = 0;
  for (const auto& [title, payloads] : groups) {
    const bool is_binary = number == 8;
    const Opcode type = is_binary ? Opcode::binary : Opcode::text;
    const char* check = is_binary ? "RFC6455-5.6-2" : "RFC6455-5.6-1";
    Steps in_fragments;
    Steps compressed;
    for (const Payload& payload : payloads) {
      // All in the first, in the last, and with a fragment that ends behind the first byte, or in
      // front of the last.
      for (const std::vector<std::uint64_t>& fragments : std::vector<std::vector<std::uint64_t>>{
               {payload.length}, {0}, {1}, {payload.length - 1}}) {
        in_fragments += Steps{PutMessage{.type = type, .payload = payload, .fragments = fragments},
                              expect_message(type, payload)};
      }
      compressed += compressed_echo(payload, {}, type);
      compressed += compressed_echo(payload, {1}, type);
      compressed += compressed_echo(payload, {0, 2}, type);
    }
    const std::string id = "9." + std::to_string(++number);
    cases.push_back(content_case(id, title + ", in fragments",
                                 "What a message says does not matter, nor does its form.",
                                 {check, "RFC6455-5.4-2"}, lives_through(in_fragments)));
    cases.back().dialogue->own_cuts = true;
    Case other = content_case("9." + std::to_string(++number), title + ", compressed",
                              "What a message says does not matter, nor does its form.",
                              {check, "RFC7692-6.2-1"}, lives_through(compressed));
    other.tags.emplace_back("deflate");
    other.dialogue->deflate = usual_deflate();
    other.dialogue->own_cuts = true;
    cases.push_back(std::move(other));
  }
}

}  // namespace

std::vector<Case> content_cases() {
  std::vector<Case> cases;
  add_texts(cases);
  add_interrupted(cases);
  add_bytes(cases);
  add_sizes(cases);
  add_numbers(cases);
  add_windows(cases);
  add_agreements(cases);
  add_compressed_sizes(cases);
  add_mixtures(cases);
  add_forms(cases);
  return cases;
}

}  // namespace ws::conformance
