// Any frames, sent to our connection and to one of Boost.Beast: the same messages and control
// frames, and both go on or both fail, but for the differences listed in BEAST_DIFFERENCES.md.
#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/beast/_experimental/test/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <string>
#include <vector>

#include "conformance/oracle/messages.hpp"
#include "conformance/oracle/utf8.hpp"
#include "fuzz/connection_checks.hpp"
#include "fuzz/fuzz_input.hpp"

namespace ws::fuzz {
namespace {

namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;

constexpr std::size_t kMaxMessage = 4096;

enum class Ending { still_open, closed, failed };

struct Heard {
  std::vector<oracle::Received> received{};  // Close frames have no payload here
  Ending ending = Ending::still_open;
};

std::vector<std::byte> bytes_of(beast::string_view text) {
  const auto bytes = std::as_bytes(std::span(text.data(), text.size()));
  return {bytes.begin(), bytes.end()};
}

/// What a connection of Beast in `role` hears in `stream`, which it reads in pieces of `read_size`.
Heard run_beast(Role role, std::string_view stream, std::size_t read_size) {
  boost::asio::io_context io;
  beast::test::stream client_end(io);
  beast::test::stream server_end = beast::test::connect(client_end);
  websocket::stream<beast::test::stream> client(std::move(client_end));
  websocket::stream<beast::test::stream> server(std::move(server_end));
  client.async_handshake("a", "/", [](beast::error_code ec) { require(!ec, "Beast connects"); });
  server.async_accept([](beast::error_code ec) { require(!ec, "Beast accepts"); });
  io.run();

  Heard heard;
  auto& connection = role == Role::client ? client : server;
  connection.read_message_max(kMaxMessage);
  connection.control_callback([&](websocket::frame_type type, beast::string_view payload) {
    if (type == websocket::frame_type::close) {
      heard.received.push_back({.opcode = Opcode::close});
    } else {
      heard.received.push_back(
          {type == websocket::frame_type::ping ? Opcode::ping : Opcode::pong, bytes_of(payload)});
    }
  });
  auto& end = connection.next_layer();
  end.read_size(read_size);
  end.append({stream.data(), stream.size()});
  end.close_remote();

  while (true) {
    beast::flat_buffer buffer;
    beast::error_code ec;
    connection.read(buffer, ec);
    if (ec == boost::asio::error::eof) return heard;
    if (ec) {
      heard.ending = ec == websocket::error::closed ? Ending::closed : Ending::failed;
      return heard;
    }
    const auto data = buffer.cdata();
    heard.received.push_back({connection.got_text() ? Opcode::text : Opcode::binary,
                              bytes_of({static_cast<const char*>(data.data()), data.size()})});
  }
}

/// The same of ours; the oracle's reception is what the connection targets hold ours to.
Heard run_ours(const oracle::Reception& reception) {
  Heard heard{.received = reception.received};
  if (reception.broken) heard.ending = Ending::failed;
  if (!heard.received.empty() && heard.received.back().opcode == Opcode::close) {
    heard.received.back().payload.clear();
    heard.ending = Ending::closed;
  }
  return heard;
}

/// The code of the first Close frame in `stream`; 0 if there is none.
unsigned find_close_code(std::span<const std::byte> stream, Role sender) {
  for (const auto& frame : oracle::decode_frames(stream, {.sender = sender}).frames) {
    if (frame.opcode != Opcode::close) continue;
    if (frame.payload.size() < 2) return 0;
    return std::to_integer<unsigned>(frame.payload[0]) * 256 +
           std::to_integer<unsigned>(frame.payload[1]);
  }
  return 0;
}

std::vector<oracle::Received> without_close(std::vector<oracle::Received> received) {
  std::erase_if(received, [](const auto& each) { return each.opcode == Opcode::close; });
  return received;
}

/// True if all that we heard is what Beast heard first, and the next that Beast heard is a text
/// that ends inside a character, with an empty fragment as its last.
bool is_text_ended_by_nothing(const Heard& ours, const Heard& beast,
                              const oracle::Reception& reception, Role role,
                              std::string_view stream) {
  const std::size_t heard = ours.received.size();
  if (!reception.broken || beast.received.size() <= heard) return false;
  const oracle::Received& next = beast.received[heard];
  if (next.opcode != Opcode::text || oracle::is_valid_utf8(next.payload)) return false;
  if (!std::ranges::equal(ours.received, std::span(beast.received).first(heard))) return false;
  const auto frames =
      oracle::decode_frames(std::as_bytes(std::span(stream)), {.sender = peer_of(role)}).frames;
  return std::ranges::any_of(frames, [](const auto& frame) {
    return frame.opcode == Opcode::continuation && frame.fin && frame.payload.empty();
  });
}

/// True for a difference that BEAST_DIFFERENCES.md explains.
bool is_explained(const Heard& ours, const Heard& beast, const oracle::Reception& reception,
                  Role role, std::string_view stream, std::size_t read_size) {
  if (is_text_ended_by_nothing(ours, beast, reception, role, stream)) return true;
  if (without_close(ours.received) != without_close(beast.received)) return false;

  // Close codes: Beast takes 5000 and above, and refuses 1014.
  const unsigned code = find_close_code(std::as_bytes(std::span(stream)), peer_of(role));
  if (code == 1014 && ours.ending == Ending::closed) return beast.ending == Ending::failed;
  if (code >= 5000 && reception.broken && reception.broken->rule == "illegal_close_code") {
    return beast.ending == Ending::closed;
  }
  // Beast looks at nothing in a header, or in a control frame, before all of it is there.
  if (ours.ending == Ending::failed && beast.ending == Ending::still_open) {
    return run_beast(role, std::string(stream) + std::string(256, '\0'), read_size).ending ==
           Ending::failed;
  }
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzInput input(data, size);
  const Role role = input.take_role();
  const std::size_t read_size = 1 + input.take_byte();
  const auto reception = oracle::read_messages(
      input.rest(), {.sender = peer_of(role), .max_message_size = kMaxMessage});
  const Heard ours = run_ours(reception);
  const Heard beast = run_beast(role, input.rest_as_text(), read_size);

  require((ours.received == beast.received && ours.ending == beast.ending) ||
              is_explained(ours, beast, reception, role, input.rest_as_text(), read_size),
          "Beast hears the same");
  return 0;
}

}  // namespace ws::fuzz
