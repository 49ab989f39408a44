#include "conformance/mutants/negotiation.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "conformance/mutants/text.hpp"
#include "conformance/oracle/extension_list.hpp"

namespace ws::conformance::mutants {
namespace {

constexpr std::string_view kName = "permessage-deflate";

std::string join(const std::vector<std::string>& values) {
  std::string joined;
  for (const std::string& value : values) joined += (joined.empty() ? "" : ", ") + value;
  return joined;
}

/// Splits at every comma and semicolon, inside quoted strings too.
std::vector<Extension> split_blindly(std::string_view list) {
  std::vector<Extension> extensions;
  for (const std::string& element : split_list(list)) {
    Extension extension;
    for (const std::string& part : split_list(element, ';')) {
      if (extension.name.empty()) {
        extension.name = part;
        continue;
      }
      const std::size_t equals = part.find('=');
      ExtensionParameter parameter{.name = part.substr(0, equals)};
      if (equals != std::string::npos) parameter.value = part.substr(equals + 1);
      extension.parameters.push_back(std::move(parameter));
    }
    extensions.push_back(std::move(extension));
  }
  return extensions;
}

/// Steps that a backtracking pattern takes over an unclosed quoted string: it tries every way to
/// read each backslash.
std::uint64_t backtracking_steps(std::string_view list) {
  const std::size_t quote = list.find('"');
  if (quote == std::string_view::npos || list.find('"', quote + 1) != std::string_view::npos) {
    return 0;
  }
  const auto pairs = static_cast<std::uint64_t>(std::ranges::count(list, '\\'));
  return pairs * pairs * 10'000;
}

bool is_quoted(const std::vector<std::string>& fields) {
  return std::ranges::any_of(
      fields, [](const std::string& field) { return field.find('"') != std::string::npos; });
}

/// Whether a semicolon has no white space behind it.
bool lacks_space(const std::string& list) {
  for (std::size_t at = list.find(';'); at != std::string::npos; at = list.find(';', at + 1)) {
    if (at + 1 < list.size() && list[at + 1] != ' ' && list[at + 1] != '\t') return true;
  }
  return false;
}

enum class Means { offer, answer };

class ParameterReader {
 public:
  ParameterReader(Means side, Switches& switches) : side_(side), switches_(switches) {}

  /// False if `extension` is not to be agreed on.
  bool read(const Extension& extension) {
    return std::ranges::all_of(extension.parameters,
                               [&](const auto& parameter) { return read_parameter(parameter); });
  }

  Deflation client{};
  Deflation server{};
  bool kills = false;  // a fault dies of it
  bool client_bits_offered = false;
  bool server_bits_offered = false;
  bool has_unknown = false;

 private:
  bool read_parameter(const ExtensionParameter& whole) {
    ExtensionParameter parameter = whole;
    for (const std::string_view name : {"server_max_window_bits", "client_max_window_bits"}) {
      if (parameter.name.starts_with(name) && parameter.name != name &&
          switches_.has("ng-parameter-longer")) {
        parameter.name = name;
      }
    }
    const auto [seen, is_new] = seen_.try_emplace(parameter.name, parameter.value);
    const bool differs = std::exchange(seen->second, parameter.value) != parameter.value;
    if (!is_new) {
      const bool repeats = side_ == Means::offer ? switches_.has("df-duplicate-param")
                                                 : switches_.has("df-cli-unknown-param") ||
                                                       switches_.has("own-ng-cli-repeated-param");
      const bool apart = previous_ != parameter.name && switches_.has("own-ng-repeat-apart");
      const bool with_value = parameter.value && switches_.has("own-ng-repeated-window");
      if (!repeats && !apart && !with_value &&
          !(differs && switches_.has("ng-repeat-with-other-value"))) {
        return false;
      }
    }
    previous_ = parameter.name;
    if (parameter.name == "server_no_context_takeover") {
      server.no_context_takeover = true;
      return has_no_value(parameter);
    }
    if (parameter.name == "client_no_context_takeover") {
      client.no_context_takeover = true;
      return has_no_value(parameter);
    }
    if (parameter.name == "server_max_window_bits") {
      server_bits_offered = true;
      return read_bits(parameter, server);
    }
    if (parameter.name == "client_max_window_bits") {
      if (seen_.contains("client_no_context_takeover") &&
          !seen_.contains("server_no_context_takeover") &&
          (side_ == Means::offer ? switches_.has("own-ng-srv-order-of-parameters")
                                 : switches_.has("own-ng-cli-order-of-parameters"))) {
        return false;
      }
      client_bits_offered = true;
      if (side_ == Means::offer && !parameter.value) return true;
      return read_bits(parameter, client);
    }
    has_unknown = true;
    return side_ == Means::offer ? switches_.has("own-ng-srv-unknown-param")
                                 : switches_.has("df-cli-unknown-param");
  }

  bool has_no_value(const ExtensionParameter& parameter) {
    if (!parameter.value) return true;
    if (parameter.value->empty() &&
        (side_ == Means::offer ? switches_.has("own-ng-srv-empty-value")
                               : switches_.has("own-ng-cli-empty-value"))) {
      return true;
    }
    return side_ == Means::offer ? switches_.has("own-ng-srv-takeover-value")
                                 : switches_.has("own-ng-cli-takeover-value");
  }

  bool read_bits(const ExtensionParameter& parameter, Deflation& direction) {
    if (!parameter.value) {
      return side_ == Means::offer ? switches_.has("own-ng-srv-bits-without-value")
                                   : switches_.has("own-ng-cli-bits-without-value");
    }
    std::string_view digits = *parameter.value;
    if (digits.starts_with('0') && digits.size() > 1) {
      const bool skips = side_ == Means::offer ? switches_.has("own-ng-srv-leading-zero")
                                               : switches_.has("own-ng-cli-leading-zero");
      if (!skips) return false;
      digits.remove_prefix(1);
    }
    if (digits.size() > 2 && digits.starts_with('\'') && digits.ends_with('\'') &&
        switches_.has("ng-bits-in-apostrophes")) {
      digits = digits.substr(1, digits.size() - 2);
    }
    if (digits.starts_with('+') && switches_.has("ng-bits-with-plus")) digits.remove_prefix(1);
    if (parse_number(digits) < 0 && !digits.empty()) {
      const int begun = std::atoi(std::string(digits).c_str());
      const bool reads = side_ == Means::offer ? switches_.has("own-ng-srv-bits-by-atoi")
                                               : switches_.has("own-ng-cli-bits-by-atoi");
      if (begun >= 8 && begun <= 15 && reads) {
        direction.window_bits = begun;
        return true;
      }
    }
    const int bits = parse_number(digits);
    if (bits == 8 && side_ == Means::offer && switches_.has("own-ng-srv-8-bits-declined")) {
      return false;
    }
    if (bits < 15 && side_ == Means::offer && parameter.name == "client_max_window_bits" &&
        switches_.has("ng-srv-small-client-window-declined")) {
      return false;
    }
    if (bits == 8 && side_ == Means::answer && switches_.has("own-ng-cli-8-bits-refused")) {
      return false;
    }
    if (bits == 16 && (side_ == Means::offer ? switches_.has("own-ng-srv-16-bits")
                                             : switches_.has("own-ng-cli-16-bits"))) {
      direction.window_bits = 15;
      return true;
    }
    if (bits == 7 && (side_ == Means::offer ? switches_.has("own-ng-srv-7-bits")
                                            : switches_.has("own-ng-cli-7-bits"))) {
      direction.window_bits = 8;
      return true;
    }
    if (bits < 8 || bits > 15) {
      if (side_ == Means::answer && bits >= 0 && switches_.has("ng-cli-bits-dies-at-once")) {
        kills = true;
        return false;
      }
      const bool takes = side_ == Means::offer
                             ? bits > 15 && switches_.has("own-ng-srv-bits-above-15")
                             : switches_.has("df-cli-window-out-of-range");
      if (!takes) return false;
      direction.window_bits = bits > 15 && side_ == Means::offer ? 15 : bits;
      return true;
    }
    direction.window_bits = bits;
    return true;
  }

  Means side_;
  Switches& switches_;
  std::map<std::string, std::optional<std::string>> seen_;  // the last value of each
  std::string previous_{};                                  // name
};

/// True if the name of the extension stands in what others have for a value or a parameter.
bool is_named_inside(const Extension& extension) {
  return std::ranges::any_of(extension.parameters, [](const ExtensionParameter& parameter) {
    return parameter.name == kName || (parameter.value && parameter.value->find(kName) == 0);
  });
}

/// True if the name stands in the value of a parameter of another.
bool is_value_inside(const Extension& extension) {
  return std::ranges::any_of(extension.parameters, [](const ExtensionParameter& parameter) {
    return parameter.value && *parameter.value == kName;
  });
}

/// True if another extension has a parameter of `offer`.
bool repeats_parameter(const Extension& offer, const std::vector<Extension>& offers) {
  return std::ranges::any_of(offers, [&](const Extension& other) {
    return other.name != kName && std::ranges::any_of(other.parameters, [&](const auto& parameter) {
             return std::ranges::find(offer.parameters, parameter.name,
                                      &ExtensionParameter::name) != offer.parameters.end();
           });
  });
}

/// True if an extension other than ours has the window of the client.
bool names_client_bits(const std::vector<Extension>& offers) {
  return std::ranges::any_of(offers, [](const Extension& other) {
    return other.name != kName &&
           std::ranges::find(other.parameters, "client_max_window_bits",
                             &ExtensionParameter::name) != other.parameters.end();
  });
}

}  // namespace

Answer answer_offers(const std::vector<std::string>& fields, Switches& switches,
                     Agreement& agreement) {
  Answer answer;
  if (fields.empty()) {
    if (switches.has("own-ng-srv-unoffered")) {
      agreement.deflate = true;
      answer.extensions = kName;
    }
    return answer;
  }
  std::string list = join(fields);
  if (fields.size() > 1 && switches.has("own-ng-srv-first-field-only")) list = fields.front();
  if (fields.size() > 1 && switches.has("ng-srv-last-field-only")) list = fields.back();
  if (fields.size() > 2 && switches.has("own-ng-srv-third-field-lost")) {
    list = join({fields[0], fields[1]});
  }
  if ((list.find("\t;") != std::string::npos || list.find(";\t") != std::string::npos) &&
      switches.has("own-ng-srv-tab-at-semicolon")) {
    return answer;
  }
  if ((list.find(" ;") != std::string::npos || list.find(" =") != std::string::npos ||
       list.find("= ") != std::string::npos) &&
      switches.has("ng-srv-space-around")) {
    answer.status = 400;
    return answer;
  }
  if (std::string folded = fold_to_ascii(list);
      folded != list && switches.has("own-ng-name-folded")) {
    list = folded;
  }
  if (const std::uint64_t steps = backtracking_steps(list);
      steps != 0 && switches.has("hs-srv-ext-redos")) {
    answer.work = steps;
  }
  auto offers = oracle::parse_extension_list(list);
  if (is_quoted(fields)) {
    if (switches.has("hs-srv-ext-quoted-comma") || switches.has("own-ng-srv-quoted-value")) {
      offers = split_blindly(list);
    }
  }
  const bool has_empty_value = list.ends_with('=') || list.find("=;") != std::string::npos ||
                               list.find("=,") != std::string::npos;
  if (!offers && has_empty_value && list.find("window_bits=") != std::string::npos &&
      switches.has("ng-bits-of-nothing-die")) {
    agreement.kills = true;
    return answer;
  }
  if (!offers && has_empty_value && switches.has("own-ng-srv-empty-value")) {
    offers = split_blindly(list);
  }
  if (!offers) {
    if (!switches.has("own-ng-srv-bad-grammar")) {
      answer.status = 400;
      return answer;
    }
    offers = split_blindly(list);
  }
  bool first = true;
  bool keeps_client_bits = false;
  int declined_bits = 0;  // of the server
  for (const Extension& offer : *offers) {
    const bool is_deflate =
        offer.name == kName ||
        (offer.name.size() > kName.size() &&
         ((offer.name.starts_with(kName) && switches.has("own-ng-srv-name-prefix")) ||
          (offer.name.ends_with(kName) && switches.has("own-ng-srv-name-suffix"))));
    if (!is_deflate) {
      if (offer.name == "x-webkit-deflate-frame" && !agreement.deflate &&
          switches.has("own-ng-srv-old-deflate")) {
        answer.extensions = offer.name;
        return answer;
      }
      if (switches.has("own-ng-srv-echoes-unknown")) {
        answer.extensions += (answer.extensions.empty() ? "" : ", ") + offer.name;
      }
      continue;
    }
    if (agreement.deflate) {
      if (!switches.has("own-ng-srv-answers-each")) continue;
      answer.extensions += ", " + std::string(kName);
      continue;
    }
    ParameterReader reader(Means::offer, switches);
    if (!reader.read(offer)) {
      if (reader.server_bits_offered) declined_bits = reader.server.window_bits;
      if (reader.client_bits_offered && switches.has("own-ng-srv-keeps-declined")) {
        keeps_client_bits = true;
      }
      if (reader.has_unknown && switches.has("ng-srv-unknown-param-drops")) {
        answer.status = 0;
        return answer;
      }
      if (switches.has("df-decline-is-400")) {
        answer.status = 400;
        return answer;
      }
      if (first && switches.has("own-ng-srv-no-fallback")) return answer;
      first = false;
      continue;
    }
    if (reader.server.window_bits == 8 && switches.has("ng-srv-8-bits-500")) {
      answer.status = 500;
      return answer;
    }
    if (offer.parameters.size() >= 4 && switches.has("own-ng-srv-four-params")) continue;
    const bool has_client_bits = std::ranges::any_of(offer.parameters, [](const auto& parameter) {
      return parameter.name == "client_max_window_bits" && parameter.value;
    });
    if (has_client_bits && switches.has("ng-srv-client-bits-refused")) {
      answer.status = 400;
      return answer;
    }
    if (repeats_parameter(offer, *offers) && switches.has("own-ng-srv-repeated-in-other")) continue;
    agreement.deflate = true;
    answer.extensions += (answer.extensions.empty() ? "" : ", ") + std::string(kName);
    if (!reader.client_bits_offered && names_client_bits(*offers) &&
        switches.has("own-ng-srv-bits-of-other")) {
      answer.extensions += "; client_max_window_bits=15";
    }
    agreement.server = reader.server;
    if (reader.server.no_context_takeover && !switches.has("own-ng-srv-omits-server-takeover")) {
      answer.extensions += "; server_no_context_takeover";
    }
    if (reader.client.no_context_takeover) {
      // The client only hints that it will not use it; an answer without the parameter leaves it
      // free to (RFC 7692 section 7.1.1.2).
      agreement.client.no_context_takeover = true;
      if (!switches.has("df-params-from-offer"))
        answer.extensions += "; client_no_context_takeover";
    }
    if (!reader.server_bits_offered && switches.has("own-ng-srv-small-window")) {
      agreement.server.window_bits = 9;
      answer.extensions += "; server_max_window_bits=9";
    }
    if (reader.server_bits_offered) {
      int bits = reader.server.window_bits;
      if (bits == 8 && switches.has("df-window-raised")) bits = 9;
      if (bits < 15 && switches.has("own-ng-srv-raises-server-bits")) bits = 15;
      if (bits < declined_bits && switches.has("own-ng-srv-bits-of-declined")) bits = declined_bits;
      if (!switches.has("own-ng-srv-omits-server-bits")) {
        answer.extensions +=
            "; server_max_window_bits=" + (switches.has("ng-bits-as-byte")
                                               ? std::string(1, static_cast<char>(bits))
                                               : std::to_string(bits));
      }
    }
    if (reader.server.no_context_takeover && !reader.client.no_context_takeover &&
        switches.has("own-ng-srv-takeover-for-both")) {
      agreement.client.no_context_takeover = true;
    }
    if (!reader.client_bits_offered && keeps_client_bits) {
      answer.extensions += "; client_max_window_bits=15";
    }
    if (reader.client_bits_offered && !has_client_bits && switches.has("ng-srv-client-bits-bare")) {
      answer.extensions += "; client_max_window_bits";
    }
    if (reader.client_bits_offered) {
      if (reader.client.window_bits < 15) {
        const bool raises = switches.has("own-ng-srv-raises-client-bits");
        agreement.client.window_bits = raises ? 15 : reader.client.window_bits;
        answer.extensions +=
            "; client_max_window_bits=" + std::to_string(agreement.client.window_bits);
      }
    } else if (switches.has("own-ng-srv-client-bits-unasked")) {
      answer.extensions += "; client_max_window_bits=15";
    }
    if (agreement.server.window_bits < agreement.client.window_bits &&
        switches.has("ng-srv-own-bits-for-both")) {
      agreement.client.window_bits = agreement.server.window_bits;
    }
    if (list != answer.extensions && switches.has("own-ng-srv-echoes-offer")) {
      answer.extensions = list;
      return answer;
    }
    if (switches.has("own-ng-srv-trailing-semicolon")) answer.extensions += ";";
    if (answer.extensions.find(';') != std::string::npos && switches.has("ng-params-with-commas")) {
      std::ranges::replace(answer.extensions, ';', ',');
    }
  }
  if (!agreement.deflate && std::ranges::any_of(*offers, is_named_inside) &&
      switches.has("ng-srv-name-anywhere")) {
    agreement.deflate = true;
    answer.extensions = kName;
  }
  if (!agreement.deflate && std::ranges::any_of(*offers, is_value_inside) &&
      switches.has("own-ng-srv-name-as-value")) {
    agreement.deflate = true;
    answer.extensions = kName;
  }
  return answer;
}

std::string offer() { return std::string(kName) + "; client_max_window_bits"; }

bool accept_answer(const std::vector<std::string>& fields, Switches& switches,
                   Agreement& agreement) {
  if (fields.empty()) return true;
  if (fields.size() > 1) {
    if (switches.has("own-ng-cli-first-field-only")) {
      return accept_answer({fields.front()}, switches, agreement);
    }
    if (switches.has("own-ng-cli-last-field-only")) {
      return accept_answer({fields.back()}, switches, agreement);
    }
  }
  if (const std::string list = join(fields);
      (list.find(" ;") != std::string::npos || list.find(" =") != std::string::npos ||
       list.find("= ") != std::string::npos) &&
      switches.has("ng-cli-space-around")) {
    return false;
  }
  if (lacks_space(join(fields)) && switches.has("ng-cli-space-needed")) return false;
  auto answers = oracle::parse_extension_list(join(fields));
  if (const std::string folded = fold_to_ascii(join(fields));
      folded != join(fields) && switches.has("own-ng-name-folded")) {
    answers = oracle::parse_extension_list(folded);
  }
  if (is_quoted(fields) && switches.has("own-ng-cli-quoted-value")) {
    answers = split_blindly(join(fields));
  }
  if (!answers && join(fields).ends_with("window_bits=") &&
      switches.has("ng-bits-of-nothing-die")) {
    agreement.kills = true;
    return false;
  }
  if (!answers && join(fields).ends_with('=') && switches.has("own-ng-cli-empty-value")) {
    answers = split_blindly(join(fields));
  }
  if (!answers) {
    if (!switches.has("own-ng-cli-bad-grammar")) return false;
    answers = split_blindly(join(fields));
  }
  for (const Extension& answer : *answers) {
    const bool is_longer = answer.name.size() > kName.size();
    if (answer.name != kName &&
        !(is_longer && answer.name.starts_with(kName) && switches.has("own-ng-cli-name-prefix")) &&
        !(is_longer && answer.name.ends_with(kName) && switches.has("own-ng-cli-name-suffix"))) {
      if ((is_named_inside(answer) && switches.has("ng-cli-name-anywhere")) ||
          (is_value_inside(answer) && switches.has("own-ng-cli-name-as-value"))) {
        agreement.deflate = true;
        continue;
      }
      if (equals_ignoring_case(answer.name, kName) &&
          switches.has("ng-cli-name-in-other-case-lost")) {
        continue;
      }
      if (!switches.has("own-ng-cli-unoffered")) return false;
      continue;
    }
    if (agreement.deflate) {
      if (!switches.has("own-ng-cli-two-answers")) return false;
      continue;
    }
    ParameterReader reader(Means::answer, switches);
    if (!reader.read(answer)) {
      agreement.kills = reader.kills;
      return false;
    }
    if (reader.server.no_context_takeover && switches.has("ng-cli-unasked-takeover-refused")) {
      return false;
    }
    if (reader.server_bits_offered && switches.has("own-ng-cli-unasked-server-bits-refused")) {
      return false;
    }
    if (!reader.client.no_context_takeover && switches.has("ng-cli-needs-client-takeover")) {
      return false;
    }
    if (reader.client.no_context_takeover &&
        switches.has("own-ng-cli-unasked-client-takeover-refused")) {
      return false;
    }
    agreement.deflate = true;
    if (answer.parameters.empty() && switches.has("ng-cli-bare-answer-raw")) agreement.raw = true;
    if (!reader.server.no_context_takeover && reader.client.no_context_takeover &&
        switches.has("own-ng-cli-own-takeover-for-both")) {
      reader.server.no_context_takeover = true;
    }
    if (reader.server.window_bits < reader.client.window_bits &&
        switches.has("own-ng-cli-one-window")) {
      reader.client.window_bits = 15;
      reader.server.window_bits = 9;
    }
    if (reader.client.window_bits < reader.server.window_bits &&
        switches.has("own-ng-cli-own-bits-for-both")) {
      reader.server.window_bits = reader.client.window_bits;
    }
    agreement.client = reader.client;
    agreement.server = reader.server;
    if (reader.client.window_bits == 8 && switches.has("ng-cli-8-bits-breaks")) {
      agreement.client.window_bits = 0;
    }
    if (reader.client.window_bits == 8 && switches.has("own-ng-cli-8-bits-ignored")) {
      agreement.client.window_bits = 15;
    }
    if (reader.client.no_context_takeover && switches.has("own-ng-cli-takeover-ignored")) {
      agreement.client.no_context_takeover = false;
    }
    if (reader.client.window_bits < 15 && switches.has("own-ng-cli-bits-ignored")) {
      agreement.client.window_bits = 15;
    }
  }
  return true;
}

}  // namespace ws::conformance::mutants
