#include "conformance/harness/same_offers.hpp"

#include <algorithm>
#include <string>

#include "conformance/harness/opening_fields.hpp"

namespace ws::conformance {
namespace {

bool all_took(const Case& test, const FindTaken& find, bool TakenOffers::* what) {
  return std::ranges::all_of(test.same_offers, [&](const std::string& id) {
    const TakenOffers* taken = find(id);
    return taken != nullptr && taken->*what;
  });
}

}  // namespace

TakenOffers taken_offers(const Transcript& transcript) {
  if (!transcript.opened) return {};
  const oracle::FieldLines fields = fields_of(transcript.response);
  const auto extensions = elements_of(fields, "sec-websocket-extensions");
  return {.deflate = std::ranges::any_of(extensions,
                                         [](const std::string& element) {
                                           return trim(element.substr(0, element.find(';'))) ==
                                                  "permessage-deflate";
                                         }),
          .subprotocol = !values_of(fields, "sec-websocket-protocol").empty()};
}

std::optional<GradedVerdict> compare_same_offers(const Case& test, const GradedVerdict& own,
                                                 const TakenOffers& taken, const FindTaken& find) {
  const bool is_open_to_it = own.verdict == Verdict::pass || own.verdict == Verdict::unsupported;
  if (test.same_offers.empty() || !is_open_to_it) return std::nullopt;
  std::string where;
  for (const std::string& id : test.same_offers) where += (where.empty() ? "" : ", ") + id;
  if (!taken.deflate && all_took(test, find, &TakenOffers::deflate)) {
    return GradedVerdict{Verdict::non_strict,
                         "the server does not take the permessage-deflate that it takes in " +
                             where + ", where the offer only has another form",
                         "RFC 7692 5"};
  }
  if (!taken.subprotocol && all_took(test, find, &TakenOffers::subprotocol)) {
    return GradedVerdict{Verdict::non_strict,
                         "the server does not take the subprotocol that it takes in " + where +
                             ", where the offer only has another form",
                         "RFC 6455 4.2.2"};
  }
  return std::nullopt;
}

}  // namespace ws::conformance
