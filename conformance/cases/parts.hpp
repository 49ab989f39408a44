// What the tables of cases are written with.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "conformance/harness/case.hpp"

namespace ws::conformance {

using namespace std::chrono_literals;

inline SendFrame send(Frame frame) { return {.frame = std::move(frame)}; }

/// The same script with every frame cut into writes of `chop` bytes.
inline std::vector<Step> chopped(std::vector<Step> script, std::size_t chop) {
  for (Step& step : script) {
    if (auto* frame = std::get_if<SendFrame>(&step)) frame->chop = chop;
  }
  return script;
}

/// The same script with every frame in a write of its own.
inline std::vector<Step> one_by_one(std::vector<Step> script) {
  for (Step& step : script) {
    if (auto* frame = std::get_if<SendFrame>(&step)) frame->own_write = true;
  }
  return script;
}

inline LogEntry text_message(Payload payload) {
  return {.kind = LogEntry::Kind::text, .payload = std::move(payload)};
}
inline LogEntry binary_message(Payload payload) {
  return {.kind = LogEntry::Kind::binary, .payload = std::move(payload)};
}
inline LogEntry pong(Payload payload) {
  return {.kind = LogEntry::Kind::pong, .payload = std::move(payload)};
}
inline LogEntry pause_ended(std::string_view tag) {
  return {.kind = LogEntry::Kind::pause, .payload = text(tag)};
}

inline Timer fail_after(milliseconds after) {
  return {.action = Timer::Action::fail, .after = after};
}
inline Timer close_after(milliseconds after) {
  return {.action = Timer::Action::close, .after = after};
}

/// permessage-deflate as nearly everyone offers it, or takes it where it is offered so.
inline Negotiation usual_deflate() {
  return {.offers = {"permessage-deflate"}, .wishes = {ServerWish{.takes_hint = true}}};
}

/// The peer has to answer, and the harness closes.
inline Closing answered() { return {}; }

/// The peer has to fail the connection with one of `codes`.
inline Closing failed_with(std::vector<std::uint16_t> codes) {
  return {.closer = Closer::peer, .codes = std::move(codes), .clean_required = false};
}

/// The peer has to fail the connection because of bytes that are not UTF-8.
inline Closing failed_for_utf8() {
  return {.closer = Closer::peer,
          .codes = {1007},
          .clean_required = false,
          .wrong_closer_is_fatal = true};
}

/// A message that the harness compresses, and its echo.
inline std::vector<DialogueStep> compressed_echo(const Payload& payload,
                                                 std::vector<std::uint64_t> fragments = {},
                                                 Opcode type = Opcode::text) {
  return {PutMessage{.type = type,
                     .payload = payload,
                     .fragments = std::move(fragments),
                     .coding = PutMessage::Coding::compressed},
          expect_message(type, payload)};
}

/// A text that somebody else has compressed, and its echo.
inline std::vector<DialogueStep> given_echo(std::string_view words, Payload deflated,
                                            std::vector<std::uint64_t> fragments = {}) {
  return {PutMessage{.payload = text(words),
                     .fragments = std::move(fragments),
                     .coding = PutMessage::Coding::given,
                     .deflated = std::move(deflated)},
          expect_message(Opcode::text, text(words))};
}

/// Text in which DEFLATE finds no repetition, of `size` characters out of `kinds` from `first` on;
/// always the same.
inline std::string noise(std::size_t size, char first = '!', unsigned kinds = 90) {
  std::string bytes;
  std::uint64_t state = 0x9e3779b97f4a7c15U;
  for (std::size_t i = 0; i < size; ++i) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    bytes += static_cast<char>(static_cast<unsigned char>(first) + (state >> 33U) % kinds);
  }
  return bytes;
}

/// Longer than usual endpoints wait for somebody who is gone: most have 1 to 30 s.
inline constexpr milliseconds kPatience{35'000};

/// TCP ends, or is still open when the time is up, which misses a SHOULD.
inline Expect expect_end(milliseconds within, std::string why_ended, std::string why_open) {
  return {.any = {{.kind = Reaction::Kind::end, .why = std::move(why_ended)},
                  {.grade = Grade::non_strict,
                   .kind = Reaction::Kind::silence,
                   .why = std::move(why_open),
                   .source = "RFC 6455 7.1.1"}},
          .within = within,
          .source = "RFC 6455 7.1.1"};
}

/// The endpoint may end the connection in place of what is waited for, which is graded so.
inline Expect or_ends(Expect expect, Grade grade, const std::string& why,
                      const std::string& source) {
  for (const auto kind : {Reaction::Kind::close, Reaction::Kind::end}) {
    expect.any.push_back({.grade = grade, .kind = kind, .why = why, .source = source});
  }
  return expect;
}

/// Bytes of a message whose echo no socket holds, however much the system lends it.
inline constexpr std::size_t kMoreThanSocketsHold = 4'500'000;

/// Who does not wait for a peer that reads nothing may leave it.
inline Expect or_leaves(Expect expect) {
  return or_ends(std::move(expect), Grade::informational,
                 "the endpoint leaves a peer that does not read", "RFC 6455 7.2.1");
}

/// A message has to be refused for its size.
inline Expect expect_too_big(milliseconds within) {
  Expect expect = expect_failure({1009, 1008}, "RFC 6455 10.4");
  expect.within = within;
  return expect;
}

/// Likewise where the limit is no must: the echo of `whole`, and silence, miss a SHOULD.
inline Expect expect_too_big_at_best(milliseconds within, const Payload& whole,
                                     const std::string& why) {
  Expect expect = expect_too_big(within);
  Reaction taken{.grade = Grade::non_strict,
                 .kind = Reaction::Kind::silence,
                 .type = Opcode::binary,
                 .why = why,
                 .source = "RFC 6455 10.4"};
  expect.any.push_back(taken);
  taken.kind = Reaction::Kind::message;
  taken.payload = whole;
  expect.any.push_back(std::move(taken));
  return expect;
}

}  // namespace ws::conformance
