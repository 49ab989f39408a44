#include <algorithm>
#include <cassert>
#include <nlohmann/json.hpp>

#include "conformance/explorer/case_file.hpp"
#include "conformance/explorer/case_json.hpp"
#include "conformance/harness/bytes.hpp"
#include "conformance/harness/overloaded.hpp"
#include "conformance/oracle/utf8.hpp"

namespace ws::conformance::explorer {
namespace {

using Json = nlohmann::ordered_json;

bool is_readable(std::string_view bytes) {
  return oracle::is_valid_utf8(bytes_of(bytes)) &&
         std::ranges::none_of(bytes, [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; });
}

/// The shortest pattern, up to a kilobyte, that the bytes are a repetition of.
std::size_t period_of(std::string_view bytes) {
  for (std::size_t period = 1; period <= std::min<std::size_t>(bytes.size() / 2, 1024); ++period) {
    if (bytes.substr(period) == bytes.substr(0, bytes.size() - period)) return period;
  }
  return bytes.size();
}

Json value_of(const Payload& payload) {
  std::string bytes = text_of(expand(payload));
  Json value;
  if (bytes.size() > 64) {
    if (const std::size_t period = period_of(bytes); period < bytes.size()) {
      value["length"] = bytes.size();
      bytes.resize(period);
    }
  }
  if (is_readable(bytes)) {
    if (value.is_null()) return bytes;
    value["text"] = bytes;
  } else {
    value["hex"] = to_hex(bytes);
  }
  return value;
}

Json value_of_opcode(unsigned opcode) {
  const std::string_view name = name_in(kOpcodes, opcode);
  return name.empty() ? Json(opcode) : Json(name);
}

Json value_of(const Reaction& reaction) {
  Json value{{"grade", name_in(kGrades, reaction.grade)},
             {"reaction", name_in(kReactions, reaction.kind)}};
  if (reaction.kind == Reaction::Kind::message) {
    value["type"] = value_of_opcode(static_cast<unsigned>(reaction.type));
  }
  if (reaction.payload) value["payload"] = value_of(*reaction.payload);
  if (!reaction.codes.empty()) value["codes"] = reaction.codes;
  if (!reaction.field.empty()) value["field"] = reaction.field.str();
  if (!reaction.why.empty()) value["why"] = reaction.why.str();
  if (!reaction.source.empty()) value["source"] = reaction.source.str();
  if (reaction.goes_on) value["goes_on"] = true;
  return value;
}

Json value_of(const Expect& expect) {
  Json value{{"expect", Json::array()}, {"within_ms", expect.within.count()}};
  for (const Reaction& reaction : expect.any) value["expect"].push_back(value_of(reaction));
  if (!expect.source.empty()) value["source"] = expect.source.str();
  if (expect.prompt) value["prompt"] = true;
  return value;
}

Json value_of(const PutFrame& frame) {
  Json value{{"send", "frame"}, {"opcode", value_of_opcode(frame.opcode)}};
  if (!frame.fin) value["fin"] = false;
  if (frame.rsv != 0) value["rsv"] = frame.rsv;
  if (frame.payload.length != 0) value["payload"] = value_of(frame.payload);
  if (frame.form != oracle::LengthForm::shortest)
    value["length_form"] = name_in(kForms, frame.form);
  if (frame.announced) value["announced"] = *frame.announced;
  if (frame.masking == PutFrame::Masking::reversed) value["masking"] = "reversed";
  if (frame.masking == PutFrame::Masking::key) {
    value["masking"] = to_hex({reinterpret_cast<const char*>(frame.key.data()), frame.key.size()});
  }
  if (frame.cut != 0) value["cut"] = frame.cut;
  if (frame.piece != 0) value["piece"] = frame.piece;
  if (frame.piece_pause.count() != 0) value["piece_pause_ms"] = frame.piece_pause.count();
  return value;
}

Json value_of(const PutMessage& message) {
  Json value{{"send", "message"},
             {"type", value_of_opcode(static_cast<unsigned>(message.type))},
             {"payload", value_of(message.payload)}};
  if (!message.fragments.empty()) value["fragments"] = message.fragments;
  if (message.coding != PutMessage::Coding::plain) {
    value["coding"] = name_in(kCodings, message.coding);
  }
  if (message.coding == PutMessage::Coding::given) value["deflated"] = value_of(message.deflated);
  return value;
}

Json value_of(const PutClose& close) {
  Json value{{"send", "close"}};
  value["code"] = close.code ? Json(*close.code) : Json();
  if (close.reason.length != 0) value["reason"] = value_of(close.reason);
  return value;
}

Json value_of(const DialogueStep& step) {
  return std::visit(Overloaded{
                        [](const PutFrame& put) { return value_of(put); },
                        [](const PutMessage& put) { return value_of(put); },
                        [](const PutClose& put) { return value_of(put); },
                        [](const Expect& expect) { return value_of(expect); },
                        [](const PutBytes& put) {
                          return Json{{"send", "bytes"}, {"payload", value_of(put.bytes)}};
                        },
                        [](const Rest& rest) { return Json{{"rest_ms", rest.length.count()}}; },
                        [](const HalfClose&) { return Json{{"tcp", "end"}}; },
                        [](const Reset&) { return Json{{"tcp", "reset"}}; },
                        [](const auto&) -> Json {
                          assert(false);
                          return {};
                        },
                    },
                    step);
}

Json value_of(const Head& head) {
  Json value{{"start", head.start}, {"lines", head.lines}};
  if (!head.behind.empty()) value["behind"] = value_of(text(head.behind));
  return value;
}

Json value_of(const Negotiation& negotiation) {
  Json value{{"offers", negotiation.offers}, {"wishes", Json::array()}};
  for (const ServerWish& wish : negotiation.wishes) {
    Json one = Json::object();
    if (wish.needs_client_max_window_bits) one["needs_client_max_window_bits"] = true;
    if (wish.needs_full_server_window) one["needs_full_server_window"] = true;
    if (wish.client_no_context_takeover) one["client_no_context_takeover"] = true;
    if (wish.client_max_window_bits != 0) {
      one["client_max_window_bits"] = wish.client_max_window_bits;
    }
    if (wish.takes_hint) one["takes_hint"] = true;
    value["wishes"].push_back(one);
  }
  return value;
}

Json value_of(const Case& test) {
  Json value{{"id", test.id}};
  if (test.number != 0) value["number"] = test.number;
  value["title"] = test.title;
  if (!test.purpose.empty()) value["purpose"] = test.purpose;
  value["checks"] = test.checks;
  if (test.only_for) value["only_for"] = *test.only_for == Role::server ? "server" : "client";
  if (test.alone) value["alone"] = true;
  const Dialogue& dialogue = *test.dialogue;
  if (dialogue.deflate) value["deflate"] = value_of(*dialogue.deflate);
  if (dialogue.needs_context_takeover) value["needs_context_takeover"] = true;
  if (dialogue.own_cuts) value["own_cuts"] = true;
  if (dialogue.request) value["request"] = value_of(*dialogue.request);
  if (dialogue.response) value["response"] = value_of(*dialogue.response);
  if (dialogue.answer.any.size() != 1) value["answer"] = value_of(dialogue.answer);
  value["steps"] = Json::array();
  for (const DialogueStep& step : dialogue.steps) value["steps"].push_back(value_of(step));
  return value;
}

}  // namespace

std::string format_case_file(const CaseFile& file) {
  Json value{{"wsproof_case_file", 1}};
  if (file.found != Origin{}) {
    value["found"] = {{"endpoint", file.found.endpoint}, {"verdict", file.found.verdict},
                      {"reason", file.found.reason},     {"source", file.found.source},
                      {"seed", file.found.seed},         {"replays", file.found.replays}};
  }
  value["cases"] = Json::array();
  for (const Case& test : file.cases) value["cases"].push_back(value_of(test));
  return value.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace ws::conformance::explorer
