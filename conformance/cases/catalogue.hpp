// All cases, in the order of their ids.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "conformance/harness/case.hpp"

namespace ws::conformance {

/// Every case. The catalogue is made once and lives as long as the program.
const std::vector<Case>& catalogue();

/// The case with `id`; null if there is none.
const Case* find_case(std::string_view id);

/// The ids of all cases.
std::vector<std::string> catalogue_ids();

// The sections, a file each.
std::vector<Case> framing_cases();                // 1
std::vector<Case> ping_pong_cases();              // 2
std::vector<Case> reserved_bit_cases();           // 3
std::vector<Case> opcode_cases();                 // 4
std::vector<Case> fragmentation_cases();          // 5
std::vector<Case> utf8_cases();                   // 6
std::vector<Case> closing_cases();                // 7
std::vector<Case> limit_cases();                  // 9
std::vector<Case> auto_fragment_cases();          // 10
std::vector<Case> compression_data_cases();       // 12
std::vector<Case> compression_parameter_cases();  // 13

// Beyond Autobahn's catalogue.
std::vector<Case> server_opening_cases();      // 20
std::vector<Case> client_opening_cases();      // 21
std::vector<Case> negotiation_cases();         // 22
std::vector<Case> frame_header_cases();        // 23
std::vector<Case> masking_cases();             // 24
std::vector<Case> interleaving_cases();        // 25
std::vector<Case> control_frame_cases();       // 26
std::vector<Case> close_code_cases();          // 27
std::vector<Case> text_encoding_cases();       // 28
std::vector<Case> compressed_message_cases();  // 29
std::vector<Case> load_cases();                // 30
std::vector<Case> tls_cases();                 // 31
std::vector<Case> time_cases();                // 32
std::vector<Case> asked_for_cases();           // 33
std::vector<Case> message_limit_cases();       // 34
std::vector<Case> resource_cases();            // 35
std::vector<Case> policy_cases();              // 36
std::vector<Case> state_cases();               // 37
std::vector<Case> content_cases();             // 38
std::vector<Case> connection_cases();          // 39
std::vector<Case> conversation_cases();        // 40
std::vector<Case> opening_stream_cases();      // 44, the first part
std::vector<Case> opening_token_cases();       // 44, the second
std::vector<Case> opening_likeness_cases();    // 44, the third
std::vector<Case> opening_border_cases();      // 44, the fourth

}  // namespace ws::conformance
