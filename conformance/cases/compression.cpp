// Sections 12 and 13: a thousand compressed messages of each size, for different data and for
// different parameters of permessage-deflate.
#include "conformance/cases/catalogue.hpp"
#include "conformance/cases/parts.hpp"

namespace ws::conformance {
namespace {

struct Size {
  std::size_t units = 0;
  std::size_t fragment_size = 0;
  milliseconds limit{};
};

constexpr Size kSizes[] = {
    {16, 0, 60s},          {64, 0, 60s},          {256, 0, 120s},
    {1024, 0, 240s},       {4096, 0, 480s},       {8192, 0, 480s},
    {16'384, 0, 480s},     {32'768, 0, 480s},     {65'536, 0, 480s},
    {131'072, 0, 480s},    {8192, 256, 480s},     {16'384, 256, 480s},
    {32'768, 256, 480s},   {65'536, 256, 480s},   {131'072, 256, 480s},
    {131'072, 1024, 480s}, {131'072, 4096, 480s}, {131'072, 32'768, 480s},
};

struct Source {
  DataSet data = DataSet::json;
  Opcode type = Opcode::text;
  std::string_view name{};
};

const std::string kOffer = "permessage-deflate; client_no_context_takeover; client_max_window_bits";

void add_sizes(std::vector<Case>& cases, const std::string& group, const Source& source,
               const Negotiation& negotiation, const std::string& about,
               const std::vector<std::string>& parameters = {}) {
  int index = 0;
  for (const auto& [units, fragment_size, limit] : kSizes) {
    std::string title = "A thousand messages of " + std::to_string(units) + " units of " +
                        std::string(source.name) + about;
    if (fragment_size != 0) {
      title += ", in fragments of " + std::to_string(fragment_size) + " bytes";
    }
    cases.push_back({
        .id = group + "." + std::to_string(++index),
        .title = std::move(title),
        .purpose = "Compressed messages come back with the same content, one by one.",
        .checks = {"RFC6455-5.6-1", "RFC6455-6.2-4", "RFC7692-5-15", "RFC7692-6-2"},
        .timer = close_after(limit),
        .loop = EchoLoop{.count = 1000,
                         .type = source.type,
                         .data = source.data,
                         .units = units,
                         .fragment_size = fragment_size},
        .negotiation = negotiation,
    });
    cases.back().checks.insert(cases.back().checks.end(), parameters.begin(), parameters.end());
  }
}

}  // namespace

std::vector<Case> compression_data_cases() {
  const Source kSources[] = {
      {DataSet::json, Opcode::text, "JSON"},
      {DataSet::image, Opcode::binary, "an image"},
      {DataSet::prose, Opcode::binary, "prose"},
      {DataSet::html, Opcode::text, "HTML"},
      {DataSet::document, Opcode::binary, "a document"},
  };
  const Negotiation plain{.offers = {kOffer}, .wishes = {{}}};
  std::vector<Case> cases;
  int group = 0;
  for (const Source& source : kSources) {
    add_sizes(cases, "12." + std::to_string(++group), source, plain, "");
  }
  return cases;
}

std::vector<Case> compression_parameter_cases() {
  const Source source{DataSet::json, Opcode::text, "JSON"};
  const ServerWish any{};
  const ServerWish no_takeover{.client_no_context_takeover = true};
  const ServerWish bits9{.needs_client_max_window_bits = true, .client_max_window_bits = 9};
  const ServerWish bits15{.needs_client_max_window_bits = true, .client_max_window_bits = 15};
  const ServerWish both9{.needs_client_max_window_bits = true,
                         .client_no_context_takeover = true,
                         .client_max_window_bits = 9};
  const ServerWish both15{.needs_client_max_window_bits = true,
                          .client_no_context_takeover = true,
                          .client_max_window_bits = 15};
  const std::string no_takeover_offer = kOffer + "; server_no_context_takeover";
  const std::string both9_offer = no_takeover_offer + "; server_max_window_bits=9";
  const std::vector<std::string> takeover{"RFC7692-7.1.1.1-3", "RFC7692-7.1.1.2-4",
                                          "RFC7692-7.2.1-8", "RFC7692-7.2.1-10"};
  const std::vector<std::string> window{"RFC7692-7-8", "RFC7692-7.1.2.1-4", "RFC7692-7.2.1-12",
                                        "RFC7692-7.2.1-13"};
  std::vector<std::string> both = takeover;
  both.insert(both.end(), window.begin(), window.end());
  const struct {
    Negotiation negotiation;
    std::string_view about;
    std::vector<std::string> parameters;
  } kGroups[] = {
      {{.offers = {kOffer}, .wishes = {any}}, "", {}},
      {{.offers = {no_takeover_offer}, .wishes = {no_takeover}},
       ", without context takeover",
       takeover},
      {{.offers = {kOffer + "; server_max_window_bits=9"}, .wishes = {bits9}},
       ", in a window of 9 bits",
       window},
      {{.offers = {kOffer + "; server_max_window_bits=15"}, .wishes = {bits15}},
       ", in a window of 15 bits",
       window},
      {{.offers = {both9_offer}, .wishes = {both9}},
       ", without context takeover, in a window of 9 bits",
       both},
      {{.offers = {no_takeover_offer + "; server_max_window_bits=15"}, .wishes = {both15}},
       ", without context takeover, in a window of 15 bits",
       both},
      {{.offers = {both9_offer, no_takeover_offer, kOffer}, .wishes = {both9, no_takeover, any}},
       ", with three offers",
       {"RFC7692-5-2"}},
  };
  std::vector<Case> cases;
  int group = 0;
  for (const auto& [negotiation, about, parameters] : kGroups) {
    add_sizes(cases, "13." + std::to_string(++group), source, negotiation, std::string(about),
              parameters);
  }
  return cases;
}

}  // namespace ws::conformance
