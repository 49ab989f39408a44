// Frames onto the wire (sections 5.2 and 5.3).
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "conformance/mutants/switches.hpp"
#include "impl/wire/role.hpp"

namespace ws::conformance::mutants {

class FrameWriter {
 public:
  FrameWriter(Role writer, std::uint64_t seed, Switches& switches)
      : writer_(writer), switches_(switches), random_(seed ^ 0xf4a3e5) {}

  /// The bytes of one frame. `rsv1` marks a compressed message.
  std::string encode(unsigned opcode, std::string_view payload, bool rsv1 = false, bool fin = true);

  /// True if a fault has died of a frame.
  bool is_dead() const { return is_dead_; }

  /// A frame waits to be sent; how long is its header?
  void set_queued(std::optional<std::size_t> header) { queued_header_ = header; }
  std::size_t header_size() const { return header_size_; }
  /// What is to be XORed over the first frame that waits, behind its header; by a fault.
  std::string take_stray_mask() { return std::exchange(stray_mask_, {}); }

 private:
  std::string encode_length(std::uint64_t length, bool masks);
  std::uint32_t next_key();
  std::uint32_t weaken(std::uint32_t key);
  std::size_t key_index(unsigned opcode, std::size_t length, std::size_t i);
  bool masks_payload_of(unsigned opcode);
  bool is_masked_twice(unsigned opcode, std::string_view payload);
  bool has(FaultId fault) { return switches_.has(fault); }

  Role writer_;
  Switches& switches_;
  std::mt19937_64 random_;
  std::uint32_t counter_ = 0;
  std::uint32_t last_key_ = 0;
  std::size_t previous_length_ = 0;
  std::uint64_t message_sent_ = 0;    // of the message that has begun, bytes
  std::uint64_t fragment_phase_ = 0;  // of a continuation, by a fault
  std::size_t longest_ = 0;           // payload so far
  std::size_t length_before_ = 0;     // of the last frame with a 16-bit length
  bool follows_pong_ = false;
  bool previous_rsv1_ = false;  // of the frame before
  unsigned opcode_ = 0;         // of the frame being written
  std::uint32_t last_data_key_ = 0;
  std::uint32_t last_written_key_ = 0;
  std::vector<std::uint32_t> pool_{};  // keys that a fault uses again
  std::string last_pong_;              // payloads
  std::string last_message_;
  bool is_dead_ = false;
  std::optional<std::size_t> queued_header_;
  std::size_t header_size_ = 0;  // of the last frame
  std::string stray_mask_;
};

}  // namespace ws::conformance::mutants
