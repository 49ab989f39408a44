#include "conformance/oracle/accept_key.hpp"

#include <gtest/gtest.h>

namespace ws::oracle {
namespace {

TEST(OracleAcceptKey, ComputesTheExampleOfSection13) {
  EXPECT_EQ(compute_accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

}  // namespace
}  // namespace ws::oracle
