#include "conformance/harness/same_offers.hpp"

#include <gtest/gtest.h>
#include <map>
#include <string>
#include <string_view>

namespace ws::conformance {
namespace {

TakenOffers taken_with(const std::string& lines) {
  return taken_offers(
      {.opened = true, .response = "HTTP/1.1 101 Switching Protocols\r\n" + lines + "\r\n"});
}

TEST(SameOffers, ReadWhatTheServerTook) {
  EXPECT_FALSE(taken_with("").deflate);
  EXPECT_TRUE(taken_with("Sec-WebSocket-Extensions: PerMessage-Deflate ; a=b\r\n").deflate);
  EXPECT_FALSE(taken_with("Sec-WebSocket-Extensions: permessage-deflate-x\r\n").deflate);
  EXPECT_FALSE(taken_with("Sec-WebSocket-Extensions: x\r\n").subprotocol);
  EXPECT_TRUE(taken_with("sec-websocket-protocol: chat\r\n").subprotocol);
  const TakenOffers refused = taken_offers(
      {.response = "HTTP/1.1 400 Bad Request\r\nSec-WebSocket-Protocol: chat\r\n\r\n"});
  EXPECT_FALSE(refused.subprotocol);
}

class SameOffersIn : public ::testing::Test {
 protected:
  /// The verdict in place of `own` where `taken` was taken.
  std::string compare(Verdict own, const TakenOffers& taken) const {
    const Case test{.id = "x", .same_offers = {"one", "two"}};
    const auto other = compare_same_offers(test, {.verdict = own}, taken, [&](std::string_view id) {
      const auto found = run.find(id);
      return found == run.end() ? nullptr : &found->second;
    });
    return other ? std::string(to_string(other->verdict)) + " " + other->source : "";
  }

  std::map<std::string, TakenOffers, std::less<>> run;
};

TEST_F(SameOffersIn, OtherFormsAreTakenOrMissed) {
  run = {{"one", {.deflate = true}}, {"two", {.deflate = true, .subprotocol = true}}};
  EXPECT_EQ(compare(Verdict::pass, {}), "non_strict RFC 7692 5");
  EXPECT_EQ(compare(Verdict::unsupported, {.subprotocol = true}), "non_strict RFC 7692 5");
  EXPECT_EQ(compare(Verdict::pass, {.deflate = true}), "");
  EXPECT_EQ(compare(Verdict::fail, {}), "") << "that says more";
  run["one"].subprotocol = true;
  EXPECT_EQ(compare(Verdict::pass, {.deflate = true}), "non_strict RFC 6455 4.2.2");
}

TEST_F(SameOffersIn, WhatIsNotTakenThereNeedNotBeTakenHere) {
  run = {{"one", {.deflate = true}}, {"two", {.subprotocol = true}}};
  EXPECT_EQ(compare(Verdict::pass, {}), "");
  run.erase("two");
  EXPECT_EQ(compare(Verdict::pass, {}), "") << "not played";
}

}  // namespace
}  // namespace ws::conformance
