#include "impl/apps/options.hpp"

#include <CLI/CLI.hpp>
#include <charconv>
#include <cmath>
#include <iostream>
#include <optional>

namespace ws::apps {
namespace {

constexpr double kSecondsOfADay = 86'400;
constexpr std::uint64_t kMaxSize = std::uint64_t{1} << 40U;  // a terabyte: no limit in practice

template <typename Number>
std::optional<Number> parse_number(const std::string& text) {
  Number number{};
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || rest != end) return {};
  return number;
}

}  // namespace

CLI::Validator whole_number(std::uint64_t least, std::uint64_t most) {
  return {[least, most](std::string& text) -> std::string {
            const auto number = parse_number<std::uint64_t>(text);
            if (number && *number >= least && *number <= most) return {};
            return "'" + text + "' is not a whole number from " + std::to_string(least) + " to " +
                   std::to_string(most);
          },
          ""};
}

CLI::Validator seconds() {
  return {[](std::string& text) -> std::string {
            const auto number = parse_number<double>(text);
            if (number && *number >= 0 && *number <= kSecondsOfADay) return {};
            return "'" + text + "' is not a number of seconds from 0 to 86400";
          },
          ""};
}

void add_common_options(CLI::App& app, CommonOptions& options) {
  const auto window_bits = whole_number(kMinWindowBits, kMaxWindowBits);
  app.add_flag("--control", options.control,
               "Obey text messages that begin with \"x-wsproof \" (conformance/CONTROL.md)");
  const std::string deflate = "permessage-deflate (RFC 7692)";
  app.add_flag("--no-deflate", options.no_deflate, "Do not negotiate permessage-deflate")
      ->group(deflate);
  app.add_option("--server-max-window-bits", options.deflate.server.max_window_bits,
                 "Base-2 logarithm of the window that the server compresses with, 8 to 15")
      ->check(window_bits)
      ->type_name("BITS")
      ->capture_default_str()
      ->group(deflate);
  app.add_option("--client-max-window-bits", options.deflate.client.max_window_bits,
                 "The same for the client")
      ->check(window_bits)
      ->type_name("BITS")
      ->capture_default_str()
      ->group(deflate);
  app.add_flag("--server-no-context-takeover", options.deflate.server.no_context_takeover,
               "The server compresses each message on its own")
      ->group(deflate);
  app.add_flag("--client-no-context-takeover", options.deflate.client.no_context_takeover,
               "The client compresses each message on its own")
      ->group(deflate);
  app.add_option("--compression-level", options.deflate.compression_level,
                 "zlib's level, 0 (none) to 9 (smallest)")
      ->check(whole_number(0, 9))
      ->type_name("LEVEL")
      ->capture_default_str()
      ->group(deflate);

  const std::string limits = "Limits on what the peer sends, and on our frames";
  const auto size = whole_number(0, kMaxSize);
  app.add_option("--max-message-size", options.limits.max_message_size,
                 "Bytes of one message, decompressed; more is refused with 1009")
      ->check(size)
      ->type_name("BYTES")
      ->capture_default_str()
      ->group(limits);
  app.add_option("--max-frame-size", options.limits.max_frame_size,
                 "Payload bytes of one frame; more is refused with 1009")
      ->check(size)
      ->type_name("BYTES")
      ->capture_default_str()
      ->group(limits);
  app.add_option("--max-fragments", options.limits.max_fragments,
                 "Frames of one message; more is refused with 1009")
      ->check(whole_number(1, kMaxSize))
      ->type_name("COUNT")
      ->capture_default_str()
      ->group(limits);
  app.add_option("--fragment-size", options.fragment_size,
                 "Send longer messages in fragments of this size; 0: in one frame")
      ->check(size)
      ->type_name("BYTES")
      ->capture_default_str()
      ->group(limits);

  const std::string timers = "Timers, in seconds; 0 switches one off";
  const auto add_timer = [&](const std::string& name, double& value, const std::string& text) {
    app.add_option(name, value, text)
        ->check(seconds())
        ->type_name("SECONDS")
        ->capture_default_str()
        ->group(timers);
  };
  add_timer("--handshake-timeout", options.handshake_timeout,
            "For connecting, TLS and the opening handshake");
  add_timer("--idle-timeout", options.idle_timeout,
            "Of silence before a Ping, and again before the connection fails");
  add_timer("--close-timeout", options.close_timeout,
            "For the peer's part of the closing handshake");
  add_timer("--drop-timeout", options.drop_timeout, "For the peer to end TCP after we have");
}

ConnectionSettings connection_settings(const CommonOptions& options) {
  ConnectionSettings settings{.limits = options.limits, .fragment_size = options.fragment_size};
  if (!options.no_deflate) settings.deflate = options.deflate;
  return settings;
}

TransportSettings transport_settings(const CommonOptions& options) {
  return {.timeouts = {.opening_handshake = to_milliseconds(options.handshake_timeout),
                       .idle = to_milliseconds(options.idle_timeout),
                       .closing_handshake = to_milliseconds(options.close_timeout),
                       .drop = to_milliseconds(options.drop_timeout)}};
}

std::chrono::milliseconds to_milliseconds(double seconds) {
  // Rounded up: 0 alone means that there is no limit.
  return std::chrono::milliseconds(static_cast<std::int64_t>(std::ceil(seconds * 1000)));
}

std::optional<int> parse_command_line(CLI::App& app, int argc, char** argv) {
  try {
    app.parse(argc, argv);
    return {};
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitUsage;
  }
}

}  // namespace ws::apps
