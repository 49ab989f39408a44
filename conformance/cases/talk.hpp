// Conversations of everything that is legal, picked at random by a seed that never changes. Each
// pick is a statement's only one, since compilers differ in the order in which they take arguments.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "conformance/cases/parts.hpp"

namespace ws::conformance {

/// How big and how mixed the messages of a conversation are.
struct TalkKind {
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
  Talk(std::uint64_t seed, const TalkKind& kind) : random_(seed), kind_(kind) {}

  /// Messages, each awaited at last.
  void talk() {
    while (messages_ < kind_.messages) take_turn();
    expect_all();
  }

  /// All steps since the last call.
  std::vector<DialogueStep> take_steps() { return std::exchange(steps_, {}); }

  /// Begins a message, of this type or (0) of any, which whoever asks for it goes on with.
  ///
  /// Returns: its type; 0 if none has begun.
  unsigned leave_inside(unsigned type) {
    if (pick(3) == 0) return 0;
    if (type == 0) type = 1 + static_cast<unsigned>(pick(2));
    const std::uint64_t count = 1 + pick(4);
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::string bytes = pick(4) == 0 ? std::string() : make_text(pick(200));
      steps_.emplace_back(
          PutFrame{.fin = false, .opcode = i == 0 ? type : 0U, .payload = text(bytes)});
      while (pick(3) == 0) send_control();
    }
    expect_all();
    return type;
  }

  /// None, or a few, as the last frames so far.
  void add_control_frames() {
    while (pick(2) == 0) send_control();
    expect_all();
  }

  /// A Close that everybody has to answer.
  std::vector<DialogueStep> end() {
    static constexpr std::uint16_t kCodes[] = {1000, 1001, 1002, 1003, 1007, 1008,
                                               1009, 1011, 3000, 3999, 4000, 4999};
    if (pick(5) == 0) return closed_cleanly(std::nullopt);
    const Payload reason = text(make_text(pick(3) * 40));
    return closed_cleanly(kCodes[pick(std::size(kCodes))], reason);
  }

  // Distributions of the standard library differ between libraries.
  std::uint64_t pick(std::uint64_t below) { return random_() % below; }

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

 private:
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

  std::mt19937_64 random_;
  TalkKind kind_;
  std::vector<DialogueStep> steps_;
  std::vector<DialogueStep> echoes_;
  std::vector<std::string> before_;
  std::optional<Payload> pinged_;
  int messages_ = 0;
};

}  // namespace ws::conformance
