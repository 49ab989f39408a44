#include "conformance/harness/dialogue.hpp"

#include <algorithm>
#include <sstream>

#include "conformance/harness/opcode_name.hpp"
#include "conformance/harness/opening_fields.hpp"
#include "conformance/harness/overloaded.hpp"

namespace ws::conformance {
namespace {

bool is_line_of(std::string_view line, std::string_view name) {
  return line.size() > name.size() && line[name.size()] == ':' &&
         to_lower(line.substr(0, name.size())) == to_lower(name);
}

std::string milliseconds_of(milliseconds time) { return std::to_string(time.count()) + " ms"; }

std::string explain_frame(const PutFrame& frame) {
  std::string line = "send a " + name_of(static_cast<Opcode>(frame.opcode)) + " frame";
  if (!frame.fin) line += ", not final";
  if ((frame.rsv & 4U) != 0) line += ", RSV1 set";
  if ((frame.rsv & 2U) != 0) line += ", RSV2 set";
  if ((frame.rsv & 1U) != 0) line += ", RSV3 set";
  if (frame.form == oracle::LengthForm::bits16) line += ", length in 16 bits";
  if (frame.form == oracle::LengthForm::bits64) line += ", length in 64 bits";
  if (frame.announced) line += ", announcing " + std::to_string(*frame.announced) + " bytes";
  if (frame.masking == PutFrame::Masking::reversed) line += ", masked the wrong way round";
  if (frame.masking == PutFrame::Masking::key) {
    line += ", masked with";
    for (const std::uint8_t byte : frame.key) line += " " + std::to_string(byte);
  }
  line += ": " + describe(frame.payload);
  if (frame.cut != 0) line += ", with a pause after " + std::to_string(frame.cut) + " bytes";
  if (frame.piece != 0) line += ", and then after each " + std::to_string(frame.piece);
  return line;
}

std::string explain_message(const PutMessage& message) {
  std::string line = "send a " + name_of(message.type) + " message";
  if (message.coding == PutMessage::Coding::compressed) line += ", compressed";
  if (!message.fragments.empty()) {
    line += " in " + std::to_string(message.fragments.size() + 1) + " fragments";
  }
  line += ": " + describe(message.payload);
  if (message.coding == PutMessage::Coding::given) {
    line += ", as the DEFLATE data " + describe(message.deflated);
  }
  return line;
}

std::string codes_of(const std::vector<std::uint16_t>& codes, std::string_view any) {
  if (codes.empty()) return std::string(any);
  std::string list;
  for (const std::uint16_t code : codes) {
    if (!list.empty()) list += " or ";
    list += code == kNoCode ? "no code" : std::to_string(code);
  }
  return list;
}

std::string explain_crowd(const Crowd& crowd) {
  const std::string number = std::to_string(crowd.count);
  const std::string inside =
      crowd.size > 0 ? " inside a message, behind " + std::to_string(crowd.size) + " bytes" : "";
  switch (crowd.act) {
    case Crowd::Act::hold:
      return "make " + number + " connections, all open at once, with an echo on each";
    case Crowd::Act::close:
      return "make " + number + " connections with an echo and a closing handshake each";
    case Crowd::Act::vanish:
      return "make " + number + " connections that end TCP without a Close" + inside;
    case Crowd::Act::reset:
      return "make " + number + " connections that reset TCP" +
             (crowd.size > 0 ? inside : std::string(" while an echo is on its way"));
    case Crowd::Act::leave:
      return "make " + number + " connections that end TCP inside the request";
    case Crowd::Act::head:
      return "make a connection with a head of " + std::to_string(crowd.size) +
             " bytes, which comes in pieces";
    case Crowd::Act::cut_tls:
      return "make " + number + " connections that end TCP inside the TLS handshake";
  }
  return {};
}

std::string explain_tls_act(const TlsAct& act) {
  switch (act.kind) {
    case TlsAct::Kind::cut:
      return "end this side of TCP without close_notify";
    case TlsAct::Kind::notify:
      return "send close_notify, and leave TCP open";
    case TlsAct::Kind::update_keys:
      return "ask for new TLS keys in both directions";
    case TlsAct::Kind::renegotiate:
      return "begin another TLS handshake";
  }
  return {};
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

Head with_names(Head head, char (*change)(char)) {
  for (std::string& line : head.lines) {
    std::ranges::transform(line.begin(), std::ranges::find(line, ':'), line.begin(), change);
  }
  return head;
}

constexpr std::string_view kProbe = "behind the illegal bytes";

}  // namespace

Head Head::with(std::string_view line) const {
  Head head = *this;
  head.lines.emplace_back(line);
  return head;
}

Head Head::set(std::string_view name, std::string_view value) const {
  Head head = *this;
  const std::string line = std::string(name) + ": " + std::string(value);
  const auto found =
      std::ranges::find_if(head.lines, [&](const auto& old) { return is_line_of(old, name); });
  if (found == head.lines.end()) {
    head.lines.push_back(line);
  } else {
    *found = line;
  }
  return head;
}

Head Head::without(std::string_view name) const {
  Head head = *this;
  std::erase_if(head.lines, [&](const auto& line) { return is_line_of(line, name); });
  return head;
}

Head Head::with_lower_names() const { return with_names(*this, lower); }
Head Head::with_upper_names() const { return with_names(*this, upper); }

Head Head::started(std::string_view start_line) const {
  Head head = *this;
  head.start = start_line;
  return head;
}

Head Head::followed_by(std::string_view bytes) const {
  Head head = *this;
  head.behind = bytes;
  return head;
}

Head good_request() {
  return {.start = "GET {resource} HTTP/1.1",
          .lines = {"Host: {host}", "Upgrade: websocket", "Connection: Upgrade",
                    "Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13"}};
}

Head good_response() {
  return {.start = "HTTP/1.1 101 Switching Protocols",
          .lines = {"Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Accept: {accept}"}};
}

std::string explain_head(const Head& head) {
  std::string all;
  if (!head.before.empty()) all += describe(text(head.before)) + "\n";
  all += "    " + head.start + "\n";
  for (const std::string& line : head.lines) {
    constexpr std::size_t kShown = 100;
    const bool printable = std::ranges::all_of(line, [](char c) { return c >= ' ' && c <= '~'; });
    all += "    " + (printable ? line.substr(0, kShown) : describe(text(line)));
    if (printable && line.size() > kShown) {
      all += ".. (" + std::to_string(line.size()) + " bytes)";
    }
    all += "\n";
  }
  if (head.line_end != "\r\n") all += "    (lines end in " + describe(text(head.line_end)) + ")\n";
  if (head.end != "\r\n") all += "    (the head ends in " + describe(text(head.end)) + ")\n";
  if (!head.behind.empty()) all += "    followed by " + describe(text(head.behind)) + "\n";
  return all;
}

std::string explain_reaction(const Reaction& reaction) {
  const std::string payload = reaction.payload ? describe(*reaction.payload) : "with any payload";
  std::string line;
  switch (reaction.kind) {
    case Reaction::Kind::upgraded:
      line = "the handshake succeeds";
      if (!reaction.field.empty())
        line += ", with \"" + reaction.field.str() + "\" in the response";
      break;
    case Reaction::Kind::refused:
      line = "the handshake is refused with status " + codes_of(reaction.codes, "300 to 599");
      if (!reaction.field.empty())
        line += " and a line containing \"" + reaction.field.str() + "\"";
      break;
    case Reaction::Kind::message:
      line = name_of(reaction.type) + " " + payload;
      break;
    case Reaction::Kind::echoes:
      line = "the echo of all that was sent, in order";
      break;
    case Reaction::Kind::pong:
      line = "Pong " + payload;
      break;
    case Reaction::Kind::ping:
      line = "Ping " + payload;
      break;
    case Reaction::Kind::close:
      line = "Close with " + codes_of(reaction.codes, "any code or none");
      break;
    case Reaction::Kind::end:
      line = "TCP ends";
      break;
    case Reaction::Kind::reset:
      line = "TCP is reset";
      break;
    case Reaction::Kind::silence:
      line = "nothing";
      break;
  }
  if (reaction.goes_on) line += ", and then one of the others";
  return line + (reaction.why.empty() ? "" : " (" + reaction.why.str() + ")");
}

std::string explain_step(const DialogueStep& step) {
  return std::visit(
      Overloaded{
          [](const PutFrame& put) { return explain_frame(put); },
          [](const PutMessage& put) { return explain_message(put); },
          [](const Flood& flood) {
            return "send " + std::to_string(flood.count) + " " + name_of(flood.type) +
                   (flood.type == Opcode::ping ? " frames" : " messages") + " of " +
                   std::to_string(flood.size) + " bytes each, until nothing is taken for " +
                   milliseconds_of(flood.patience) + " or " + milliseconds_of(flood.longest) +
                   " are over";
          },
          [](const PutBytes& put) { return "send the bytes " + describe(put.bytes); },
          [](const PutClose& put) {
            std::string line = "send a Close";
            if (put.code) line += " with " + std::to_string(*put.code);
            if (put.reason.length != 0) line += ", " + describe(put.reason);
            return line;
          },
          [](const PutRequest& put) { return "send a request\n" + explain_head(put.head()); },
          [](const Ask& ask) {
            return "ask by the control convention: \"x-wsproof " + ask.words + "\"";
          },
          [](const Rest& rest) { return "rest for " + milliseconds_of(rest.length); },
          [](const HalfClose&) { return std::string("end this side of TCP"); },
          [](const Reset&) { return std::string("reset TCP"); },
          [](const Reading& reading) {
            if (reading.piece == 0) return std::string(reading.on ? "read again" : "stop reading");
            return "read " + std::to_string(reading.piece) + " bytes at a time, " +
                   milliseconds_of(reading.pause) + " apart";
          },
          [](const Measure& measure) {
            return "measure what the endpoint uses: \"" + measure.name + "\"";
          },
          [](const Crowd& crowd) { return explain_crowd(crowd); },
          [](const Visitors& visitors) {
            return "answer " + std::to_string(visitors.count) +
                   " more connections of the client, each after " + milliseconds_of(visitors.hold) +
                   ", and see that none comes while another waits";
          },
          [](const Abandon&) { return std::string("reset TCP, and go on without it"); },
          [](const Standstill& standstill) {
            return "wait until something has come, and nothing more for " +
                   milliseconds_of(standstill.still) + ", or up to " +
                   milliseconds_of(standstill.longest);
          },
          [](const Gather&) { return std::string("wait for the other connections"); },
          [](const TlsAct& act) { return explain_tls_act(act); },
          [](const Expect& expect) {
            constexpr std::string_view kGrades[] = {"pass", "informational", "non_strict", "fail"};
            std::string lines = "wait up to " + milliseconds_of(expect.within) + " for";
            for (const Reaction& reaction : expect.any) {
              lines += "\n    " + std::string(kGrades[static_cast<int>(reaction.grade)]) + ": " +
                       explain_reaction(reaction);
            }
            return lines;
          },
      },
      step);
}

PutFrame frame(Opcode opcode, Payload payload) {
  return {.opcode = static_cast<unsigned>(opcode), .payload = std::move(payload)};
}

Payload flood_payload(const Flood& flood, std::uint64_t index) {
  constexpr std::string_view kFiller = "0123456789abcdefghijklmnopqrstuvwxyz";
  std::string begin = std::to_string(flood.type == Opcode::ping ? 0 : index) + " ";
  begin.resize(std::min(begin.size(), flood.size));
  const std::uint64_t rest = flood.size - begin.size();
  return rest == 0 ? text(begin) : join({text(begin), repeat(kFiller, rest)});
}

Expect expect_message(Opcode type, Payload payload) {
  // A megabyte a second is less than the slowest of machines has.
  const auto transfer = milliseconds(payload.length / 1000);
  return {.any = {{.kind = Reaction::Kind::message, .type = type, .payload = std::move(payload)}},
          .within = milliseconds(5000) + transfer,
          .source = "RFC 6455 5.6"};
}

Expect expect_pong(Payload payload) {
  return {.any = {{.kind = Reaction::Kind::pong, .payload = std::move(payload)}},
          .source = "RFC 6455 5.5.2",
          .prompt = true};
}

Reaction end_without_close() {
  return {.grade = Grade::non_strict,
          .kind = Reaction::Kind::end,
          .why = "the connection is ended without a Close frame",
          .source = "RFC 6455 7.1.7"};
}

Expect expect_failure(std::vector<std::uint16_t> codes, std::string source) {
  return {.any = {{.kind = Reaction::Kind::close,
                   .codes = std::move(codes),
                   .why = "the connection is failed with the code that fits"},
                  {.grade = Grade::fail,
                   .kind = Reaction::Kind::close,
                   .codes = {kCloseProbe},
                   .why = "the illegal Close is answered as if it were a legal one"},
                  {.grade = Grade::non_strict,
                   .kind = Reaction::Kind::close,
                   .why = "the connection is failed, but not with the code that fits",
                   .source = "RFC 6455 7.4.1"},
                  end_without_close(),
                  {.grade = Grade::fail,
                   .kind = Reaction::Kind::pong,
                   .payload = text(kProbe),
                   .why = "the illegal bytes were passed over: the Ping behind them is answered"}},
          .source = std::move(source)};
}

Expect expect_close_answer(std::optional<std::uint16_t> code) {
  std::vector<std::uint16_t> usual = {code.value_or(kNoCode)};
  if (code && *code != 1000) usual.push_back(1000);
  Expect expect{.any = {{.kind = Reaction::Kind::close,
                         .codes = std::move(usual),
                         .why = "the Close is answered"}},
                .source = "RFC 6455 5.5.1"};
  // 1010 is for clients, and 1012 to 1014 were registered later: not everybody knows them.
  if (!code || *code < 1010 || *code > 1014) {
    expect.any.push_back({.grade = Grade::fail,
                          .kind = Reaction::Kind::close,
                          .codes = {1002, 1007},
                          .why = "a legal Close is taken for an error"});
  } else {
    expect.any.push_back({.grade = Grade::non_strict,
                          .kind = Reaction::Kind::end,
                          .why = "the connection is ended without a Close, as for a bad code",
                          .source = "RFC 6455 7.1.7"});
  }
  expect.any.push_back(
      {.grade = Grade::non_strict,
       .kind = Reaction::Kind::close,
       .why = code ? "the Close is answered, but by another code than the one it had"
                   : "the Close is answered, but with a code, which it had not"});
  return expect;
}

Expect expect_silence(milliseconds length) {
  return {.any = {{.kind = Reaction::Kind::silence}}, .within = length};
}

Expect expect_abandoned(std::string source) {
  return {.any = {{.kind = Reaction::Kind::end, .why = "the client gives up"},
                  {.grade = Grade::non_strict,
                   .kind = Reaction::Kind::close,
                   .why = "the client gives up, but sends a Close on a connection that never was",
                   .source = "RFC 6455 7.1.7"}},
          // One of Go first reads for three seconds what may tell why it was refused.
          .within = milliseconds(5000),
          .source = std::move(source)};
}

Expect expect_refusal(const std::vector<std::uint16_t>& statuses, std::string source) {
  Expect expect{.any = {{.kind = Reaction::Kind::refused,
                         .codes = statuses,
                         .why = "the handshake is refused"}},
                .within = milliseconds(3000),
                .source = source.empty() ? "RFC 6455 4.2.1" : std::move(source)};
  if (!statuses.empty()) {
    expect.any.push_back({.grade = Grade::non_strict,
                          .kind = Reaction::Kind::refused,
                          .why = "the handshake is refused, but with another status"});
  }
  expect.any.push_back({.grade = Grade::non_strict,
                        .kind = Reaction::Kind::end,
                        .why = "the connection is ended without an HTTP response"});
  expect.any.push_back({.grade = Grade::fail,
                        .kind = Reaction::Kind::upgraded,
                        .why = "the server accepts what it has to refuse"});
  return expect;
}

Expect expect_objection(std::string source, Grade taken) {
  return {
      .any = {{.kind = Reaction::Kind::close, .codes = {1002}, .why = "the connection is failed"},
              end_without_close(),
              {.grade = taken,
               .kind = Reaction::Kind::close,
               .why = "it is taken for a normal Close"}},
      .source = std::move(source)};
}

Expect expect_reason_refused(std::uint16_t code) {
  return {.any = {{.kind = Reaction::Kind::close,
                   .codes = {1007, 1002},
                   .why = "the connection is failed"},
                  end_without_close(),
                  {.grade = Grade::fail,
                   .kind = Reaction::Kind::close,
                   .codes = {code, 1000},
                   .why = "a reason that is not UTF-8 is taken"},
                  {.grade = Grade::non_strict,
                   .kind = Reaction::Kind::close,
                   .why = "the connection is failed, but not with the code that fits",
                   .source = "RFC 6455 7.4.1"}},
          .source = "RFC 6455 8.1"};
}

std::vector<DialogueStep> operator+(std::vector<DialogueStep> steps,
                                    const std::vector<DialogueStep>& more) {
  steps += more;
  return steps;
}

std::vector<DialogueStep>& operator+=(std::vector<DialogueStep>& steps,
                                      const std::vector<DialogueStep>& more) {
  steps.insert(steps.end(), more.begin(), more.end());
  return steps;
}

std::vector<DialogueStep> echo(Opcode type, const Payload& payload) {
  return {PutMessage{.type = type, .payload = payload}, expect_message(type, payload)};
}

std::vector<DialogueStep> echo(std::string_view words) { return echo(Opcode::text, text(words)); }

std::vector<DialogueStep> ping_answered(const Payload& payload) {
  return {frame(Opcode::ping, payload), expect_pong(payload)};
}

std::vector<DialogueStep> ping_of_many(int number, const Payload& payload) {
  std::vector<DialogueStep> steps = ping_answered(payload);
  if (number >= 100) {
    std::get<Expect>(steps.back())
        .any.push_back({.grade = Grade::informational,
                        .kind = Reaction::Kind::close,
                        .codes = {1008},
                        .why = "the endpoint has a limit for Pings",
                        .source = "RFC 6455 7.4.1"});
  }
  return steps;
}

std::vector<DialogueStep> closed_cleanly(std::optional<std::uint16_t> code, const Payload& reason) {
  return {PutClose{.code = code, .reason = reason}, expect_close_answer(code)};
}

std::vector<DialogueStep> closed_inside_message(std::uint16_t code, const Payload& reason) {
  Expect answer = expect_close_answer(code);
  std::erase_if(answer.any, [](const Reaction& it) { return it.grade == Grade::fail; });
  return {PutClose{.code = code, .reason = reason}, std::move(answer)};
}

bool awaits(const Expect& expect, Reaction::Kind kind) {
  return std::ranges::find(expect.any, kind, &Reaction::kind) != expect.any.end();
}

std::vector<DialogueStep> lives_through(const std::vector<DialogueStep>& steps) {
  return echo("before") + steps + echo("after") + closed_cleanly();
}

std::vector<DialogueStep> fails_after(const std::vector<DialogueStep>& steps,
                                      std::vector<std::uint16_t> codes, std::string source) {
  return echo("before") + steps +
         std::vector<DialogueStep>{frame(Opcode::ping, text(kProbe)),
                                   expect_failure(std::move(codes), std::move(source))};
}

std::vector<DialogueStep> fails_after_contents(const std::vector<DialogueStep>& steps,
                                               std::vector<std::uint16_t> codes,
                                               std::string source) {
  Expect failure = expect_failure(std::move(codes), std::move(source));
  Reaction& pong = failure.any.back();
  pong.grade = Grade::non_strict;
  pong.goes_on = true;
  pong.why = "the Ping behind the illegal message is answered before the connection is failed";
  pong.source = "RFC 6455 7.1.7";
  return echo("before") + steps +
         std::vector<DialogueStep>{frame(Opcode::ping, text(kProbe)), std::move(failure)};
}

std::vector<DialogueStep> fails_inside(const std::vector<DialogueStep>& steps,
                                       std::vector<std::uint16_t> codes, std::string source) {
  return echo("before") + steps +
         std::vector<DialogueStep>{expect_failure(std::move(codes), std::move(source))};
}

}  // namespace ws::conformance
