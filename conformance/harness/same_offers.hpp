// What a server takes in one form and declines in another, which no case by itself can tell: to
// decline is always legal, so this is known of a whole run alone.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "conformance/harness/case.hpp"
#include "conformance/harness/judge.hpp"
#include "conformance/harness/transcript.hpp"

namespace ws::conformance {

/// What a server took of the offers of a client.
struct TakenOffers {
  bool deflate = false;      ///< permessage-deflate
  bool subprotocol = false;  ///< any
};

/// Nothing is taken where the handshake failed.
TakenOffers taken_offers(const Transcript& transcript);

/// Finds what was taken in another case of the run; null if that was not played.
using FindTaken = std::function<const TakenOffers*(std::string_view id)>;

/// Compares a case with those that offer the same (`Case::same_offers`).
///
/// Returns: the verdict that stands in place of the case's own, if that is a pass or unsupported;
/// nothing if there is no contradiction.
std::optional<GradedVerdict> compare_same_offers(const Case& test, const GradedVerdict& own,
                                                 const TakenOffers& taken, const FindTaken& find);

}  // namespace ws::conformance
