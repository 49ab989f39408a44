// Section 40: long conversations of everything that is legal, picked at random by a seed that never
// changes. Other sections try one thing at a time; here each thing meets every other.
#include <string>
#include <utility>
#include <vector>

#include "conformance/cases/catalogue.hpp"
#include "conformance/cases/parts.hpp"
#include "conformance/cases/talk.hpp"

namespace ws::conformance {
namespace {

using Steps = std::vector<DialogueStep>;

/// One way to end a conversation that is legal up to there.
struct IllegalEnd {
  const char* what = nullptr;
  const char* check = nullptr;
  const char* source = nullptr;
  std::uint16_t code = 1002;
  bool with_deflate = false;
  /// The frames, behind the beginning of a message of this type, or none (0).
  std::vector<PutFrame> (*make)(Talk& talk, unsigned begun) = nullptr;
};

PutFrame part(bool fin, unsigned opcode, const std::string& payload, unsigned rsv = 0) {
  return {.fin = fin, .rsv = rsv, .opcode = opcode, .payload = text(payload)};
}

/// Of a size that decides about the form of the length.
std::string some_text(Talk& talk) {
  static constexpr unsigned kLargest[] = {1, 4, 126, 300, 5000, 70'000};
  const unsigned largest = kLargest[talk.pick(std::size(kLargest))];
  return talk.make_text(talk.pick(3) == 0 ? largest : talk.pick(largest));
}

/// Text with something in it that is no UTF-8.
std::string bad_text(Talk& talk) {
  static constexpr std::string_view kBad[] = {"\xff",
                                              "\xc0\xaf",
                                              "\x80",
                                              "\xc3(",
                                              "\xe2\x82(",
                                              "\xed\xa0\x80",
                                              "\xf0\x8f\xbf\xbf",
                                              "\xf4\x90\x80\x80",
                                              "\xf5\x80\x80\x80",
                                              "\xe0\x9f\xbf",
                                              "\xf8\x88\x80\x80\x80",
                                              "\xbf"};
  const std::string behind = some_text(talk);
  const std::string bad(kBad[talk.pick(std::size(kBad))]);
  return some_text(talk) + bad + behind;
}

/// The next frame of the message that has begun, or a message in a frame; text where it can be.
PutFrame next(Talk& talk, unsigned begun, std::string payload) {
  return part(true, begun != 0 ? 0U : 1U + static_cast<unsigned>(talk.pick(2)), std::move(payload));
}

/// A Ping or a Pong.
PutFrame some_control(Talk& talk, std::uint64_t size, bool fin = true, unsigned rsv = 0) {
  std::string bytes = talk.make_bytes(size);
  return part(fin, 9 + static_cast<unsigned>(talk.pick(2)), std::move(bytes), rsv);
}

std::vector<PutFrame> in_fragments(Talk& talk, unsigned opcode, const std::string& bytes,
                                   unsigned rsv = 0) {
  std::vector<PutFrame> frames;
  std::size_t begin = 0;
  for (std::uint64_t i = talk.pick(4); i > 0; --i) {
    const auto size = static_cast<std::size_t>(talk.pick(bytes.size() - begin + 1));
    frames.push_back(part(false, opcode, bytes.substr(begin, size), rsv));
    begin += size;
    opcode = rsv = 0;
    if (talk.pick(3) == 0) frames.push_back(part(true, 10, talk.make_bytes(talk.pick(20))));
  }
  frames.push_back(part(true, opcode, bytes.substr(begin), rsv));
  return frames;
}

using Frames = std::vector<PutFrame>;

/// What is inside a message belongs to it, so a text has to have begun, or nothing.
constexpr IllegalEnd kIllegalEnds[] = {
    {"text that is not UTF-8", "RFC6455-8.1-1", "RFC 6455 8.1", 1007, false,
     [](Talk& talk, unsigned begun) {
       return in_fragments(talk, begun == 1 ? 0 : 1, bad_text(talk));
     }},
    {"text that ends inside a character", "RFC6455-8.1-1", "RFC 6455 8.1", 1007, false,
     [](Talk& talk, unsigned begun) {
       static constexpr std::string_view kBegun[] = {"\xc3", "\xe2", "\xe2\x82", "\xf0\x9f\x9a"};
       const std::string cut(kBegun[talk.pick(std::size(kBegun))]);
       return in_fragments(talk, begun == 1 ? 0 : 1, some_text(talk) + cut);
     }},
    {"compressed text that is not UTF-8", "RFC7692-6.1-8", "RFC 6455 8.1", 1007, true,
     [](Talk& talk, unsigned) { return in_fragments(talk, 1, talk.in_blocks(bad_text(talk)), 4); }},
    {"bad compressed data", "RFC7692-7.2.2-4", "RFC 7692 7.2.2", 1007, true,
     [](Talk& talk, unsigned) {
       std::string blocks = talk.in_blocks(some_text(talk));
       blocks.back() = '\x07';  // a block of the type that there is not
       return in_fragments(talk, 1 + static_cast<unsigned>(talk.pick(2)), blocks + "x", 4);
     }},
    {"a reserved bit", "RFC6455-5.2-3", "RFC 6455 5.2", 1002, false,
     [](Talk& talk, unsigned begun) {
       PutFrame frame = talk.pick(3) == 0 ? some_control(talk, talk.pick(126))
                                          : next(talk, begun, some_text(talk));
       frame.rsv = 1 + static_cast<unsigned>(talk.pick(7));
       if (frame.opcode < 8) frame.fin = talk.pick(2) == 0;
       return Frames{frame};
     }},
    {"RSV1 where it means nothing", "RFC7692-6.1-1", "RFC 6455 5.2", 1002, true,
     [](Talk& talk, unsigned begun) {
       const bool is_control = begun == 0 || talk.pick(2) == 0;
       if (is_control) return Frames{some_control(talk, talk.pick(126), true, 4)};
       std::string bytes = some_text(talk);
       return Frames{part(talk.pick(2) == 0, 0, std::move(bytes), 4)};
     }},
    {"a reserved opcode", "RFC6455-5.2-4", "RFC 6455 5.2", 1002, false,
     [](Talk& talk, unsigned) {
       static constexpr unsigned kReserved[] = {3, 4, 5, 6, 7, 11, 12, 13, 14, 15};
       std::string bytes = talk.make_bytes(talk.pick(126));
       const unsigned opcode = kReserved[talk.pick(std::size(kReserved))];
       return Frames{part(talk.pick(3) != 0, opcode, std::move(bytes))};
     }},
    {"a control frame in fragments", "RFC6455-5.5-2", "RFC 6455 5.5", 1002, false,
     [](Talk& talk, unsigned) { return Frames{some_control(talk, talk.pick(126), false)}; }},
    {"a control frame that is too long", "RFC6455-5.5-1", "RFC 6455 5.5", 1002, false,
     [](Talk& talk, unsigned) {
       static constexpr unsigned kSizes[] = {126, 127, 128, 200, 255, 256, 300, 65'535, 65'536};
       return Frames{some_control(talk, kSizes[talk.pick(std::size(kSizes))])};
     }},
    {"a frame out of its order", "RFC6455-5.4-15", "RFC 6455 5.4", 1002, false,
     [](Talk& talk, unsigned begun) {
       std::string bytes = some_text(talk);
       const unsigned opcode = begun == 0 ? 0U : 1U + static_cast<unsigned>(talk.pick(2));
       return Frames{part(talk.pick(2) == 0, opcode, std::move(bytes))};
     }},
    {"a frame masked the wrong way round", "RFC6455-5.1-2", "RFC 6455 5.1", 1002, false,
     [](Talk& talk, unsigned begun) {
       PutFrame frame = talk.pick(3) == 0 ? part(true, 9, talk.make_bytes(talk.pick(126)))
                                          : next(talk, begun, some_text(talk));
       frame.masking = PutFrame::Masking::reversed;
       return Frames{frame};
     }},
};

/// A conversation that is legal but for its end, the one of that number.
Steps illegal_end(const IllegalEnd& end, int number, std::uint64_t seed) {
  Talk talk(seed,
            {.largest = 300, .messages = 6, .with_deflate = end.with_deflate, .by_blocks = true});
  talk.talk();
  // A compressed message begins with its first frame, and a binary one is no text.
  const bool is_message = end.code == 1007;
  const bool is_new = is_message && (end.with_deflate || number % 2 == 0);
  const unsigned begun = is_new ? 0 : talk.leave_inside(is_message ? 1 : 0);
  talk.add_control_frames();
  Steps steps = talk.take_steps();
  for (PutFrame& frame : end.make(talk, begun)) steps.emplace_back(std::move(frame));
  Expect failure = expect_failure({end.code}, end.source);
  const Payload probe = *failure.any.back().payload;
  if (is_message) {
    Reaction& pong = failure.any.back();
    pong.grade = Grade::non_strict;
    pong.goes_on = true;
    pong.why = "the Ping behind the illegal message is answered before the connection is failed";
    pong.source = "RFC 6455 7.1.7";
  }
  steps += Steps{frame(Opcode::ping, probe), failure};
  return steps;
}

/// Conversations that are legal but for their end.
void add_illegal_ends(std::vector<Case>& cases) {
  constexpr int kOfEach = 20;
  std::uint64_t seed = 1000;
  int group = 10;
  for (const IllegalEnd& end : kIllegalEnds) {
    ++group;
    for (int i = 1; i <= kOfEach; ++i) {
      Case test{.id = "40." + std::to_string(group) + "." + std::to_string(i),
                .title = "A conversation that ends in " + std::string(end.what) + ", number " +
                         std::to_string(i),
                .purpose = "What was said before makes nothing legal.",
                .checks = {end.check, "RFC6455-7.1.7-1"},
                .tags = {"conversations"},
                .dialogue = Dialogue{.own_cuts = true},
                .late_steps = [&end, i, seed = ++seed] { return illegal_end(end, i, seed); }};
      if (end.with_deflate) {
        test.dialogue->deflate = usual_deflate();
      }
      cases.push_back(std::move(test));
    }
  }
}

Steps conversation(const TalkKind& kind, std::uint64_t seed) {
  Talk talk(seed, kind);
  talk.talk();
  Steps steps = talk.take_steps();
  steps += talk.end();
  return steps;
}

}  // namespace

std::vector<Case> conversation_cases() {
  static constexpr TalkKind kKinds[] = {
      {.what = "short messages", .largest = 140, .messages = 60},
      {.what = "messages of some kilobytes", .largest = 5000, .messages = 80, .own_cuts = true},
      {.what = "messages of all sizes", .largest = 70'000, .messages = 60, .own_cuts = true},
      {.what = "short messages, with compression",
       .largest = 140,
       .messages = 60,
       .with_deflate = true},
      {.what = "messages of some kilobytes, with compression",
       .largest = 5000,
       .messages = 80,
       .with_deflate = true,
       .own_cuts = true},
      {.what = "many very short messages", .largest = 4, .messages = 250, .own_cuts = true},
      {.what = "short messages in stored blocks",
       .largest = 140,
       .messages = 60,
       .with_deflate = true,
       .by_blocks = true},
      {.what = "messages in stored blocks",
       .largest = 70'000,
       .messages = 60,
       .with_deflate = true,
       .own_cuts = true,
       .by_blocks = true},
  };
  constexpr int kOfEach = 6;
  constexpr int kCut = 2;  // of each; to write long ones byte by byte takes seconds
  std::vector<Case> cases;
  std::uint64_t seed = 0;
  int group = 0;
  for (const TalkKind& kind : kKinds) {
    ++group;
    for (int i = 1; i <= kOfEach; ++i) {
      Case test{
          .id = "40." + std::to_string(group) + "." + std::to_string(i),
          .title = "A conversation of " + std::string(kind.what) + ", number " + std::to_string(i),
          .purpose = "What works alone works together.",
          .checks = {"RFC6455-5.6-1", "RFC6455-5.4-2", "RFC6455-5.4-7", "RFC6455-5.5.2-2"},
          .tags = {"conversations"},
          .dialogue = Dialogue{.own_cuts = kind.own_cuts || i > kCut},
          .late_steps = [&kind, seed = ++seed] { return conversation(kind, seed); }};
      if (kind.with_deflate) {
        test.checks.emplace_back("RFC7692-6.2-1");
        test.dialogue->deflate = usual_deflate();
      }
      cases.push_back(std::move(test));
    }
  }
  add_illegal_ends(cases);
  return cases;
}

}  // namespace ws::conformance
