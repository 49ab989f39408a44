#include "conformance/explorer/contents.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "conformance/harness/code_point.hpp"

namespace ws::conformance::explorer {
namespace {

using std::string_view;

template <std::size_t Size>
string_view pick(const std::array<string_view, Size>& from, Engine& engine) {
  return from[below(engine, Size)];
}

/// A code point, most of them near the ends of what a number of bytes can say.
unsigned random_point(Engine& engine) {
  constexpr std::array<unsigned, 24> kEdges{0x0,     0x1f,    0x7f,    0x80,    0x7ff,    0x800,
                                            0xfff,   0x1000,  0x20ac,  0xcfff,  0xd7ff,   0xe000,
                                            0xfdd0,  0xfeff,  0xfffd,  0xfffe,  0xffff,   0x10000,
                                            0x1ffff, 0x3ffff, 0x40000, 0xfffff, 0x100000, 0x10ffff};
  if (chance(engine, 40)) return kEdges[below(engine, kEdges.size())];
  const auto in = [&](unsigned first, unsigned last) {
    return first + static_cast<unsigned>(below(engine, last - first + 1));
  };
  switch (below(engine, 6)) {
    case 0:
      return in(0x0, 0x7f);
    case 1:
      return in(0x80, 0x7ff);
    case 2:
      return in(0x800, 0xd7ff);
    case 3:
      return in(0xe000, 0xffff);
    case 4:
      return in(0x10000, 0xfffff);
    default:
      return in(0x100000, 0x10ffff);
  }
}

std::string ascii(Engine& engine, std::size_t size) {
  std::string text;
  const std::uint64_t kinds = chance(engine, 30) ? 1 + below(engine, 3) : 95;
  for (std::size_t i = 0; i < size; ++i) {
    text += static_cast<char>(' ' + static_cast<char>(below(engine, kinds)));
  }
  return text;
}

}  // namespace

std::size_t random_size(Engine& engine, std::size_t most) {
  // Round numbers, what fills them together with a header, and their neighbours.
  constexpr std::array<std::size_t, 26> kRound{
      256,    504,    508,    512,    1000,   1016,   1020,    1024,   1400,
      2048,   4088,   4092,   4096,   8184,   8192,   10'000,  16'376, 16'380,
      16'384, 32'760, 32'768, 65'522, 65'526, 65'536, 100'000, 131'072};
  std::size_t size = 0;
  switch (below(engine, 12)) {
    case 10:
    case 11:
      size = kRound[below(engine, kRound.size())] + below(engine, 3) - 1;
      break;
    case 0:
      size = below(engine, 3);
      break;
    case 1:
    case 2:
    case 3:
    case 4:
      size = below(engine, 41);
      break;
    case 5:
    case 6:
      size = 123 + below(engine, 7);
      break;
    case 7: {
      constexpr std::array<std::size_t, 4> kNear{65'533, 65'536, 1, 255};
      size = kNear[below(engine, kNear.size())] + below(engine, 5);
      break;
    }
    case 8:
      size = (std::size_t{1} << below(engine, 18)) + below(engine, 5);
      size -= std::min<std::size_t>(size, 2);
      break;
    default:
      size = below(engine, 1200);
      break;
  }
  return size > most ? size % (most + 1) : size;
}

std::string size_class(std::uint64_t size) {
  if (size < 3) return std::to_string(size);
  if (size < 125) return "short";
  if (size <= 127) return std::to_string(size);
  if (size < 65'535) return size < 4096 ? "16 bits" : "long, 16 bits";
  return size <= 65'536 ? std::to_string(size) : "64 bits";
}

Content random_text(Engine& engine, std::size_t size) {
  constexpr std::array<string_view, 16> kWords{
      "ping", "null", "\xef\xbb\xbf", "a\r\n\r\n", "{\"a\": [1]}", "GET / HTTP/1.1\r\n\r\n",
      " ",    "\n",   "%s%n",         "<b>&amp;",  "\xe2\x80\xa8", "e\xcc\x81",
      "x",    "0",    "\\u0000",      "\x7f"};
  Content content;
  switch (below(engine, 4)) {
    case 0:
      return {ascii(engine, size), "ASCII"};
    case 1:
      if (size < 40) {
        std::string words(pick(kWords, engine));
        if (chance(engine, 10)) words += '\0';
        return {words, "words"};
      }
      [[fallthrough]];
    case 2: {
      content.kind = "characters";
      // Long texts say the same again and again.
      std::string piece;
      while (piece.size() < std::min<std::size_t>(size, 997))
        piece += encode_code_point(random_point(engine));
      while (content.bytes.size() < size) content.bytes += piece;
      break;
    }
    default: {
      content.kind = "ASCII and characters";
      content.bytes = ascii(engine, size - size / 4);
      for (int i = 0; i < 4 && content.bytes.size() < size; ++i) {
        content.bytes += encode_code_point(random_point(engine));
        content.bytes += ascii(engine, below(engine, 9));
      }
      break;
    }
  }
  return content;
}

Content random_bytes(Engine& engine, std::size_t size) {
  Content content;
  switch (below(engine, 4)) {
    case 0:
      content = {std::string(size, static_cast<char>(below(engine, 2) * 0xff)), "one byte"};
      break;
    case 1: {
      constexpr std::array<string_view, 6> kLike{"\x81\x05Hello", "\x88\x02\x03\xe8",
                                                 "\x89\x01p",     "\xff\xff",
                                                 "\x8a\x01q",     "HTTP/1.1 101 "};
      content.kind = "like frames";
      while (content.bytes.size() < size) content.bytes += pick(kLike, engine);
      content.bytes.resize(size);
      break;
    }
    default: {
      content.kind = "any bytes";
      std::string piece;
      while (piece.size() < std::min<std::size_t>(size, 997)) {
        piece += static_cast<char>(below(engine, 256));
      }
      while (content.bytes.size() < size) content.bytes += piece;
      content.bytes.resize(size);
      break;
    }
  }
  return content;
}

std::string size_event(std::uint64_t size) {
  // Whatever is next to a power of two is an event of its own.
  for (std::uint64_t power = 256; power <= 131'072; power *= 2) {
    if (size + 1 >= power && size <= power + 1) return std::to_string(size);
  }
  return size_class(size);
}

Content random_bad_text(Engine& engine, std::size_t size) {
  struct Bad {
    string_view kind;
    string_view bytes;
  };
  constexpr std::array<Bad, 41> kBad{{{"stray", "\x80"},
                                      {"stray", "\xbf"},
                                      {"stray", "\xc3\xa9\xa9"},
                                      {"stray", "\xe2\x82\xac\x80"},
                                      {"overlong", "\xc0\x80"},
                                      {"overlong", "\xc0\xaf"},
                                      {"overlong", "\xc1\xbf"},
                                      {"overlong", "\xe0\x80\x80"},
                                      {"overlong", "\xe0\x9f\xbf"},
                                      {"overlong", "\xf0\x80\x80\x80"},
                                      {"overlong", "\xf0\x8f\xbf\xbf"},
                                      {"surrogate", "\xed\xa0\x80"},
                                      {"surrogate", "\xed\xaf\xbf"},
                                      {"surrogate", "\xed\xb0\x80"},
                                      {"surrogate", "\xed\xbf\xbf"},
                                      {"surrogate", "\xed\xa0\x80\xed\xb0\x80"},
                                      {"beyond", "\xf4\x90\x80\x80"},
                                      {"beyond", "\xf4\xbf\xbf\xbf"},
                                      {"beyond", "\xf5\x80\x80\x80"},
                                      {"beyond", "\xf7\xbf\xbf\xbf"},
                                      {"long form", "\xf8\x88\x80\x80\x80"},
                                      {"long form", "\xfc\x84\x80\x80\x80\x80"},
                                      {"no continuation", "\xc3\xc3"},
                                      {"no continuation", "\xc3\x28"},
                                      {"no continuation", "\xe2\xc2\xac"},
                                      {"no continuation", "\xe2\x28\xa1"},
                                      {"no continuation", "\xe2\x82\x28"},
                                      {"no continuation", "\xf0\x28\x8c\xbc"},
                                      {"no continuation", "\xf0\x9f\x28\x80"},
                                      {"no continuation", "\xf0\x9f\x98\x28"},
                                      {"no continuation", "\xf0\x9f\x98\xc0"},
                                      {"no lead", "\xfe"},
                                      {"no lead", "\xff"},
                                      {"unfinished", "\xc3"},
                                      {"unfinished", "\xdf"},
                                      {"unfinished", "\xe2\x82"},
                                      {"unfinished", "\xe1"},
                                      {"unfinished", "\xf0\x9f\x98"},
                                      {"unfinished", "\xf0\x9f"},
                                      {"unfinished", "\xf1"},
                                      {"unfinished", "\xef\xbf"}}};
  const Bad& bad = kBad[below(engine, kBad.size())];
  std::string before = random_text(engine, below(engine, 3) == 0 ? 0 : size).bytes;
  if (chance(engine, 30)) {
    // It ends where a block does that is looked at as a whole.
    const std::size_t block = std::size_t{8} << below(engine, 4);
    before = ascii(engine, block * (1 + below(engine, 3)) - bad.bytes.size());
  }
  std::string after = chance(engine, 50) ? ascii(engine, 1 + below(engine, 40)) : std::string();
  return {before + std::string(bad.bytes) + after,
          std::string(bad.kind) + (after.empty() ? " at the end" : "")};
}

}  // namespace ws::conformance::explorer
