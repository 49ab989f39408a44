// What sections 20 and 21 share: a good head in the other forms that RFC 9112 lets it take.
#pragma once

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
