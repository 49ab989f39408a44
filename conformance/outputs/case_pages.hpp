// The documentation of the cases: a page for each, and one that lists them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "conformance/harness/case.hpp"

namespace ws::conformance {

struct Page {
  std::string name{};  ///< of its file, such as 6.4.1.html; index.html is the list
  std::string html{};
};

/// Renders a page for each case, in HTML that needs no other file and no network, and the list.
/// The names of the files and the anchors in the list are the ids, which never change.
std::vector<Page> render_case_pages(std::span<const Case> cases);

}  // namespace ws::conformance
