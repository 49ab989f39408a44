// Faults in what is done with a message that was received well: some counts, sizes, contents and
// histories are echoed wrongly, or not at all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "conformance/mutants/message_reader.hpp"
#include "conformance/mutants/switches.hpp"

namespace ws::conformance::mutants {

class EchoFaults {
 public:
  explicit EchoFaults(Switches& switches) : switches_(switches) {}

  /// Changes `message` to what is echoed.
  ///
  /// Returns: false if it is lost.
  bool change(Message& message);

 private:
  bool passes_by_count(const Message& message);
  bool passes_by_content(const Message& message);
  bool passes_by_history(Message& message);
  void cut_by_size(Message& message);
  void change_by_form(Message& message);
  void change_binary(std::string& payload);
  void change_text(std::string& text);
  void encode_otherwise(std::string& text);
  bool has(FaultId fault) { return switches_.has(fault); }

  Switches& switches_;
  std::uint64_t count_ = 0;  // of messages
  std::uint64_t total_ = 0;  // of their bytes
  unsigned first_opcode_ = 0;
  Message last_{.opcode = 0};
  Message second_last_{.opcode = 0};
};

}  // namespace ws::conformance::mutants
