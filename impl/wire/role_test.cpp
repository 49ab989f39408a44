#include "impl/wire/role.hpp"

#include <gtest/gtest.h>

namespace ws {
namespace {

TEST(Role, HasTheOtherSideAsPeer) {
  EXPECT_EQ(peer_of(Role::client), Role::server);
  EXPECT_EQ(peer_of(Role::server), Role::client);
}

}  // namespace
}  // namespace ws
