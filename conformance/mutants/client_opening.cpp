// A client's opening handshake (section 4.1).
#include <optional>
#include <random>
#include <ranges>
#include <utility>
#include <vector>

#include "conformance/mutants/http_reader.hpp"
#include "conformance/mutants/negotiation.hpp"
#include "conformance/mutants/opening.hpp"
#include "conformance/mutants/text.hpp"
#include "conformance/oracle/accept_key.hpp"

namespace ws::conformance::mutants {
namespace {

const std::vector<std::string> kOffered = {"chat", "superchat"};

std::string random_key(std::uint64_t seed, int bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::mt19937_64 random(seed ^ 0x5eed);
  std::string key;
  for (int i = 0; i < bytes / 3 * 4; ++i) key += kDigits[random() % 64];
  switch (bytes % 3) {
    case 1:
      key += kDigits[random() % 64];
      key += kDigits[random() % 4 * 16];
      return key + "==";
    case 2:
      key += kDigits[random() % 64];
      key += kDigits[random() % 64];
      key += kDigits[random() % 16 * 4];
      return key + "=";
    default:
      return key;
  }
}

class ClientOpening : public Opening {
 public:
  ClientOpening(OpeningSettings settings, Switches& switches)
      : settings_(std::move(settings)), switches_(switches), reader_(Role::client, switches) {
    request();
  }

  void receive(std::string_view read) override {
    auto state = reader_.feed(read);
    while (true) {
      switch (state) {
        case HeadReader::State::incomplete:
          return;
        case HeadReader::State::too_large:
        case HeadReader::State::malformed:
          return refuse();
        case HeadReader::State::complete:
          break;
      }
      if (!is_interim()) break;
      if (has("own-hs-cli-interim-refused")) return refuse();
      if (++interims_ > 20) return refuse();
      state = reader_.restart();
    }
    if (!answers_the_request()) return refuse();
    state_ = State::opened;
  }

  std::string take_rest() override {
    std::string rest = reader_.take_rest();
    if (!rest.empty() && has("hs-cli-early-frames-dropped")) rest.clear();
    const bool has_content =
        !raw_values("Content-Length").empty() || !raw_values("Transfer-Encoding").empty();
    if (has_content && !rest.empty() && has("hs-cli-101-te-eats-byte")) rest.erase(0, 1);
    return rest;
  }

 private:
  bool has(FaultId fault) { return switches_.has(fault); }

  void request() {
    int key_bytes = 16;
    if (has("own-hs-cli-key-20-bytes")) key_bytes = 20;
    if (has("own-hs-cli-key-constant")) settings_.seed = 1;
    key_ = random_key(settings_.seed, key_bytes);
    std::string host = settings_.host;
    if (has("own-hs-cli-host-without-port")) host = host.substr(0, host.rfind(':'));
    output_ = "GET " + settings_.resource + " HTTP/1.1\r\n";
    if (!has("own-hs-cli-no-host")) output_ += "Host: " + host + "\r\n";
    output_ += "Upgrade: websocket\r\n";
    output_ += has("own-hs-cli-connection-keep-alive") ? "Connection: keep-alive\r\n"
                                                       : "Connection: Upgrade\r\n";
    output_ += "Sec-WebSocket-Key: " + key_ + "\r\n";
    if (has("own-hs-cli-key-twice")) output_ += "Sec-WebSocket-Key: " + key_ + "\r\n";
    output_ += has("own-hs-cli-version-8") ? "Sec-WebSocket-Version: 8\r\n"
                                           : "Sec-WebSocket-Version: 13\r\n";
    output_ += has("own-hs-cli-protocol-repeated") ? "Sec-WebSocket-Protocol: chat, chat\r\n"
                                                   : "Sec-WebSocket-Protocol: chat, superchat\r\n";
    std::string extensions = offer();
    if (has("own-ng-cli-offer-bits-16"))
      extensions = "permessage-deflate; client_max_window_bits=16";
    if (has("own-ng-cli-offer-repeated")) {
      extensions += "; server_max_window_bits=12; server_max_window_bits=13";
    }
    output_ += "Sec-WebSocket-Extensions: " + extensions + "\r\n\r\n";
    if (has("own-hs-cli-frame-before-101")) {
      output_ += std::string("\x89\x80\x01\x02\x03\x04", 6);  // a Ping
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
  int status() const {
    const std::string& line = reader_.head().start_line;
    if (line.size() < 12 || !line.starts_with("HTTP/1.") || line[8] != ' ') return -1;
    if (line.size() > 12 && line[12] != ' ') return -1;
    return parse_number(line.substr(9, 3));
  }

  /// "A client MUST be able to parse one or more 1xx responses received prior to a final response"
  /// (RFC 9110 section 15.2).
  bool is_interim() const {
    const int code = status();
    return code >= 100 && code < 200 && code != 101;
  }

  bool answers_the_request() {
    const std::string& line = reader_.head().start_line;
    const int code = status();
    if (code == -1) return false;
    if (line[7] < '1' && !has("own-hs-cli-http10")) return false;
    if (line.size() <= 13 && has("own-hs-cli-empty-reason")) return false;
    if (line.size() > 13 && line.substr(13) != "Switching Protocols" &&
        has("own-hs-cli-reason-compared")) {
      return false;
    }
    if (code != 101) {
      if (code / 100 == 2 ? !has("own-hs-cli-status-200") : true) return false;
    }
    return check_upgrade() && check_connection() && check_accept() && check_subprotocol() &&
           accept_answer(values("Sec-WebSocket-Extensions"), switches_, agreement_);
  }

  bool check_upgrade() {
    const auto upgrades = values("Upgrade");
    if (upgrades.size() == 1 && equals_ignoring_case(upgrades[0], "websocket")) {
      return upgrades[0] == "websocket" || !has("own-hs-cli-upgrade-case");
    }
    if (upgrades.size() == 1 && to_lower(upgrades[0]).find("websocket") != std::string::npos &&
        has("own-hs-cli-upgrade-substring")) {
      return true;
    }
    return has("hs-cli-upgrade-unchecked");
  }

  bool check_connection() {
    const auto connections = values("Connection");
    bool listed = false;
    bool contained = false;
    for (const std::string& value : connections) {
      for (const std::string& element : split_list(value)) {
        listed = listed || equals_ignoring_case(element, "upgrade");
      }
      contained = contained || to_lower(value).find("upgrade") != std::string::npos;
    }
    if (!listed) {
      if (contained && has("own-hs-cli-connection-substring")) return true;
      return has("own-hs-cli-connection-unchecked");
    }
    if (connections.size() == 1 && equals_ignoring_case(connections[0], "upgrade")) {
      return connections[0] == "Upgrade" || !has("own-hs-cli-connection-case");
    }
    return !has("hs-cli-connection-exact");
  }

  bool check_accept() {
    const auto accepts = values("Sec-WebSocket-Accept");
    const std::string expected = oracle::compute_accept(key_);
    if (accepts.size() == 1 && accepts[0] == expected) return true;
    if (has("hs-cli-accept-unchecked")) return true;
    if (accepts.empty()) return has("own-hs-cli-accept-optional");
    if (accepts.size() > 1) {
      return contains(accepts, expected) && has("own-hs-cli-accept-twice");
    }
    if (equals_ignoring_case(accepts[0], expected)) return has("hs-cli-accept-case-fold");
    if (expected.starts_with(accepts[0])) return has("own-hs-cli-accept-prefix");
    if (accepts[0].starts_with(expected)) return has("own-hs-cli-accept-longer");
    return false;
  }

  bool check_subprotocol() {
    const auto chosen = values("Sec-WebSocket-Protocol");
    if (chosen.empty()) return true;
    if (has("hs-cli-proto-list-compare") && chosen[0] != "chat, superchat") return false;
    if (chosen.size() > 1) return has("own-hs-cli-proto-two-fields");
    agreement_.subprotocol = chosen[0];
    if (contains(kOffered, chosen[0])) return true;
    if (chosen[0].empty()) return has("own-hs-cli-proto-empty");
    if (contains(kOffered, to_lower(chosen[0]))) return has("hs-cli-proto-case-fold");
    if (chosen[0].find(',') != std::string::npos) return has("own-hs-cli-proto-list");
    return has("hs-cli-proto-unrequested");
  }

  OpeningSettings settings_;
  Switches& switches_;
  HeadReader reader_;
  std::string key_;
  int interims_ = 0;
};

}  // namespace

std::unique_ptr<Opening> make_client_opening(const OpeningSettings& settings, Switches& switches) {
  return std::make_unique<ClientOpening>(settings, switches);
}

}  // namespace ws::conformance::mutants
