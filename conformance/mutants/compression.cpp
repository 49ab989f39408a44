#include "conformance/mutants/compression.hpp"

#include <algorithm>
#include <new>
#include <utility>
#include <zlib.h>

#include "conformance/mutants/deflate_traits.hpp"

namespace ws::conformance::mutants {
namespace {

constexpr std::size_t kWholeWindow = 32'768;
constexpr std::string_view kTail("\x00\x00\xff\xff", 4);

void set_input(z_stream& stream, std::string_view input) {
  // zlib's interface predates const.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
  stream.avail_in = static_cast<uInt>(input.size());
}

}  // namespace

struct Deflater::Stream {
  z_stream z{};
};

Deflater::Deflater(const Deflation& deflation, Switches& switches)
    : deflation_(deflation), switches_(switches), stream_(std::make_unique<Stream>()) {
  int bits = deflation.window_bits;
  int strategy = Z_DEFAULT_STRATEGY;
  if (bits < 15 && has("own-df-window-ignored")) bits = 15;
  if (bits < 15 && deflation.all_agreed && has("own-df-all-parameters")) bits = 15;
  if (bits == 8) {
    // zlib has no window of 256 bytes. Without matches there is no distance to exceed it.
    bits = 9;
    if (!has("df-window-8-is-9")) strategy = Z_HUFFMAN_ONLY;
  }
  if (deflateInit2(&stream_->z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -bits, 8, strategy) != Z_OK) {
    throw std::bad_alloc();
  }
}

Deflater::~Deflater() { deflateEnd(&stream_->z); }

std::string Deflater::deflate(std::string_view message) {
  constexpr std::size_t kLargestWindow = 32'768;
  const bool goes_far = deflation_.window_bits < 15 && !deflation_.no_context_takeover &&
                        message.size() < std::size_t{1} << deflation_.window_bits &&
                        has("own-df-far-across-messages");
  const std::string before = goes_far ? window_ : std::string();
  window_ += message.substr(message.size() - std::min(message.size(), kLargestWindow));
  window_.erase(0, window_.size() - std::min(window_.size(), kLargestWindow));
  if (message.size() > kLargestWindow && deflation_.window_bits < 15 && has("df-far-in-large")) {
    deflateReset(&stream_->z);
    return Deflater({}, switches_).deflate(message);
  }
  std::string payload = run(message);
  if (goes_far) {
    Deflater wider({}, switches_);
    if (!before.empty()) wider.set_window(before);
    return wider.deflate(message);
  }
  // zlib flushes nothing a second time; an empty message is an empty block without its tail
  // (RFC 7692 section 7.2.3.6).
  if (message.empty() && has("df-empty-with-tail")) return {"\x02\0\0\0\xff\xff", 6};
  if (payload.empty() && !has("own-df-sends-empty-as-nothing"))
    payload = std::string(1, '\0') + std::string(kTail);
  if (payload.size() > 16'384 + kTail.size() && has("own-df-sends-16k-at-most")) {
    payload = payload.substr(0, 16'384) + std::string(kTail);
  }
  if (payload.size() > message.size() + kTail.size() && !message.empty() &&
      has("own-df-sends-no-more-than-came")) {
    payload = payload.substr(0, message.size()) + std::string(kTail);
  }
  if (payload.size() > kLargestWindow + kTail.size() && has("own-df-sends-32k-badly")) {
    payload[kLargestWindow] = static_cast<char>(payload[kLargestWindow] ^ 1);
  }
  change_output(message, payload);
  if (const std::size_t inner = payload.find(kTail);
      inner + kTail.size() < payload.size() && !message.empty() &&
      message.find(kTail) != std::string_view::npos && has("own-df-sends-up-to-first-tail")) {
    payload.resize(inner + kTail.size());
  }
  const bool has_tail = payload.ends_with(kTail);
  const bool is_round = payload.size() % 256 == 0;
  if (has_tail && !(is_round && has("own-df-tail-left-at-256")) && !has("df-tail-left-on"))
    payload.resize(payload.size() - kTail.size());
  if (!payload.empty() && has_tail) {
    if (payload.size() % 4096 > 4090 && has("own-df-sent-4091-to-4095-short")) payload.pop_back();
    if (payload.size() % 1024 == 0 && has("df-sent-1024-exact")) payload.pop_back();
    if (payload.size() == 126 && has("own-df-sent-126-short")) payload.pop_back();
    if (payload.size() % 16'384 == 0 && has("df-sent-16384-exact")) payload.pop_back();
  }
  ++messages_;
  if (deflation_.no_context_takeover && !keeps_window(message)) deflateReset(&stream_->z);
  return payload;
}

std::string Deflater::finish(std::string_view message) {
  Stream stream;
  if (deflateInit2(&stream.z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) !=
      Z_OK) {
    throw std::bad_alloc();
  }
  std::string payload(deflateBound(&stream.z, message.size()), '\0');
  set_input(stream.z, message);
  stream.z.next_out = reinterpret_cast<Bytef*>(payload.data());
  stream.z.avail_out = static_cast<uInt>(payload.size());
  ::deflate(&stream.z, Z_FINISH);
  payload.resize(payload.size() - stream.z.avail_out);
  deflateEnd(&stream.z);
  return payload;
}

/// Faults in what goes out, its tail included.
void Deflater::change_output(std::string_view message, std::string& payload) {
  constexpr std::size_t kChunk = 16'384;
  if (payload.size() > kChunk + kTail.size() && has("df-chunks-swapped")) {
    const std::string body = payload.substr(0, payload.size() - kTail.size());
    payload = body.substr(kChunk) + body.substr(0, kChunk) + std::string(kTail);
  }
  if (message.size() > 300 * 1024 && payload.size() > 600 && has("df-sends-300k-badly")) {
    char& byte = payload[payload.size() / 2];
    byte = static_cast<char>(byte ^ 0x10);
  }
  if (message.size() > 1024 * 1024 && payload.size() > 2000 && has("own-df-sends-mebibyte-badly")) {
    char& byte = payload[payload.size() - 1000];
    byte = static_cast<char>(byte ^ 0x10);
  }
  if (message.empty() && deflation_.no_context_takeover && has("own-df-notake-empty")) {
    payload.clear();
  }
}

/// Faults that break the agreement to keep none.
bool Deflater::keeps_window(std::string_view message) {
  if (has("own-df-takeover-agreement-ignored")) return true;
  if (message.size() > 65'535 && has("own-df-keeps-window-after-large")) return true;
  if (message.size() < 32 && has("own-df-keeps-window-after-short")) return true;
  return messages_ >= 9 && has("own-df-keeps-window-later");
}

void Deflater::set_window(const std::string& window) {
  deflateSetDictionary(&stream_->z, reinterpret_cast<const Bytef*>(window.data()),
                       static_cast<uInt>(window.size()));
}

std::string Deflater::run(std::string_view message) {
  z_stream& z = stream_->z;
  set_input(z, message);
  std::string payload;
  do {
    const std::size_t used = payload.size();
    payload.resize(used + std::max<std::size_t>(256, message.size() / 2));
    z.next_out = reinterpret_cast<Bytef*>(payload.data() + used);
    z.avail_out = static_cast<uInt>(payload.size() - used);
    ::deflate(&z, Z_SYNC_FLUSH);
    payload.resize(payload.size() - z.avail_out);
  } while (z.avail_out == 0);
  return payload;
}

struct Inflater::Stream {
  z_stream z{};
};

Inflater::Inflater(const Deflation& deflation, std::size_t max_message, Switches& switches)
    : deflation_(deflation),
      max_message_(max_message),
      switches_(switches),
      stream_(std::make_unique<Stream>()) {
  int bits = deflation.window_bits;
  if (bits > 9 && has("own-df-inflates-with-less-window")) --bits;
  if (bits > 12 && has("own-df-inflates-with-12-bits")) bits = 12;
  if (inflateInit2(&stream_->z, -bits) != Z_OK) throw std::bad_alloc();
}

Inflater::~Inflater() { inflateEnd(&stream_->z); }

void Inflater::begin_message() {
  begun_.clear();
  ended_exactly_ = false;
  ignores_rest_ = false;
  output_pending_ = false;
  first_block_end_.reset();
  message_in_ = 0;
  payload_.clear();
  pieces_ = 0;
  cut_to_limit_ = false;
  fragment_in_ = fragment_begin_ = 0;
  fragments_ended_ = blocks_ = 0;
  had_ping_inside_ = had_pong_inside_ = false;
  has_final_block_ = false;
  if (total_out_ >= kWholeWindow && has("own-df-kept-window-lacks-a-byte")) {
    const std::string kept = window();
    forget();
    set_window(kept.substr(kept.size() - std::min(kept.size(), kWholeWindow - 1)));
  }
  if (saw_final_block_ && has("df-bfinal-poisons-next")) is_poisoned_ = true;
  if (is_dead_) return;
  is_dead_ =
      saw_final_block_ && deflation_.no_context_takeover && has("df-bfinal-without-takeover-dies");
  is_mute_ = is_mute_ || (saw_large_final_ && has("df-bfinal-large-empties-next"));
}

void Inflater::forget() { inflateReset(&stream_->z); }

std::string Inflater::window() const {
  std::string window(32'768, '\0');
  uInt size = 0;
  inflateGetDictionary(&stream_->z, reinterpret_cast<Bytef*>(window.data()), &size);
  window.resize(size);
  return window;
}

void Inflater::set_window(const std::string& window) {
  inflateSetDictionary(&stream_->z, reinterpret_cast<const Bytef*>(window.data()),
                       static_cast<uInt>(window.size()));
}

void Inflater::see_control_frame(unsigned opcode, bool inside_plain) {
  control_came_ = true;
  if (message_in_ > 0 && deflation_.no_context_takeover && has("own-df-reset-at-control")) forget();
  if (message_in_ > 0 && !is_between_blocks_ && has("own-df-control-inside-block")) forget();
  if (message_in_ > 0) (opcode == 10 ? had_pong_inside_ : had_ping_inside_) = true;
  if (inside_plain && opcode == 9 && has("own-df-forgets-at-ping-inside-plain")) forget();
  if (has("own-df-control-resets-context")) forget();
}

void Inflater::see_plain_message() {
  if (has("own-df-plain-resets-context")) forget();
}

Inflater::Result Inflater::inflate(std::string_view piece, std::string& output) {
  if (piece.empty()) return Result::fine;
  if (is_dead_) return Result::crash;
  control_came_ = false;
  if (std::exchange(fragment_in_, fragment_in_ + piece.size()) != 0 &&
      has("own-df-per-read-tail")) {
    if (const Result result = run(kTail, output); result != Result::fine) return result;
  }
  std::string joined;
  if (!rest_.empty()) {
    joined = std::exchange(rest_, {}) + std::string(piece);
    piece = joined;
  }
  constexpr std::size_t kMostKept = 4096;
  if (begun_.size() < kMostKept) begun_ += piece;
  if (const std::size_t flush = piece.find(kTail);
      flush != std::string_view::npos && has("own-df-cut-at-inner-flush")) {
    const Result result = run(piece.substr(0, flush), output);
    if (result == Result::fine) run(kTail, output);
    ignores_rest_ = true;
    return result;
  }
  if (++pieces_ == 2 && piece.size() == 1 && has("own-df-last-read-of-one-byte-lost")) {
    return Result::fine;
  }
  const bool is_first = message_in_ == 0;
  if (!is_first && !payload_.empty()) {
    const auto type = static_cast<unsigned char>(payload_[0]) / 2U % 4U;
    if (type == 0 && message_in_ > 1 && message_in_ < 5 && has("own-df-stored-header-cut")) {
      return Result::bad_data;
    }
    if (type == 2 && message_in_ < 10 && has("own-df-dynamic-header-cut")) return Result::bad_data;
  }
  message_in_ += piece.size();
  constexpr std::size_t kMostLookedAt = 16'384;
  if (payload_.size() < kMostLookedAt) payload_ += piece;
  if (is_first) {
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(piece[i]); };
    if (piece.size() > 5 && at(0) / 2U % 4U == 0 &&
        ((at(1) ^ at(3)) != 0xff || (at(2) ^ at(4)) != 0xff) &&
        has("own-df-stored-length-unchecked")) {
      std::string mended(piece);
      for (std::size_t i = 1; i < 3; ++i) mended[i + 2] = static_cast<char>(~at(i));
      return run(mended, output);
    }
    if (const Result result = look_at_block(piece); result != Result::fine) return result;
    if (piece.size() > 2 && at(0) == 2 && at(1) % 4U == 0 && has("own-df-empty-fixed-block-ends")) {
      ignores_rest_ = true;
      return Result::fine;
    }
  }
  return run(piece, output);
}

/// Faults that take some kinds of first block for bad data.
Inflater::Result Inflater::look_at_block(std::string_view input) {
  const auto type = static_cast<unsigned char>(input[0]) / 2U % 4U;
  if (type == 0 && input.size() > 1 && deflation_.window_bits < 15 &&
      has("own-df-small-window-stored")) {
    return Result::bad_data;
  }
  if (type == 0 && input.size() > 1 && has("df-stored-block-unsupported")) return Result::bad_data;
  if (type == 0 && input.substr(0, 5).ends_with(std::string_view("\xff\xff\0\0", 4)) &&
      has("own-df-stored-65535-refused")) {
    return Result::bad_data;
  }
  if (type == 1 && has("own-df-fixed-block-unsupported")) return Result::bad_data;
  if (type == 2 && has("own-df-dynamic-block-unsupported")) return Result::bad_data;
  return Result::fine;
}

Inflater::Result Inflater::run(std::string_view input, std::string& output) {
  if (ignores_rest_) return Result::fine;
  if (is_poisoned_) return Result::bad_data;
  z_stream& z = stream_->z;
  set_input(z, input);
  ended_exactly_ = false;
  const std::size_t begin = output.size();
  // A stop at a block's boundary may look like no progress; two in a row are none.
  for (int idle = 0; idle < 2;) {
    char buffer[4096];
    z.next_out = reinterpret_cast<Bytef*>(buffer);
    z.avail_out = sizeof buffer;
    const uInt before = z.avail_in;
    const int status = ::inflate(&z, Z_BLOCK);
    const std::size_t size = sizeof buffer - z.avail_out;
    output.append(buffer, size);
    total_out_ += size;
    output_pending_ = z.avail_out == 0;
    while (z.avail_out == 0 && z.avail_in == 0 && total_out_ % 16'384 == 0 &&
           has("own-df-full-output-lost")) {
      z.next_out = reinterpret_cast<Bytef*>(buffer);
      z.avail_out = sizeof buffer;
      ::inflate(&z, Z_BLOCK);
    }
    const bool progress = size != 0 || before != z.avail_in;
    idle = progress ? 0 : idle + 1;
    if (output.size() > max_message_) {
      if (output.size() <= max_message_ + 2 && has("own-df-cut-to-limit")) {
        cut_to_limit_ = true;
      } else if (has("df-cut-at-limit")) {
        cut_to_limit_ = true;
      } else if (pieces_ > 1 && output.size() - begin <= max_message_ &&
                 has("lm-inflated-limit-by-reads")) {
        continue;
      } else if (!has("own-df-bomb") && !has("df-limit-at-the-end")) {
        return Result::too_big;
      }
    }
    if (status == Z_STREAM_END) {
      first_block_end_ = first_block_end_.value_or(output.size());
      saw_final_block_ = has_final_block_ = true;
      if (has("df-bfinal-refused")) return Result::bad_data;
      if (z.avail_in == 1 && *z.next_in == 0 && has("df-bfinal-padding-refused")) {
        return Result::bad_data;
      }
      restart_behind_final_block();
      if (z.avail_in == 0) {
        ended_exactly_ = true;
        return Result::fine;
      }
      if (has("df-bfinal-rest-spins")) spins_ = true;
      if (has("df-bfinal-rest-kept")) {
        rest_.assign(reinterpret_cast<const char*>(z.next_in), z.avail_in);
        ignores_rest_ = true;
        return Result::fine;
      }
      if (has("df-bfinal-rest-ignored")) {
        ignores_rest_ = true;
        return Result::fine;
      }
      idle = 0;
      continue;
    }
    if (status != Z_OK && status != Z_BUF_ERROR) {
      if (has("own-df-bad-data-skipped")) {
        ignores_rest_ = true;
        forget();
        return Result::fine;
      }
      return has("df-bad-data-crash") ? Result::crash : Result::bad_data;
    }
    if ((z.data_type & 128) != 0) {
      if (progress) ++blocks_;
      is_between_blocks_ = true;
      if (!output.empty()) first_block_end_ = first_block_end_.value_or(output.size());
    } else if (progress) {
      is_between_blocks_ = false;
    }
  }
  return Result::fine;
}

/// Faults of inflaters that know less than RFC 1951.
Inflater::Result Inflater::look_at_traits(std::string& output) {
  const DeflateTraits traits = find_traits(payload_);
  constexpr std::size_t kRing = 32'768;
  const std::size_t begin = static_cast<std::size_t>(total_out_) - output.size();
  for (const DeflateTraits::Match& match : traits.matches) {
    if (match.position >= output.size()) break;
    if (deflation_.window_bits < 15 && match.distance == std::size_t{1} << deflation_.window_bits &&
        has("own-df-distance-of-window-refused")) {
      return Result::bad_data;
    }
    const bool had_control_inside = had_ping_inside_ || had_pong_inside_;
    if (match.distance > match.position &&
        ((had_control_inside && has("own-df-inner-control-loses-window")) ||
         (had_pong_inside_ && has("own-df-inner-pong-loses-window")) ||
         (message_in_ > 65'535 && has("own-df-64-bit-frame-loses-window")) ||
         (fragments_ended_ == 1 && has("own-df-two-fragments-lose-window")))) {
      return Result::bad_data;
    }
    const auto crosses = [&](std::size_t at) {
      return at % kRing + match.length > kRing && at >= kRing / 2;
    };
    const std::size_t to = begin + match.position;
    if ((crosses(to) && has("own-df-match-across-ring")) ||
        (to >= match.distance && crosses(to - match.distance) &&
         has("own-df-match-from-across-ring"))) {
      output[match.position] = static_cast<char>(output[match.position] ^ 1);
      break;
    }
  }
  if ((traits.farthest > 32'506 && has("own-df-distance-32507")) ||
      (traits.has_one_distance && has("own-df-one-distance-code")) ||
      (traits.has_no_distance && has("own-df-no-distance-code")) ||
      (traits.repeats_across && has("own-df-repeat-across")) ||
      (traits.longest_code == 15 && has("own-df-code-of-15-bits"))) {
    return Result::bad_data;
  }
  if (traits.overlaps_in_words && !output.empty() && has("own-df-overlap-of-words")) {
    output.back() = static_cast<char>(output.back() ^ 1);
  }
  return Result::fine;
}

/// What was inflated stays the window of what follows (RFC 7692 section 7.2.3.4).
void Inflater::restart_behind_final_block() {
  z_stream& z = stream_->z;
  unsigned char window[32'768];
  uInt size = 0;
  inflateGetDictionary(&z, window, &size);
  const auto* input = z.next_in;
  const uInt left = z.avail_in;
  inflateReset(&z);
  if (size != 0) inflateSetDictionary(&z, window, size);
  z.next_in = const_cast<Bytef*>(input);
  z.avail_in = left;
}

/// Faults that forget the window after some messages.
bool Inflater::forgets_after(const std::string& output) {
  if (output.empty() && has("own-df-forgets-after-empty")) return true;
  if (output.size() == 32'768 && has("own-df-forgets-after-exact-window")) return true;
  if (pieces_ > 1 && has("own-df-forgets-after-pieces")) return true;
  if (output.size() > 65'535 && has("own-df-forgets-after-large")) return true;
  if (message_in_ > 65'535 && has("own-df-forgets-after-64-bit-frame")) return true;
  if (output.size() > message_in_ * 10 && output.size() > 100 &&
      has("own-df-forgets-after-dense")) {
    return true;
  }
  if (message_in_ >= output.size() && !output.empty() &&
      has("own-df-forgets-after-incompressible")) {
    return true;
  }
  if (fragments_ended_ > 0 && fragment_in_ == 0 && has("own-df-empty-last-behind-own-window")) {
    return true;
  }
  if (fragments_ended_ > 0 && has("own-df-forgets-after-fragments")) return true;
  if (had_ping_inside_ && has("own-df-forgets-at-inner-ping")) return true;
  if (had_pong_inside_ && has("own-df-forgets-at-inner-pong")) return true;
  if (messages_ == 16 && has("own-df-forgets-after-16")) return true;
  if (messages_ == 256 && has("own-df-forgets-after-256")) return true;
  if (saw_final_block_ && has("own-df-forgets-after-final-block")) {
    saw_final_block_ = false;
    return true;
  }
  return false;
}

/// Faults that refuse some messages when they have ended.
Inflater::Result Inflater::look_at_end(const std::string& output) {
  if (output.empty() && payload_.starts_with(std::string_view("\1\0\0\xff\xff", 5)) &&
      has("own-df-final-stored-empty-refused")) {
    return Result::bad_data;
  }
  if (blocks_ > 64 && has("own-df-64-blocks-refused")) return Result::bad_data;
  if (has_final_block_ && output.size() > 4096 && has("df-bfinal-over-4096-refused")) {
    return Result::bad_data;
  }
  if (message_in_ > 0 && output.size() > 100 * message_in_ && has("df-dense-refused")) {
    return Result::bad_data;
  }
  if (output.size() == max_message_ && has("own-df-at-limit-refused")) return Result::too_big;
  return Result::fine;
}

Inflater::Result Inflater::end_fragment(bool is_last, std::string& output) {
  if (fragments_ended_ > 0 &&
      ((fragment_in_ == 126 && has("own-df-continuation-of-126-refused")) ||
       (fragment_in_ == 65'536 && has("own-df-continuation-of-65536-refused")))) {
    return Result::bad_data;
  }
  if (!is_last) {
    if (deflation_.no_context_takeover && has("own-df-reset-at-fragment")) forget();
    if (ended_exactly_ && has("own-df-final-block-ends-message")) ignores_rest_ = true;
    if (fragment_in_ > 0 && output.size() == fragment_begin_ &&
        has("own-df-fragment-without-output-refused")) {
      return Result::bad_data;
    }
    if (++fragments_ended_ == 1 && output.size() > 65'536 &&
        has("own-df-large-first-fragment-cut")) {
      output.resize(65'536);
    }
    if ((output.size() == 8192 && has("df-fragment-to-8192-short")) ||
        (output.size() == 1024 && has("own-df-fragment-to-1024-short")) ||
        (output.size() == 4096 && has("own-df-fragment-to-4096-short")) ||
        (output.size() == 16'384 && has("own-df-fragment-to-16384-short")) ||
        (output.size() == 32'768 && has("own-df-fragment-to-32768-short")) ||
        (output.size() == 65'536 && has("own-df-fragment-to-65536-short"))) {
      output.pop_back();
    }
    fragment_in_ = 0;
    fragment_begin_ = output.size();
    return has("df-per-fragment-tail") ? run(kTail, output) : Result::fine;
  }
  const auto nearly_fills = [&](std::size_t bytes, std::size_t room) {
    return bytes > room - kTail.size() && bytes <= room;
  };
  if ((nearly_fills(message_in_, 4096) && has("df-no-room-for-tail")) ||
      (nearly_fills(message_in_, 256) && has("own-df-no-room-at-256")) ||
      (nearly_fills(message_in_, 1024) && has("own-df-no-room-at-1024")) ||
      (nearly_fills(message_in_, 2048) && has("own-df-no-room-at-2048")) ||
      (nearly_fills(message_in_, 8192) && has("own-df-no-room-at-8192")) ||
      (nearly_fills(message_in_, 16'384) && has("own-df-no-room-at-16384")) ||
      (nearly_fills(message_in_, 65'536) && has("own-df-no-room-at-65536")) ||
      (fragments_ended_ > 0 && nearly_fills(fragment_in_, 1024) &&
       has("own-df-no-room-in-last-fragment"))) {
    return Result::bad_data;
  }
  const std::size_t before_tail = output.size();
  const bool lacks_tail = message_in_ > 0 && fragment_in_ == 0 && !ended_exactly_ &&
                          (has("own-df-tail-missing-behind-empty-last") ||
                           (control_came_ && has("own-df-ping-before-empty-last-no-tail")));
  if (!ignores_rest_ && !ended_exactly_ && !lacks_tail) {
    if (const Result result = run(kTail, output); result != Result::fine) return result;
    // Between two blocks, on a byte boundary.
    if (!ignores_rest_ && !is_between_blocks_ && !has("own-df-truncated-accepted")) {
      return Result::bad_data;
    }
  }
  if (const Result result = look_at_end(output); result != Result::fine) return result;
  if (saw_final_block_ && output.size() > 131'072) saw_large_final_ = true;
  if (is_mute_) output.clear();
  if (deflation_.window_bits < 15 && output.size() > 32'768 && has("own-df-small-window-cut")) {
    output.resize(32'768);
  }
  if (first_block_end_ && output.size() > *first_block_end_ && has("df-multi-block-cut")) {
    output.resize(*first_block_end_);
  }
  if (output.size() != before_tail || output_pending_ ||
      (!output.empty() && output.size() % 4096 == 0)) {
    if (has("df-output-buffer-limit")) return Result::bad_data;
  }
  if (output.empty() && has("df-empty-message-refused")) return Result::bad_data;
  if (output.size() > 65'535 && has("own-df-cut-at-64k")) output.resize(65'535);
  if (output.size() > 1024 * 1024 && has("own-df-cut-at-1-mib")) output.resize(1024 * 1024);
  if (cut_to_limit_) output.resize(max_message_);
  if (output.size() > max_message_ && has("df-limit-at-the-end")) return Result::too_big;
  if (const Result result = look_at_traits(output); result != Result::fine) return result;
  if (!output.empty()) {
    if (output.size() % 1024 == 0 && has("own-df-exact-1024-short")) output.pop_back();
    if (output.size() % 16'384 == 0 && has("own-df-exact-16384-short")) output.pop_back();
    if (output.size() > 1 && output.size() % 8192 == 1 && has("df-byte-behind-8192-lost")) {
      output.pop_back();
    }
    if (output.size() == 65'536 && has("own-df-exact-65536-short")) output.pop_back();
    if (output.size() == 131'072 && has("own-df-exact-131072-short")) output.pop_back();
    if (message_in_ % 1024 == 0 && has("own-df-input-of-1024-short")) output.pop_back();
  }
  if (output.size() > 20 * message_in_ && output.size() > 4096 && has("own-df-cut-at-ratio-20")) {
    output.resize(20 * message_in_);
  }
  if (++messages_ > 1 && has("own-df-first-message-only")) return Result::bad_data;
  if (deflation_.no_context_takeover || has("df-inflate-reset-each-message") ||
      forgets_after(output)) {
    forget();
  } else if (total_out_ > 32'768 && has("own-df-context-lost-after-32k")) {
    forget();
    total_out_ = 0;
  }
  if (total_out_ > 32'506 && output.size() < 32'768 && !deflation_.no_context_takeover &&
      has("own-df-messages-behind-cut")) {
    const std::string kept = window();
    forget();
    set_window(kept.substr(kept.size() - std::min<std::size_t>(kept.size(), 32'506)));
  }
  return Result::fine;
}

}  // namespace ws::conformance::mutants
