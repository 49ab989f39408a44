// Just enough HTTP/1.1 for the head of one request or response (RFC 9112 sections 2 to 5).
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "impl/handshake/handshake_error.hpp"

namespace ws {

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

struct RequestHead {
  std::string method{};
  std::string target{};
  int minor_version = 1;  ///< of HTTP/1.x
  Fields fields{};

  bool operator==(const RequestHead&) const = default;
};

struct ResponseHead {
  int minor_version = 1;
  int status = 0;
  std::string reason{};
  Fields fields{};

  bool operator==(const ResponseHead&) const = default;
};

struct HeadLimits {
  std::size_t max_line = 8 * 1024;    ///< bytes of the start line or one field line, CRLF excluded
  std::size_t max_fields = 100;       ///< field lines
  std::size_t max_total = 64 * 1024;  ///< bytes of the whole head
};

/// Collects the lines of a head from reads of any size; the base of the two parsers below.
class HeadReader {
 public:
  explicit HeadReader(HeadLimits limits) : limits_(limits) {}

  /// The bytes received of this head so far, for a log.
  std::string_view raw() const { return raw_; }

 protected:
  /// Takes bytes up to and including the next line end.
  ///
  /// Returns: the line without its end; nothing if `input` ends first.
  /// Errors: line_too_long, head_too_large; malformed_start_line or malformed_field for a bare CR,
  /// a bare LF or a NUL.
  std::expected<std::optional<std::string_view>, HandshakeError> next_line(
      std::span<const std::byte>& input);

  /// Parses one field line into `fields`.
  ///
  /// Errors: malformed_field (no colon, white space before it, a name that is no token, control
  /// characters, a folded line), too_many_fields.
  std::expected<void, HandshakeError> take_field(std::string_view line, Fields& fields);

  bool start_line_done_ = false;

 private:
  HeadLimits limits_;
  std::string raw_;
  std::size_t line_start_ = 0;
};

/// Bytes to a request head.
class RequestHeadParser : public HeadReader {
 public:
  using HeadReader::HeadReader;

  /// Takes bytes from the front of `input`, never beyond the end of the head.
  ///
  /// Returns: the head once its last byte is there; nothing if `input` ends first.
  /// Errors: the first mistake, as early as the bytes show it, after which the parser is done.
  std::expected<std::optional<RequestHead>, HandshakeError> receive(
      std::span<const std::byte>& input);

 private:
  RequestHead head_;
};

/// Bytes to a response head.
class ResponseHeadParser : public HeadReader {
 public:
  using HeadReader::HeadReader;

  /// Like RequestHeadParser::receive.
  std::expected<std::optional<ResponseHead>, HandshakeError> receive(
      std::span<const std::byte>& input);

 private:
  ResponseHead head_;
};

/// True if `text` is a token (RFC 9110 section 5.6.2).
bool is_token(std::string_view text);

/// Compares ASCII letters in any case.
bool equals_ignoring_case(std::string_view left, std::string_view right);

/// The elements of a comma-separated list without the white space around them; empty elements are
/// left out (RFC 9110 section 5.6.1). Quoted strings are not looked into.
std::vector<std::string_view> split_list(std::string_view list);

}  // namespace ws
