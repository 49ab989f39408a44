// The compressed messages of a loop over a data set, which other cases send as well.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "conformance/harness/case.hpp"

namespace ws::conformance {

/// Compresses the messages of a loop, or takes what was compressed for another case.
///
/// Most loops of sections 12 and 13 differ in how messages are cut into frames alone. Streams of
/// data that gets a good deal shorter are kept until they are forgotten.
class PreparedMessages {
 public:
  /// Bytes of all that are kept, or about to be.
  static constexpr std::size_t kMaxKept = std::size_t{20} * 1024 * 1024;

  /// Forgets what is kept. What a loop is about to keep, or makes use of, stays for it.
  static void forget();

  /// `loop` has data; `direction` is how the harness compresses.
  PreparedMessages(const EchoLoop& loop, const Direction& direction);
  ~PreparedMessages();
  PreparedMessages(const PreparedMessages&) = delete;
  PreparedMessages& operator=(const PreparedMessages&) = delete;

  /// Compresses the next message. Returns: the payload, good until the next call.
  std::string_view compress(std::string_view message);

 private:
  using Payloads = std::vector<std::string>;
  struct Shared;  // by all loops over the same messages
  using AllShared = std::map<std::tuple<DataSet, std::size_t, int, bool, int>, Shared>;

  /// Guarded by the mutex of the file.
  static AllShared& all_shared();
  static Shared& shared_of(const EchoLoop& loop, const Direction& direction);
  void keep(std::string_view message, std::string_view payload);
  void give_up_keeping();

  std::size_t count_;
  Shared& shared_;
  std::shared_ptr<const Payloads> known_;  // null if there are none
  Compressor compressor_;
  std::size_t next_ = 0;
  bool is_kept_ = false;  // what this one compresses
  Payloads kept_{};
  std::size_t kept_size_ = 0;  // bytes
};

}  // namespace ws::conformance
