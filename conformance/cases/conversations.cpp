// Section 40: long conversations of everything that is legal, picked at random by a seed that never
// changes. Other sections try one thing at a time; here each thing meets every other.
#include <algorithm>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "conformance/cases/catalogue.hpp"
#include "conformance/cases/parts.hpp"

namespace ws::conformance {
namespace {

using Steps = std::vector<DialogueStep>;

/// How big and how mixed the messages of a conversation are.
struct Kind {
  const char* what = nullptr;
  unsigned largest = 0;  ///< bytes of a message
  int messages = 0;
  bool with_deflate = false;
  bool own_cuts = false;
  /// Compressed messages are cut anywhere, control frames between; they are stored blocks then, so
  /// that no other compressor needs to know of them.
  bool by_blocks = false;
};

class Talk {
 public:
  Talk(std::uint64_t seed, const Kind& kind) : random_(seed), kind_(kind) {}

  Steps make() {
    while (messages_ < kind_.messages) take_turn();
    expect_all();
    return std::move(steps_);
  }

  /// A Close that everybody has to answer.
  Steps end() {
    static constexpr std::uint16_t kCodes[] = {1000, 1001, 1002, 1003, 1007, 1008,
                                               1009, 1011, 3000, 3999, 4000, 4999};
    if (pick(5) == 0) return closed_cleanly(std::nullopt);
    return closed_cleanly(kCodes[pick(std::size(kCodes))], text(make_text(pick(3) * 40)));
  }

 private:
  // Distributions of the standard library differ between libraries.
  std::uint64_t pick(std::uint64_t below) { return random_() % below; }

  /// One to six messages, with control frames between their frames, before their echoes.
  void take_turn() {
    const std::uint64_t count = pick(3) == 0 ? 1 + pick(6) : 1;
    for (std::uint64_t i = 0; i < count; ++i) send_message();
    if (pick(2) == 0) send_control();
    expect_all();
  }

  void expect_all() {
    for (DialogueStep& step : echoes_) steps_.push_back(std::move(step));
    echoes_.clear();
    // Who has many Pings to answer may answer the last alone.
    if (!pinged_) return;
    steps_.emplace_back(expect_pong(*pinged_));
    std::get<Expect>(steps_.back()).prompt = false;
    pinged_.reset();
  }

  void send_message() {
    ++messages_;
    const auto type = pick(2) == 0 ? Opcode::text : Opcode::binary;
    const std::uint64_t size = pick_size();
    std::string bytes;
    if (!before_.empty() && pick(4) == 0) {
      bytes = before_[pick(before_.size())];  // again, or in the other type
    } else {
      bytes = type == Opcode::text ? make_text(size) : make_bytes(size);
    }
    // What begins like no text was made as bytes.
    const auto sent_as = bytes.starts_with('\xff') ? Opcode::binary : type;
    if (before_.size() < 12 && bytes.size() < 5000) before_.push_back(bytes);
    const Payload payload = text(bytes);
    echoes_.emplace_back(expect_message(sent_as, payload));
    const bool is_compressed = kind_.with_deflate && pick(3) != 0;
    if (is_compressed && !kind_.by_blocks) return send_compressed(sent_as, payload);
    send_frames(sent_as, is_compressed ? in_blocks(bytes) : bytes, is_compressed ? 4 : 0);
  }

  /// In a few fragments that its own compressor makes.
  void send_compressed(Opcode type, const Payload& payload) {
    PutMessage message{.type = type, .payload = payload, .coding = PutMessage::Coding::compressed};
    const std::uint64_t fragments = pick(3) == 0 ? 1 + pick(4) : 0;
    for (std::uint64_t i = 0; i < fragments; ++i) message.fragments.push_back(pick(4));
    steps_.emplace_back(std::move(message));
  }

  /// A few stored blocks, and the empty one that ends a message, without its tail.
  std::string in_blocks(const std::string& bytes) {
    constexpr std::size_t kLargest = 65'535;
    std::string blocks;
    std::size_t begin = 0;
    do {
      const std::size_t left = std::min(bytes.size() - begin, kLargest);
      const std::size_t size = pick(2) == 0 ? left : static_cast<std::size_t>(pick(left + 1));
      const auto number = static_cast<unsigned>(size);
      for (const unsigned part :
           {0U, number % 256, number / 256, 255 - number % 256, 255 - number / 256}) {
        blocks += static_cast<char>(part);
      }
      blocks += bytes.substr(begin, size);
      begin += size;
    } while (begin < bytes.size());
    return blocks + std::string(1, '\0');
  }

  /// Cut anywhere, control frames between.
  void send_frames(Opcode type, const std::string& bytes, unsigned rsv) {
    std::size_t begin = 0;
    auto opcode = static_cast<unsigned>(type);
    const std::uint64_t cuts = pick(2) == 0 ? 0 : pick(7);
    for (std::uint64_t i = 0; i < cuts; ++i) {
      const std::size_t left = bytes.size() - begin;
      const std::size_t size = pick(4) == 0 ? 0 : static_cast<std::size_t>(pick(left / 2 + 2));
      const std::size_t taken = size > left ? left : size;
      steps_.emplace_back(PutFrame{
          .fin = false, .rsv = rsv, .opcode = opcode, .payload = text(bytes.substr(begin, taken))});
      begin += taken;
      opcode = rsv = 0;
      while (pick(3) == 0) send_control();
    }
    steps_.emplace_back(
        PutFrame{.rsv = rsv, .opcode = opcode, .payload = text(bytes.substr(begin))});
  }

  void send_control() {
    const std::uint64_t size = pick(3) == 0 ? pick(126) : pick(6);
    std::string bytes = pick(2) == 0 ? make_bytes(size) : std::string(size, 'c');
    // What a message has just said, too.
    if (!before_.empty() && pick(5) == 0) bytes = before_.back().substr(0, 125);
    const Payload payload = text(bytes);
    if (pick(4) == 0) {
      steps_.emplace_back(frame(Opcode::pong, payload));
      return;
    }
    steps_.emplace_back(frame(Opcode::ping, payload));
    pinged_ = payload;
  }

  std::uint64_t pick_size() {
    static constexpr unsigned kRounds[] = {125,  126,  128,  255,    256,    512,   1024,
                                           2048, 4096, 8192, 16'384, 32'768, 65'536};
    switch (pick(8)) {
      case 0:
        return 0;
      case 1:
      case 2:
        return pick(10);
      case 3:
      case 4:
        return pick(std::min(kind_.largest, 130U));
      case 5: {
        const unsigned round = kRounds[pick(std::size(kRounds))];
        return round <= kind_.largest ? round - 2 + pick(5) : pick(40);
      }
      default:
        return pick(kind_.largest);
    }
  }

  /// Characters of every length, and those that a program may make something of.
  std::string make_text(std::uint64_t size) {
    static constexpr std::string_view kPieces[] = {"a",
                                                   "Z",
                                                   "0",
                                                   " ",
                                                   "\n",
                                                   "\r\n",
                                                   "\t",
                                                   "\"",
                                                   "\\",
                                                   "%",
                                                   "<",
                                                   "\x7f",
                                                   "\xc2\xa9",
                                                   "\xc3\xbc",
                                                   "\xd0\x96",
                                                   "\xe2\x82\xac",
                                                   "\xe2\x80\xa8",
                                                   "\xed\x9f\xbf",
                                                   "\v",
                                                   "\x1b",
                                                   std::string_view("\0", 1),
                                                   "e\xcc\x81",
                                                   "\xee\x80\x80",
                                                   "\xef\xbb\xbf",
                                                   "\xef\xbf\xbd",
                                                   "\xf0\x9f\x9a\x80",
                                                   "\xf4\x8f\xbf\xbf",
                                                   "word "};
    std::string made;
    while (made.size() < size) made += kPieces[pick(std::size(kPieces))];
    return made;
  }

  std::string make_bytes(std::uint64_t size) {
    std::string made;
    const bool is_sparse = pick(3) == 0;
    for (std::uint64_t i = 0; i < size; ++i) {
      made += is_sparse && pick(5) != 0 ? '\0' : static_cast<char>(pick(256));
    }
    if (!made.empty()) made[0] = '\xff';  // so that none is a text
    return made;
  }

  std::mt19937_64 random_;
  Kind kind_;
  Steps steps_;
  Steps echoes_;
  std::vector<std::string> before_;
  std::optional<Payload> pinged_;
  int messages_ = 0;
};

}  // namespace

std::vector<Case> conversation_cases() {
  static constexpr Kind kKinds[] = {
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
  std::vector<Case> cases;
  std::uint64_t seed = 0;
  int group = 0;
  for (const Kind& kind : kKinds) {
    ++group;
    for (int i = 1; i <= kOfEach; ++i) {
      Talk talk(++seed, kind);
      Steps steps = talk.make();
      steps += talk.end();
      Case test{
          .id = "40." + std::to_string(group) + "." + std::to_string(i),
          .title = "A conversation of " + std::string(kind.what) + ", number " + std::to_string(i),
          .purpose = "What works alone works together.",
          .checks = {"RFC6455-5.6-1", "RFC6455-5.4-2", "RFC6455-5.4-7", "RFC6455-5.5.2-2"},
          .tags = {"conversations"},
          .dialogue = Dialogue{.steps = std::move(steps), .own_cuts = kind.own_cuts}};
      if (kind.with_deflate) {
        test.checks.emplace_back("RFC7692-6.2-1");
        test.dialogue->deflate = Negotiation{.offers = {"permessage-deflate"},
                                             .wishes = {ServerWish{.takes_hint = true}}};
      }
      cases.push_back(std::move(test));
    }
  }
  return cases;
}

}  // namespace ws::conformance
