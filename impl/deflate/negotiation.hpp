// Negotiation of permessage-deflate: offers, responses and the agreed parameters (RFC 7692
// sections 5 and 7.1).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "impl/deflate/deflate_parameters.hpp"
#include "impl/wire/extension.hpp"

namespace ws {

inline constexpr std::string_view kDeflateName = "permessage-deflate";

/// What one side wants. On the client these become the offer; on the server they bound the answer.
struct DeflateSettings {
  DirectionParameters server{};      ///< what the server is to keep, or keeps
  DirectionParameters client{};      ///< what the client keeps, or is to keep
  int compression_level = 6;         ///< zlib's, 0 to 9, or ISA-L's at 1 (MessageDeflater)
  int memory_level = 8;              ///< zlib's, 1 to 9
  std::size_t min_message_size = 0;  ///< bytes; shorter messages are sent uncompressed
};

/// The client's offer: client_max_window_bits always, with a value where it is below 15; the others
/// where the settings differ from the defaults.
Extension make_offer(const DeflateSettings& settings);

struct AcceptedOffer {
  DeflateParameters parameters{};
  Extension response{};
};

/// The server's choice: the first of `offers` that is permessage-deflate, well formed (section 7:
/// no unknown or repeated parameter, no bad value), and within `settings`.
///
/// A narrower window or no context takeover that the server wants of itself is stated in the
/// response; what it wants of the client is stated where the offer allows it
/// (client_max_window_bits), and an offer that does not allow a needed one is declined. Hints of
/// the client about itself are agreed to. Returns: nothing if no offer is acceptable; the
/// connection then goes on without compression.
std::optional<AcceptedOffer> accept_offer(std::span<const Extension> offers,
                                          const DeflateSettings& settings);

/// The client's check of a permessage-deflate element in the response to make_offer(settings).
///
/// Returns: nothing if it is malformed or does not answer the offer (section 7.1: the client must
/// then fail the connection).
std::optional<DeflateParameters> check_response(const Extension& response,
                                                const DeflateSettings& settings);

}  // namespace ws
