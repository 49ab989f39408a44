#include "conformance/mutants/frame_writer.hpp"

#include <algorithm>
#include <random>
#include <utility>

namespace ws::conformance::mutants {
namespace {

std::string big_endian(std::uint64_t value, unsigned bytes) {
  std::string text;
  for (unsigned i = bytes; i-- > 0;) text += static_cast<char>(value >> (8 * i));
  return text;
}

}  // namespace

std::string FrameWriter::encode(unsigned opcode, std::string_view payload, bool rsv1, bool fin) {
  follows_pong_ = opcode_ == 10;
  opcode_ = opcode;
  if (previous_rsv1_ && opcode >= 8 && has("own-df-rsv1-stays-for-control")) rsv1 = true;
  if (rsv1 && !fin && has("own-df-rsv1-lost-on-fragments")) rsv1 = false;
  previous_rsv1_ = rsv1;
  if (opcode == 10) {
    if (has("ct-pong-fin-missing")) fin = false;
    if (has("ct-pong-wrong-opcode")) opcode = 9 | 10;
  }
  const std::uint64_t phase = message_sent_;
  if (opcode < 8) message_sent_ = fin ? 0 : message_sent_ + payload.size();
  fragment_phase_ = opcode == 0 ? phase : 0;
  bool masks = writer_ == Role::client;
  if (masks) {
    if (payload.empty() && has("own-mk-cli-empty-unmasked")) masks = false;
    if (opcode == 10 && has("own-mk-cli-pong-unmasked")) masks = false;
    if (opcode == 8 && has("own-mk-cli-close-unmasked")) masks = false;
    if (payload.size() > 65'535 && has("own-mk-cli-large-unmasked")) masks = false;
  } else {
    if (opcode == 8 && has("mk-srv-close-echo-masked")) masks = true;
    if (payload.size() > 65'535 && has("own-mk-srv-large-masked")) masks = true;
  }
  std::string bytes;
  bytes += static_cast<char>((fin ? 0x80U : 0U) | (rsv1 ? 0x40U : 0U) | opcode);
  if (opcode < 8 && payload.size() >= 1000 && has("own-fr-sends-rsv2-on-large")) {
    bytes[0] = static_cast<char>(bytes[0] | 0x20);
  }
  if (opcode == 8 && !payload.empty() && has("own-cl-sends-rsv3")) {
    bytes[0] = static_cast<char>(bytes[0] | 0x10);
  }
  std::size_t told = payload.size();
  if (opcode == 1 && !rsv1) {
    const auto later = std::ranges::count_if(
        payload, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U; });
    if (later != 0 && has("fr-send-length-in-characters")) told -= static_cast<std::size_t>(later);
  }
  if (told > 125 && told < 65'536) {
    const std::size_t before = std::exchange(length_before_, told);
    if (before != 0 && before != told && has("fr-send-length-of-before")) told = before;
  }
  bytes += encode_length(told, masks);
  longest_ = std::max(longest_, payload.size());
  header_size_ = bytes.size() + (masks ? 4 : 0);
  if (payload.empty() && has("fr-sending-empty-dies")) is_dead_ = true;
  if (!masks) return bytes.append(payload);
  std::uint32_t key = next_key();
  if (payload.size() > 65'535 && has("own-mk-cli-large-key-zero")) key = 0;
  if (payload.size() >= 1400 && has("mk-cli-key-zero-from-1400")) key = 0;
  if (payload.empty() && has("mk-cli-empty-key-zero")) key = 0;
  if (payload.empty() && has("mk-cli-empty-without-key")) return bytes;
  if (counter_ > 1 && payload.size() == previous_length_ &&
      has("own-mk-cli-key-repeats-per-message-size")) {
    key = last_written_key_;
  }
  last_written_key_ = key;
  const std::string key_bytes = big_endian(key, 4);
  if (key_bytes.find('\xff') != std::string::npos && has("mk-cli-key-ff-dies")) is_dead_ = true;
  bytes += key_bytes;
  if (queued_header_ && !payload.empty() && has("mk-cli-queued-masks-first")) {
    for (std::size_t i = 0; i < payload.size(); ++i) stray_mask_ += key_bytes[i % 4];
    return bytes.append(payload);
  }
  if (!masks_payload_of(opcode)) return bytes.append(payload);
  if (payload.size() > 65'535 && has("mk-cli-large-not-xored")) return bytes.append(payload);
  if (is_masked_twice(opcode, payload)) return bytes.append(payload);
  const std::size_t begin = bytes.size();
  bytes += payload;
  for (std::size_t i = begin; i < bytes.size(); ++i) {
    bytes[i] =
        static_cast<char>(bytes[i] ^ key_bytes[key_index(opcode, payload.size(), i - begin)]);
  }
  if (begin > 6 && has("mk-cli-extended-length-masked")) {
    for (std::size_t i = 2; i < begin - 4; ++i) {
      bytes[i] = static_cast<char>(bytes[i] ^ key_bytes[(i - 2) % 4]);
    }
  }
  previous_length_ = payload.size();
  return bytes;
}

/// Which byte of the key masks the byte `i` of a payload.
std::size_t FrameWriter::key_index(unsigned opcode, std::size_t length, std::size_t i) {
  if (length > 16 && i >= length - length % 16 && has("mk-simd-tail")) return (i + 1) % 4;
  if (opcode == 2 && length >= 128 * 1024 && i >= length - length % 8 &&
      has("mk-large-binary-tail")) {
    return (i + 2) % 4;
  }
  if (i >= 65'535 && has("own-mk-phase-after-64k")) return (i + 1) % 4;
  if (fragment_phase_ % 4 != 0 && has("own-mk-cli-phase-over-fragments")) {
    return (i + fragment_phase_) % 4;
  }
  if (length > 125 && length < 65'536 && has("own-mk-cli-16-bit-phase")) return (i + 2) % 4;
  if (previous_length_ % 4 != 0 && has("mk-phase-carried-over")) return (i + previous_length_) % 4;
  return i % 4;
}

/// Faults that mask a buffer again which is masked already, as it was sent before.
bool FrameWriter::is_masked_twice(unsigned opcode, std::string_view payload) {
  if (payload.empty() || opcode == 8 || opcode == 9) return false;
  std::string& before = opcode == 10 ? last_pong_ : last_message_;
  const bool is_repeated = before == payload;
  constexpr std::size_t kMostKept = 65'536;
  before = payload.substr(0, kMostKept);
  if (!is_repeated) return false;
  return opcode == 10 ? has("own-mk-cli-repeated-pong-masked-twice")
                      : has("own-mk-cli-repeated-message-masked-twice");
}

bool FrameWriter::masks_payload_of(unsigned opcode) {
  if (opcode == 10 && has("mk-cli-pong-not-xored")) return false;
  return opcode != 8 || !has("own-mk-cli-close-not-xored");
}

std::string FrameWriter::encode_length(std::uint64_t length, bool masks) {
  const unsigned mask_bit = masks ? 0x80U : 0U;
  const auto form7 = [&](std::uint64_t value) {
    return std::string(1, static_cast<char>(mask_bit | value));
  };
  if (length < 126) {
    if (opcode_ >= 8 && longest_ > 125 && has("own-ct-sends-long-form-after-long")) {
      return form7(126) + big_endian(length, 2);
    }
    if (longest_ > 65'535 && has("own-fr-send-64bit-after-long")) {
      return form7(127) + big_endian(length, 8);
    }
    if (length == 125 && has("fr-send-125-nonminimal")) return form7(126) + big_endian(length, 2);
    if (length >= 122 && masks && opcode_ == 10 && has("own-ct-cli-sends-long-form-from-122")) {
      return form7(126) + big_endian(length, 2);
    }
    if (length == 0 && has("own-fr-send-empty-nonminimal")) return form7(126) + big_endian(0, 2);
    return form7(length);
  }
  if (length < 65'536) {
    if (length == 65'535 && has("fr-send-65535-nonminimal")) {
      return form7(127) + big_endian(length, 8);
    }
    if (length > 32'767 && has("own-fr-send-64bit-from-32768")) {
      return form7(127) + big_endian(length, 8);
    }
    if (length == 126 && has("own-fr-send-126-as-7bit")) return form7(126);
    if (has("fr-send-16bit-in-four")) return form7(126) + big_endian(length, 4);
    if (length == 127 && has("fr-send-127-as-7bit")) return form7(127);
    if (has("fr-send-length-swapped")) {
      return form7(126) + big_endian(length % 256 * 256 + length / 256, 2);
    }
    if (length % 256 == 255 && has("own-fr-send-low-byte-255")) {
      return form7(126) + big_endian(length + 1, 2);
    }
    if (length % 256 >= 128 && has("own-fr-send-signed-low-byte")) {
      return form7(126) + big_endian(length + 0xff00, 2);
    }
    if (length >= 4096 && length < 8192 && has("own-fr-send-64bit-from-4096")) {
      return form7(127) + big_endian(length, 8);
    }
    return form7(126) + big_endian(length, 2);
  }
  if (has("fr-send-long-in-16-bits")) return form7(126) + big_endian(length % 65'536, 2);
  if (length >= 131'072 && has("own-fr-send-17-bits")) {
    return form7(127) + big_endian(length % 131'072, 8);
  }
  if (length % 65'536 >= 32'768 && has("own-fr-send-64bit-signed")) {
    return form7(127) + big_endian(length | 0xffffffff00000000U, 8);
  }
  if (length == 65'536 && has("fr-send-65536-wraps")) return form7(126) + big_endian(0, 2);
  if (has("fr-send-64bit-doubled")) return form7(127) + big_endian(length << 32U | length, 8);
  if (has("fr-send-64bit-zero")) return form7(127) + big_endian(0, 8);
  if (has("fr-send-64bit-short")) return form7(127) + big_endian(length, 4);
  return form7(127) + big_endian(length, 8);
}

std::uint32_t FrameWriter::next_key() {
  ++counter_;
  if (follows_pong_ && has("own-mk-cli-key-of-pong-for-next")) return last_key_;
  auto key = static_cast<std::uint32_t>(random_());
  if (has("own-cn-masking-keys-again")) key = static_cast<std::uint32_t>(std::mt19937(counter_)());
  key = weaken(key);
  if (has("own-mk-cli-key-constant")) return 0x37fa213d;
  if (has("own-mk-cli-key-counter")) return counter_;
  if (has("own-mk-cli-key-zero")) return 0;
  if (has("own-mk-cli-key-16-bits")) key = (key & 0xffffU) * 0x10001U;
  if (has("own-mk-cli-key-ascii")) key &= 0x7f7f7f7fU;
  if (counter_ % 2 == 0 && has("own-mk-cli-key-every-second")) return last_key_;
  if (has("mk-cli-weak-key")) {
    std::uint32_t weak = 0;
    for (unsigned i = 0; i < 4; ++i)
      weak = weak * 256 + static_cast<std::uint32_t>(random_() % 255);
    return weak;
  }
  return last_key_ = key;
}

/// Keys that can be foretold, or come up again.
std::uint32_t FrameWriter::weaken(std::uint32_t key) {
  if (has("mk-cli-key-one-byte-drawn")) return (key & 0xff000000U) | 0x5bd1e9U;
  if (has("own-mk-cli-key-one-byte")) return (key & 0xffU) * 0x01010101U;
  if (has("own-mk-cli-key-15-bits")) return key & 0x7fffU;
  if (has("own-mk-cli-key-24-bits")) return key & 0xffffffU;
  if (has("own-mk-cli-key-of-rand")) return key & 0x7fffffffU;
  if (has("own-mk-cli-key-of-clock")) return 0x65a1b2c3U + counter_ / 3;
  if (opcode_ >= 8) {
    if (counter_ > 1 && has("own-mk-cli-key-of-data-for-control")) return last_data_key_;
    if (opcode_ == 10 && has("own-mk-cli-key-zero-for-pong")) return 0;
    if (opcode_ == 8 && has("own-mk-cli-key-zero-for-close")) return 0;
  }
  if (has("own-mk-cli-key-pool-of-16") || (counter_ > 256 && has("own-mk-cli-key-pool-of-256")) ||
      (counter_ > 2048 && has("own-mk-cli-key-pool-of-2048"))) {
    const std::size_t size = counter_ > 2048 ? 2048 : counter_ > 256 ? 256 : 16;
    if (pool_.size() >= 16 && counter_ > 16)
      return pool_[(counter_ - 1) % std::min(pool_.size(), size)];
  }
  if (pool_.size() < 2048) pool_.push_back(key);
  if (opcode_ < 8) last_data_key_ = key;
  return key;
}

}  // namespace ws::conformance::mutants
