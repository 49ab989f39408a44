// The head of an HTTP/1.1 request or response, parsed from its whole text (RFC 9112).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ws::oracle {

using FieldLines = std::vector<std::pair<std::string, std::string>>;

/// A well-formed head. A request has a method and a target, a response a status and a reason.
struct HttpHead {
  std::string method{};
  std::string target{};
  int status = 0;
  std::string reason{};
  int minor_version = 1;  ///< of HTTP/1.x
  FieldLines fields{};    ///< names as received, values without the white space around them
  std::size_t size = 0;   ///< bytes up to and including the empty line

  bool operator==(const HttpHead&) const = default;
};

/// What a head may take, line ends excluded but for the total.
struct HttpLimits {
  std::size_t max_line = 8 * 1024;
  std::size_t max_fields = 100;
  std::size_t max_total = 64 * 1024;
};

/// The head that `text` starts with; empty lines before a request line are skipped.
///
/// Returns: nothing if there is none, or if it is malformed or beyond the limits.
std::optional<HttpHead> parse_request_head(std::string_view text, const HttpLimits& limits);
std::optional<HttpHead> parse_response_head(std::string_view text, const HttpLimits& limits);

}  // namespace ws::oracle
