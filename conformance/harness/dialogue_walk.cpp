#include "conformance/harness/dialogue_walk.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "conformance/harness/digest.hpp"
#include "conformance/harness/opening_fields.hpp"
#include "conformance/harness/resource_rules.hpp"

namespace ws::conformance {
namespace {

using Kind = DialogueEvent::Kind;

bool is_payload(const DialogueEvent& event, const Payload& payload) {
  if (event.length != payload.length) return false;
  if (event.length == event.bytes.size()) return equals(payload, event.bytes);
  const auto bytes = expand(payload);
  return event.digest ==
         payload_digest_of({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

bool is_one_of(std::uint16_t code, const std::vector<std::uint16_t>& codes) {
  return codes.empty() || std::ranges::find(codes, code) != codes.end();
}

/// Whether a head contains `wanted`, or, where that is "name: element", has such a field.
bool has_field(std::string_view head, std::string_view wanted) {
  const std::size_t colon = wanted.find(": ");
  if (colon == std::string_view::npos) return head.contains(wanted);
  const auto elements = elements_of(fields_of(head), to_lower(wanted.substr(0, colon)));
  return std::ranges::find(elements, to_lower(wanted.substr(colon + 2))) != elements.end();
}

bool fits(const Reaction& reaction, const DialogueEvent& event) {
  const bool payload_fits = !reaction.payload || is_payload(event, *reaction.payload);
  switch (reaction.kind) {
    case Reaction::Kind::upgraded:
      return event.kind == Kind::upgraded &&
             (reaction.field.empty() || has_field(event.text, reaction.field.str()));
    case Reaction::Kind::refused:
      return event.kind == Kind::refused &&
             (reaction.codes.empty() ? event.code >= 300 && event.code <= 599
                                     : is_one_of(event.code, reaction.codes)) &&
             (reaction.field.empty() || has_field(event.text, reaction.field.str()));
    case Reaction::Kind::message:
      return event.kind == Kind::message && event.type == reaction.type && payload_fits;
    case Reaction::Kind::echoes:
      return false;  // a message alone is not all of them
    case Reaction::Kind::pong:
      return event.kind == Kind::pong && payload_fits;
    case Reaction::Kind::ping:
      return event.kind == Kind::ping && payload_fits;
    case Reaction::Kind::close:
      return event.kind == Kind::close && is_one_of(event.code, reaction.codes) && payload_fits;
    case Reaction::Kind::end:
      return event.kind == Kind::end;
    case Reaction::Kind::reset:
      return event.kind == Kind::end && event.code == DialogueEvent::kReset;
    case Reaction::Kind::silence:
      return event.kind == Kind::time_is_up;
  }
  return false;
}

bool is_too_big(const DialogueEvent& event) {
  return event.kind == Kind::close && event.code == 1009;
}

/// The message that is to come back; null if there is none.
const Reaction* wanted_message(const Expect& expect) {
  const auto found = std::ranges::find_if(expect.any, [](const Reaction& reaction) {
    return reaction.kind == Reaction::Kind::message && reaction.payload;
  });
  return found == expect.any.end() ? nullptr : &*found;
}

/// Whether a step goes on behind a response that did not open: with another request, or with the
/// answer to one that came with the first.
bool asks_again(const DialogueStep& step) {
  const auto* const expect = std::get_if<Expect>(&step);
  return std::holds_alternative<PutRequest>(step) ||
         (expect != nullptr && awaits(*expect, Reaction::Kind::upgraded));
}

/// Of the rule that is broken when nothing fits.
std::string source_of(const Expect& expect) {
  if (!expect.source.empty()) return expect.source;
  return awaits(expect, Reaction::Kind::upgraded) ? "RFC 6455 4" : "RFC 6455 7.1.7";
}

std::string describe_event(const DialogueEvent& event) {
  const Payload shown{event.bytes, event.bytes.size()};
  const std::string payload =
      describe(shown) +
      (event.length > event.bytes.size() ? " .. (" + std::to_string(event.length) + " bytes)" : "");
  switch (event.kind) {
    case Kind::upgraded:
      return "the handshake succeeded";
    case Kind::refused:
      return "the handshake was refused with status " + std::to_string(event.code);
    case Kind::no_response:
      return "a head that is no well-formed HTTP response: " + event.text;
    case Kind::message:
      return std::string(event.type == Opcode::binary ? "binary " : "text ") + payload;
    case Kind::pong:
      return "Pong " + payload;
    case Kind::ping:
      return "Ping " + payload;
    case Kind::close:
      return event.code == kNoCode ? "a Close without a code"
                                   : "a Close with " + std::to_string(event.code);
    case Kind::end:
      return event.code == DialogueEvent::kReset ? "a reset of TCP" : "the end of TCP";
    default:
      return {};
  }
}

std::string describe_expected(const Expect& expect) {
  std::string list;
  for (const Reaction& reaction : expect.any) {
    if (reaction.grade != Grade::pass) continue;
    Reaction plain = reaction;
    plain.why = {};
    list += (list.empty() ? "" : ", or ") + explain_reaction(plain);
  }
  return list;
}

}  // namespace

const Expect& DialogueWalk::expectation() const {
  return *waiting_ < 0 ? dialogue_.answer
                       : std::get<Expect>(dialogue_.steps[static_cast<std::size_t>(*waiting_)]);
}

void DialogueWalk::feed(const DialogueEvent& event) {
  if (event.kind == Kind::pong) all_pongs_.push_back(event);
  if (event.kind == Kind::ping_sent) pings_.push_back(event);
  if (over_) return;
  switch (event.kind) {
    case Kind::waiting:
      waiting_ = event.step;
      return look();
    case Kind::time_is_up: {
      if (waiting_ != event.step) return;
      const auto silent = std::ranges::find_if(
          expectation().any, [&](const Reaction& reaction) { return fits(reaction, event); });
      if (silent != expectation().any.end()) return settle(*silent, event);
      const bool is_passed_over = std::ranges::any_of(expectation().any, [&](const Reaction& it) {
        return it.goes_on && !findings_.empty() && findings_.back().why == it.why;
      });
      return fail(is_passed_over
                      ? "the illegal message was passed over: the Ping behind it alone is answered"
                      : "nothing came in time" +
                            (pongs_.empty() ? "" : " but " + describe_event(pongs_.back())),
                  nullptr);
    }
    case Kind::declined:
      findings_.push_back(
          {.unsupported = true, .why = "the peer did not " + event.text, .source = "RFC 6455 9.1"});
      over_ = true;
      return;
    case Kind::pong:
      pongs_.push_back(event);
      return look();
    case Kind::asked:
      asked_.push_back(event.text);
      return;
    case Kind::lacking:
      return give_up(event.text);
    case Kind::flooded:
      flooded_ = event;
      echoed_of_flood_ = 0;
      return;
    case Kind::measured:
      samples_.push_back(event);
      return;
    case Kind::crowd:
      return see_crowd(event);
    case Kind::visited:
      return see_visitors(event);
    case Kind::ping_sent:
      return;
    default:
      if (event.kind == Kind::message && std::ranges::find(asked_, event.bytes) != asked_.end()) {
        findings_.push_back({.unsupported = true,
                             .why = "the peer does not know the control convention",
                             .source = "conformance/CONTROL.md"});
        over_ = true;
        return;
      }
      queue_.push_back(event);
      return look();
  }
}

bool DialogueWalk::awaits_echoes() const {
  return waiting_ && awaits(expectation(), Reaction::Kind::echoes);
}

void DialogueWalk::give_up(const std::string& need) {
  findings_.push_back({.unsupported = true, .why = "the case needs " + need});
  over_ = true;
}

const Flood& DialogueWalk::last_flood() const {
  const auto begin = dialogue_.steps.begin();
  auto step = begin + *waiting_;
  while (!std::holds_alternative<Flood>(*step)) --step;
  return std::get<Flood>(*step);
}

/// Whether a message is the next of a flood. With the last of them the wait is over.
bool DialogueWalk::take_echo(const DialogueEvent& event) {
  const Flood& flood = last_flood();
  if (event.type != flood.type || !flooded_ || echoed_of_flood_ == flooded_->count ||
      !is_payload(event, flood_payload(flood, echoed_of_flood_))) {
    return false;
  }
  if (++echoed_of_flood_ < flooded_->count) return true;
  const Expect& expect = expectation();
  settle(*std::ranges::find(expect.any, Reaction::Kind::echoes, &Reaction::kind), event);
  return true;
}

void DialogueWalk::see_crowd(const DialogueEvent& event) {
  const auto crowd = std::ranges::find_if(dialogue_.steps, [](const DialogueStep& step) {
    return std::holds_alternative<Crowd>(step);
  });
  const Crowd::Act act = std::get<Crowd>(*crowd).act;
  // Whether a head is too long is the endpoint's choice.
  if (act == Crowd::Act::head) return;
  const std::string numbers =
      std::to_string(event.count) + " of " + std::to_string(event.length) + " connections";
  if (event.count == event.length) {
    findings_.push_back({.why = numbers + " were served", .source = "RFC 6455 4.2"});
  } else {
    // How many there may be at once is the server's choice.
    const bool is_choice = act == Crowd::Act::hold && event.count > 1;
    findings_.push_back({.grade = is_choice ? Grade::non_strict : Grade::fail,
                         .why = "only " + numbers + " were served: " + event.text,
                         .source = "RFC 6455 4.2"});
  }
}

void DialogueWalk::see_visitors(const DialogueEvent& event) {
  const std::string numbers =
      std::to_string(event.count) + " of " + std::to_string(event.length) + " connections";
  const bool is_right = event.text.empty() && event.count == event.length;
  findings_.push_back({.grade = is_right ? Grade::pass : Grade::fail,
                       .why = is_right ? numbers + " were opened one after the other"
                              : event.text.empty()
                                  ? "only " + numbers + " were opened"
                                  : "of the connections to be opened at once, " + event.text,
                       .source = "RFC 6455 4.1"});
}

bool DialogueWalk::look_at_pongs() {
  for (const Reaction& reaction : expectation().any) {
    if (reaction.kind != Reaction::Kind::pong) continue;
    const auto pong = std::ranges::find_if(
        pongs_, [&](const DialogueEvent& event) { return fits(reaction, event); });
    if (pong == pongs_.end()) continue;
    DialogueEvent event = std::move(*pong);
    // An endpoint may answer the latest Ping alone, so earlier Pongs are of no interest any more.
    pongs_.erase(pongs_.begin(), pong + 1);
    const bool late =
        expectation().prompt && std::ranges::any_of(queue_, [&](const DialogueEvent& other) {
          return other.kind == Kind::message && other.at <= event.at;
        });
    if (late) {
      findings_.push_back({.grade = Grade::non_strict,
                           .why = "the Pong came only after the message that was sent later",
                           .source = "RFC 6455 5.5.2"});
    }
    if (reaction.goes_on) {
      findings_.push_back(
          {.grade = reaction.grade, .why = reaction.why, .source = reaction.source});
      continue;
    }
    settle(reaction, event);
    return true;
  }
  return false;
}

/// A Ping of the endpoint's with the payload that is waited for may have overtaken messages, or
/// have been overtaken by them.
bool DialogueWalk::look_at_pings() {
  for (const Reaction& reaction : expectation().any) {
    if (reaction.kind != Reaction::Kind::ping || !reaction.payload) continue;
    const auto is_it = [&](const DialogueEvent& event) { return fits(reaction, event); };
    const auto passed = std::ranges::find_if(passed_pings_, is_it);
    const auto queued = std::ranges::find_if(queue_, is_it);
    if (passed == passed_pings_.end() && queued == queue_.end()) continue;
    const DialogueEvent event = passed != passed_pings_.end() ? *passed : *queued;
    if (passed != passed_pings_.end()) {
      passed_pings_.erase(passed);
    } else {
      queue_.erase(queued);
    }
    settle(reaction, event);
    return true;
  }
  return false;
}

/// Matches what has come with what is waited for.
void DialogueWalk::look() {
  if (!waiting_ || over_ || look_at_pongs() || look_at_pings()) return;
  const Expect& expect = expectation();
  while (!queue_.empty()) {
    const DialogueEvent event = queue_.front();
    if (event.kind == Kind::message && awaits_echoes() && take_echo(event)) {
      queue_.pop_front();
      if (!waiting_) return;
      continue;
    }
    const auto found = std::ranges::find_if(
        expect.any, [&](const Reaction& reaction) { return fits(reaction, event); });
    if (found != expect.any.end()) {
      queue_.pop_front();
      return settle(*found, event);
    }
    // Control frames and messages are independent of one another.
    if (event.kind == Kind::message &&
        (awaits(expect, Reaction::Kind::pong) || awaits(expect, Reaction::Kind::ping)) &&
        !awaits(expect, Reaction::Kind::message) && !awaits(expect, Reaction::Kind::close)) {
      return;
    }
    queue_.pop_front();
    if (event.kind == Kind::ping) {  // anybody may ping at any time
      passed_pings_.push_back(event);
      continue;
    }
    return fail("", &event);
  }
}

/// Whether the message that is to come back was sent in one frame, uncompressed, just before.
bool DialogueWalk::was_sent_plainly(const Reaction& message) const {
  for (int i = *waiting_ - 1; i >= 0; --i) {
    const DialogueStep& step = dialogue_.steps[static_cast<std::size_t>(i)];
    if (std::holds_alternative<Expect>(step)) return false;
    if (const auto* put = std::get_if<PutMessage>(&step)) {
      return put->type == message.type && put->payload.length == message.payload->length &&
             put->fragments.empty() && put->coding == PutMessage::Coding::plain;
    }
    if (const auto* put = std::get_if<PutFrame>(&step)) {
      return put->opcode == static_cast<unsigned>(message.type) && put->fin && put->rsv == 0 &&
             put->payload.length == message.payload->length;
    }
  }
  return false;
}

/// Bytes of the longest message of which there was some before the step that is waited for.
std::uint64_t DialogueWalk::longest_sent() const {
  const auto here = dialogue_.steps.begin() + std::max(*waiting_, 0);
  std::uint64_t longest = 0;
  std::uint64_t in_fragments = 0;
  bool is_open = false;  // there are fragments without a last one
  for (auto step = dialogue_.steps.begin(); step != here; ++step) {
    if (const auto* put = std::get_if<PutMessage>(&*step)) {
      longest = std::max(longest, put->payload.length);
    } else if (const auto* frame = std::get_if<PutFrame>(&*step); frame && frame->opcode <= 2) {
      in_fragments = (frame->opcode == 0 ? in_fragments : 0) + frame->payload.length;
      longest = std::max(longest, in_fragments);
      is_open = !frame->fin;
    }
  }
  // What is to come back of that tells what it inflates to.
  for (auto step = here; is_open && step != dialogue_.steps.end(); ++step) {
    const auto* const expect = std::get_if<Expect>(&*step);
    const Reaction* const wanted = expect == nullptr ? nullptr : wanted_message(*expect);
    if (wanted != nullptr) return std::max(longest, wanted->payload->length);
  }
  return longest;
}

/// The peer refused the message that was to come back with 1009, which the step does not speak of:
/// where it does, there may be too much of something else, as of fragments.
void DialogueWalk::see_too_big(const Reaction& message) {
  sizes_.refused = message.payload->length;
  if (was_sent_plainly(message)) sizes_.refused_plain = message.type;
}

void DialogueWalk::settle(const Reaction& reaction, const DialogueEvent& event) {
  const Expect& expect = expectation();
  std::string why = reaction.why;
  if (why.empty() || reaction.grade == Grade::pass) {
    if (event.kind == Kind::message) {
      echoed_ = std::max(echoed_, event.length);
      if (reaction.payload && was_sent_plainly(reaction)) {
        std::uint64_t& plain = sizes_.plain[index_of(reaction.type)];
        plain = std::max(plain, event.length);
      }
    }
  }
  if (event.kind == Kind::close || event.kind == Kind::refused) {
    why += (why.empty() ? "" : ": ") + describe_event(event);
  }
  findings_.push_back({.grade = reaction.grade,
                       .why = why.empty() ? explain_reaction(reaction) : why,
                       .source = reaction.source.empty() ? expect.source : reaction.source});
  if (event.kind == Kind::upgraded && reaction.grade != Grade::fail) answered_ = true;
  const auto next = static_cast<std::size_t>(*waiting_) + 1;  // 0 after the opening, -1
  // A status of 101 is no refusal, but the beginning of another protocol.
  const bool goes_on_after_refusal = event.kind == Kind::refused && event.code != 101 &&
                                     next < dialogue_.steps.size() &&
                                     asks_again(dialogue_.steps[next]);
  // A request that is not answered opens nothing.
  const bool never_opened =
      event.kind == Kind::time_is_up && awaits(expect, Reaction::Kind::upgraded);
  const bool ends = event.kind == Kind::end || never_opened ||
                    (event.kind == Kind::close &&
                     (!dialogue_.keeps_close_open || awaits(expect, Reaction::Kind::message))) ||
                    (event.kind == Kind::refused && !goes_on_after_refusal);
  waiting_.reset();
  over_ = ends || reaction.grade == Grade::fail;
}

void DialogueWalk::fail(const std::string& what, const DialogueEvent* event) {
  // Nobody has a lower limit for what is not to come back by itself: who objects to a short message
  // in fragments, or to a Ping between them, does not do so for its size.
  constexpr std::uint64_t kSmallest = 4096;
  const Expect& expect = expectation();
  const Reaction* const wanted = wanted_message(expect);
  const bool is_refused = event != nullptr && is_too_big(*event);
  const std::uint64_t taken = std::max(echoed_, dialogue_.takes);
  const std::uint64_t sent = is_refused ? longest_sent() : 0;
  if (is_refused && wanted != nullptr && wanted->payload->length > taken) {
    see_too_big(*wanted);
  } else if (sent > std::max(taken, kSmallest)) {
    sizes_.refused = sent;
  }
  if (sizes_.refused != 0) {
    findings_.push_back({.unsupported = true,
                         .why = "a message of " + std::to_string(sizes_.refused) +
                                " bytes is over the peer's limit",
                         .source = "RFC 6455 10.4"});
  } else {
    findings_.push_back({.grade = Grade::fail,
                         .why = (event == nullptr ? what : "there came " + describe_event(*event)) +
                                ", not " + describe_expected(expect),
                         .source = source_of(expect)});
  }
  over_ = true;
}

Finding DialogueWalk::result() const {
  Finding worst = worst_finding();
  if (dialogue_.sends_too_early && answered_ && worst.grade == Grade::fail) {
    worst = {.grade = Grade::non_strict,
             .why = "what came ahead of the response is lost or misread: " + worst.why,
             .source = "RFC 6455 4.1"};
  }
  return worst;
}

Finding DialogueWalk::worst_finding() const {
  const auto unsupported = std::ranges::find(findings_, true, &Finding::unsupported);
  if (unsupported != findings_.end()) return *unsupported;
  if (waiting_ && !over_) {
    return {.grade = Grade::fail,
            .why = "the play ended before there was " + describe_expected(expectation()),
            .source = expectation().source};
  }
  std::vector<Finding> findings = findings_;
  if (!over_) {
    for (const DialogueEvent& event : queue_) {
      if (event.kind == Kind::ping || event.kind == Kind::end) continue;
      findings.push_back({.grade = Grade::fail,
                          .why = "there came more than was expected: " + describe_event(event),
                          .source = "RFC 6455 5.6"});
    }
  }
  for (const DialogueEvent& ping : pings_) {
    const auto same = [&](const DialogueEvent& other) {
      return other.length == ping.length && other.digest == ping.digest;
    };
    const auto sent = std::ranges::count_if(pings_, same);
    if (std::ranges::count_if(all_pongs_, same) > sent) {
      findings.push_back({.grade = Grade::non_strict,
                          .why = "a Ping was answered more than once",
                          .source = "RFC 6455 5.5.3"});
      break;
    }
  }
  if (!dialogue_.resources.empty()) {
    std::ranges::move(check_resources(dialogue_.resources, samples_, flooded_),
                      std::back_inserter(findings));
  }
  if (findings.empty()) return {.why = "nothing was to be seen"};
  // Of equally bad findings the first counts, of good ones the last.
  const Finding& worst = *std::ranges::max_element(findings, {}, &Finding::grade);
  return worst.grade == Grade::pass ? findings.back() : worst;
}

}  // namespace ws::conformance
