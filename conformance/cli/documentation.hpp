// What is made of the command line's own description: completion for shells, and a man page.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace ws::conformance {

/// A script that completes commands and options in "bash", "zsh" or "fish". Returns: nothing for
/// any other shell.
std::optional<std::string> format_completion(const CLI::App& app, std::string_view shell);

/// A man page of section 1.
std::string format_man_page(const CLI::App& app, std::string_view version);

}  // namespace ws::conformance
