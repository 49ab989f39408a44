// All sixteen opcodes against the list of section 5.2.
#include "impl/wire/opcode.hpp"

#include <gtest/gtest.h>

namespace ws {
namespace {

enum class Kind { continuation, data, reserved_data, control, reserved_control };

constexpr Kind kKinds[16] = {
    Kind::continuation,
    Kind::data,
    Kind::data,
    Kind::reserved_data,
    Kind::reserved_data,
    Kind::reserved_data,
    Kind::reserved_data,
    Kind::reserved_data,
    Kind::control,
    Kind::control,
    Kind::control,
    Kind::reserved_control,
    Kind::reserved_control,
    Kind::reserved_control,
    Kind::reserved_control,
    Kind::reserved_control,
};

TEST(Opcode, IsOfTheKindThatSection5Point2Lists) {
  for (unsigned value = 0; value < 16; ++value) {
    SCOPED_TRACE(value);
    const auto opcode = static_cast<Opcode>(value);
    const Kind kind = kKinds[value];
    EXPECT_EQ(is_data(opcode), kind == Kind::data);
    EXPECT_EQ(is_control(opcode), kind == Kind::control || kind == Kind::reserved_control);
    EXPECT_EQ(is_reserved(opcode), kind == Kind::reserved_data || kind == Kind::reserved_control);
  }
}

}  // namespace
}  // namespace ws
