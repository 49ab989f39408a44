#include "conformance/cases/catalogue.hpp"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "conformance/harness/explain.hpp"
#include "conformance/harness/oracles.hpp"
#include "conformance/outputs/coverage.hpp"

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

TEST(Catalogue, HasEachIdOnce) {
  std::set<std::string> ids;
  for (const Case& test : catalogue()) EXPECT_TRUE(ids.insert(test.id).second) << test.id;
}

TEST(Catalogue, HasTheSameConversationsWhateverCompilesIt) {
  // FNV-1a. It changes with the cases of section 40, and with how they are explained.
  std::uint64_t digest = 0xcbf29ce484222325;
  for (const Case& test : catalogue()) {
    if (!test.id.starts_with("40.")) continue;
    for (const char c : explain_case(test)) {
      digest = (digest ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    }
  }
  EXPECT_EQ(digest, 17291908330602915190U);
}

TEST(Catalogue, NamesOnlyStatementsThatExist) {
  std::set<std::string> known;
  for (const Requirement& statement : requirements()) known.insert(statement.id);
  for (const Case& test : catalogue()) {
    EXPECT_FALSE(test.checks.empty()) << test.id;
    for (const std::string& id : test.checks) {
      EXPECT_TRUE(known.contains(id)) << test.id << " names " << id;
    }
  }
  for (const OracleRule& rule : oracle_rules()) {
    for (const std::string& id : rule.statements) {
      EXPECT_TRUE(known.contains(id)) << rule.name << " names " << id;
    }
  }
  for (const Exemption& exemption : exemptions()) {
    EXPECT_TRUE(known.contains(exemption.id)) << exemption.id << " is unknown";
  }
}

TEST(Coverage, HasACheckOrAReasonForEachStatementButWhatIsOnlyAllowed) {
  for (const Coverage& entry : find_coverage(catalogue())) {
    if (entry.statement->level == "MAY") continue;
    for (const std::string& role : entry.unchecked) {
      EXPECT_TRUE(is_explained(entry))
          << entry.statement->id << " is not checked for the role " << role;
    }
  }
}

TEST(Coverage, HasNoReasonForWhatIsChecked) {
  for (const Coverage& entry : find_coverage(catalogue())) {
    for (const Exemption& exemption : entry.reasons) {
      EXPECT_FALSE(exemption.reason.empty()) << exemption.id;
      if (exemption.role.empty()) {
        EXPECT_FALSE(is_covered(entry)) << exemption.id << " is checked, yet there is a reason";
      } else {
        EXPECT_NE(std::ranges::find(entry.unchecked, exemption.role), entry.unchecked.end())
            << exemption.id << " is checked for the role " << exemption.role;
      }
    }
  }
}

TEST(Coverage, IsWhatTheDocumentSays) {
  std::ifstream file(WSPROOF_COVERAGE);
  const std::string written{std::istreambuf_iterator<char>(file), {}};
  EXPECT_TRUE(written == format_coverage_markdown(find_coverage(catalogue()), {}))
      << "wsproof coverage --markdown conformance/COVERAGE.md writes it anew";
}

TEST(Coverage, TakesTheWorstOfTheCasesOfARun) {
  const auto coverage = find_coverage(catalogue());
  const auto of = [&](std::string_view id) {
    return *std::ranges::find_if(coverage,
                                 [&](const Coverage& entry) { return entry.statement->id == id; });
  };
  const auto entry = [](const char* verdict, std::vector<std::string> checks) {
    return nlohmann::json{{"verdict", verdict}, {"requirements", std::move(checks)}};
  };
  nlohmann::json broken = entry("fail", {"RFC6455-5.5.2-2"});
  broken["breaks"] = "RFC6455-5.1-4";
  const nlohmann::json run{{"implementation", {{"role", "server"}}},
                           {"cases",
                            {{"1", entry("pass", {"RFC6455-5.5.2-2"})},
                             {"2", entry("non_strict", {"RFC6455-5.5.2-2"})},
                             {"3", entry("unsupported", {"RFC6455-5.5.2-2", "RFC7692-6.2-1"})},
                             {"4", broken}}}};
  const StatementResults results(run);
  EXPECT_EQ(results.of(of("RFC6455-5.5.2-2")), "non_strict");
  EXPECT_EQ(results.of(of("RFC7692-6.2-1")), "unsupported");
  EXPECT_EQ(results.of(of("RFC6455-5.1-4")), "fail");
  EXPECT_EQ(results.of(of("RFC6455-5.2-2")), "pass") << "by the oracle alone";
  EXPECT_EQ(results.of(of("RFC6455-5.1-1")), "") << "binds clients";
  EXPECT_EQ(results.of(of("RFC6455-5.4-7")), "") << "was not played";
}

TEST(Catalogue, ComparesOffersOfCasesThatThereAre) {
  std::size_t compared = 0;
  for (const Case& test : catalogue()) {
    for (const std::string& id : test.same_offers) {
      ++compared;
      const Case* other = find_case(id);
      ASSERT_NE(other, nullptr) << test.id << " names " << id;
      EXPECT_NE(other, &test) << test.id;
    }
  }
  EXPECT_GT(compared, 20U);
}

TEST(Catalogue, FindsCasesById) {
  ASSERT_NE(find_case("6.4.3"), nullptr);
  EXPECT_EQ(find_case("6.4.3")->id, "6.4.3");
  EXPECT_EQ(find_case("8.1"), nullptr);
}

}  // namespace
}  // namespace ws::conformance
