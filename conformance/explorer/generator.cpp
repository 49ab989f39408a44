#include "conformance/explorer/generator.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "conformance/harness/bytes.hpp"
#include "conformance/oracle/raw_frame.hpp"

namespace ws::conformance::explorer {
namespace {

using oracle::LengthForm;

constexpr std::size_t kMostBytes = 300'000;  // of a script

/// Acts that belong together, and what they are about.
struct Move {
  std::vector<Act> acts{};
  std::string event{};
};

class Generator {
 public:
  Generator(std::uint64_t seed, std::uint64_t number, Role harness, const Abilities& abilities,
            Coverage& coverage)
      : engine_(seed * 0x9e3779b97f4a7c15U + number),
        harness_(harness),
        abilities_(abilities),
        coverage_(coverage) {}

  /// Returns: nothing if what came out makes no sense, which is rare.
  std::optional<Script> make();

 private:
  using Maker = Move (Generator::*)();

  bool chance(unsigned percent) { return explorer::chance(engine_, percent); }
  std::size_t below(std::size_t limit) {
    return static_cast<std::size_t>(explorer::below(engine_, limit));
  }
  template <typename T>
  const T& pick(const std::vector<T>& from) {
    return from[below(from.size())];
  }

  std::optional<Deflate> choose_deflate();
  bool apply(const std::vector<Maker>& makers, std::size_t proposals);
  PutFrame dress(PutFrame frame);
  std::string dress_name(const PutFrame& frame) const;
  std::vector<std::size_t> cut_places(std::size_t size);
  void put_fragments(Move& move, unsigned type, bool compressed, const std::string& bytes,
                     bool finishes);
  void put_between(Move& move);
  std::size_t some_size() { return random_size(engine_, most_left()); }
  std::size_t most_left() const { return bytes_ < kMostBytes ? kMostBytes - bytes_ : 64; }
  std::size_t violation_size();
  Payload filler(std::size_t size);
  PutFrame next_data(std::size_t size);

  // Moves that are legal.
  Move message();
  Move many_messages();
  Move many_pings();
  Move ping();
  Move pong();
  Move wait();
  Move rest();
  Move begin_message();
  Move finish_message();

  // Moves that end.
  Move nothing();
  Move close();
  Move close_and_more();
  Move break_off();
  Move bad_reserved_bits();
  Move bad_opcode();
  Move bad_masking();
  Move bad_control();
  Move bad_length();
  Move bad_order();
  Move bad_text();
  Move bad_data();
  Move bad_close();
  Move odd_length();
  Move endless_frame();

  Engine engine_;
  Role harness_;
  Abilities abilities_;
  Coverage& coverage_;
  Script script_;
  std::optional<Model> model_;
  std::optional<Deflater> deflater_;
  std::string rest_;  // of the message that has begun, as it will be sent
  std::size_t bytes_ = 0;
};

std::optional<Deflate> Generator::choose_deflate() {
  if (!abilities_.deflate || chance(55)) return std::nullopt;
  Deflate deflate{.negotiation = {.offers = {"permessage-deflate"},
                                  .wishes = {ServerWish{.needs_full_server_window = true,
                                                        .takes_hint = true}}}};
  std::string& offer = deflate.negotiation.offers.front();
  ServerWish& wish = deflate.negotiation.wishes.front();
  deflate.needs_context_takeover = abilities_.context_takeover && chance(60);
  switch (below(8)) {
    case 0:
      offer += "; server_no_context_takeover";
      break;
    case 1:
      offer += "; server_max_window_bits=" + std::to_string(9 + below(7));
      break;
    case 2:
      offer += "; client_no_context_takeover";
      wish.client_no_context_takeover = true;
      if (harness_ == Role::client) deflate.needs_context_takeover = false;
      break;
    case 3:
      // The server may take up to the smallest window.
      offer += "; client_max_window_bits";
      wish.needs_client_max_window_bits = true;
      wish.client_max_window_bits = static_cast<int>(9 + below(7));
      deflate.ours.window_bits = harness_ == Role::client ? 8 : 15;
      break;
    default:
      break;
  }
  deflate.has_final_blocks = chance(8);
  deflate.ours.no_context_takeover = !deflate.needs_context_takeover;
  return deflate;
}

/// Makes the one of several proposals that was tried least.
bool Generator::apply(const std::vector<Maker>& makers, std::size_t proposals) {
  std::optional<Move> best;
  std::uint64_t fewest = 0;
  const std::optional<Deflater> deflater = deflater_;
  std::optional<Deflater> best_deflater;
  const std::string rest = rest_;
  std::string best_rest;
  for (std::size_t i = 0; i < proposals; ++i) {
    deflater_ = deflater;
    rest_ = rest;
    Move move = (this->*pick(makers))();
    if (move.event.empty()) continue;
    const std::uint64_t times = coverage_.times(situation_of(model_->state(), move.event));
    if (best && times >= fewest) continue;
    fewest = times;
    best = std::move(move);
    best_deflater = deflater_;
    best_rest = rest_;
  }
  deflater_ = std::move(best_deflater);
  rest_ = std::move(best_rest);
  if (!best) return false;
  coverage_.add(situation_of(model_->state(), best->event));
  for (Act& act : best->acts) {
    if (!model_->feed(act)) return false;
    if (const auto* frame = std::get_if<PutFrame>(&act)) bytes_ += frame->payload.length;
    script_.acts.push_back(std::move(act));
  }
  return true;
}

/// The same frame with a key and cuts of chance.
PutFrame Generator::dress(PutFrame frame) {
  if (harness_ == Role::client && frame.masking == PutFrame::Masking::by_role && chance(30)) {
    frame.masking = PutFrame::Masking::key;
    const auto byte = static_cast<std::uint8_t>(below(256));
    const std::array<std::array<std::uint8_t, 4>, 7> keys{{{0, 0, 0, 0},
                                                           {255, 255, 255, 255},
                                                           {byte, byte, byte, byte},
                                                           {0, 0, 0, byte},
                                                           {byte, 0, 0, 0},
                                                           {1, 2, 3, 4},
                                                           {0x81, 0x85, 0x88, 0x8a}}};
    frame.key = keys[below(keys.size())];
  }
  const bool is_early = script_.acts.size() < script_.early;
  if (!is_early && chance(25)) {
    const std::size_t length = frame.payload.length;
    const std::size_t header = 2 +
                               (length < 126      ? 0U
                                : length < 65'536 ? 2U
                                                  : 8U) +
                               (harness_ == Role::client ? 4U : 0U);
    frame.cut = 1 + below(chance(60) ? header : header + length);
    if (header + length < 60 && chance(40)) frame.piece = 1 + below(3);
  }
  return frame;
}

std::string Generator::dress_name(const PutFrame& frame) const {
  std::string name = frame.cut == 0 ? "" : frame.piece == 0 ? ", cut" : ", in pieces";
  if (frame.masking == PutFrame::Masking::key) {
    name += frame.key == std::array<std::uint8_t, 4>{} ? ", zero key" : ", key";
  }
  return name;
}

std::vector<std::size_t> Generator::cut_places(std::size_t size) {
  std::vector<std::size_t> places;
  std::size_t count = chance(45) ? 0 : 1 + below(4);
  if (size > 0 && size < 40 && chance(10)) count = size;  // byte by byte
  const bool byte_by_byte = count == size;
  static const std::vector<std::size_t> kMany{20, 66, 130, 258, 1026};
  if (!byte_by_byte && chance(3)) count = pick(kMany);
  for (std::size_t i = 0; i < count; ++i) {
    places.push_back(byte_by_byte ? i : chance(15) ? 0 : below(size + 1));
  }
  std::ranges::sort(places);
  return places;
}

/// What may stand between two fragments.
void Generator::put_between(Move& move) {
  if (chance(70)) return;
  const bool is_ping = chance(65);
  const Content content = random_bytes(engine_, below(chance(20) ? 126 : 9));
  move.acts.emplace_back(
      dress(PutFrame{.opcode = is_ping ? 9U : 10U, .payload = text(content.bytes)}));
  move.event += is_ping ? ", Ping between" : ", Pong between";
  if (is_ping && chance(60)) move.acts.emplace_back(Await{});
}

/// A message in fragments; the last of them is kept in `rest_` if it is not to be finished.
void Generator::put_fragments(Move& move, unsigned type, bool compressed, const std::string& bytes,
                              bool finishes) {
  std::vector<std::size_t> places = cut_places(bytes.size());
  if (!finishes && places.empty()) places.push_back(below(bytes.size() + 1));
  move.event += places.empty() ? "" : places.size() == 1 ? ", two fragments" : ", fragments";
  std::size_t begin = 0;
  PutFrame frame{.fin = false, .rsv = compressed ? 4U : 0U, .opcode = type};
  for (const std::size_t place : places) {
    frame.payload = text(std::string_view(bytes).substr(begin, place - begin));
    move.acts.emplace_back(dress(frame));
    frame = {.fin = false, .opcode = 0};
    begin = place;
    put_between(move);
  }
  if (!finishes) {
    rest_ = bytes.substr(begin);
    return;
  }
  frame.fin = true;
  frame.payload = text(std::string_view(bytes).substr(begin));
  frame = dress(frame);
  move.event += dress_name(frame);
  move.acts.emplace_back(std::move(frame));
}

Move Generator::message() {
  const bool is_text = chance(50);
  const bool compressed = deflater_ && chance(75);
  // Compressed messages are found out about byte by byte.
  const std::size_t size =
      compressed ? random_size(engine_, std::min<std::size_t>(most_left(), 70'000)) : some_size();
  const Content content = is_text ? random_text(engine_, size) : random_bytes(engine_, size);
  Move move{.event = (is_text ? "text, " : "binary, ") + content.kind + ", " +
                     size_event(content.bytes.size()) + (compressed ? ", compressed" : "")};
  put_fragments(move, is_text ? 1 : 2, compressed,
                compressed ? deflater_->deflate(content.bytes, engine_) : content.bytes, true);
  if (chance(75)) move.acts.emplace_back(Await{});
  return move;
}

Move Generator::many_messages() {
  static const std::vector<std::size_t> kMany{66, 130, 258, 260, 1030};
  const std::size_t count = chance(6) ? pick(kMany) : 3 + below(chance(20) ? 120 : 20);
  const bool alike = chance(30);
  const bool is_text = chance(50);
  const bool compressed = deflater_ && chance(50);
  Move move{.event = std::string("many ") + (is_text ? "texts" : "binary messages") +
                     (alike ? ", alike" : "") + (compressed ? ", compressed" : "")};
  const Content first = random_text(engine_, below(20));
  const bool waits = chance(50) && count < 300;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string bytes = alike ? first.bytes : "message " + std::to_string(i);
    move.acts.emplace_back(
        PutFrame{.rsv = compressed ? 4U : 0U,
                 .opcode = is_text ? 1U : 2U,
                 .payload = text(compressed ? deflater_->deflate(bytes, engine_) : bytes)});
    if (waits) move.acts.emplace_back(Await{});
  }
  if (!waits) move.acts.emplace_back(Await{});
  return move;
}

Move Generator::many_pings() {
  static const std::vector<std::size_t> kMany{5, 20, 66, 258};
  Move move;
  const std::size_t count = pick(kMany);
  const bool alike = chance(30);
  move.event = "many Pings, " + std::to_string(count) + (alike ? ", alike" : "");
  for (std::size_t i = 0; i < count; ++i) {
    move.acts.emplace_back(
        PutFrame{.opcode = 9, .payload = text(alike ? "ping" : "ping " + std::to_string(i))});
    move.acts.emplace_back(Await{});
  }
  return move;
}

Move Generator::ping() {
  const std::size_t size = chance(20) ? 120 + below(6) : below(20);
  const Content content = random_bytes(engine_, size);
  const PutFrame frame = dress(PutFrame{.opcode = 9, .payload = text(content.bytes)});
  Move move{.acts = {frame}, .event = "Ping " + size_class(size) + dress_name(frame)};
  if (chance(80)) move.acts.emplace_back(Await{});
  return move;
}

Move Generator::pong() {
  const std::size_t size = chance(20) ? 120 + below(6) : below(20);
  const PutFrame frame =
      dress(PutFrame{.opcode = 10, .payload = text(random_bytes(engine_, size).bytes)});
  return {.acts = {frame}, .event = "Pong " + size_class(size) + dress_name(frame)};
}

Move Generator::wait() { return {.acts = {Await{}}, .event = "wait"}; }

Move Generator::rest() {
  return {.acts = {Rest{milliseconds(1 + static_cast<int>(below(20)))}}, .event = "rest"};
}

/// A message that is not finished, so that what follows happens inside it.
Move Generator::begin_message() {
  const bool is_text = chance(50);
  const bool compressed = deflater_ && chance(60);
  const std::size_t size = std::min<std::size_t>(some_size(), 2000);
  const Content content = is_text ? random_text(engine_, size) : random_bytes(engine_, size);
  Move move{.event = std::string("begin ") + (is_text ? "text" : "binary") +
                     (compressed ? ", compressed" : "")};
  put_fragments(move, is_text ? 1 : 2, compressed,
                compressed ? deflater_->deflate(content.bytes, engine_) : content.bytes, false);
  return move;
}

Move Generator::finish_message() {
  Move move{.event = "finish"};
  const std::string bytes = std::exchange(rest_, {});
  std::size_t begin = 0;
  for (const std::size_t place : cut_places(bytes.size())) {
    move.acts.emplace_back(
        dress(PutFrame{.fin = false,
                       .opcode = 0,
                       .payload = text(std::string_view(bytes).substr(begin, place - begin))}));
    begin = place;
    put_between(move);
  }
  const PutFrame last =
      dress(PutFrame{.opcode = 0, .payload = text(std::string_view(bytes).substr(begin))});
  move.event += dress_name(last) + (last.payload.length == 0 ? ", empty" : "");
  move.acts.emplace_back(last);
  if (chance(75)) move.acts.emplace_back(Await{});
  return move;
}

Move Generator::nothing() { return {.event = "end"}; }

std::string close_payload(std::uint16_t code, std::string_view reason) {
  std::string payload{static_cast<char>(code >> 8U), static_cast<char>(code & 0xffU)};
  payload += reason;
  return payload;
}

Move Generator::close() {
  static const std::vector<std::uint16_t> kCodes{1000, 1000, 1001, 1002, 1003, 1007, 1008, 1009,
                                                 1010, 1011, 1012, 1013, 1014, 3000, 3001, 3072,
                                                 3328, 3999, 4000, 4096, 4321, 4999};
  static const std::vector<std::size_t> kReasons{0, 0, 0, 1, 2, 5, 20, 40, 64, 65, 100, 123};
  if (chance(15)) return {.acts = {PutFrame{.opcode = 8}}, .event = "empty Close"};
  const std::uint16_t code = pick(kCodes);
  const std::size_t size = pick(kReasons);
  std::string reason = text_of(expand(repeat("a reason ", size)));
  if (chance(40)) reason = random_text(engine_, size).bytes;
  if (chance(8)) reason += std::string(1, '\0') + "z";
  if (reason.size() > 123) reason = "too long";
  PutFrame frame{.opcode = 8, .payload = text(close_payload(code, reason))};
  if (code != 1010) frame = dress(frame);
  return {.acts = {frame},
          .event = "Close " + std::to_string(code) + ", reason " + size_class(reason.size()) +
                   dress_name(frame)};
}

/// What comes behind a Close has no effect.
Move Generator::close_and_more() {
  Move move = close();
  static const std::vector<unsigned> kKinds{1, 2, 8, 9, 10};
  const unsigned opcode = pick(kKinds);
  const bool inside = model_->state().begun != 0;
  const bool is_data = opcode < 8;
  PutFrame frame{.opcode = is_data && inside ? 0 : opcode,
                 .payload = opcode == 8 ? text(close_payload(1001, "")) : text("late")};
  // In one write, lest the endpoint be gone when it comes.
  auto& first = std::get<PutFrame>(move.acts.front());
  first.cut = first.piece = 0;
  move.acts.emplace_back(frame);
  move.event += ", then " + std::to_string(frame.opcode);
  return move;
}

/// TCP ends, in the middle of a frame too.
Move Generator::break_off() {
  Move move{.event = "break"};
  if (chance(50)) {
    const std::size_t size = 1 + below(300);
    PutFrame frame = next_data(below(size));
    frame.announced = size;
    move.acts.emplace_back(frame);
    move.event += " inside a frame";
  }
  if (chance(40)) {
    move.acts.emplace_back(HalfClose{});
    move.event += ", this side";
  } else {
    if (chance(50)) move.acts.emplace_back(Rest{milliseconds(3)});
    move.acts.emplace_back(Reset{});
    move.event += ", reset";
  }
  return move;
}

std::size_t Generator::violation_size() {
  static const std::vector<std::size_t> kSizes{0, 0, 1, 5, 20, 125, 126, 200, 65'536};
  return pick(kSizes);
}

Payload Generator::filler(std::size_t size) { return repeat("filler", size); }

/// The data frame that could come next, of a kind that no other rule forbids.
PutFrame Generator::next_data(std::size_t size) {
  const unsigned opcode = model_->state().begun != 0 ? 0 : 1 + static_cast<unsigned>(below(2));
  return {.fin = chance(60), .opcode = opcode, .payload = filler(size)};
}

Move Generator::bad_reserved_bits() {
  const std::size_t kind = below(5);
  PutFrame frame = next_data(violation_size());
  if (kind >= 2) {
    frame = {.opcode = 6U + static_cast<unsigned>(kind), .payload = filler(below(2) * 5)};
    if (frame.opcode == 8) frame.payload = text(close_payload(kCloseProbe, ""));
  }
  frame.rsv = 1 + static_cast<unsigned>(below(7));
  const bool is_defined =
      model_->state().with_deflate && frame.rsv == 4 && (frame.opcode == 1 || frame.opcode == 2);
  if (is_defined) frame.rsv = 5;
  frame = dress(frame);
  return {.acts = {frame},
          .event = "RSV " + std::to_string(frame.rsv) + " of " + std::to_string(frame.opcode) +
                   (frame.fin ? ", " : ", not final, ") + size_class(frame.payload.length)};
}

Move Generator::bad_opcode() {
  static const std::vector<unsigned> kReserved{3, 4, 5, 6, 7, 11, 12, 13, 14, 15};
  const PutFrame frame =
      dress({.fin = chance(70), .opcode = pick(kReserved), .payload = filler(violation_size())});
  return {.acts = {frame},
          .event = "opcode " + std::to_string(frame.opcode) + (frame.fin ? ", " : ", not final, ") +
                   size_class(frame.payload.length)};
}

Move Generator::bad_masking() {
  PutFrame frame = next_data(violation_size());
  const std::size_t kind = below(5);
  if (kind >= 2) {
    frame = {.opcode = 6U + static_cast<unsigned>(kind), .payload = filler(below(2) * 5)};
    if (frame.opcode == 8) frame.payload = text(close_payload(1000, ""));
  } else if (frame.opcode != 0 && deflater_ && chance(40)) {
    frame.fin = true;
    frame.rsv = 4;
    frame.payload = text(deflater_->deflate("masked?", engine_));
  }
  frame.masking = PutFrame::Masking::reversed;
  frame = dress(frame);
  return {.acts = {frame},
          .event = "masking of " + std::to_string(frame.opcode) +
                   (frame.fin ? ", " : ", not final, ") + (frame.rsv != 0 ? "compressed, " : "") +
                   size_class(frame.payload.length)};
}

Move Generator::bad_control() {
  const unsigned opcode = 8 + static_cast<unsigned>(below(3));
  const bool is_long = chance(60);
  static const std::vector<std::size_t> kLong{126, 127, 128, 200, 1000, 65'535, 65'536};
  PutFrame frame{.fin = is_long ? chance(85) : false,
                 .opcode = opcode,
                 .payload = filler(is_long ? pick(kLong) : below(2) * 5)};
  if (opcode == 8 && frame.payload.length >= 2) {
    frame.payload = join({text(close_payload(kCloseProbe, "")),
                          filler(static_cast<std::size_t>(frame.payload.length) - 2)});
  }
  frame = dress(frame);
  return {.acts = {frame},
          .event = "control " + std::to_string(opcode) + (frame.fin ? ", " : ", not final, ") +
                   size_class(frame.payload.length)};
}

Move Generator::bad_length() {
  PutFrame frame = next_data(below(20));
  frame.form = LengthForm::bits64;
  frame.announced = (std::uint64_t{1} << 63U) | (chance(50) ? below(200) : ~std::uint64_t{0});
  return {.acts = {frame}, .event = "top bit of " + std::to_string(frame.opcode)};
}

Move Generator::bad_order() {
  PutFrame frame{.fin = chance(60), .opcode = 0, .payload = filler(violation_size())};
  if (model_->state().begun != 0) {
    frame.opcode = 1 + static_cast<unsigned>(below(2));
    if (deflater_ && chance(30)) {
      frame.rsv = 4;
      frame.payload = text(deflater_->deflate("another", engine_));
    }
  }
  frame = dress(frame);
  return {.acts = {frame},
          .event = "order " + std::to_string(frame.opcode) + (frame.fin ? ", " : ", not final, ") +
                   (frame.rsv != 0 ? "compressed, " : "") + size_class(frame.payload.length)};
}

Move Generator::bad_text() {
  if (model_->state().begun != 0) {
    // The rest of a text is bad; a binary message may have anything.
    if (model_->state().begun != 1 || model_->state().is_compressed) return {};
    const Content bad = random_bad_text(engine_, below(200));
    Move move{.acts = {dress(PutFrame{.opcode = 0, .payload = text(rest_ + bad.bytes)})},
              .event = "bad text, " + bad.kind};
    return move;
  }
  const Content bad = random_bad_text(engine_, std::min<std::size_t>(some_size(), 70'000));
  const bool compressed = deflater_ && chance(60);
  Move move{.event = "bad text, " + bad.kind + ", " + size_class(bad.bytes.size()) +
                     (compressed ? ", compressed" : "")};
  put_fragments(move, 1, compressed,
                compressed ? deflater_->deflate(bad.bytes, engine_) : bad.bytes, true);
  return move;
}

/// Compressed data that nothing can be made of.
Move Generator::bad_data() {
  if (!deflater_ || model_->state().begun != 0) return {};
  const bool is_text = chance(50);
  std::string bytes;
  std::string kind;
  switch (below(5)) {
    case 0:
      kind = "reserved block";
      bytes = text_of(expand(hex("07 ff")));
      break;
    case 1:
      kind = "stored lengths";
      bytes = text_of(expand(hex("00 05 00 00 00 48 65 6c 6c 6f 00")));
      break;
    case 2:
      kind = "distance beyond the beginning";
      bytes = text_of(expand(hex(chance(50) ? "f2 00 11 00 00" : "4a 44 30 00 00")));
      break;
    case 3:
      kind = "impossible code";
      bytes = text_of(expand(hex("04 ff ff ff ff ff ff ff ff")));
      break;
    default: {
      kind = "a bit turned";
      bytes = deflater_->deflate(random_text(engine_, 20 + below(200)).bytes, engine_);
      const std::size_t at = below(bytes.size());
      bytes[at] = static_cast<char>(bytes[at] ^ static_cast<char>(1 << below(8)));
      break;
    }
  }
  if (chance(20)) {
    // Behind a block that is good.
    bytes = text_of(expand(hex("00 05 00 fa ff 48 65 6c 6c 6f"))) + bytes;
    kind += " behind a good one";
  }
  Move move{.event = "bad data, " + kind};
  put_fragments(move, is_text ? 1 : 2, true, bytes, true);
  return move;
}

Move Generator::bad_close() {
  Move move;
  std::string payload;
  if (chance(15)) {
    payload = "\x03";
    move.event = "Close of a byte";
  } else if (chance(35)) {
    static const std::vector<std::uint16_t> kCodes{0,    1,    500,  999,  1004, 1005, 1006,
                                                   1015, 1016, 1100, 2000, 2999, 5000, 65'535};
    const std::uint16_t code = pick(kCodes);
    payload = close_payload(code, chance(50) ? "reason" : "");
    move.event = "Close " + std::to_string(code);
  } else {
    Content bad = random_bad_text(engine_, below(20));
    while (bad.bytes.size() > 123) bad = random_bad_text(engine_, 5);
    payload = close_payload(chance(50) ? std::uint16_t{1000} : std::uint16_t{4999}, bad.bytes);
    move.event = "Close, reason " + bad.kind;
  }
  move.acts.emplace_back(dress(PutFrame{.opcode = 8, .payload = text(payload)}));
  return move;
}

/// No sentence says what a receiver makes of a length that is not in its shortest form.
Move Generator::odd_length() {
  static const std::vector<std::size_t> kSizes{0, 1, 5, 125, 126, 200, 65'535};
  PutFrame frame = next_data(chance(70) ? pick(kSizes) : below(126));
  frame.fin = true;
  if (frame.opcode == 0) frame.payload = text(rest_);
  if (chance(25)) frame = {.opcode = 9, .payload = filler(below(126))};
  if (frame.payload.length >= 65'536) return {};
  frame.form = frame.payload.length < 126 && chance(60) ? LengthForm::bits16 : LengthForm::bits64;
  return {.acts = {frame},
          .event = "long form of " + std::to_string(frame.opcode) + ", " +
                   size_class(frame.payload.length)};
}

Move Generator::endless_frame() {
  static const std::vector<std::uint64_t> kLengths{0x1'0000'0005U, 0x7'0000'0000U,
                                                   0x7fff'ffff'ffff'ffffU};
  PutFrame frame = next_data(below(20));
  frame.announced = chance(50) ? pick(kLengths) : 21 + below(300);
  return {.acts = {frame}, .event = "frame without end"};
}

std::optional<Script> Generator::make() {
  using G = Generator;
  script_.deflate = choose_deflate();
  if (script_.deflate) {
    deflater_.emplace(
        Deflater::Settings{.window_bits = script_.deflate->ours.window_bits,
                           .keeps_context = !script_.deflate->ours.no_context_takeover,
                           .has_final_blocks = script_.deflate->has_final_blocks});
  }
  const bool is_early = !script_.deflate && harness_ == Role::client && chance(4);
  if (is_early) script_.early = 1 + below(3);
  model_.emplace(script_.deflate, harness_);
  static const std::vector<Maker> kOpen{&G::message,       &G::message,       &G::message,
                                        &G::message,       &G::ping,          &G::pong,
                                        &G::wait,          &G::many_messages, &G::rest,
                                        &G::begin_message, &G::begin_message, &G::many_pings};
  static const std::vector<Maker> kInside{&G::finish_message, &G::finish_message, &G::ping,
                                          &G::pong, &G::wait};
  static const std::vector<Maker> kEarly{&G::ping, &G::pong, &G::message};
  static const std::vector<Maker> kEnds{
      &G::nothing,    &G::close,       &G::close_and_more, &G::break_off,  &G::bad_reserved_bits,
      &G::bad_opcode, &G::bad_masking, &G::bad_control,    &G::bad_length, &G::bad_order,
      &G::bad_text,   &G::bad_text,    &G::bad_text,       &G::bad_data,   &G::bad_data,
      &G::bad_close,  &G::odd_length,  &G::endless_frame};
  std::size_t length = chance(20) ? 0 : below(chance(15) ? 20 : 5);
  while (script_.acts.size() < script_.early) {
    const std::size_t before = script_.acts.size();
    if (!apply(kEarly, 1)) return std::nullopt;
    // Only frames that follow one another can stand behind the head.
    for (std::size_t i = before; i < script_.acts.size(); ++i) {
      const auto* frame = std::get_if<PutFrame>(&script_.acts[i]);
      if (frame == nullptr || frame->cut != 0) script_.early = std::min(script_.early, i);
    }
  }
  for (; length > 0; --length) {
    if (!apply(model_->state().begun == 0 ? kOpen : kInside, 4)) return std::nullopt;
  }
  if (model_->state().begun != 0 && chance(40) && !apply({&G::finish_message}, 1)) {
    return std::nullopt;
  }
  if (model_->state().begun == 0 && chance(20) && !apply({&G::begin_message}, 1)) {
    return std::nullopt;
  }
  if (chance(80)) {
    model_->feed(Await{});
    script_.acts.emplace_back(Await{});
  }
  if (!apply(kEnds, 6)) return std::nullopt;
  return script_;
}

}  // namespace

Script make_script(std::uint64_t seed, std::uint64_t number, Role harness,
                   const Abilities& abilities, Coverage& coverage) {
  constexpr std::uint64_t kAttempts = 64;
  for (std::uint64_t attempt = 0; attempt < kAttempts; ++attempt) {
    Generator generator(seed, number * kAttempts + attempt, harness, abilities, coverage);
    auto script = generator.make();
    if (script && predict(*script, harness)) return *std::move(script);
  }
  return {};
}

}  // namespace ws::conformance::explorer
