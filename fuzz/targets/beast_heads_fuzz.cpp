// Any request or response head, given to our parser and to Boost.Beast's: the same method, target,
// status and fields, and both take it or neither does, but for the differences listed in
// BEAST_DIFFERENCES.md.
#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fuzz/fuzz_input.hpp"
#include "impl/handshake/http_head.hpp"

namespace ws::fuzz {
namespace {

namespace http = boost::beast::http;

/// A head in the form in which both can be compared.
struct Head {
  std::string start{};                                        // but for the reason
  std::string reason{};                                       // of a response
  std::vector<std::pair<std::string, std::string>> fields{};  // names in lower case
};

void add_field(Head& head, std::string name, std::string value) {
  for (char& c : name) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  head.fields.emplace_back(std::move(name), std::move(value));
}

/// Beast keeps lines of one name together, so their order is not compared.
Head sorted(Head head) {
  std::ranges::sort(head.fields);
  return head;
}

template <typename Parser>
std::optional<Head> run_ours(std::string_view text) {
  Parser parser(HeadLimits{.max_fields = 1000});
  auto stream = std::as_bytes(std::span(text));
  const auto parsed = parser.receive(stream);
  if (!parsed || !*parsed) return std::nullopt;
  Head head;
  if constexpr (std::same_as<Parser, RequestHeadParser>) {
    head.start = std::string((*parsed)->method).append(" ").append((*parsed)->target);
  } else {
    head.start = std::to_string((*parsed)->status);
    head.reason = (*parsed)->reason;
  }
  head.start += " 1." + std::to_string((*parsed)->minor_version);
  for (const auto& [name, value] : (*parsed)->fields)
    add_field(head, std::string(name), std::string(value));
  return sorted(std::move(head));
}

template <bool kIsRequest>
std::optional<Head> run_beast(std::string_view text) {
  http::parser<kIsRequest, http::empty_body> parser;
  parser.header_limit(64 * 1024);
  boost::beast::error_code ec;
  while (!parser.is_header_done()) {
    const std::size_t taken = parser.put(boost::asio::buffer(text.data(), text.size()), ec);
    text.remove_prefix(std::min(taken, text.size()));
    if (ec || taken == 0) break;
  }
  if (!parser.is_header_done()) return std::nullopt;
  const auto& message = parser.get();
  Head head;
  if constexpr (kIsRequest) {
    head.start = std::string(message.method_string()) + " " + std::string(message.target());
  } else {
    head.start = std::to_string(message.result_int());
    head.reason = std::string(message.reason());
  }
  head.start += " 1." + std::to_string(message.version() % 10);
  for (const auto& field : message) {
    add_field(head, std::string(field.name_string()), std::string(field.value()));
  }
  return sorted(std::move(head));
}

bool has_field(const Head& head, std::string_view name) {
  return std::ranges::find(head.fields, name, &std::pair<std::string, std::string>::first) !=
         head.fields.end();
}

/// True for a head of ours alone that BEAST_DIFFERENCES.md explains.
bool is_explained_for_us(const Head& head, std::string_view text) {
  if (text.starts_with("\r\n")) return true;  // empty lines first
  if (!head.start.ends_with(" 1.0") && !head.start.ends_with(" 1.1"))
    return true;  // HTTP/1.2 to 1.9
  const bool has_space_behind_status = text.substr(0, text.find('\r')).size() > 12;
  if (text.starts_with("HTTP/") && !has_space_behind_status) return true;
  return std::ranges::any_of(
      std::array{"connection", "proxy-connection", "content-length", "transfer-encoding"},
      [&](std::string_view name) { return has_field(head, name); });
}

/// True for a head of Beast's alone that BEAST_DIFFERENCES.md explains.
bool is_explained_for_beast(const Head& head, std::string_view text, bool is_request) {
  text = text.substr(0, text.find("\r\n\r\n"));
  if (text.contains("\r\n ") || text.contains("\r\n\t")) return true;  // a folded line
  if (!std::ranges::all_of(head.start, [](char c) { return c >= ' ' && c <= '~'; })) return true;
  if (is_request) return false;
  const int status = std::stoi(head.start);
  return status < 100 || status > 599;
}

bool is_same(const Head& ours, const Head& beast) {
  // For an empty reason Beast names the usual one.
  return ours.start == beast.start && ours.fields == beast.fields &&
         (ours.reason.empty() || ours.reason == beast.reason);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzInput input(data, size);
  const bool is_request = input.take_byte() % 2 == 0;
  const auto text = input.rest_as_text();
  const auto ours =
      is_request ? run_ours<RequestHeadParser>(text) : run_ours<ResponseHeadParser>(text);
  const auto beast = is_request ? run_beast<true>(text) : run_beast<false>(text);
  if (ours && beast) {
    require(is_same(*ours, *beast), "Beast parses the same head");
  } else if (ours) {
    require(is_explained_for_us(*ours, text), "Beast takes what we take");
  } else if (beast) {
    require(is_explained_for_beast(*beast, text, is_request), "Beast takes nothing that we do not");
  }
  return 0;
}

}  // namespace ws::fuzz
