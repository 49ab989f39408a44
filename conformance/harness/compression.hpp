// permessage-deflate as the harness speaks it: negotiation in Autobahn's way, and streams apart
// from the implementation under test (RFC 7692).
#pragma once

#include <cstddef>
#include <functional>
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
  bool needs_full_server_window = false;      ///< the offer must not ask for a smaller one
  bool client_no_context_takeover = false;
  int client_max_window_bits = 0;  ///< 0: not stated
  bool takes_hint = false;  ///< agrees to client_no_context_takeover where the offer hints at it
  bool server_no_context_takeover = false;  ///< and of itself, offered or not
  int server_max_window_bits = 0;           ///< at most; 0: not stated unless it was offered
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

/// Answers that a client's extension list does not allow; each is empty where it would be allowed.
struct ForbiddenAnswers {
  std::string extension{};      ///< permessage-deflate, which was not offered
  std::string client_window{};  ///< client_max_window_bits without a value, which was not offered
  std::string server_window{};  ///< a larger window of the server than any that was asked for
};

ForbiddenAnswers forbidden_answers(std::string_view list);

/// What a server's extension list agrees to.
///
/// Returns: an agreement; nothing inside for an empty list; no value for a list that is malformed
/// or names anything but one permessage-deflate.
struct Response {
  bool malformed = false;
  std::optional<Agreement> agreement{};
};
Response read_response(std::string_view list);

/// Compresses the messages of one direction, with ISA-L: what is judged is the peer's inflater, and
/// any stream that keeps to the window will do for it.
class Compressor {
 public:
  explicit Compressor(const Direction& direction);
  ~Compressor();

  /// Returns: the payload, good until the next call.
  std::string_view compress(std::string_view message);

 private:
  struct Stream;
  std::unique_ptr<Stream> stream_;
};

/// Decompresses the messages of one direction, with a window as agreed.
///
/// ISA-L does it, several times faster than zlib, or where the window is smaller than its own zlib
/// in small pieces. A message that they refuse is given to zlib as Autobahn does it: what that
/// takes, the compatible verdict is to take.
class Decompressor {
 public:
  using Output = std::function<void(std::string_view)>;

  explicit Decompressor(const Direction& direction);
  ~Decompressor();

  /// Decompresses a stretch of a message and hands it on piece by piece, up to `limit` bytes of the
  /// message in all.
  ///
  /// Returns: false for data that is not deflated, reaches beyond the window where zlib sees it, or
  /// is over the limit.
  bool decompress(std::string_view stretch, bool is_last, std::size_t limit, const Output& output);

  /// Whether a message has reached back further than the agreed window, seen by zlib or not.
  bool reached_beyond_window() const;

  /// Whether the message that ended last did not end between two blocks, so that the tail which was
  /// taken from it (RFC 7692 section 7.2.1) is no empty block.
  bool ended_inside_block() const;

  /// Whether in the message that ended last a bit behind a block with BFINAL, up to the next byte,
  /// was not 0 (RFC 7692 section 7.2.1).
  bool padded_with_ones() const;

 private:
  struct Stream;
  std::unique_ptr<Stream> stream_;
};

}  // namespace ws::conformance
