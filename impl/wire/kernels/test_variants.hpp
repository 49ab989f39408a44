// For tests of fast code: every variant that the processor can run, one after the other.
#pragma once

#include <gtest/gtest.h>
#include <string>

#include "impl/wire/kernels/variant.hpp"

namespace ws::testing {

/// Runs a test once for each runnable variant:
///
///     class Masking : public ForEachVariant {};
///     INSTANTIATE_TEST_SUITE_P(, Masking, every_variant(), name_of_variant);
///     TEST_P(Masking, ...)
class ForEachVariant : public ::testing::TestWithParam<kernels::Variant> {
 public:
  ForEachVariant() { kernels::use_variant(GetParam()); }
  ~ForEachVariant() override { kernels::use_variant(kernels::runnable_variants().back()); }
};

inline auto every_variant() { return ::testing::ValuesIn(kernels::runnable_variants()); }

inline std::string name_of_variant(const ::testing::TestParamInfo<kernels::Variant>& info) {
  return std::string(kernels::name_of(info.param));
}

}  // namespace ws::testing
