// Just enough HTTP/1.1 for the head of one request or response (RFC 9112 sections 2 to 5).
#pragma once

#include <cstddef>
#include <expected>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "impl/handshake/handshake_error.hpp"

namespace ws {

/// One field line.
struct Field {
  std::string name{};   ///< as received; compared in any letter case
  std::string value{};  ///< without the white space around it

  bool operator==(const Field&) const = default;
};

/// Field lines in the order received.
class Fields {
 public:
  Fields() = default;
  Fields(std::initializer_list<Field> fields) : fields_(fields) {}

  void add(std::string name, std::string value) {
    fields_.push_back({std::move(name), std::move(value)});
  }
  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }
  std::size_t size() const { return fields_.size(); }

  /// How many lines are named `name`.
  std::size_t count(std::string_view name) const;

  /// The value of the first line named `name`.
  std::optional<std::string_view> find(std::string_view name) const;

  /// The values of all lines named `name`, joined with ", " (RFC 9110 section 5.3).
  std::string joined(std::string_view name) const;

  /// True if any line named `name` has `token`, in any letter case, in its comma-separated list.
  bool has_token(std::string_view name, std::string_view token) const;

  bool operator==(const Fields&) const = default;

 private:
  std::vector<Field> fields_;
};

/// Request line and fields (RFC 9112 section 3).
struct RequestHead {
  std::string method{};   ///< a token, in the letter case received
  std::string target{};   ///< printable ASCII, otherwise unchecked
  int minor_version = 1;  ///< of HTTP/1.x
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
  std::size_t max_total = 64 * 1024;  ///< bytes of the whole head, its last CRLF included
};

/// Collects the lines of a head from reads of any size; the base of the two parsers below.
class HeadReader {
 public:
  explicit HeadReader(HeadLimits limits = {}) : limits_(limits) {}

  /// The bytes received of this head so far, for a log; at most HeadLimits::max_total.
  std::string_view raw() const { return raw_; }

 protected:
  /// Takes lines until the empty one that ends the head: the first into `head` with
  /// `parse_start_line`, the others into its fields.
  ///
  /// Returns: true once the head is complete; false if `input` ends first.
  template <typename Head>
  std::expected<bool, HandshakeError> read_head(
      std::span<const std::byte>& input, Head& head,
      std::expected<void, HandshakeError> (*parse_start_line)(std::string_view, Head&));

 private:
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

 private:
  RequestHead head_;
};

/// Bytes to a response head; one parser for each, interim responses included.
class ResponseHeadParser : public HeadReader {
 public:
  using HeadReader::HeadReader;

  /// Like RequestHeadParser::receive.
  std::expected<std::optional<ResponseHead>, HandshakeError> receive(
      std::span<const std::byte>& input);

 private:
  ResponseHead head_;
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

}  // namespace ws
