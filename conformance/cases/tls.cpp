// Section 31: TLS below WebSocket (RFC 6455 sections 4.1, 4.2.2 and 10.6; RFC 8446, RFC 6066).
#include "conformance/cases/catalogue.hpp"
#include "conformance/cases/parts.hpp"

namespace ws::conformance {
namespace {

using Steps = std::vector<DialogueStep>;

Case tls_case(std::string id, std::string title, std::string purpose,
              std::vector<std::string> checks, Dialogue dialogue) {
  dialogue.own_cuts = true;
  return {.id = "31." + std::move(id),
          .title = std::move(title),
          .purpose = std::move(purpose),
          .checks = std::move(checks),
          .needs = {Need::tls},
          .tags = {"tls"},
          // With what TLS a client is to be met has to be known before it says what it comes for.
          .alone = true,
          .dialogue = std::move(dialogue)};
}

Case of(Role role, Case test) {
  test.only_for = role;
  return test;
}

const std::vector<std::string> kInside{"RFC6455-4.1-14", "RFC6455-4.2.2-1", "RFC6455-4.1-12"};

void add_records(std::vector<Case>& cases) {
  const std::string purpose = "TLS cuts the stream into records, which mean nothing.";
  const Payload large = repeat("0123456789abcdefghij", 100'000);
  cases.push_back(tls_case(
      "1.1", "Messages and Pings go through the tunnel", "All that is so without TLS is so within.",
      kInside,
      {.steps = lives_through(ping_answered(text("inside")) + echo(Opcode::binary, large))}));
  int number = 1;
  for (const std::size_t size : {1U, 7U, 16'384U}) {
    const Payload payload = size == 1 ? repeat("abcdefghij", 700) : large;
    cases.push_back(tls_case(
        "1." + std::to_string(++number),
        "Each record has " + std::to_string(size) + (size == 1 ? " byte" : " bytes"), purpose,
        {"RFC6455-4.1-14", "RFC6455-4.2.2-1", "RFC6455-6.2-1"},
        {.steps = lives_through(echo(Opcode::binary, payload) + ping_answered(text("cut"))),
         .tls = TlsPlan{.record = size}}));
  }
  Steps many;
  for (int i = 0; i < 60; ++i) {
    many += Steps{frame(Opcode::pong, repeat("p", 120)),
                  frame(Opcode::text, text("number " + std::to_string(i)))};
  }
  for (int i = 0; i < 60; ++i) {
    many += Steps{expect_message(Opcode::text, text("number " + std::to_string(i)))};
  }
  cases.push_back(tls_case("1.5", "One record has a hundred and twenty frames",
                           "What TLS has decrypted is to be read before the socket is waited for.",
                           {"RFC6455-4.1-14", "RFC6455-4.2.2-1", "RFC6455-6.2-1"},
                           {.steps = lives_through(many)}));
}

void add_versions(std::vector<Case>& cases) {
  int number = 0;
  for (const TlsVersion version : {TlsVersion::tls12, TlsVersion::tls13}) {
    cases.push_back(tls_case(
        "2." + std::to_string(++number), "Only " + to_string(version) + " is spoken",
        "Both versions are in use (RFC 8996, RFC 9325).", {"RFC6455-10.6-1", "RFC6455-4.2.2-1"},
        {.steps = lives_through({}),
         .tls = TlsPlan{.lowest = version, .highest = version},
         .tls_refused = Grade::informational,
         .tls_source = "RFC 9325 3.1.1"}));
  }
  for (const TlsVersion version : {TlsVersion::tls10, TlsVersion::tls11}) {
    cases.push_back(tls_case("2." + std::to_string(++number),
                             "Only " + to_string(version) + " is spoken, which nobody should",
                             "TLS 1.0 and 1.1 are deprecated (RFC 8996).", {"RFC6455-10.6-1"},
                             {.steps = lives_through({}),
                              .tls = TlsPlan{.lowest = version, .highest = version},
                              .tls_refused = Grade::pass,
                              .tls_accepted = Grade::non_strict,
                              .tls_source = "RFC 8996 4"}));
  }
}

void add_protocols(std::vector<Case>& cases) {
  int number = 0;
  const std::string purpose = "Over HTTP/1.1 there need be no ALPN, and where there is, it fits.";
  const auto offered = [&](const std::string& title, std::vector<std::string> protocols,
                           Grade refused) {
    cases.push_back(of(Role::server, tls_case("3." + std::to_string(++number), title, purpose,
                                              {"RFC6455-4.2.2-1", "RFC6455-4.2.2-14"},
                                              {.steps = lives_through({}),
                                               .tls = TlsPlan{.protocols = std::move(protocols)},
                                               .tls_refused = refused,
                                               .tls_source = "RFC 7301 3.2"})));
  };
  offered("ALPN offers http/1.1", {"http/1.1"}, Grade::fail);
  offered("ALPN offers http/1.1, and h2 behind it", {"http/1.1", "h2"}, Grade::fail);
  // A server that knows none of them may refuse (RFC 7301 section 3.2).
  offered("ALPN offers a protocol that nobody knows, and http/1.1", {"wsproof", "http/1.1"},
          Grade::fail);
}

void add_ends(std::vector<Case>& cases) {
  const std::string purpose = "An end of the tunnel is an end of the connection, clean or not.";
  const auto ended = [](const char* why) {
    return expect_end(milliseconds(10'000), "the endpoint ends the connection too", why);
  };
  struct End {
    const char* id = nullptr;
    const char* what = nullptr;
    TlsAct::Kind kind{};
  };
  for (const End& end :
       {End{"4.1", "TCP ends without close_notify, between two frames", TlsAct::Kind::cut},
        End{"4.2", "close_notify comes without a Close", TlsAct::Kind::notify}}) {
    Expect expect = ended("the connection is still open 10 s later");
    expect.any.insert(expect.any.begin(),
                      {.kind = Reaction::Kind::close, .why = "the endpoint closes"});
    cases.push_back(tls_case(end.id, end.what, purpose, {"RFC6455-7.2.1-2", "RFC6455-4.2.2-1"},
                             {.steps = echo("before") + Steps{TlsAct{end.kind}, expect}}));
  }
  PutFrame beginning = frame(Opcode::text, text("the beginning"));
  beginning.announced = 26;
  Expect cut = ended("the connection is still open 10 s later");
  cut.any.insert(cut.any.begin(), {.kind = Reaction::Kind::close, .why = "the endpoint closes"});
  cut.any.push_back({.grade = Grade::fail,
                     .kind = Reaction::Kind::message,
                     .why = "half a message is taken for a whole one"});
  cases.push_back(
      tls_case("4.3", "TCP ends without close_notify, inside a frame",
               "What was cut is not handed on.", {"RFC6455-7.2.1-2", "RFC6455-5.2-7"},
               {.steps = echo("before") + Steps{beginning, TlsAct{TlsAct::Kind::cut}, cut}}));
  Expect after = ended("TCP is still open 10 s after the closing handshake and close_notify");
  cases.push_back(of(
      Role::server,
      tls_case(
          "4.4", "close_notify comes behind the closing handshake",
          "The server ends TCP, not only TLS.", {"RFC6455-5.5.1-12", "RFC6455-7.1.1-3"},
          {.steps = echo("before") + closed_cleanly() + Steps{TlsAct{TlsAct::Kind::notify}, after},
           .keeps_close_open = true})));
}

void add_handshakes(std::vector<Case>& cases) {
  cases.push_back(
      tls_case("5.1", "Keys are changed in the middle",
               "Every TLS 1.3 endpoint takes a KeyUpdate (RFC 8446 section 4.6.3).",
               {"RFC6455-4.1-14", "RFC6455-4.2.2-1"},
               {.steps = lives_through(Steps{TlsAct{TlsAct::Kind::update_keys}} + echo("new keys") +
                                       Steps{TlsAct{TlsAct::Kind::update_keys}}),
                .tls = TlsPlan{.lowest = TlsVersion::tls13}}));
  Expect either = expect_message(Opcode::text, text("anew"));
  for (const auto kind : {Reaction::Kind::close, Reaction::Kind::end}) {
    either.any.push_back(
        {.kind = kind, .why = "the renegotiation is refused (RFC 9325 section 3.5)"});
  }
  // Inside a handshake that the server has begun, and does not end, nothing can be sent.
  either.any.push_back({.grade = Grade::informational,
                        .kind = Reaction::Kind::silence,
                        .why = "the other handshake is not answered",
                        .source = "RFC 9325 3.5"});
  either.within = milliseconds(1500);
  cases.push_back(
      of(Role::server,
         tls_case("5.2", "A client asks for another handshake, over TLS 1.2",
                  "It may be refused, and has to be harmless.", {"RFC6455-4.2.2-1"},
                  {.steps = echo("before") + Steps{TlsAct{TlsAct::Kind::renegotiate},
                                                   Rest{milliseconds(500)},
                                                   PutMessage{.payload = text("anew")}, either},
                   .tls = TlsPlan{.highest = TlsVersion::tls12},
                   .tls_refused = Grade::informational,
                   .tls_source = "RFC 9325 3.5"})));
  cases.push_back(
      of(Role::server,
         tls_case("5.3", "Forty handshakes are cut, each a little later than the one before",
                  "Who is cut off goes on with the others.", {"RFC6455-4.2.2-1"},
                  {.steps = echo("before") + Steps{Crowd{.act = Crowd::Act::cut_tls, .count = 40}} +
                            echo("after") + closed_cleanly()})));
}

void add_certificates(std::vector<Case>& cases) {
  int number = 0;
  for (const CertificateFlaw flaw :
       {CertificateFlaw::expired, CertificateFlaw::not_yet_valid, CertificateFlaw::other_name,
        CertificateFlaw::self_signed, CertificateFlaw::unknown_authority}) {
    cases.push_back(of(Role::client,
                       tls_case("6." + std::to_string(++number), "The server has " + describe(flaw),
                                "A client that cannot verify whom it talks to does not talk.",
                                {"RFC6455-4.1-13", "RFC6455-10.6-1"},
                                {.tls = TlsPlan{.flaw = flaw},
                                 .tls_refused = Grade::pass,
                                 .tls_accepted = Grade::fail,
                                 .tls_source = "RFC 6455 4.1"})));
    // One that refuses is as able afterwards.
    cases.push_back(
        of(Role::client,
           tls_case("6." + std::to_string(++number), "The server has a good certificate again",
                    "A refusal is for one connection.", kInside, {.steps = lives_through({})})));
  }
  cases.push_back(
      of(Role::client,
         tls_case("7.1", "The client names the server in its TLS handshake",
                  "One address may have many names, each with its certificate.", {"RFC6455-4.1-15"},
                  {.steps = lives_through({}), .tls = TlsPlan{.wants_server_name = true}})));
}

}  // namespace

std::vector<Case> tls_cases() {
  std::vector<Case> cases;
  add_records(cases);
  add_versions(cases);
  add_protocols(cases);
  add_ends(cases);
  add_handshakes(cases);
  add_certificates(cases);
  return cases;
}

}  // namespace ws::conformance
