// echo_client: sends messages to an echo server and looks at what comes back, or lets a fuzzing
// server of Autobahn|Testsuite test this implementation as a client.
#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <iostream>
#include <iterator>

#include "impl/apps/autobahn_client.hpp"
#include "impl/apps/echo.hpp"
#include "impl/apps/options.hpp"
#include "impl/transport/run.hpp"
#include "impl/transport/session.hpp"

namespace {

struct Options {
  ws::apps::CommonOptions common{};
  std::string url{};
  std::vector<std::string> messages{};
  bool binary = false;
  bool ping = false;
  std::vector<std::string> subprotocols{};
  std::string origin{};
  ws::TlsClientSettings tls{};
  bool autobahn = false;
  std::string agent = "wsproof";
  std::vector<std::string> cases{};
};

void add_options(CLI::App& app, Options& options) {
  app.add_option("URL", options.url, "Such as ws://127.0.0.1:9001/ or wss://example.com/chat")
      ->required()
      ->check([](const std::string& text) {
        return ws::parse_uri(text)
                   ? std::string()
                   : "'" + text + "' is not a ws or wss URL without fragment and user information";
      });
  app.add_option("--message", options.messages,
                 "A text to send, once the one before has come back; repeatable; '-': standard "
                 "input, whole")
      ->type_name("TEXT");
  app.add_flag("--binary", options.binary, "Send the texts as binary messages");
  app.add_flag("--ping", options.ping, "Send a Ping first, and wait for its Pong");
  app.add_option("--subprotocol", options.subprotocols,
                 "A subprotocol to ask for, best first; repeatable")
      ->type_name("NAME");
  app.add_option("--origin", options.origin, "The Origin to send")->type_name("ORIGIN");
  auto* ca = app.add_option("--ca", options.tls.ca_file,
                            "PEM file with the CAs to trust in place of the system's")
                 ->check(CLI::ExistingFile)
                 ->type_name("FILE");
  app.add_flag("--insecure", options.tls.insecure, "Take any certificate, for any host name")
      ->excludes(ca);

  const std::string autobahn = "Autobahn|Testsuite";
  auto* mode = app.add_flag("--autobahn", options.autobahn,
                            "URL is that of a fuzzing server: run its cases, have it report")
                   ->group(autobahn)
                   ->excludes("--message")
                   ->excludes("--ping");
  app.add_option("--agent", options.agent, "Name under which it files the results")
      ->type_name("NAME")
      ->capture_default_str()
      ->group(autobahn)
      ->needs(mode);
  app.add_option("--cases", options.cases,
                 "Cases to run, such as 7, 7-12 or 1.1.1, separated by commas; without it, all")
      ->delimiter(',')
      ->check([](const std::string& text) {
        return ws::apps::parse_case_selection({text})
                   ? std::string()
                   : "'" + text + "' is not a number, a range such as 7-12, or an id such as 1.1.1";
      })
      ->type_name("LIST")
      ->group(autobahn)
      ->needs(mode);
  ws::apps::add_common_options(app, options.common);
}

/// Sends each message once the one before has come back, then closes.
class Conversation {
 public:
  explicit Conversation(const Options& options) : options_(options) {}

  void handle(ws::Session& session, ws::Event& event) {
    if (std::holds_alternative<ws::Opened>(event)) {
      if (options_.ping) {
        static_cast<void>(session.send_ping());
      } else {
        send_next(session);
      }
    } else if (std::holds_alternative<ws::PongReceived>(event)) {
      if (next_ == 0 && options_.ping) {
        std::cout << "pong" << std::endl;
        send_next(session);
      }
    } else if (const auto* message = std::get_if<ws::MessageReceived>(&event)) {
      handle_message(session, *message);
    } else if (const auto* failed = std::get_if<ws::HandshakeFailed>(&event)) {
      handle_failure(*failed);
    } else if (const auto* closed = std::get_if<ws::Closed>(&event)) {
      if (!closed->clean || echoed_ != options_.messages.size()) {
        complain(ws::apps::describe_end(session, *closed));
      }
    }
  }

  /// True if everything came back and the connection closed cleanly.
  bool went_well() const { return went_well_; }

 private:
  void send_next(ws::Session& session) {
    if (next_ == options_.messages.size()) {
      static_cast<void>(session.close(ws::CloseCode::normal_closure));
      return;
    }
    const std::string& text = options_.messages[next_++];
    const auto sent = options_.binary ? session.send_binary(std::as_bytes(std::span(text)))
                                      : session.send_text(text);
    if (!sent && sent.error() == ws::SendError::text_not_utf8) {
      complain("message " + std::to_string(next_) + " is not UTF-8; --binary can send it");
      static_cast<void>(session.close(ws::CloseCode::normal_closure));
    }
  }

  void handle_message(ws::Session& session, const ws::MessageReceived& message) {
    const std::string_view text = ws::apps::text_of(message);
    std::cout << text << std::endl;
    if (echoed_ == next_) {
      complain("a message came back that was not sent");
      return;
    }
    const bool same_type = (message.type == ws::Opcode::binary) == options_.binary;
    if (text != options_.messages[echoed_] || !same_type) {
      complain("message " + std::to_string(echoed_ + 1) + " came back changed");
    }
    ++echoed_;
    send_next(session);
  }

  void handle_failure(const ws::HandshakeFailed& failed) {
    std::string text(ws::describe(failed.error).text);
    if (failed.response) {
      text += " The server answered " + std::to_string(failed.response->status) + " " +
              failed.response->reason + ".";
    }
    complain(text);
  }

  void complain(const std::string& text) {
    std::cerr << "echo_client: " << text << "\n";
    went_well_ = false;
  }

  const Options& options_;
  std::size_t next_ = 0;    // message to send
  std::size_t echoed_ = 0;  // messages that came back
  bool went_well_ = true;
};

void read_standard_input(std::vector<std::string>& messages) {
  for (std::string& message : messages) {
    if (message != "-") continue;
    message.assign(std::istreambuf_iterator<char>(std::cin), {});
  }
}

int talk(const Options& options, std::shared_ptr<const ws::TlsContext> tls) {
  boost::asio::io_context context(1);
  Conversation conversation(options);
  ws::ClientSettings settings{
      .connection = ws::apps::connection_settings(options.common),
      .offer = {.uri = ws::parse_uri(options.url).value(), .subprotocols = options.subprotocols}};
  if (!options.origin.empty()) settings.offer.origin = options.origin;
  ws::Session::connect(context.get_executor(), std::move(settings),
                       ws::apps::transport_settings(options.common), std::move(tls),
                       [&conversation](ws::Session& session, ws::Event& event) {
                         conversation.handle(session, event);
                       });
  ws::run(context);
  return conversation.went_well() ? 0 : 1;
}

int run_cases(const Options& options, std::shared_ptr<const ws::TlsContext> tls) {
  boost::asio::io_context context(1);
  const auto ran = ws::apps::run_autobahn_client(
      context, {.server = ws::parse_uri(options.url).value(),
                .agent = options.agent,
                .cases = options.cases,
                .subprotocols = options.subprotocols,
                .control = options.common.control,
                .connection = ws::apps::connection_settings(options.common),
                .transport = ws::apps::transport_settings(options.common),
                .tls = std::move(tls)});
  if (ran) return 0;
  std::cerr << "echo_client: " << ran.error() << "\n";
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "Sends messages to a WebSocket echo server and prints what comes back.\n"
      "Exit status: 0 everything came back and the connection closed cleanly (with --autobahn:\n"
      "every case ran, whatever its verdict), 1 it did not, 2 bad usage.\n");
  Options options;
  add_options(app, options);
  if (const auto status = ws::apps::parse_command_line(app, argc, argv)) return *status;
  try {
    read_standard_input(options.messages);
    std::shared_ptr<const ws::TlsContext> tls;
    if (ws::parse_uri(options.url)->secure) {
      tls = std::make_shared<const ws::TlsContext>(options.tls);
    }
    return options.autobahn ? run_cases(options, std::move(tls)) : talk(options, std::move(tls));
  } catch (const std::exception& error) {
    std::cerr << "echo_client: " << error.what() << "\n";
    return 1;
  }
}
