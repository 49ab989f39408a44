#include "impl/wire/frame_decoder.hpp"

#include <algorithm>

#include "impl/wire/frame_rules.hpp"

namespace ws {

std::expected<std::optional<FramePart>, Violation> FrameDecoder::next(
    std::span<const std::byte>& input) {
  FramePart part;
  if (!in_payload_) {
    const auto taken = take_header(input);
    if (!taken) return std::unexpected(taken.error());
    if (!*taken) return std::nullopt;
    part.is_first = true;
  } else if (input.empty()) {
    return std::nullopt;
  }
  const std::uint64_t missing = header_.payload_length - payload_offset_;
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(missing, input.size()));
  part.header = header_;
  part.payload = input.first(size);
  part.offset = payload_offset_;
  part.is_last = size == missing;
  input = input.subspan(size);
  payload_offset_ += size;
  in_payload_ = !part.is_last;
  return part;
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
    header_size_ = bytes.size();
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
