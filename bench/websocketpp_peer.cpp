#include "bench/websocketpp_peer.hpp"

#include <cstdint>
#include <cstring>
#include <websocketpp/config/core.hpp>
#include <websocketpp/processors/hybi13.hpp>

namespace ws::bench {
namespace {

struct Config : websocketpp::config::core {
  /// "Generates" the same key always.
  struct rng_type {  // NOLINT(readability-identifier-naming): as websocketpp calls it
    std::uint32_t operator()() const { return key; }
    std::uint32_t key = 0;
  };
};

constexpr auto kBinary = websocketpp::frame::opcode::BINARY;

}  // namespace

struct WebsocketppPeer::Parts {
  explicit Parts(bool is_server) : processor(false, is_server, messages, random) {}

  Config::rng_type random{};
  std::shared_ptr<Config::con_msg_manager_type> messages =
      std::make_shared<Config::con_msg_manager_type>();
  websocketpp::processor::hybi13<Config> processor;
  Config::message_type::ptr message = messages->get_message(kBinary, 0);
  Config::message_type::ptr encoded = messages->get_message(kBinary, 0);
};

WebsocketppPeer::WebsocketppPeer(bool is_server, std::array<std::byte, 4> key)
    : parts_(std::make_unique<Parts>(is_server)) {
  std::memcpy(&parts_->random.key, key.data(), key.size());
}

WebsocketppPeer::~WebsocketppPeer() = default;

bool WebsocketppPeer::decode(std::byte* stream, std::size_t size, const Take& take) {
  auto* bytes = reinterpret_cast<std::uint8_t*>(stream);
  websocketpp::lib::error_code error;
  for (std::size_t taken = 0; taken < size;) {
    taken += parts_->processor.consume(bytes + taken, size - taken, error);
    if (error) return false;
    if (!parts_->processor.ready()) continue;
    const auto message = parts_->processor.get_message();
    const std::string& payload = message->get_payload();
    take(reinterpret_cast<const std::byte*>(payload.data()), payload.size());
  }
  return true;
}

bool WebsocketppPeer::encode(const std::byte* payload, std::size_t size) {
  parts_->message->get_raw_payload().assign(reinterpret_cast<const char*>(payload), size);
  return !parts_->processor.prepare_data_frame(parts_->message, parts_->encoded);
}

std::vector<std::byte> WebsocketppPeer::frame() const {
  const std::string text = parts_->encoded->get_header() + parts_->encoded->get_payload();
  std::vector<std::byte> frame(text.size());
  std::memcpy(frame.data(), text.data(), text.size());
  return frame;
}

bool WebsocketppPeer::accept(std::string_view request) const {
  Config::request_type parser;
  parser.consume(request.data(), request.size());
  return parser.ready() && websocketpp::processor::is_websocket_handshake(parser) &&
         !parts_->processor.validate_handshake(parser);
}

}  // namespace ws::bench
