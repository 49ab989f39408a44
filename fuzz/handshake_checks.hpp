// What the targets of the opening handshake share: heads read in pieces and set beside the
// oracle's.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "conformance/oracle/http_head.hpp"
#include "fuzz/fuzz_input.hpp"
#include "impl/handshake/http_head.hpp"
#include "impl/wire/kernels/variant.hpp"

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

/// The usual limits, or some small ones: a fast path has room for 32 lines.
inline HeadLimits take_head_limits(unsigned flags) {
  if (flags % 2 == 0) return {};
  static constexpr std::array kLimits = std::to_array<HeadLimits>({
      {.max_line = 40, .max_fields = 3, .max_total = 100},
      {.max_line = 100, .max_fields = 30, .max_total = 300},
      {.max_line = 64, .max_fields = 31, .max_total = 1000},
      {.max_line = 16, .max_fields = 1, .max_total = 64},
  });
  return kLimits[flags / 8 % kLimits.size()];
}

/// What one input says of how a head is to be read.
struct HeadSettings {
  HeadLimits limits{};
  Cuts cuts{};
};

/// Takes them, and makes the kernels the variant that the input asks for: 0 is the fastest.
inline HeadSettings take_head_settings(FuzzInput& input) {
  const unsigned flags = input.take_byte();
  const auto variants = kernels::runnable_variants();
  kernels::use_variant(variants[variants.size() - 1 - flags / 2 % 4 % variants.size()]);
  return {.limits = take_head_limits(flags), .cuts = input.take_cuts()};
}

/// In lower case.
inline std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  return result;
}

/// The head with the names of its fields in lower case, as values_of() wants it.
inline oracle::HttpHead with_lower_names(oracle::HttpHead head) {
  for (auto& [name, value] : head.fields) name = lower(name);
  return head;
}

/// The values of all lines called `name`, which is in lower case as those are.
inline std::vector<std::string> values_of(const oracle::HttpHead& head, std::string_view name) {
  std::vector<std::string> values;
  for (const auto& [key, value] : head.fields) {
    if (key == name) values.push_back(value);
  }
  return values;
}

/// The elements of comma-separated lists, without white space around them and without empty ones.
inline std::vector<std::string> elements_of(const std::vector<std::string>& lists) {
  std::vector<std::string> elements;
  for (const std::string& list : lists) {
    std::string element;
    for (const char c : list + ",") {
      if (c != ',') {
        element += c;
        continue;
      }
      element.erase(0, element.find_first_not_of(" \t"));
      element.erase(element.find_last_not_of(" \t") + 1);
      if (!element.empty()) elements.push_back(element);
      element.clear();
    }
  }
  return elements;
}

/// Whether one of the lists has `token`, which is in lower case, in any case.
inline bool has_token(const std::vector<std::string>& lists, std::string_view token) {
  const auto elements = elements_of(lists);
  return std::ranges::any_of(elements,
                             [&](const std::string& element) { return lower(element) == token; });
}

/// Reads a head whole and in pieces, and compares it with what `parse_reference` makes of the text.
///
/// Returns: the head and the bytes it took, if it is one, and the oracle's.
template <typename Parser, typename ParseReference>
auto check_head(std::string_view text, const Cuts& cuts, const HeadLimits& limits,
                const ParseReference& parse_reference) {
  const auto stream = std::as_bytes(std::span(text));
  auto parsed = parse_head<Parser>(stream, Cuts(), limits);
  require(parsed == parse_head<Parser>(stream, cuts, limits), "a head is the same in pieces");

  auto expected = parse_reference(text, limits_of(limits));
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
  return std::pair(std::move(parsed), std::move(expected));
}

}  // namespace ws::fuzz
