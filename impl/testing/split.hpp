// The ways in which a stream can be cut into reads, for tests of whatever reads a stream.
#pragma once

#include <cstddef>
#include <gtest/gtest.h>
#include <span>
#include <string>
#include <vector>

namespace ws::testing {

using Reads = std::vector<std::span<const std::byte>>;

/// Calls `check` with the reads of `stream`: whole, byte by byte, and cut in two at every place; in
/// two at about a thousand places if it is longer than that.
template <typename Check>
void for_each_split(std::span<const std::byte> stream, const Check& check) {
  {
    SCOPED_TRACE("whole");
    check(Reads{stream});
  }
  {
    SCOPED_TRACE("byte by byte");
    Reads reads;
    for (std::size_t i = 0; i < stream.size(); ++i) reads.push_back(stream.subspan(i, 1));
    check(reads);
  }
  constexpr std::size_t kMaxCuts = 1000;
  const std::size_t step = stream.size() / kMaxCuts + 1;
  for (std::size_t cut = 1; cut < stream.size(); cut += step) {
    SCOPED_TRACE("cut at " + std::to_string(cut));
    check(Reads{stream.first(cut), stream.subspan(cut)});
  }
}

}  // namespace ws::testing
