#include "impl/connection/message_assembler.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "impl/wire/masking.hpp"

namespace ws {
namespace {

/// Appends the payload of `part`, unmasked.
void append_payload(const FramePart& part, std::vector<std::byte>& bytes) {
  const std::size_t old_size = bytes.size();
  if (!part.header.masking_key) {
    bytes.insert(bytes.end(), part.payload.begin(), part.payload.end());
    return;
  }
  bytes.resize(old_size + part.payload.size());
  copy_masked(part.payload, std::span(bytes).subspan(old_size), *part.header.masking_key,
              part.offset);
}

}  // namespace

std::optional<Violation> MessageAssembler::take_whole(const FramePart& part,
                                                      MessageReceived& message) const {
  if (max_fragments_ == 0) return Violation::too_many_fragments;
  if (part.header.payload_length > max_message_size_) return Violation::message_too_big;
  message.type = part.header.opcode;
  append_payload(part, message.payload);
  if (message.type == Opcode::text && !is_valid_utf8(message.payload)) {
    return Violation::text_not_utf8;
  }
  return std::nullopt;
}

std::expected<std::optional<MessageReceived>, Violation> MessageAssembler::take(
    const FramePart& part) {
  if (part.is_first) {
    if (auto begun = begin_frame(part.header); !begun) return std::unexpected(begun.error());
  }
  if (auto appended = append(part); !appended) return std::unexpected(appended.error());
  if (!part.is_last || !part.header.fin) return std::nullopt;

  if (message_.type == Opcode::text && !utf8_.is_complete()) {
    return std::unexpected(Violation::text_not_utf8);
  }
  fragments_ = 0;
  return std::exchange(message_, {});
}

std::expected<void, Violation> MessageAssembler::begin_frame(const FrameHeader& header) {
  if (header.opcode == Opcode::continuation) {
    if (!is_inside_message()) return std::unexpected(Violation::continuation_without_message);
  } else {
    if (is_inside_message()) return std::unexpected(Violation::data_frame_inside_message);
    message_.type = header.opcode;
    compressed_ = header.rsv1;
    utf8_.reset();
  }
  if (fragments_ == max_fragments_) return std::unexpected(Violation::too_many_fragments);
  ++fragments_;

  // What a compressed message will come to shows only while it is inflated.
  const std::size_t room = max_message_size_ - message_.payload.size();
  if (!compressed_ && header.payload_length > room) {
    return std::unexpected(Violation::message_too_big);
  }
  return {};
}

std::expected<void, Violation> MessageAssembler::append(const FramePart& part) {
  const std::size_t old_size = message_.payload.size();
  std::expected<void, Violation> inflated;
  if (compressed_) {
    auto& [inflater, unmasked] = *inflation_;
    unmasked.clear();
    append_payload(part, unmasked);
    const bool is_last = part.is_last && part.header.fin;
    inflated = inflater.inflate(unmasked, is_last, message_.payload, max_message_size_);
  } else {
    append_payload(part, message_.payload);
  }
  // What came out before the inflater's error is looked at first, so that the violation does not
  // depend on where reads end.
  if (message_.type == Opcode::text && !utf8_.feed(std::span(message_.payload).subspan(old_size))) {
    return std::unexpected(Violation::text_not_utf8);
  }
  return inflated;
}

}  // namespace ws
