#include "conformance/endpoints/target.hpp"

#include <algorithm>
#include <charconv>

namespace ws::conformance {
namespace {

/// Takes `prefix` off the beginning of `text`, if it is there.
bool skip(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool is_resource(std::string_view text) {
  return text.starts_with('/') && text.find_first_of(" #") == std::string_view::npos;
}

/// The rest of unix:FILE[:/PATH].
std::optional<Target> parse_unix(std::string_view text, bool secure) {
  Target target{.secure = secure};
  if (text.starts_with("///")) text.remove_prefix(2);  // an empty authority
  const std::size_t colon = text.rfind(":/");
  if (colon != std::string_view::npos) {
    target.resource = text.substr(colon + 1);
    text = text.substr(0, colon);
  }
  target.path = text;
  if (target.path.empty() || !is_resource(target.resource)) return std::nullopt;
  return target;
}

}  // namespace

std::optional<Target> parse_target(std::string_view url) {
  if (skip(url, "unix:") || skip(url, "ws+unix:")) return parse_unix(url, false);
  if (skip(url, "wss+unix:")) return parse_unix(url, true);
  Target target{.secure = url.starts_with("wss:")};
  if (!skip(url, "ws://") && !skip(url, "wss://")) return std::nullopt;
  const std::size_t authority_end = std::min(url.find_first_of("/?"), url.size());
  std::string_view authority = url.substr(0, authority_end);
  target.resource = url.substr(authority_end);
  if (!target.resource.starts_with('/')) target.resource.insert(0, "/");
  if (!is_resource(target.resource)) return std::nullopt;

  std::string_view port = target.secure ? "443" : "80";
  const std::size_t bracket = authority.find(']');
  const std::size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon != std::string_view::npos) {
    port = authority.substr(colon + 1);
    authority = authority.substr(0, colon);
  }
  if (authority.starts_with('[') && authority.ends_with(']')) {
    authority = authority.substr(1, authority.size() - 2);
  }
  target.host = authority;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), target.port);
  if (error != std::errc() || end != port.data() + port.size() || target.port == 0 ||
      target.host.empty()) {
    return std::nullopt;
  }
  return target;
}

std::string host_field_of(const Target& target) {
  if (!target.path.empty()) return "localhost";
  const bool is_ipv6 = target.host.contains(':');
  return (is_ipv6 ? "[" + target.host + "]" : target.host) + ":" + std::to_string(target.port);
}

std::string describe(const Target& target) {
  return target.path.empty() ? target.host + ":" + std::to_string(target.port) : target.path;
}

}  // namespace ws::conformance
