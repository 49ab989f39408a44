// Section 2: Pings, their answers, and Pongs that nobody asked for.
#include "conformance/cases/catalogue.hpp"
#include "conformance/cases/parts.hpp"

namespace ws::conformance {
namespace {

const std::vector<std::string> kPingChecks = {"RFC6455-5.5.2-2", "RFC6455-5.5.3-1"};

Case ping_case(std::string id, std::string title, const Payload& payload, std::size_t chop = 0,
               milliseconds limit = 1s) {
  return {
      .id = std::move(id),
      .title = std::move(title),
      .purpose = "A Ping is answered by a Pong with the same bytes.",
      .checks = kPingChecks,
      .script = {SendFrame{.frame = {.opcode = Opcode::ping, .payload = payload}, .chop = chop}},
      .timer = close_after(limit),
      .outcomes = {{Grade::pass, {pong(payload)}}},
  };
}

Case unsolicited_pong_case(std::string id, std::string title, const Payload& payload) {
  return {
      .id = std::move(id),
      .title = std::move(title),
      .purpose = "A Pong may come unasked; it is neither answered nor an error.",
      .checks = {"RFC6455-5.5.3-3"},
      .script = {send({.opcode = Opcode::pong, .payload = payload}), SendClose{.code = 1000}},
      .timer = close_after(1s),
      .outcomes = {{Grade::pass, {}}},
  };
}

Case ten_pings_case(std::string id, std::string title, std::size_t chop) {
  Case test{
      .id = std::move(id),
      .title = std::move(title),
      .purpose = "Several Pings in a row are answered in order.",
      .checks = kPingChecks,
      .timer = close_after(3s),
      .outcomes = {{Grade::pass, {}}},
  };
  for (int i = 0; i < 10; ++i) {
    const Payload payload = text("payload-" + std::to_string(i));
    test.script.emplace_back(
        SendFrame{.frame = {.opcode = Opcode::ping, .payload = payload}, .chop = chop});
    test.outcomes[0].log.push_back(pong(payload));
  }
  return test;
}

}  // namespace

std::vector<Case> ping_pong_cases() {
  const Payload unsolicited = text("unsolicited pong payload");
  const Payload ping = text("ping payload");
  return {
      ping_case("2.1", "An empty Ping is answered", text("")),
      ping_case("2.2", "A Ping with text is answered with the same text", text("Hello, world!")),
      ping_case("2.3", "A Ping with bytes that are not UTF-8 is answered with the same bytes",
                hex("00fffefdfcfb00ff")),
      ping_case("2.4", "A Ping of 125 bytes, the most there may be, is answered",
                repeat("\xfe", 125)),
      {
          .id = "2.5",
          .title = "A Ping of 126 bytes fails the connection",
          .purpose = "Control frames have at most 125 bytes of payload.",
          .checks = {"RFC6455-5.5-1", "RFC6455-5.5-3"},
          .script = {send({.opcode = Opcode::ping, .payload = repeat("\xfe", 126)})},
          .timer = fail_after(1s),
          .outcomes = {{Grade::pass, {}}},
          .closing = failed_with({1002}),
      },
      ping_case("2.6", "A Ping of 125 bytes is answered, sent byte by byte", repeat("\xfe", 125), 1,
                2s),
      unsolicited_pong_case("2.7", "An empty Pong that nobody asked for is passed over", text("")),
      unsolicited_pong_case("2.8", "A Pong with a payload that nobody asked for is passed over",
                            unsolicited),
      {
          .id = "2.9",
          .title = "After a Pong that nobody asked for, a Ping is answered",
          .purpose = "An unsolicited Pong leaves no trace in the answers that follow.",
          .checks = {"RFC6455-5.5.2-2", "RFC6455-5.5.3-1", "RFC6455-5.5.3-3"},
          .script = {send({.opcode = Opcode::pong, .payload = unsolicited}),
                     send({.opcode = Opcode::ping, .payload = ping})},
          .timer = close_after(1s),
          .outcomes = {{Grade::pass, {pong(ping)}}},
      },
      ten_pings_case("2.10", "Ten Pings are answered in order", 0),
      ten_pings_case("2.11", "Ten Pings are answered in order, sent byte by byte", 1),
  };
}

}  // namespace ws::conformance
