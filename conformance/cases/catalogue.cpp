#include "conformance/cases/catalogue.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "conformance/cases/agreements.hpp"
#include "conformance/cases/opening_sections.hpp"
#include "conformance/cases/rare_forms.hpp"
#include "conformance/cases/together.hpp"
#include "conformance/harness/overloaded.hpp"

namespace ws::conformance {
namespace {

void share_texts(Payload& payload, TextPool& pool) { pool.share(payload.pattern); }

void share_texts(Expect& expect, TextPool& pool) {
  pool.share(expect.source);
  for (Reaction& reaction : expect.any) {
    if (reaction.payload) share_texts(*reaction.payload, pool);
    for (SharedText* text : {&reaction.field, &reaction.why, &reaction.source}) pool.share(*text);
  }
}

void share_texts(Dialogue& dialogue, TextPool& pool) {
  share_texts(dialogue.answer, pool);
  for (DialogueStep& step : dialogue.steps) {
    std::visit(Overloaded{[&](PutFrame& put) { share_texts(put.payload, pool); },
                          [&](PutMessage& put) {
                            share_texts(put.payload, pool);
                            share_texts(put.deflated, pool);
                          },
                          [&](PutBytes& put) { share_texts(put.bytes, pool); },
                          [&](PutClose& put) { share_texts(put.reason, pool); },
                          [&](Expect& expect) { share_texts(expect, pool); }, [](auto&) {}},
               step);
  }
}

/// What is said in several cases is kept once.
void share_texts(Case& test, TextPool& pool) {
  if (test.dialogue) share_texts(*test.dialogue, pool);
  for (auto* const dialogues : {&test.earlier, &test.beside}) {
    for (Dialogue& dialogue : *dialogues) share_texts(dialogue, pool);
  }
}

std::vector<Case> make_catalogue() {
  std::vector<Case> all;
  // More than there are: growing would hold them twice, and what is not touched costs nothing.
  all.reserve(12'000);
  TextPool pool;
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
                              early_mixture_cases,
                              opening_stream_cases,
                              opening_token_cases,
                              opening_likeness_cases,
                              opening_border_cases}) {
    for (Case& test : section()) {
      share_texts(test, pool);
      all.push_back(std::move(test));
    }
  }
  // Autobahn counts its cases from 1 in the order of their ids; ours follow.
  int number = 0;
  for (Case& test : all) test.number = ++number;
  return all;
}

}  // namespace

const std::vector<Case>& catalogue() {
  // Never taken apart: that would keep the program from its end for nothing.
  static const auto& kAll = *new std::vector<Case>(make_catalogue());
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
