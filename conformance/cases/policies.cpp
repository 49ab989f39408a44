// Section 36: what a server refuses by its own choice, of which it has to be told, and the URLs
// that a client is given (RFC 6455 sections 3, 4.2.2, 10.2 and 11.1).
#include "conformance/cases/catalogue.hpp"
#include "conformance/cases/parts.hpp"

namespace ws::conformance {
namespace {

Case policy_case(std::string id, std::string title, std::string purpose,
                 std::vector<std::string> checks, Need need, Dialogue dialogue) {
  return {.id = "36." + std::move(id),
          .title = std::move(title),
          .purpose = std::move(purpose),
          .checks = std::move(checks),
          .only_for = need == Need::given_url || dialogue.has_origin ? Role::client : Role::server,
          .needs = {need},
          .tags = {need == Need::given_url ? "url" : "policy"},
          .dialogue = std::move(dialogue)};
}

void add_origins(std::vector<Case>& cases) {
  cases.push_back(policy_case("1.1", "An origin that the server takes", "What is allowed goes on.",
                              {"RFC6455-10.2-1"}, Need::origin_policy,
                              {.request = good_request().with("Origin: {origin}"),
                               .steps = echo("allowed") + closed_cleanly()}));
  struct Other {
    const char* what = nullptr;
    const char* origin = nullptr;
  };
  int number = 1;
  for (const Other& other :
       {Other{"An origin that the server does not take", "https://wsproof.invalid"},
        Other{"The origin of a document that has none", "null"},
        Other{"An origin that begins like the one that is taken", "{origin}.wsproof.invalid"},
        Other{"An origin that ends in the one that is taken", "https://wsproof.invalid/{origin}"},
        Other{"The taken origin with another port", "{origin}:1"}}) {
    cases.push_back(
        policy_case("1." + std::to_string(++number), other.what,
                    "A page of another site is not to speak for its visitor.",
                    {"RFC6455-4.2.2-5", "RFC6455-10.2-1", "RFC6455-10.2-2"}, Need::origin_policy,
                    {.request = good_request().with("Origin: " + std::string(other.origin)),
                     .answer = expect_refusal({403}, "RFC 6455 4.2.2")}));
  }
}

void add_resources(std::vector<Case>& cases) {
  for (const bool has_query : {false, true}) {
    const std::string target = has_query ? "{missing}?query" : "{missing}";
    cases.push_back(policy_case(
        has_query ? "2.2" : "2.1",
        std::string("A resource that there is not") + (has_query ? ", with a query behind it" : ""),
        "Where nothing is, nothing is opened.", {"RFC6455-4.2.2-8"}, Need::missing_resource,
        {.request = good_request().started("GET " + target + " HTTP/1.1"),
         .answer = expect_refusal({404}, "RFC 6455 4.2.2")}));
  }
}

void add_urls(std::vector<Case>& cases) {
  struct Url {
    const char* what = nullptr;
    std::vector<std::string> checks{};
    GivenUrl given{};
  };
  const Url all[] = {
      {"The scheme is in upper case", {"RFC6455-3-3"}, {.upper_scheme = true}},
      {"The query has an escaped \"#\"",
       {"RFC6455-3-6"},
       {.more = "&sign=%23", .requested = "&sign=%23"}},
      {"The query has characters that are not ASCII",
       {"RFC6455-11.1.1-2", "RFC6455-11.1.2-1"},
       {.more = "&word=gr\xc3\xbc\xc3\x9f",
        .requested = "&word=gr%C3%BC%C3%9F",
        .may_be_refused = true}},
      {"The query has escaped octets",
       {"RFC6455-3-4"},
       {.more = "&a=%2F%20", .requested = "&a=%2F%20"}},
      {"The query has a question mark", {"RFC6455-3-4"}, {.more = "&a=?b", .requested = "&a=?b"}},
      // A client that cannot look up the name stays away.
      {"The host has characters that are not ASCII",
       {"RFC6455-11.1.1-1"},
       {.may_be_refused = true,
        .host = "b\xc3\xbc\x63her.localhost",
        .host_field = "xn--bcher-kva.localhost"}},
      {"The port is no number", {"RFC6455-4.1-3"}, {.is_invalid = true, .behind_port = "x"}},
      {"There are two ports", {"RFC6455-4.1-3"}, {.is_invalid = true, .behind_port = ":1"}},
      {"The port is over 65,535, and in 16 bits the right one",
       {"RFC6455-4.1-3"},
       {.is_invalid = true, .port_offset = 65'536}},
      {"The host has a space", {"RFC6455-4.1-3"}, {.is_invalid = true, .host = "127.0.0.1 x"}},
      {"There is a query, and no path", {"RFC6455-3-4"}, {.no_path = true}},
      {"The path has several parts",
       {"RFC6455-3-4"},
       {.path = "/wsproof/part%20two/x;y=1,~/a.b//end"}},
      {"The path is one slash", {"RFC6455-3-4"}, {.path = "/"}},
      // Whoever has no IPv6 stays away.
      {"The host is an IPv6 address",
       {"RFC6455-4.1-21", "RFC6455-11.1.1-1"},
       {.may_be_refused = true, .host = "[::1]", .host_field = "[::1]"}},
      {"The query has an escaped line end",
       {"RFC6455-3-4"},
       {.more = "&a=%0D%0AX-B:%20c", .requested = "&a=%0D%0AX-B:%20c"}},
      {"The query has an escaped percent sign",
       {"RFC6455-3-4"},
       {.more = "&a=%2541%25", .requested = "&a=%2541%25"}},
      {"The query has signs that forms use",
       {"RFC6455-3-4"},
       {.more = "&a=b+c;d&&e=&f", .requested = "&a=b+c;d&&e=&f"}},
      {"The path ends with a slash", {"RFC6455-3-4"}, {.path = "/wsproof/"}},
      {"The path has an escaped slash and line end", {"RFC6455-3-4"}, {.path = "/a%2Fb%0D%0Ac"}},
      // A ws URL has neither, so whoever does not know them stays away.
      {"There is a fragment",
       {"RFC6455-3-5"},
       {.more = "&a=b#top", .requested = "&a=b", .may_be_refused = true}},
      {"There is a user",
       {"RFC6455-4.1-21"},
       {.may_be_refused = true, .host = "user:word@127.0.0.1", .host_field = "127.0.0.1"}},
      {"Nobody listens at the port", {"RFC6455-4.1-11"}, {.is_closed = true}},
  };
  int number = 0;
  for (const Url& url : all) {
    cases.push_back(policy_case(
        "3." + std::to_string(++number), url.what, "A client goes where its URL says.", url.checks,
        Need::given_url,
        {.steps = echo("there") + closed_cleanly(), .own_cuts = true, .url = url.given}));
  }
}

/// Credentials are for the host of the URL that has them (RFC 9110 section 15.4).
void add_credentials(std::vector<Case>& cases) {
  Expect wait = expect_abandoned();
  wait.within = milliseconds(50);
  wait.any.push_back({.kind = Reaction::Kind::silence,
                      .why = "the client keeps the connection, but not as a WebSocket"});
  Case test = policy_case(
      "5.1", "Who follows a redirection to another name of the host leaves the user's name behind",
      "Credentials are for those to whom they were given.", {"RFC6455-4.1-40"}, Need::given_url,
      {.response = good_response()
                       .started("HTTP/1.1 302 Found")
                       .with("Location: //{other}{resource}&again=1"),
       .steps = {wait},
       .opens = false,
       .own_cuts = true,
       .url = GivenUrl{
           .may_be_refused = true, .host = "user:word@127.0.0.1", .host_field = "127.0.0.1"}});
  test.level = Level::should;
  cases.push_back(std::move(test));
}

/// Only whoever started a browser knows where its page comes from.
void add_pages(std::vector<Case>& cases) {
  cases.push_back(policy_case(
      "4.1", "A browser's request has the origin of its page",
      "A server cannot tell pages apart by anything else.", {"RFC6455-4.1-27", "RFC6455-4.1-29"},
      Need::origin_policy, {.steps = echo("from a page") + closed_cleanly(), .has_origin = true}));
}

}  // namespace

std::vector<Case> policy_cases() {
  std::vector<Case> cases;
  add_origins(cases);
  add_resources(cases);
  add_urls(cases);
  add_credentials(cases);
  add_pages(cases);
  return cases;
}

}  // namespace ws::conformance
