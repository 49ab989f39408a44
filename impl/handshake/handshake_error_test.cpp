// The table as a whole; what produces each error is tested where it is produced.
#include "impl/handshake/handshake_error.hpp"

#include <gtest/gtest.h>
#include <set>

namespace ws {
namespace {

TEST(HandshakeErrors, AreDescribedByRowsOfTheirOwn) {
  std::set<std::string_view> names;
  for (const HandshakeErrorInfo& row : handshake_errors()) {
    EXPECT_EQ(describe(row.error).name, row.name);
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_FALSE(row.source.empty()) << row.name;
    EXPECT_TRUE(row.text.ends_with('.')) << row.name;
  }
  EXPECT_EQ(describe(HandshakeError::key_invalid).name, "key_invalid");
  EXPECT_EQ(describe(HandshakeError::timed_out).name, "timed_out");
}

TEST(HandshakeErrors, HaveTheStatusThatHttpGivesThem) {
  EXPECT_EQ(describe(HandshakeError::malformed_field).status, 400);
  EXPECT_EQ(describe(HandshakeError::method_not_get).status, 405);
  EXPECT_EQ(describe(HandshakeError::origin_not_allowed).status, 403);
  EXPECT_EQ(describe(HandshakeError::start_line_too_long).status, 414);
  EXPECT_EQ(describe(HandshakeError::line_too_long).status, 431);
  EXPECT_EQ(describe(HandshakeError::version_unsupported).status, 426);
  EXPECT_EQ(describe(HandshakeError::unsupported_http_version).status, 505);
}

TEST(HandshakeErrors, OfAClientHaveNoStatus) {
  for (const auto error :
       {HandshakeError::status_not_101, HandshakeError::accept_mismatch,
        HandshakeError::extension_not_offered, HandshakeError::connection_lost}) {
    EXPECT_EQ(describe(error).status, 0);
  }
}

}  // namespace
}  // namespace ws
