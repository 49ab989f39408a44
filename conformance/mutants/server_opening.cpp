// A server's opening handshake (section 4.2).
#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>
#include <vector>

#include "conformance/mutants/http_reader.hpp"
#include "conformance/mutants/leftovers.hpp"
#include "conformance/mutants/negotiation.hpp"
#include "conformance/mutants/opening.hpp"
#include "conformance/mutants/text.hpp"
#include "conformance/oracle/accept_key.hpp"
#include "conformance/oracle/utf8.hpp"

namespace ws::conformance::mutants {
namespace {

constexpr std::string_view kKnownSubprotocols[] = {"chat", "superchat"};
const std::vector<std::string> kKnownNames = {"chat", "superchat"};

/// A refusal: the status line's end, and more fields.
struct Refusal {
  std::string status{};
  std::string fields{};
};

Refusal bad_request() { return {.status = "400 Bad Request"}; }

Refusal upgrade_required() {
  return {.status = "426 Upgrade Required", .fields = "Upgrade: websocket\r\n"};
}

/// A key of 24 characters with the bits of its padding zero, as it is when it was decoded.
std::string encoded_anew(std::string key) {
  const std::size_t digit = key.size() == 24 ? kBase64Digits.find(key[21]) : std::string::npos;
  if (digit != std::string::npos) key[21] = kBase64Digits[digit / 16 * 16];
  return key;
}

class ServerOpening : public Opening {
 public:
  ServerOpening(ServerPolicy policy, Switches& switches)
      : policy_(std::move(policy)), switches_(switches), reader_(Role::server, switches) {}

  void receive(std::string_view read) override {
    if (waits_for_content_) return;
    switch (reader_.feed(read)) {
      case HeadReader::State::incomplete:
        if (has_needed_fields() && has("own-hs-srv-answers-early")) answer_early();
        if (to_lower(reader_.text()).find("\r\nupgrade:") != std::string::npos &&
            has("hs-srv-judges-with-upgrade")) {
          refuse({.status = "400 Bad Request"});
        }
        break;
      case HeadReader::State::too_large:
        refuse({.status = "431 Request Header Fields Too Large"});
        break;
      case HeadReader::State::malformed:
        refuse({.status = "400 Bad Request"});
        break;
      case HeadReader::State::complete:
        if (is_passed_over()) break;
        answer();
        break;
    }
    extra_work_ += reader_.take_extra_work();
  }

  std::string take_rest() override {
    std::string rest = reader_.take_rest();
    if (!rest.empty() && has("hs-srv-early-frames-dropped")) rest.clear();
    if (!rest.empty() && !agreement_.subprotocol.empty() &&
        has("own-hs-srv-early-behind-subprotocol-lost")) {
      rest.clear();
    }
    if (!rest.empty() && agreement_.deflate && has("own-hs-srv-early-behind-extension-lost")) {
      rest.clear();
    }
    if (!rest.empty() && reader_.text().size() > 2048 &&
        has("own-hs-srv-early-behind-long-head-lost")) {
      rest.clear();
    }
    if (!rest.empty() && reader_.was_split() && has("hs-early-behind-split-head-lost"))
      rest.clear();
    if (loses_rest_) rest.clear();
    return rest;
  }

  void take_up(const ConnectionState& last) override {
    if (!last.head.empty() && has("own-cn-head-kept")) reader_.feed(last.head);
    key_before_ = last.key;
    subprotocol_before_ = last.subprotocol;
    refused_before_ = last.was_refused;
  }

  std::string_view text() const override { return reader_.text(); }
  const std::string& key() const override { return key_; }

 private:
  bool has(FaultId fault) { return switches_.has(fault); }

  std::vector<std::string> values(std::string_view name) {
    return values_of(reader_.head(), name, Role::server, switches_);
  }

  /// Faults that give up a request for its size or its pieces.
  bool is_passed_over() {
    const std::size_t size = reader_.text().find("\r\n\r\n") + 4;
    if ((size >= 512 && has("hs-srv-512-unanswered")) ||
        (reader_.was_split() && has("hs-srv-pieces-unanswered"))) {
      return waits_for_content_ = true;
    }
    if (size > 2048 && has("hs-srv-one-read-of-2048")) {
      state_ = State::refused;
      return true;
    }
    return false;
  }

  /// Faults that kill.
  bool dies() {
    const auto upgrades = values("Upgrade");
    const auto versions = values("Sec-WebSocket-Version");
    const auto keys = values("Sec-WebSocket-Key");
    const std::string lower = to_lower(reader_.text());
    return (upgrades.empty() && has("hs-srv-no-upgrade-dies")) ||
           (lower.find("\nupgrade:\t") != std::string::npos && has("hs-srv-upgrade-tab-dies")) ||
           (!versions.empty() && keys.empty() && has("hs-srv-keyless-dies")) ||
           (!versions.empty() && parse_number(versions.front()) < 0 &&
            has("hs-srv-version-text-dies")) ||
           (!keys.empty() && keys.front().size() > 24 && has("hs-srv-long-key-dies"));
  }

  /// True if an escaped octet of the query is not UTF-8.
  bool has_odd_query() const {
    const std::string& line = reader_.head().start_line;
    std::string octets;
    for (std::size_t i = line.find('?'); i < line.size(); ++i) {
      if (line[i] != '%' || i + 2 >= line.size()) continue;
      const std::string digits = line.substr(i + 1, 2);
      if (digits.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) continue;
      octets += static_cast<char>(std::stoi(digits, nullptr, 16));
      i += 2;
      if (i + 1 < line.size() && line[i + 1] != '%') octets += '.';
    }
    return !oracle::is_valid_utf8(std::as_bytes(std::span(octets)));
  }

  void answer() {
    if (dies()) {
      state_ = State::crashed;
      return;
    }
    if (const auto position = position_of_upgrade();
        position > 48 && has("hs-srv-many-headers-crash")) {
      state_ = State::crashed;
      return;
    }
    if (const std::string& line = reader_.head().start_line;
        has_bad_escape(line.substr(0, line.rfind(' '))) && has("own-hs-srv-bad-escape-dies")) {
      state_ = State::crashed;
      return;
    }
    if (std::ranges::any_of(values("Cookie"), has_bad_escape) &&
        has("own-hs-srv-bad-cookie-dies")) {
      state_ = State::crashed;
      return;
    }
    if (names_a_property() && has("hs-srv-prototype-name")) {
      state_ = State::crashed;
      return;
    }
    if (!values("Content-Type").empty() && values("Content-Length").empty() &&
        values("Transfer-Encoding").empty() && has("hs-srv-content-type-waits")) {
      waits_for_content_ = true;
      return;
    }
    if (!values("Sec-WebSocket-Key1").empty() && !values("Sec-WebSocket-Key2").empty() &&
        has("own-hs-srv-draft-76")) {
      return accept_draft_76();
    }
    auto refusal = check_request_line();
    if (!refusal) refusal = check_host();
    if (!refusal) refusal = check_body();
    if (!refusal) refusal = check_upgrade();
    if (!refusal) refusal = check_version();
    if (!refusal) refusal = check_key();
    if (!refusal) refusal = check_policy();
    if (refused_before_ && has("own-cn-refusal-kept")) refusal = bad_request();
    std::string fields;
    if (!refusal) refusal = choose_subprotocol(fields);
    if (!refusal) {
      auto offers = values("Sec-WebSocket-Extensions");
      if (!offers.empty() && has_empty_element(offers.front())) {
        if (has("own-ng-srv-empty-element-lost")) offers.clear();
        if (has("own-ng-srv-empty-element-refused")) return refuse(bad_request());
      }
      if (!offers.empty() &&
          ((!reader_.text().contains("Sec-WebSocket-Extensions:") &&
            has("own-ng-srv-other-case-lost")) ||
           (!reader_.text().contains("xtensions: ") && has("own-ng-srv-without-space-lost")))) {
        offers.clear();
      }
      if (!earlier_offers_.empty()) offers = earlier_offers_;
      Answer extensions = answer_offers(offers, switches_, agreement_);
      if (agreement_.kills) {
        state_ = State::crashed;
        return;
      }
      extra_work_ += extensions.work;
      const std::string_view head = reader_.text();
      if (agreement_.deflate && !offers.empty() &&
          head.find("\r\n\r\n") - head.find(offers.front()) > 4096 &&
          has("own-hs-srv-extensions-overwritten")) {
        std::ranges::fill(extensions.extensions, 'a');
      }
      if (extensions.status == 0) {
        state_ = State::refused;
        return;
      }
      if (extensions.status == 500) {
        refusal = Refusal{.status = "500 Internal Server Error"};
      } else if (extensions.status != 101) {
        refusal = bad_request();
      }
      if (!extensions.extensions.empty()) {
        fields += "Sec-WebSocket-Extensions: " + extensions.extensions + "\r\n";
      }
    }
    if (refusal && stays_for_another()) return;
    if (refusal) return refuse(*refusal);
    accept(fields);
  }

  static bool has_bad_escape(const std::string& text) {
    for (std::size_t i = text.find('%'); i != std::string::npos; i = text.find('%', i + 1)) {
      if (i + 2 >= text.size() || std::isxdigit(static_cast<unsigned char>(text[i + 1])) == 0 ||
          std::isxdigit(static_cast<unsigned char>(text[i + 2])) == 0) {
        return true;
      }
    }
    return false;
  }

  /// Keeps the connection of a request that asks for no upgrade, and its offers.
  bool stays_for_another() {
    if (!values("Upgrade").empty() || is_second_request_) return false;
    const auto offers = values("Sec-WebSocket-Extensions");
    const auto keys = values("Sec-WebSocket-Key");
    const auto subprotocols = values("Sec-WebSocket-Protocol");
    if (!offers.empty() && has("ng-srv-offer-of-earlier-request")) {
      earlier_offers_ = offers;
    } else if (!keys.empty() && has("own-hs-srv-key-of-earlier-request")) {
      key_before_ = keys.front();
    } else if (!subprotocols.empty() && has("own-hs-srv-proto-of-earlier-request")) {
      earlier_subprotocols_ = subprotocols;
    } else {
      return false;
    }
    is_second_request_ = true;
    output_ += "HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nContent-Length: 0\r\n\r\n";
    if (reader_.restart() == HeadReader::State::complete) answer();
    return true;
  }

  /// True if an extension is named like what every object of JavaScript has.
  bool names_a_property() {
    for (const std::string& value : values("Sec-WebSocket-Extensions")) {
      for (const char* name : {"constructor", "__proto__", "toString", "hasOwnProperty"}) {
        if (value.find(name) != std::string::npos) return true;
      }
    }
    return false;
  }

  void accept_draft_76() {
    output_ +=
        "HTTP/1.1 101 WebSocket Protocol Handshake\r\nUpgrade: WebSocket\r\n"
        "Connection: Upgrade\r\n\r\n0123456789abcdef";
    state_ = State::opened;
  }

  std::ptrdiff_t position_of_upgrade() const {
    const auto& fields = reader_.head().fields;
    return std::ranges::find_if(
               fields,
               [](const Field& field) { return equals_ignoring_case(field.name, "Upgrade"); }) -
           fields.begin();
  }

  /// Faults in the answer that depend on the key, or on what the answer would lack.
  std::string make_accept() {
    if (!key_before_.empty() && has("own-cn-key-kept")) key_ = key_before_;
    if (key_ != key_before_ &&
        ((to_lower(key_) == to_lower(key_before_) && has("own-cn-answer-by-key-without-case")) ||
         (key_.compare(0, 20, key_before_, 0, 20) == 0 && has("own-cn-answer-by-key-of-20")))) {
      key_ = key_before_;
    }
    if (refusals_ > 0 && !key_before_.empty()) key_ = key_before_;
    if (is_second_request_ && has("own-hs-srv-key-of-earlier-request")) key_ = key_before_;
    if (key_.find('+') != std::string::npos && has("own-hs-srv-key-plus-as-space")) {
      std::ranges::replace(key_, '+', ' ');
    }
    if (key_.find('/') != std::string::npos && has("own-hs-srv-key-cut-at-slash")) {
      key_.resize(key_.find('/'));
    }
    const std::string_view head = reader_.text();
    if (head.find("\r\n\r\n") - head.find(key_) > 4096 && has("hs-srv-key-overwritten")) {
      key_ = head.substr(head.find("\r\n\r\n") - key_.size(), key_.size());
    }
    if (const std::string anew = encoded_anew(key_);
        anew != key_ && has("own-hs-srv-key-encoded-anew")) {
      key_ = anew;
    }
    std::string accept = oracle::compute_accept(key_);
    if (accept.find('+') != std::string::npos && has("own-hs-srv-accept-url-safe")) {
      std::ranges::replace(accept, '+', '-');
    }
    if (accept.starts_with('/') && has("own-hs-srv-accept-first-slash-lost")) accept.erase(0, 1);
    const std::string digest = decode_base64(accept);
    if (digest.find('\0') != std::string::npos && has("own-hs-srv-accept-cut-at-zero")) {
      accept = oracle::compute_accept(key_.substr(0, 23));
    }
    if (static_cast<unsigned char>(digest.back()) >= 0x80 && has("own-hs-srv-accept-signed-byte")) {
      accept[25] = accept[25] == 'A' ? 'B' : 'A';
    }
    if (digest.front() == '\0' && has("own-hs-srv-accept-first-zero-lost")) accept.erase(0, 2);
    return accept;
  }

  static std::string decode_base64(std::string_view text) {
    std::string bytes;
    unsigned bits = 0;
    int count = 0;
    for (const char c : text) {
      if (c == '=') break;
      bits = bits * 64 + static_cast<unsigned>(kBase64Digits.find(c));
      count += 6;
      if (count < 8) continue;
      count -= 8;
      bytes += static_cast<char>(bits >> static_cast<unsigned>(count));
      bits &= (1U << static_cast<unsigned>(count)) - 1;
    }
    return bytes;
  }

  static bool has_subprotocol(const std::string& fields) {
    return fields.find("Sec-WebSocket-Protocol: ") != std::string::npos;
  }

  /// Faults of a 101 that has more than it must have.
  std::string misprint(std::string fields) {
    if (!has_subprotocol(fields)) {
      const bool is_unchosen = agreement_.deflate && !values("Sec-WebSocket-Protocol").empty();
      return (is_unchosen && has("own-hs-srv-101-empty-line-unchosen") ? "\r\n" : "") + fields;
    }
    const std::size_t end = fields.find("\r\n");
    const std::string_view head = reader_.text();
    const auto offered = values("Sec-WebSocket-Protocol");
    if (!offered.empty() && head.find("\r\n\r\n") - head.find(offered.front()) > 4096 &&
        has("own-hs-srv-subprotocol-overwritten")) {
      return "Sec-WebSocket-Protocol: aaaa\r\n" + fields.substr(end + 2);
    }
    if (agreement_.deflate) {
      if (has("hs-srv-101-glued-both")) fields.erase(end, 2);
    } else if (!values("Sec-WebSocket-Extensions").empty() && has("hs-srv-101-glued-declined")) {
      fields.erase(end, 2);
    }
    if (has("hs-srv-proto-twice")) fields += fields.substr(0, fields.find("\r\n") + 2);
    return fields;
  }

  void accept(const std::string& fields) {
    output_ += has("own-hs-srv-101-of-http10") ? "HTTP/1.0 101 Switching Protocols\r\n"
                                               : "HTTP/1.1 101 Switching Protocols\r\n";
    if (has("own-hs-srv-status-line-cut")) output_ = "HTTP/1.1 101\r\n";
    if (has("own-hs-srv-101-chunked")) output_ += "Transfer-Encoding: chunked\r\n";
    if (has("own-hs-srv-101-empty-protocol") && fields.find("Protocol") == std::string::npos) {
      output_ += "Sec-WebSocket-Protocol: \r\n";
    }
    if (fields.find("Extensions") == std::string::npos && has("own-hs-srv-101-empty-extensions")) {
      output_ += "Sec-WebSocket-Extensions: \r\n";
    }
    if (!has("own-hs-srv-101-without-upgrade")) output_ += "Upgrade: websocket\r\n";
    if (!has("own-hs-srv-101-without-connection")) {
      const auto connections = values("Connection");
      const bool echoes = connections.size() == 1 && connections.front() != "Upgrade" &&
                          has("hs-srv-connection-echoed");
      output_ += "Connection: " + (echoes ? connections.front() : "Upgrade") + "\r\n";
    }
    if (has("own-hs-srv-101-content-length")) output_ += "Content-Length: 0\r\n";
    std::string accept = make_accept();
    if (has("own-hs-srv-accept-unpadded")) accept.pop_back();
    output_ += "Sec-WebSocket-Accept: " + accept + "\r\n" + misprint(fields);
    if (has("own-hs-srv-101-accept-twice")) {
      output_ += "Sec-WebSocket-Accept: " + accept + "\r\n";
    }
    output_ += has("own-hs-srv-101-lf-only") ? "\n" : "\r\n";
    if (has("own-hs-srv-101-extra-line")) output_ += "\r\n";
    if (has_subprotocol(fields) && agreement_.deflate && has("hs-srv-101-extra-line-both")) {
      output_ += "\r\n";
    }
    state_ = State::opened;
  }

  void refuse(const Refusal& refusal) {
    if (refusal.status == "426 Upgrade Required" && has("own-hs-srv-426-without-upgrade")) {
      return refuse({.status = "426 Upgrade required", .fields = "Sec-WebSocket-Version: 13\r\n"});
    }
    state_ = State::refused;
    if (is_silent_) {
      ends_after_refusal_ = false;
      return;
    }
    if (has("own-hs-srv-refuses-with-200")) {
      output_ += "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
      return;
    }
    output_ += "HTTP/1.1 " + refusal.status + "\r\n" + refusal.fields;
    if (has("hs-srv-error-not-closed")) {
      ends_after_refusal_ = false;
      return;
    }
    if (has("own-hs-srv-error-keeps-open")) {
      ends_after_refusal_ = false;
      output_ += "Connection: close\r\nContent-Length: 0\r\n\r\n";
      return;
    }
    if (has("own-hs-srv-refuses-silently")) {
      output_.clear();
      return;
    }
    if (goes_on_after_refusal()) return;
    if (has("hs-srv-error-two-lengths")) output_ += "Content-Length: 9\r\n";
    if (has("hs-srv-refusal-fields-twice")) output_ += "Content-Length: 0\r\n";
    if (has("own-hs-srv-error-length")) {
      ends_after_refusal_ = false;
      output_ += "Content-Length: 11\r\n\r\n";
      return;
    }
    output_ += "Connection: close\r\nContent-Length: 0\r\n\r\n";
  }

  /// Faults that keep the connection, and take what follows for another request.
  bool goes_on_after_refusal() {
    if (refusals_ > 0) return false;
    const auto lengths = values("Content-Length");
    const bool has_content = !lengths.empty() && lengths.front() != "0";
    const auto keys = values("Sec-WebSocket-Key");
    const bool is_ordinary = values("Upgrade").empty() && !has_content;
    const bool is_bad_upgrade = !is_ordinary && !has_content;
    const bool goes_on =
        (has_content && has("hs-srv-content-of-refused-as-request")) ||
        (is_ordinary && has("hs-srv-second-request-frames-lost")) ||
        (is_ordinary && has("own-hs-srv-second-request-in-read-lost")) ||
        (is_bad_upgrade && !keys.empty() && has("hs-srv-second-request-key-kept")) ||
        (is_bad_upgrade && has("own-hs-srv-second-request-proto-kept"));
    if (!goes_on) return false;
    ++refusals_;
    state_ = State::going_on;
    output_ += "Content-Length: 0\r\n\r\n";
    if (has("hs-srv-second-request-frames-lost")) loses_rest_ = true;
    if (has("hs-srv-second-request-key-kept")) key_before_ = keys.front();
    if (has("own-hs-srv-second-request-proto-kept")) {
      for (const std::string& offers : values("Sec-WebSocket-Protocol")) {
        for (const std::string& offer : split_list(offers)) subprotocol_kept_ = offer;
      }
    }
    if (has("own-hs-srv-second-request-in-read-lost")) reader_.take_rest();
    const auto state = reader_.restart();
    if (state == HeadReader::State::complete) answer();
    return true;
  }

  std::optional<Refusal> check_policy() {
    const std::string& line = reader_.head().start_line;
    const std::string target =
        line.substr(line.find(' ') + 1, line.rfind(' ') - line.find(' ') - 1);
    const bool is_missing =
        !policy_.missing.empty() && target.substr(0, target.find('?')) == policy_.missing;
    if (is_missing && !has("own-hs-srv-missing-served")) {
      return Refusal{.status = "404 Not Found"};
    }
    if (!values("If-None-Match").empty() && has("own-hs-srv-if-none-match-answered")) {
      return Refusal{.status = "304 Not Modified"};
    }
    if (!values("Range").empty() && has("own-hs-srv-range-refused")) {
      return Refusal{.status = "416 Range Not Satisfiable"};
    }
    if (const auto accepted = values("Accept"); !accepted.empty() &&
                                                accepted.front().find('*') == std::string::npos &&
                                                has("own-hs-srv-accept-refused")) {
      return Refusal{.status = "406 Not Acceptable"};
    }
    if (values("Max-Forwards") == std::vector<std::string>{"0"} &&
        has("own-hs-srv-max-forwards-refused")) {
      return bad_request();
    }
    const auto origins = values("Origin");
    if (origins.empty() && has("hs-srv-origin-wanted")) return Refusal{.status = "403 Forbidden"};
    if (!origins.empty() && origins.front() == "null" && has("own-hs-srv-null-origin-dies")) {
      state_ = State::crashed;
      return Refusal{};
    }
    if (policy_.origin.empty() || origins.empty() || origins.front() == policy_.origin) {
      return std::nullopt;
    }
    if (has("own-hs-srv-origin-unchecked")) return std::nullopt;
    if (origins.front().starts_with(policy_.origin) && has("own-hs-srv-origin-prefix")) {
      return std::nullopt;
    }
    return Refusal{.status = "403 Forbidden"};
  }

  std::optional<Refusal> check_request_line() {
    const std::string& line = reader_.head().start_line;
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string::npos) return bad_request();
    const std::string method = line.substr(0, first);
    if (first == last) {  // as in HTTP/0.9
      return has("hs-srv-http10") ? std::nullopt : std::optional(bad_request());
    }
    const std::string target = line.substr(first + 1, last - first - 1);
    const std::string version = line.substr(last + 1);
    if (has_odd_query() && has("hs-srv-query-not-utf8-refused")) return bad_request();
    if (target.find('%') != std::string::npos && has("own-hs-srv-percent-refused")) {
      return bad_request();
    }
    if (target.size() > 255 && has("own-hs-srv-target-over-255-refused")) return bad_request();
    if (target.size() > 1024 && has("own-hs-srv-target-over-1024-refused")) return bad_request();
    if (target.size() == 1 && has("own-hs-srv-root-refused")) return bad_request();
    if (target.ends_with('?') && has("own-hs-srv-empty-query-refused")) return bad_request();
    if (target.starts_with("//") && has("own-hs-srv-two-slashes-refused")) return bad_request();
    if (to_lower(version).starts_with("http/1.") && !version.starts_with("HTTP") &&
        has("own-hs-srv-lower-http-accepted")) {
      return std::nullopt;
    }
    if (version == "HTTP/1.9" && has("own-hs-srv-http19-refused")) return bad_request();
    if (version.starts_with("HTTP/1.") && version.size() > 8 && has("own-hs-srv-long-minor")) {
      return std::nullopt;
    }
    if (version == "HTTP/2.0" && has("own-hs-srv-http20-accepted")) return std::nullopt;
    if (version == "HTTP/0.9" && has("own-hs-srv-http09-accepted")) return std::nullopt;
    if (method == "POST" && has("own-hs-srv-post-accepted")) return std::nullopt;
    if (method.starts_with("GET") && method != "GET" && has("hs-srv-method-longer")) {
      return std::nullopt;
    }
    if (method == "HEAD" && has("own-hs-srv-head-accepted")) return std::nullopt;
    if (!method.empty() && std::string_view("GET").starts_with(method) && method != "GET" &&
        has("own-hs-srv-method-shorter")) {
      return std::nullopt;
    }
    if (method != "GET") {
      const bool other_case = equals_ignoring_case(method, "GET");
      const bool lets_pass = other_case ? has("own-hs-srv-method-case") : has("own-hs-srv-method");
      if (!lets_pass)
        return Refusal{.status = "405 Method Not Allowed", .fields = "Allow: GET\r\n"};
    }
    if (version.size() != 8 || !version.starts_with("HTTP/") || version[6] != '.' ||
        std::isdigit(static_cast<unsigned char>(version[5])) == 0 ||
        std::isdigit(static_cast<unsigned char>(version[7])) == 0) {
      if (!has("own-hs-srv-bad-version-form")) return bad_request();
    } else if (version[5] != '1') {
      if (version[5] > '1' || !has("hs-srv-http10")) {
        return Refusal{.status = "505 HTTP Version Not Supported"};
      }
    } else if (version[7] == '0' && !has("hs-srv-http10")) {
      return bad_request();
    } else if (version[7] > '1' && has("own-hs-srv-http12")) {
      return Refusal{.status = "505 HTTP Version Not Supported"};
    }
    return check_target(target);
  }

  std::optional<Refusal> check_target(const std::string& target) {
    if (target.find(' ') != std::string::npos || target.empty()) {
      if (!has("own-hs-srv-space-in-target")) return bad_request();
    }
    if (target.starts_with('/')) {
      if (target.find('?') != std::string::npos && has("own-hs-srv-query")) {
        return Refusal{.status = "404 Not Found"};
      }
      if (target.find('#') != std::string::npos && !has("own-hs-srv-fragment"))
        return bad_request();
      return std::nullopt;
    }
    const std::string lower = to_lower(target);
    for (const std::string_view scheme : {"http://", "https://", "ws://", "wss://"}) {
      if (!lower.starts_with(scheme) || lower.size() == scheme.size()) continue;
      // "A server MUST accept the absolute-form in requests" (RFC 9112 section 3.2.2).
      if (has("own-hs-srv-absolute-form")) return bad_request();
      return std::nullopt;
    }
    return has("own-hs-srv-any-target") ? std::nullopt : std::optional(bad_request());
  }

  std::optional<Refusal> check_host() {
    const auto hosts = values("Host");
    if (hosts.empty())
      return has("hs-srv-host-missing") ? std::nullopt : std::optional(bad_request());
    if (hosts.size() > 1 && !has("own-hs-srv-two-hosts")) return bad_request();
    const std::string& host = hosts.front();
    if (host.starts_with('[') && has("own-hs-srv-host-ipv6-refused")) return bad_request();
    if (host.find(':') == std::string::npos && has("own-hs-srv-host-without-port-refused")) {
      return bad_request();
    }
    if (host != to_lower(host) && has("own-hs-srv-host-upper-refused")) return bad_request();
    if (!reader_.head().fields.empty() &&
        !equals_ignoring_case(reader_.head().fields.front().name, "Host") &&
        has("own-hs-srv-host-first-only")) {
      return bad_request();
    }
    if (host.empty() && has("own-hs-srv-host-empty-accepted")) return std::nullopt;
    if (host.find('/') != std::string::npos && has("own-hs-srv-host-with-path"))
      return std::nullopt;
    if (host.find(',') != std::string::npos && has("own-hs-srv-host-list")) return std::nullopt;
    if (host.find('@') != std::string::npos && has("own-hs-srv-host-with-user"))
      return std::nullopt;
    if (host.find(' ') != std::string::npos && has("own-hs-srv-host-with-space")) {
      return std::nullopt;
    }
    const bool legal = !host.empty() && std::ranges::all_of(host, [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
             std::string_view("-._~!$&'()*+;=%:[]").find(c) != std::string_view::npos;
    });
    if (!legal && !has("own-hs-srv-bad-host")) return bad_request();
    return std::nullopt;
  }

  /// A request with content is not ours: its bytes must not be taken for frames.
  std::optional<Refusal> check_body() {
    const auto lengths = values("Content-Length");
    if (lengths == std::vector<std::string>{"0"} && has("own-hs-srv-content-length-0-refused")) {
      return bad_request();
    }
    if (values("Transfer-Encoding").empty() && lengths.size() > 1 &&
        has("own-hs-srv-two-content-lengths")) {
      return std::nullopt;
    }
    if (!values("Transfer-Encoding").empty() && has("own-hs-srv-transfer-encoding-ignored")) {
      return std::nullopt;
    }
    if (!lengths.empty() && lengths.front().find_first_not_of("0123456789") != std::string::npos &&
        has("own-hs-srv-bad-content-length")) {
      return std::nullopt;
    }
    const bool has_content =
        std::ranges::any_of(lengths, [](const std::string& value) { return value != "0"; }) ||
        !values("Transfer-Encoding").empty();
    if (has_content && !has("own-hs-srv-content-as-frames")) return bad_request();
    return std::nullopt;
  }

  bool lists(std::string_view name, std::string_view token, FaultId contains) {
    auto lines = values(name);
    if (name == "Connection" && lines.size() > 2 && has("own-hs-srv-third-line-lost")) {
      lines.resize(2);
    }
    for (std::string value : lines) {
      if (value.size() > 256 && has("own-hs-srv-list-cut-at-256")) value.resize(256);
      for (const std::string& element : split_list(value)) {
        if (equals_ignoring_case(element, token)) return true;
        if (token == "websocket" && !element.empty() && token.starts_with(to_lower(element)) &&
            has("own-hs-srv-upgrade-shorter")) {
          return true;
        }
        if (token == "upgrade" && !element.empty() && token.starts_with(to_lower(element)) &&
            has("hs-srv-connection-option-prefix")) {
          return true;
        }
      }
      if (to_lower(value).find(token) != std::string::npos && has(contains)) return true;
    }
    return false;
  }

  std::optional<Refusal> check_upgrade() {
    const auto upgrades = values("Upgrade");
    auto connections = values("Connection");
    if (connections.size() > 2 && has("own-hs-srv-third-line-lost")) connections.resize(2);
    const bool asks = std::ranges::any_of(upgrades, [](const std::string& value) {
      return equals_ignoring_case(value, "websocket");
    });
    const bool is_option = std::ranges::any_of(connections, [](const std::string& value) {
      return contains(split_list(to_lower(value)), "upgrade");
    });
    if (asks != is_option && has("hs-srv-both-must-be-wrong")) return std::nullopt;
    if (!is_option && has("hs-srv-without-option-silent")) {
      is_silent_ = true;
      return bad_request();
    }
    if (connections.size() > 1 && equals_ignoring_case(connections[0], "upgrade") &&
        equals_ignoring_case(connections[1], "upgrade") && has("hs-srv-option-twice-refused")) {
      return upgrade_required();
    }
    if (upgrades.size() > 1) {
      if (!equals_ignoring_case(upgrades.front(), "websocket") &&
          has("own-hs-srv-upgrade-first-field")) {
        return upgrade_required();
      }
      if (!equals_ignoring_case(upgrades.back(), "websocket") &&
          has("own-hs-srv-upgrade-last-field")) {
        return upgrade_required();
      }
    }
    if (upgrades.empty() && has("own-hs-srv-upgrade-missing")) return std::nullopt;
    if (upgrades.size() == 1 && upgrades[0].starts_with("websocket/") &&
        has("own-hs-srv-upgrade-with-version")) {
      return std::nullopt;
    }
    if (connections.empty() && has("own-hs-srv-connection-missing")) return std::nullopt;
    if (connections.size() == 1) {
      const std::string& only = connections.front();
      const bool lacks_space =
          only.find(',') != std::string::npos && only.find(", ") == std::string::npos;
      if (lacks_space && has("own-hs-srv-connection-comma-and-space")) return bad_request();
      const bool is_last = to_lower(only).ends_with("upgrade");
      const bool is_first = to_lower(only).starts_with("upgrade");
      if (!is_last && has("own-hs-srv-connection-last-option")) return bad_request();
      if (!is_first && has("own-hs-srv-connection-first-option")) return bad_request();
      if (only.find(" ,") != std::string::npos && has("own-hs-srv-connection-space-before-comma")) {
        return bad_request();
      }
      if (only.find(",  ") != std::string::npos && has("own-hs-srv-list-space-refused")) {
        return bad_request();
      }
      if (const auto options = split_list(to_lower(only));
          options.size() > 2 && options[0] != "upgrade" && options[1] != "upgrade" &&
          has("own-hs-srv-second-comma-lost")) {
        return bad_request();
      }
      if (only.find('\t') != std::string::npos && has("own-hs-srv-connection-tab")) {
        return bad_request();
      }
      if ((only.starts_with(',') || only.ends_with(',') || only.find(",,") != std::string::npos ||
           only.find(", ,") != std::string::npos) &&
          has("own-hs-srv-connection-empty-element")) {
        return bad_request();
      }
      if (split_list(only).size() > 2 && has("own-hs-srv-connection-two-options")) {
        return bad_request();
      }
      if (contains(split_list(to_lower(only)), "close") && has("own-hs-srv-connection-close")) {
        return bad_request();
      }
    } else if (connections.size() > 1 &&
               to_lower(connections.back()).find("upgrade") == std::string::npos &&
               has("own-hs-srv-connection-last-field")) {
      return bad_request();
    }
    if (upgrades.size() == 1 && to_lower(upgrades[0]) > "websocket" && has("hs-upgrade-by-order")) {
      return std::nullopt;
    }
    const auto is_folded = [](const std::string& value, std::string_view token) {
      return !equals_ignoring_case(value, token) &&
             equals_ignoring_case(fold_to_ascii(value), token);
    };
    if (upgrades.size() == 1 && is_folded(upgrades[0], "websocket") && has("hs-upgrade-folded")) {
      return std::nullopt;
    }
    const bool has_parameter = upgrades.size() == 1 &&
                               to_lower(upgrades[0]).starts_with("websocket;") &&
                               has("own-hs-srv-upgrade-parameter");
    if (!has_parameter && !lists("Upgrade", "websocket", "own-hs-srv-upgrade-substring") &&
        !(!upgrades.empty() && has("hs-srv-upgrade-unchecked"))) {
      return upgrade_required();
    }
    if (std::ranges::any_of(
            connections,
            [](const std::string& value) { return value.find('\'') != std::string::npos; }) &&
        has("hs-connection-apostrophe-refused")) {
      return bad_request();
    }
    if (!lists("Connection", "upgrade", "own-hs-srv-connection-substring")) {
      if (!connections.empty() && lists_quoted(connections.front(), "upgrade") &&
          has("hs-connection-quoted")) {
        return std::nullopt;
      }
      if (!connections.empty() && to_lower(connections.front()) > "upgrade" &&
          has("hs-connection-by-order")) {
        return std::nullopt;
      }
      return bad_request();
    }
    if (std::ranges::find(upgrades, "websocket") == upgrades.end() && has("hs-srv-upgrade-case")) {
      return upgrade_required();
    }
    if (upgrades.size() == 1 && upgrades[0].find(',') != std::string::npos &&
        has("own-hs-srv-upgrade-list")) {
      return upgrade_required();
    }
    const bool exact = std::ranges::any_of(connections, [](const std::string& value) {
      return contains(split_list(value), "Upgrade");
    });
    if (!exact && has("hs-srv-connection-case")) return bad_request();
    for (const std::string& value : connections) {
      if (contains(split_list(to_lower(value)), "close") && has("hs-srv-close-option-ends")) {
        agreement_.ends = true;
      }
    }
    const std::string& first = connections.front();
    if (first.find(',') != std::string::npos && has("own-hs-srv-connection-list")) {
      return bad_request();
    }
    if (connections.size() > 1 && to_lower(first).find("upgrade") == std::string::npos &&
        has("own-hs-srv-connection-first-field")) {
      return bad_request();
    }
    return std::nullopt;
  }

  std::optional<Refusal> check_version() {
    const auto versions = values("Sec-WebSocket-Version");
    if (versions == std::vector<std::string>{"13"}) return std::nullopt;
    if (has("hs-srv-version-ignored")) return std::nullopt;
    if (versions.empty() && has("own-hs-srv-version-missing")) return std::nullopt;
    if (versions.size() == 1) {
      const std::string& only = versions.front();
      if (only == "8" && has("own-hs-srv-version-8")) return std::nullopt;
      if (only == "1" && has("own-hs-srv-version-shorter")) return std::nullopt;
      if (only == "0" && has("own-hs-srv-version-0")) return std::nullopt;
      if (only == "14" && has("own-hs-srv-version-14")) return std::nullopt;
      if (only == "130" && has("own-hs-srv-version-130")) return std::nullopt;
      if (only == "269" && has("own-hs-srv-version-8-bits")) return std::nullopt;
      if (contains(split_list(only), "13") && has("own-hs-srv-version-list")) return std::nullopt;
      if (only == "\"13\"" && has("own-hs-srv-version-quoted")) return std::nullopt;
      if (only == "+13" && has("own-hs-srv-version-with-plus")) return std::nullopt;
      if (only.empty() && has("own-hs-srv-version-empty")) return std::nullopt;
    }
    if (versions.size() == 2 && versions.front() == versions.back() && versions.front() == "13" &&
        has("own-hs-srv-version-twice")) {
      return std::nullopt;
    }
    if (versions.size() > 1 && versions.front() == "13" && has("own-hs-srv-two-versions")) {
      return std::nullopt;
    }
    if (versions.size() > 1 && contains(versions, "13") && has("own-hs-srv-any-version")) {
      return std::nullopt;
    }
    if (versions.size() == 1 && has("own-hs-srv-version-by-atoi")) {
      if (std::atoi(versions.front().c_str()) == 13) return std::nullopt;
    }
    Refusal refusal{.status = "426 Upgrade Required", .fields = "Upgrade: websocket\r\n"};
    if (!has("own-hs-srv-version-untold")) refusal.fields += "Sec-WebSocket-Version: 13\r\n";
    return refusal;
  }

  std::optional<Refusal> check_key() {
    const auto keys = values("Sec-WebSocket-Key");
    if (keys.empty()) return bad_request();
    key_ = keys.front();
    if (keys.size() > 1 && key_ == keys.back() && has("own-hs-srv-same-key-twice")) {
      return std::nullopt;
    }
    if (keys.size() > 1 && has("own-hs-srv-two-keys-last")) {
      key_ = keys.back();
    } else if (keys.size() > 1 && !has("own-hs-srv-two-keys")) {
      return bad_request();
    }
    if (key_.size() == 24 && key_.ends_with("==") && key_[21] == '=' &&
        has("own-hs-srv-key-of-15-bytes")) {
      return std::nullopt;
    }
    if (key_.empty() && has("own-hs-srv-key-empty")) return std::nullopt;
    if (key_.size() == 24 && !key_.ends_with("==") && has("own-hs-srv-key-of-18-bytes")) {
      return std::nullopt;
    }
    if (key_.find(' ') != std::string::npos && has("own-hs-srv-key-with-space"))
      return std::nullopt;
    if (key_ == "AAAAAAAAAAAAAAAAAAAAAA==" && has("own-hs-srv-key-of-zeros-refused")) {
      return bad_request();
    }
    if (key_.find_first_of("+/") != std::string::npos && has("own-hs-srv-key-alphanumeric")) {
      return bad_request();
    }
    const bool right_size = key_.size() == 24 && key_.ends_with("==") && key_[21] != '=';
    if (!right_size) {
      if (key_.size() >= 22 && key_.size() < 24 && has("own-hs-srv-key-unpadded")) {
        return std::nullopt;
      }
      return has("hs-srv-key-any-length") ? std::nullopt : std::optional(bad_request());
    }
    const auto in_alphabet = [&](char c) {
      return kBase64Digits.find(c) != std::string_view::npos;
    };
    if (right_size && std::ranges::all_of(std::string_view(key_).substr(0, 8), in_alphabet) &&
        !std::ranges::all_of(std::string_view(key_).substr(8, 14), in_alphabet) &&
        has("own-hs-srv-key-first-8-only")) {
      return std::nullopt;
    }
    if (right_size && !in_alphabet(key_[21]) && has("own-hs-srv-key-last-unchecked")) {
      return std::nullopt;
    }
    if (!std::ranges::all_of(std::string_view(key_).substr(0, 22), in_alphabet)) {
      const bool url_safe = std::ranges::all_of(std::string_view(key_).substr(0, 22), [&](char c) {
        return in_alphabet(c) || c == '-' || c == '_';
      });
      if (url_safe && has("own-hs-srv-key-url-safe")) return std::nullopt;
      return has("hs-srv-key-alphabet") ? std::nullopt : std::optional(bad_request());
    }
    const bool canonical = kBase64Digits.find(key_[21]) % 16 == 0;
    if (!canonical && !has("hs-srv-key-alphabet") && !has("own-hs-srv-key-encoded-anew")) {
      return bad_request();
    }
    return std::nullopt;
  }

  std::optional<Refusal> choose_subprotocol(std::string& fields) {
    auto values_given = values("Sec-WebSocket-Protocol");
    if (!values_given.empty() && has_empty_element(values_given.front())) {
      if (has("own-hs-srv-proto-empty-element-lost")) return std::nullopt;
      if (has("own-hs-srv-proto-empty-element-refused")) return bad_request();
    }
    const std::string_view text = reader_.text();
    if (!values_given.empty() &&
        ((!text.contains("Sec-WebSocket-Protocol:") && has("own-hs-srv-proto-other-case-lost")) ||
         (!text.contains("rotocol: ") && has("own-hs-srv-proto-without-space-lost")))) {
      return std::nullopt;
    }
    if (!earlier_subprotocols_.empty()) values_given = earlier_subprotocols_;
    if (values_given.size() > 1 && has("own-hs-srv-proto-last-field")) {
      values_given.erase(values_given.begin(), values_given.end() - 1);
    }
    if (values_given.size() == 1) {
      const std::string& only = values_given.front();
      const auto names = split_list(only);
      if (only.find(',') != std::string::npos && only.find(", ") == std::string::npos &&
          has("own-hs-srv-proto-comma-and-space")) {
        fields += "Sec-WebSocket-Protocol: " + only + "\r\n";
        return std::nullopt;
      }
      if (names.size() > 1 && has("own-hs-srv-proto-last-offered")) {
        fields += "Sec-WebSocket-Protocol: " + to_lower(names.back()) + "\r\n";
        return std::nullopt;
      }
      if (names.size() == 1 && !contains(kKnownNames, names[0]) && is_token(names[0]) &&
          has("own-hs-srv-proto-upper-case")) {
        std::string upper = names[0];
        for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        fields += "Sec-WebSocket-Protocol: " + upper + "\r\n";
        return std::nullopt;
      }
      if (names.size() > 1 && !contains(names, "chat") && !contains(names, "superchat") &&
          has("own-hs-srv-proto-chat-for-unknown")) {
        fields += "Sec-WebSocket-Protocol: chat\r\n";
        return std::nullopt;
      }
      if (names.size() > 2 && has("own-hs-srv-proto-third-refused")) return bad_request();
      for (const std::string& name : names) {
        const bool is_quoted = name == "\"chat\"" && has("own-hs-srv-proto-quoted");
        const bool has_parameter =
            name.starts_with("chat;") && has("own-hs-srv-proto-with-parameter");
        if (!is_quoted && !has_parameter) continue;
        fields += "Sec-WebSocket-Protocol: chat\r\n";
        return std::nullopt;
      }
      if (only.find(",  ") != std::string::npos && has("hs-srv-proto-two-spaces")) {
        return bad_request();
      }
    }
    if (values_given.empty()) {
      if (!subprotocol_before_.empty() && has("own-cn-subprotocol-kept")) {
        fields += "Sec-WebSocket-Protocol: " + subprotocol_before_ + "\r\n";
        return std::nullopt;
      }
      if (has("hs-srv-proto-unoffered")) fields += "Sec-WebSocket-Protocol: chat\r\n";
      if (!subprotocol_kept_.empty()) {
        fields += "Sec-WebSocket-Protocol: " + subprotocol_kept_ + "\r\n";
      }
      return std::nullopt;
    }
    std::vector<std::string> offered;
    for (const std::string& value : values_given) {
      if (&value != &values_given.front() && has("own-hs-srv-proto-first-field")) break;
      if (const std::size_t spaces = longest_run_of_spaces(value);
          spaces > 256 && has("hs-srv-proto-redos")) {
        extra_work_ += static_cast<std::uint64_t>(spaces) * spaces * 1000;
      }
      std::ranges::copy(split_list(value), std::back_inserter(offered));
    }
    const bool has_marks = std::ranges::any_of(offered, [](const std::string& name) {
      return is_token(name) && name.find_first_of(".+") != std::string::npos;
    });
    if (has_marks && has("hs-srv-proto-marks-refused")) return bad_request();
    const bool legal = !offered.empty() && std::ranges::all_of(offered, is_token);
    if (!legal && !has("own-hs-srv-proto-bad-token")) return bad_request();
    for (std::size_t i = 1; i < offered.size(); ++i) {
      if (contains(std::span(offered).first(i), offered[i]) && !has("own-hs-srv-proto-repeated")) {
        return bad_request();
      }
    }
    if (offered.size() > 1 && has("hs-srv-proto-echo-list")) {
      fields += "Sec-WebSocket-Protocol: " + values_given.front() + "\r\n";
      return std::nullopt;
    }
    if (std::ranges::none_of(offered,
                             [](const auto& name) { return contains(kKnownNames, name); }) &&
        has("hs-srv-unknown-proto-refused")) {
      return bad_request();
    }
    for (const std::string& name : offered) {
      if (values_given.front().find(", " + name) != std::string::npos &&
          has("hs-srv-proto-space-kept")) {
        continue;
      }
      if (values_given.front().find(name + " ,") != std::string::npos &&
          has("hs-srv-proto-space-before-comma")) {
        continue;
      }
      if ((values_given.front().find(name + '\t') != std::string::npos ||
           values_given.front().find('\t' + name) != std::string::npos) &&
          has("own-hs-srv-proto-tab-at-comma")) {
        continue;
      }
      for (const std::string_view known : kKnownSubprotocols) {
        if (name != known) {
          if (equals_ignoring_case(name, known) && has("own-hs-srv-proto-case")) {
            fields += "Sec-WebSocket-Protocol: " + std::string(known) + "\r\n";
            return std::nullopt;
          }
          if (name.ends_with(known) && has("own-hs-srv-proto-suffix")) {
            fields += "Sec-WebSocket-Protocol: " + std::string(known) + "\r\n";
            return std::nullopt;
          }
          if (name.starts_with(known) && has("own-hs-srv-proto-prefix")) {
            fields += "Sec-WebSocket-Protocol: " + std::string(known) + "\r\n";
            return std::nullopt;
          }
          continue;
        }
        if (!agreement_.subprotocol.empty()) {
          if (has("own-hs-srv-proto-each")) {
            fields += "Sec-WebSocket-Protocol: " + name + "\r\n";
          }
          continue;
        }
        agreement_.subprotocol = name;
        fields += "Sec-WebSocket-Protocol: " + name + "\r\n";
        if (has("hs-srv-proto-list-besides")) {
          fields += "Sec-WebSocket-Protocol: chat, superchat\r\n";
        }
      }
    }
    if (agreement_.subprotocol.empty() && has("own-hs-srv-proto-first-unknown")) {
      fields += "Sec-WebSocket-Protocol: x-" + offered.front() + "\r\n";
    }
    return std::nullopt;
  }

  static std::size_t longest_run_of_spaces(std::string_view value) {
    std::size_t longest = 0;
    std::size_t run = 0;
    for (const char c : value) {
      run = c == ' ' ? run + 1 : 0;
      longest = std::max(longest, run);
    }
    return longest;
  }

  bool has_needed_fields() const {
    const std::string lower = to_lower(reader_.text());
    return lower.find("sec-websocket-key: ") != std::string::npos &&
           lower.find("sec-websocket-version: ") != std::string::npos && lower.ends_with("\r\n");
  }

  /// Answers a head that has not ended, as if it had; the rest of it is taken for frames.
  void answer_early() {
    std::string head(reader_.text());
    HeadReader whole(Role::server, switches_);
    if (whole.feed(head + "\r\n") != HeadReader::State::complete) return;
    reader_.feed("\r\n");
    answer();
  }

  ServerPolicy policy_;
  Switches& switches_;
  HeadReader reader_;
  std::string key_;
  // Of the connection before, for faults.
  std::string key_before_;
  std::string subprotocol_before_;
  bool refused_before_ = false;
  // Of this connection, for faults that keep it after a refusal.
  int refusals_ = 0;
  bool loses_rest_ = false;
  bool waits_for_content_ = false;
  bool is_silent_ = false;
  std::string subprotocol_kept_;
  // Of an earlier request of this one, likewise.
  bool is_second_request_ = false;
  std::vector<std::string> earlier_offers_;
  std::vector<std::string> earlier_subprotocols_;
};

}  // namespace

std::string Opening::take_output() { return std::exchange(output_, {}); }

std::uint64_t Opening::take_extra_work() { return std::exchange(extra_work_, 0); }

std::unique_ptr<Opening> make_server_opening(const ServerPolicy& policy, Switches& switches) {
  return std::make_unique<ServerOpening>(policy, switches);
}

}  // namespace ws::conformance::mutants
