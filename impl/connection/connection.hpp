// The state machine of one connection: connecting, open, closing, closed (RFC 6455 sections 4 to
// 7).
//
// It does no I/O and has no clock. Whoever owns the transport hands it what was read, sends what it
// puts out, and acts on its events; the contract is in impl/README.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "impl/connection/event.hpp"
#include "impl/connection/message_assembler.hpp"
#include "impl/connection/settings.hpp"
#include "impl/deflate/message_deflater.hpp"
#include "impl/wire/frame_decoder.hpp"
#include "impl/wire/role.hpp"

namespace ws {

enum class ConnectionState : std::uint8_t { connecting, open, closing, closed };

/// What the transport is to do once the pending output is sent.
enum class TransportWish : std::uint8_t {
  keep,            ///< go on
  await_peer_end,  ///< stop sending; the peer is to end the transport, within the owner's limit
  end,             ///< end it: half-close, then drop what still comes until the peer ends too
};

/// Why nothing was sent.
enum class SendError {
  not_open,  ///< still connecting, or a Close frame was sent or received
  text_not_utf8,
  control_payload_too_long,  ///< more than 125 bytes
  illegal_close_code,        ///< may not be on the wire (section 7.4)
  close_reason_too_long,     ///< more than 123 bytes
  close_reason_not_utf8,
  close_reason_without_code,
  message_in_progress,  ///< send_fragment has begun another message
  queue_full,           ///< a transport's: the peer takes too little of what was sent before
};

using SendResult = std::expected<void, SendError>;

class Connection {
 public:
  explicit Connection(ServerSettings settings);

  /// As above, with settings that connections share.
  explicit Connection(std::shared_ptr<const ServerSettings> settings);

  /// The opening request is in the output at once.
  ///
  /// Requires: `settings.masking_keys` is set.
  explicit Connection(ClientSettings settings);

  Connection(Connection&& other) noexcept;
  Connection& operator=(Connection&& other) noexcept;
  ~Connection();

  Role role() const { return role_; }
  ConnectionState state() const { return state_; }
  TransportWish transport_wish() const { return wish_; }

  /// Takes bytes from the front of `read`, in pieces of any size, up to the first event.
  ///
  /// It stops at an event so that a handler can answer a message before the next frame is looked
  /// at, which may be one that ends the connection.
  /// Returns: what is left of `read`, for the next call, after the events are handled; empty once
  /// the peer's Close was received or the connection failed, as nothing is looked at after that.
  [[nodiscard]] std::span<const std::byte> receive(std::span<const std::byte> read);

  /// Tells that the transport has ended, by whichever side and whatever cause. Only the first call
  /// counts.
  void receive_end();

  /// The events since the last call, in order.
  std::vector<Event> take_events();

  /// As take_events(), into `events`, whose memory it goes on with: no event allocates then.
  ///
  /// Requires: `events` is empty.
  void take_events(std::vector<Event>& events) { events_.swap(events); }

  /// The bytes to send since the last call, in order.
  std::vector<std::byte> take_output();

  /// As take_output(), into `output`, whose memory it goes on with.
  ///
  /// Requires: `output` is empty.
  void take_output(std::vector<std::byte>& output) { output_.swap(output); }

  /// How many bytes take_output() would give.
  std::size_t output_size() const { return output_.size(); }

  /// Sends one message, compressed and fragmented as agreed and set.
  [[nodiscard]] SendResult send_text(std::string_view text);
  [[nodiscard]] SendResult send_binary(std::span<const std::byte> data);

  /// Sends one fragment of a message as a frame of its own. The first fragment fixes the `type` of
  /// the message; `fin` ends it. Text is checked as it goes.
  [[nodiscard]] SendResult send_fragment(Opcode type, std::span<const std::byte> fragment,
                                         bool fin);

  [[nodiscard]] SendResult send_ping(std::span<const std::byte> payload);
  [[nodiscard]] SendResult send_pong(std::span<const std::byte> payload);

  /// Starts the closing handshake (section 7.1.2). While connecting there is no frame to send: the
  /// transport is to be ended.
  [[nodiscard]] SendResult close(std::optional<CloseCode> code = {}, std::string_view reason = {});

  /// Fails the connection (section 7.1.7): the one place that does. A Close frame with the
  /// violation's code goes out unless one has; nothing that the peer sends is looked at any more.
  void fail(Violation violation);

  /// Gives up an opening handshake, such as with timed_out. Does nothing in other states.
  void fail_handshake(HandshakeError error);

 private:
  struct Outgoing {  // a message begun by send_fragment
    Opcode type = Opcode::text;
    bool compressed = false;
    Utf8Validator utf8{};
  };
  struct Incoming {
    FrameDecoder decoder;
    MessageAssembler assembler;
  };
  struct Opening;
  struct Rare;

  void receive_request(std::span<const std::byte>& input);
  void receive_response(std::span<const std::byte>& input);
  void receive_frames(std::span<const std::byte>& input);
  void take_data(const FramePart& part);
  void take_control(const FramePart& control);
  void handle_control_frame(Opcode opcode, std::vector<std::byte> payload);
  void handle_close(std::span<const std::byte> body);
  void refuse(const Refusal& refusal, HandshakeError error);
  void open(Opened event);
  void end_handshake(HandshakeFailed event);
  SendResult send_message(Opcode type, std::span<const std::byte> payload);
  SendResult send_control(Opcode opcode, std::span<const std::byte> payload);
  void send_close_frame(const ClosePayload& payload);
  void put_frame(FrameHeader header, std::span<const std::byte> payload);
  void put_text(std::string_view text);

  Rare& rare();
  const Outgoing* outgoing() const;
  const ClosePayload* close_received() const;

  const ConnectionSettings& settings() const {
    return server_ ? server_->connection : client_->connection;
  }

  // A server has thousands of these, mostly idle, so what is rare is on the heap.
  std::shared_ptr<const ServerSettings> server_;  // one of the two is there
  std::unique_ptr<const ClientSettings> client_;
  std::vector<Event> events_;
  std::vector<std::byte> output_;

  std::optional<Incoming> incoming_;  // once it is open
  std::unique_ptr<MessageDeflater> deflater_;
  std::unique_ptr<Opening> opening_;
  std::unique_ptr<Rare> rare_;

  Role role_;
  ConnectionState state_ = ConnectionState::connecting;
  TransportWish wish_ = TransportWish::keep;
  bool close_sent_ = false;
  bool failed_ = false;
};

}  // namespace ws
