#include "conformance/mutants/service.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <list>
#include <memory>
#include <poll.h>
#include <random>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <vector>

#include "conformance/mutants/connection.hpp"
#include "conformance/mutants/leftovers.hpp"
#include "conformance/mutants/sockets.hpp"
#include "conformance/mutants/text.hpp"

namespace ws::conformance::mutants {
namespace {

std::uint64_t random_seed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U) | device();
}

std::unique_ptr<FaultyEndpoint> make_endpoint(Role role, const ServiceSettings& settings,
                                              bool with_fault, const std::string& host,
                                              const std::string& resource,
                                              std::shared_ptr<Leftovers> leftovers) {
  return make_faulty_endpoint({.role = role,
                               .fault = with_fault ? settings.fault : std::nullopt,
                               .seed = random_seed(),
                               .host = host,
                               .resource = resource,
                               .policy = settings.policy,
                               .max_message = settings.max_message,
                               .virtual_work = false,
                               .leftovers = std::move(leftovers)});
}

/// Milliseconds until the first deadline, rounded up; -1: none.
template <typename Connections>
int time_left(const Connections& connections) {
  std::optional<Clock::time_point> first;
  for (const auto& connection : connections) {
    const auto deadline = connection->deadline();
    if (deadline && (!first || *deadline < *first)) first = deadline;
  }
  if (!first) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*first - Clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000));
}

pollfd watch(Connection& connection) {
  short events = 0;
  if (connection.wants_read()) events |= POLLIN;
  if (connection.wants_write()) events |= POLLOUT;
  return {.fd = connection.socket(), .events = events, .revents = 0};
}

bool is_due(const Connection& connection) {
  const auto deadline = connection.deadline();
  return deadline && *deadline <= Clock::now();
}

}  // namespace

void serve(const std::string& host, std::uint16_t port, const ServiceSettings& settings) {
  Switches switches(settings.fault);
  TlsContext context;
  if (!settings.certificate.empty()) {
    context = make_server_context(settings.certificate, settings.key, switches);
  }
  const std::vector<int> listeners = listen_on(host, port);
  std::cout << "listening on " << port << std::endl;
  const auto leftovers = std::make_shared<Leftovers>();
  std::list<std::unique_ptr<Connection>> connections;
  bool is_offended = false;
  int accepted = 0;
  std::vector<std::unique_ptr<Connection>> left;  // by faults that never close their sockets
  std::vector<std::string> kept;                  // by one that keeps memory
  while (true) {
    std::vector<pollfd> polled;
    const bool is_blocked =
        switches.has("own-cn-blocked-writer") &&
        std::ranges::any_of(connections, [](const auto& each) { return each->wants_write(); });
    for (const auto& connection : connections) {
      polled.push_back(watch(*connection));
      const bool has_to_wait = connection != connections.front() &&
                               connection->endpoint().is_opened() &&
                               switches.has("own-cn-oldest-first");
      if (has_to_wait || (is_blocked && !connection->wants_write())) polled.back().events = 0;
    }
    const bool accepts =
        !is_offended && (connections.empty() || !switches.has("own-tr-one-at-a-time"));
    for (const int listener : listeners) {
      polled.push_back(
          {.fd = listener, .events = accepts ? short{POLLIN} : short{0}, .revents = 0});
    }
    poll(polled.data(), polled.size(), time_left(connections));
    std::size_t i = 0;
    for (const auto& connection : connections) {
      if (polled[i++].revents != 0 || is_due(*connection)) connection->step();
      if (connection->has_ended_inside_frame() && switches.has("tr-end-inside-frame-blocks-all")) {
        std::this_thread::sleep_for(std::chrono::hours(1));
      }
      if (connection->has_failed_handshake() && switches.has("own-tls-one-bad-handshake")) {
        is_offended = true;
      }
    }
    // A fault may have given one what another was sent.
    for (const auto& connection : connections) connection->send_output();
    const Connection* waits = nullptr;
    for (const auto& connection : connections) {
      if (connection->waiting().empty()) continue;
      if (waits != nullptr && switches.has("cn-waiting-output-shared")) {
        connection->overwrite_waiting(waits->waiting());
      }
      waits = connection.get();
    }
    std::erase_if(connections, [&](auto& connection) {
      if (!connection->is_over() || switches.has("own-tr-sockets-left")) return false;
      if (switches.has("cn-memory-kept")) kept.emplace_back(256 * 1024, 'k');
      if (!connection->endpoint().is_opened() && switches.has("own-tr-refusals-left")) {
        left.push_back(std::move(connection));
        return true;
      }
      const bool is_left =
          (connection->was_reset_idle() && switches.has("tr-reset-keeps-socket")) ||
          (connection->endpoint().is_inside_message() &&
           switches.has("own-tr-end-inside-message-keeps-socket"));
      if (is_left) left.push_back(std::move(connection));
      return true;
    });
    for (const int listener : listeners) {
      if (polled[i++].revents == 0) continue;
      const int socket = accept_from(listener);
      if (socket < 0) continue;
      if (++accepted > 100 && switches.has("own-cn-hundred")) {
        close(socket);
        continue;
      }
      connections.push_back(std::make_unique<Connection>(
          std::make_unique<Stream>(socket, context.get(), true, ""),
          make_endpoint(Role::server, settings, true, "", "", leftovers), Role::server, switches));
    }
  }
}

namespace {

/// What a request cannot have as it is, in octets (RFC 3986 section 2.1).
std::string encode(std::string_view resource) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : resource) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet > 0x20 && octet < 0x7f) {
      encoded += c;
    } else {
      encoded += {'%', kDigits[octet / 16], kDigits[octet % 16]};
    }
  }
  return encoded;
}

/// The octets that "%23" and the like stand for.
std::string decode(std::string_view resource) {
  std::string decoded;
  while (!resource.empty()) {
    const int octet = resource[0] == '%' && resource.size() > 2
                          ? std::stoi(std::string(resource.substr(1, 2)), nullptr, 16)
                          : resource[0];
    decoded += static_cast<char>(octet);
    resource.remove_prefix(resource[0] == '%' && resource.size() > 2 ? 3 : 1);
  }
  return decoded;
}

/// Faults in what of a URL gets into the request.
void change_resource(std::string& resource, Switches& switches) {
  const std::size_t query = std::min(resource.find('?'), resource.size());
  if (resource.find('%', query) != std::string::npos && switches.has("hs-cli-query-decoded")) {
    resource = resource.substr(0, query) + decode(resource.substr(query));
  }
  if (resource.find('%') != std::string::npos && switches.has("hs-cli-escapes-again")) {
    for (std::size_t at = resource.find('%'); at != std::string::npos;
         at = resource.find('%', at + 3)) {
      resource.insert(at + 1, "25");
    }
  }
  for (const std::string_view end : {"%0d", "%0D", "%0a", "%0A"}) {
    while (resource.find(end) != std::string::npos && switches.has("hs-cli-line-end-decoded")) {
      resource.replace(resource.find(end), end.size(), decode(end));
    }
  }
  if (query > 1 && query <= resource.size() && resource[query - 1] == '/' &&
      switches.has("hs-cli-last-slash-lost")) {
    resource.erase(query - 1, 1);
  }
  while (resource.find('+') != std::string::npos && switches.has("own-hs-cli-plus-as-space")) {
    resource.replace(resource.find('+'), 1, "%20");
  }
}

}  // namespace

std::optional<ClientTarget> parse_url(const std::string& url, std::optional<FaultId> fault) {
  Switches switches(fault);
  ClientTarget target;
  std::string_view rest = url;
  const std::string scheme = to_lower(rest.substr(0, rest.find(':')));
  target.secure = scheme == "wss";
  if (!target.secure && scheme != "ws") return std::nullopt;
  if (!rest.substr(scheme.size()).starts_with("://")) return std::nullopt;
  rest.remove_prefix(scheme.size() + 3);
  // A ws URL has no fragment (RFC 6455 section 3), and no user.
  if (rest.find('#') != std::string_view::npos && !switches.has("hs-cli-url-fragment-sent")) {
    return std::nullopt;
  }
  const std::size_t slash = std::min(rest.find_first_of("/?"), rest.size());
  std::string_view authority = rest.substr(0, slash);
  target.resource = encode(rest.substr(slash));
  if (target.resource.starts_with('?')) target.resource.insert(0, 1, '/');
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    target.has_user = switches.has("hs-cli-redirect-credentials-kept");
    if (!target.has_user && !switches.has("hs-cli-user-in-host")) return std::nullopt;
    if (!target.has_user) target.user = authority.substr(0, at + 1);
    authority.remove_prefix(at + 1);
  }
  const std::size_t colon = authority.rfind(':');
  target.port = target.secure ? 443 : 80;
  if (colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos) {
    const std::string digits(authority.substr(colon + 1));
    int port = parse_number(digits);
    if (port < 0 && switches.has("own-hs-cli-port-by-atoi")) port = std::atoi(digits.c_str());
    if (port > 65'535 && switches.has("own-hs-cli-port-of-16-bits")) port %= 65'536;
    if (port < 1 || port > 65'535) return std::nullopt;
    target.port = static_cast<std::uint16_t>(port);
    authority = authority.substr(0, colon);
  }
  if (authority.starts_with('[') && authority.ends_with(']')) {
    authority = authority.substr(1, authority.size() - 2);
  }
  target.host = authority;
  if (target.host.empty()) return std::nullopt;
  return target;
}

namespace {

class Client {
 public:
  Client(ClientTarget target, const ServiceSettings& settings)
      : target_(std::move(target)), settings_(settings), switches_(settings.fault) {
    if (target_.secure) context_ = make_client_context(settings_.authorities, switches_);
  }

  /// One connection, until it is over. Returns the last message if it is not to be echoed.
  std::string run(const std::string& resource, bool with_fault) {
    const bool checks_name = target_.secure && !switches_.has("own-tls-name-unchecked");
    const bool is_ascii = std::ranges::all_of(
        target_.host, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    const std::string address =
        !is_ascii && switches_.has("own-hs-cli-host-as-it-stands") ? "127.0.0.1" : target_.host;
    const bool is_ipv6 = target_.host.find(':') != std::string::npos;
    const bool has_brackets = is_ipv6 && !switches_.has("hs-cli-ipv6-brackets-lost");
    std::string host = has_brackets ? "[" + target_.host + "]" : target_.host;
    host.insert(0, target_.user);
    if (!is_ipv6 || !switches_.has("hs-cli-ipv6-port-lost")) {
      host += ":" + std::to_string(target_.port);
    }
    host += more_fields_;
    Connection connection(std::make_unique<Stream>(connect(address), context_.get(), false,
                                                   checks_name ? target_.host : std::string(),
                                                   !switches_.has("own-tls-no-server-name")),
                          make_endpoint(Role::client, settings_, with_fault, host, resource,
                                        with_fault ? leftovers_ : nullptr),
                          Role::client, with_fault ? switches_ : no_fault_);
    connection.endpoint().on_connect([&](int count) { visit(resource, count); });
    std::string message;
    if (!with_fault) {
      connection.endpoint().on_message(
          [&](unsigned /*opcode*/, const std::string& payload) { message = payload; });
    }
    connection.step();
    while (!connection.is_over()) {
      pollfd polled = watch(connection);
      const std::vector<Connection*> one{&connection};
      if (poll(&polled, 1, time_left(one)) > 0 || is_due(connection)) connection.step();
    }
    was_cut_off_ = connection.endpoint().drop() == Drop::none;
    was_redirected_ = connection.endpoint().is_redirected();
    location_ = connection.endpoint().location();
    return message;
  }

  /// Of the user that the URL names, in each request.
  void add_credentials() { more_fields_ = "\r\nAuthorization: Basic dXNlcjp3b3Jk"; }

  /// The same machine, by another name.
  void go_to(const std::string& host) { target_.host = host; }

  /// The last connection ended otherwise than by its own will.
  bool was_cut_off() const { return was_cut_off_; }

  bool was_redirected() const { return was_redirected_; }

  const std::string& location() const { return location_; }

 private:
  /// Opens `count` connections besides, one after the other.
  void visit(const std::string& resource, int count) {
    ServiceSettings settings = settings_;
    settings.fault.reset();
    std::vector<std::thread> at_once;
    for (int i = 1; i <= count; ++i) {
      const auto open = [this, settings, target = resource + "&visit=" + std::to_string(i)] {
        try {
          Client(target_, settings).run(target, false);
        } catch (const std::exception& error) {
          std::cerr << "wsproof_mutant: " << target << ": " << error.what() << '\n';
        }
      };
      if (switches_.has("hs-cli-connects-at-once")) {
        at_once.emplace_back(open);
      } else {
        open();
      }
    }
    for (std::thread& each : at_once) each.join();
  }

  int connect(const std::string& address) {
    while (switches_.has("own-hs-cli-refused-tries-on")) {
      try {
        return connect_to(address, target_.port);
      } catch (const std::system_error&) {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
      }
    }
    return connect_to(address, target_.port);
  }

  ClientTarget target_;
  const ServiceSettings& settings_;
  bool was_cut_off_ = false;
  bool was_redirected_ = false;
  std::string location_;
  std::string more_fields_;  // behind the value of Host
  Switches switches_;
  Switches no_fault_;
  TlsContext context_;
  std::shared_ptr<Leftovers> leftovers_ = std::make_shared<Leftovers>();
};

/// What a faulty client asks for where it follows a redirection from `before` to `location`;
/// nothing if it does not follow.
std::optional<std::string> follow(const std::string& before, const std::string& location,
                                  Switches& switches) {
  if (location.find("again=") == std::string::npos) return std::nullopt;
  const std::size_t mark = location.find('#');
  const std::string fragment = mark == std::string::npos ? std::string() : location.substr(mark);
  std::string target = location.substr(0, mark);
  const bool is_elsewhere = target.starts_with("//localhost:");
  if (target.starts_with("//")) target.erase(0, target.find('/', 2));
  if (is_elsewhere && switches.has("own-hs-cli-redirect-host-kept")) return target;
  if (is_elsewhere && switches.has("hs-cli-redirect-credentials-kept")) return target;
  if (target.starts_with('.')) {
    if (switches.has("hs-cli-redirect-relative-to-root")) return "/" + target;
    target.erase(0, 1);
  }
  if (switches.has("hs-cli-redirect-query-lost")) return target.substr(0, target.find('?'));
  if (target.find('%') != std::string::npos && switches.has("own-hs-cli-redirect-decoded")) {
    return decode(target);
  }
  if (!fragment.empty() && switches.has("own-hs-cli-redirect-fragment-sent")) {
    return target + fragment;
  }
  if (target.find('?') == std::string::npos) {
    if (switches.has("own-hs-cli-redirect-query-kept")) {
      return target + before.substr(std::min(before.find('?'), before.size()));
    }
    if (switches.has("own-hs-cli-redirect-from-first")) return target;
  }
  if (target == "then?again=2" && switches.has("own-hs-cli-redirect-from-first")) {
    return before.substr(0, before.rfind('/', before.find('?')) + 1) + target;
  }
  return std::nullopt;
}

}  // namespace

int run_client(const ClientTarget& target, const std::string& agent,
               const ServiceSettings& settings) {
  Client client(target, settings);
  if (!target.resource.empty() && target.resource != "/") {
    Switches switches(settings.fault);
    const bool decodes =
        target.resource.find('%') != std::string::npos && switches.has("own-hs-cli-url-decoded");
    std::string resource = decodes ? decode(target.resource) : target.resource;
    change_resource(resource, switches);
    if (target.has_user) client.add_credentials();
    client.run(resource, true);
    if (const auto next = follow(resource, client.location(), switches)) {
      client.go_to("localhost");
      client.run(*next, true);
    }
    for (int i = 0; i < 4 && client.was_cut_off() && switches.has("own-cl-cli-returns-at-once");
         ++i) {
      client.run(resource, true);
    }
    return 0;
  }
  const std::string as_agent = "agent=" + agent;
  const int cases = parse_number(client.run("/getCaseCount?" + as_agent, false));
  if (cases < 0) {
    std::cerr << "the server told no number of cases\n";
    return 1;
  }
  Switches switches(settings.fault);
  for (int i = 1; i <= cases; ++i) {
    const std::string first = "/runCase?case=" + std::to_string(i) + "&" + as_agent;
    do {
      client.run(first, true);
    } while (client.was_redirected() && switches.has("hs-cli-redirections-uncounted"));
    for (int hop = 0; hop < 2; ++hop) {
      if (const auto next = follow(first, client.location(), switches)) client.run(*next, true);
    }
  }
  client.run("/updateReports?" + as_agent, false);
  return 0;
}

}  // namespace ws::conformance::mutants
