// A client's opening handshake (section 4.1).
#include <algorithm>
#include <ctime>
#include <optional>
#include <random>
#include <ranges>
#include <utility>
#include <vector>

#include "conformance/mutants/http_reader.hpp"
#include "conformance/mutants/leftovers.hpp"
#include "conformance/mutants/negotiation.hpp"
#include "conformance/mutants/opening.hpp"
#include "conformance/mutants/text.hpp"
#include "conformance/oracle/accept_key.hpp"

namespace ws::conformance::mutants {
namespace {

const std::vector<std::string> kOffered = {"chat", "superchat"};

std::string random_key(std::uint64_t seed, int bytes) {
  std::mt19937_64 random(seed ^ 0x5eed);
  std::string key;
  for (int i = 0; i < bytes / 3 * 4; ++i) key += kBase64Digits[random() % 64];
  switch (bytes % 3) {
    case 1:
      key += kBase64Digits[random() % 64];
      key += kBase64Digits[random() % 4 * 16];
      return key + "==";
    case 2:
      key += kBase64Digits[random() % 64];
      key += kBase64Digits[random() % 64];
      key += kBase64Digits[random() % 16 * 4];
      return key + "=";
    default:
      return key;
  }
}

std::string encode_base64(std::string_view bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    unsigned bits = 0;
    for (std::size_t k = i; k < i + 3; ++k) {
      bits = bits * 256 + (k < bytes.size() ? static_cast<unsigned char>(bytes[k]) : 0U);
    }
    for (unsigned shift = 18; shift <= 18; shift -= 6) text += kBase64Digits[bits >> shift & 63U];
    if (i + 2 >= bytes.size()) text[text.size() - 1] = '=';
    if (i + 1 >= bytes.size()) text[text.size() - 2] = '=';
  }
  return text;
}

/// What base64 stands for, as a program reads it that takes it for text.
std::string decode_as_text(std::string_view base64) {
  std::string text;
  unsigned bits = 0;
  unsigned count = 0;
  for (const char digit : base64) {
    const std::size_t value = kBase64Digits.find(digit);
    if (value == std::string_view::npos) break;
    bits = (bits << 6U | static_cast<unsigned>(value)) & 0xfffU;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    const unsigned byte = bits >> count & 0xffU;
    text += byte < 0x80 ? static_cast<char>(byte) : '?';
  }
  return text;
}

class ClientOpening : public Opening {
 public:
  ClientOpening(OpeningSettings settings, Switches& switches)
      : settings_(std::move(settings)), switches_(switches), reader_(Role::client, switches) {
    request();
  }

  void receive(std::string_view read) override {
    if (waits_for_ever_) return;
    auto state = reader_.feed(read);
    while (true) {
      switch (state) {
        case HeadReader::State::incomplete:
          if (has("hs-cli-partial-head-spins")) extra_work_ += 1'000'000'000;
          return;
        case HeadReader::State::too_large:
        case HeadReader::State::malformed:
          return refuse();
        case HeadReader::State::complete:
          break;
      }
      if (!is_interim()) break;
      if (has("own-hs-cli-interim-refused")) return refuse();
      if (status() != 100 && has("hs-cli-only-100-skipped")) return refuse();
      if (interims_ > 0 && has("own-hs-cli-second-interim-refused")) return refuse();
      if (++interims_ > 20) return refuse();
      state = reader_.restart();
    }
    if (refuses_) return refuse();
    if (!key_before_.empty() && has("own-cn-key-kept")) key_ = key_before_;
    const auto lengths = raw_values("Content-Length");
    if (status() == 101 && lengths == std::vector<std::string>{"0"} &&
        has("hs-cli-length-0-waits")) {
      waits_for_ever_ = true;
      return;
    }
    if (status() > 101 && !lengths.empty() && reader_.rest_size() < length_of(lengths.front()) &&
        has("hs-cli-refusal-waits-for-content")) {
      return;
    }
    if (!answers_the_request()) {
      refuse();
      if (agreement_.kills) state_ = State::crashed;
      return;
    }
    if (reader_.has_rest() && has("hs-cli-early-refused")) return refuse();
    state_ = State::opened;
  }

  std::string take_rest() override {
    std::string rest = reader_.take_rest();
    if (!rest.empty() && has("hs-cli-early-frames-dropped")) rest.clear();
    if (!rest.empty() && interims_ > 0 && has("own-hs-cli-early-behind-interim-lost")) rest.clear();
    if (!rest.empty() && reader_.was_split() && has("hs-early-behind-split-head-lost"))
      rest.clear();
    const bool has_content =
        !raw_values("Content-Length").empty() || !raw_values("Transfer-Encoding").empty();
    if (has_content && !rest.empty() && has("hs-cli-101-te-eats-byte")) rest.erase(0, 1);
    if (!raw_values("Transfer-Encoding").empty() && !rest.empty() &&
        has("hs-cli-101-te-frames-lost")) {
      rest.clear();
    }
    const std::size_t head_size = reader_.text().find("\r\n\r\n");
    if (!rest.empty() &&
        ((!raw_values("Sec-WebSocket-Protocol").empty() &&
          has("own-hs-cli-early-with-subprotocol-lost")) ||
         (!raw_values("Sec-WebSocket-Extensions").empty() &&
          has("own-hs-cli-early-with-extension-lost")) ||
         (!raw_values("Set-Cookie").empty() && has("own-hs-cli-early-with-cookie-lost")) ||
         (head_size != std::string_view::npos && head_size > 1024 &&
          has("own-hs-cli-early-behind-long-head-lost")) ||
         (raw_values("Content-Length") == std::vector<std::string>{"0"} &&
          has("own-hs-cli-early-with-length-0-lost")))) {
      rest.clear();
    }
    return rest;
  }

  void take_up(const ConnectionState& last) override {
    if (!last.head.empty() && has("own-cn-head-kept")) reader_.feed(last.head);
    if (last.was_refused && has("own-cn-refusal-kept")) refuses_ = true;
    key_before_ = last.key;
  }

  std::string_view text() const override { return reader_.text(); }
  const std::string& key() const override { return key_; }

 private:
  bool has(FaultId fault) { return switches_.has(fault); }

  /// Of content, in bytes.
  static std::size_t length_of(std::string_view digits) {
    return static_cast<std::size_t>(std::max(parse_number(digits), 0));
  }

  void request() {
    int key_bytes = 16;
    if (has("own-hs-cli-key-20-bytes")) key_bytes = 20;
    if (has("own-hs-cli-key-constant")) settings_.seed = 1;
    if (has("own-hs-cli-key-15-bytes")) key_bytes = 15;
    if (has("own-hs-cli-key-of-few")) settings_.seed %= 2;
    if (settings_.seed % 16 == 0 && has("own-hs-cli-key-short-at-times")) key_bytes = 15;
    key_ = random_key(settings_.seed, key_bytes);
    if (has("own-hs-cli-key-of-digits")) {
      std::mt19937_64 random(settings_.seed ^ 0x5eed);
      std::string digits;
      for (int i = 0; i < 16; ++i) digits += static_cast<char>('0' + random() % 10);
      key_ = encode_base64(digits);
    }
    if (has("hs-cli-key-by-clock")) {
      key_ = random_key(static_cast<std::uint64_t>(std::time(nullptr)), key_bytes);
    }
    if (has("own-hs-cli-key-of-127-bits")) {
      key_[0] = kBase64Digits[kBase64Digits.find(key_[0]) % 32];
    }
    if (has("own-hs-cli-key-last-byte-even")) key_[21] = 'A';
    if (has("hs-cli-key-uuid")) {
      std::mt19937_64 random(settings_.seed ^ 0x5eed);
      std::string uuid;
      for (int i = 0; i < 16; ++i) uuid += static_cast<char>(random());
      uuid[6] = static_cast<char>((uuid[6] & 0x0f) | 0x40);
      uuid[8] = static_cast<char>((uuid[8] & 0x3f) | 0x80);
      key_ = encode_base64(uuid);
    }
    if (has("own-hs-cli-key-unpadded")) key_.resize(22);
    if (has("own-hs-cli-key-url-safe")) {
      key_[3] = '-';
      key_[7] = '_';
    }
    if (has("own-hs-cli-key-not-canonical")) key_[21] = 'x';
    if (has("own-hs-cli-key-first-half-fixed")) key_.replace(0, 20, "dGhlIHNhbXBsZSBub25j");
    std::string host = settings_.host;
    if (has("own-hs-cli-host-without-port")) host = host.substr(0, host.rfind(':'));
    std::string resource = settings_.resource;
    if (resource.find('?') != std::string::npos && has("own-hs-cli-query-lost")) {
      resource.resize(resource.find('?'));
    }
    if (resource.size() > 1 && has("hs-cli-path-lost")) resource = "/";
    change_path(resource);
    if (has("hs-cli-target-with-authority")) resource = "//" + host + resource;
    if (has("own-hs-cli-absolute-target")) resource = "ws://" + host + resource;
    if (has("own-hs-cli-target-without-slash")) resource.erase(0, 1);
    if (resource.starts_with("/?") && has("hs-cli-query-without-path")) resource.erase(0, 1);
    if (has("own-hs-cli-fragment-sent")) resource += "#top";
    if (resource == "/" && has("hs-cli-empty-target")) resource.clear();
    output_ = (has("own-hs-cli-lower-get") ? "get "
               : has("own-hs-cli-post")    ? "POST "
                                           : "GET ") +
              resource + (has("own-hs-cli-sends-http10") ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n");
    if (has("own-hs-cli-host-with-scheme")) host = "http://" + host;
    if (has("own-hs-cli-host-twice")) output_ += "Host: " + host + "\r\n";
    if (has("own-hs-cli-sends-content-length")) output_ += "Content-Length: 5\r\n";
    if (has("own-hs-cli-sends-chunked")) output_ += "Transfer-Encoding: chunked\r\n";
    if (has("own-hs-cli-sends-space-before-colon")) output_ += "User-Agent : one\r\n";
    if (has("own-hs-cli-sends-folded")) output_ += "User-Agent: one\r\n two\r\n";
    if (has("own-hs-cli-sends-bare-lf")) output_ += "User-Agent: one\n";
    if (has("own-hs-cli-version-twice")) output_ += "Sec-WebSocket-Version: 13\r\n";
    if (has("own-hs-cli-sends-accept")) {
      output_ += "Sec-WebSocket-Accept: " + oracle::compute_accept(key_) + "\r\n";
    }
    if (has("own-hs-cli-protocol-in-two-fields-repeated")) {
      output_ += "Sec-WebSocket-Protocol: chat\r\n";
    }
    if (!settings_.origin.empty()) {
      output_ +=
          "Origin: " + (has("own-hs-cli-origin-null") ? std::string("null") : settings_.origin) +
          "\r\n";
    }
    if (has("own-hs-cli-origin-with-slash")) output_ += "Origin: http://" + host + "/\r\n";
    if (has("own-hs-cli-origin-without-scheme")) output_ += "Origin: " + host + "\r\n";
    if (has("hs-cli-origin-of-target")) output_ += "Origin: ws://" + host + "\r\n";
    if (has("hs-cli-origin-with-path")) output_ += "Origin: http://" + host + resource + "\r\n";
    if (!has("own-hs-cli-no-host")) output_ += "Host: " + host + "\r\n";
    if (has("own-hs-cli-sends-upgrade-h2c")) {
      output_ += "Upgrade: h2c\r\n";
    } else if (!has("own-hs-cli-sends-no-upgrade")) {
      output_ += "Upgrade: websocket\r\n";
    }
    output_ += has("own-hs-cli-connection-keep-alive") ? "Connection: keep-alive\r\n"
               : has("hs-cli-connection-close")        ? "Connection: close, Upgrade\r\n"
               : has("hs-cli-no-connection")           ? ""
                                                       : "Connection: Upgrade\r\n";
    if (has("hs-cli-upgrade-and-connection-twice")) {
      output_ += "Upgrade: websocket\r\nConnection: Upgrade\r\n";
    }
    output_ += "Sec-WebSocket-Key: " + key_ + "\r\n";
    if (has("own-hs-cli-key-twice")) output_ += "Sec-WebSocket-Key: " + key_ + "\r\n";
    output_ += has("own-hs-cli-version-8")      ? "Sec-WebSocket-Version: 8\r\n"
               : has("hs-cli-proto-line-glued") ? "Sec-WebSocket-Version: 13"
               : has("hs-cli-no-version")       ? ""
                                                : "Sec-WebSocket-Version: 13\r\n";
    output_ += has("own-hs-cli-protocol-repeated")  ? "Sec-WebSocket-Protocol: chat, chat\r\n"
               : has("hs-cli-empty-protocol")       ? "Sec-WebSocket-Protocol: \r\n"
               : has("hs-cli-proto-null")           ? "Sec-WebSocket-Protocol: null\r\n"
               : has("hs-cli-proto-trailing-comma") ? "Sec-WebSocket-Protocol: chat, superchat,\r\n"
               : has("hs-cli-proto-leading-comma")  ? "Sec-WebSocket-Protocol: ,chat,superchat\r\n"
                                                    : "Sec-WebSocket-Protocol: chat, superchat\r\n";
    std::string extensions = offer();
    if (has("own-ng-cli-offers-9-bits")) extensions += "=9";
    if (has("ng-cli-larger-server-bits-taken")) extensions += "; server_max_window_bits=10";
    if (has("ng-cli-needs-client-takeover")) {
      extensions = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
    }
    if (has("own-ng-cli-unasked-client-bits-taken")) extensions = "permessage-deflate";
    if (has("ng-bits-as-byte")) extensions += "=\x0f";
    if (has("own-ng-cli-offer-bits-16"))
      extensions = "permessage-deflate; client_max_window_bits=16";
    if (has("own-ng-cli-offer-repeated")) {
      extensions += "; server_max_window_bits=12; server_max_window_bits=13";
    }
    if (has("own-ng-cli-offer-bits-7")) {
      extensions = "permessage-deflate; server_max_window_bits=7";
    }
    if (has("own-ng-cli-offer-server-bits-bare")) {
      extensions = "permessage-deflate; server_max_window_bits";
    }
    if (has("own-ng-cli-offer-takeover-value")) {
      extensions = "permessage-deflate; client_no_context_takeover=true";
    }
    if (has("own-ng-cli-offer-trailing-semicolon")) extensions += ";";
    if (has("ng-params-with-commas")) std::ranges::replace(extensions, ';', ',');
    if (has("hs-cli-empty-extensions")) extensions.clear();
    if (has("own-ng-cli-offer-leading-zero")) {
      extensions = "permessage-deflate; client_max_window_bits=09";
    }
    if (!has("own-ng-cli-unoffered-deflate-taken")) {
      output_ += "Sec-WebSocket-Extensions: " + extensions + "\r\n";
    }
    output_ += "\r\n";
    if (has("own-hs-cli-sends-extra-line")) output_ += "\r\n";
    if (has("own-hs-cli-frame-before-101")) {
      output_ += std::string("\x89\x80\x01\x02\x03\x04", 6);  // a Ping
    }
  }

  /// Faults in a path of several parts.
  void change_path(std::string& resource) {
    const std::size_t end = std::min(resource.find('?'), resource.size());
    const std::string path = resource.substr(0, end);
    if (path.find(';') != std::string::npos && has("own-hs-cli-path-cut-at-semicolon")) {
      resource.erase(path.find(';'), end - path.find(';'));
    } else if (path.find("//") != std::string::npos && has("own-hs-cli-path-slashes-merged")) {
      resource.erase(path.find("//"), 1);
    } else if (path.rfind('/') > 0 && path.rfind('/') != std::string::npos &&
               has("own-hs-cli-path-last-part")) {
      resource.erase(0, path.rfind('/'));
    }
  }

  void refuse() {
    state_ = State::refused;
    if (has("own-hs-cli-close-frame-after-refusal")) {
      output_ += std::string("\x88\x82\x01\x02\x03\x04\x02\xe8", 8);  // 1002, masked
    }
    if (has("own-hs-cli-error-not-closed")) ends_after_refusal_ = false;
  }

  std::vector<std::string> values(std::string_view name) {
    return values_of(reader_.head(), name, Role::client, switches_);
  }

  std::vector<std::string> raw_values(std::string_view name) const {
    std::vector<std::string> found;
    for (const Field& field : reader_.head().fields) {
      if (equals_ignoring_case(field.name, name)) found.push_back(field.value);
    }
    return found;
  }

  /// "HTTP/1.1 ", three digits, and a reason behind a space, which may be empty.
  int status() {
    const std::string& line = reader_.head().start_line;
    const bool is_101 = line.starts_with("HTTP/1.1 101") && (line.size() == 12 || line[12] == ' ');
    if (!is_101) {
      if (line.starts_with("HTTP/1.1 101") && has("own-hs-cli-status-prefix")) return 101;
      if (line.find(" 101 ") != std::string::npos && has("own-hs-cli-status-anywhere")) return 101;
      if (to_lower(line).starts_with("http/1.1 101 ") && has("own-hs-cli-lower-http")) return 101;
      if (line.starts_with("HTTP/2.0 101") && has("own-hs-cli-http20")) return 101;
      if (line.starts_with("HTTP/1.1  101") && has("own-hs-cli-two-spaces")) return 101;
      if (line.starts_with("HTTP/1.1\t101") && has("own-hs-cli-tab-in-status-line")) return 101;
      if (line.find("101") != std::string::npos && !line.starts_with("HTTP/") &&
          has("own-hs-cli-any-protocol")) {
        return 101;
      }
    }
    if (line.size() < 12 || !line.starts_with("HTTP/1.") || line[8] != ' ') return -1;
    if (line.size() > 12 && line[12] != ' ') return -1;
    return parse_number(line.substr(9, 3));
  }

  /// "A client MUST be able to parse one or more 1xx responses received prior to a final response"
  /// (RFC 9110 section 15.2).
  bool is_interim() {
    const int code = status();
    if (code > 101 && code < 200 && has("own-hs-cli-any-1xx")) return false;
    return code >= 100 && code < 200 && code != 101;
  }

  /// Faults that miss the field of the extensions in some forms.
  bool loses_extensions() {
    const auto extensions = values("Sec-WebSocket-Extensions");
    if (extensions.empty()) return false;
    const std::string_view text = reader_.text();
    if (has_empty_element(extensions[0]) && has("own-ng-cli-empty-element-lost")) return true;
    if (!text.contains("Sec-WebSocket-Extensions:") && has("own-ng-cli-other-case-lost"))
      return true;
    return !text.contains("xtensions: ") && has("own-ng-cli-without-space-lost");
  }

  bool answers_the_request() {
    if (!raw_values("Content-Length").empty() && has("hs-cli-content-length-refused")) return false;
    if (const auto lengths = raw_values("Content-Length");
        !lengths.empty() && lengths.front().size() > 6 && has("hs-cli-large-length-refused")) {
      return false;
    }
    for (const std::string& name : raw_values("Sec-WebSocket-Protocol")) {
      const bool is_high =
          std::ranges::any_of(name, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
      if (is_high && has("hs-cli-high-proto-dies")) {
        agreement_.kills = true;
        return false;
      }
    }
    if (!raw_values("Location").empty() && has("own-hs-cli-location-followed")) return false;
    if (!raw_values("Content-Encoding").empty() && has("own-hs-cli-content-encoding-refused")) {
      return false;
    }
    if (!raw_values("WWW-Authenticate").empty() && has("own-hs-cli-authenticate-refused")) {
      return false;
    }
    const std::string& line = reader_.head().start_line;
    const int code = status();
    if (code == -1) return false;
    if (code == 101 && !raw_values("Transfer-Encoding").empty() && has("hs-cli-te-refused")) {
      return false;
    }
    if (code == 101 && reader_.head().fields.size() > 25 && has("hs-cli-25-fields-refused")) {
      return false;
    }
    if (const auto versions = raw_values("Sec-WebSocket-Version");
        !versions.empty() && versions.front() != "13" &&
        has("hs-cli-version-in-response-compared")) {
      return false;
    }
    for (const std::string& accept : raw_values("Sec-WebSocket-Accept")) {
      if (accept.size() > 200 && has("hs-cli-long-accept-dies")) {
        agreement_.kills = true;
        return false;
      }
    }
    if (const auto extensions = values("Sec-WebSocket-Extensions");
        !extensions.empty() && has_empty_element(extensions[0]) &&
        has("own-ng-cli-empty-element-refused")) {
      return false;
    }
    if (line.starts_with("HTTP/1.0") && !has("own-hs-cli-http10")) return false;
    if (line.size() <= 13 && has("own-hs-cli-empty-reason")) return false;
    if (line.size() > 13 && line.substr(13) != "Switching Protocols" &&
        has("own-hs-cli-reason-compared")) {
      return false;
    }
    if (code >= 400 && raw_values("Content-Length").empty() &&
        has("hs-cli-refusal-without-length-dies")) {
      agreement_.kills = true;
      return false;
    }
    if (code != 101 && !(reader_.text().contains("101") && has("hs-cli-101-in-head"))) {
      const bool is_taken = code / 100 == 2   ? has("own-hs-cli-status-200")
                            : code / 100 == 3 ? has("own-hs-cli-status-300")
                            : code / 100 == 1 ? has("own-hs-cli-any-1xx")
                            : code == 426     ? has("own-hs-cli-status-426")
                                              : has("own-hs-cli-status-400");
      if (!is_taken) return false;
    }
    const auto& fields = reader_.head().fields;
    const auto position = [&](std::string_view name) {
      return std::ranges::find_if(
          fields, [&](const Field& field) { return equals_ignoring_case(field.name, name); });
    };
    if (position("Sec-WebSocket-Protocol") < position("Sec-WebSocket-Extensions") &&
        position("Sec-WebSocket-Extensions") != fields.end() &&
        has("own-ng-cli-extension-behind-protocol-lost")) {
      return check_upgrade() && check_connection() && check_accept() && check_subprotocol();
    }
    if (loses_extensions()) {
      return check_upgrade() && check_connection() && check_accept() && check_subprotocol();
    }
    return check_upgrade() && check_connection() && check_accept() && check_subprotocol() &&
           accept_answer(values("Sec-WebSocket-Extensions"), switches_, agreement_);
  }

  bool check_upgrade() {
    const auto upgrades = values("Upgrade");
    if (upgrades.empty() && has("own-hs-cli-upgrade-missing")) return true;
    if (upgrades.size() > 1 && equals_ignoring_case(upgrades.front(), "websocket") &&
        has("own-hs-cli-upgrade-first-field")) {
      return true;
    }
    if (upgrades.size() == 1) {
      const auto listed = split_list(to_lower(upgrades[0]));
      if (listed.size() > 1 && contains(listed, "websocket") && has("own-hs-cli-upgrade-list")) {
        return true;
      }
      if (to_lower(upgrades[0]).starts_with("websocket") && upgrades[0].size() > 9 &&
          has("own-hs-cli-upgrade-prefix")) {
        return true;
      }
    }
    if (upgrades.size() == 1 && to_lower(upgrades[0]) > "websocket" && has("hs-upgrade-by-order")) {
      return true;
    }
    if (upgrades.size() == 1 && !equals_ignoring_case(upgrades[0], "websocket") &&
        equals_ignoring_case(fold_to_ascii(upgrades[0]), "websocket") && has("hs-upgrade-folded")) {
      return true;
    }
    if (upgrades.size() == 1 && equals_ignoring_case(upgrades[0], "websocket")) {
      return upgrades[0] == "websocket" || !has("own-hs-cli-upgrade-case");
    }
    if (upgrades.size() == 1 && to_lower(upgrades[0]).find("websocket") != std::string::npos &&
        has("own-hs-cli-upgrade-substring")) {
      return true;
    }
    if (upgrades.size() == 1 && !upgrades[0].empty() &&
        std::string_view("websocket").starts_with(to_lower(upgrades[0])) &&
        has("own-hs-cli-upgrade-shorter")) {
      return true;
    }
    return has("hs-cli-upgrade-unchecked");
  }

  bool check_connection() {
    const auto connections = values("Connection");
    if (connections.empty() && has("own-hs-cli-connection-missing")) return true;
    if (connections.size() > 1 && equals_ignoring_case(connections[0], "upgrade") &&
        equals_ignoring_case(connections[1], "upgrade") && has("own-hs-cli-option-twice-refused")) {
      return false;
    }
    if (connections.size() > 1 && !equals_ignoring_case(connections.front(), "upgrade") &&
        has("own-hs-cli-connection-first-field")) {
      return false;
    }
    if (connections.size() > 1 && !equals_ignoring_case(connections.back(), "upgrade") &&
        has("hs-cli-connection-last-field")) {
      return false;
    }
    if (connections.size() == 1) {
      const std::string& only = connections.front();
      if (only.find(',') != std::string::npos && only.find(", ") == std::string::npos &&
          has("own-hs-cli-connection-comma-and-space")) {
        return false;
      }
      if (!to_lower(only).starts_with("upgrade") && has("own-hs-cli-connection-first-option")) {
        return false;
      }
      if (!to_lower(only).ends_with("upgrade") && has("own-hs-cli-connection-last-option")) {
        return false;
      }
    }
    bool listed = false;
    bool contained = false;
    for (const std::string& value : connections) {
      for (const std::string& element : split_list(value)) {
        listed = listed || equals_ignoring_case(element, "upgrade");
      }
      contained = contained || to_lower(value).find("upgrade") != std::string::npos;
    }
    if (connections.size() == 1 && connections[0].find('\'') != std::string::npos &&
        has("hs-connection-apostrophe-refused")) {
      return false;
    }
    if (!listed) {
      if (connections.size() == 1 && lists_quoted(connections[0], "upgrade") &&
          has("hs-connection-quoted")) {
        return true;
      }
      if (connections.size() == 1 && !connections[0].empty() &&
          std::string_view("upgrade").starts_with(to_lower(connections[0])) &&
          has("own-hs-cli-connection-shorter")) {
        return true;
      }
      if (!connections.empty() && to_lower(connections.front()) > "upgrade" &&
          has("hs-connection-by-order")) {
        return true;
      }
      if (contained && has("own-hs-cli-connection-substring")) return true;
      return has("own-hs-cli-connection-unchecked");
    }
    if (connections.size() == 1 && contains(split_list(to_lower(connections[0])), "close") &&
        has("own-hs-cli-close-option-ends")) {
      agreement_.ends = true;
    }
    if (connections.size() == 1 && equals_ignoring_case(connections[0], "upgrade")) {
      return connections[0] == "Upgrade" || !has("own-hs-cli-connection-case");
    }
    return !has("hs-cli-connection-exact");
  }

  bool check_accept() {
    const auto accepts = values("Sec-WebSocket-Accept");
    const std::string expected = oracle::compute_accept(key_);
    const std::string_view head = reader_.text();
    if (accepts.size() == 1 && head.find("\r\n\r\n") - head.find(accepts[0]) > 2048 &&
        has("own-hs-cli-accept-overwritten")) {
      return false;
    }
    if (accepts.size() == 1 && accepts[0] == expected) return true;
    if (accepts.size() > 1 && accepts.front() == expected && has("own-hs-cli-accept-first-field")) {
      return true;
    }
    if (accepts.size() == 1) {
      const std::string& only = accepts[0];
      if (only.empty() && has("own-hs-cli-accept-empty")) return true;
      if (only + "=" == expected && has("own-hs-cli-accept-unpadded")) return true;
      if (only.substr(0, 20) == expected.substr(0, 20) && has("own-hs-cli-accept-first-20")) {
        return true;
      }
      if (only.size() == expected.size() && has("own-hs-cli-accept-length-only")) return true;
      if (only == "\"" + expected + "\"" && has("own-hs-cli-accept-quoted")) return true;
      std::string dense = only;
      std::erase_if(dense, [](char c) { return c == ' ' || c == '\t'; });
      if (dense == expected && has("own-hs-cli-accept-spaces-inside")) return true;
      if (only == key_ && has("own-hs-cli-accept-is-key")) return true;
      if (only.find(expected) != std::string::npos && has("own-hs-cli-accept-contained")) {
        return true;
      }
    }
    if (has("hs-cli-accept-unchecked")) return true;
    if (accepts.empty()) return has("own-hs-cli-accept-optional");
    if (accepts.size() > 1) {
      return contains(accepts, expected) && has("own-hs-cli-accept-twice");
    }
    if (decode_as_text(accepts[0]) == decode_as_text(expected) && has("hs-cli-accept-as-text")) {
      return true;
    }
    if (equals_ignoring_case(accepts[0], expected)) return has("hs-cli-accept-case-fold");
    if (expected.starts_with(accepts[0])) return has("own-hs-cli-accept-prefix");
    if (accepts[0].starts_with(expected)) return has("own-hs-cli-accept-longer");
    return false;
  }

  bool check_subprotocol() {
    const auto chosen = values("Sec-WebSocket-Protocol");
    if (chosen.empty()) return true;
    if (!reader_.text().contains("rotocol: " + chosen[0] + "\r") &&
        has("own-hs-cli-proto-padded-refused")) {
      return false;
    }
    if (has("hs-cli-proto-list-compare") && chosen[0] != "chat, superchat") return false;
    if (chosen.size() > 1) return has("own-hs-cli-proto-two-fields");
    agreement_.subprotocol = chosen[0];
    if (!contains(kOffered, chosen[0]) && !chosen[0].empty()) {
      if (std::string_view("chat, superchat").find(chosen[0]) != std::string_view::npos &&
          has("own-hs-cli-proto-substring")) {
        return true;
      }
      if (chosen[0].starts_with("chat") && has("own-hs-cli-proto-longer")) return true;
    }
    if (chosen[0] == "superchat" && has("own-hs-cli-proto-first-only")) return false;
    if (contains(kOffered, chosen[0])) return true;
    if (chosen[0].empty()) return has("own-hs-cli-proto-empty");
    if (contains(kOffered, to_lower(chosen[0]))) return has("hs-cli-proto-case-fold");
    if (chosen[0].find(',') != std::string::npos) return has("own-hs-cli-proto-list");
    return has("hs-cli-proto-unrequested");
  }

  OpeningSettings settings_;
  Switches& switches_;
  HeadReader reader_;
  // After the connection before, for faults.
  std::string key_before_;
  bool refuses_ = false;
  bool waits_for_ever_ = false;  // by a fault
  std::string key_;
  int interims_ = 0;
};

}  // namespace

std::unique_ptr<Opening> make_client_opening(const OpeningSettings& settings, Switches& switches) {
  return std::make_unique<ClientOpening>(settings, switches);
}

}  // namespace ws::conformance::mutants
