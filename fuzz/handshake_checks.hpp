// What the targets of the opening handshake share: heads read in pieces and set beside the
// oracle's.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "conformance/oracle/http_head.hpp"
#include "fuzz/fuzz_input.hpp"
#include "impl/handshake/http_head.hpp"

namespace ws::fuzz {

template <typename Head>
struct ParsedHead {
  std::expected<std::optional<Head>, HandshakeError> result{};
  std::size_t consumed = 0;  ///< bytes of the stream

  bool operator==(const ParsedHead&) const = default;
};

/// Reads one head from the front of `stream`.
template <typename Parser>
auto parse_head(std::span<const std::byte> stream, const Cuts& cuts, const HeadLimits& limits) {
  Parser parser(limits);
  std::span<const std::byte> none;
  ParsedHead<typename decltype(parser.receive(none))::value_type::value_type> parsed;
  cuts.for_each_read(stream, [&](std::span<const std::byte> read) {
    auto rest = read;
    parsed.result = parser.receive(rest);
    parsed.consumed += read.size() - rest.size();
    const bool wants_more = parsed.result.has_value() && !*parsed.result;
    require(!wants_more || rest.empty(), "a read is used up unless the head ends in it");
    return wants_more;
  });
  require(parser.raw().size() <= limits.max_total, "a head is held within the limit");
  return parsed;
}

inline oracle::FieldLines lines_of(const Fields& fields) {
  oracle::FieldLines lines;
  for (const Field& field : fields) lines.emplace_back(field.name, field.value);
  return lines;
}

inline bool is_same(const RequestHead& head, const oracle::HttpHead& expected) {
  return head.method == expected.method && head.target == expected.target &&
         head.minor_version == expected.minor_version && lines_of(head.fields) == expected.fields;
}

inline bool is_same(const ResponseHead& head, const oracle::HttpHead& expected) {
  return head.status == expected.status && head.reason == expected.reason &&
         head.minor_version == expected.minor_version && lines_of(head.fields) == expected.fields;
}

inline oracle::HttpLimits limits_of(const HeadLimits& limits) {
  return {limits.max_line, limits.max_fields, limits.max_total};
}

/// Small limits or the usual ones.
inline HeadLimits take_head_limits(FuzzInput& input) {
  return input.take_byte() % 2 == 0 ? HeadLimits{}
                                    : HeadLimits{.max_line = 40, .max_fields = 3, .max_total = 100};
}

/// Reads a head whole and in pieces, and compares it with what `parse_reference` makes of the text.
///
/// Returns: the head and the bytes it took, if it is one.
template <typename Parser, typename ParseReference>
auto check_head(std::string_view text, const Cuts& cuts, const HeadLimits& limits,
                const ParseReference& parse_reference) {
  const auto stream = std::as_bytes(std::span(text));
  auto parsed = parse_head<Parser>(stream, Cuts(), limits);
  require(parsed == parse_head<Parser>(stream, cuts, limits), "a head is the same in pieces");

  const auto expected = parse_reference(text, limits_of(limits));
  if (!parsed.result) {
    require(!expected, "a head is refused that the oracle takes");
    // It was not refused too early either: no end could have made a head of it.
    const std::string refused = std::string(text.substr(0, parsed.consumed + 1)) + "\r\n\r\n";
    require(!parse_reference(refused, limits_of(limits)), "a head is refused for its beginning");
  } else {
    require(parsed.result->has_value() == expected.has_value(),
            "a head ends where the oracle says");
    if (expected) {
      require(is_same(**parsed.result, *expected), "a head is parsed as the oracle does");
      require(parsed.consumed == expected->size, "what follows a head is left alone");
    }
  }
  return parsed;
}

}  // namespace ws::fuzz
