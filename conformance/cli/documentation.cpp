#include "conformance/cli/documentation.hpp"

#include <CLI/CLI.hpp>
#include <vector>

namespace ws::conformance {
namespace {

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

std::vector<const CLI::Option*> options_of(const CLI::App& app) {
  return app.get_options([](const CLI::Option* option) { return option->nonpositional(); });
}

/// All names of the options, such as "-o" and "--output".
std::vector<std::string> names_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : options_of(app)) {
    for (const std::string& name : option->get_snames()) names.push_back("-" + name);
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::string bash_completion(const CLI::App& app) {
  std::vector<std::string> commands;
  std::string cases;
  for (const CLI::App* command : commands_of(app)) {
    commands.push_back(command->get_name());
    cases += "    " + command->get_name() + ") words='" + joined(names_of(*command)) + "' ;;\n";
  }
  return "# bash completion for wsproof\n"
         "_wsproof() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]} words\n"
         "  case ${COMP_WORDS[1]} in\n" +
         cases + "    *) words='" + joined(commands) + " " + joined(names_of(app)) +
         "' ;;\n"
         "  esac\n"
         "  if ((COMP_CWORD == 1)); then words='" +
         joined(commands) + " " + joined(names_of(app)) +
         "'; fi\n"
         "  if [[ $word == -* || $COMP_CWORD == 1 ]]; then\n"
         "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
         "  else\n"
         "    mapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n"
         "  fi\n"
         "}\n"
         "complete -o filenames -F _wsproof wsproof\n";
}

/// A word for fish.
std::string fish_quote(const std::string& text) {
  std::string quoted;
  for (const char c : text) {
    if (c == '\'' || c == '\\') quoted += '\\';
    quoted += c == '\n' ? ' ' : c;
  }
  return "'" + quoted + "'";
}

std::string fish_options(const CLI::App& app, const std::string& condition) {
  std::string text;
  for (const CLI::Option* option : options_of(app)) {
    text += "complete -c wsproof -n '" + condition + "'";
    for (const std::string& name : option->get_snames()) text += " -s " + name;
    for (const std::string& name : option->get_lnames()) text += " -l " + name;
    if (option->get_items_expected_max() > 0) text += " -r";
    text += " -d " + fish_quote(option->get_description()) + "\n";
  }
  return text;
}

std::string fish_completion(const CLI::App& app) {
  std::string text = "# fish completion for wsproof\n" + fish_options(app, "__fish_use_subcommand");
  for (const CLI::App* command : commands_of(app)) {
    text += "complete -c wsproof -n __fish_use_subcommand -f -a " + command->get_name() + " -d " +
            fish_quote(command->get_description()) + "\n";
    text += fish_options(*command, "__fish_seen_subcommand_from " + command->get_name());
  }
  return text;
}

/// Text for roff: nothing in it is a command.
std::string roff(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\\' || c == '-') escaped += '\\';
    escaped += c;
  }
  if (escaped.starts_with('.') || escaped.starts_with('\'')) escaped.insert(0, "\\&");
  return escaped;
}

std::string man_options(const CLI::App& app) {
  std::string text;
  for (const CLI::Option* option : app.get_options({})) {
    std::string name = option->nonpositional() ? option->get_name(false, true) : option->get_name();
    if (option->nonpositional() && option->get_items_expected_max() > 0) {
      const std::string type = option->get_type_name();
      name += " " + (type.empty() ? "VALUE" : type);
    }
    text += ".TP\n.B " + roff(name) + "\n" + roff(option->get_description());
    if (const std::string value = option->get_default_str(); !value.empty()) {
      text += " (default: " + roff(value) + ")";
    }
    text += "\n";
  }
  return text;
}

void add_command(const CLI::App& command, const std::string& path, std::string& text) {
  text += ".SH " + roff(path) + "\n" + roff(command.get_description()) + ".\n";
  text += man_options(command);
  if (const std::string footer = command.get_footer(); !footer.empty()) {
    text += ".PP\n" + roff(footer) + "\n";
  }
  for (const CLI::App* inner : commands_of(command)) {
    add_command(*inner, path + " " + inner->get_name(), text);
  }
}

}  // namespace

std::optional<std::string> format_completion(const CLI::App& app, std::string_view shell) {
  if (shell == "bash") return bash_completion(app);
  if (shell == "zsh") {
    return "#compdef wsproof\nautoload -U +X bashcompinit && bashcompinit\n" + bash_completion(app);
  }
  if (shell == "fish") return fish_completion(app);
  return std::nullopt;
}

std::string format_man_page(const CLI::App& app, std::string_view version) {
  std::string text = ".TH WSPROOF 1 \"\" \"wsproof " + std::string(version) + "\"\n" +
                     ".SH NAME\nwsproof \\- tests WebSocket servers and clients\n" +
                     ".SH SYNOPSIS\n.B wsproof\nCOMMAND [OPTION...]\n" + ".SH DESCRIPTION\n" +
                     roff(app.get_description()) + "\n" + ".SH OPTIONS\n" + man_options(app);
  for (const CLI::App* command : commands_of(app)) {
    add_command(*command, "wsproof " + command->get_name(), text);
  }
  return text + ".SH EXIT STATUS\n" + roff(app.get_footer()) + "\n";
}

}  // namespace ws::conformance
