// Section 44, the fourth part: what comes in front of a response, where a head is cut and where it
// ends, values longer than any right one, fields that the other side has, lines that begin with
// white space, and lengths of no content (RFC 6455 section 4, RFC 9110 15.2, RFC 9112 2.2, 5.2 and
// 6.3).
#include <algorithm>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "conformance/cases/catalogue.hpp"
#include "conformance/cases/early_frames.hpp"
#include "conformance/cases/opening_forms.hpp"
#include "conformance/cases/opening_sections.hpp"
#include "conformance/cases/parts.hpp"

namespace ws::conformance {
namespace {

using Steps = std::vector<DialogueStep>;

/// "A client MUST be able to parse one or more 1xx responses received prior to a final response,
/// even if the client does not expect one" (RFC 9110 section 15.2); but RFC 6455 leaves to HTTP
/// what becomes of a response that is no 101.
void add_interims(std::vector<Case>& cases) {
  ClientOpeningSection section;
  const auto interim = [](const std::string& status, const std::string& lines = "") {
    return "HTTP/1.1 " + status + "\r\n" + lines + "\r\n";
  };
  const std::string hints = interim("103 Early Hints", "Link: </x>; rel=preload\r\n");
  const std::pair<const char*, std::string> all[] = {
      {"A 100", interim("100 Continue")},
      {"A 102 with a field", interim("102 Processing", "X-Field: value\r\n")},
      {"A 103", hints},
      {"A 199", interim("199 Something")},
      {"A 100 without a reason", interim("100 ")},
      {"A 100 and a 103", interim("100 Continue") + hints},
      {"Three times 103", hints + hints + hints},
      {"A 103 with another accept value",
       interim("103 Early Hints", "Sec-WebSocket-Accept: {accept-of-other}\r\n")},
      {"A 103 with what was not asked for",
       interim("103 Early Hints",
               "Sec-WebSocket-Extensions: x-wsproof-unoffered\r\n"
               "Sec-WebSocket-Protocol: x-wsproof-unasked\r\n")},
  };
  int number = 0;
  for (const bool in_pieces : {false, true}) {
    for (const auto& [what, bytes] : all) {
      Head response = good_response();
      response.before = bytes;
      Dialogue dialogue{.response = std::move(response),
                        .steps = echo("accepted") + closed_cleanly()};
      if (in_pieces) {
        dialogue.head_piece = 25;
        dialogue.head_pause = milliseconds(10);
      }
      auto& wait = std::get<Expect>(dialogue.steps[1]);
      wait.within = milliseconds(3000);
      wait.any.push_back({.grade = Grade::non_strict,
                          .kind = Reaction::Kind::silence,
                          .why = "the client takes an interim response for the last one",
                          .source = "RFC 9110 15.2"});
      section.should_accept(std::to_string(++number),
                            what + std::string(" in front of the response is passed over") +
                                (in_pieces ? ", in pieces" : ""),
                            {"RFC6455-4.1-40"}, std::move(dialogue));
    }
  }
  for (const std::string& line : good_response().lines) {
    Head response = good_response().without(line.substr(0, line.find(':')));
    response.before = interim("103 Early Hints", line + "\r\n");
    section.refuses(std::to_string(++number),
                    line.substr(0, line.find(':')) + " of a 103 is none of the 101 behind it",
                    {"RFC6455-4.1-48"}, std::move(response));
  }
  Head refusal = good_response().started("HTTP/1.1 404 Not Found");
  refusal.before = interim("100 Continue");
  section.refuses(std::to_string(++number), "A 404 behind a 100 does not open the connection",
                  {"RFC6455-4.1-40"}, std::move(refusal));
  section.last().dialogue->opens = false;
  auto& wait = std::get<Expect>(section.last().dialogue->steps.back());
  wait.within = milliseconds(500);
  wait.any.push_back({.kind = Reaction::Kind::silence,
                      .why = "the client keeps the connection, but not as a WebSocket"});
  take_as_44(cases, section, "28", "What is said first is not the answer yet.");
}

/// A read may end in every place of a head, its first line included.
void add_pieces(std::vector<Case>& cases) {
  ServerOpeningSection server;
  ClientOpeningSection client;
  const std::string purpose = "TCP has no records, so a read may end anywhere.";
  int number = 0;
  for (const std::size_t size : {2U, 3U, 4U, 5U, 7U, 9U, 10U, 11U, 12U, 13U, 17U, 33U, 34U}) {
    const std::string id = std::to_string(++number);
    const std::string pieces = " comes in pieces of " + std::to_string(size) + " bytes";
    const std::string request = "A request" + pieces;
    const std::string response = "A response" + pieces;
    if (size > 2) {
      server.accepts(id, request, {"RFC6455-4.2.1-1"}, good_request());
      client.accepts(id, response, {"RFC6455-4.1-39"}, good_response());
    } else {
      // So many reads may be taken for an attack (RFC 6455 10.4).
      server.should_accept(id, request, {"RFC6455-4.2.1-1"}, good_request());
      client.should_accept(id, response, {"RFC6455-4.1-39"}, good_response());
    }
    for (Dialogue* const dialogue : {&*server.last().dialogue, &*client.last().dialogue}) {
      dialogue->head_piece = size;
      dialogue->head_pause = milliseconds(5);
    }
  }
  take_as_44(cases, server, "29", purpose);
  take_as_44(cases, client, "30", purpose);
}

/// Who looks for the end of a head read by read has seen a part of it, and begins anew.
void add_cut_lines(std::vector<Case>& cases) {
  ServerOpeningSection server;
  ClientOpeningSection client;
  const std::string purpose =
      "A line ends as a head begins to end, and a read may end there (RFC 9112 2.2).";
  struct Cut {
    const char* where = nullptr;
    std::size_t behind_line = 0;  ///< bytes of the line's end in the first write
  };
  for (const bool is_request : {true, false}) {
    // The second write brings these lines and the end, the first as many bytes, or one less.
    const Head whole = is_request ? good_request() : good_response();
    std::vector<std::string> last(whole.lines.begin() + (is_request ? 1 : 0), whole.lines.end());
    last.push_back("X-More: " + std::string(150, 'm'));  // a target may be long
    std::size_t size = 2;
    for (const std::string& line : last) size += line.size() + 2;
    // The key and the accept value stand in place of their names.
    size += is_request ? 24 - std::string_view("{key}").size()
                       : 28 - std::string_view("{accept}").size();
    int number = 0;
    for (const Cut cut : {Cut{"the CR of a line", 1}, Cut{"a line", 2}}) {
      const std::size_t left = size + 2 - cut.behind_line;
      Head head{.start = whole.start};
      if (is_request) head.lines = {whole.lines.front()};
      head.lines.push_back("X-Fill: {fill-" + std::to_string(2 * left) + "}");
      head.lines.insert(head.lines.end(), last.begin(), last.end());
      for (const bool is_early : {false, true}) {
        const std::string title = std::string(is_request ? "A request" : "A response") +
                                  " in two writes, cut behind " + cut.where +
                                  (is_early ? ", with a text behind it" : "");
        const Role harness = is_request ? Role::client : Role::server;
        Dialogue dialogue{.head_piece = left,
                          .head_pause = milliseconds(20),
                          .steps = echo("after") + closed_cleanly(),
                          .own_cuts = true};
        Head sent = head;
        if (is_early) {
          sent.behind = frame_in_bytes(harness, 0x81, "early");
          dialogue.steps = Steps{expect_message(Opcode::text, text("early"))} + dialogue.steps;
        }
        if (is_request) {
          dialogue.request = std::move(sent);
          if (is_early) let_refuse_early(dialogue);
          server.add(std::to_string(++number), title, {"RFC6455-4.2.1-1"},
                     is_early ? Level::should : Level::must, std::move(dialogue));
        } else {
          dialogue.response = std::move(sent);
          client.add(std::to_string(++number), title, {"RFC6455-4.1-39"}, Level::must,
                     std::move(dialogue));
        }
      }
    }
  }
  take_as_44(cases, server, "44", purpose);
  take_as_44(cases, client, "45", purpose);
}

/// Nothing more comes, so whoever waits for it waits for ever.
void add_ends(std::vector<Case>& cases) {
  ClientOpeningSection section;
  const std::string line = "HTTP/1.1 101 Switching Protocols";
  const std::string fields =
      line + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n";
  const std::string refusal = "HTTP/1.1 404 Not Found\r\n";
  const std::pair<const char*, std::string> all[] = {
      {"in place of a response", ""},
      {"behind a letter of a response", "H"},
      {"inside the version", "HTTP/1."},
      {"inside the status", "HTTP/1.1 1"},
      {"behind the status line", line},
      {"behind the status line and its end", line + "\r\n"},
      {"inside a field", line + "\r\nUpgrade: webs"},
      {"behind the last field", fields},
      {"inside the empty line", fields + "\r"},
      {"behind an interim response", "HTTP/1.1 100 Continue\r\n\r\n"},
      {"inside the content of a 404", refusal + "Content-Length: 100\r\n\r\nnot here"},
      {"behind the content of a 404 of no length", refusal + "\r\nnot here"},
      {"inside a chunk of a 404", refusal + "Transfer-Encoding: chunked\r\n\r\n64\r\nnot here"},
  };
  int number = 0;
  for (const auto& [where, bytes] : all) {
    section.add(std::to_string(++number), "The server ends its side of TCP " + std::string(where),
                {"RFC6455-4.1-48", "RFC6455-7.2.1-1"}, Level::must,
                {.response = Head{.start = bytes, .line_end = "", .end = ""},
                 .steps = Steps{HalfClose{}, expect_abandoned("RFC 6455 7.1.7")},
                 .opens = false});
  }
  take_as_44(cases, section, "31", "Who is left alone ends the connection too.");
}

/// What is longer than any right value is none, however long it is.
void add_long_values(std::vector<Case>& cases) {
  ServerOpeningSection server;
  ClientOpeningSection client;
  const std::string purpose = "A value is as long as its sender makes it.";
  int requests = 0;
  int responses = 0;
  for (const std::size_t size : {65U, 129U, 257U, 513U, 1025U, 4097U}) {
    const std::string long_one = std::string(size, 'o');
    const std::string zeros = std::string(size, '0');
    const std::string of = " of " + std::to_string(size) + " letters";
    const std::string behind = " with " + std::to_string(size) + " letters behind it";
    const auto refused_by_server = [&](const std::string& title, const char* check,
                                       const char* field, const std::string& value) {
      server.refuses(std::to_string(++requests), title + " is refused", {check},
                     good_request().set(field, value));
    };
    refused_by_server("A key" + of, "RFC6455-4.2.1-9", "Sec-WebSocket-Key", std::string(size, 'A'));
    refused_by_server("A good key" + behind, "RFC6455-4.2.1-9", "Sec-WebSocket-Key",
                      "dGhlIHNhbXBsZSBub25jZQ==" + std::string(size, 'A'));
    refused_by_server("The version 13" + behind, "RFC6455-4.2.1-10", "Sec-WebSocket-Version",
                      "13" + zeros);
    refused_by_server("Upgrade" + behind, "RFC6455-4.2.1-7", "Upgrade", "websocket" + long_one);
    refused_by_server("Connection" + behind, "RFC6455-4.2.1-8", "Connection", "Upgrade" + long_one);
    for (const std::string& offer : {long_one, "permessage-deflate; " + long_one,
                                     "permessage-deflate; server_max_window_bits=1" + zeros}) {
      server.should_accept(std::to_string(++requests),
                           "An extension" + of + (offer == long_one ? "" : " in a parameter") +
                               (offer.ends_with('0') ? "'s value" : "") + " is declined",
                           {"RFC6455-4.2.1-13"},
                           good_request().with("Sec-WebSocket-Extensions: " + offer));
    }

    const auto refused_by_client = [&](const std::string& title, const char* check,
                                       const char* field, const std::string& value) {
      client.refuses(std::to_string(++responses), title + " is refused", {check},
                     good_response().set(field, value));
    };
    refused_by_client("The accept value" + behind, "RFC6455-4.1-45", "Sec-WebSocket-Accept",
                      "{accept}" + std::string(size, 'A'));
    refused_by_client("An accept value" + of, "RFC6455-4.1-45", "Sec-WebSocket-Accept",
                      std::string(size, 'A'));
    refused_by_client("Upgrade" + behind, "RFC6455-4.1-42", "Upgrade", "websocket" + long_one);
    refused_by_client("Connection" + behind, "RFC6455-4.1-43", "Connection", "Upgrade" + long_one);
    refused_by_client("A subprotocol" + of + " that was not asked for", "RFC6455-4.1-47",
                      "Sec-WebSocket-Protocol", long_one);
    refused_by_client("An extension" + of + " that was not offered", "RFC6455-4.1-46",
                      "Sec-WebSocket-Extensions", long_one);
    refused_by_client("A parameter" + of, "RFC7692-5-14", "Sec-WebSocket-Extensions",
                      "permessage-deflate; " + long_one);
    refused_by_client("A server's window with " + std::to_string(size) + " zeros", "RFC7692-5-14",
                      "Sec-WebSocket-Extensions",
                      "permessage-deflate; server_max_window_bits=1" + zeros);
    client.should_accept(std::to_string(++responses),
                         "Connection with an option" + of + " in front of Upgrade is accepted",
                         {"RFC6455-4.1-43"},
                         good_response().set("Connection", long_one + ", Upgrade"));
  }
  take_as_44(cases, server, "32", purpose);
  take_as_44(cases, client, "33", purpose);
}

/// Fields of the other side, of other uses of HTTP, and of drafts before RFC 6455.
void add_strangers(std::vector<Case>& cases) {
  ServerOpeningSection server;
  ClientOpeningSection client;
  const std::string purpose = "A field that means nothing here is passed over.";
  int number = 0;
  for (const std::string line :
       {"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "Sec-WebSocket-Draft: 2",
        "Sec-WebSocket-Location: ws://{host}/", "Sec-WebSocket-Origin: http://{host}",
        "WebSocket-Protocol: chat", "Sec-WebSocket-Key1: 4 @1  46546xW%0l 1 5",
        "Sec-WebSocket-Key2: 12998 5 Y3 1  .P00", "Set-Cookie: a=b", "Server: a/1.0",
        "WWW-Authenticate: Basic realm=\"x\"", "Retry-After: 1", "Location: /elsewhere",
        "Allow: GET", "Status: 404 Not Found"}) {
    server.should_accept(std::to_string(++number), "A request with " + line, {"RFC6455-4.2.1-14"},
                         good_request().with(line));
  }
  number = 0;
  for (const std::string line :
       {"Sec-WebSocket-Version: 13, 8, 7", "Sec-WebSocket-Key: {key}", "Sec-WebSocket-Draft: 2",
        "WebSocket-Location: ws://{host}/", "WebSocket-Origin: http://other.example",
        "WebSocket-Protocol: chat", "Host: {host}", "Origin: http://other.example", "Cookie: a=b",
        "Authorization: Basic eDp5", "Sec-Fetch-Mode: websocket", "TE: trailers",
        "Status: 404 Not Found"}) {
    client.should_accept(std::to_string(++number), "A response with " + line, {"RFC6455-4.1-39"},
                         good_response().with(line));
  }
  take_as_44(cases, server, "34", purpose);
  take_as_44(cases, client, "35", purpose);
}

/// Lines that begin with white space. In front of the first field they are no fields (RFC 9112
/// section 2.2); elsewhere each belongs to the value before it, with a space between (5.2).
void add_white_space(std::vector<Case>& cases) {
  ServerOpeningSection server;
  ClientOpeningSection client;
  const std::string purpose = "A line that begins with white space is no field of its own.";
  using Checks = std::vector<std::pair<std::string, std::string>>;  // names and their statements
  using Folds = std::vector<std::tuple<std::string, std::string, std::string>>;
  const auto add = [](auto& section, const Head& good, const std::string& of_any,
                      const Checks& names, const Folds& folds) {
    int number = 0;
    for (const char space : {' ', '\t'}) {
      const std::string behind =
          std::string(space == ' ' ? " behind a space" : " behind a tab") + " in the first line";
      for (const auto& [name, check] : names) {
        const auto line = std::ranges::find_if(
            good.lines, [&](const std::string& each) { return each.starts_with(name + ":"); });
        section.refuses(std::to_string(++number), name + behind + " is none", {check},
                        with_first(good.without(name), space + *line));
      }
      section.answers(std::to_string(++number), "A field" + behind + " is refused or passed over",
                      {of_any}, with_first(good, space + std::string("X-A: b")));
    }
    for (const auto& [field, value, check] : folds) {
      section.refuses(std::to_string(++number), field + " goes on in a second line, and is refused",
                      {check}, good.set(field, value));
    }
  };
  add(server, good_request(), "RFC6455-4.2.1-1",
      {{"Upgrade", "RFC6455-4.2.1-7"},
       {"Connection", "RFC6455-4.2.1-8"},
       {"Sec-WebSocket-Key", "RFC6455-4.2.1-9"},
       {"Sec-WebSocket-Version", "RFC6455-4.2.1-10"}},
      {{"Upgrade", "websocket\r\n x", "RFC6455-4.2.1-7"},
       {"Upgrade", "web\r\n socket", "RFC6455-4.2.1-7"},
       {"Connection", "Upgrade\r\n\tx", "RFC6455-4.2.1-8"},
       {"Connection", "Upgr\r\n ade", "RFC6455-4.2.1-8"},
       {"Sec-WebSocket-Key", "dGhlIHNhbXBs\r\n ZSBub25jZQ==", "RFC6455-4.2.1-9"},
       {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==\r\n x", "RFC6455-4.2.1-9"},
       {"Sec-WebSocket-Version", "13\r\n 4", "RFC6455-4.2.1-10"},
       {"Sec-WebSocket-Version", "1\r\n 3", "RFC6455-4.2.1-10"}});
  add(client, good_response(), "RFC6455-4.1-39",
      {{"Upgrade", "RFC6455-4.1-42"},
       {"Connection", "RFC6455-4.1-43"},
       {"Sec-WebSocket-Accept", "RFC6455-4.1-44"}},
      {{"Upgrade", "websocket\r\n x", "RFC6455-4.1-42"},
       {"Upgrade", "web\r\n socket", "RFC6455-4.1-42"},
       {"Connection", "Upgrade\r\n\tx", "RFC6455-4.1-43"},
       {"Connection", "Upgr\r\n ade", "RFC6455-4.1-43"},
       {"Sec-WebSocket-Accept", "{accept}\r\n x", "RFC6455-4.1-45"},
       {"Sec-WebSocket-Accept", "{accept-first-14}\r\n {accept-from-14}", "RFC6455-4.1-45"},
       {"Sec-WebSocket-Extensions", "permessage-deflate\r\n ; x-unknown", "RFC7692-5-14"},
       {"Sec-WebSocket-Extensions", "permessage-deflate\r\n , x-wsproof-unoffered",
        "RFC6455-4.1-46"}});
  take_as_44(cases, server, "36", purpose);
  take_as_44(cases, client, "37", purpose);
}

/// A 101 has no content, whatever it says of that (RFC 9112 section 6.3): what follows are frames.
/// The content would be the first frame, or the first two.
void add_announced_contents(std::vector<Case>& cases) {
  ClientOpeningSection section;
  const std::string one = frame_in_bytes(Role::server, 0x81, "one");
  const std::string two = frame_in_bytes(Role::server, 0x81, "two");
  const std::string first = std::to_string(one.size());
  int number = 0;
  for (const std::string& length :
       {"Content-Length: " + first, "Content-Length: " + first + "\r\nContent-Length: " + first,
        "Content-Type: text/plain\r\nContent-Length: " + first,
        "Content-Length: " + std::to_string(one.size() + two.size())}) {
    for (const bool at_once : {false, true}) {
      Expect any = expect_abandoned();
      any.any.push_back({.kind = Reaction::Kind::message,
                         .payload = text("one"),
                         .why = "the client takes the response"});
      any.any.push_back({.grade = Grade::fail,
                         .kind = Reaction::Kind::message,
                         .why = "the client takes the first frame for content of the 101",
                         .source = "RFC 9112 6.3"});
      Dialogue dialogue{.response = good_response().with(length)};
      if (at_once) {
        dialogue.response->behind = one + two;
      } else {
        dialogue.steps = Steps{PutBytes{text(one)}, Rest{milliseconds(20)}, PutBytes{text(two)}};
      }
      dialogue.steps += Steps{any, expect_message(Opcode::text, text("two"))} + closed_cleanly();
      section.add(std::to_string(++number),
                  length.substr(0, length.find("\r\n")) + " of a 101 is " +
                      (length.ends_with(first) ? "that of the first frame" : "that of two frames") +
                      (at_once ? ", which comes with it" : ", which comes behind it") +
                      (length.contains('\r') ? ", and another field" : ""),
                  {"RFC6455-4.2.2-20"}, Level::may, std::move(dialogue));
    }
  }
  take_as_44(cases, section, "38", "What is behind the head of a 101 are frames.");
}

/// Answers that would be good ones if the client had offered otherwise.
void add_unasked(std::vector<Case>& cases) {
  ClientOpeningSection section;
  int number = 0;
  const auto refuses = [&](const std::string& title, const std::string& check,
                           const std::string& element) {
    section.refuses(std::to_string(++number), title + " is refused", {check, "RFC7692-5-14"},
                    good_response().with("Sec-WebSocket-Extensions: " + element));
    section.last().tags.emplace_back("lesser-offers");
  };
  refuses("permessage-deflate that was not offered", "RFC6455-4.1-46", "{unoffered-extension}");
  refuses("permessage-deflate with a parameter, and not offered", "RFC6455-4.1-46",
          "{unoffered-extension}; server_no_context_takeover");
  for (const std::string bits : {"15", "10", "9"}) {
    refuses("A client's window of " + bits + " bits that was not offered", "RFC7692-7.1.2.2-6",
            "{unasked-client-window}=" + bits);
  }
  refuses("A client's window beside another parameter, and not offered", "RFC7692-7.1.2.2-6",
          "{unasked-client-window}=15; server_no_context_takeover");
  refuses("A larger server's window than was asked for", "RFC7692-7.1.2.1-4",
          "{larger-server-window}");
  take_as_44(cases, section, "41", "An answer keeps to what was offered.");
}

}  // namespace

std::vector<Case> opening_border_cases() {
  std::vector<Case> cases;
  add_interims(cases);
  add_pieces(cases);
  add_cut_lines(cases);
  add_ends(cases);
  add_long_values(cases);
  add_strangers(cases);
  add_white_space(cases);
  add_announced_contents(cases);
  add_unasked(cases);
  return cases;
}

}  // namespace ws::conformance
