#include "conformance/harness/oracles.hpp"

#include <algorithm>

namespace ws::conformance {
namespace {

std::vector<OracleRule> make_rules() {
  constexpr Role kServer = Role::server;
  constexpr Role kClient = Role::client;
  constexpr std::string_view kFrames = "frames";
  constexpr std::string_view kKeys = "masking keys";
  constexpr std::string_view kRequest = "request";
  constexpr std::string_view kResponse = "response";
  return {
      // oracle/wire_rules.hpp
      {kFrames,
       "reserved_bit_set",
       {},
       {"RFC6455-5.2-2", "RFC6455-5.8-1", "RFC7692-5-13", "RFC7692-6.1-1", "RFC7692-6.1-3",
        "RFC7692-6.1-4"}},
      // Who compresses without having offered or accepted sets RSV1 without a meaning.
      {kFrames, "reserved_bit_set", kClient, {"RFC6455-9.1-5", "RFC7692-5-1"}},
      {kFrames, "reserved_bit_set", kServer, {"RFC7692-5-6"}},
      {kFrames, "fragmented_control_frame", {}, {"RFC6455-5.5-2", "RFC6455-5.4-4"}},
      {kFrames, "control_payload_too_long", {}, {"RFC6455-5.5-1"}},
      {kFrames,
       "unmasked_client_frame",
       kClient,
       {"RFC6455-5.1-1", "RFC6455-5.2-5", "RFC6455-5.3-1", "RFC6455-5.5.1-5", "RFC6455-6.1-7"}},
      {kFrames, "masked_server_frame", kServer, {"RFC6455-5.1-4"}},
      {kFrames, "non_minimal_length", {}, {"RFC6455-5.2-8"}},
      {kFrames, "length_top_bit_set", {}, {"RFC6455-5.2-6"}},
      {kFrames, "continuation_without_message", {}, {"RFC6455-5.4-1", "RFC6455-5.4-2"}},
      {kFrames, "data_frame_inside_message", {}, {"RFC6455-5.4-6", "RFC6455-5.4-14"}},
      {kFrames, "close_payload_of_one_byte", {}, {"RFC6455-5.5.1-2"}},
      {kFrames,
       "illegal_close_code",
       {},
       {"RFC6455-7.4.2-2", "RFC6455-7.4.2-1", "RFC6455-7.4.1-3", "RFC6455-7.4.1-4",
        "RFC6455-7.4.1-5", "RFC6455-7.4.1-6"}},
      {kFrames, "close_code_of_clients", kServer, {"RFC6455-7.4.1-10"}},
      {kFrames, "extensions_named", kClient, {"RFC6455-7.4.1-9"}},
      {kFrames, "close_reason_not_utf8", {}, {"RFC6455-5.5.1-3"}},
      {kFrames, "text_not_utf8", {}, {"RFC6455-5.6-1"}},
      {kFrames, "frame_after_close", {}, {"RFC6455-5.5.1-6", "RFC6455-6.1-1"}},
      {kFrames, "bad_deflate_data", {}, {"RFC7692-5-15", "RFC7692-7.2.1-6", "RFC7692-7.2.1-7"}},
      {kFrames, "bad_deflate_data", kClient, {"RFC7692-7.2.1-8", "RFC7692-7.2.1-12"}},
      {kFrames, "bad_deflate_data", kServer, {"RFC7692-7.2.1-10", "RFC7692-7.2.1-13"}},
      {kFrames, "deflate_tail", {}, {"RFC7692-7.2.1-1"}},
      {kFrames, "deflate_padding", {}, {"RFC7692-7.2.1-5"}},
      // masking_keys.hpp
      {kKeys,
       "foretold_masking_key",
       kClient,
       {"RFC6455-10.3-1", "RFC6455-5.3-2", "RFC6455-5.3-3", "RFC6455-5.3-4"}},
      // opening_rules.hpp; a client that leaves out path or query is given no case at all.
      {kRequest,
       "head",
       kClient,
       {"RFC6455-4.1-17", "RFC6455-4.1-16", "RFC6455-4.1-2", "RFC6455-3-4"}},
      // Who took the harness for a proxy would begin with CONNECT.
      {kRequest, "method", kClient, {"RFC6455-4.1-9"}},
      {kRequest, "early_bytes", kClient, {"RFC6455-4.1-38"}},
      {kRequest, "method", kClient, {"RFC6455-4.1-18"}},
      {kRequest, "http_version", kClient, {"RFC6455-4.1-19"}},
      {kRequest, "fragment", kClient, {"RFC6455-3-5"}},
      {kRequest, "target", kClient, {"RFC6455-4.1-20"}},
      {kRequest, "host", kClient, {"RFC6455-4.1-21"}},
      {kRequest, "upgrade", kClient, {"RFC6455-4.1-22"}},
      {kRequest, "connection", kClient, {"RFC6455-4.1-23"}},
      {kRequest,
       "version",
       kClient,
       {"RFC6455-4.1-31", "RFC6455-4.1-30", "RFC6455-4.3-2", "RFC6455-11.3.5-2"}},
      {kRequest,
       "key",
       kClient,
       {"RFC6455-4.1-25", "RFC6455-4.1-24", "RFC6455-4.3-3", "RFC6455-11.3.1-1"}},
      {kRequest, "subprotocol_token", kClient, {"RFC6455-4.1-33", "RFC6455-4.3-5"}},
      {kRequest, "subprotocol_twice", kClient, {"RFC6455-4.1-34"}},
      {kRequest, "extension_list", kClient, {"RFC6455-4.3-4", "RFC6455-4.3-1"}},
      {kRequest, "unregistered_extension", kClient, {"RFC6455-9.1-3"}},
      {kRequest,
       "deflate_offer",
       kClient,
       {"RFC6455-9.1-4", "RFC6455-9-4", "RFC7692-7.1.1.1-2", "RFC7692-7.1.1.2-2",
        "RFC7692-7.1.2.1-2", "RFC7692-7.1.2.2-2"}},
      {kRequest, "small_window", kClient, {"RFC7692-7.3-1"}},
      {kResponse, "head", kServer, {"RFC6455-4.2.2-14"}},
      {kResponse, "upgrade", kServer, {"RFC6455-4.2.2-15"}},
      {kResponse, "connection", kServer, {"RFC6455-4.2.2-16"}},
      {kResponse, "accept_once", kServer, {"RFC6455-11.3.3-1"}},
      {kResponse, "accept", kServer, {"RFC6455-4.2.2-17", "RFC6455-4.3-3"}},
      {kResponse, "extensions_once", kServer, {"RFC6455-11.3.2-2"}},
      {kResponse, "extension_list", kServer, {"RFC6455-4.3-4", "RFC6455-4.3-1"}},
      {kResponse,
       "extension_unoffered",
       kServer,
       {"RFC6455-4.2.2-13", "RFC6455-4.2.2-12", "RFC6455-9-3"}},
      {kResponse, "unregistered_extension", kServer, {"RFC6455-9.1-3"}},
      {kResponse,
       "deflate_answer",
       kServer,
       {"RFC6455-9-4", "RFC6455-9.1-4", "RFC7692-7.1.1.1-2", "RFC7692-7.1.1.1-3",
        "RFC7692-7.1.1.2-2", "RFC7692-7.1.2.1-3", "RFC7692-7.1.2.1-4", "RFC7692-7.1.2.1-5",
        "RFC7692-7.1.2.2-4", "RFC7692-7.1.2.2-6"}},
      {kResponse, "deflate_twice", kServer, {"RFC7692-5-8"}},
      {kResponse, "small_window", kServer, {"RFC7692-7.3-1"}},
      {kResponse, "subprotocol_once", kServer, {"RFC6455-11.3.4-2", "RFC6455-4.3-6"}},
      {kResponse,
       "subprotocol_unoffered",
       kServer,
       {"RFC6455-4.2.2-9", "RFC6455-4.2.2-10", "RFC6455-4.2.2-11"}},
  };
}

}  // namespace

const std::vector<OracleRule>& oracle_rules() {
  static const std::vector<OracleRule> kRules = make_rules();
  return kRules;
}

std::string statement_of(std::string_view rule, Role endpoint) {
  const auto found = std::ranges::find_if(oracle_rules(), [&](const OracleRule& known) {
    return known.name == rule && known.endpoint.value_or(endpoint) == endpoint;
  });
  return found == oracle_rules().end() ? std::string() : found->statements.front();
}

}  // namespace ws::conformance
