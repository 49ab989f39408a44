// The compatible verdicts of right and faulty endpoints against those that the original suite gave
// to peers with the same behaviour.
#include <gtest/gtest.h>
#include <string>
#include <string_view>

#include "conformance/cases/catalogue.hpp"
#include "conformance/harness/judge.hpp"
#include "conformance/mutants/mutant.hpp"

namespace ws::conformance {
namespace {

constexpr Fault kFaults[] = {
    Fault::none,
    Fault::answers_close_with_empty,
    Fault::answers_close_with_1012,
    Fault::answers_close_with_1005,
    Fault::answers_close_with_1001,
    Fault::ignores_close,
    Fault::keeps_tcp_open,
    Fault::echoes_twice,
    Fault::checks_utf8_at_the_end,
    Fault::echoes_late,
    Fault::drops_without_close,
    Fault::skips_illegal_frames,
    Fault::checks_nothing,
    Fault::masks_the_wrong_way_round,
    Fault::says_nothing,
    Fault::drops_after_opening,
    Fault::refuses_opening,
    Fault::never_answers_opening,
};

/// Behaviour and close behaviour of one case for each fault in turn. O OK, N NON-STRICT,
/// I INFORMATIONAL, U UNIMPLEMENTED, F FAILED, W WRONG CODE, X UNCLEAN, B FAILED BY CLIENT, H: it
/// hangs, -: not run.
struct Row {
  std::string_view id{};
  std::string_view verdicts{};
};

constexpr Row kServers[] = {
    {"1.1.1", "OO OO OX OX OW OX OB FO OO OO OO OO OO FX FX FF FF FF"},
    {"1.1.6", "OO OO OX OX OW OX OX FO OO OO OO OO OO FX FX FF FF FF"},
    {"2.1", "OO OO OX OX OW OX OX OO OO OO OO OO OO OX FX FF FF FF"},
    {"2.5", "OO OO OO OO OW OO OB OO OO OO OO OF FF OF OF OO FF FF"},
    {"2.7", "OO OO OX OX OW OX OX OO OO OO OO OO OO OX OX OX FF FF"},
    {"2.10", "OO OO OX OX OW OX OX OO OO OO OO OO OO FX FX FF FF FF"},
    {"3.1", "OO OO OO OO OW OO OB OO OO OO OO OF FF OF OF OO FF FF"},
    {"3.2", "OO OO OO OO OW OO OB FO OO NO OO FF FF NF NF NO FF FF"},
    {"4.1.1", "OO OO OO OO OW OO OB OO OO OO OO OF OF OF OF OO FF FF"},
    {"4.1.3", "OO OO OO OO OW OO OB FO OO NO OO FF FF NF NF NO FF FF"},
    {"5.1", "OO OO OO OO OW OO OB OO OO OO OO OF FF OF OF OO FF FF"},
    {"5.3", "OO OO OX OX OW OX OX FO OO OO OO OO OO FX FX FF FF FF"},
    {"5.6", "OO OO OX OX OW OX OX FO OO OO OO OO OO FX FX FF FF FF"},
    {"5.15", "OO OO OO OO OW OO OB FO OO NO OO FF FF NF NF NO FF FF"},
    {"6.1.1", "OO OO OX OX OW OX OX FO OO OO OO OO OO FX FX FF FF FF"},
    {"6.3.1", "OO OO OO OO OW OO OB OO OO OO OO FF FF FF FF OO FF FF"},
    {"6.4.1", "OO OO OO OO OW OO HH OO NO OO OO FF FF FF FF FO FF FF"},
    {"6.4.3", "OO OO OO OO OW OO HH OO NO OO OO FF FF FF FF FO FF FF"},
    {"6.5.1", "OO OO OX OX OW OX OB FO OO OO OO OO OO FX FX FF FF FF"},
    {"6.8.1", "OO OO OO OO OW OO OB OO OO OO OO FF FF FF FF OO FF FF"},
    {"6.6.1", "OO OO OO OO OW OO OB OO OO OO -- FF FF FF FF OO FF FF"},
    {"7.1.1", "OO OO OX OX FW OX OB FO OO OO OO OO OO FX FX FF FF FF"},
    {"7.1.2", "OO OO OX OX FW OX OB OO OO OO OO OO OO OX OX OX FF FF"},
    {"7.1.3", "OO OO OX OX FW FX OB OO OO OO OO OO OO OX OX OX FF FF"},
    {"7.1.5", "OO OO OX OX FW FX OB OO OO OO OO OO OO OX OX OX FF FF"},
    {"7.1.6", "II II II II II II II II II II II II II II II II II II"},
    {"7.3.1", "OO OO OX OX FW OX OB OO OO OO OO OO OO OX OX OX FF FF"},
    {"7.3.2", "OO OO OO OO FW OO OB OO OO OO OO OB OB OB OB OO FF FF"},
    {"7.3.6", "OO OO OO OO FW OO OB OO OO OO OO OB OB OB OB OO FF FF"},
    {"7.5.1", "OO OO OO OO FW OB OB OO OO OO OO OB FW OB OB OO FF FF"},
    {"7.7.1", "OO OO OX OX FW OX OB OO OO OO OO OO OO OX OX OX FF FF"},
    {"7.7.2", "OO OO OX OX OO OX OB OO OO OO OO OO OO OX OX OX FF FF"},
    {"7.9.1", "OO OO OO OO FW OB OB OO OO OO OO OB FW OB OB OO FF FF"},
    {"7.13.1", "II II II II II II II II II II II II II II II II II II"},
    {"9.1.1", "OO OO OX OX OW OX OX OO OO OO OO OO OO FX FX FF FF FF"},
    {"9.7.1", "OO OO OX OX OW OX OX OO OO OO OO OO OO FX FX FF FF FF"},
    {"10.1.1", "OO OO OX OX OW OX OX FO OO OO OO OO OO FX FX FF FF FF"},
    {"12.1.1", "UO UO UX UX UW UX UX UO UO UO UO UO UO UX UX UX FF FF"},
};

constexpr Row kClients[] = {
    {"1.1.1", "OO OO OX OX OW OX OO FO OO OO OO OO OO FX FX FF"},
    {"1.1.6", "OO OO OX OX OW OX OO FO OO OO OO OO OO FX FX FF"},
    {"2.1", "OO OO OX OX OW OX OO OO OO OO OO OO OO OX FX FF"},
    {"2.5", "OO OO OO OO OW OO OO OO OO OO OO OF FF OF OF OO"},
    {"2.7", "OO OO OX OX OW OX OO OO OO OO OO OO OO OX OX OX"},
    {"2.10", "OO OO OX OX OW OX OO OO OO OO OO OO OO FX FX FF"},
    {"3.1", "OO OO OO OO OW OO OO OO OO OO OO OF FF OF OF OO"},
    {"3.2", "OO OO OO OO OW OO OO FO OO NO OO FF FF NF NF NO"},
    {"4.1.1", "OO OO OO OO OW OO OO OO OO OO OO OF OF OF OF OO"},
    {"4.1.3", "OO OO OO OO OW OO OO FO OO NO OO FF FF NF NF NO"},
    {"5.1", "OO OO OO OO OW OO OO OO OO OO OO OF FF OF OF OO"},
    {"5.3", "OO OO OX OX OW OX OO FO OO OO OO OO OO FX FX FF"},
    {"5.6", "OO OO OX OX OW OX OO FO OO OO OO OO OO FX FX FF"},
    {"5.15", "OO OO OO OO OW OO OO FO OO NO OO FF FF NF NF NO"},
    {"6.1.1", "OO OO OX OX OW OX OO FO OO OO OO OO OO FX FX FF"},
    {"6.3.1", "OO OO OO OO OW OO OO OO OO OO OO FF FF FF FF OO"},
    {"6.4.1", "OO OO OO OO OW OO OO OO NO OO OO FF FF FF FF FO"},
    {"6.4.3", "OO OO OO OO OW OO OO OO NO OO OO FF FF FF FF FO"},
    {"6.5.1", "OO OO OX OX OW OX OO FO OO OO OO OO OO FX FX FF"},
    {"6.8.1", "OO OO OO OO OW OO OO OO OO OO OO FF FF FF FF OO"},
    {"6.6.1", "OO OO OO OO OW OO OO OO OO OO -- FF FF FF FF OO"},
    {"7.1.1", "OO OO OX OX FW OX OO FO OO OO OO OO OO FX FX FF"},
    {"7.1.2", "OO OO OX OX FW OX OO OO OO OO OO OO OO OX OX OX"},
    {"7.1.3", "OO OO OX OX FW FX OO OO OO OO OO OO OO OX OX OX"},
    {"7.1.5", "OO OO OX OX FW FX OO OO OO OO OO OO OO OX OX OX"},
    {"7.1.6", "II II II II II II II II II II II II II II II II"},
    {"7.3.1", "OO OO OX OX FW OX OO OO OO OO OO OO OO OX OX OX"},
    {"7.3.2", "OO OO OO OO FW OO OO OO OO OO OO OO OO OO OO OO"},
    {"7.3.6", "OO OO OO OO FW OO OO OO OO OO OO OO OO OO OO OO"},
    {"7.5.1", "OO OO OO OO FW OO OO OO OO OO OO OO FW OO OO OO"},
    {"7.7.1", "OO OO OX OX FW OX OO OO OO OO OO OO OO OX OX OX"},
    {"7.7.2", "OO OO OX OX OO OX OO OO OO OO OO OO OO OX OX OX"},
    {"7.9.1", "OO OO OO OO FW OO OO OO OO OO OO OO FW OO OO OO"},
    {"7.13.1", "II II II II II II II II II II II II II II II II"},
    {"9.1.1", "OO OO OX OX OW OX OO OO OO OO OO OO OO FX FX FF"},
    {"9.7.1", "OO OO OX OX OW OX OO OO OO -- OO OO OO FX -- FF"},
    {"10.1.1", "OO OO OX OX OW OX OO FO OO OO OO OO OO FX FX FF"},
    {"12.1.1", "UO UO UX UX UW UX UO UO UO UO UO UO UO UX UX UX"},
};

char letter(Behavior behavior) { return to_string(behavior)[0]; }

char letter(CloseBehavior close) {
  switch (close) {
    case CloseBehavior::wrong_code:
      return 'W';
    case CloseBehavior::unclean:
      return 'X';
    case CloseBehavior::failed_by_client:
      return 'B';
    default:
      return to_string(close)[0];
  }
}

void expect_rows(std::span<const Row> rows, Role harness) {
  for (const auto& [id, verdicts] : rows) {
    const Case* test = find_case(id);
    ASSERT_NE(test, nullptr) << id;
    for (std::size_t i = 0; i * 3 < verdicts.size(); ++i) {
      const std::string expected(verdicts.substr(i * 3, 2));
      if (expected == "--") continue;
      const auto endpoint = make_mutant(peer_of(harness), kFaults[i]);
      const auto transcript =
          run_in_process(*test, {.role = harness, .host = "127.0.0.1:9001"}, *endpoint);
      std::string actual = "HH";
      if (transcript) {
        const auto verdict = judge_compatibly(*test, *transcript, harness);
        actual = {letter(verdict.behavior), letter(verdict.close)};
      }
      EXPECT_EQ(actual, expected) << id << ", peer " << i;
    }
  }
}

TEST(CompatibleVerdict, IsTheOriginalsForServers) { expect_rows(kServers, Role::client); }
TEST(CompatibleVerdict, IsTheOriginalsForClients) { expect_rows(kClients, Role::server); }

}  // namespace
}  // namespace ws::conformance
