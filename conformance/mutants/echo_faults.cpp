#include "conformance/mutants/echo_faults.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>

namespace ws::conformance::mutants {
namespace {

/// Messages of one size lose their last byte; opcode 0 stands for both.
struct BadSize {
  std::size_t size;
  unsigned opcode;
  FaultId fault;
};

constexpr BadSize kBadSizes[] = {
    {.size = 127, .opcode = 0, .fault = "own-fr-127-short"},
    {.size = 128, .opcode = 2, .fault = "own-fr-128-binary-short"},
    {.size = 255, .opcode = 1, .fault = "own-fr-255-text-short"},
    {.size = 256, .opcode = 2, .fault = "own-fr-256-binary-short"},
    {.size = 512, .opcode = 1, .fault = "own-fr-512-text-short"},
    {.size = 1000, .opcode = 0, .fault = "own-fr-1000-short"},
    {.size = 1023, .opcode = 1, .fault = "own-fr-1023-text-short"},
    {.size = 1024, .opcode = 2, .fault = "own-fr-1024-binary-short"},
    {.size = 2048, .opcode = 1, .fault = "own-fr-2048-text-short"},
    {.size = 4095, .opcode = 0, .fault = "own-fr-4095-short"},
    {.size = 4097, .opcode = 2, .fault = "own-fr-4097-binary-short"},
    {.size = 8192, .opcode = 1, .fault = "own-fr-8192-text-short"},
    {.size = 8193, .opcode = 0, .fault = "own-fr-8193-short"},
    {.size = 16'383, .opcode = 0, .fault = "own-fr-16383-short"},
    {.size = 16'384, .opcode = 2, .fault = "own-fr-16384-binary-short"},
    {.size = 16'385, .opcode = 1, .fault = "own-fr-16385-text-short"},
    {.size = 32'767, .opcode = 0, .fault = "own-fr-32767-short"},
    {.size = 32'768, .opcode = 2, .fault = "own-fr-32768-binary-short"},
    {.size = 65'535, .opcode = 2, .fault = "own-fr-65535-binary-short"},
    {.size = 65'536, .opcode = 1, .fault = "own-fr-65536-text-short"},
    {.size = 65'537, .opcode = 0, .fault = "own-fr-65537-short"},
    {.size = 131'072, .opcode = 0, .fault = "own-fr-131072-short"},
    {.size = 131'073, .opcode = 2, .fault = "own-fr-131073-binary-short"},
    {.size = 4096 - 4, .opcode = 0, .fault = "own-fr-4092-short"},
    {.size = 4096 - 8, .opcode = 0, .fault = "own-fr-4088-short"},
    {.size = 65'536 - 14, .opcode = 0, .fault = "own-fr-65522-short"},
};

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

/// `text` as a number is written, if it is one; otherwise as it is.
std::string write_number(const std::string& text) {
  if (text.empty() || text.size() > 15 ||
      text.find_first_not_of("0123456789.eE+-") != std::string::npos) {
    return text;
  }
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (*end != '\0') return text;
  char written[32];
  std::snprintf(written, sizeof written, "%.15g", value);
  return written;
}

bool is_white(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/// Each code point above U+FFFF, replaced by what `encode` makes of its four bytes.
template <typename Encode>
void replace_astral(std::string& text, Encode encode) {
  std::string replaced;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (static_cast<unsigned char>(text[i]) < 0xf0 || i + 4 > text.size()) {
      replaced += text[i];
      continue;
    }
    unsigned point = static_cast<unsigned char>(text[i]) % 8U;
    for (std::size_t k = 1; k < 4; ++k) {
      point = point * 64 + static_cast<unsigned char>(text[i + k]) % 64U;
    }
    replaced += encode(point);
    i += 3;
  }
  text = replaced;
}

std::string encode_three(unsigned unit) {
  return {static_cast<char>(0xe0U | unit >> 12U), static_cast<char>(0x80U | (unit >> 6U) % 64U),
          static_cast<char>(0x80U | unit % 64U)};
}

std::string encode_as_surrogates(unsigned point) {
  const unsigned rest = point - 0x10000;
  return encode_three(0xd800 + (rest >> 10U)) + encode_three(0xdc00 + rest % 1024U);
}

}  // namespace

bool EchoFaults::change(Message& message) {
  ++count_;
  total_ += message.payload.size();
  if (!passes_by_count(message) || !passes_by_content(message)) return false;
  if (!passes_by_history(message)) return false;
  cut_by_size(message);
  if (message.payload.ends_with(std::string_view("\0\0\xff\xff", 4)) &&
      has("own-fr-tail-of-plain-removed")) {
    message.payload.resize(message.payload.size() - 4);
  }
  change_by_form(message);
  if (message.opcode == 2) {
    change_binary(message.payload);
  } else {
    change_text(message.payload);
  }
  return true;
}

bool EchoFaults::passes_by_count(const Message& message) {
  if (count_ == 1 && has("own-fr-first-message-lost")) return false;
  if (count_ == 256 && has("own-lm-256th-message-lost")) return false;
  if (count_ > 512 && message.opcode == 2 && has("own-lm-512-then-no-binary")) return false;
  if (count_ == 1024 && has("own-lm-1024th-message-lost")) return false;
  if (count_ == 4096 && has("own-lm-4096th-message-lost")) return false;
  if (count_ == 65'536 && has("own-lm-65536th-message-lost")) return false;
  if (total_ > 65'535 && total_ - message.payload.size() <= 65'535 &&
      message.payload.size() < 65'535 && has("own-lm-64k-in-all-loses-one")) {
    return false;
  }
  if (total_ > 16 * 1024 * 1024 && has("own-fr-16-mebibyte-in-all")) return false;
  return total_ <= 1024 * 1024 || !has("own-lm-mebibyte-in-all");
}

bool EchoFaults::passes_by_content(const Message& message) {
  const std::string_view payload = message.payload;
  if (payload.starts_with("GET ") && has("own-fr-get-lost")) return false;
  if (payload == "0" && message.opcode == 1 && has("own-fr-zero-text-lost")) return false;
  if (message.opcode == 2 && payload.starts_with("\x1f\x8b") && has("own-fr-gzip-taken")) {
    return false;
  }
  if (contains(payload, "\r\n\r\n") && has("own-fr-empty-line-lost")) return false;
  if (message.opcode == 2 && payload.starts_with('\x88') && has("own-fr-close-in-payload")) {
    return false;
  }
  return message.opcode != 1 || payload.empty() || !std::ranges::all_of(payload, is_white) ||
         !has("own-fr-blank-text-lost");
}

bool EchoFaults::passes_by_history(Message& message) {
  const Message previous = std::exchange(last_, message);
  if (first_opcode_ == 0) first_opcode_ = message.opcode;
  if (previous.opcode == 0) return true;
  if (previous.opcode == message.opcode && previous.payload == message.payload &&
      has("own-fr-repeated-message-lost")) {
    return false;
  }
  const Message second = std::exchange(second_last_, previous);
  if (second.opcode == message.opcode && second.payload == message.payload &&
      previous.payload != message.payload && has("own-fr-repeated-after-another-lost")) {
    return false;
  }
  if (previous.payload.size() == message.payload.size() && message.payload.size() > 1 &&
      previous.payload != message.payload && has("own-fr-same-size-as-before")) {
    message.payload = previous.payload;
    return true;
  }
  if (previous.opcode != message.opcode && previous.payload == message.payload &&
      !message.payload.empty() && has("own-fr-same-in-other-type-lost")) {
    return false;
  }
  if (previous.payload.size() > 125 && message.payload.size() < 126 &&
      message.payload.size() % 2 == 1 && has("own-fr-odd-behind-16-bits")) {
    message.payload.pop_back();
  }
  if (previous.payload.size() + message.payload.size() == 256 && has("own-fr-two-make-256")) {
    return false;
  }
  if (previous.payload.empty() && second.payload.empty() && second.opcode != 0 &&
      !message.payload.empty() && has("own-fr-behind-two-empty-ones")) {
    message.payload.erase(0, 1);
  }
  if (previous.payload.empty() && has("own-fr-after-empty-lost")) return false;
  if (previous.payload.size() > 65'535 && message.payload.size() < 126 &&
      has("own-fr-small-after-large-lost")) {
    return false;
  }
  if (previous.payload.empty() && message.opcode != previous.opcode &&
      has("fr-type-of-empty-for-next")) {
    message.opcode = previous.opcode;
  }
  if (message.opcode != first_opcode_ && has("own-fr-type-of-first")) {
    message.opcode = first_opcode_;
  } else if (message.opcode != previous.opcode && has("own-fr-type-of-previous")) {
    message.opcode = previous.opcode;
  }
  return true;
}

void EchoFaults::cut_by_size(Message& message) {
  std::string& payload = message.payload;
  const std::size_t size = payload.size();
  for (const BadSize& bad : kBadSizes) {
    if (size != bad.size || (bad.opcode != 0 && bad.opcode != message.opcode)) continue;
    if (has(bad.fault)) payload.pop_back();
  }
  if (size >= 131'072 && has("own-fr-cut-at-128k")) payload.resize(131'072 - 1);
  if (size > 65'535 && message.opcode == 2 && has("own-fr-binary-cut-at-64k")) {
    payload.resize(65'535);
  }
}

/// Contents that are taken for something else where they come in fragments, or compressed, alone.
void EchoFaults::change_by_form(Message& message) {
  constexpr std::string_view kMark = "\xef\xbb\xbf";
  const bool is_text = message.opcode == 1;
  std::string& payload = message.payload;
  if (is_text && payload.starts_with(kMark)) {
    if (message.in_fragments && has("u8-bom-of-fragments-removed")) payload.erase(0, 3);
    if (message.compressed && has("own-u8-bom-of-compressed-removed")) payload.erase(0, 3);
  }
  const std::size_t nul = payload.find('\0');
  if (message.compressed && nul != std::string::npos) {
    if (is_text && has("own-u8-compressed-cut-at-nul")) payload.resize(nul);
    if (!is_text && has("own-fr-compressed-binary-cut-at-nul")) payload.resize(nul);
  }
  if (message.in_fragments && is_text && !payload.empty() && is_white(payload.back()) &&
      has("own-u8-fragments-trimmed")) {
    payload.resize(payload.find_last_not_of(" \t\r\n") + 1);
  }
  if (message.in_fragments && !is_text && payload.starts_with('\x88') &&
      has("own-fr-close-in-fragments-lost")) {
    payload.clear();
  }
}

void EchoFaults::change_binary(std::string& payload) {
  if (contains(payload, std::string_view("\0", 1)) && has("own-fr-binary-cut-at-nul")) {
    payload.resize(payload.find('\0'));
  }
  if (contains(payload, "\x1a") && has("own-fr-binary-cut-at-1a")) {
    payload.resize(payload.find('\x1a'));
  }
  if (contains(payload, "\xff") && has("own-fr-binary-ff-removed")) std::erase(payload, '\xff');
  if (contains(payload, "\r\n") && has("own-fr-binary-line-ends")) {
    replace_all(payload, "\r\n", "\n");
  }
  const bool has_bare_lf = [&] {
    for (std::size_t i = 0; i < payload.size(); ++i) {
      if (payload[i] == '\n' && (i == 0 || payload[i - 1] != '\r')) return true;
    }
    return false;
  }();
  if (has_bare_lf && has("own-fr-binary-lf-as-crlf")) replace_all(payload, "\n", "\r\n");
  const bool ends_in_zeros = payload.ends_with('\0');
  if (ends_in_zeros && has("own-fr-binary-zeros-trimmed")) {
    payload.resize(payload.find_last_not_of('\0') + 1);
  }
}

void EchoFaults::change_text(std::string& text) {
  if (!text.empty() && is_white(text.back()) && has("own-u8-trailing-space-trimmed")) {
    while (!text.empty() && is_white(text.back())) text.pop_back();
  }
  if (!text.empty() && is_white(text.front()) && has("own-u8-leading-space-trimmed")) {
    while (!text.empty() && is_white(text.front())) text.erase(0, 1);
  }
  if (contains(text, "%") && has("own-u8-percent-as-format")) replace_all(text, "%", "");
  if (contains(text, "\\") && has("own-u8-backslash-doubled")) replace_all(text, "\\", "\\\\");
  if (contains(text, "<") && has("own-u8-escaped-for-html")) replace_all(text, "<", "&lt;");
  if (contains(text, "\"") && has("own-u8-quote-escaped")) replace_all(text, "\"", "\\\"");
  if (contains(text, "\r") && has("own-u8-cr-removed")) std::erase(text, '\r');
  if (contains(text, "\t") && has("own-u8-tab-expanded")) replace_all(text, "\t", "    ");
  if (const std::string number = write_number(text);
      number != text && has("own-fr-number-rewritten")) {
    text = number;
  }
  if (text == "ping" && has("own-u8-heartbeat-answered")) text = "pong";
  encode_otherwise(text);
}

void EchoFaults::encode_otherwise(std::string& text) {
  if (text.find("\xef\xbb\xbf", 1) != std::string::npos && has("own-u8-inner-bom-removed")) {
    const std::string first = text.substr(0, 1);
    text.erase(0, 1);
    replace_all(text, "\xef\xbb\xbf", "");
    text.insert(0, first);
  }
  if (contains(text, "e\xcc\x81") && has("own-u8-composed")) {
    replace_all(text, "e\xcc\x81", "\xc3\xa9");
  }
  if (contains(text, "\xe2\x80\xa8") && has("own-u8-line-separator-changed")) {
    replace_all(text, "\xe2\x80\xa8", "\n");
  }
  if (contains(text, std::string_view("\0", 1)) && has("own-u8-sends-nul-as-c0-80")) {
    replace_all(text, std::string_view("\0", 1), "\xc0\x80");
  }
  const bool is_astral =
      std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0xf0; });
  if (!is_astral) return;
  if (has("own-u8-sends-surrogates")) replace_astral(text, encode_as_surrogates);
  if (has("own-u8-astral-replaced")) {
    replace_astral(text, [](unsigned) { return std::string("?"); });
  }
  if (has("own-u8-astral-cut-to-16-bits")) {
    replace_astral(text, [](unsigned point) { return encode_three(point % 0x10000U | 0x800U); });
  }
}

}  // namespace ws::conformance::mutants
