// What sections 20 and 21 share: a good head in the other forms that RFC 9112 lets it take.
#pragma once

#include <cctype>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "conformance/harness/dialogue.hpp"

namespace ws::conformance {

/// The same with `line` in front of the others.
inline Head with_first(Head head, std::string line) {
  head.lines.insert(head.lines.begin(), std::move(line));
  return head;
}

/// The same with `count` fields behind that nobody needs to know.
inline Head with_crowd(Head head, int count) {
  for (int i = 0; i < count; ++i) head.lines.push_back("X-" + std::to_string(i) + ": value");
  return head;
}

/// The same with `count` such fields in front.
inline Head behind_crowd(const Head& head, int count) {
  Head crowded = head;
  crowded.lines.clear();
  crowded = with_crowd(std::move(crowded), count);
  crowded.lines.insert(crowded.lines.end(), head.lines.begin(), head.lines.end());
  return crowded;
}

/// A line of a head in another form that means the same (RFC 9110 5.1, RFC 9112 5).
struct LineForm {
  const char* how = nullptr;
  std::string line{};
};

/// All forms of the line `name`: `value`.
inline std::vector<LineForm> forms_of_line(const std::string& name, const std::string& value) {
  std::string lower = name;
  std::string upper = name;
  std::string mixed = name;
  for (std::size_t i = 0; i < name.size(); ++i) {
    lower[i] = static_cast<char>(std::tolower(static_cast<unsigned char>(name[i])));
    upper[i] = static_cast<char>(std::toupper(static_cast<unsigned char>(name[i])));
    mixed[i] = i % 2 == 0 ? lower[i] : upper[i];
  }
  return {{"with its name in lower case", lower + ": " + value},
          {"with its name in upper case", upper + ": " + value},
          {"with its name in mixed case", mixed + ": " + value},
          {"with its name in lower case and no white space", lower + ":" + value},
          {"without white space", name + ":" + value},
          {"with two spaces in front", name + ":  " + value},
          {"with a tab in front", name + ":\t" + value},
          {"with a space behind", name + ": " + value + " "},
          {"with a tab behind", name + ": " + value + "\t"},
          {"with white space on both sides", name + ": \t " + value + " \t "}};
}

/// Lists of `element` and, if it is not empty, `other` that have empty elements, which no sender
/// may make and every recipient has to pass over (RFC 9110 5.6.1.2).
inline std::vector<std::string> lists_with_empty_elements(const std::string& element,
                                                          const std::string& other) {
  std::vector<std::string> lists{"," + element,   ", " + element, element + ",",
                                 element + " , ", ",," + element, ", ," + element + ", ,"};
  if (other.empty()) return lists;
  for (const std::string commas : {",,", ", ,", " , , "}) {
    lists.push_back(element + commas + other);
    lists.push_back(other + commas + element);
  }
  return lists;
}

/// The characters of tokens that are no letters and no digits (RFC 9110 5.6.2).
inline constexpr std::string_view kTokenCharacters = "!#$%&'*+-.^_`|~";

/// Parameters that a careless reader takes for one of permessage-deflate's, each a list of tokens
/// as the grammar has it.
inline std::vector<std::string> nearly_parameters() {
  std::vector<std::string> all;
  constexpr const char* kBits[] = {"server_max_window_bits", "client_max_window_bits"};
  for (const bool has_bits : {true, false}) {
    for (const std::string side : {"server", "client"}) {
      const std::string name = side + (has_bits ? "_max_window_bits" : "_no_context_takeover");
      const std::string value = has_bits ? "=10" : "";
      std::string changed = name;
      changed[name.size() / 2] = 'x';
      std::string with_hyphens = name;
      for (char& sign : with_hyphens) sign = sign == '_' ? '-' : sign;
      for (const std::string& other :
           {name + "s", name + "1", name + "_", name + ".", name + "_extra", "x" + name,
            "x_" + name, name.substr(1), name.substr(0, name.size() - 1), name.substr(7), changed,
            with_hyphens}) {
        all.push_back(other + value);
      }
    }
  }
  // Each sign that a token may have, behind the number, in front of it and around it.
  std::size_t number = 0;
  for (const char sign : kTokenCharacters) {
    const std::string one(1, sign);
    for (const std::string& value : {"10" + one, one + "10", one + "10" + one}) {
      all.push_back(std::string(kBits[++number % 2]) + "=" + value);
    }
  }
  // And other ways to write a number.
  for (const char* value : {"1e1", "0b1010", "0xA", "0o12", "012", "ten", "1_0", "10.", "10l", "a",
                            "00", "10-10", "8.5"}) {
    all.push_back(std::string(kBits[++number % 2]) + "=" + value);
  }
  return all;
}

/// Likewise, with white space or quotation marks where none may be, or nothing where something
/// must.
inline std::vector<std::string> malformed_parameters() {
  std::vector<std::string> all;
  for (const std::string name : {"server_max_window_bits", "client_max_window_bits"}) {
    for (const char* value :
         {"", "\"", "\"10", "10\"", "\"10\"\"", "\"10\"x", "1 0", "(10)", "[10]", "<10>", "{10}",
          "10=10", "=10", "10/10", "10:10", "@10", "10?", "\\10"}) {
      all.push_back(name + "=" + value);
    }
  }
  return all;
}

/// Parameters of permessage-deflate of which one stands more than once, though not side by side, or
/// not the same each time.
inline std::vector<std::string> repeated_parameters() {
  const std::string server = "server_no_context_takeover";
  const std::string client = "client_no_context_takeover";
  const std::string server_bits = "server_max_window_bits";
  const std::string client_bits = "client_max_window_bits";
  return {
      server + "; " + client + "; " + server,
      client + "; " + server + "; " + client,
      client + "; " + client,
      server + "; " + server + "; " + server,
      server_bits + "=10; " + server + "; " + server_bits + "=10",
      server_bits + "=10; " + client + "; " + server_bits + "=12",
      server_bits + "=12; " + server_bits + "=10",
      server_bits + "=10; " + server_bits + "=\"10\"",
      server_bits + "=15; " + server_bits + "=15",
      client_bits + "=10; " + server + "; " + client_bits + "=10",
      client_bits + "=10; " + client_bits + "=12",
      client_bits + "=12; " + server_bits + "=10; " + client_bits + "=12",
      client + "; " + server_bits + "=10; " + server + "; " + client,
      server + "; " + client + "; " + server_bits + "=10; " + server_bits + "=10",
  };
}

/// Adds for each field of a good `head` a case in which it comes first, and one in which it comes
/// last.
template <typename Section>
void add_orders(Section& section, const std::string& group, const Head& head,
                const std::vector<std::string>& checks) {
  int number = 0;
  for (const std::string& line : head.lines) {
    const std::string name = line.substr(0, line.find(':'));
    const Head others = head.without(name);
    section.accepts(group + std::to_string(++number), name + " may come first", checks,
                    with_first(others, line));
    section.accepts(group + std::to_string(++number), name + " may come last", checks,
                    others.with(line));
  }
}

/// Adds cases with a good `head` whose fields have other white space around their values.
template <typename Section>
void add_white_space(Section& section, const std::string& group, const Head& head,
                     const std::vector<std::string>& checks) {
  struct Form {
    const char* before = nullptr;
    const char* behind = nullptr;
    const char* how = nullptr;
  };
  static constexpr Form kForms[] = {
      {"", "", "Without white space"},
      {"  ", "", "With two spaces in front"},
      {"\t", "", "With a tab in front"},
      {" ", " ", "With a space behind"},
      {" ", "\t", "With a tab behind"},
      {" \t ", " \t ", "With white space on both sides"},
      {"                                ", "                ", "With much white space"},
  };
  int number = 0;
  for (const Form& form : kForms) {
    Head spaced = head;
    for (std::string& line : spaced.lines) {
      const std::size_t colon = line.find(':');
      line = line.substr(0, colon + 1) + form.before + line.substr(colon + 2) + form.behind;
    }
    section.accepts(group + std::to_string(++number),
                    std::string(form.how) + " all fields mean the same", checks, std::move(spaced));
  }
}

}  // namespace ws::conformance
