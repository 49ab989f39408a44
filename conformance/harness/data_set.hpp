// The data that the compression cases send: made here, of the sizes of Autobahn's data sets and
// about as compressible.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ws::conformance {

enum class DataSet { json, image, prose, html, document };

class Data {
 public:
  /// The data set, made at the first call.
  static const Data& of(DataSet set);

  /// `count` units from `offset` on, starting over at the end. A unit is a code point where
  /// the set has any that is not ASCII, a byte elsewhere.
  std::string slice(std::size_t offset, std::size_t count) const;

  std::size_t units() const { return starts_.empty() ? bytes_.size() : starts_.size(); }
  std::string_view bytes() const { return bytes_; }

 private:
  explicit Data(std::string bytes);

  std::string bytes_;
  std::vector<std::size_t> starts_;  // of code points; empty if all are of one byte
};

}  // namespace ws::conformance
