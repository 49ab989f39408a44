// Section 43, the third part: frames that come in one write with the opening handshake. The rules
// hold for them as for any, and the write may end anywhere (RFC 6455 sections 4, 5.1 and 5.2).
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "conformance/cases/catalogue.hpp"
#include "conformance/cases/early_frames.hpp"
#include "conformance/cases/parts.hpp"
#include "conformance/cases/together.hpp"

namespace ws::conformance {
namespace {

using Steps = std::vector<DialogueStep>;

/// The steps behind `early`, which comes with the harness's head.
Case early_case(const std::string& id, std::string title, std::string purpose,
                std::vector<std::string> checks, Role harness, const std::string& early,
                Steps steps) {
  const bool is_client = harness == Role::client;
  Dialogue dialogue{.steps = std::move(steps), .own_cuts = true};
  if (is_client) {
    dialogue.request = good_request().followed_by(early);
    let_refuse_early(dialogue);
  } else {
    dialogue.response = good_response().followed_by(early);
  }
  Case test =
      together_case(id, std::move(title) + (is_client ? " with the request" : " with the response"),
                    std::move(purpose), std::move(checks), std::move(dialogue));
  test.only_for = is_client ? Role::server : Role::client;
  test.level = is_client ? Level::should : Level::must;
  return test;
}

struct Violation {
  const char* what = nullptr;
  std::vector<std::pair<unsigned, std::string>> frames{};  ///< first bytes and payloads
  const char* check = nullptr;
  std::vector<std::uint16_t> codes{1002};
  bool is_masked_wrongly = false;
};

std::vector<Violation> violations() {
  const std::string long_payload(126, 'p');
  return {
      {"A text with RSV2", {{0xa1, "x"}}, "RFC6455-5.2-3"},
      {"An empty text with RSV3", {{0x91, ""}}, "RFC6455-5.2-3"},
      {"A binary message with all reserved bits", {{0xf2, "x"}}, "RFC6455-5.2-3"},
      {"A Ping with RSV3", {{0x99, "x"}}, "RFC6455-5.2-3"},
      {"A frame of the reserved opcode 3", {{0x83, "x"}}, "RFC6455-5.2-4"},
      {"A frame of the reserved opcode 15 without FIN", {{0x0f, ""}}, "RFC6455-5.2-4"},
      {"A Ping without FIN", {{0x09, "x"}}, "RFC6455-5.5-2"},
      {"An empty Pong without FIN", {{0x0a, ""}}, "RFC6455-5.5-2"},
      {"A Ping of 126 bytes", {{0x89, long_payload}}, "RFC6455-5.5-1"},
      {"A Pong of 126 bytes", {{0x8a, long_payload}}, "RFC6455-5.5-1"},
      {"A continuation of nothing", {{0x80, "x"}}, "RFC6455-5.4-15"},
      {"A continuation of nothing, without FIN", {{0x00, ""}}, "RFC6455-5.4-15"},
      {"New data inside a message", {{0x01, "a"}, {0x82, "b"}}, "RFC6455-5.4-16"},
      {"A new fragment inside a message", {{0x02, "a"}, {0x01, ""}}, "RFC6455-5.4-16"},
      {"A text that is not UTF-8", {{0x81, "a\xff"}}, "RFC6455-8.1-1", {1007}},
      {"A text that ends inside a character", {{0x81, "a\xe2\x82"}}, "RFC6455-8.1-1", {1007}},
      {"Fragments of a text that is not UTF-8",
       {{0x01, "a\xc3"}, {0x80, "\xff"}},
       "RFC6455-8.1-1",
       {1007}},
      {"A wrongly masked text", {{0x81, "x"}}, "RFC6455-5.1-2", {1002}, true},
      {"A wrongly masked Ping", {{0x89, ""}}, "RFC6455-5.1-2", {1002}, true},
  };
}

/// "RFC6455-5.2-3" is of section 5.2.
std::string source_of(const Violation& violation) {
  const std::string check = violation.check;
  const std::size_t begin = check.find('-') + 1;
  return "RFC 6455 " + check.substr(begin, check.rfind('-') - begin);
}

/// What was wrong is wrong in the first frames too.
void add_violations(std::vector<Case>& cases) {
  for (const Role harness : {Role::client, Role::server}) {
    const std::string group = harness == Role::client ? "18." : "19.";
    int number = 0;
    for (const Violation& violation : violations()) {
      const Role masker = violation.is_masked_wrongly ? peer_of(harness) : harness;
      std::string early;
      for (const auto& [first_byte, payload] : violation.frames) {
        early += frame_in_bytes(masker, first_byte, payload);
      }
      std::vector<std::string> checks{violation.check};
      if (violation.is_masked_wrongly) checks.emplace_back("RFC6455-5.1-5");
      for (const bool is_first : {true, false}) {
        Expect failure = expect_failure(violation.codes, source_of(violation));
        Reaction& pong = failure.any.back();
        const Payload probe = *pong.payload;
        if (violation.codes.front() == 1007) {
          // What is wrong with a text may show only when the text is looked at.
          pong.grade = Grade::non_strict;
          pong.goes_on = true;
          pong.why = "the Ping behind the illegal text is answered before the connection is failed";
          pong.source = "RFC 6455 7.1.7";
        }
        const std::string front = is_first ? "" : frame_in_bytes(harness, 0x8a, "unasked");
        cases.push_back(
            early_case(group + std::to_string(++number),
                       violation.what + std::string(is_first ? " comes" : " comes behind a Pong"),
                       "A rule holds from the first frame on.", checks, harness, front + early,
                       {frame(Opcode::ping, probe), failure}));
      }
    }
  }
}

struct BadClose {
  const char* what = nullptr;
  std::string payload{};
  const char* check = nullptr;
  bool is_reason = false;  ///< what is wrong, which has to be refused; the code is 1000
};

void add_bad_closes(std::vector<Case>& cases) {
  const BadClose all[] = {
      {"A Close of one byte", "\x03", "RFC6455-5.5.1-2"},
      {"A Close with the code 999", "\x03\xe7", "RFC6455-7.4.2-1"},
      {"A Close with the code 1006", "\x03\xee", "RFC6455-7.4.1-3"},
      {"A Close with a reason that is not UTF-8", "\x03\xe8\xff", "RFC6455-8.1-1", true},
  };
  for (const Role harness : {Role::client, Role::server}) {
    const std::string group = harness == Role::client ? "20." : "21.";
    int number = 0;
    for (const BadClose& bad : all) {
      const Expect objection =
          bad.is_reason ? expect_reason_refused(1000) : expect_objection("RFC 6455 7.4");
      cases.push_back(early_case(group + std::to_string(++number), bad.what + std::string(" comes"),
                                 "A rule holds from the first frame on.", {bad.check}, harness,
                                 frame_in_bytes(harness, 0x88, bad.payload), {objection}));
      if (!bad.is_reason) cases.back().level = Level::should;
    }
  }
}

struct Cut {
  const char* what = nullptr;
  unsigned first_byte = 0;
  Payload payload{};
  Expect came{};
};

/// A frame of which a part comes with the head, alone or behind a whole frame; the rest comes when
/// the head was answered, and another frame behind it.
void add_cuts(std::vector<Case>& cases) {
  const Payload medium = repeat("early ", 0x180);
  const Payload large = repeat("early ", 0x10180);
  const Cut cuts[] = {
      {"an empty text", 0x81, text(""), expect_message(Opcode::text, text(""))},
      {"a text of 5 bytes", 0x81, text("early"), expect_message(Opcode::text, text("early"))},
      {"a text of 384 bytes", 0x81, medium, expect_message(Opcode::text, medium)},
      {"a binary message of 65,920 bytes", 0x82, large, expect_message(Opcode::binary, large)},
      {"an empty Ping", 0x89, text(""), expect_pong(text(""))},
      {"a Ping of 5 bytes", 0x89, text("early"), expect_pong(text("early"))},
      {"a Pong of 5 bytes", 0x8a, text("early"), {}},
  };
  for (const Role harness : {Role::client, Role::server}) {
    const std::string group = harness == Role::client ? "22." : "23.";
    int number = 0;
    for (const Cut& cut : cuts) {
      const std::string header =
          header_in_bytes(harness, cut.first_byte, cut.payload.length, kNoMask);
      const std::string_view pattern = cut.payload.pattern.str();
      for (std::size_t at = 1; at <= header.size() + 2; ++at) {
        const std::size_t taken = at > header.size() ? at - header.size() : 0;  // of the payload
        if (taken > cut.payload.length || (taken == 0 && at == header.size() && pattern.empty())) {
          continue;
        }
        for (const bool is_first : {true, false}) {
          std::string early = is_first ? "" : frame_in_bytes(harness, 0x81, "whole", kNoMask);
          early += header.substr(0, at) + std::string(pattern.substr(0, taken));
          Steps steps{Rest{milliseconds(20)}};
          if (at < header.size()) steps += Steps{PutBytes{text(header.substr(at))}};
          // The pattern goes on where it was cut.
          const std::string rest =
              std::string(pattern.substr(taken)) + std::string(pattern.substr(0, taken));
          if (taken < cut.payload.length) {
            steps += Steps{PutBytes{repeat(rest, cut.payload.length - taken)}};
          }
          steps += Steps{frame(Opcode::text, text("behind"))};
          if (!is_first) steps += Steps{expect_message(Opcode::text, text("whole"))};
          if (!cut.came.any.empty()) {
            steps.emplace_back(cut.came);
            std::get<Expect>(steps.back()).prompt = false;
          }
          steps += Steps{expect_message(Opcode::text, text("behind"))} + closed_cleanly();
          cases.push_back(early_case(
              group + std::to_string(++number),
              "The first " + std::to_string(at) + " bytes of " + cut.what +
                  (is_first ? " come" : ", behind a whole text, come"),
              "The stream of frames begins behind the head, and a read may end anywhere.",
              {"RFC6455-5.1-7", "RFC6455-5.2-7"}, harness, early, std::move(steps)));
        }
      }
    }
  }
}

/// Whatever a request has, the first frame begins behind it; 43.25 has that of responses.
void add_requests(std::vector<Case>& cases) {
  const Head good = good_request();
  const std::string extensions = "Sec-WebSocket-Extensions: permessage-deflate";
  std::vector<std::pair<std::string, Head>> heads{
      {"a subprotocol", good.with("Sec-WebSocket-Protocol: chat")},
      {"two subprotocols", good.with("Sec-WebSocket-Protocol: superchat, chat")},
      {"an extension", good.with(extensions)},
      {"an extension with a parameter, and a subprotocol",
       good.with(extensions + "; client_max_window_bits").with("Sec-WebSocket-Protocol: chat")},
      {"a long cookie", good.with("Cookie: a=" + std::string(2100, 'c'))},
      {"a field without a value", good.with("X-Empty:")},
      {"Content-Length: 0", good.with("Content-Length: 0")},
      {"a type of content", good.with("Content-Type: text/plain")},
      {"white space at its end", good.with("X-Last: a \t ")},
      {"names in lower case", good.with_lower_names()},
  };
  Head crowded = good;
  for (int i = 0; i < 40; ++i) crowded = crowded.with("X-" + std::to_string(i) + ": value");
  heads.emplace_back("forty fields more", std::move(crowded));
  const auto early = [](unsigned first_byte, std::string_view payload) {
    return frame_in_bytes(Role::client, first_byte, payload);
  };
  int number = 0;
  for (const auto& [what, head] : heads) {
    Case test = early_case("24." + std::to_string(++number),
                           "A text, a Pong and a binary message come with " + what + ",",
                           "The first frame begins with the first byte behind the head.",
                           {"RFC6455-5.1-7", "RFC6455-6.2-1"}, Role::client, "",
                           Steps{expect_message(Opcode::text, text("early")),
                                 expect_message(Opcode::binary, text("\r\n\r\n"))} +
                               echo("after") + closed_cleanly());
    test.dialogue->request =
        head.followed_by(early(0x81, "early") + early(0x8a, "unasked") + early(0x82, "\r\n\r\n"));
    cases.push_back(std::move(test));
  }
}

}  // namespace

std::vector<Case> early_mixture_cases() {
  std::vector<Case> cases;
  add_violations(cases);
  add_bad_closes(cases);
  add_cuts(cases);
  add_requests(cases);
  return cases;
}

}  // namespace ws::conformance
