#include "conformance/outputs/case_pages.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "conformance/harness/explain.hpp"
#include "conformance/outputs/markup.hpp"
#include "conformance/outputs/requirements.hpp"
#include "conformance/outputs/sections.hpp"

namespace ws::conformance {
namespace {

constexpr std::string_view kStyle = R"(
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
pre { overflow-x: auto; padding: 1rem; border: 1px solid #8886; border-radius: 6px; font-size: 14px; }
nav { display: flex; gap: 1rem; flex-wrap: wrap; }
h1 .id, li .id { font-family: ui-monospace, monospace; }
dt { font-weight: 600; margin-top: .8rem; }
dd { margin-left: 1.2rem; }
ul { list-style: none; padding-left: 0; }
a:target { outline: 2px solid; }
)";

std::string escape(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    const std::string_view entity = entity_of(c);
    if (entity.empty()) {
      escaped += c;
    } else {
      escaped += entity;
    }
  }
  return escaped;
}

std::string document(const std::string& title, const std::string& body) {
  return "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" +
         escape(title) + "</title>\n<style>" + std::string(kStyle) + "</style>\n</head>\n<body>\n" +
         body + "</body>\n</html>\n";
}

std::string link(const Case& test, const std::string& text) {
  return "<a href=\"" + escape(test.id) + ".html\">" + escape(text) + "</a>";
}

/// The statement's text, and where it stands; a test of the catalogue says that it is known.
std::string describe(const std::string& id) {
  const auto& known = requirements();
  const auto found = std::ranges::find(known, id, &Requirement::id);
  if (found == known.end()) return "<dt>" + escape(id) + "</dt>\n";
  // Such as RFC6455-5.5-3; statements of other documents are told by their ids alone.
  std::string where = escape(id);
  if (id.starts_with("RFC")) {
    const std::string number = id.substr(3, id.find('-') - 3);
    where = "<a href=\"https://www.rfc-editor.org/rfc/rfc" + escape(number) + "#section-" +
            escape(found->section) + "\">" + where + "</a>";
  }
  return "<dt>" + where + " " + escape(found->level) + "</dt>\n<dd>" + escape(found->text) +
         "</dd>\n";
}

std::string case_page(const Case& test, const Case* before, const Case* after) {
  std::string body = R"(<nav><a href="index.html#)" + escape(test.id) + R"(">All cases</a>)";
  if (before != nullptr) body += " " + link(*before, "Before: " + before->id);
  if (after != nullptr) body += " " + link(*after, "After: " + after->id);
  body += "</nav>\n<h1><span class=\"id\">" + escape(test.id) + "</span> " + escape(test.title) +
          "</h1>\n<p>" + escape(test.purpose) + "</p>\n";
  if (test.only_for) {
    body += "<p>For " + std::string(*test.only_for == Role::server ? "servers" : "clients") +
            " alone.</p>\n";
  }
  body += "<h2>What is sent and what is expected</h2>\n<pre>" + escape(explain_case(test)) +
          "</pre>\n<h2>Statements</h2>\n<dl>\n";
  for (const std::string& id : test.checks) body += describe(id);
  return document(test.id + " " + test.title, body + "</dl>\n");
}

std::string list_page(std::span<const Case> cases) {
  std::string body = "<h1>The cases of wsproof</h1>\n";
  std::string section;
  for (const Case& test : cases) {
    if (const std::string next = section_of(test.id); next != section) {
      if (!section.empty()) body += "</ul>\n";
      section = next;
      body += "<h2 id=\"section-" + escape(section) + "\">" + escape(section) + " " +
              escape(section_title(section)) + "</h2>\n<ul>\n";
    }
    body += "<li id=\"" + escape(test.id) + R"("><a class="id" href=")" + escape(test.id) +
            ".html\">" + escape(test.id) + "</a> " + escape(test.title) + "</li>\n";
  }
  return document("The cases of wsproof", body + (section.empty() ? "" : "</ul>\n"));
}

}  // namespace

std::vector<Page> render_case_pages(std::span<const Case> cases) {
  std::vector<Page> pages{{"index.html", list_page(cases)}};
  for (std::size_t i = 0; i < cases.size(); ++i) {
    pages.push_back(
        {cases[i].id + ".html", case_page(cases[i], i > 0 ? &cases[i - 1] : nullptr,
                                          i + 1 < cases.size() ? &cases[i + 1] : nullptr)});
  }
  return pages;
}

}  // namespace ws::conformance
