// Section 44, the third part: values and names that only look like the right ones, to whoever folds
// characters, cuts them to bytes or trims more than HTTP does; and fields of content, conditions
// and preferences, which mean nothing to an upgrade (RFC 6455 sections 4.1 and 4.2.1, RFC 9110 5.6
// and 13.2).
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "conformance/cases/catalogue.hpp"
#include "conformance/cases/opening_forms.hpp"
#include "conformance/cases/opening_sections.hpp"
#include "conformance/cases/parts.hpp"

namespace ws::conformance {
namespace {

/// How a string of ASCII is changed.
struct Likeness {
  std::string what{};
  std::string made{};
  /// It differs in what some take for white space alone.
  bool is_space = false;
};

/// A code point of the Basic Multilingual Plane in UTF-8.
std::string encode_point(unsigned point) {
  if (point < 0x80) return {static_cast<char>(point)};
  const auto later = [](unsigned bits) { return static_cast<char>(0x80U | (bits & 0x3fU)); };
  if (point < 0x800) return {static_cast<char>(0xc0U | point >> 6U), later(point)};
  return {static_cast<char>(0xe0U | point >> 12U), later(point >> 6U), later(point)};
}

std::string replaced(const std::string& text, std::size_t at, const std::string& by) {
  return text.substr(0, at) + by + text.substr(at + 1);
}

/// Everything that is not `text`, but may be taken for it.
std::vector<Likeness> likenesses(const std::string& text) {
  std::vector<Likeness> all;
  const auto byte_at = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  for (std::size_t at = 0; at < text.size(); ++at) {
    // The characters outside ASCII whose other case, or compatible form, is a letter in it.
    if (text[at] == 's' || text[at] == 'S') {
      all.push_back({"a long s", replaced(text, at, encode_point(0x17f))});
    } else if (text[at] == 'k' || text[at] == 'K') {
      all.push_back({"the sign of the Kelvin", replaced(text, at, encode_point(0x212a))});
    } else if (text[at] == 'i' || text[at] == 'I') {
      all.push_back({"a dotless i", replaced(text, at, encode_point(0x131))});
    }
  }
  const std::size_t last = text.size() - 1;
  for (const std::size_t at : {std::size_t{0}, last}) {
    const std::string where = at == 0 ? " in front" : " at its end";
    all.push_back(
        {"a wide letter" + where, replaced(text, at, encode_point(0xff00U + byte_at(at) - 0x20U))});
    all.push_back(
        {"a letter cut to a byte" + where, replaced(text, at, encode_point(0x100U + byte_at(at)))});
    all.push_back({"a top bit" + where,
                   replaced(text, at, std::string(1, static_cast<char>(byte_at(at) | 0x80U)))});
    const char overlong[] = {static_cast<char>(0xc0U | byte_at(at) >> 6U),
                             static_cast<char>(0x80U | (byte_at(at) & 0x3fU))};
    all.push_back({"an overlong letter" + where, replaced(text, at, {overlong, 2})});
  }
  std::string wide;
  for (std::size_t at = 0; at < text.size(); ++at) {
    wide += text[at] == '-' ? "-" : encode_point(0xff00U + byte_at(at) - 0x20U);
  }
  all.push_back({"wide letters alone", wide});
  all.push_back({"an accent at its end", text + encode_point(0x301)});
  for (const auto& [point, name] : {std::pair{0xadU, "a soft hyphen"},
                                    {0x200bU, "a space without width"},
                                    {0xfeffU, "a byte order mark"}}) {
    all.push_back(
        {name + std::string(" inside"), text.substr(0, 2) + encode_point(point) + text.substr(2)});
    all.push_back({name + std::string(" in front"), encode_point(point) + text});
  }
  for (const auto& [space, name] : {std::pair{std::string("\xa0"), "a byte of a0"},
                                    {std::string("\x85"), "a byte of 85"},
                                    {encode_point(0xa0), "a space that does not break"},
                                    {encode_point(0x85), "a next line"},
                                    {encode_point(0x2028), "a line separator"},
                                    {encode_point(0x3000), "a wide space"}}) {
    all.push_back({name + std::string(" in front"), space + text, true});
    all.push_back({name + std::string(" behind"), text + space, true});
  }
  return all;
}

/// What is white space to somebody is trimmed by some: no letter differs, so that is less.
void forgive_trimming(Case& test) {
  const char* const trimmed = "more than the white space of HTTP is trimmed";
  test.level = Level::should;
  const auto forgive = [trimmed](Expect& wait) {
    for (Reaction& reaction : wait.any) {
      if (reaction.grade != Grade::fail) continue;
      reaction.grade = Grade::non_strict;
      reaction.why = trimmed;
      reaction.source = "RFC 9110 5.6.3";
    }
  };
  forgive(test.dialogue->answer);
  for (DialogueStep& step : test.dialogue->steps) {
    auto* const wait = std::get_if<Expect>(&step);
    if (wait == nullptr) continue;
    forgive(*wait);
    wait->any.push_back({.grade = Grade::non_strict,
                         .kind = Reaction::Kind::message,
                         .why = trimmed,
                         .source = "RFC 9110 5.6.3"});
  }
}

/// A field's right value, and the statements that a server and a client check of it, if they do.
struct Value {
  std::string field{};
  std::string value{};
  std::string server_check{};
  std::string client_check{};
};

void add_values(std::vector<Case>& cases) {
  ServerOpeningSection server;
  ClientOpeningSection client;
  int number = 0;
  for (const Value& right : {Value{"Upgrade", "websocket", "RFC6455-4.2.1-7", "RFC6455-4.1-42"},
                             Value{"Connection", "Upgrade", "RFC6455-4.2.1-8", "RFC6455-4.1-43"},
                             Value{"Sec-WebSocket-Version", "13", "RFC6455-4.2.1-10", ""}}) {
    for (const Likeness& like : likenesses(right.value)) {
      const std::string id = std::to_string(++number);
      const std::string title = right.field + " with " + like.what + " is refused";
      server.refuses(id, title, {right.server_check}, good_request().set(right.field, like.made));
      if (like.is_space) forgive_trimming(server.last());
      if (right.client_check.empty()) continue;
      client.refuses(id, title, {right.client_check}, good_response().set(right.field, like.made));
      if (like.is_space) forgive_trimming(client.last());
    }
  }
  take_as_44(cases, server, "20", "A token is one of ASCII, and compared as such.");
  take_as_44(cases, client, "21", "A token is one of ASCII, and compared as such.");
}

/// Of each field that an opening handshake stands or falls with.
std::vector<Value> right_values() {
  return {{"Upgrade", "websocket", "RFC6455-4.2.1-7", "RFC6455-4.1-42"},
          {"Connection", "Upgrade", "RFC6455-4.2.1-8", "RFC6455-4.1-43"},
          {"Sec-WebSocket-Version", "13", "RFC6455-4.2.1-10", ""},
          {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==", "RFC6455-4.2.1-9", ""},
          {"Sec-WebSocket-Accept", "{accept}", "", "RFC6455-4.1-45"},
          {"Sec-WebSocket-Protocol", "{protocol}", "", "RFC6455-4.1-47"}};
}

/// Nor are control characters white space, though isspace() of C, trim() of Java and strip() of
/// Python take some for it.
void add_controls(std::vector<Case>& cases) {
  ServerOpeningSection server;
  ClientOpeningSection client;
  int requests = 0;
  int responses = 0;
  for (const Value& right : right_values()) {
    for (const char control : {'\v', '\f', '\x01', '\x1f'}) {
      for (const bool in_front : {true, false}) {
        const std::string one(1, control);
        const std::string made = in_front ? one + right.value : right.value + one;
        const std::string title = right.field + " with the control character " +
                                  std::to_string(static_cast<int>(control)) +
                                  (in_front ? " in front" : " behind") + " is refused";
        if (!right.server_check.empty()) {
          server.refuses(std::to_string(++requests), title, {right.server_check},
                         good_request().set(right.field, made));
          forgive_trimming(server.last());
        }
        if (!right.client_check.empty()) {
          client.refuses(std::to_string(++responses), title, {right.client_check},
                         good_response().set(right.field, made));
          forgive_trimming(client.last());
        }
      }
    }
  }
  take_as_44(cases, server, "39", "White space is spaces and tabs.");
  take_as_44(cases, client, "40", "White space is spaces and tabs.");
}

/// Strings of C end at a NUL. RFC 9110 section 5.5 has it refused, or replaced by a space, which
/// makes nothing of this right either.
void add_ends_of_strings(std::vector<Case>& cases) {
  ServerOpeningSection server;
  ClientOpeningSection client;
  int requests = 0;
  int responses = 0;
  for (const Value& right : right_values()) {
    const std::string made = right.value + std::string("\0x", 2);
    const std::string title = right.field + " with a NUL and more behind is refused";
    if (!right.server_check.empty()) {
      server.refuses(std::to_string(++requests), title, {right.server_check},
                     good_request().set(right.field, made));
    }
    if (!right.client_check.empty()) {
      client.refuses(std::to_string(++responses), title, {right.client_check},
                     good_response().set(right.field, made));
    }
  }
  take_as_44(cases, server, "42", "A value has no end before its line has one.");
  take_as_44(cases, client, "43", "A value has no end before its line has one.");
}

/// A field with such a name is another one, so the right one is missing.
void add_names(std::vector<Case>& cases) {
  ServerOpeningSection server;
  ClientOpeningSection client;
  const auto renamed = [](const Head& head, const std::string& name, const std::string& other) {
    Head changed = head;
    for (std::string& line : changed.lines) {
      if (line.starts_with(name + ":")) line.replace(0, name.size(), other);
    }
    return changed;
  };
  int number = 0;
  for (const auto& [name, check] : {std::pair<std::string, std::string>{"Host", "RFC6455-4.2.1-6"},
                                    {"Upgrade", "RFC6455-4.2.1-7"},
                                    {"Connection", "RFC6455-4.2.1-8"},
                                    {"Sec-WebSocket-Key", "RFC6455-4.2.1-9"},
                                    {"Sec-WebSocket-Version", "RFC6455-4.2.1-10"}}) {
    for (const Likeness& like : likenesses(name)) {
      server.refuses(std::to_string(++number),
                     "A field like " + name + ", but with " + like.what + ", is another", {check},
                     renamed(good_request(), name, like.made));
      if (like.is_space) forgive_trimming(server.last());
    }
  }
  number = 0;
  for (const auto& [name, check] :
       {std::pair<std::string, std::string>{"Upgrade", "RFC6455-4.1-42"},
        {"Connection", "RFC6455-4.1-43"},
        {"Sec-WebSocket-Accept", "RFC6455-4.1-45"}}) {
    for (const Likeness& like : likenesses(name)) {
      client.refuses(std::to_string(++number),
                     "A field like " + name + ", but with " + like.what + ", is another", {check},
                     renamed(good_response(), name, like.made));
      if (like.is_space) forgive_trimming(client.last());
    }
  }
  take_as_44(cases, server, "22", "A field is what its name says, letter by letter.");
  take_as_44(cases, client, "23", "A field is what its name says, letter by letter.");
}

/// What a server answers, no client has offered.
void add_extensions(std::vector<Case>& cases) {
  ServerOpeningSection server;
  ClientOpeningSection client;
  int number = 0;
  const std::string field = "Sec-WebSocket-Extensions: ";
  for (const Likeness& like : likenesses("permessage-deflate")) {
    const std::string id = std::to_string(++number);
    server.answers(id, "An offer with " + like.what + " is no offer of permessage-deflate",
                   {"RFC6455-4.2.1-13"}, good_request().with(field + like.made));
    client.refuses(id, "An extension with " + like.what + " is refused", {"RFC6455-4.1-46"},
                   good_response().with(field + like.made));
  }
  for (const Likeness& like : likenesses("10")) {
    client.refuses(
        std::to_string(++number), "A window of 10 bits with " + like.what + " is refused",
        {"RFC7692-5-14"},
        good_response().with(field + "permessage-deflate; server_max_window_bits=" + like.made));
  }
  take_as_44(cases, server, "24", "An extension is what its name says, letter by letter.");
  take_as_44(cases, client, "25", "An extension is what its name says, letter by letter.");
}

/// A GET has content if a length tells of it, and whatever is said of content besides is nothing to
/// wait for; conditions are for answers that an upgrade has not (RFC 9110 13.2.1).
void add_fields_of_content(std::vector<Case>& cases) {
  ServerOpeningSection server;
  ClientOpeningSection client;
  int number = 0;
  const char* const kOfRequests[] = {"Content-Type: application/json",
                                     "Content-Type: text/plain; charset=utf-8",
                                     "Content-Type: application/x-www-form-urlencoded",
                                     "Content-Type: multipart/form-data; boundary=x",
                                     "Content-Encoding: gzip",
                                     "Content-Encoding: identity",
                                     "Content-Language: en",
                                     "Content-Location: /elsewhere",
                                     "Content-Disposition: form-data; name=\"x\"",
                                     "Content-MD5: 1B2M2Y8AsgTpgAmY7PhCfg==",
                                     "Content-Range: bytes 0-4/5",
                                     "Trailer: X-Sum",
                                     "TE: trailers",
                                     "Range: bytes=0-0",
                                     "If-Range: \"x\"",
                                     "If-Match: \"x\"",
                                     "If-None-Match: \"x\"",
                                     "If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT",
                                     "If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT",
                                     "Cache-Control: only-if-cached",
                                     "Cache-Control: no-transform",
                                     "Accept: text/html",
                                     "Accept: image/x-nothing;q=0",
                                     "Accept-Encoding: identity;q=0, *;q=0",
                                     "Accept-Language: tlh",
                                     "Max-Forwards: 0",
                                     "Keep-Alive: timeout=0, max=0",
                                     "Prefer: respond-async, wait=10",
                                     "MIME-Version: 1.0",
                                     "Purpose: prefetch",
                                     "Sec-GPC: 1",
                                     "Via: 1.0 somebody",
                                     "X-HTTP-Method-Override: POST",
                                     "X-Requested-With: XMLHttpRequest",
                                     "Proxy-Authorization: Basic eDp5",
                                     "Referer: http://{host}/page"};
  for (const std::string line : kOfRequests) {
    server.should_accept(std::to_string(++number), "A request with " + line, {"RFC6455-4.2.1-14"},
                         good_request().with(line));
  }
  number = 0;
  const char* const kOfResponses[] = {"Content-Type: text/html",
                                      "Content-Type: application/json; charset=utf-8",
                                      "Content-Encoding: gzip",
                                      "Content-Encoding: deflate",
                                      "Content-Language: en",
                                      "Content-Location: /elsewhere",
                                      "Content-Disposition: attachment",
                                      "Content-Range: bytes 0-4/5",
                                      "Accept-Ranges: bytes",
                                      "Location: /elsewhere",
                                      "Location: ws://127.0.0.1:1/",
                                      "Refresh: 0; url=/elsewhere",
                                      "Retry-After: 1",
                                      "Allow: POST",
                                      "Cache-Control: no-store",
                                      "Age: 99",
                                      "ETag: \"x\"",
                                      "Last-Modified: Thu, 01 Jan 1970 00:00:00 GMT",
                                      "WWW-Authenticate: Basic realm=\"x\"",
                                      "Proxy-Authenticate: Basic realm=\"x\"",
                                      "Clear-Site-Data: \"cookies\"",
                                      "Alt-Svc: clear",
                                      "Keep-Alive: timeout=0, max=0",
                                      "Via: 1.0 somebody",
                                      "MIME-Version: 1.0",
                                      "Strict-Transport-Security: max-age=0",
                                      "Access-Control-Allow-Origin: http://other.example",
                                      "Sec-WebSocket-Version: 13",
                                      "Sec-WebSocket-Origin: http://other.example",
                                      "Sec-WebSocket-Location: ws://other.example/"};
  for (const std::string line : kOfResponses) {
    client.should_accept(std::to_string(++number), "A response with " + line, {"RFC6455-4.1-39"},
                         good_response().with(line));
  }
  take_as_44(cases, server, "26", "An upgrade has no content, and no condition.");
  take_as_44(cases, client, "27", "An upgrade has no content, and no condition.");
}

}  // namespace

std::vector<Case> opening_likeness_cases() {
  std::vector<Case> cases;
  add_values(cases);
  add_names(cases);
  add_extensions(cases);
  add_fields_of_content(cases);
  add_controls(cases);
  add_ends_of_strings(cases);
  return cases;
}

}  // namespace ws::conformance
