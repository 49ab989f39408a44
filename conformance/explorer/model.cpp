#include "conformance/explorer/model.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "conformance/harness/bytes.hpp"
#include "conformance/harness/frame_of_step.hpp"
#include "conformance/harness/opcode_name.hpp"
#include "conformance/harness/overloaded.hpp"
#include "conformance/oracle/raw_frame.hpp"
#include "conformance/oracle/utf8.hpp"

namespace ws::conformance::explorer {
namespace {

using oracle::LengthForm;

constexpr std::size_t kMaxInflated = std::size_t{8} * 1024 * 1024;  // bytes of one message
constexpr std::uint64_t kTopBit = std::uint64_t{1} << 63U;

std::string bytes_of_payload(const Payload& payload) { return text_of(expand(payload)); }

std::uint64_t length_of(const PutFrame& frame) {
  return frame.announced.value_or(frame.payload.length);
}

bool is_control(unsigned opcode) { return opcode >= 8; }

/// "The minimal number of bytes MUST be used to encode the length" (section 5.2).
bool is_shortest(const PutFrame& frame) {
  const std::uint64_t length = length_of(frame);
  switch (frame.form) {
    case LengthForm::shortest:
      return true;
    case LengthForm::bits7:
      return length < 126;
    case LengthForm::bits16:
      return length >= 126 && length < 65'536;
    case LengthForm::bits64:
      return length >= 65'536;
  }
  return true;
}

/// A code that a Close frame may have (section 7.4), as registered by now.
bool is_legal_code(unsigned code) {
  if (code >= 3000) return code < 5000;
  return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
}

void add_alternatives(Expect& expect, const Expect& others) {
  std::ranges::copy_if(others.any, std::back_inserter(expect.any), [](const Reaction& reaction) {
    return reaction.kind != Reaction::Kind::silence;
  });
}

bool is_text_impossible(std::string_view text) {
  return oracle::find_first_impossible_byte(bytes_of(text)).has_value();
}

}  // namespace

Model::Model(const std::optional<Deflate>& deflate, Role harness)
    : harness_(harness), deflate_(deflate) {
  if (deflate_) {
    forgetful_.emplace(deflate_->ours);
    mindful_.emplace(oracle::Deflation{});
  }
  state_.with_deflate = deflate_.has_value();
  check("RFC6455-6.2-1");
}

void Model::check(std::string_view id) {
  if (std::ranges::find(checks_, id) == checks_.end()) checks_.emplace_back(id);
}

bool Model::feed(const Act& act) {
  if (is_over_) return false;
  const bool is_last = last_ && state_.phase != State::Phase::closing;
  return std::visit(
      Overloaded{
          [&](const PutFrame& frame) {
            // Behind an illegal Close, or inside a frame, a frame would be something else.
            return !is_last && !state_.is_inside_frame && feed_frame(frame);
          },
          [&](const Await&) {
            if (state_.phase == State::Phase::open && !last_) await();
            return true;
          },
          [&](const Rest& rest) {
            steps_.emplace_back(rest);
            return true;
          },
          [&](const HalfClose& end) {
            if (state_.phase != State::Phase::open || last_) return false;
            await();
            steps_.emplace_back(end);
            steps_.emplace_back(
                Expect{.any = {{.kind = Reaction::Kind::end, .why = "the endpoint ends TCP too"},
                               {.kind = Reaction::Kind::close, .why = "the endpoint closes"},
                               {.grade = Grade::non_strict,
                                .kind = Reaction::Kind::silence,
                                .why = "the endpoint leaves TCP open, whose other side has ended"}},
                       .source = "RFC 6455 7.2.1"});
            check("RFC6455-7.2.1-2");
            fate_ = Fate::breaks;
            is_over_ = true;
            return true;
          },
          [&](const Reset& reset) {
            // What comes before it has to be waited for, lest it come unexpected.
            if (state_.phase != State::Phase::open || last_) return false;
            await();
            steps_.emplace_back(reset);
            fate_ = Fate::breaks;
            is_over_ = true;
            return true;
          },
      },
      act);
}

std::optional<Model::Violation> Model::find_broken_rule(const PutFrame& frame) const {
  const std::uint64_t length = length_of(frame);
  const bool begins = frame.opcode == 1 || frame.opcode == 2;
  const bool is_cut_off = frame.announced && *frame.announced > frame.payload.length;
  const auto broken = [&](std::string name, std::string id, std::string source) {
    return Violation{.name = std::move(name),
                     .check = std::move(id),
                     .source = "RFC " + std::move(source),
                     .loses_sync = is_cut_off};
  };
  if ((frame.rsv & 3U) != 0 || ((frame.rsv & 4U) != 0 && !(begins && state_.with_deflate))) {
    const std::string of = is_control(frame.opcode) ? " of a control frame" : "";
    if (state_.with_deflate && frame.rsv == 4 && is_control(frame.opcode)) {
      return broken("RSV1" + of, "RFC7692-6.1-5", "7692 6.1");
    }
    if (state_.with_deflate && frame.rsv == 4 && frame.opcode == 0) {
      return broken("RSV1 of a continuation", "RFC7692-6.1-6", "7692 6.1");
    }
    return broken("reserved bit" + of, "RFC6455-5.2-3", "6455 5.2");
  }
  if ((frame.opcode > 2 && frame.opcode < 8) || frame.opcode > 10) {
    return broken("reserved opcode", "RFC6455-5.2-4", "6455 5.2");
  }
  if (frame.masking == PutFrame::Masking::reversed) {
    return harness_ == Role::client ? broken("unmasked frame", "RFC6455-5.1-2", "6455 5.1")
                                    : broken("masked frame", "RFC6455-5.1-5", "6455 5.1");
  }
  if (is_control(frame.opcode)) {
    if (!frame.fin) return broken("fragmented control frame", "RFC6455-5.5-2", "6455 5.5");
    if (length > 125) return broken("long control frame", "RFC6455-5.5-1", "6455 5.5");
  }
  if (length >= kTopBit) {
    Violation violation = broken("length of 64 bits with its top bit", "RFC6455-5.2-6", "6455 5.2");
    violation.codes = {1002, 1009};
    return violation;
  }
  if (frame.opcode == 0 && state_.begun == 0) {
    return broken("continuation of nothing", "RFC6455-5.4-15", "6455 5.4");
  }
  if (begins && state_.begun != 0) {
    return broken("message inside a message", "RFC6455-5.4-16", "6455 5.4");
  }
  return std::nullopt;
}

void Model::fail(Violation violation) {
  state_.phase = State::Phase::doomed;
  fate_ = Fate::fails;
  cause_ = violation.name;
  check(violation.check);
  violation_ = std::move(violation);
}

bool Model::feed_frame(const PutFrame& frame) {
  if (frame.announced && *frame.announced < frame.payload.length) return false;
  if (frame.cut != 0 && frame.payload.length > 0 && frame.piece == 1 &&
      frame.payload.length > 4096) {
    return false;  // byte by byte it would take minutes
  }
  const std::string payload = bytes_of_payload(frame.payload);
  if (state_.phase == State::Phase::closing) {
    behind_close_ = true;
    steps_.emplace_back(frame);
    return !frame.announced && !find_broken_rule(frame);
  }
  if (state_.phase == State::Phase::doomed) {
    // What begins here may be anything, but for a Close, which might be answered before the
    // contents of a message are looked at.
    if (frame.opcode == 8 || frame.announced || violation_->loses_sync) return false;
    if (frame.opcode == 0 && frame.fin) state_.begun = 0;
    if (violation_->is_content && find_broken_rule(frame)) return false;
    steps_.emplace_back(frame);
    return true;
  }
  if (auto broken = find_broken_rule(frame)) {
    steps_.emplace_back(frame);
    fail(*std::move(broken));
    return true;
  }
  if (frame.announced && *frame.announced > frame.payload.length) {
    state_.is_inside_frame = true;
    steps_.emplace_back(frame);
    return !is_impossible_so_far(frame, payload);
  }
  if (frame.opcode == 8) {
    if (!is_shortest(frame)) return false;
    feed_close(frame, payload);
    return true;
  }
  steps_.emplace_back(frame);
  const std::size_t answers = pending_.size();
  if (frame.opcode == 9) {
    // The Pong to the latest Ping will do (section 5.5.3).
    std::erase_if(pending_, [](const Pending& other) { return other.is_pong; });
    pending_.push_back({expect_pong(frame.payload), true});
    check("RFC6455-5.5.2-2");
    state_.pinged = true;
  } else if (frame.opcode == 10) {
    check("RFC6455-5.5.3-3");
  } else if (!feed_data(frame, payload)) {
    return false;
  }
  if (!is_shortest(frame)) {
    const bool is_answered = frame.opcode == 9 || pending_.size() > answers;
    if (!is_answered || violation_) return false;
    Expect either = expect_failure();
    for (Reaction reaction : pending_.back().expect.any) {
      reaction.grade = Grade::non_strict;
      reaction.why = "a length that is not in its shortest form is accepted";
      either.any.push_back(std::move(reaction));
    }
    pending_.pop_back();
    last_ = std::move(either);
    fate_ = Fate::ambiguous;
    cause_ = "length not in its shortest form";
    check("RFC6455-5.2-8");
  }
  state_.pending = pending_.size();
  return true;
}

/// Whether an endpoint that looks at the beginning of a frame could fail the connection for it.
bool Model::is_impossible_so_far(const PutFrame& frame, const std::string& payload) const {
  if (frame.opcode > 2) return false;
  const bool begins = frame.opcode != 0;
  const bool is_compressed = begins ? (frame.rsv & 4U) != 0 : state_.is_compressed;
  const bool is_text = begins ? frame.opcode == 1 : state_.begun == 1;
  const std::string so_far = begins ? payload : state_.payload + payload;
  if (!is_compressed) return is_text && is_text_impossible(so_far);
  const auto inflated = inflate_beginning(so_far);
  return !inflated || inflated->end == oracle::InflateEnd::bad_data ||
         (is_text && is_text_impossible(text_of(inflated->output)));
}

bool Model::feed_data(const PutFrame& frame, const std::string& payload) {
  if (frame.opcode != 0) {
    state_.begun = frame.opcode;
    state_.is_compressed = (frame.rsv & 4U) != 0;
    state_.payload.clear();
    state_.fragments = 0;
  }
  ++state_.fragments;
  state_.payload += payload;
  if (frame.fin) return end_message();
  if (state_.fragments > 1) check("RFC6455-5.4-7");
  // An endpoint may look at what has come so far.
  if (state_.is_compressed) {
    const auto so_far = inflate_beginning(state_.payload);
    if (!so_far) return false;
    if (so_far->end == oracle::InflateEnd::bad_data) {
      fail_for_data();
    } else if (state_.begun == 1 && is_text_impossible(text_of(so_far->output))) {
      fail_for_text();
    }
  } else if (state_.begun == 1 && is_text_impossible(state_.payload)) {
    fail_for_text();
  }
  return true;
}

/// Nothing if it depends on what an endpoint remembers.
std::optional<oracle::Inflated> Model::inflate_beginning(const std::string& payload) const {
  auto forgetful = forgetful_->inflate_beginning(bytes_of(payload), kMaxInflated);
  const auto mindful = mindful_->inflate_beginning(bytes_of(payload), kMaxInflated);
  if (forgetful.end != mindful.end || forgetful.output != mindful.output) return std::nullopt;
  return forgetful;
}

void Model::fail_for_data() {
  fail({.name = "bad DEFLATE data",
        .check = "RFC7692-7.2.2-1",
        .source = "RFC 7692 7.2.2",
        .codes = {1002, 1003, 1007, 1011},
        .is_content = true});
}

void Model::fail_for_text() {
  fail({.name = "text that is not UTF-8",
        .check = "RFC6455-8.1-1",
        .source = "RFC 6455 8.1",
        .codes = {1007},
        .is_content = true});
}

bool Model::end_message() {
  const unsigned type = std::exchange(state_.begun, 0U);
  std::string message = std::exchange(state_.payload, {});
  if (state_.is_compressed) {
    const auto beginning = inflate_beginning(message);
    if (!beginning) return false;
    if (beginning->end == oracle::InflateEnd::bad_data) {
      fail_for_data();
      return true;
    }
    const oracle::Inflated whole = forgetful_->inflate(bytes_of(message), kMaxInflated);
    // No sentence says what to make of data that ends inside a block, or with one: the octets that
    // are appended then begin another.
    if (!whole.takes_tail) return false;
    if (mindful_->inflate(bytes_of(message), kMaxInflated).output != whole.output) return false;
    message = text_of(whole.output);
    check("RFC7692-7.2.2-1");
  }
  if (type == 1 && !oracle::is_valid_utf8(bytes_of(message))) {
    fail_for_text();
    return true;
  }
  ++state_.messages;
  state_.pinged = false;
  state_.is_compressed = false;
  pending_.push_back({expect_message(static_cast<Opcode>(type), text(message)), false});
  check(type == 1 ? "RFC6455-5.6-1" : "RFC6455-5.6-2");
  return true;
}

void Model::feed_close(const PutFrame& frame, const std::string& payload) {
  std::optional<std::uint16_t> code;
  std::string reason;
  if (payload.size() >= 2) {
    code = static_cast<std::uint16_t>(static_cast<unsigned char>(payload[0]) * 256 +
                                      static_cast<unsigned char>(payload[1]));
    reason = payload.substr(2);
  }
  const bool is_plain = frame.cut == 0 && frame.form == LengthForm::shortest &&
                        frame.masking == PutFrame::Masking::by_role;
  if (is_plain && payload.size() != 1) {
    steps_.emplace_back(PutClose{.code = code, .reason = text(reason)});
  } else {
    steps_.emplace_back(frame);
  }
  const auto object = [&](std::string name, std::string id, Expect objection) {
    last_ = std::move(objection);
    fate_ = Fate::objects;
    cause_ = std::move(name);
    check(id);
  };
  if (payload.size() == 1) {
    return object("Close of one byte", "RFC6455-5.5.1-2", expect_objection("RFC 6455 5.5.1"));
  }
  if (code && !is_legal_code(*code)) {
    return object("illegal close code", "RFC6455-7.4.2-2",
                  expect_objection("RFC 6455 7.4.2",
                                   *code >= 5000 ? Grade::informational : Grade::non_strict));
  }
  if (!oracle::is_valid_utf8(bytes_of(reason))) {
    return object("close reason that is not UTF-8", "RFC6455-8.1-1", expect_reason_refused(*code));
  }
  check("RFC6455-5.5.1-7");
  last_ = expect_close_answer(code);
  if (state_.begun != 0) {
    std::erase_if(last_->any, [](const Reaction& it) { return it.grade == Grade::fail; });
  }
  state_.phase = State::Phase::closing;
}

Expect Model::failure() const {
  Expect failure = expect_failure(violation_->codes, violation_->source);
  if (violation_->is_content) {
    const auto pong = std::ranges::find(failure.any, Reaction::Kind::pong, &Reaction::kind);
    pong->grade = Grade::non_strict;
    pong->goes_on = true;
    pong->why = "the Ping behind the illegal message is answered before the connection is failed";
    pong->source = "RFC 6455 7.1.7";
  }
  return failure;
}

/// Waits for all that is pending.
void Model::await() {
  for (std::size_t i = 0; i < pending_.size(); ++i) {
    // A Pong that a message overtook may have been sent in time.
    if (i + 1 < pending_.size()) pending_[i].expect.prompt = false;
    steps_.emplace_back(std::move(pending_[i].expect));
  }
  pending_.clear();
  state_.pending = 0;
}

Prediction Model::finish() {
  if (state_.phase == State::Phase::doomed && !is_over_) {
    if (!violation_->loses_sync) {
      if (violation_->is_content && state_.begun != 0) steps_.emplace_back(PutFrame{.opcode = 0});
      const Expect failure_with_probe = failure();
      const auto probe =
          std::ranges::find(failure_with_probe.any, Reaction::Kind::pong, &Reaction::kind);
      steps_.emplace_back(frame(Opcode::ping, *probe->payload));
    }
    last_ = failure();
  } else if (!is_over_ && !last_ && state_.is_inside_frame) {
    // It may wait for the rest, or refuse the size; it must not take it for a short frame.
    await();
    last_ = expect_failure({1009, 1002}, "RFC 6455 5.2");
    last_->within = milliseconds(300);
    last_->any.push_back(
        {.kind = Reaction::Kind::silence, .why = "the endpoint waits for the rest"});
    fate_ = Fate::ambiguous;
    cause_ = "frame without an end";
    check("RFC6455-5.2-7");
  }
  if (last_ && !is_over_) {
    if (behind_close_) {
      std::erase_if(last_->any, [](const Reaction& it) { return it.grade == Grade::fail; });
      last_->any.push_back({.grade = Grade::non_strict,
                            .kind = Reaction::Kind::end,
                            .why = "TCP ends, and what came behind the Close may have cut it off",
                            .source = "RFC 6455 7.1.1"});
    }
    // Whoever fails or closes at once cannot answer messages any more, and need not; nor Pings.
    std::erase_if(pending_, [](const Pending& answer) { return answer.is_pong; });
    for (Pending& answer : pending_) add_alternatives(answer.expect, *last_);
    await();
    steps_.emplace_back(*std::move(last_));
  } else if (!is_over_) {
    await();
    steps_ += state_.begun == 0 ? echo("after") + closed_cleanly() : closed_inside_message(1000);
    check("RFC6455-5.5.1-7");
  }
  Prediction prediction{.fate = fate_, .cause = cause_, .checks = checks_};
  prediction.dialogue.steps = std::move(steps_);
  prediction.dialogue.own_cuts = true;
  if (deflate_) {
    prediction.dialogue.deflate = deflate_->negotiation;
    prediction.dialogue.needs_context_takeover = deflate_->needs_context_takeover;
  }
  return prediction;
}

namespace {

/// The bytes of a frame as it stands behind a request, masked.
std::string encode_early(const PutFrame& frame) {
  oracle::RawFrame raw = unmasked_frame_of(frame);
  if (frame.masking != PutFrame::Masking::reversed) {
    std::array<std::uint8_t, 4> key{0x6b, 0x33, 0x59, 0x21};
    if (frame.masking == PutFrame::Masking::key) key = frame.key;
    raw.masking_key.emplace();
    std::ranges::transform(key, raw.masking_key->begin(),
                           [](std::uint8_t byte) { return std::byte{byte}; });
  }
  return text_of(oracle::encode(raw));
}

/// Frames and Closes that a script begins with go behind the request instead.
bool send_early(const Script& script, Prediction& prediction) {
  if (script.early > script.acts.size() || script.deflate) return false;
  std::string bytes;
  for (std::size_t i = 0; i < script.early; ++i) {
    const auto* frame = std::get_if<PutFrame>(&script.acts[i]);
    if (frame == nullptr || frame->cut != 0) return false;
    bytes += encode_early(*frame);
  }
  Dialogue& dialogue = prediction.dialogue;
  dialogue.steps.erase(dialogue.steps.begin(),
                       dialogue.steps.begin() + static_cast<std::ptrdiff_t>(script.early));
  dialogue.request = good_request().followed_by(bytes);
  // A client has to wait for the answer (4.1), so it may be told off.
  for (const auto kind : {Reaction::Kind::refused, Reaction::Kind::end}) {
    dialogue.answer.any.push_back(
        {.kind = kind, .why = "the server refuses a request with bytes behind it"});
  }
  return true;
}

}  // namespace

std::optional<Prediction> predict(const Script& script, Role harness) {
  Model model(script.deflate, harness);
  for (const Act& act : script.acts) {
    if (!model.feed(act)) return std::nullopt;
  }
  Prediction prediction = model.finish();
  if (script.early != 0 && harness == Role::client && !send_early(script, prediction)) {
    return std::nullopt;
  }
  return prediction;
}

}  // namespace ws::conformance::explorer
