#include "conformance/endpoints/autobahn_request.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace ws::conformance {
namespace {

using Query = decltype(AutobahnRequest::query);

std::string decode_form(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      decoded += ' ';
    } else if (unsigned value = 0;
               text[i] == '%' && i + 2 < text.size() &&
               std::from_chars(&text[i + 1], &text[i + 1] + 2, value, 16).ptr == &text[i + 1] + 2) {
      decoded += static_cast<char>(value);
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

/// Parameters of a query. One given twice makes the whole query invalid.
std::optional<Query> parse_query(std::string_view text) {
  Query query;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    std::string value = decode_form(pair.substr(std::min(equals + 1, pair.size())));
    if (value.empty()) continue;
    if (!query.emplace(decode_form(pair.substr(0, equals)), std::move(value)).second) {
      return std::nullopt;
    }
  }
  return query;
}

}  // namespace

std::string_view target_of(std::string_view head) {
  const std::size_t begin = head.find(' ') + 1;
  return head.substr(begin, head.find_first_of(" \r\n", begin) - begin);
}

std::optional<AutobahnRequest> parse_autobahn_request(std::string_view head) {
  const std::string_view target = target_of(head);
  const std::size_t mark = std::min(target.find('?'), target.size());
  auto query = parse_query(target.substr(std::min(mark + 1, target.size())));
  if (!query) return std::nullopt;
  std::string_view path = target.substr(0, mark);
  // A target in absolute form (RFC 9112 section 3.2.2), as hyper sends it.
  if (const std::size_t scheme = path.find("://"); scheme != std::string_view::npos) {
    path.remove_prefix(std::min(path.find('/', scheme + 3), path.size()));
  }
  // Many drivers put "/runCase" behind a URL, and the URL that they are given ends in a slash.
  while (path.starts_with("//")) path.remove_prefix(1);
  std::string whole(path);
  // One without a slash means the same; that it is wrong is judged with its case.
  if (!whole.empty() && !whole.starts_with('/')) whole.insert(0, 1, '/');
  return AutobahnRequest{.path = std::move(whole), .query = *std::move(query)};
}

}  // namespace ws::conformance
