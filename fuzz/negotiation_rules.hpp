// Negotiation of permessage-deflate from the text of RFC 7692 section 7.1, for targets to judge
// with: what a list of offers, or a response, must come to.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "impl/deflate/negotiation.hpp"

namespace ws::fuzz {

using StatedParameters = std::map<std::string, std::optional<std::string>>;

/// The parameters by name.
///
/// Returns: nothing if a name is repeated (section 7.1: "The negotiation offer contains multiple
/// extension parameters with the same name", and the same of a response).
inline std::optional<StatedParameters> stated_by(const Extension& extension) {
  StatedParameters stated;
  for (const auto& [name, value] : extension.parameters) {
    if (!stated.emplace(name, value).second) return std::nullopt;
  }
  return stated;
}

/// Whether a name is defined for an offer or a response, and has a value that it may have.
inline bool is_defined(const std::string& name, const std::optional<std::string>& value,
                       bool is_offer) {
  if (name == "server_no_context_takeover" || name == "client_no_context_takeover") return !value;
  if (name != "server_max_window_bits" && name != "client_max_window_bits") return false;
  if (!value) return is_offer && name == "client_max_window_bits";
  const StatedParameters widths{{"8", {}},  {"9", {}},  {"10", {}}, {"11", {}},
                                {"12", {}}, {"13", {}}, {"14", {}}, {"15", {}}};
  return widths.contains(*value);
}

/// What permessage-deflate states, if it is that and well-formed.
inline std::optional<StatedParameters> read_parameters(const Extension& extension, bool is_offer) {
  auto stated = stated_by(extension);
  if (extension.name != kDeflateName || !stated) return std::nullopt;
  const bool all_defined = std::ranges::all_of(
      *stated, [&](const auto& each) { return is_defined(each.first, each.second, is_offer); });
  return all_defined ? std::move(stated) : std::nullopt;
}

/// The width that is stated, or 15, which is what holds where none is.
inline int width_of(const StatedParameters& stated, const std::string& name) {
  const auto found = stated.find(name);
  return found == stated.end() || !found->second ? kMaxWindowBits : std::stoi(*found->second);
}

struct ExpectedAnswer {
  DeflateParameters parameters{};
  StatedParameters stated{};  ///< by the response
};

/// The answer to the first offer that a server of these settings can take.
inline std::optional<ExpectedAnswer> find_answer(std::span<const Extension> offers,
                                                 const DeflateSettings& settings) {
  for (const Extension& offer : offers) {
    const auto offered = read_parameters(offer, true);
    // Without the hint a client cannot be told to use a narrower window (section 7.1.2.2).
    if (!offered || (settings.client.max_window_bits < kMaxWindowBits &&
                     !offered->contains("client_max_window_bits"))) {
      continue;
    }
    ExpectedAnswer answer;
    const auto agree = [&](const std::string& side, const DirectionParameters& wanted,
                           DirectionParameters& agreed) {
      agreed.no_context_takeover =
          wanted.no_context_takeover || offered->contains(side + "_no_context_takeover");
      if (agreed.no_context_takeover) answer.stated[side + "_no_context_takeover"] = {};
      const std::string width = side + "_max_window_bits";
      agreed.max_window_bits = std::min(wanted.max_window_bits, width_of(*offered, width));
      // The server's is accepted by being stated, be it 15 (section 7.1.2.1).
      const bool is_asked_for = side == "server" && offered->contains(width);
      if (is_asked_for || agreed.max_window_bits < kMaxWindowBits) {
        answer.stated[width] = std::to_string(agreed.max_window_bits);
      }
    };
    agree("server", settings.server, answer.parameters.server);
    agree("client", settings.client, answer.parameters.client);
    return answer;
  }
  return std::nullopt;
}

/// What a client that has offered its settings makes of a response; nothing if it must fail.
inline std::optional<DeflateParameters> find_agreement(const Extension& response,
                                                       const DeflateSettings& settings) {
  const auto stated = read_parameters(response, false);
  if (!stated) return std::nullopt;
  const DeflateParameters agreed{
      .server = {.no_context_takeover = stated->contains("server_no_context_takeover"),
                 .max_window_bits = width_of(*stated, "server_max_window_bits")},
      .client = {.no_context_takeover = settings.client.no_context_takeover ||
                                        stated->contains("client_no_context_takeover"),
                 .max_window_bits = std::min(settings.client.max_window_bits,
                                             width_of(*stated, "client_max_window_bits"))}};
  // Sections 7.1.1.1 and 7.1.2.1: what was asked of the server has to be accepted.
  if (settings.server.no_context_takeover && !agreed.server.no_context_takeover)
    return std::nullopt;
  if (agreed.server.max_window_bits > settings.server.max_window_bits) return std::nullopt;
  return agreed;
}

}  // namespace ws::fuzz
