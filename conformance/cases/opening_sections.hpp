// How sections 20 and 21 add their cases: what a head deserves, and what follows.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "conformance/cases/parts.hpp"

namespace ws::conformance {

/// A server has no reason to refuse the request, but may have one.
inline Expect expect_acceptance_at_best() {
  return {.any = {{.kind = Reaction::Kind::upgraded},
                  {.grade = Grade::non_strict,
                   .kind = Reaction::Kind::refused,
                   .why = "the server refuses what it should accept"},
                  {.grade = Grade::non_strict,
                   .kind = Reaction::Kind::refused,
                   .codes = {200, 204},
                   .why = "the server takes what it should accept for plain HTTP"},
                  {.grade = Grade::non_strict,
                   .kind = Reaction::Kind::end,
                   .why = "the server ends what it should accept"}},
          .within = milliseconds(5000),
          .source = "RFC 6455 4.2.1"};
}

std::vector<Case> server_opening_form_cases();
std::vector<Case> client_opening_form_cases();
std::vector<Case> server_opening_neighbour_cases();
std::vector<Case> client_opening_neighbour_cases();

/// Whether a request asks for WebSocket at all, by "websocket" in Upgrade and "Upgrade" in
/// Connection. One that does not is plain HTTP: a server may ignore Upgrade (RFC 9110 7.8).
bool asks_for_websocket(const Head& request);

/// The server refuses the request, or answers it as HTTP has it.
inline Expect expect_no_upgrade(const Head& request,
                                const std::vector<std::uint16_t>& statuses = {}) {
  Expect answer = expect_refusal(statuses);
  const bool asks = asks_for_websocket(request);
  // A server is to ignore Upgrade in HTTP/1.0, and may do so elsewhere; no handshake is a POST.
  if (!asks || !request.start.starts_with("GET ") || request.start.ends_with(" HTTP/1.0")) {
    answer.any.push_back({.kind = Reaction::Kind::refused,
                          .codes = {200, 204},
                          .why = "the server answers it as plain HTTP",
                          .source = "RFC 9110 7.8"});
  }
  if (!asks) {
    for (Reaction& reaction : answer.any) {
      if (reaction.kind != Reaction::Kind::upgraded) continue;
      reaction.why = "what does not ask for WebSocket is answered with 101";
    }
    answer.any.push_back({.kind = Reaction::Kind::refused,
                          .codes = {101},
                          .why = "the server goes on with another protocol that was asked for",
                          .source = "RFC 9110 7.8"});
  }
  return answer;
}

/// A server that refuses, but says nothing.
inline Reaction ended_without_response() {
  return {.grade = Grade::non_strict,
          .kind = Reaction::Kind::end,
          .why = "the connection is ended without an HTTP response"};
}

/// A server that keeps a connection whose request it refused. No MUST says that the next is
/// answered.
inline Reaction kept_and_silent() {
  return {.grade = Grade::non_strict,
          .kind = Reaction::Kind::silence,
          .why = "the connection is kept, but its next request is not answered"};
}

/// Section 20: requests, and how a server has to answer them.
class ServerOpeningSection {
 public:
  /// A request that the server has to accept: an echo works behind it.
  void accepts(std::string id, std::string title, std::vector<std::string> checks, Head request) {
    add(std::move(id), std::move(title), std::move(checks), Level::must,
        {.request = std::move(request), .steps = echo("accepted") + closed_cleanly()});
  }

  /// A request that the server has to refuse.
  void refuses(std::string id, std::string title, std::vector<std::string> checks, Head request,
               const std::vector<std::uint16_t>& statuses = {}) {
    checks.emplace_back("RFC6455-10.7-4");
    Expect answer = expect_no_upgrade(request, statuses);
    add(std::move(id), std::move(title), std::move(checks), Level::must,
        {.request = std::move(request), .answer = std::move(answer)});
  }

  /// A request that the server should refuse; many accept it.
  void should_refuse(std::string id, std::string title, std::vector<std::string> checks,
                     Head request) {
    Expect answer = expect_refusal();
    answer.any.back().grade = Grade::non_strict;
    answer.any.back().why = "the server accepts what it should refuse";
    answer.any.push_back({.grade = Grade::non_strict,
                          .kind = Reaction::Kind::refused,
                          .codes = {200, 204},
                          .why = "the server answers as plain HTTP what it should refuse"});
    add(std::move(id), std::move(title), std::move(checks), Level::should,
        {.request = std::move(request), .answer = std::move(answer)});
  }

  /// A request that the server should accept; some refuse it.
  void should_accept(std::string id, std::string title, std::vector<std::string> checks,
                     Head request) {
    add(std::move(id), std::move(title), std::move(checks), Level::should,
        {.request = std::move(request),
         .answer = expect_acceptance_at_best(),
         .steps = echo("accepted") + closed_cleanly()});
  }

  /// A request that the server may take or refuse, but has to answer.
  void answers(std::string id, std::string title, std::vector<std::string> checks, Head request) {
    Expect answer = expect_refusal();
    answer.any.back().grade = Grade::pass;
    answer.any.back().why = "the server accepts it";
    add(std::move(id), std::move(title), std::move(checks), Level::may,
        {.request = std::move(request), .answer = std::move(answer)});
  }

  void add(std::string id, std::string title, std::vector<std::string> checks, Level level,
           Dialogue dialogue) {
    cases_.push_back({.id = "20." + std::move(id),
                      .title = std::move(title),
                      .purpose = "What a server makes of a request decides who gets in.",
                      .checks = std::move(checks),
                      .only_for = Role::server,
                      .level = level,
                      .tags = {"handshake"},
                      .dialogue = std::move(dialogue)});
  }

  Case& last() { return cases_.back(); }

  std::vector<Case> take() { return std::move(cases_); }

 private:
  std::vector<Case> cases_;
};

/// Section 21: responses, and whether a client may go on behind them.
class ClientOpeningSection {
 public:
  /// A response that the client has to accept: it echoes behind it.
  void accepts(std::string id, std::string title, std::vector<std::string> checks, Head response) {
    add(std::move(id), std::move(title), std::move(checks), Level::must,
        {.response = std::move(response), .steps = echo("accepted") + closed_cleanly()});
  }

  /// A response after which the client must not go on: a message behind it must not be echoed.
  void refuses(std::string id, std::string title, std::vector<std::string> checks, Head response) {
    checks.emplace_back("RFC6455-7.2.1-1");
    add(std::move(id), std::move(title), std::move(checks), Level::must,
        {.response = std::move(response),
         .steps = {frame(Opcode::text, text("not to be read")), expect_abandoned()}});
  }

  /// The same where the client only should not go on.
  void should_refuse(std::string id, std::string title, std::vector<std::string> checks,
                     Head response) {
    Expect abandoned = expect_abandoned();
    abandoned.any.push_back({.grade = Grade::non_strict,
                             .kind = Reaction::Kind::message,
                             .why = "the client goes on after a response that it should refuse"});
    add(std::move(id), std::move(title), std::move(checks), Level::should,
        {.response = std::move(response),
         .steps = {frame(Opcode::text, text("not to be read")), std::move(abandoned)}});
  }

  /// A response that the client should accept; some refuse it.
  void should_accept(std::string id, std::string title, std::vector<std::string> checks,
                     Head response) {
    should_accept(
        std::move(id), std::move(title), std::move(checks),
        Dialogue{.response = std::move(response), .steps = echo("accepted") + closed_cleanly()});
  }

  /// The same with steps of its own.
  void should_accept(std::string id, std::string title, std::vector<std::string> checks,
                     Dialogue dialogue) {
    for (DialogueStep& step : dialogue.steps) {
      auto* const wait = std::get_if<Expect>(&step);
      if (wait == nullptr) continue;
      for (const auto kind : {Reaction::Kind::end, Reaction::Kind::reset, Reaction::Kind::close}) {
        wait->any.push_back({.grade = Grade::non_strict,
                             .kind = kind,
                             .why = "the client refuses what it should accept"});
      }
      break;
    }
    add(std::move(id), std::move(title), std::move(checks), Level::should, std::move(dialogue));
  }

  /// A response that a client may take or refuse.
  void answers(std::string id, std::string title, std::vector<std::string> checks, Head response) {
    Expect any = expect_abandoned();
    any.any.push_back({.kind = Reaction::Kind::message, .why = "the client takes the response"});
    add(std::move(id), std::move(title), std::move(checks), Level::may,
        {.response = std::move(response),
         .steps = {frame(Opcode::text, text("may be read")), std::move(any)}});
  }

  void add(std::string id, std::string title, std::vector<std::string> checks, Level level,
           Dialogue dialogue) {
    cases_.push_back({.id = "21." + std::move(id),
                      .title = std::move(title),
                      .purpose = "A client must know that it talks to the server that it asked.",
                      .checks = std::move(checks),
                      .only_for = Role::client,
                      .level = level,
                      .tags = {"handshake"},
                      .dialogue = std::move(dialogue)});
  }

  Case& last() { return cases_.back(); }

  std::vector<Case> take() { return std::move(cases_); }

 private:
  std::vector<Case> cases_;
};

/// Moves the cases of a server's or a client's section to `group` of section 44.
template <typename Section>
void take_as_44(std::vector<Case>& cases, Section& section, const std::string& group,
                const std::string& purpose) {
  for (Case& test : section.take()) {
    test.id = "44." + group + test.id.substr(test.id.find('.'));
    test.purpose = purpose;
    test.dialogue->own_cuts = true;  // where a head is cut is tried with others
    cases.push_back(std::move(test));
  }
}

}  // namespace ws::conformance
