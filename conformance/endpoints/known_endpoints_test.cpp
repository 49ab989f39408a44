#include "conformance/endpoints/known_endpoints.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sstream>

namespace ws::conformance {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> endpoints_of(const std::string& host) {
  std::vector<std::string> texts;
  for (const auto& endpoint : known_endpoints(host, 9001)) {
    std::ostringstream text;
    text << endpoint;
    texts.push_back(text.str());
  }
  return texts;
}

TEST(KnownEndpoints, AreThoseOfNumbersAndOfLocalhost) {
  EXPECT_THAT(endpoints_of("127.0.0.2"), ElementsAre("127.0.0.2:9001"));
  EXPECT_THAT(endpoints_of("::1"), ElementsAre("[::1]:9001"));
  EXPECT_THAT(endpoints_of("localhost"), ElementsAre("127.0.0.1:9001", "[::1]:9001"));
  EXPECT_THAT(endpoints_of("example.org"), IsEmpty());
}

}  // namespace
}  // namespace ws::conformance
