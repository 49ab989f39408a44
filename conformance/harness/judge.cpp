#include "conformance/harness/judge.hpp"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <utility>

#include "conformance/harness/dialogue_walk.hpp"
#include "conformance/harness/masking_keys.hpp"
#include "conformance/harness/opening_fields.hpp"

namespace ws::conformance {
namespace {

const Outcome* matching_outcome(const Case& test, const Transcript& transcript) {
  const auto found = std::ranges::find(test.outcomes, transcript.log, &Outcome::log);
  return found == test.outcomes.end() ? nullptr : &*found;
}

bool is_accepted(const Closing& closing, std::uint16_t code) {
  return std::ranges::find(closing.codes, code) != closing.codes.end();
}

bool wrong_side_closed(const Case& test, const Transcript& transcript) {
  return transcript.closed_by_harness != (test.closing.closer == Closer::harness);
}

CloseBehavior judge_close(const Case& test, const Transcript& transcript, Role harness) {
  if (!transcript.opened || wrong_side_closed(test, transcript)) return CloseBehavior::failed;
  if (test.closing.clean_required && !transcript.was_clean) return CloseBehavior::unclean;
  if (transcript.remote_code && !is_accepted(test.closing, *transcript.remote_code)) {
    return CloseBehavior::wrong_code;
  }
  if (harness == Role::client && transcript.dropped_by_harness) {
    return CloseBehavior::failed_by_client;
  }
  return CloseBehavior::ok;
}

}  // namespace

CompatibleVerdict judge_compatibly(const Case& test, const Transcript& transcript, Role harness) {
  assert(!test.dialogue);
  if (test.special == Special::informational) {
    return {Behavior::informational, CloseBehavior::informational};
  }
  CompatibleVerdict verdict{.close = judge_close(test, transcript, harness)};
  if (test.negotiation && transcript.opened && !transcript.deflate_agreed) {
    verdict.behavior = Behavior::unimplemented;
  } else if (test.reply || test.loop) {
    if (transcript.reply_ok.value_or(false)) verdict.behavior = Behavior::ok;
  } else if (const Outcome* outcome = matching_outcome(test, transcript);
             outcome != nullptr && transcript.opened) {
    verdict.behavior = outcome->grade == Grade::pass ? Behavior::ok : Behavior::non_strict;
  }
  if (transcript.opened && test.closing.wrong_closer_is_fatal &&
      wrong_side_closed(test, transcript)) {
    verdict.behavior = Behavior::failed;
  }
  if (test.closing.wrong_code_is_fatal && verdict.close == CloseBehavior::wrong_code) {
    verdict.behavior = Behavior::failed;
  }
  return verdict;
}

namespace {

std::string describe_end(const Transcript& transcript) {
  switch (transcript.end) {
    case EndCause::peer_finished:
      return "ended TCP";
    case EndCause::peer_reset:
      return "reset TCP";
    default:
      return "kept TCP open";
  }
}

std::string describe_close(const Transcript& transcript) {
  if (!transcript.close_received) return "no Close frame";
  if (!transcript.remote_code) return "a Close frame without a code";
  return "a Close frame with " + std::to_string(*transcript.remote_code);
}

bool is_pong(const LogEntry& entry) { return entry.kind == LogEntry::Kind::pong; }

/// Whether the script has a Ping or a Pong with this payload, so that a Pong with it may be an
/// answer, be it one to a Pong.
bool may_answer(const Case& test, const Payload& payload) {
  return std::ranges::any_of(test.script, [&](const Step& step) {
    const auto* const send = std::get_if<SendFrame>(&step);
    return send != nullptr && send->frame.opcode >= Opcode::ping && send->frame.payload == payload;
  });
}

/// The transcript without Pongs that answer nothing, which anybody may send at any time (section
/// 5.5.3), if there are any. To Autobahn they are answers.
std::optional<Transcript> without_heartbeat(const Case& test, const Transcript& transcript) {
  const auto is_heartbeat = [&](const LogEntry& entry) {
    return is_pong(entry) && !may_answer(test, entry.payload);
  };
  if (std::ranges::none_of(transcript.log, is_heartbeat)) return std::nullopt;
  Transcript rest = transcript;
  std::erase_if(rest.log, is_heartbeat);
  return rest;
}

/// The peer was to end the connection because of what it was sent.
GradedVerdict judge_failing(const Case& test, const Transcript& transcript) {
  const Outcome* outcome = matching_outcome(test, transcript);
  if (wrong_side_closed(test, transcript)) {
    return {Verdict::fail, "the peer went on after an illegal frame, until the harness gave up",
            "RFC 6455 7.1.7"};
  }
  if (outcome == nullptr) {
    return {Verdict::fail,
            "what the peer sent before it ended the connection is not the answer to "
            "the legal part of the script",
            "RFC 6455 5.4"};
  }
  if (outcome->grade == Grade::non_strict) {
    return {Verdict::non_strict,
            "the peer ended the connection, but later, or having answered less, than it could",
            "RFC 6455 8.1"};
  }
  if (!transcript.close_received) {
    return {Verdict::non_strict, "the peer " + describe_end(transcript) + " without a Close frame",
            "RFC 6455 7.1.7"};
  }
  if (!transcript.remote_code || !is_accepted(test.closing, *transcript.remote_code)) {
    return {Verdict::non_strict,
            "the peer failed the connection, but with " + describe_close(transcript),
            "RFC 6455 7.4.1"};
  }
  return {Verdict::pass, "the peer failed the connection with " + describe_close(transcript),
          "RFC 6455 7.1.7"};
}

/// The peer was sent a Close frame that is not legal.
GradedVerdict judge_bad_close(const Case& test, const Transcript& transcript) {
  if (!transcript.close_received && transcript.end == EndCause::harness) {
    return {Verdict::fail, "the peer did not react to an illegal Close frame", "RFC 6455 5.5.1"};
  }
  if (transcript.remote_code && is_accepted(test.closing, *transcript.remote_code) &&
      *transcript.remote_code != 1000) {
    return {Verdict::pass, "the peer failed the connection with " + describe_close(transcript),
            "RFC 6455 7.4"};
  }
  if (!transcript.close_received) {
    return {Verdict::non_strict, "the peer " + describe_end(transcript) + " without a Close frame",
            "RFC 6455 7.1.7"};
  }
  return {Verdict::non_strict,
          "the peer took an illegal Close frame for a legal one: " + describe_close(transcript),
          "RFC 6455 7.4"};
}

/// Whether Pongs were wanted, and all that came is right, the last of them included: "the endpoint
/// MAY elect to send a Pong frame for only the most recently processed Ping frame" (section 5.5.3).
bool answers_latest_ping(const Case& test, const Transcript& transcript) {
  return std::ranges::any_of(test.outcomes, [&](const Outcome& outcome) {
    if (outcome.log.empty() || !std::ranges::all_of(outcome.log, is_pong)) return false;
    auto wanted = outcome.log.begin();
    for (const LogEntry& entry : transcript.log) {
      wanted = std::find(wanted, outcome.log.end(), entry);
      if (wanted == outcome.log.end()) return false;
      ++wanted;
    }
    return !transcript.log.empty() && wanted == outcome.log.end();
  });
}

/// Whether all that was wanted came, but a Pong only behind a message that was sent after its Ping:
/// "as soon as is practical" is a SHOULD (section 5.5.2). Of several, the last is enough.
bool answers_late(const Case& test, const Transcript& transcript) {
  const auto split = [](const std::vector<LogEntry>& log) {
    std::pair<std::vector<LogEntry>, std::vector<LogEntry>> parts;  // Pongs, and all else
    for (const LogEntry& entry : log) {
      (is_pong(entry) ? parts.first : parts.second).push_back(entry);
    }
    return parts;
  };
  const auto [pongs, others] = split(transcript.log);
  return std::ranges::any_of(test.outcomes, [&](const Outcome& outcome) {
    const auto [wanted, wanted_others] = split(outcome.log);
    if (pongs.empty() || wanted.empty() || others != wanted_others) return false;
    auto place = wanted.begin();
    for (const LogEntry& entry : pongs) {
      place = std::find(place, wanted.end(), entry);
      if (place == wanted.end()) return false;
      ++place;
    }
    return place == wanted.end();
  });
}

/// A message that a case sends.
struct SentMessage {
  Opcode type = Opcode::text;
  std::uint64_t length = 0;         // bytes, or code points of a data set
  std::uint64_t fragment_size = 0;  // bytes; 0: it is sent in one frame

  std::uint64_t fragments() const {
    return fragment_size == 0 ? 1 : (length + fragment_size - 1) / fragment_size;
  }
};

std::optional<SentMessage> message_of(const Step& step) {
  if (const auto* const send = std::get_if<SendMessage>(&step)) {
    return SentMessage{send->type, send->payload.length, send->fragment_size};
  }
  const auto* const send = std::get_if<SendFrame>(&step);
  if (send == nullptr || !send->frame.fin || send->frame.rsv != 0 ||
      (send->frame.opcode != Opcode::text && send->frame.opcode != Opcode::binary)) {
    return std::nullopt;
  }
  return SentMessage{send->frame.opcode, send->frame.payload.length, 0};
}

SentMessage longest_message(const Case& test) {
  SentMessage longest;
  for (const Step& step : test.script) {
    const auto message = message_of(step);
    if (message && message->length > longest.length) longest = *message;
  }
  if (const auto& loop = test.loop) {
    longest = {loop->type, loop->data ? loop->units : loop->payload.length, loop->fragment_size};
  }
  return longest;
}

/// The peer ended the connection in place of an answer, and says that there was too much: a limit
/// (section 10.4) is no fault. Nothing if that is not so.
std::optional<GradedVerdict> judge_limit(const Case& test, const Transcript& transcript) {
  constexpr std::uint64_t kManyFragments = 1000;
  const SentMessage longest = longest_message(test);
  if (!wrong_side_closed(test, transcript) || longest.length == 0) return std::nullopt;
  const bool is_too_big = transcript.remote_code == 1009;
  // Of too many fragments nobody can say that they are short; a code of their own there is not.
  const bool is_in_many = longest.fragments() > kManyFragments;
  if (!is_too_big && !(is_in_many && transcript.remote_code == 1008)) return std::nullopt;
  GradedVerdict verdict{
      Verdict::unsupported,
      "a message of " + std::to_string(longest.length) + " bytes" +
          (is_in_many ? " in " + std::to_string(longest.fragments()) + " fragments" : "") +
          " is over the peer's limit: " + describe_close(transcript),
      "RFC 6455 10.4"};
  if (is_in_many) return verdict;
  verdict.sizes.refused = longest.length;
  if (longest.fragment_size == 0 && !test.negotiation) verdict.sizes.refused_plain = longest.type;
  return verdict;
}

/// The harness was to close once the peer had answered.
GradedVerdict judge_answering(const Case& test, const Transcript& transcript, Role harness) {
  bool answered =
      matching_outcome(test, transcript) != nullptr || answers_latest_ping(test, transcript);
  if (test.loop) answered = transcript.reply_ok.value_or(false);
  const bool is_late = !test.loop && !answered && answers_late(test, transcript);
  if (!answered && !is_late) {
    if (auto limit = judge_limit(test, transcript)) return *std::move(limit);
    return {Verdict::fail,
            transcript.timer_fired ? "the expected answer did not come in time"
                                   : "the answer is not what was expected",
            "RFC 6455 5.6"};
  }
  if (wrong_side_closed(test, transcript)) {
    return {Verdict::fail, "the peer closed without a cause, with " + describe_close(transcript),
            "RFC 6455 7.1.2"};
  }
  if (!transcript.close_received) {
    // 1010 is for clients, and 1012 to 1014 were registered later: not everybody knows them.
    const bool is_doubtful = transcript.local_code >= 1010 && transcript.local_code <= 1014;
    if (is_doubtful && !transcript.dropped_by_harness) {
      return {Verdict::non_strict,
              "the peer " + describe_end(transcript) + " without a Close, as for a bad code",
              "RFC 6455 7.1.7"};
    }
    return {Verdict::fail, "the peer did not answer the Close frame", "RFC 6455 5.5.1"};
  }
  if (is_late) {
    return {Verdict::non_strict, "the Pong came only after the message that was sent later",
            "RFC 6455 5.5.2"};
  }
  if (transcript.remote_code && !is_accepted(test.closing, *transcript.remote_code) &&
      transcript.remote_code != transcript.local_code) {
    return {Verdict::non_strict, "the Close was answered by " + describe_close(transcript),
            "RFC 6455 5.5.1"};
  }
  if (harness == Role::client && transcript.dropped_by_harness) {
    return {Verdict::non_strict, "the server did not end TCP after the closing handshake",
            "RFC 6455 7.1.1"};
  }
  return {Verdict::pass, "the peer answered, and closed cleanly", "RFC 6455 5.6"};
}

Verdict verdict_of(Grade grade) {
  switch (grade) {
    case Grade::pass:
      return Verdict::pass;
    case Grade::informational:
      return Verdict::informational;
    case Grade::non_strict:
      return Verdict::non_strict;
    case Grade::fail:
      break;
  }
  return Verdict::fail;
}

/// What the TLS handshake alone decides; nothing if it is as it has to be.
std::optional<GradedVerdict> judge_tls(const Dialogue& dialogue, const Transcript& transcript,
                                       Role harness) {
  if (!dialogue.tls) return std::nullopt;
  const std::string_view source = dialogue.tls_source;
  if (!transcript.tls_error.empty()) {
    return GradedVerdict{verdict_of(dialogue.tls_refused),
                         "the TLS handshake was refused: " + transcript.tls_error,
                         std::string(source)};
  }
  const bool went_on = harness == Role::client ? transcript.opened : !transcript.request.empty();
  if (went_on && dialogue.tls_accepted == Grade::fail) {
    return GradedVerdict{Verdict::fail, "the peer went on over TLS that it has to refuse",
                         std::string(source)};
  }
  if (went_on && dialogue.tls->wants_server_name && transcript.server_name.empty()) {
    return GradedVerdict{Verdict::fail, "the client did not name the server in its TLS handshake",
                         "RFC 6455 4.1"};
  }
  return std::nullopt;
}

/// Whether the request that came of a URL is the one that the URL asks for; nothing if it is.
std::optional<GradedVerdict> judge_url(const Dialogue& dialogue, const Transcript& transcript) {
  if (!dialogue.url || transcript.request.empty()) return std::nullopt;
  if (dialogue.url->is_invalid) {
    return GradedVerdict{Verdict::fail, "the client goes to a URL that is none", "RFC 6455 4.1"};
  }
  const auto hosts = values_of(fields_of(transcript.request), "host");
  const std::string& wanted = dialogue.url->host_field;
  if (!wanted.empty() && (hosts.empty() || !to_lower(hosts[0]).starts_with(wanted + ":"))) {
    return GradedVerdict{Verdict::fail,
                         "Host is not \"" + wanted + "\", as the host of the URL is in ASCII",
                         "RFC 6455 11.1.1"};
  }
  const std::string target = transcript.request.substr(0, transcript.request.find(" HTTP/"));
  if (dialogue.url->no_path && target.find(" /?") == std::string::npos) {
    return GradedVerdict{Verdict::fail,
                         "the request asks for \"" + target.substr(target.find(' ') + 1) +
                             "\", where a URL without a path stands for \"/\"",
                         "RFC 6455 3"};
  }
  if (const std::string& path = dialogue.url->path; !path.empty()) {
    const std::string asked = target.substr(target.find(' ') + 1);
    // A target in absolute form has an authority in front (RFC 9112 section 3.2.2).
    const std::size_t scheme = asked.find("://");
    const std::size_t begin =
        scheme < asked.find('/') ? std::min(asked.find('/', scheme + 3), asked.size()) : 0;
    if (!asked.substr(begin).starts_with(path + "?")) {
      return GradedVerdict{
          Verdict::fail,
          "the request asks for \"" + asked + "\", where the path of the URL is \"" + path + "\"",
          "RFC 6455 3"};
    }
  }
  if (target.ends_with(dialogue.url->requested)) return std::nullopt;
  return GradedVerdict{Verdict::fail,
                       "the request does not end in \"" + dialogue.url->requested +
                           "\", as the URL does, but is \"" + target + "\"",
                       dialogue.url->may_be_refused ? "RFC 6455 11.1.1" : "RFC 6455 3"};
}

/// What a dialogue that was played is worth.
GradedVerdict judge_walk(const Dialogue& dialogue, const DialogueWalk& walk,
                         const Transcript& transcript) {
  const Finding found = walk.result();
  if (found.grade == Grade::fail) return {Verdict::fail, found.why, found.source};
  const PeerViolation* missed = nullptr;
  std::vector<PeerViolation> violations = transcript.violations;
  std::ranges::move(check_masking_keys(transcript.masking_keys), std::back_inserter(violations));
  for (const PeerViolation& violation : violations) {
    if (violation.is_must) {
      return {Verdict::fail, "the peer breaks a rule: " + violation.what, violation.source,
              violation.rule};
    }
    if (missed == nullptr) missed = &violation;
  }
  if (found.unsupported) return {Verdict::unsupported, found.why, found.source};
  if (found.grade == Grade::non_strict) return {Verdict::non_strict, found.why, found.source};
  if (missed != nullptr) {
    return {Verdict::non_strict, missed->what, missed->source, missed->rule};
  }
  if (transcript.server_drop_timed_out) {
    return {Verdict::non_strict, "the server did not end TCP after the closing handshake",
            "RFC 6455 7.1.1"};
  }
  if (dialogue.tls && dialogue.tls_accepted != Grade::pass) {
    return {verdict_of(dialogue.tls_accepted), "the TLS handshake succeeded, and all behind it",
            dialogue.tls_source};
  }
  return {verdict_of(found.grade), found.why, found.source};
}

GradedVerdict judge_dialogue(const Dialogue& dialogue, const Transcript& transcript, Role harness) {
  if (auto wrong = judge_url(dialogue, transcript)) return *std::move(wrong);
  if (auto decided = judge_tls(dialogue, transcript, harness)) return *std::move(decided);
  const bool is_server = harness == Role::client;
  if (is_server ? transcript.events.empty() : transcript.request.empty()) {
    return {Verdict::fail, "the opening handshake failed: " + transcript.open_error,
            is_server ? "RFC 6455 4.2.2" : "RFC 6455 4.1"};
  }
  DialogueWalk walk(dialogue);
  for (const DialogueEvent& event : transcript.events) walk.feed(event);
  GradedVerdict verdict = judge_walk(dialogue, walk, transcript);
  verdict.sizes = walk.sizes();
  return verdict;
}

/// What a case of Autobahn's tells of sizes, if it passes: those of the messages that came back.
TakenSizes sizes_of(const Case& test) {
  TakenSizes sizes;
  if (test.negotiation) return sizes;
  for (const Step& step : test.script) {
    const auto message = message_of(step);
    if (!message || message->fragment_size != 0) continue;
    std::uint64_t& plain = sizes.plain[index_of(message->type)];
    plain = std::max(plain, message->length);
  }
  return sizes;
}

GradedVerdict judge_any(const Case& test, const Transcript& transcript, Role harness) {
  if (test.dialogue) {
    GradedVerdict verdict = judge_dialogue(*test.dialogue, transcript, harness);
    if (test.for_limits) verdict.sizes = {};  // the case itself is about what is too big
    return verdict;
  }
  if (!transcript.opened) {
    return {Verdict::fail, "the opening handshake failed: " + transcript.open_error,
            harness == Role::client ? "RFC 6455 4.2.2" : "RFC 6455 4.1"};
  }
  if (!transcript.violations.empty()) {
    const PeerViolation& first = transcript.violations.front();
    return {Verdict::fail, "the peer breaks a rule: " + first.what, first.source};
  }
  if (test.negotiation && !transcript.deflate_agreed) {
    return {Verdict::unsupported, "the peer did not agree to permessage-deflate as offered",
            "RFC 7692 5.1"};
  }
  if (test.special == Special::informational) {
    return {Verdict::informational, "nothing is judged: " + describe_close(transcript),
            "RFC 6455 7.4.2"};
  }
  const std::optional<Transcript> quiet = without_heartbeat(test, transcript);
  const Transcript& seen = quiet ? *quiet : transcript;
  if (test.closing.closer == Closer::peer) return judge_failing(test, seen);
  if (!test.closing.clean_required) return judge_bad_close(test, seen);
  GradedVerdict verdict = judge_answering(test, seen, harness);
  if (verdict.verdict == Verdict::pass) verdict.sizes = sizes_of(test);
  return verdict;
}

}  // namespace

GradedVerdict judge(const Case& test, const Transcript& transcript, Role harness) {
  require_complete(test);
  GradedVerdict verdict = judge_any(test, transcript, harness);
  // What the peer sent may be quoted in it, and is for terminals, JSON and XML.
  verdict.reason = escape_bytes(verdict.reason);
  return verdict;
}

bool is_failed(const std::optional<CompatibleVerdict>& compatible, Verdict graded, FailOn fail_on) {
  switch (graded) {
    case Verdict::fail:
    case Verdict::harness_error:
      return true;
    case Verdict::non_strict:
      if (fail_on != FailOn::must) return true;
      break;
    case Verdict::informational:
      if (fail_on == FailOn::any) return true;
      break;
    case Verdict::unsupported:
      // To Autobahn, who knows no limits, an answer that does not come for one is a failure.
      if (compatible && compatible->behavior == Behavior::failed) return false;
      break;
    case Verdict::pass:
      break;
  }
  return compatible && (compatible->behavior == Behavior::failed ||
                        (compatible->close != CloseBehavior::ok &&
                         compatible->close != CloseBehavior::informational));
}

std::string_view to_string(Behavior behavior) {
  switch (behavior) {
    case Behavior::ok:
      return "OK";
    case Behavior::non_strict:
      return "NON-STRICT";
    case Behavior::informational:
      return "INFORMATIONAL";
    case Behavior::unimplemented:
      return "UNIMPLEMENTED";
    case Behavior::failed:
      return "FAILED";
  }
  return {};
}

std::string_view to_string(CloseBehavior close_behavior) {
  switch (close_behavior) {
    case CloseBehavior::ok:
      return "OK";
    case CloseBehavior::informational:
      return "INFORMATIONAL";
    case CloseBehavior::failed:
      return "FAILED";
    case CloseBehavior::wrong_code:
      return "WRONG CODE";
    case CloseBehavior::unclean:
      return "UNCLEAN";
    case CloseBehavior::failed_by_client:
      return "FAILED BY CLIENT";
  }
  return {};
}

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return "pass";
    case Verdict::non_strict:
      return "non_strict";
    case Verdict::fail:
      return "fail";
    case Verdict::informational:
      return "informational";
    case Verdict::unsupported:
      return "unsupported";
    case Verdict::harness_error:
      return "harness_error";
  }
  return {};
}

}  // namespace ws::conformance
