#include "conformance/cases/catalogue.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

namespace ws::conformance {
namespace {

TEST(Catalogue, HasEachOfAutobahnsCasesUnderItsNumber) {
  std::ifstream file(WSPROOF_AUTOBAHN_CASES);
  const auto facts = nlohmann::json::parse(file);
  ASSERT_GE(catalogue().size(), facts.size());
  for (const auto& fact : facts) {
    const auto number = fact.at("number").get<std::size_t>();
    const Case& test = catalogue().at(number - 1);
    EXPECT_EQ(test.id, fact.at("id").get<std::string>());
    EXPECT_EQ(test.number, static_cast<int>(number));
    EXPECT_EQ(test.closing.clean_required, fact.at("clean_close_required").get<bool>()) << test.id;
    EXPECT_EQ(test.closing.codes, fact.at("close_codes").get<std::vector<std::uint16_t>>())
        << test.id;
  }
}

TEST(Catalogue, NamesOnlyStatementsThatExist) {
  std::ifstream file(WSPROOF_REQUIREMENTS);
  std::set<std::string> known;
  for (const auto& statement : nlohmann::json::parse(file)) {
    known.insert(statement.at("id").get<std::string>());
  }
  for (const Case& test : catalogue()) {
    EXPECT_FALSE(test.checks.empty()) << test.id;
    for (const std::string& id : test.checks) {
      EXPECT_TRUE(known.contains(id)) << test.id << " names " << id;
    }
  }
}

TEST(Catalogue, FindsCasesById) {
  ASSERT_NE(find_case("6.4.3"), nullptr);
  EXPECT_EQ(find_case("6.4.3")->id, "6.4.3");
  EXPECT_EQ(find_case("8.1"), nullptr);
}

}  // namespace
}  // namespace ws::conformance
