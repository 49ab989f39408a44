#include "conformance/explorer/case_maker.hpp"

#include <utility>

namespace ws::conformance::explorer {
namespace {

std::string title_of(const Prediction& prediction) {
  switch (prediction.fate) {
    case Fate::closes:
      return "What is legal is taken";
    case Fate::fails:
      return "The connection is failed: " + prediction.cause;
    case Fate::objects:
      return "A Close is objected to: " + prediction.cause;
    case Fate::ambiguous:
      return "Not taken for something else: " + prediction.cause;
    case Fate::breaks:
      return "TCP ends, and what came before is taken";
  }
  return {};
}

}  // namespace

std::optional<Case> make_case(const Script& script, Role harness, std::string id, int number) {
  auto prediction = predict(script, harness);
  if (!prediction) return std::nullopt;
  Case test{.id = std::move(id),
            .number = number,
            .title = title_of(*prediction),
            .purpose = "Made by wsproof explore.",
            .checks = prediction->checks,
            .only_for = peer_of(harness),
            .tags = {"explored"}};
  if (script.deflate) test.needs.push_back(Need::deflate);
  test.dialogue = std::move(prediction->dialogue);
  return test;
}

}  // namespace ws::conformance::explorer
