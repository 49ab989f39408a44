#include "conformance/harness/compression.hpp"

#include <algorithm>
#include <set>

#include "conformance/oracle/extension_list.hpp"

namespace ws::conformance {
namespace {

constexpr std::string_view kName = "permessage-deflate";

/// Parameters as they stand in an offer or a response.
struct Parameters {
  bool server_no_context_takeover = false;
  bool client_no_context_takeover = false;
  std::optional<int> server_max_window_bits{};
  std::optional<int> client_max_window_bits{};  ///< 0: without a value
};

std::optional<int> parse_bits(const std::optional<std::string>& value) {
  if (!value || value->empty() || value->size() > 2) return std::nullopt;
  int bits = 0;
  for (const char digit : *value) {
    if (digit < '0' || digit > '9') return std::nullopt;
    bits = bits * 10 + (digit - '0');
  }
  if (bits < 8 || bits > 15) return std::nullopt;
  return bits;
}

/// Returns: nothing for an unknown or repeated parameter or a bad value.
std::optional<Parameters> read_parameters(const Extension& extension, bool is_offer) {
  Parameters parameters;
  std::set<std::string> seen;
  for (const auto& [name, value] : extension.parameters) {
    if (!seen.insert(name).second) return std::nullopt;
    if (name == "server_no_context_takeover" && !value) {
      parameters.server_no_context_takeover = true;
    } else if (name == "client_no_context_takeover" && !value) {
      parameters.client_no_context_takeover = true;
    } else if (name == "server_max_window_bits") {
      parameters.server_max_window_bits = parse_bits(value);
      if (!parameters.server_max_window_bits) return std::nullopt;
    } else if (name == "client_max_window_bits") {
      if (is_offer && !value) {
        parameters.client_max_window_bits = 0;
      } else {
        parameters.client_max_window_bits = parse_bits(value);
        if (!parameters.client_max_window_bits) return std::nullopt;
      }
    } else {
      return std::nullopt;
    }
  }
  return parameters;
}

}  // namespace

Answer answer_offers(std::string_view list, const Negotiation& negotiation) {
  const auto extensions = oracle::parse_extension_list(list);
  if (!extensions) return {.malformed = true};
  std::vector<Parameters> offers;
  for (const Extension& extension : *extensions) {
    if (extension.name != kName) continue;
    const auto parameters = read_parameters(extension, true);
    if (!parameters) return {.malformed = true};
    offers.push_back(*parameters);
  }
  for (const ServerWish& wish : negotiation.wishes) {
    for (const Parameters& offer : offers) {
      if (wish.needs_client_max_window_bits && !offer.client_max_window_bits) continue;
      if (wish.needs_full_server_window && offer.server_max_window_bits.value_or(15) < 15) continue;
      Answer answer{.agreement = Agreement{}, .extension = std::string(kName)};
      Agreement& agreement = *answer.agreement;
      if (offer.server_no_context_takeover || wish.server_no_context_takeover) {
        agreement.server.no_context_takeover = true;
        answer.extension += "; server_no_context_takeover";
      }
      if (offer.server_max_window_bits || wish.server_max_window_bits != 0) {
        const int wished = wish.server_max_window_bits == 0 ? 15 : wish.server_max_window_bits;
        const int bits = std::min(offer.server_max_window_bits.value_or(15), wished);
        agreement.server.window_bits = bits;
        answer.extension += "; server_max_window_bits=" + std::to_string(bits);
      }
      if (wish.client_no_context_takeover ||
          (wish.takes_hint && offer.client_no_context_takeover)) {
        agreement.client.no_context_takeover = true;
        answer.extension += "; client_no_context_takeover";
      }
      if (wish.client_max_window_bits != 0) {
        agreement.client.window_bits = wish.client_max_window_bits;
        answer.extension +=
            "; client_max_window_bits=" + std::to_string(wish.client_max_window_bits);
      }
      return answer;
    }
  }
  return {};
}

ForbiddenAnswers forbidden_answers(std::string_view list) {
  const std::string name(kName);
  const auto extensions = oracle::parse_extension_list(list);
  bool is_offered = false;
  bool has_client_window = false;
  int server_window = 0;  // the largest that was asked for
  for (const Extension& extension : extensions.value_or(std::vector<Extension>{})) {
    if (extension.name != kName) continue;
    const auto parameters = read_parameters(extension, true);
    if (!parameters) return {};
    is_offered = true;
    has_client_window |= parameters->client_max_window_bits.has_value();
    server_window = std::max(server_window, parameters->server_max_window_bits.value_or(15));
  }
  if (!is_offered) return {.extension = name};
  ForbiddenAnswers answers;
  if (!has_client_window) answers.client_window = name + "; client_max_window_bits";
  if (server_window < 15) {
    answers.server_window = name + "; server_max_window_bits=" + std::to_string(server_window + 1);
  }
  return answers;
}

Response read_response(std::string_view list) {
  const auto extensions = oracle::parse_extension_list(list);
  if (!extensions || extensions->size() > 1) return {.malformed = true};
  if (extensions->empty()) return {};
  if (extensions->front().name != kName) return {.malformed = true};
  const auto parameters = read_parameters(extensions->front(), false);
  if (!parameters) return {.malformed = true};
  return {.agreement = Agreement{
              .server = {.no_context_takeover = parameters->server_no_context_takeover,
                         .window_bits = parameters->server_max_window_bits.value_or(15)},
              .client = {.no_context_takeover = parameters->client_no_context_takeover,
                         .window_bits = parameters->client_max_window_bits.value_or(15)}}};
}

}  // namespace ws::conformance
