#include "impl/deflate/negotiation.hpp"

#include <algorithm>
#include <cassert>
#include <string>

namespace ws {
namespace {

constexpr std::string_view kServerNoContextTakeover = "server_no_context_takeover";
constexpr std::string_view kClientNoContextTakeover = "client_no_context_takeover";
constexpr std::string_view kServerMaxWindowBits = "server_max_window_bits";
constexpr std::string_view kClientMaxWindowBits = "client_max_window_bits";

enum class Kind { offer, response };

/// What an offer or a response says, before it is set against our settings.
struct Statement {
  bool server_no_context_takeover = false;
  bool client_no_context_takeover = false;
  std::optional<int> server_max_window_bits{};
  bool has_client_max_window_bits = false;
  std::optional<int> client_max_window_bits{};  ///< may be missing from an offer
};

/// "a decimal integer value without leading zeros between 8 to 15 inclusive" (section 7.1.2.1)
std::optional<int> parse_window_bits(const std::optional<std::string>& value) {
  for (int bits = kMinWindowBits; bits <= kMaxWindowBits; ++bits) {
    if (value == std::to_string(bits)) return bits;
  }
  return std::nullopt;
}

/// Adds one parameter to `statement`. Returns: false if it is unknown, repeated, or has a bad
/// value.
bool read_parameter(const ExtensionParameter& parameter, Kind kind, Statement& statement) {
  const auto set_flag = [&](bool& flag) {
    if (flag || parameter.value) return false;
    flag = true;
    return true;
  };
  if (parameter.name == kServerNoContextTakeover) {
    return set_flag(statement.server_no_context_takeover);
  }
  if (parameter.name == kClientNoContextTakeover) {
    return set_flag(statement.client_no_context_takeover);
  }
  if (parameter.name == kServerMaxWindowBits) {
    if (statement.server_max_window_bits) return false;
    statement.server_max_window_bits = parse_window_bits(parameter.value);
    return statement.server_max_window_bits.has_value();
  }
  if (parameter.name == kClientMaxWindowBits) {
    if (statement.has_client_max_window_bits) return false;
    statement.has_client_max_window_bits = true;
    statement.client_max_window_bits = parse_window_bits(parameter.value);
    const bool may_lack_value = kind == Kind::offer && !parameter.value;
    return may_lack_value || statement.client_max_window_bits;
  }
  return false;
}

std::optional<Statement> read_statement(const Extension& element, Kind kind) {
  if (element.name != kDeflateName) return std::nullopt;
  Statement statement;
  for (const auto& parameter : element.parameters) {
    if (!read_parameter(parameter, kind, statement)) return std::nullopt;
  }
  return statement;
}

/// The other way round: the element for `statement`.
Extension write_statement(const Statement& statement) {
  Extension element{.name = std::string(kDeflateName), .parameters = {}};
  const auto add = [&](std::string_view name, std::optional<int> value) {
    element.parameters.push_back({.name = std::string(name), .value = {}});
    if (value) element.parameters.back().value = std::to_string(*value);
  };
  if (statement.server_no_context_takeover) add(kServerNoContextTakeover, {});
  if (statement.client_no_context_takeover) add(kClientNoContextTakeover, {});
  if (statement.server_max_window_bits) {
    add(kServerMaxWindowBits, statement.server_max_window_bits);
  }
  if (statement.has_client_max_window_bits) {
    add(kClientMaxWindowBits, statement.client_max_window_bits);
  }
  return element;
}

/// A value to state, which 15 is not: it is what holds when nothing is said.
std::optional<int> narrower_than_default(int bits) {
  return bits < kMaxWindowBits ? std::optional(bits) : std::nullopt;
}

[[maybe_unused]] bool has_valid_bits(const DeflateSettings& settings) {
  const auto is_valid = [](int bits) { return kMinWindowBits <= bits && bits <= kMaxWindowBits; };
  return is_valid(settings.server.max_window_bits) && is_valid(settings.client.max_window_bits);
}

std::optional<AcceptedOffer> accept(const Statement& offer, const DeflateSettings& settings) {
  const auto& wanted_of_client = settings.client;
  if (wanted_of_client.max_window_bits < kMaxWindowBits && !offer.has_client_max_window_bits) {
    // "If a received extension negotiation offer doesn't have the 'client_max_window_bits'
    // extension parameter, the corresponding extension negotiation response to the offer MUST NOT
    // include" it (section 7.1.2.2), and unasked the client uses 15 bits.
    return std::nullopt;
  }
  const DeflateParameters agreed{
      .server = {.no_context_takeover =
                     settings.server.no_context_takeover || offer.server_no_context_takeover,
                 .max_window_bits =
                     std::min(settings.server.max_window_bits,
                              offer.server_max_window_bits.value_or(kMaxWindowBits))},
      .client = {
          .no_context_takeover =
              wanted_of_client.no_context_takeover || offer.client_no_context_takeover,
          .max_window_bits = std::min(wanted_of_client.max_window_bits,
                                      offer.client_max_window_bits.value_or(kMaxWindowBits))}};

  Statement response{
      .server_no_context_takeover = agreed.server.no_context_takeover,
      .client_no_context_takeover = agreed.client.no_context_takeover,
      .server_max_window_bits = narrower_than_default(agreed.server.max_window_bits),
      .client_max_window_bits = narrower_than_default(agreed.client.max_window_bits)};
  // An offered server_max_window_bits is accepted by stating it, be it 15 (section 7.1.2.1).
  if (offer.server_max_window_bits) response.server_max_window_bits = agreed.server.max_window_bits;
  response.has_client_max_window_bits = response.client_max_window_bits.has_value();
  return AcceptedOffer{.parameters = agreed, .response = write_statement(response)};
}

}  // namespace

Extension make_offer(const DeflateSettings& settings) {
  assert(has_valid_bits(settings));
  return write_statement(
      {.server_no_context_takeover = settings.server.no_context_takeover,
       .client_no_context_takeover = settings.client.no_context_takeover,
       .server_max_window_bits = narrower_than_default(settings.server.max_window_bits),
       .has_client_max_window_bits = true,
       .client_max_window_bits = narrower_than_default(settings.client.max_window_bits)});
}

std::optional<AcceptedOffer> accept_offer(std::span<const Extension> offers,
                                          const DeflateSettings& settings) {
  assert(has_valid_bits(settings));
  for (const auto& element : offers) {
    const auto offer = read_statement(element, Kind::offer);
    if (!offer) continue;
    if (auto accepted = accept(*offer, settings)) return accepted;
  }
  return std::nullopt;
}

std::optional<DeflateParameters> check_response(const Extension& response,
                                                const DeflateSettings& settings) {
  assert(has_valid_bits(settings));
  const auto answer = read_statement(response, Kind::response);
  if (!answer) return std::nullopt;

  // What the offer demanded of the server has to be in the answer; the rest the server may state
  // unasked (sections 7.1.1 and 7.1.2).
  if (settings.server.no_context_takeover && !answer->server_no_context_takeover) {
    return std::nullopt;
  }
  const int server_bits = answer->server_max_window_bits.value_or(kMaxWindowBits);
  if (server_bits > settings.server.max_window_bits) return std::nullopt;

  // What the offer said of the client holds even where the server made no use of the hint.
  return DeflateParameters{
      .server = {.no_context_takeover = answer->server_no_context_takeover,
                 .max_window_bits = server_bits},
      .client = {
          .no_context_takeover =
              settings.client.no_context_takeover || answer->client_no_context_takeover,
          .max_window_bits = std::min(settings.client.max_window_bits,
                                      answer->client_max_window_bits.value_or(kMaxWindowBits))}};
}

}  // namespace ws
