#include "conformance/cases/catalogue.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "conformance/cases/agreements.hpp"
#include "conformance/cases/opening_sections.hpp"
#include "conformance/cases/rare_forms.hpp"
#include "conformance/cases/together.hpp"

namespace ws::conformance {
namespace {

std::vector<Case> make_catalogue() {
  std::vector<Case> all;
  for (auto* const section : {framing_cases,
                              ping_pong_cases,
                              reserved_bit_cases,
                              opcode_cases,
                              fragmentation_cases,
                              utf8_cases,
                              closing_cases,
                              limit_cases,
                              auto_fragment_cases,
                              compression_data_cases,
                              compression_parameter_cases,
                              server_opening_cases,
                              server_opening_form_cases,
                              server_opening_neighbour_cases,
                              client_opening_cases,
                              client_opening_form_cases,
                              client_opening_neighbour_cases,
                              negotiation_cases,
                              frame_header_cases,
                              masking_cases,
                              interleaving_cases,
                              control_frame_cases,
                              close_code_cases,
                              text_encoding_cases,
                              compressed_message_cases,
                              load_cases,
                              tls_cases,
                              time_cases,
                              asked_for_cases,
                              message_limit_cases,
                              resource_cases,
                              policy_cases,
                              state_cases,
                              content_cases,
                              connection_cases,
                              conversation_cases,
                              rare_block_cases,
                              rare_form_cases,
                              agreement_cases,
                              agreed_check_cases,
                              opening_mixture_cases,
                              frame_mixture_cases,
                              opening_stream_cases,
                              opening_token_cases}) {
    std::ranges::move(section(), std::back_inserter(all));
  }
  // Autobahn counts its cases from 1 in the order of their ids; ours follow.
  int number = 0;
  for (Case& test : all) test.number = ++number;
  return all;
}

}  // namespace

const std::vector<Case>& catalogue() {
  static const std::vector<Case> kAll = make_catalogue();
  return kAll;
}

const Case* find_case(std::string_view id) {
  const auto found = std::ranges::find(catalogue(), id, &Case::id);
  return found == catalogue().end() ? nullptr : &*found;
}

std::vector<std::string> catalogue_ids() {
  std::vector<std::string> ids;
  for (const Case& test : catalogue()) ids.push_back(test.id);
  return ids;
}

}  // namespace ws::conformance
