#include "conformance/harness/explain.hpp"

#include <sstream>
#include <utility>

#include "conformance/harness/opcode_name.hpp"
#include "conformance/harness/oracles.hpp"
#include "conformance/harness/overloaded.hpp"

namespace ws::conformance {
namespace {

std::string seconds(milliseconds time) {
  std::ostringstream text;
  text << static_cast<double>(time.count()) / 1000 << " s";
  return text.str();
}

std::string explain_step(const Step& step) {
  return std::visit(
      Overloaded{
          [](const SendFrame& send) {
            const Frame& frame = send.frame;
            std::string line = "send a " + name_of(frame.opcode) + " frame";
            if (!frame.fin) line += ", not final";
            if ((frame.rsv & 4U) != 0) line += ", RSV1 set";
            if ((frame.rsv & 2U) != 0) line += ", RSV2 set";
            if ((frame.rsv & 1U) != 0) line += ", RSV3 set";
            line += ": " + describe(frame.payload);
            if (send.chop != 0) line += ", in writes of " + std::to_string(send.chop) + " bytes";
            if (send.own_write) line += ", in a write of its own";
            return line;
          },
          [](const SendMessage& send) {
            return "send a " + name_of(send.type) + " message in fragments of " +
                   std::to_string(send.fragment_size) + " bytes: " + describe(send.payload);
          },
          [](const SendClose& send) {
            std::string line = "start the closing handshake";
            if (send.code) line += " with " + std::to_string(*send.code);
            if (send.reason.length != 0) line += ", " + describe(send.reason);
            return line;
          },
          [](const Pause& pause) {
            std::string line = "wait " + seconds(pause.length);
            if (!pause.tag.empty()) line += " (" + pause.tag + ")";
            return line;
          },
          [](const BeginFrame& begin) {
            return "send the header of a text frame of " + std::to_string(begin.length) +
                   " bytes, not final, and the first of them: " + describe(begin.payload);
          },
          [](const ContinueFrame& more) {
            return "send more bytes of that frame: " + describe(more.payload);
          },
      },
      step);
}

std::string explain_entry(const LogEntry& entry) {
  switch (entry.kind) {
    case LogEntry::Kind::text:
      return "text " + describe(entry.payload);
    case LogEntry::Kind::binary:
      return "binary " + describe(entry.payload);
    case LogEntry::Kind::pong:
      return "Pong " + describe(entry.payload);
    case LogEntry::Kind::pause:
      return "the end of pause " + entry.payload.pattern.str();
  }
  return {};
}

std::string explain_spans(const std::vector<Span>& spans) {
  std::string text;
  for (const Span& span : spans) {
    text += (text.empty() ? "from \"" : ", from \"") + span.from + "\" to \"" + span.to + "\"";
  }
  return text;
}

std::string explain_rule(const ResourceRule& rule) {
  const std::string spans = explain_spans(rule.spans);
  switch (rule.kind) {
    case ResourceRule::Kind::memory:
      return "memory " + spans + " grows by no more than " +
             (rule.most == 0 ? "half of what was sent, or 24 MiB"
                             : std::to_string(rule.most) + " bytes");
    case ResourceRule::Kind::growth:
      return "processor time " + explain_spans(rule.larger) + " is less than " +
             std::to_string(rule.most) + " times that " + spans;
    case ResourceRule::Kind::idleness:
      return "in one of the spans " + spans + " the endpoint has nothing to do";
    case ResourceRule::Kind::descriptors:
      return "no more than " + std::to_string(rule.most) + " descriptors are added " + spans;
  }
  return {};
}

std::string explain_tls(const TlsPlan& plan) {
  std::string text = "over " + to_string(plan.lowest) + " to " + to_string(plan.highest);
  for (const std::string& protocol : plan.protocols) text += ", offering " + protocol;
  if (plan.flaw != CertificateFlaw::none) text += ", the harness with " + describe(plan.flaw);
  if (plan.record != 0) text += ", " + std::to_string(plan.record) + " bytes in each record";
  if (plan.wants_server_name) text += ", and the client names the server";
  return text;
}

void explain_dialogue(const Dialogue& dialogue, std::ostringstream& out) {
  if (dialogue.tls) out << "\n\n" << explain_tls(*dialogue.tls);
  if (dialogue.request) {
    out << "\n\nrequest of the harness:\n" << explain_head(*dialogue.request);
  }
  if (dialogue.response) {
    out << "\n\nresponse of the harness:\n" << explain_head(*dialogue.response);
  }
  if (dialogue.deflate) {
    out << "\n\nneeds permessage-deflate; offers as a client:";
    for (const std::string& offer : dialogue.deflate->offers) out << "\n  " << offer;
  }
  if (dialogue.response_after.count() != 0) {
    out << "\n\nThe response goes out " << dialogue.response_after.count()
        << " ms after the request.";
  }
  if (dialogue.head_piece != 0) {
    out << "\n\nThe head of the harness goes out in pieces of " << dialogue.head_piece << " bytes, "
        << dialogue.head_pause.count() << " ms apart.";
  }
  if (dialogue.measures_pauses) {
    out << "\n\nWhat the endpoint uses in each of these pauses is measured: "
           "\"pause 1\" to \"pause 1 over\", and so on.";
  }
  out << "\n\nopening, to a server:\n  " << explain_step(dialogue.answer)
      << "\n\nsteps, once the connection is open:\n";
  for (const DialogueStep& step : dialogue.steps) out << "  " << explain_step(step) << '\n';
  for (const ResourceRule& rule : dialogue.resources) out << "\n" << explain_rule(rule) << '\n';
}

}  // namespace

std::string explain_case(const Case& test) {
  std::ostringstream out;
  out << test.id << "  " << test.title << "\n\n" << test.purpose << "\n\nchecks:";
  for (const std::string& id : test.checks) out << ' ' << id;
  out << "\nand, as every case:";
  std::string_view last;
  for (const OracleRule& rule : oracle_rules()) {
    const bool looks = !rule.endpoint || is_for(test, *rule.endpoint);
    if (looks && rule.oracle != std::exchange(last, rule.oracle)) {
      out << (last == oracle_rules().front().oracle ? " " : ", ") << rule.oracle;
    }
  }
  out << " (wsproof coverage)";
  if (test.dialogue) {
    for (const Dialogue& dialogue : test.earlier) {
      out << "\n\non a connection before";
      explain_dialogue(dialogue, out);
    }
    if (!test.earlier.empty()) out << "\n\non the connection that is judged";
    explain_dialogue(*complete(test)->dialogue, out);
    for (const Dialogue& dialogue : test.beside) {
      out << "\n\non a connection beside";
      explain_dialogue(dialogue, out);
    }
    if (!test.same_offers.empty()) {
      out << "\nnon_strict: the server does not take what it takes in";
      for (const std::string& id : test.same_offers) out << ' ' << id;
      out << '\n';
    }
    return out.str();
  }
  out << "\n\nscript, once the connection is open:\n";
  if (test.loop) {
    out << "  " << test.loop->count << " times: send a " << name_of(test.loop->type)
        << " message, wait for its echo: " << describe(test.loop->payload) << '\n';
  }
  for (const Step& step : test.script) out << "  " << explain_step(step) << '\n';
  if (test.timer) {
    out << "  after " << seconds(test.timer->after) << ": "
        << (test.timer->action == Timer::Action::fail ? "fail the connection with 1001"
                                                      : "close with an empty Close")
        << '\n';
  }
  out << "\nexpected, best first:\n";
  if (test.special == Special::informational) out << "  nothing is judged; what happens is noted\n";
  for (const Outcome& outcome : test.outcomes) {
    out << "  " << (outcome.grade == Grade::pass ? "pass" : "non_strict") << ": ";
    if (outcome.log.empty()) out << "no answer";
    for (std::size_t i = 0; i < outcome.log.size(); ++i) {
      out << (i == 0 ? "" : ", then ") << explain_entry(outcome.log[i]);
    }
    out << '\n';
  }
  out << "  " << (test.closing.closer == Closer::harness ? "the harness" : "the endpoint")
      << " closes first; codes accepted from the endpoint:";
  for (const std::uint16_t code : test.closing.codes) out << ' ' << code;
  out << (test.closing.clean_required ? "; a complete closing handshake\n" : "\n");
  return out.str();
}

}  // namespace ws::conformance
