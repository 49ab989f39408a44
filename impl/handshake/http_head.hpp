// Just enough HTTP/1.1 for the head of one request or response (RFC 9112 sections 2 to 5).
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "impl/handshake/handshake_error.hpp"
#include "impl/handshake/head_scan.hpp"

namespace ws {

/// One field line. Its texts belong to the Fields that it comes from, or to the caller.
struct Field {
  std::string_view name{};   ///< as received; compared in any letter case
  std::string_view value{};  ///< without the white space around it

  bool operator==(const Field&) const = default;
};

/// Field lines in the order received, whose texts lie in one piece of memory. Copies share it, so
/// that a text is good as long as any of them has it.
class Fields {
 public:
  class Iterator;

  Fields() = default;
  Fields(std::initializer_list<Field> fields) {
    for (const Field& field : fields) add(field.name, field.value);
  }

  void add(std::string_view name, std::string_view value);

  /// The fields, good until one is added.
  Iterator begin() const;
  Iterator end() const;
  Field operator[](std::size_t index) const {
    const Line& line = memory_[static_cast<std::ptrdiff_t>(index)];
    const char* const text = text_begin();
    return {{text + line.name_start, line.name_size}, {text + line.value_start, line.value_size}};
  }
  std::size_t size() const { return line_count_; }

  /// How many lines are named `name`.
  std::size_t count(std::string_view name) const;

  /// The value of the first line named `name`.
  std::optional<std::string_view> find(std::string_view name) const;

  /// The values of all lines named `name`, joined with ", " (RFC 9110 section 5.3).
  std::string joined(std::string_view name) const;

  /// True if any line named `name` has `token`, in any letter case, in its comma-separated list.
  bool has_token(std::string_view name, std::string_view token) const;

  /// True for the same fields in the same order.
  bool operator==(const Fields& other) const;

 private:
  friend class HeadReader;

  using Place = std::uint32_t;

  // Without default values, so that memory for many is not written twice.
  struct Line {  // NOLINT: places in text()
    Place name_start;
    Place name_size;
    Place value_start;
    Place value_size;
  };

  /// Makes room for so many lines, and bytes of text, in memory that nobody else has.
  void reserve(std::size_t lines, std::size_t text);

  /// What was added, or a whole head, of which the lines are parts.
  std::string_view text() const { return {text_begin(), text_size_}; }
  char* text_begin() const {
    return reinterpret_cast<char*>(memory_.get() + line_capacity_);  // behind all lines
  }

  std::shared_ptr<Line[]> memory_;
  Place line_count_ = 0;
  Place line_capacity_ = 0;
  Place text_size_ = 0;
  Place text_capacity_ = 0;
};

/// Goes over Fields, and makes each Field as it comes to it.
class Fields::Iterator {
 public:
  using iterator_concept = std::forward_iterator_tag;
  using value_type = Field;
  using difference_type = std::ptrdiff_t;

  Iterator() = default;
  Iterator(const Fields& fields, std::size_t index) : fields_(&fields), index_(index) {}

  Field operator*() const { return (*fields_)[index_]; }
  Iterator& operator++() {
    ++index_;
    return *this;
  }
  Iterator operator++(int) { return {*fields_, index_++}; }
  bool operator==(const Iterator&) const = default;

 private:
  const Fields* fields_ = nullptr;
  std::size_t index_ = 0;
};

inline Fields::Iterator Fields::begin() const { return {*this, 0}; }
inline Fields::Iterator Fields::end() const { return {*this, size()}; }

/// True if `list`, which is comma-separated, has `token` in any letter case.
bool list_has_token(std::string_view list, std::string_view token);

/// Request line and fields (RFC 9112 section 3). The parser's texts are good as long as a copy of
/// `fields` is there.
struct RequestHead {
  std::string_view method{};  ///< a token, in the letter case received
  std::string_view target{};  ///< printable ASCII, otherwise unchecked
  int minor_version = 1;      ///< of HTTP/1.x
  Fields fields{};

  bool operator==(const RequestHead&) const = default;
};

/// Status line and fields (RFC 9112 section 4).
struct ResponseHead {
  int minor_version = 1;  ///< of HTTP/1.x
  int status = 0;         ///< 100 to 599
  std::string reason{};   ///< may be empty
  Fields fields{};

  bool operator==(const ResponseHead&) const = default;
};

/// What a head may take; at the limit is still accepted.
struct HeadLimits {
  std::size_t max_line = 8 * 1024;    ///< bytes of the start line or one field line, CRLF excluded
  std::size_t max_fields = 100;       ///< field lines
  std::size_t max_total = 64 * 1024;  ///< bytes of the whole head with its last CRLF, below 2^32
};

/// Collects the lines of a head from reads of any size; the base of the two parsers below.
class HeadReader {
 public:
  /// Requires: HeadLimits::max_total is below 2^32.
  explicit HeadReader(HeadLimits limits = {}) : limits_(limits) {
    assert(limits.max_total >> 32U == 0);
  }

  /// The bytes of a head that is not complete, for a log; at most HeadLimits::max_total. Those of a
  /// complete head went into its fields.
  std::string_view raw() const { return raw_; }

 protected:
  /// A start line with its parts, as far as it has them.
  struct StartLine {
    std::string_view method{};            ///< of a request
    std::string_view target_or_reason{};  ///< of a request, of a response
    int minor_version = 1;
    int status = 0;  ///< of a response
  };

  /// Parses a start line that begins with `token_size` characters of a token.
  using ParseStartLine = std::expected<StartLine, HandshakeError>(std::string_view line,
                                                                  std::size_t token_size);
  static ParseStartLine parse_request_line;
  static ParseStartLine parse_status_line;

  /// Takes lines until the empty one that ends the head.
  ///
  /// Returns: true once the head is complete; false if `input` ends first.
  /// Requires: the same `parse_start_line` for the whole head.
  std::expected<bool, HandshakeError> read_head(std::span<const std::byte>& input,
                                                ParseStartLine& parse_start_line);

  /// The start line of the complete head, in the text of fields_.
  StartLine start_line() const;

  Fields fields_;  ///< of the complete head

 private:
  /// Takes a head that lies in `input` as a whole and keeps all rules, without looking at each of
  /// its bytes in turn. Any other is for next_line().
  ///
  /// Returns: whether it did.
  bool read_whole_head(std::span<const std::byte>& input, ParseStartLine& parse_start_line);

  /// Takes a line, which begins at `start` of the head.
  ///
  /// Returns: true if it ends the head.
  std::expected<bool, HandshakeError> take_line(std::string_view line, std::size_t start,
                                                ParseStartLine& parse_start_line);
  void keep_start_line(const StartLine& parsed, std::string_view head);

  /// Makes fields_ of what was collected.
  void keep_head();

  /// Finds the parts of a field line, which lies in `head` with its CRLF.
  ///
  /// Returns: false if it is malformed.
  static bool parse_field_line(std::string_view head, const ScannedLine& line,
                               Fields::Line& parsed);

  /// Takes bytes up to and including the next line end.
  ///
  /// Returns: the line without its end, valid until the next call; nothing if `input` ends first.
  /// Errors: those of receive(), at the first byte that shows them.
  std::expected<std::optional<std::string_view>, HandshakeError> next_line(
      std::span<const std::byte>& input);

  /// Moves `count` bytes from the front of `input` to raw_.
  void take(std::span<const std::byte>& input, std::size_t count);

  /// The error of taking `next` as the following byte of the current line, if there is one.
  std::optional<HandshakeError> check_byte(char next, std::size_t line_length,
                                           std::size_t total) const;

  HeadLimits limits_;
  std::string raw_;
  std::size_t line_start_ = 0;  ///< in raw_
  bool cr_seen_ = false;        ///< the last byte was a CR, so an LF must follow
  bool start_line_done_ = false;
  int minor_version_ = 1;
  int status_ = 0;
  Fields::Line start_line_{};        ///< its method, and its target or reason, as a name and value
  std::vector<Fields::Line> lines_;  ///< collected so far
};

/// Bytes to a request head. Empty lines before the request line are skipped (RFC 9112 section 2.2).
class RequestHeadParser : public HeadReader {
 public:
  using HeadReader::HeadReader;

  /// Takes bytes from the front of `input`, never beyond the end of the head.
  ///
  /// Returns: the head once its last byte is there; nothing if `input` ends first.
  /// Errors: the first mistake. Limits and bytes that no line may have (control characters, a bare
  /// CR or LF) show at once: start_line_too_long, line_too_long, head_too_large; the rest at the
  /// end of a line: malformed_start_line; malformed_field for a line without colon, white space
  /// before it, a name that is no token, or a folded line; too_many_fields;
  /// unsupported_http_version for another major version than 1.
  /// Requires: neither a head nor an error has been returned.
  std::expected<std::optional<RequestHead>, HandshakeError> receive(
      std::span<const std::byte>& input);
};

/// Bytes to a response head; one parser for each, interim responses included.
class ResponseHeadParser : public HeadReader {
 public:
  using HeadReader::HeadReader;

  /// Like RequestHeadParser::receive.
  std::expected<std::optional<ResponseHead>, HandshakeError> receive(
      std::span<const std::byte>& input);
};

/// True for a response that another one follows: any 1xx but 101 (RFC 9110 section 15.2). A client
/// then goes on with a new parser.
bool is_interim(const ResponseHead& head);

/// Appends "name: value" and a line end.
///
/// Requires: `name` is a token; `value` has no control characters.
void append_field_line(std::string& head, std::string_view name, std::string_view value);

/// True if `text` is a token (RFC 9110 section 5.6.2).
bool is_token(std::string_view text);

/// Compares ASCII letters in any case.
bool equals_ignoring_case(std::string_view left, std::string_view right);

/// The elements of a comma-separated list without the white space around them; empty elements are
/// left out (RFC 9110 section 5.6.1). Quoted strings are not looked into.
std::vector<std::string_view> split_list(std::string_view list);

/// Hands what split_list() would return to `take`, if all elements are tokens.
///
/// Returns: false if one is none; what was handed over then is no more than a beginning.
template <typename Take>
bool take_tokens(std::string_view list, Take take) {
  while (true) {
    while (!list.empty() && (list.front() == ',' || is_white_space(list.front()))) {
      list.remove_prefix(1);
    }
    if (list.empty()) return true;
    const std::size_t size = count_token_characters(list);
    if (size == 0) return false;
    take(list.substr(0, size));
    list.remove_prefix(size);
    while (!list.empty() && is_white_space(list.front())) list.remove_prefix(1);
    if (!list.empty() && list.front() != ',') return false;
  }
}

}  // namespace ws
