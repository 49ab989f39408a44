#include "conformance/harness/compression.hpp"

#include <algorithm>
#include <array>
#include <new>
#include <set>
#include <zlib.h>

#include "conformance/oracle/extension_list.hpp"

namespace ws::conformance {
namespace {

constexpr std::string_view kName = "permessage-deflate";
constexpr std::string_view kTail{"\x00\x00\xff\xff", 4};

/// Parameters as they stand in an offer or a response.
struct Parameters {
  bool server_no_context_takeover = false;
  bool client_no_context_takeover = false;
  std::optional<int> server_max_window_bits{};
  std::optional<int> client_max_window_bits{};  ///< 0: without a value
};

std::optional<int> parse_bits(const std::optional<std::string>& value) {
  if (!value || value->empty() || value->size() > 2) return std::nullopt;
  int bits = 0;
  for (const char digit : *value) {
    if (digit < '0' || digit > '9') return std::nullopt;
    bits = bits * 10 + (digit - '0');
  }
  if (bits < 8 || bits > 15) return std::nullopt;
  return bits;
}

/// Returns: nothing for an unknown or repeated parameter or a bad value.
std::optional<Parameters> read_parameters(const Extension& extension, bool is_offer) {
  Parameters parameters;
  std::set<std::string> seen;
  for (const auto& [name, value] : extension.parameters) {
    if (!seen.insert(name).second) return std::nullopt;
    if (name == "server_no_context_takeover" && !value) {
      parameters.server_no_context_takeover = true;
    } else if (name == "client_no_context_takeover" && !value) {
      parameters.client_no_context_takeover = true;
    } else if (name == "server_max_window_bits") {
      parameters.server_max_window_bits = parse_bits(value);
      if (!parameters.server_max_window_bits) return std::nullopt;
    } else if (name == "client_max_window_bits") {
      if (is_offer && !value) {
        parameters.client_max_window_bits = 0;
      } else {
        parameters.client_max_window_bits = parse_bits(value);
        if (!parameters.client_max_window_bits) return std::nullopt;
      }
    } else {
      return std::nullopt;
    }
  }
  return parameters;
}

int usable_bits(const Direction& direction) { return std::max(9, direction.window_bits); }

}  // namespace

Answer answer_offers(std::string_view list, const Negotiation& negotiation) {
  const auto extensions = oracle::parse_extension_list(list);
  if (!extensions) return {.malformed = true};
  std::vector<Parameters> offers;
  for (const Extension& extension : *extensions) {
    if (extension.name != kName) continue;
    const auto parameters = read_parameters(extension, true);
    if (!parameters) return {.malformed = true};
    offers.push_back(*parameters);
  }
  for (const ServerWish& wish : negotiation.wishes) {
    for (const Parameters& offer : offers) {
      if (wish.needs_client_max_window_bits && !offer.client_max_window_bits) continue;
      Answer answer{.agreement = Agreement{}, .extension = std::string(kName)};
      Agreement& agreement = *answer.agreement;
      if (offer.server_no_context_takeover) {
        agreement.server.no_context_takeover = true;
        answer.extension += "; server_no_context_takeover";
      }
      if (offer.server_max_window_bits) {
        agreement.server.window_bits = *offer.server_max_window_bits;
        answer.extension +=
            "; server_max_window_bits=" + std::to_string(*offer.server_max_window_bits);
      }
      if (wish.client_no_context_takeover) {
        agreement.client.no_context_takeover = true;
        answer.extension += "; client_no_context_takeover";
      }
      if (wish.client_max_window_bits != 0) {
        agreement.client.window_bits = wish.client_max_window_bits;
        answer.extension +=
            "; client_max_window_bits=" + std::to_string(wish.client_max_window_bits);
      }
      return answer;
    }
  }
  return {};
}

Response read_response(std::string_view list) {
  const auto extensions = oracle::parse_extension_list(list);
  if (!extensions || extensions->size() > 1) return {.malformed = true};
  if (extensions->empty()) return {};
  if (extensions->front().name != kName) return {.malformed = true};
  const auto parameters = read_parameters(extensions->front(), false);
  if (!parameters) return {.malformed = true};
  return {.agreement = Agreement{
              .server = {.no_context_takeover = parameters->server_no_context_takeover,
                         .window_bits = parameters->server_max_window_bits.value_or(15)},
              .client = {.no_context_takeover = parameters->client_no_context_takeover,
                         .window_bits = parameters->client_max_window_bits.value_or(15)}}};
}

struct Compressor::Stream {
  Direction direction{};
  z_stream z{};
};

Compressor::Compressor(const Direction& direction) : stream_(std::make_unique<Stream>()) {
  stream_->direction = direction;
  // The fastest level: what is judged is the peer's inflater, and any stream will do for it.
  if (deflateInit2(&stream_->z, 1, Z_DEFLATED, -usable_bits(direction), 8, Z_DEFAULT_STRATEGY) !=
      Z_OK) {
    throw std::bad_alloc();
  }
}

Compressor::~Compressor() { deflateEnd(&stream_->z); }

std::string Compressor::compress(std::string_view message) {
  z_stream& z = stream_->z;
  std::string output(deflateBound(&z, message.size()) + 16, '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(message.data()));
  z.avail_in = static_cast<uInt>(message.size());
  z.next_out = reinterpret_cast<Bytef*>(output.data());
  z.avail_out = static_cast<uInt>(output.size());
  deflate(&z, Z_SYNC_FLUSH);
  output.resize(output.size() - z.avail_out);
  if (stream_->direction.no_context_takeover) deflateReset(&z);
  // "Remove 4 octets (that are 0x00 0x00 0xff 0xff) from the tail end." (RFC 7692 section 7.2.1)
  output.resize(output.size() - kTail.size());
  return output.empty() ? std::string(1, '\0') : output;
}

struct Decompressor::Stream {
  Direction direction{};
  z_stream z{};
};

Decompressor::Decompressor(const Direction& direction) : stream_(std::make_unique<Stream>()) {
  stream_->direction = direction;
  if (inflateInit2(&stream_->z, -direction.window_bits) != Z_OK) throw std::bad_alloc();
}

Decompressor::~Decompressor() { inflateEnd(&stream_->z); }

bool Decompressor::decompress(std::string_view stretch, bool is_last, std::size_t limit,
                              std::string& output) {
  z_stream& z = stream_->z;
  std::array<char, 32 * 1024> piece{};
  for (const std::string_view input : {stretch, is_last ? kTail : std::string_view()}) {
    z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
    z.avail_in = static_cast<uInt>(input.size());
    while (true) {
      z.next_out = reinterpret_cast<Bytef*>(piece.data());
      z.avail_out = static_cast<uInt>(piece.size());
      const int result = inflate(&z, Z_SYNC_FLUSH);
      if (result == Z_STREAM_END) {
        if (inflateResetKeep(&z) != Z_OK) return false;
      } else if (result != Z_OK && result != Z_BUF_ERROR) {
        return false;
      }
      output.append(piece.data(), piece.size() - z.avail_out);
      if (output.size() > limit) return false;
      if (z.avail_out != 0 && (z.avail_in == 0 || result == Z_BUF_ERROR)) break;
    }
  }
  if (is_last && stream_->direction.no_context_takeover) inflateReset(&z);
  return true;
}

}  // namespace ws::conformance
