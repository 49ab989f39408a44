// Reads the head of a request or response as it arrives (RFC 9112 sections 2 to 5).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/mutants/switches.hpp"
#include "impl/wire/role.hpp"

namespace ws::conformance::mutants {

struct Field {
  std::string name{};
  std::string value{};
};

struct Head {
  std::string start_line{};
  std::vector<Field> fields{};
};

/// Bytes; beyond them a head is refused.
struct HeadLimits {
  std::size_t line = 8 * 1024;
  std::size_t fields = 100;
  std::size_t total = 64 * 1024;
};

class HeadReader {
 public:
  enum class State { incomplete, complete, malformed, too_large };

  /// `reader` is the side that reads: servers read requests.
  HeadReader(Role reader, Switches& switches) : reader_(reader), switches_(switches) {}

  /// Takes the bytes of one read. Once the state is not `incomplete`, more is kept in `rest`.
  State feed(std::string_view read);

  State state() const { return state_; }
  const Head& head() const { return head_; }

  /// What came behind the head.
  std::string take_rest();

  bool has_rest() const { return end_ < text_.size(); }
  std::size_t rest_size() const { return text_.size() - end_; }  ///< bytes

  /// Whether the head came in more than one read.
  bool was_split() const { return !cuts_.empty(); }

  /// Begins again with what came behind the head.
  State restart();

  /// All that arrived of the head so far.
  std::string_view text() const { return text_; }

  /// Steps of work beyond what reading takes, since the last call: bytes looked at again.
  std::uint64_t take_extra_work();

 private:
  State look();
  bool is_too_large(std::string_view unfinished_line) const;
  bool breaks_at_a_bad_cut();
  std::size_t stale_end() const;
  bool parse();
  bool parse_field(std::string line);
  std::string misread(std::string line);
  bool lets_pass(std::string_view name);
  bool lose_fields();
  bool refuses_fields();
  bool refuses_field(std::string_view name, std::string_view raw, std::string_view value);

  Role reader_;
  Switches& switches_;
  State state_ = State::incomplete;
  std::string text_;
  std::size_t line_begin_ = 0;  // of the line that has not ended yet
  std::size_t lines_ = 0;
  std::size_t end_ = 0;            // of the head
  std::vector<std::size_t> cuts_;  // where reads ended
  std::uint64_t extra_work_ = 0;
  Head head_;
};

/// The values of the fields named `name`, in order. `switches` may hold a fault in how names are
/// compared, as `reader`.
std::vector<std::string> values_of(const Head& head, std::string_view name, Role reader,
                                   Switches& switches);

}  // namespace ws::conformance::mutants
