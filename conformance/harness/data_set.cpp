#include "conformance/harness/data_set.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <random>

namespace ws::conformance {
namespace {

/// Numbers that are the same with every standard library, unlike its distributions.
class Numbers {
 public:
  explicit Numbers(std::uint32_t seed) : engine_(seed) {}
  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(engine_() % limit); }

 private:
  std::mt19937 engine_;
};

constexpr std::array<std::string_view, 48> kWords = {
    "wind",    "garten", "alt",  "nacht",  "stimme", "weg",   "licht",  "fragen", "der",  "und",
    "geist",   "warum",  "haus", "wieder", "leise",  "immer", "feuer",  "traum",  "ein",  "das",
    "wasser",  "stein",  "lauf", "morgen", "kraft",  "denn",  "nicht",  "sehen",  "mit",  "von",
    "himmel",  "brief",  "kalt", "singen", "ferne",  "wahr",  "glas",   "sprach", "doch", "als",
    "brunnen", "tanz",   "wort", "stunde", "rauch",  "gold",  "winter", "spiel"};

/// Records that differ in a few digits: 194056 bytes, deflated to a few in a hundred.
std::string make_json() {
  Numbers numbers(1);
  std::string text = "{\n   \"results\": {";
  for (int i = 0; text.size() < 194'056; ++i) {
    text += "\n      \"" + std::to_string(i / 40) + "." + std::to_string(i % 40) +
            "\": {\n         \"behavior\": \"OK\", \n         \"behaviorClose\": \"OK\", \n"
            "         \"duration\": " +
            std::to_string(numbers.below(50)) +
            ", \n         \"remoteCloseCode\": 1000, \n         \"reportfile\": \"case_" +
            std::to_string(i) + ".json\"\n      }, ";
  }
  text.resize(194'056);
  return text;
}

/// A grey picture with a header: smooth shapes under noise of a few bits.
std::string make_image() {
  Numbers numbers(2);
  std::string bytes = "BM" + std::string(1076, '\0');
  for (int i = 0; bytes.size() < 263'222; ++i) {
    const double x = i % 512;
    const double y = i / 512.0;
    const double shape =
        120 + 60 * std::sin(x / 37) * std::cos(y / 53) + 30 * std::sin((x + y) / 11);
    bytes += static_cast<char>(static_cast<int>(shape) + static_cast<int>(numbers.below(29)));
  }
  return bytes;
}

/// Words in lines, with a byte order mark.
std::string make_prose() {
  Numbers numbers(3);
  std::string text = "\xef\xbb\xbf";
  std::size_t line = 0;
  while (text.size() < 222'218) {
    // Some words more often than others, as in a language.
    const std::uint32_t rank = numbers.below(48) * numbers.below(48) / 48;
    std::string word(kWords[rank]);
    if (line == 0) word[0] = static_cast<char>(word[0] - 'a' + 'A');
    if (numbers.below(6) == 0) word += static_cast<char>('a' + numbers.below(26));
    text += word;
    line += word.size();
    if (line > 40) {
      text += numbers.below(3) == 0 ? ".\n" : ",\n";
      line = 0;
    } else {
      text += ' ';
      ++line;
    }
  }
  text.resize(222'218);
  return text;
}

/// Rows of a table: 263620 code points, 26 of them not ASCII, in 263647 bytes.
std::string make_html() {
  Numbers numbers(4);
  std::string text = "<!DOCTYPE html>\n<html><head><title>Report</title></head><body><table>\n";
  for (int i = 0; text.size() < 263'620; ++i) {
    text += "<tr class='case_row'><td class='id'><a href='#case_" + std::to_string(i) + "'>Case " +
            std::to_string(i) + "</a></td><td class='pass'>Pass<br/><span>" +
            std::to_string(numbers.below(90)) + " ms</span></td></tr>\n";
  }
  text.resize(263'620);
  // 25 of two bytes and one of three, spread over the text.
  for (std::size_t i = 26; i > 0; --i) {
    text.replace(i * 10'000, 1, i == 26 ? "\xe2\x82\xac" : "\xc3\xa9");
  }
  return text;
}

/// Compressed pages with readable parts in between.
std::string make_document() {
  Numbers numbers(5);
  std::string bytes = "%PDF-1.4\n";
  for (int i = 0; bytes.size() < 1'042'328; ++i) {
    bytes += std::to_string(i) + " 0 obj\n<< /Length 3000 /Filter /FlateDecode >>\nstream\n";
    for (int j = 0; j < 3000; ++j) bytes += static_cast<char>(numbers.below(256));
    bytes += "\nendstream\nendobj\n";
    for (int j = 0; j < 40; ++j) bytes += "0000000000 00000 n << /Type /Page >>\n";
  }
  bytes.resize(1'042'328);
  return bytes;
}

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xc0U) == 0x80U; }

}  // namespace

Data::Data(std::string bytes) : bytes_(std::move(bytes)) {}

const Data& Data::of(DataSet set) {
  static const Data kJson(make_json());
  static const Data kImage(make_image());
  static const Data kProse(make_prose());
  static const Data kHtml = [] {
    Data html(make_html());
    for (std::size_t i = 0; i < html.bytes_.size(); ++i) {
      if (!is_continuation(html.bytes_[i])) html.starts_.push_back(i);
    }
    return html;
  }();
  static const Data kDocument(make_document());
  switch (set) {
    case DataSet::json:
      return kJson;
    case DataSet::image:
      return kImage;
    case DataSet::prose:
      return kProse;
    case DataSet::html:
      return kHtml;
    case DataSet::document:
      break;
  }
  return kDocument;
}

std::string Data::slice(std::size_t offset, std::size_t count) const {
  const auto byte_at = [&](std::size_t unit) {
    if (starts_.empty()) return unit;
    return unit == starts_.size() ? bytes_.size() : starts_[unit];
  };
  std::string slice;
  offset %= units();
  while (count > 0) {
    const std::size_t taken = std::min(count, units() - offset);
    slice.append(bytes_, byte_at(offset), byte_at(offset + taken) - byte_at(offset));
    count -= taken;
    offset = 0;
  }
  return slice;
}

}  // namespace ws::conformance
