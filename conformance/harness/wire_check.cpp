#include "conformance/harness/wire_check.hpp"

#include <algorithm>
#include <span>

#include "conformance/oracle/wire_rules.hpp"

namespace ws::conformance {
namespace {

struct Rule {
  std::string_view name{};
  std::string_view what{};
  std::string_view source{};
};

constexpr Rule kRules[] = {
    {"reserved_bit_set", "a reserved bit is set", "RFC 6455 5.2"},
    {"reserved_opcode", "a frame has a reserved opcode", "RFC 6455 5.2"},
    {"fragmented_control_frame", "a control frame is fragmented", "RFC 6455 5.5"},
    {"control_payload_too_long", "a control frame is longer than 125 bytes", "RFC 6455 5.5"},
    {"unmasked_client_frame", "a frame of a client is not masked", "RFC 6455 5.1"},
    {"masked_server_frame", "a frame of a server is masked", "RFC 6455 5.1"},
    {"non_minimal_length", "a length is not in its shortest form", "RFC 6455 5.2"},
    {"length_top_bit_set", "the top bit of a 64-bit length is set", "RFC 6455 5.2"},
    {"continuation_without_message", "a continuation without a message", "RFC 6455 5.4"},
    {"data_frame_inside_message", "a data frame inside a fragmented message", "RFC 6455 5.4"},
    {"close_payload_of_one_byte", "a Close frame has a payload of one byte", "RFC 6455 5.5.1"},
    {"illegal_close_code", "a Close frame has a code that may not be sent", "RFC 6455 7.4"},
    {"close_reason_not_utf8", "a close reason is not valid UTF-8", "RFC 6455 5.5.1"},
    {"text_not_utf8", "a text message is not valid UTF-8", "RFC 6455 8.1"},
    {"bad_deflate_data", "a compressed message cannot be decompressed within the agreed window",
     "RFC 7692 7.2.2"},
    {"frame_after_close", "something is sent after a Close frame", "RFC 6455 5.5.1"},
};

}  // namespace

std::optional<PeerViolation> check_wire(std::string_view output, const WireSettings& settings,
                                        const std::optional<oracle::Deflation>& deflation) {
  const auto broken =
      oracle::broken_rule(std::as_bytes(std::span(output)), settings.sender, deflation);
  if (!broken) return std::nullopt;
  const auto rule = std::ranges::find(kRules, broken->rule, &Rule::name);
  if (rule == std::end(kRules)) {
    return PeerViolation{std::string(broken->rule), "RFC 6455 5"};
  }
  if (rule->name == "illegal_close_code" && settings.close_code >= 5000) {
    return PeerViolation{.what = "a Close frame has the code " +
                                 std::to_string(*settings.close_code) + ", which is not defined",
                         .source = std::string(rule->source),
                         .is_must = false};
  }
  const auto opcode = static_cast<unsigned char>(output[broken->position]) % 16U;
  const bool is_control = opcode == 9 || opcode == 10;
  const bool is_must =
      !(settings.starts_closing && rule->name == "frame_after_close" && is_control);
  return PeerViolation{std::string(rule->what) + " (byte " + std::to_string(broken->position) +
                           " after the handshake)",
                       std::string(rule->source), is_must, std::string(rule->name)};
}

}  // namespace ws::conformance
