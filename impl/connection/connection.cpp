#include "impl/connection/connection.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

#include "impl/handshake/client_handshake.hpp"
#include "impl/handshake/server_handshake.hpp"
#include "impl/wire/close_code.hpp"
#include "impl/wire/frame_header.hpp"
#include "impl/wire/frame_rules.hpp"
#include "impl/wire/masking.hpp"

namespace ws {
namespace {

constexpr std::size_t kSmallPayload = 125;  // bytes

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

/// Browsers send an Origin with every request; a request without one is not a browser's, and the
/// check does not concern it (section 10.2).
bool is_origin_allowed(const ServerSettings& settings, const OpeningRequest& request) {
  return settings.allowed_origins.empty() || !request.origin ||
         std::ranges::any_of(settings.allowed_origins, [&](const std::string& origin) {
           return equals_ignoring_case(origin, *request.origin);
         });
}

ClientSettings with_deflate_offer(ClientSettings settings) {
  settings.offer.extensions.clear();
  if (settings.connection.deflate) {
    settings.offer.extensions.push_back(make_offer(*settings.connection.deflate));
  }
  return settings;
}

std::expected<void, SendError> check_close_payload(const ClosePayload& payload) {
  if (!payload.code) {
    if (!payload.reason.empty()) return std::unexpected(SendError::close_reason_without_code);
    return {};
  }
  if (!may_be_sent(*payload.code)) return std::unexpected(SendError::illegal_close_code);
  if (payload.reason.size() > kMaxCloseReason) {
    return std::unexpected(SendError::close_reason_too_long);
  }
  if (!is_valid_utf8(bytes_of(payload.reason))) {
    return std::unexpected(SendError::close_reason_not_utf8);
  }
  return {};
}

}  // namespace

/// Until the connection is open: one of the two.
struct Connection::Opening {
  std::optional<RequestHeadParser> request_parser{};
  std::optional<ResponseHeadParser> response_parser{};
};

/// What an open connection mostly lacks.
struct Connection::Rare {
  std::vector<std::byte> control_payload{};  // of a frame that a read has cut
  std::optional<Outgoing> outgoing{};
  std::optional<ClosePayload> close_received{};
};

Connection::Connection(ServerSettings settings)
    : Connection(std::make_shared<const ServerSettings>(std::move(settings))) {}

Connection::Connection(std::shared_ptr<const ServerSettings> settings)
    : server_(std::move(settings)), opening_(std::make_unique<Opening>()), role_(Role::server) {
  opening_->request_parser.emplace(server_->connection.limits.head);
}

Connection::Connection(ClientSettings settings)
    : client_(std::make_unique<const ClientSettings>(with_deflate_offer(std::move(settings)))),
      opening_(std::make_unique<Opening>()),
      role_(Role::client) {
  opening_->response_parser.emplace(client_->connection.limits.head);
  assert(client_->masking_keys);
  put_text(format_opening_request(client_->offer));
}

Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;
Connection::~Connection() = default;

Connection::Rare& Connection::rare() {
  if (!rare_) rare_ = std::make_unique<Rare>();
  return *rare_;
}

const Connection::Outgoing* Connection::outgoing() const {
  return rare_ && rare_->outgoing ? &*rare_->outgoing : nullptr;
}

const ClosePayload* Connection::close_received() const {
  return rare_ && rare_->close_received ? &*rare_->close_received : nullptr;
}

std::vector<Event> Connection::take_events() { return std::exchange(events_, {}); }

std::vector<std::byte> Connection::take_output() { return std::exchange(output_, {}); }

// Receiving.

std::span<const std::byte> Connection::receive(std::span<const std::byte> read) {
  while (!read.empty() && events_.empty()) {
    if (failed_ || close_received() != nullptr || state_ == ConnectionState::closed) return {};
    if (incoming_) {
      receive_frames(read);
    } else if (state_ != ConnectionState::connecting) {
      return {};  // the opening handshake was given up
    } else if (role_ == Role::server) {
      receive_request(read);
    } else {
      receive_response(read);
    }
  }
  return read;
}

void Connection::receive_end() {
  if (state_ == ConnectionState::closed) return;
  if (state_ == ConnectionState::connecting) {
    end_handshake({.error = HandshakeError::connection_lost});
  }
  state_ = ConnectionState::closed;
  wish_ = TransportWish::end;

  Closed closed;
  if (const ClosePayload* received = close_received(); received != nullptr && close_sent_) {
    closed = {.code = received->code.value_or(CloseCode::no_status_received),
              .reason = received->reason,
              .clean = true};
  }
  events_.emplace_back(std::move(closed));
}

void Connection::receive_request(std::span<const std::byte>& input) {
  const ServerSettings& server = *server_;
  auto head = opening_->request_parser->receive(input);
  if (!head) return refuse(refusal_for(head.error()), head.error());
  if (!*head) return;

  auto request = check_opening_request(std::move(**head));
  if (!request) return refuse(refusal_for(request.error()), request.error());
  if (!is_origin_allowed(server, *request)) {
    return refuse(refusal_for(HandshakeError::origin_not_allowed),
                  HandshakeError::origin_not_allowed);
  }
  if (server.refuse) {
    if (const auto refusal = server.refuse(*request)) {
      return refuse(*refusal, HandshakeError::refused_by_application);
    }
  }

  Acceptance acceptance{.subprotocol = choose_subprotocol(*request, server.subprotocols),
                        .fields = server.response_fields};
  std::optional<DeflateParameters> deflate;
  if (settings().deflate) {
    if (auto accepted = accept_offer(request->extensions(), *settings().deflate)) {
      deflate = accepted->parameters;
      acceptance.extensions.push_back(std::move(accepted->response));
    }
  }
  put_text(format_acceptance(*request, acceptance));
  open({.target = std::move(request->target),
        .subprotocol = std::move(acceptance.subprotocol),
        .extensions = std::move(acceptance.extensions),
        .deflate = deflate,
        .fields = std::move(request->fields)});
}

void Connection::receive_response(std::span<const std::byte>& input) {
  const ClientSettings& client = *client_;
  auto head = opening_->response_parser->receive(input);
  if (!head) return end_handshake({.error = head.error()});
  if (!*head) return;
  if (is_interim(**head)) {
    opening_->response_parser.emplace(settings().limits.head);
    return;
  }

  auto agreement = check_opening_response(**head, client.offer);
  if (!agreement) {
    return end_handshake({.error = agreement.error(), .response = std::move(*head)});
  }
  std::optional<DeflateParameters> deflate;
  for (const Extension& extension : agreement->extensions) {
    // Only permessage-deflate was offered, so nothing else can be here; but it can be here twice.
    const auto parameters = check_response(extension, *settings().deflate);
    if (!parameters || deflate) {
      return end_handshake({.error = HandshakeError::extension_parameters_unacceptable,
                            .response = std::move(*head)});
    }
    deflate = parameters;
  }
  open({.target = client.offer.uri.resource,
        .subprotocol = std::move(agreement->subprotocol),
        .extensions = std::move(agreement->extensions),
        .deflate = deflate,
        .fields = std::move(agreement->fields)});
}

void Connection::refuse(const Refusal& refusal, HandshakeError error) {
  put_text(format_refusal(refusal));
  end_handshake({.error = error});
}

void Connection::open(Opened event) {
  const auto& deflate = event.deflate;
  std::optional<MessageInflater> inflater;
  if (deflate) {
    inflater.emplace(deflate->of(peer_of(role_)));
    deflater_ =
        std::make_unique<MessageDeflater>(deflate->of(role_), settings().deflate->compression_level,
                                          settings().deflate->memory_level);
  }
  incoming_.emplace(
      Incoming{.decoder = FrameDecoder({.sender = peer_of(role_),
                                        .rsv1_defined = deflate.has_value(),
                                        .max_frame_size = settings().limits.max_frame_size}),
               .assembler = MessageAssembler(settings().limits, std::move(inflater))});
  opening_ = nullptr;
  state_ = ConnectionState::open;
  events_.emplace_back(std::move(event));
}

void Connection::end_handshake(HandshakeFailed event) {
  state_ = ConnectionState::closing;
  wish_ = TransportWish::end;
  events_.emplace_back(std::move(event));
}

void Connection::fail_handshake(HandshakeError error) {
  if (state_ == ConnectionState::connecting) end_handshake({.error = error});
}

void Connection::receive_frames(std::span<const std::byte>& input) {
  const auto decoded = incoming_->decoder.decode(input, [this](const FramePart& part) {
    if (is_control(part.header.opcode)) {
      take_control(part);
    } else {
      take_data(part);
    }
    return events_.empty();
  });
  if (!decoded) fail(decoded.error());
}

void Connection::take_data(const FramePart& part) {
  if (incoming_->assembler.is_whole_message(part)) {
    auto& received = std::get<MessageReceived>(events_.emplace_back(MessageReceived{}));
    if (const auto violation = incoming_->assembler.take_whole(part, received)) {
      events_.pop_back();
      fail(*violation);
    }
    return;
  }
  auto message = incoming_->assembler.take(part);
  if (!message) return fail(message.error());
  if (*message) events_.emplace_back(std::move(**message));
}

void Connection::take_control(const FramePart& control) {
  std::vector<std::byte> payload;
  if (!control.is_first) payload = std::move(rare().control_payload);
  const std::size_t old_size = payload.size();
  payload.insert(payload.end(), control.payload.begin(), control.payload.end());
  if (control.header.masking_key) {
    apply_mask(std::span(payload).subspan(old_size), *control.header.masking_key, control.offset);
  }
  if (control.is_last) {
    handle_control_frame(control.header.opcode, std::move(payload));
  } else {
    rare().control_payload = std::move(payload);
  }
}

void Connection::handle_control_frame(Opcode opcode, std::vector<std::byte> payload) {
  switch (opcode) {
    case Opcode::ping:
      if (!close_sent_) put_frame({.opcode = Opcode::pong}, payload);
      events_.emplace_back(PingReceived{std::move(payload)});
      break;
    case Opcode::pong:
      events_.emplace_back(PongReceived{std::move(payload)});
      break;
    default:
      // check_frame_header lets no other control frame through.
      assert(opcode == Opcode::close);
      handle_close(payload);
  }
}

void Connection::handle_close(std::span<const std::byte> body) {
  auto payload = decode_close_payload(body);
  if (!payload) return fail(payload.error());

  // "When sending a Close frame in response, the endpoint typically echos the status code it
  // received." (section 5.5.1)
  if (!close_sent_) send_close_frame({.code = payload->code});
  // "The server MUST close the TCP connection immediately; the client SHOULD wait for the server to
  // close the connection" (section 5.5.1)
  wish_ = role_ == Role::server ? TransportWish::end : TransportWish::await_peer_end;
  rare().close_received = *payload;
  events_.emplace_back(CloseReceived{std::move(*payload)});
}

void Connection::fail(Violation violation) {
  const bool handshake_done = incoming_.has_value();
  if (!handshake_done || failed_ || close_received() != nullptr ||
      state_ == ConnectionState::closed) {
    return;
  }
  failed_ = true;
  const ViolationInfo& info = describe(violation);
  if (!close_sent_) send_close_frame({.code = info.close_code, .reason = std::string(info.text)});
  state_ = ConnectionState::closing;
  wish_ = TransportWish::end;
  events_.emplace_back(Failed{violation});
}

// Sending.

SendResult Connection::send_text(std::string_view text) {
  if (!is_valid_utf8(bytes_of(text))) return std::unexpected(SendError::text_not_utf8);
  return send_message(Opcode::text, bytes_of(text));
}

SendResult Connection::send_binary(std::span<const std::byte> data) {
  return send_message(Opcode::binary, data);
}

SendResult Connection::send_message(Opcode type, std::span<const std::byte> payload) {
  if (state_ != ConnectionState::open) return std::unexpected(SendError::not_open);
  if (outgoing() != nullptr) return std::unexpected(SendError::message_in_progress);

  const bool compressed = deflater_ && payload.size() >= settings().deflate->min_message_size;
  std::vector<std::byte> deflated;
  if (compressed) {
    deflater_->deflate(payload, true, deflated);
    payload = deflated;
  }
  FrameHeader header{.rsv1 = compressed, .opcode = type};
  while (settings().fragment_size != 0 && payload.size() > settings().fragment_size) {
    header.fin = false;
    put_frame(header, payload.first(settings().fragment_size));
    payload = payload.subspan(settings().fragment_size);
    header = {.opcode = Opcode::continuation};
  }
  put_frame(header, payload);
  return {};
}

SendResult Connection::send_fragment(Opcode type, std::span<const std::byte> fragment, bool fin) {
  assert(is_data(type));
  if (state_ != ConnectionState::open) return std::unexpected(SendError::not_open);
  const Outgoing* const begun = outgoing();
  if (begun != nullptr && begun->type != type) {
    return std::unexpected(SendError::message_in_progress);
  }

  Outgoing next =
      begun != nullptr ? *begun : Outgoing{.type = type, .compressed = deflater_ != nullptr};
  if (type == Opcode::text && (!next.utf8.feed(fragment) || (fin && !next.utf8.is_complete()))) {
    return std::unexpected(SendError::text_not_utf8);
  }
  std::vector<std::byte> deflated;
  if (next.compressed) {
    deflater_->deflate(fragment, fin, deflated);
    fragment = deflated;
  }
  const bool is_first = begun == nullptr;
  put_frame({.fin = fin,
             .rsv1 = is_first && next.compressed,
             .opcode = is_first ? type : Opcode::continuation},
            fragment);
  if (!fin) {
    rare().outgoing = next;
  } else if (begun != nullptr) {
    rare_->outgoing.reset();
  }
  return {};
}

SendResult Connection::send_ping(std::span<const std::byte> payload) {
  return send_control(Opcode::ping, payload);
}

SendResult Connection::send_pong(std::span<const std::byte> payload) {
  return send_control(Opcode::pong, payload);
}

SendResult Connection::send_control(Opcode opcode, std::span<const std::byte> payload) {
  if (state_ != ConnectionState::open) return std::unexpected(SendError::not_open);
  if (payload.size() > kMaxControlPayload) {
    return std::unexpected(SendError::control_payload_too_long);
  }
  put_frame({.opcode = opcode}, payload);
  return {};
}

SendResult Connection::close(std::optional<CloseCode> code, std::string_view reason) {
  ClosePayload payload{.code = code, .reason = std::string(reason)};
  if (const auto checked = check_close_payload(payload); !checked) return checked;
  if (state_ == ConnectionState::connecting) {
    state_ = ConnectionState::closing;
    wish_ = TransportWish::end;
    return {};
  }
  if (state_ != ConnectionState::open) return std::unexpected(SendError::not_open);
  send_close_frame(payload);
  return {};
}

void Connection::send_close_frame(const ClosePayload& payload) {
  put_frame({.opcode = Opcode::close}, encode_close_payload(payload));
  close_sent_ = true;
  state_ = ConnectionState::closing;
}

void Connection::put_frame(FrameHeader header, std::span<const std::byte> payload) {
  if (role_ == Role::client) header.masking_key = client_->masking_keys();
  if (payload.size() <= kSmallPayload) {
    // In one piece, as most frames are small and it is growing that takes time.
    std::array<std::byte, kMaxFrameHeaderSize + kSmallPayload> frame;  // NOLINT: written below
    const std::size_t size = write_frame(header, payload, frame);
    output_.insert(output_.end(), frame.data(), frame.data() + size);
    return;
  }
  header.payload_length = payload.size();
  const EncodedFrameHeader encoded = encode_frame_header(header);
  output_.insert(output_.end(), encoded.bytes().begin(), encoded.bytes().end());
  if (!header.masking_key) {
    output_.insert(output_.end(), payload.begin(), payload.end());
    return;
  }
  const std::size_t payload_start = output_.size();
  output_.resize(payload_start + payload.size());
  copy_masked(payload, std::span(output_).subspan(payload_start), *header.masking_key);
}

void Connection::put_text(std::string_view text) {
  const auto bytes = bytes_of(text);
  output_.insert(output_.end(), bytes.begin(), bytes.end());
}

}  // namespace ws
