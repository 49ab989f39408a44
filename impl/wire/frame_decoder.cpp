#include "impl/wire/frame_decoder.hpp"

#include <algorithm>

#include "impl/wire/frame_rules.hpp"

namespace ws {

std::expected<std::optional<FramePart>, Violation> FrameDecoder::next(
    std::span<const std::byte>& input) {
  // Filled in where the caller finds it, as a copy of a small frame costs more than the frame.
  std::expected<std::optional<FramePart>, Violation> result(std::in_place, std::in_place);
  FramePart& part = **result;
  if (is_at_frame_boundary() && take_plain_frame(input, settings_, part)) return result;
  if (!in_payload_) {
    const auto taken = take_header(input);
    if (!taken) return std::unexpected(taken.error());
    if (!*taken) return std::nullopt;
    part.is_first = true;
  } else if (input.empty()) {
    return std::nullopt;
  }
  part.header = header_;
  part.offset = payload_offset_;
  take_payload(input, part);
  return result;
}

std::expected<bool, Violation> FrameDecoder::take_header(std::span<const std::byte>& input) {
  // A header that lies in one read is decoded where it is; one that is cut is collected first.
  const std::size_t held = header_size_;
  const std::size_t added = std::min(input.size(), header_bytes_.size() - held);
  if (held != 0) std::ranges::copy(input.first(added), header_bytes_.begin() + held);
  const auto bytes = held != 0 ? std::span<const std::byte>(header_bytes_).first(held + added)
                               : input.first(added);

  if (const auto peeked = peek_frame_header(bytes)) {
    const auto checked = check_frame_header(*peeked, settings_.sender, settings_.rsv1_defined);
    if (!checked) return std::unexpected(checked.error());
  }
  const auto decoded = decode_frame_header(bytes);
  if (!decoded) return std::unexpected(decoded.error());
  if (!*decoded) {
    if (held == 0) std::ranges::copy(bytes, header_bytes_.begin());
    header_size_ = static_cast<std::uint8_t>(bytes.size());
    input = {};
    return false;
  }
  header_ = (*decoded)->header;
  if (header_.payload_length > settings_.max_frame_size) {
    return std::unexpected(Violation::frame_too_big);
  }
  input = input.subspan((*decoded)->size - held);
  header_size_ = 0;
  payload_offset_ = 0;
  return true;
}

}  // namespace ws
