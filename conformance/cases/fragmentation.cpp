// Section 5: fragments, in order and out of order, with control frames in between.
#include "conformance/cases/catalogue.hpp"
#include "conformance/cases/parts.hpp"

namespace ws::conformance {
namespace {

Payload fragment(int index) { return text("fragment" + std::to_string(index)); }

Payload fragments(int last) {
  std::vector<Payload> parts;
  for (int i = 1; i <= last; ++i) parts.push_back(fragment(i));
  return join(parts);
}

SendFrame first(const Payload& payload) { return send({.fin = false, .payload = payload}); }
SendFrame middle(const Payload& payload) {
  return send({.fin = false, .opcode = Opcode::continuation, .payload = payload});
}
SendFrame last(const Payload& payload) {
  return send({.opcode = Opcode::continuation, .payload = payload});
}
SendFrame ping(const Payload& payload) {
  return send({.opcode = Opcode::ping, .payload = payload});
}

Case legal(std::string id, std::string title, std::vector<Step> script, std::vector<LogEntry> log) {
  return {
      .id = std::move(id),
      .title = std::move(title),
      .purpose = "Fragments are put together, and control frames between them answered at once.",
      .checks = {"RFC6455-5.4-2", "RFC6455-5.4-7", "RFC6455-5.4-9", "RFC6455-6.2-4"},
      .script = std::move(script),
      .timer = close_after(1s),
      .outcomes = {{Grade::pass, std::move(log)}},
  };
}

Case illegal(std::string id, std::string title, std::vector<std::string> checks,
             std::vector<Step> script, std::vector<Outcome> outcomes = {{Grade::pass, {}}}) {
  return {
      .id = std::move(id),
      .title = std::move(title),
      .purpose = "Frames that do not fit into a message fail the connection.",
      .checks = std::move(checks),
      .script = std::move(script),
      .timer = fail_after(1s),
      .outcomes = std::move(outcomes),
      .closing = failed_with({1002}),
  };
}

const std::vector<std::string> kControl = {"RFC6455-5.4-4", "RFC6455-5.5-2", "RFC6455-5.5-3"};
const std::vector<std::string> kStray = {"RFC6455-5.4-15"};
const std::vector<std::string> kNested = {"RFC6455-5.4-6", "RFC6455-5.4-16"};

}  // namespace

std::vector<Case> fragmentation_cases() {
  const Payload hello = text("Hello, world!");
  const Payload stray = text("non-continuation payload");
  const Payload payload = text("ping payload");
  const std::vector<Step> two = {first(fragment(1)), last(fragment(2))};
  const std::vector<Step> ping_between = {first(fragment(1)), ping(payload), last(fragment(2))};
  const std::vector<LogEntry> message = {text_message(fragments(2))};
  const std::vector<LogEntry> pong_and_message = {pong(payload), text_message(fragments(2))};
  const std::vector<Step> stray_last = {last(stray), send({.payload = hello})};
  const std::vector<Step> stray_middle = {middle(stray), send({.payload = hello})};
  const std::vector<Step> five = {
      first(fragment(1)),  middle(fragment(2)), ping(text("pongme 1!")), Pause{.length = 1s},
      middle(fragment(3)), middle(fragment(4)), ping(text("pongme 2!")), last(fragment(5))};
  const std::vector<LogEntry> two_pongs_and_message = {
      pong(text("pongme 1!")), pong(text("pongme 2!")), text_message(fragments(5))};
  return {
      illegal("5.1", "A Ping in two fragments fails the connection", kControl,
              {send({.fin = false, .opcode = Opcode::ping, .payload = fragment(1)}),
               last(fragment(2))}),
      illegal("5.2", "A Pong in two fragments fails the connection", kControl,
              {send({.fin = false, .opcode = Opcode::pong, .payload = fragment(1)}),
               last(fragment(2))}),
      legal("5.3", "A text in two fragments comes back", two, message),
      legal("5.4", "A text in two fragments comes back, each in a write of its own",
            one_by_one(two), message),
      legal("5.5", "A text in two fragments comes back, sent byte by byte", chopped(two, 1),
            message),
      legal("5.6", "A Ping between two fragments is answered before the message", ping_between,
            pong_and_message),
      legal("5.7", "A Ping between two fragments, each frame in a write of its own",
            one_by_one(ping_between), pong_and_message),
      legal("5.8", "A Ping between two fragments, sent byte by byte", chopped(ping_between, 1),
            pong_and_message),
      illegal("5.9", "A last fragment without a message fails the connection", kStray, stray_last),
      illegal("5.10", "A last fragment without a message, in a write of its own", kStray,
              one_by_one(stray_last)),
      illegal("5.11", "A last fragment without a message, sent byte by byte", kStray,
              chopped(stray_last, 1)),
      illegal("5.12", "A middle fragment without a message fails the connection", kStray,
              stray_middle),
      illegal("5.13", "A middle fragment without a message, in a write of its own", kStray,
              one_by_one(stray_middle)),
      illegal("5.14", "A middle fragment without a message, sent byte by byte", kStray,
              chopped(stray_middle, 1)),
      illegal("5.15", "A fragment after the end of its message fails the connection", kStray,
              {first(fragment(1)), last(fragment(2)), middle(fragment(3)),
               send({.payload = fragment(4)})},
              {{Grade::pass, {text_message(fragments(2))}}, {Grade::non_strict, {}}}),
      illegal("5.16", "A middle fragment ahead of its message, twice", kStray,
              {middle(fragment(1)), first(fragment(2)), last(fragment(3)), middle(fragment(1)),
               first(fragment(2)), last(fragment(3))}),
      illegal("5.17", "A last fragment ahead of its message, twice", kStray,
              {last(fragment(1)), first(fragment(2)), last(fragment(3)), last(fragment(1)),
               first(fragment(2)), last(fragment(3))}),
      illegal("5.18", "A second text inside a fragmented one fails the connection", kNested,
              {first(fragment(1)), send({.payload = fragment(2)})}),
      legal("5.19", "Five fragments with two Pings and a pause", five, two_pongs_and_message),
      legal("5.20", "Five fragments with two Pings and a pause, each in a write of its own",
            one_by_one(five), two_pongs_and_message),
  };
}

}  // namespace ws::conformance
