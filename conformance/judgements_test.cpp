// What becomes of reactions that libraries have shown, which are neither right nor wrong at first
// sight.
#include <algorithm>
#include <cstdint>
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "conformance/cases/catalogue.hpp"
#include "conformance/harness/dialogue_walk.hpp"
#include "conformance/harness/judge.hpp"

namespace ws::conformance {
namespace {

using Kind = DialogueEvent::Kind;

/// The grade of a dialogue in which `answer` comes to the request, and each step that is waited for
/// gets the next of `events`.
Grade grade_of(std::string_view id, const DialogueEvent& answer,
               const std::vector<DialogueEvent>& events = {}) {
  const auto test = complete(*find_case(id));
  const Dialogue& dialogue = *test->dialogue;
  DialogueWalk walk(dialogue);
  walk.feed({.kind = Kind::waiting, .step = -1});
  walk.feed(answer);
  auto event = events.begin();
  for (int step = 0; step < std::ssize(dialogue.steps) && !walk.is_over(); ++step) {
    if (!std::holds_alternative<Expect>(dialogue.steps[static_cast<std::size_t>(step)])) continue;
    walk.feed({.kind = Kind::waiting, .step = step});
    if (event != events.end()) walk.feed(*event++);
  }
  return walk.result().grade;
}

DialogueEvent refused(std::uint16_t status) { return {.kind = Kind::refused, .code = status}; }

TEST(Judgements, TakeARequestThatDoesNotAskForWebSocketForPlainHttp) {
  for (const char* id : {"20.3.1", "20.3.5", "20.4.1", "20.4.13", "20.37.12"}) {
    EXPECT_EQ(grade_of(id, refused(200)), Grade::pass) << id;
    EXPECT_EQ(grade_of(id, refused(404)), Grade::pass) << id;
    EXPECT_EQ(grade_of(id, {.kind = Kind::upgraded}), Grade::fail) << id;
  }
  for (const char* id : {"20.26.3", "20.20.16", "20.5.16"}) {
    EXPECT_EQ(grade_of(id, refused(200)), Grade::non_strict) << id;
  }
  for (const char* id : {"20.2.1", "20.5.1", "20.6.1"}) {
    EXPECT_EQ(grade_of(id, refused(200)), Grade::fail) << id;
  }
  // Of another method, or of HTTP/1.0, whose Upgrade is to be ignored.
  for (const char* id : {"20.1.2", "20.1.6", "20.1.10"}) {
    EXPECT_EQ(grade_of(id, refused(200)), Grade::pass) << id;
    EXPECT_EQ(grade_of(id, {.kind = Kind::upgraded}), Grade::fail) << id;
  }
  EXPECT_EQ(grade_of("44.3.12", refused(200), {{.kind = Kind::end}}), Grade::pass);
}

TEST(Judgements, TakeAServerThatGoesOnWithAnotherProtocolThatWasAskedForForARightOne) {
  EXPECT_EQ(grade_of("20.3.5", refused(101)), Grade::pass);
  // The connection is that protocol's then: no request of HTTP/1.1 follows.
  EXPECT_EQ(grade_of("44.1.9", refused(101), {{.kind = Kind::upgraded}}), Grade::pass);
  EXPECT_EQ(grade_of("20.1.2", refused(101)), Grade::fail);
}

TEST(Judgements, TakeFramesThatCameTooEarlyAndAreLostForNoFailure) {
  const DialogueEvent upgraded{.kind = Kind::upgraded};
  const DialogueEvent silence{.kind = Kind::time_is_up, .step = 0};
  const DialogueEvent close{.kind = Kind::close, .code = 1002};
  for (const char* id : {"20.8.3", "37.6.1", "37.6.9", "43.8.1", "44.4.1"}) {
    EXPECT_EQ(grade_of(id, upgraded, {close}), Grade::non_strict) << id;
    EXPECT_EQ(grade_of(id, {.kind = Kind::no_response, .text = "a Pong"}), Grade::fail) << id;
  }
  EXPECT_EQ(grade_of("20.8.3", upgraded, {silence}), Grade::non_strict);
  // A client has to take what comes with the response.
  EXPECT_EQ(grade_of("37.6.21", upgraded, {close}), Grade::fail);
}

TEST(Judgements, TakeASecondRequestThatIsNotAnsweredForNoFailure) {
  const std::vector<DialogueEvent> silence{{.kind = Kind::time_is_up, .step = 1}};
  for (const char* id : {"20.8.2", "43.9.1", "44.1.1", "44.1.2", "44.3.1"}) {
    EXPECT_EQ(grade_of(id, refused(400), silence), Grade::non_strict) << id;
  }
  EXPECT_EQ(grade_of("44.12.2", refused(400), {{.kind = Kind::time_is_up, .step = 0}}),
            Grade::non_strict);
}

TEST(Judgements, LetAServerRefuseSubprotocolsThatItDoesNotKnow) {
  for (const char* id : {"22.1.5", "22.9.3", "43.1.1"}) {
    EXPECT_EQ(grade_of(id, refused(400)), Grade::pass) << id;
    EXPECT_EQ(grade_of(id, {.kind = Kind::end}), Grade::non_strict) << id;
  }
  // A list that is none is to be refused, if only so.
  for (const char* id : {"22.6.3", "22.13.1"}) {
    EXPECT_EQ(grade_of(id, {.kind = Kind::end}), Grade::pass) << id;
  }
}

TEST(Judgements, LetAClientHaveALimitForFields) {
  for (const char* id : {"21.5.6", "21.11.52", "21.11.58", "21.27.12"}) {
    EXPECT_EQ(grade_of(id, {.kind = Kind::upgraded}, {{.kind = Kind::end}}), Grade::non_strict)
        << id;
  }
  EXPECT_EQ(grade_of("21.3.4", {.kind = Kind::upgraded}, {{.kind = Kind::end}}), Grade::fail);
}

/// The grade of an echo, and the answer to a Close with a code of 27.1.
Grade grade_of_close(std::string_view id, const DialogueEvent& answer) {
  std::vector<DialogueEvent> events;
  const Dialogue& dialogue = *find_case(id)->dialogue;
  for (const DialogueStep& step : dialogue.steps) {
    const auto* expect = std::get_if<Expect>(&step);
    if (expect == nullptr || expect->any.front().kind != Reaction::Kind::message) continue;
    const auto bytes = expand(*expect->any.front().payload);
    const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    events.push_back({.kind = Kind::message, .bytes = text, .length = text.size()});
  }
  events.push_back(answer);
  return grade_of(id, {.kind = Kind::upgraded}, events);
}

TEST(Judgements, TakeACodeOfItsOwnOrNoneForTheFailureOfTheConnection) {
  // Granian answers what it refuses by a Close without a code, and a legal Close by its code.
  for (const char* id : {"27.5.1", "37.2.1.4", "37.2.1.5", "37.2.1.6", "43.20.4"}) {
    for (const std::uint16_t code : {kNoCode, std::uint16_t{1003}, std::uint16_t{1011}}) {
      EXPECT_EQ(grade_of_close(id, {.kind = Kind::close, .code = code}), Grade::non_strict) << id;
    }
    EXPECT_EQ(grade_of_close(id, {.kind = Kind::close, .code = 1007}), Grade::pass) << id;
    EXPECT_EQ(grade_of_close(id, {.kind = Kind::close, .code = 1000}),
              id == std::string_view("43.20.4") ? Grade::non_strict : Grade::fail)
        << id;
  }
  EXPECT_EQ(grade_of_close("37.2.1.5", {.kind = Kind::close, .code = 4999}), Grade::fail);
  EXPECT_EQ(grade_of_close("37.2.1.6", {.kind = Kind::close, .code = 3000}), Grade::fail);
}

/// The grade of a case of many Pings if that with this number (0 is the first that is waited for)
/// is answered by `answer`, and those before it by their Pongs.
Grade grade_of_pings(std::string_view id, int number, const DialogueEvent& answer) {
  std::vector<DialogueEvent> events;
  const auto test = complete(*find_case(id));
  for (const DialogueStep& step : test->dialogue->steps) {
    const auto* expect = std::get_if<Expect>(&step);
    if (expect == nullptr) continue;
    const Reaction& wanted = expect->any.front();
    if (!wanted.payload) break;
    const bool is_pong = wanted.kind == Reaction::Kind::pong;
    if (is_pong && number-- == 0) break;
    const auto bytes = expand(*wanted.payload);
    const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    events.push_back({.kind = is_pong ? Kind::pong : Kind::message,
                      .type = wanted.type,
                      .bytes = text,
                      .length = text.size()});
  }
  events.push_back(answer);
  return grade_of(id, {.kind = Kind::upgraded}, events);
}

TEST(Judgements, LetAnEndpointHaveALimitForPings) {
  const DialogueEvent policy{.kind = Kind::close, .code = 1008};
  // Undertow has enough of them after 300.
  EXPECT_EQ(grade_of_pings("38.4.2", 300, policy), Grade::informational);
  EXPECT_EQ(grade_of_pings("41.6.2", 10, policy), Grade::informational);
  EXPECT_EQ(grade_of_pings("30.2.2", 200, policy), Grade::informational);
  EXPECT_EQ(grade_of_pings("38.4.2", 3, policy), Grade::fail);
  EXPECT_EQ(grade_of_pings("38.4.2", 300, {.kind = Kind::close, .code = 1002}), Grade::fail);
  EXPECT_EQ(grade_of_pings("38.4.2", 300, {.kind = Kind::end}), Grade::fail);
}

TEST(Judgements, AllowACodeThatIsYoungerThanTheRfcToBeUnknown) {
  EXPECT_EQ(grade_of_close("27.1.12", {.kind = Kind::close, .code = 1014}), Grade::pass);
  EXPECT_EQ(grade_of_close("27.1.12", {.kind = Kind::close, .code = 1002}), Grade::non_strict);
  EXPECT_EQ(grade_of_close("27.1.12", {.kind = Kind::end}), Grade::non_strict);
  EXPECT_EQ(grade_of_close("27.1.1", {.kind = Kind::close, .code = 1002}), Grade::fail);
  EXPECT_EQ(grade_of_close("27.1.1", {.kind = Kind::end}), Grade::fail);
}

TEST(Judgements, AllowTheCodeOfClientsToBeRefusedFromAServer) {
  Transcript transcript{.opened = true,
                        .closed_by_harness = true,
                        .local_code = 1010,
                        .end = EndCause::peer_finished};
  EXPECT_EQ(judge(*find_case("7.7.8"), transcript, Role::server).verdict, Verdict::non_strict);
  transcript.end = EndCause::harness;
  transcript.dropped_by_harness = true;
  EXPECT_EQ(judge(*find_case("7.7.8"), transcript, Role::server).verdict, Verdict::fail);
  transcript = {.opened = true,
                .closed_by_harness = true,
                .local_code = 1000,
                .end = EndCause::peer_finished};
  EXPECT_EQ(judge(*find_case("7.7.1"), transcript, Role::server).verdict, Verdict::fail);
}

TEST(Judgements, LetAnEndpointCloseWhenItsPeerHasEndedTcp) {
  const auto message = [](const std::string& text) {
    return DialogueEvent{.kind = Kind::message, .bytes = text, .length = text.size()};
  };
  for (const Kind kind : {Kind::close, Kind::end}) {
    EXPECT_EQ(grade_of("41.9.2", {.kind = Kind::upgraded},
                       {message("before"), message("the last"), {.kind = kind}}),
              Grade::pass);
  }
}

TEST(Judgements, BeContentWithAPongForTheLatestOfTenPings) {
  const Case& test = *find_case("2.10");
  const std::vector<LogEntry>& all = test.outcomes.front().log;
  Transcript transcript{.opened = true,
                        .log = {all.front(), all.back()},
                        .closed_by_harness = true,
                        .was_clean = true,
                        .remote_code = 1000,
                        .close_received = true,
                        .end = EndCause::peer_finished};
  EXPECT_EQ(judge(test, transcript, Role::client).verdict, Verdict::pass);
  EXPECT_EQ(judge_compatibly(test, transcript, Role::client).behavior, Behavior::failed);
  transcript.log = {all.back(), all.front()};
  EXPECT_EQ(judge(test, transcript, Role::client).verdict, Verdict::fail) << "out of order";
  transcript.log = {all.front()};
  EXPECT_EQ(judge(test, transcript, Role::client).verdict, Verdict::fail) << "not the latest";
}

TEST(Judgements, PassOverAPongThatAnswersNothing) {
  const auto heart = [] { return LogEntry{.kind = LogEntry::Kind::pong, .payload = text("beat")}; };
  Transcript transcript{.opened = true,
                        .log = find_case("1.1.2")->outcomes[0].log,
                        .closed_by_harness = true,
                        .was_clean = true,
                        .remote_code = 1000,
                        .close_received = true};
  transcript.log.insert(transcript.log.begin(), heart());
  EXPECT_EQ(judge(*find_case("1.1.2"), transcript, Role::client).verdict, Verdict::pass);
  transcript.log = {heart()};
  EXPECT_EQ(judge(*find_case("1.1.2"), transcript, Role::client).verdict, Verdict::fail);
  // A Pong that answers a Pong is none of its own accord.
  const Case& unasked = *find_case("2.8");
  transcript.log = {heart()};
  EXPECT_EQ(judge(unasked, transcript, Role::client).verdict, Verdict::pass);
  transcript.log = {{.kind = LogEntry::Kind::pong,
                     .payload = std::get<SendFrame>(unasked.script[0]).frame.payload}};
  EXPECT_EQ(judge(unasked, transcript, Role::client).verdict, Verdict::fail);
}

TEST(Judgements, TakeAPongBehindALaterMessageForLate) {
  const Case& test = *find_case("5.6");
  Transcript transcript{.opened = true,
                        .log = test.outcomes[0].log,
                        .closed_by_harness = true,
                        .was_clean = true,
                        .remote_code = 1000,
                        .close_received = true};
  std::ranges::reverse(transcript.log);
  EXPECT_EQ(judge(test, transcript, Role::client).verdict, Verdict::non_strict);
  transcript.log.pop_back();  // the Pong
  EXPECT_EQ(judge(test, transcript, Role::client).verdict, Verdict::fail);
}

TEST(Judgements, TakeALimitForNoFaultWhereAutobahnKnowsNone) {
  Transcript transcript{
      .opened = true, .was_clean = true, .remote_code = 1009, .close_received = true};
  const auto graded = [&](const char* id) {
    return judge(*find_case(id), transcript, Role::client);
  };
  const GradedVerdict whole = graded("9.2.4");
  EXPECT_EQ(whole.verdict, Verdict::unsupported);
  EXPECT_EQ(whole.reason,
            "a message of 4194304 bytes is over the peer's limit: a Close frame with 1009");
  EXPECT_EQ(whole.sizes.refused, 4194304U);
  EXPECT_EQ(whole.sizes.refused_plain, Opcode::binary);
  // What is put together or inflated may have a limit of its own.
  EXPECT_EQ(graded("9.3.5").sizes.refused, 4194304U);
  EXPECT_FALSE(graded("9.3.5").sizes.refused_plain);
  EXPECT_EQ(graded("12.1.18").verdict, Verdict::unsupported);  // not agreed on
  transcript.deflate_agreed = true;
  EXPECT_EQ(graded("12.1.18").sizes.refused, 131072U);
  EXPECT_FALSE(graded("12.1.18").sizes.refused_plain);

  const CompatibleVerdict compatible =
      judge_compatibly(*find_case("9.2.4"), transcript, Role::client);
  EXPECT_EQ(compatible.behavior, Behavior::failed);
  EXPECT_FALSE(is_failed(compatible, whole.verdict, FailOn::any));

  // There is no message to be too long, or the answer had come.
  EXPECT_EQ(graded("2.2").verdict, Verdict::fail);
  transcript.log = find_case("9.2.4")->outcomes[0].log;
  EXPECT_EQ(graded("9.2.4").verdict, Verdict::fail);
}

TEST(Judgements, TakeALimitOfFragmentsForNoFault) {
  Transcript transcript{.opened = true, .was_clean = true, .close_received = true};
  const auto graded = [&](const char* id) {
    return judge(*find_case(id), transcript, Role::client);
  };
  for (const std::uint16_t code : {std::uint16_t{1008}, std::uint16_t{1009}}) {
    transcript.remote_code = code;
    EXPECT_EQ(graded("9.3.1").verdict, Verdict::unsupported);
    EXPECT_EQ(graded("9.3.1").reason,
              "a message of 4194304 bytes in 65536 fragments is over the peer's limit: a Close "
              "frame with " +
                  std::to_string(code));
    EXPECT_EQ(graded("9.3.1").sizes.refused, 0U) << "it is not for its length";
  }
  transcript.remote_code = 1008;
  EXPECT_EQ(graded("9.3.7").verdict, Verdict::fail) << "of 16 fragments";
  EXPECT_EQ(graded("9.1.6").verdict, Verdict::fail) << "of one frame";
}

TEST(Judgements, TellAnEndBehindAnIllegalCloseFromAnAnswerToIt) {
  Transcript transcript{.opened = true, .end = EndCause::peer_finished};
  const GradedVerdict ended = judge(*find_case("7.3.2"), transcript, Role::client);
  EXPECT_EQ(ended.verdict, Verdict::non_strict);
  EXPECT_EQ(ended.reason, "the peer ended TCP without a Close frame");
  transcript.close_received = true;
  transcript.remote_code = 1000;
  const GradedVerdict answered = judge(*find_case("7.3.2"), transcript, Role::client);
  EXPECT_EQ(answered.verdict, Verdict::non_strict);
  EXPECT_NE(answered.reason, ended.reason);
}

}  // namespace
}  // namespace ws::conformance
