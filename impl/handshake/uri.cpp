// The parts of ws and wss URIs (RFC 3986 sections 2 and 3, RFC 6455 section 3).
#include "impl/handshake/uri.hpp"

#include <algorithm>
#include <charconv>

#include "impl/handshake/character_set.hpp"
#include "impl/handshake/http_head.hpp"

namespace ws {
namespace {

constexpr std::uint16_t kPort = 80;
constexpr std::uint16_t kSecurePort = 443;

constexpr std::uint16_t default_port(bool secure) { return secure ? kSecurePort : kPort; }

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_hex_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// By character: unreserved or sub-delims (RFC 3986 sections 2.2 and 2.3)
constexpr auto kIsPlain = alphanumerics_and("-._~!$&'()*+,;=");

/// True if `text` has only plain characters, those of `others`, and "%" with two digits.
bool is_encoded(std::string_view text, std::string_view others) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (kIsPlain[static_cast<unsigned char>(text[i])]) continue;
    if (text[i] == '%') {
      if (text.size() - i < 3 || !is_hex_digit(text[i + 1]) || !is_hex_digit(text[i + 2])) {
        return false;
      }
      i += 2;
    } else if (!others.contains(text[i])) {
      return false;
    }
  }
  return true;
}

/// A decimal number of up to three digits, without leading zeros, below 256.
bool is_decimal_octet(std::string_view text) {
  if (text.empty() || text.size() > 3 || !std::ranges::all_of(text, is_digit)) return false;
  if (text.size() > 1 && text.front() == '0') return false;
  return text.size() < 3 || text <= "255";
}

bool is_ipv4_address(std::string_view text) {
  for (int dots = 0; dots < 3; ++dots) {
    const std::size_t dot = text.find('.');
    if (dot == std::string_view::npos || !is_decimal_octet(text.substr(0, dot))) return false;
    text.remove_prefix(dot + 1);
  }
  return is_decimal_octet(text);
}

/// How many 16-bit groups `text` has, separated by ":"; -1 if one is malformed. The last may be an
/// IPv4 address, which counts twice.
int count_groups(std::string_view text, bool ipv4_allowed) {
  int groups = 0;
  while (true) {
    const std::size_t colon = text.find(':');
    const std::string_view group = text.substr(0, colon);
    if (colon == std::string_view::npos && ipv4_allowed && is_ipv4_address(group)) {
      return groups + 2;
    }
    if (group.empty() || group.size() > 4 || !std::ranges::all_of(group, is_hex_digit)) return -1;
    ++groups;
    if (colon == std::string_view::npos) return groups;
    text.remove_prefix(colon + 1);
  }
}

/// IPv6address (RFC 3986 section 3.2.2): eight groups, or fewer around one "::".
bool is_ipv6_address(std::string_view text) {
  const std::size_t gap = text.find("::");
  if (gap == std::string_view::npos) return count_groups(text, true) == 8;
  const std::string_view left = text.substr(0, gap);
  const std::string_view right = text.substr(gap + 2);
  const int left_groups = left.empty() ? 0 : count_groups(left, false);
  const int right_groups = right.empty() ? 0 : count_groups(right, true);
  return left_groups >= 0 && right_groups >= 0 && left_groups + right_groups <= 7;
}

}  // namespace

std::optional<Authority> parse_authority(std::string_view text) {
  Authority authority;
  std::string_view rest;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    authority.host = text.substr(1, end - 1);
    rest = text.substr(end + 1);
    if (!is_ipv6_address(authority.host)) return std::nullopt;
  } else {
    // Nearly always there is nothing encoded before the colon.
    std::size_t end = 0;
    while (end < text.size() && kIsPlain[static_cast<unsigned char>(text[end])]) ++end;
    if (end < text.size() && text[end] != ':') {
      end = std::min(text.find(':'), text.size());
      if (!is_encoded(text.substr(0, end), "")) return std::nullopt;
    }
    authority.host = text.substr(0, end);
    rest = text.substr(end);
    if (authority.host.empty()) return std::nullopt;
  }
  if (rest.empty() || rest == ":") return authority;

  if (rest.front() != ':') return std::nullopt;
  rest.remove_prefix(1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), port);
  if (error != std::errc{} || end != rest.data() + rest.size() || port == 0) return std::nullopt;
  authority.port = port;
  return authority;
}

std::optional<Uri> parse_uri(std::string_view text) {
  constexpr std::string_view kMark = "://";
  const std::size_t mark = text.find(kMark);
  if (mark == std::string_view::npos) return std::nullopt;
  const std::string_view scheme = text.substr(0, mark);
  const bool secure = equals_ignoring_case(scheme, "wss");
  if (!secure && !equals_ignoring_case(scheme, "ws")) return std::nullopt;
  text.remove_prefix(mark + kMark.size());

  const std::size_t authority_end = std::min(text.find_first_of("/?#"), text.size());
  const auto authority = parse_authority(text.substr(0, authority_end));
  const std::string_view resource = text.substr(authority_end);
  if (!authority || !is_encoded(resource, ":@/?")) return std::nullopt;

  Uri uri{.secure = secure,
          .host = std::string(authority->host),
          .port = authority->port.value_or(default_port(secure)),
          .resource = std::string(resource)};
  std::ranges::transform(uri.host, uri.host.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  // Section 3: "/" if the path component is empty.
  if (!resource.starts_with('/')) uri.resource.insert(uri.resource.begin(), '/');
  return uri;
}

std::string format_host(const Uri& uri) {
  const bool ipv6 = uri.host.contains(':');
  std::string host = ipv6 ? "[" + uri.host + "]" : uri.host;
  if (uri.port != default_port(uri.secure)) host.append(":").append(std::to_string(uri.port));
  return host;
}

std::string format_uri(const Uri& uri) {
  return (uri.secure ? "wss://" : "ws://") + format_host(uri) + uri.resource;
}

}  // namespace ws
