#include "conformance/mutants/output_queue.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace ws::conformance::mutants {
namespace {

constexpr std::size_t kBuffer = 16 * 1024;  // bytes

struct Extent {
  std::size_t header = 0;
  std::size_t whole = 0;
};

/// Of the frame that `bytes` begins with. A header that makes no sense takes all of it.
Extent measure(std::string_view bytes) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const Extent all{.header = bytes.size(), .whole = bytes.size()};
  if (bytes.size() < 2) return all;
  const unsigned form = at(1) % 128U;
  const std::size_t length_size = form == 126 ? 2 : form == 127 ? 8 : 0;
  const std::size_t header = 2 + length_size + (at(1) >= 128 ? 4 : 0);
  if (bytes.size() < header) return all;
  std::uint64_t length = form;
  if (length_size != 0) length = 0;
  for (std::size_t i = 0; i < length_size; ++i) length = length * 256 + at(2 + i);
  if (length > bytes.size() - header) return all;
  return {.header = header, .whole = header + static_cast<std::size_t>(length)};
}

/// RSV1 stands on the first frame of a compressed message.
bool is_compressed(std::string_view frame) {
  return !frame.empty() && (static_cast<unsigned char>(frame[0]) & 0x40U) != 0;
}

}  // namespace

void OutputQueue::put_output(std::string_view bytes) {
  if (!head_is_over_ && !bytes.empty()) {
    const std::size_t end = bytes.find("\r\n\r\n");
    head_is_over_ = end != std::string_view::npos;
    const std::size_t size = head_is_over_ ? end + 4 : bytes.size();
    put({.bytes = std::string(bytes.substr(0, size))});
    bytes.remove_prefix(size);
  }
  put_frames(bytes);
}

void OutputQueue::put_frames(std::string_view bytes) {
  while (!bytes.empty()) {
    const Extent extent = measure(bytes);
    const auto first = static_cast<unsigned char>(bytes[0]);
    put({.bytes = std::string(bytes.substr(0, extent.whole)),
         .header_size = extent.header,
         .opcode = first % 16U,
         .fin = first >= 128});
    bytes.remove_prefix(extent.whole);
  }
}

void OutputQueue::put(Piece piece) {
  if (piece.opcode == 10 && !backlog_.empty() && has("own-tr-pong-dropped")) return;
  if (piece.opcode == 10 && !backlog_.empty() && has("tr-pong-waits-for-message")) {
    late_pongs_ += piece.bytes;
    return;
  }
  if (piece.opcode == 10 && has("ct-waiting-pongs-alike")) {
    for (Piece& other : backlog_) {
      if (other.opcode != 10 || other.sent != 0) continue;
      backlog_size_ += piece.bytes.size() - other.bytes.size();
      other = piece;
    }
  }
  if (piece.opcode < 3 && piece.header_size != 0 && !late_pongs_.empty()) {
    piece.bytes.insert(0, std::exchange(late_pongs_, {}));
  }
  if (piece.opcode == 8 && piece.header_size != 0 && !backlog_.empty()) is_closing_late_ = true;
  if (piece.opcode == 8 && piece.header_size != 0 && !backlog_.empty()) {
    waited_with_close_ = true;
    if (has("tr-close-dropped-under-load")) return;
    if (has("tr-close-cuts-output")) {
      backlog_.clear();
      backlog_size_ = 0;
      return;
    }
  }
  if (has_waited_ && piece.header_size != 0) {
    if (piece.opcode == 8 && has("tr-close-meets-full-socket-dies")) std::abort();
    if (piece.opcode < 3) met_full_socket_ = true;
  }
  const bool fails = piece.opcode == 8 && piece.header_size == 2 && piece.bytes.size() > 3 &&
                     static_cast<unsigned char>(piece.bytes[3]) > 0xe9;  // above 1001
  if (fails && !backlog_.empty() && has("own-tr-failure-cuts-output")) {
    backlog_.clear();
    backlog_size_ = 0;
  }
  if (piece.header_size != 0 && backlog_.empty() && buffer_.empty() &&
      std::exchange(has_drained_, false) && has("own-tr-after-wait-lost")) {
    return;
  }
  last_was_pong_ = piece.opcode == 10;
  backlog_size_ += piece.bytes.size();
  auto place = backlog_.end();
  if (!backlog_.empty() && piece.header_size != 0) {
    const bool small = piece.bytes.size() < 1024;
    const bool overtakes =
        (piece.opcode == 10 && backlog_.front().sent != 0 && has("tr-interleaved-writers")) ||
        (piece.opcode == 8 && backlog_.front().sent != 0 && has("own-tr-close-interleaved")) ||
        (piece.opcode == 10 && backlog_.front().sent != 0 && is_full() &&
         has("own-tr-pong-inside-full")) ||
        (small && has("tr-uncork-reorder")) ||
        (piece.opcode == 10 && backlog_.front().sent != 0 &&
         is_compressed(backlog_.front().bytes) && has("own-tr-pong-inside-compressed")) ||
        (small && is_compressed(piece.bytes) && is_compressed(backlog_.front().bytes) &&
         has("own-tr-small-compressed-first"));
    const auto pong = std::ranges::find_if(
        backlog_, [](const Piece& other) { return other.opcode == 10 && other.sent == 0; });
    constexpr std::size_t kLong = 4096;
    const bool is_short = piece.bytes.size() < kLong && piece.fin && piece.opcode < 3;
    // Of Pongs there may be hundreds of thousands.
    const auto first_long =
        !is_short ? backlog_.end() : std::ranges::find_if(backlog_, [](const Piece& other) {
          return other.bytes.size() > kLong && other.sent == 0 && other.header_size != 0;
        });
    const bool has_long = first_long != backlog_.end();
    if (overtakes) {
      place = backlog_.begin();
    } else if (piece.opcode == 10 && pong != backlog_.end() &&
               has("own-tr-waiting-pongs-reversed")) {
      place = pong;
    } else if (is_short && has_long && has("own-tr-short-before-long")) {
      place = first_long;
    } else if (small && piece.fin && (piece.opcode == 1 || piece.opcode == 2)) {
      const auto next = std::ranges::find_if(
          backlog_, [](const Piece& other) { return other.opcode == 0 && other.sent == 0; });
      if (next != backlog_.end() && next->header_size != 0 && has("fg-messages-interleaved")) {
        place = next;
      }
    }
  }
  backlog_.insert(place, std::move(piece));
  refill();
}

void OutputQueue::pop(std::size_t size) {
  buffer_.erase(0, size);
  refill();
  if (empty() && std::exchange(has_waited_, false)) {
    ++waits_;
    has_drained_ = true;
  }
}

void OutputQueue::refill() {
  while (!backlog_.empty() && buffer_.size() < kBuffer) {
    Piece& piece = backlog_.front();
    const std::size_t size = std::min(kBuffer - buffer_.size(), piece.bytes.size() - piece.sent);
    if (piece.sent == 0 && size < piece.header_size && has("tr-payload-lost-on-header-block")) {
      backlog_size_ -= piece.bytes.size() - piece.header_size;
      piece.bytes.resize(piece.header_size);
    }
    if (piece.sent == 0 && piece.header_size != 0 && size < piece.bytes.size() &&
        has("tr-header-twice")) {
      buffer_.append(piece.bytes, 0, std::min(piece.header_size, size));
    }
    buffer_.append(piece.bytes, piece.sent, size);
    backlog_size_ -= size;
    piece.sent += size;
    if (piece.sent < piece.bytes.size()) continue;
    if (backlog_.size() > 1 && has("tr-queue-loses-last")) {
      backlog_size_ += piece.bytes.size();
      piece.sent = 0;
      backlog_size_ -= backlog_.back().bytes.size();
      backlog_.pop_back();
      continue;
    }
    const bool was_blocked = piece.header_size != 0 && std::exchange(is_blocked_, false);
    if (was_blocked && waits_ > 0 && has("own-tr-second-wait-last-byte")) {
      buffer_.back() = static_cast<char>(buffer_.back() ^ 1);
    }
    if (was_blocked && is_compressed(piece.bytes) && has("own-tr-blocked-compressed-last-byte")) {
      buffer_.back() = static_cast<char>(buffer_.back() ^ 1);
    }
    if (was_blocked && has("tr-blocked-write-last-byte")) {
      buffer_.back() = static_cast<char>(buffer_.back() ^ 1);
    }
    backlog_.pop_front();
  }
}

bool OutputQueue::has_room() {
  if (is_closing_late_ && has("tr-paused-while-closing")) return false;
  if (has_paused_ && has("own-tr-never-resumes")) return false;
  if (!is_full()) return true;
  has_paused_ = true;
  if (last_was_pong_ && has("lm-pong-queue")) return true;
  return has("lm-echo-queue") || has("own-tr-pong-inside-full");
}

void OutputQueue::overwrite(std::string_view bytes) {
  bytes = bytes.substr(0, buffer_.size());
  buffer_.replace(0, bytes.size(), bytes);
}

void OutputQueue::clear() {
  buffer_.clear();
  backlog_.clear();
  backlog_size_ = 0;
}

}  // namespace ws::conformance::mutants
