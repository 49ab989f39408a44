#include "conformance/oracle/raw_frame.hpp"

#include <cstring>

namespace ws::oracle {
namespace {

LengthForm shortest_form(std::uint64_t length) {
  if (length <= 125) return LengthForm::bits7;
  return length <= 65'535 ? LengthForm::bits16 : LengthForm::bits64;
}

}  // namespace

void mask(std::span<std::byte> payload, MaskingKey key) {
  // Eight at a time: most of what is masked is in payloads of megabytes.
  std::uint64_t keys = 0;
  constexpr std::size_t kStride = sizeof keys;
  std::memcpy(&keys, key.data(), key.size());
  std::memcpy(reinterpret_cast<std::byte*>(&keys) + key.size(), key.data(), key.size());
  for (; payload.size() >= kStride; payload = payload.subspan(kStride)) {
    std::uint64_t octets = 0;
    std::memcpy(&octets, payload.data(), kStride);
    octets ^= keys;
    std::memcpy(payload.data(), &octets, kStride);
  }
  for (std::size_t i = 0; i < payload.size(); ++i) payload[i] ^= key[i % 4];
}

std::vector<std::byte> encode(const RawFrame& frame) {
  std::vector<std::byte> bytes;
  constexpr std::size_t kLongestHeader = 14;
  bytes.reserve(kLongestHeader + frame.payload.size());
  const auto put = [&](std::uint64_t octet) { bytes.push_back(static_cast<std::byte>(octet)); };

  put((frame.fin ? 128U : 0U) + (frame.rsv1 ? 64U : 0U) + (frame.rsv2 ? 32U : 0U) +
      (frame.rsv3 ? 16U : 0U) + static_cast<unsigned>(frame.opcode) % 16);

  const std::uint64_t length = frame.announced_length.value_or(frame.payload.size());
  const LengthForm form =
      frame.length_form == LengthForm::shortest ? shortest_form(length) : frame.length_form;
  const unsigned mask_bit = frame.masking_key ? 128 : 0;
  switch (form) {
    case LengthForm::bits64:
      put(mask_bit + 127);
      for (unsigned shift = 64; shift > 0; shift -= 8) put(length >> (shift - 8) & 0xffU);
      break;
    case LengthForm::bits16:
      put(mask_bit + 126);
      put(length / 256 % 256);
      put(length % 256);
      break;
    default:
      put(mask_bit + length % 128);
  }
  for (std::size_t i = 0; frame.masking_key && i < 4; ++i) bytes.push_back((*frame.masking_key)[i]);
  const std::size_t begin = bytes.size();
  bytes.insert(bytes.end(), frame.payload.begin(), frame.payload.end());
  if (frame.masking_key) mask(std::span(bytes).subspan(begin), *frame.masking_key);
  return bytes;
}

}  // namespace ws::oracle
