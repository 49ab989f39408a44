// The registry as a whole, and each of the 65,536 codes.
#include "impl/wire/close_code.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string_view>

namespace ws {
namespace {

using ::testing::AnyOf;
using ::testing::StartsWith;

constexpr unsigned kLastCode = 65535;

CloseCode code_of(unsigned value) { return static_cast<CloseCode>(value); }

bool lies_between(unsigned value, unsigned first, unsigned last) {
  return value >= first && value <= last;
}

TEST(CloseCodeRegistry, RunsFrom0To65535WithoutGaps) {
  unsigned expected_first = 0;
  for (const CloseCodeInfo& row : close_code_registry()) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(row.first, expected_first);
    EXPECT_LE(row.first, row.last);
    expected_first = row.last + 1U;
  }
  EXPECT_EQ(expected_first, kLastCode + 1);
}

TEST(CloseCodeRegistry, SaysOfEachRowWhatItMeansAndWhereItIsDefined) {
  for (const CloseCodeInfo& row : close_code_registry()) {
    SCOPED_TRACE(row.first);
    EXPECT_FALSE(row.name.empty());
    EXPECT_FALSE(row.meaning.empty());
    EXPECT_THAT(row.source, AnyOf(StartsWith("RFC 6455 7.4"), "IANA registry"));
  }
}

TEST(CloseCodeRegistry, NamesTheEnumerators) {
  using enum CloseCode;
  struct Named {
    CloseCode code{};
    unsigned value = 0;
    std::string_view name{};
  };
  for (const auto& [code, value, name] : {
           Named{normal_closure, 1000, "normal_closure"},
           Named{going_away, 1001, "going_away"},
           Named{protocol_error, 1002, "protocol_error"},
           Named{unsupported_data, 1003, "unsupported_data"},
           Named{reserved_1004, 1004, "reserved_1004"},
           Named{no_status_received, 1005, "no_status_received"},
           Named{abnormal_closure, 1006, "abnormal_closure"},
           Named{invalid_payload_data, 1007, "invalid_payload_data"},
           Named{policy_violation, 1008, "policy_violation"},
           Named{message_too_big, 1009, "message_too_big"},
           Named{mandatory_extension, 1010, "mandatory_extension"},
           Named{internal_error, 1011, "internal_error"},
           Named{service_restart, 1012, "service_restart"},
           Named{try_again_later, 1013, "try_again_later"},
           Named{bad_gateway, 1014, "bad_gateway"},
           Named{tls_handshake, 1015, "tls_handshake"},
       }) {
    SCOPED_TRACE(name);
    EXPECT_EQ(static_cast<unsigned>(code), value);
    EXPECT_EQ(describe(code).name, name);
    EXPECT_EQ(describe(code).first, describe(code).last);
  }
}

TEST(CloseCodeRegistry, HasTheCodesThatIanaRegisteredSince) {
  for (const unsigned value : {1012U, 1013U, 1014U, 3000U, 3003U, 3008U}) {
    SCOPED_TRACE(value);
    const CloseCodeInfo& row = describe(code_of(value));
    EXPECT_EQ(row.first, row.last);
    EXPECT_EQ(row.source, "IANA registry");
  }
  EXPECT_EQ(describe(code_of(3000)).name, "unauthorized");
  EXPECT_EQ(describe(code_of(3003)).name, "forbidden");
  EXPECT_EQ(describe(code_of(3008)).name, "timeout");
}

TEST(CloseCodeRegistry, GivesTheRowThatEachCodeFallsInto) {
  for (unsigned value = 0; value <= kLastCode; ++value) {
    const CloseCodeInfo& row = describe(code_of(value));
    ASSERT_TRUE(lies_between(value, row.first, row.last)) << value << " in " << row.name;
  }
}

TEST(CloseCodeRegistry, SaysWhoSendsACode) {
  EXPECT_EQ(describe(CloseCode::normal_closure).sender, CloseCodeSender::both);
  EXPECT_EQ(describe(CloseCode::mandatory_extension).sender, CloseCodeSender::client);
  EXPECT_EQ(describe(CloseCode::internal_error).sender, CloseCodeSender::server);
  EXPECT_EQ(describe(CloseCode::no_status_received).sender, CloseCodeSender::nobody);
  EXPECT_EQ(describe(code_of(4000)).sender, CloseCodeSender::application);
}

TEST(CloseCode, MayBeSentIfSection7Point4OrTheRegistryDefinesIt) {
  for (unsigned value = 0; value <= kLastCode; ++value) {
    const bool legal = lies_between(value, 1000, 1003) || lies_between(value, 1007, 1014) ||
                       lies_between(value, 3000, 4999);
    ASSERT_EQ(may_be_sent(code_of(value)), legal) << value;
  }
}

TEST(CloseCode, MayBeChosenByAnApplicationIf1000Or3000To4999) {
  for (unsigned value = 0; value <= kLastCode; ++value) {
    const bool legal = value == 1000 || lies_between(value, 3000, 4999);
    ASSERT_EQ(may_be_chosen_by_application(code_of(value)), legal) << value;
  }
}

}  // namespace
}  // namespace ws
