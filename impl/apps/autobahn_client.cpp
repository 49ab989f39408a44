#include "impl/apps/autobahn_client.hpp"

#include <algorithm>
#include <charconv>
#include <iostream>
#include <optional>
#include <string_view>
#include <utility>

#include "impl/apps/control.hpp"
#include "impl/apps/echo.hpp"
#include "impl/transport/run.hpp"
#include "impl/transport/session.hpp"
#include "impl/transport/transport_settings.hpp"

namespace ws::apps {
namespace {

constexpr std::size_t kMaxCases = 10'000;  // of one range, against a slip of the finger

std::optional<std::size_t> parse_number(std::string_view text) {
  std::size_t number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || rest != text.data() + text.size()) return {};
  return number;
}

bool is_case_id(std::string_view text) {
  return text.contains('.') && text.find_first_not_of("0123456789.") == std::string_view::npos;
}

/// Percent-encodes all but the unreserved characters (RFC 3986 section 2.3).
std::string encode_query_value(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  constexpr std::string_view kUnreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string encoded;
  for (const char character : text) {
    if (kUnreserved.contains(character)) {
      encoded += character;
    } else {
      const auto octet = static_cast<unsigned char>(character);
      encoded += {'%', kHex[octet >> 4U], kHex[octet & 0xfU]};
    }
  }
  return encoded;
}

/// How one connection went.
struct Visit {
  bool opened = false;
  bool reached = false;  ///< there was a server, whatever became of the opening handshake
  std::string first_text{};
  std::string end{};
};

class Client {
 public:
  Client(boost::asio::io_context& context, const AutobahnOptions& options)
      : context_(context), options_(options) {}

  /// Connects to `resource` and echoes until the connection has ended, and those that it asked for
  /// as well. If `echoes` is false, messages are only looked at.
  Visit visit(const std::string& resource, bool echoes) {
    Visit visit;
    connect(resource, [this, &visit, &resource, echoes](Session& session, Event& event) {
      if (std::holds_alternative<Opened>(event)) visit.opened = true;
      if (const auto* message = std::get_if<MessageReceived>(&event)) {
        if (visit.first_text.empty() && !echoes) visit.first_text = text_of(*message);
        if (echoes && !connect_more(resource, *message)) answer(session, *message);
      }
      if (const auto* closed = std::get_if<Closed>(&event)) {
        visit.end = describe_end(session, *closed);
        const auto& failure = session.failure();
        visit.reached = !failure || (failure->kind != FailureKind::resolve &&
                                     failure->kind != FailureKind::connect &&
                                     failure->kind != FailureKind::certificate);
      }
    });
    context_.restart();
    run(context_);
    return visit;
  }

 private:
  void connect(const std::string& resource, EventHandler handler) {
    Uri uri = options_.server;
    uri.resource = resource;
    Session::connect(context_.get_executor(),
                     {.connection = options_.connection,
                      .offer = {.uri = std::move(uri), .subprotocols = options_.subprotocols}},
                     options_.transport, options_.tls, std::move(handler));
  }

  /// Opens the connections that `message` asks for, which do as the first one does, but open no
  /// more. What becomes of them is the server's to judge.
  ///
  /// Returns: false if it asks for none.
  bool connect_more(const std::string& resource, const MessageReceived& message) {
    if (!options_.control) return false;
    const std::size_t count = parse_connect(message).value_or(0);
    for (std::size_t number = 1; number <= count; ++number) {
      connect(resource + "&visit=" + std::to_string(number),
              [this](Session& session, Event& event) {
                const auto* received = std::get_if<MessageReceived>(&event);
                if (received != nullptr) answer(session, *received);
              });
    }
    return count > 0;
  }

  void answer(Session& session, const MessageReceived& message) const {
    if (!(options_.control && obey(session, message))) echo(session, message);
  }

  boost::asio::io_context& context_;
  const AutobahnOptions& options_;
};

}  // namespace

std::expected<std::vector<std::string>, std::string> parse_case_selection(
    const std::vector<std::string>& cases) {
  std::vector<std::string> queries;
  for (const std::string& element : cases) {
    if (is_case_id(element)) {
      queries.push_back("casetuple=" + element);
      continue;
    }
    const auto dash = element.find('-');
    const auto first = parse_number(std::string_view(element).substr(0, dash));
    const auto last = dash == std::string::npos
                          ? first
                          : parse_number(std::string_view(element).substr(dash + 1));
    if (!first || !last || *first == 0 || *last < *first || *last - *first >= kMaxCases) {
      return std::unexpected(element);
    }
    for (std::size_t number = *first; number <= *last; ++number) {
      queries.push_back("case=" + std::to_string(number));
    }
  }
  return queries;
}

std::expected<void, std::string> run_autobahn_client(boost::asio::io_context& context,
                                                     const AutobahnOptions& options) {
  Client client(context, options);
  auto queries = parse_case_selection(options.cases).value();
  if (queries.empty()) {
    const Visit visit = client.visit("/getCaseCount", false);
    const auto count = parse_number(visit.first_text);
    if (!count) return std::unexpected("the server gave no number of cases: " + visit.end);
    for (std::size_t number = 1; number <= *count; ++number) {
      queries.push_back("case=" + std::to_string(number));
    }
  }
  const std::string agent = "agent=" + encode_query_value(options.agent);
  for (std::size_t done = 0; done < queries.size(); ++done) {
    const std::string& query = queries[done];
    const Visit visit = client.visit("/runCase?" + query + "&" + agent, true);
    std::cout << query << " (" << done + 1 << " of " << queries.size() << "): " << visit.end
              << std::endl;
    // A handshake that fails may be what the case is about.
    if (!visit.reached) return std::unexpected("the server did not run " + query);
  }
  const Visit visit = client.visit("/updateReports?" + agent, false);
  if (!visit.opened) return std::unexpected("the server wrote no reports: " + visit.end);
  return {};
}

}  // namespace ws::apps
