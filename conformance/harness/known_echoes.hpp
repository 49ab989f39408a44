// Compressed echoes that were found right once: the same bytes need not be decompressed again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/harness/case.hpp"

namespace ws::conformance {

/// Tells the compressed echoes of a loop over a data set that are as they were in another case.
///
/// What a payload decompresses to follows from its bytes and from the messages before it. Most
/// loops of sections 12 and 13 differ in how the messages are cut into frames alone, so once one
/// of them is over the echoes of others can be compared as they are, by digests of short pieces.
class KnownEchoes {
 public:
  enum class Reading {
    same,     ///< as a known one so far: nothing is to be done
    known,    ///< the whole of a known one
    unknown,  ///< `held()` is to be decompressed, and after it what comes
  };

  /// `loop` has data, and has to outlive this; `direction` is how the peer compresses.
  KnownEchoes(const EchoLoop& loop, const Direction& direction);

  /// Takes the next bytes of the payload of the echo that is expected next.
  Reading read(std::string_view stretch, bool is_last);

  /// What has been read of this echo and was not given back yet; good until the next call.
  std::string_view held() const { return held_; }

  /// Whether echoes were passed over since the last bytes that were given back.
  bool has_passed_over() const { return passed_over_; }

  /// A message that a fresh decompressor has to be given first if it is to go on from here.
  std::string context() const;

  /// The echo is complete, and decompressed if it was not known; `message_size` bytes.
  ///
  /// `is_right`: it was what was expected, in a way that is worth remembering.
  void finish(std::size_t message_size, bool is_right);

  /// A message came that is not compressed: what follows is not as in other cases.
  void lose() { is_followed_ = false; }

 private:
  /// The payload of an echo.
  struct Known {
    std::size_t size = 0;                  // bytes
    std::vector<std::uint64_t> digests{};  // of each piece
  };
  struct Shared;  // by all loops over the same messages

  static Shared& shared_of(const EchoLoop& loop, const Direction& direction);
  bool differs(const Known& known, bool is_last);

  const EchoLoop& loop_;
  Direction direction_;
  Shared& shared_;
  std::size_t index_ = 0;       // of the echo at hand
  std::uint64_t position_ = 0;  // bytes of all messages before it
  bool is_followed_ = true;     // all echoes before were right
  bool is_unknown_ = false;     // the echo at hand
  bool passed_over_ = false;
  std::string payload_{};     // of the echo at hand
  std::size_t compared_ = 0;  // pieces of it
  std::string_view held_{};
};

}  // namespace ws::conformance
