// permessage-deflate as the harness speaks it: negotiation in Autobahn's way, and zlib streams
// apart from the implementation under test (RFC 7692).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ws::conformance {

/// How one side compresses.
struct Direction {
  bool no_context_takeover = false;
  int window_bits = 15;
};

struct Agreement {
  Direction server{};
  Direction client{};
};

/// What the harness, as a server, wants of the client.
struct ServerWish {
  bool needs_client_max_window_bits = false;  ///< in the offer
  bool client_no_context_takeover = false;
  int client_max_window_bits = 0;  ///< 0: not stated
};

/// How a case negotiates.
struct Negotiation {
  std::vector<std::string> offers{};  ///< as a client, elements of the extension list
  std::vector<ServerWish> wishes{};   ///< as a server, the first that an offer allows
};

/// The response to the extension list of a client.
struct Answer {
  bool malformed = false;  ///< an offer of permessage-deflate that is not well formed
  std::optional<Agreement> agreement{};
  std::string extension{};  ///< the element of the response's list; empty without an agreement
};

Answer answer_offers(std::string_view list, const Negotiation& negotiation);

/// What a server's extension list agrees to.
///
/// Returns: an agreement; nothing inside for an empty list; no value for a list that is malformed
/// or names anything but one permessage-deflate.
struct Response {
  bool malformed = false;
  std::optional<Agreement> agreement{};
};
Response read_response(std::string_view list);

/// Compresses the messages of one direction. The window of 8 bits is served by one of 9.
class Compressor {
 public:
  explicit Compressor(const Direction& direction);
  ~Compressor();

  std::string compress(std::string_view message);

 private:
  struct Stream;
  std::unique_ptr<Stream> stream_;
};

/// Decompresses the messages of one direction, with a window as agreed.
class Decompressor {
 public:
  explicit Decompressor(const Direction& direction);
  ~Decompressor();

  /// Decompresses a stretch of a message and appends to `output`, up to `limit` bytes in all.
  ///
  /// Returns: false for data that is not deflated, reaches beyond the window, or is over the limit.
  bool decompress(std::string_view stretch, bool is_last, std::size_t limit, std::string& output);

 private:
  struct Stream;
  std::unique_ptr<Stream> stream_;
};

}  // namespace ws::conformance
