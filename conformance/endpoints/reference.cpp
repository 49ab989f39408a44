#include "conformance/endpoints/reference.hpp"

#include <random>
#include <utility>

#include "impl/connection/connection.hpp"

namespace ws::conformance {
namespace {

ClientSettings client_settings(const ConnectionSettings& settings, unsigned seed) {
  ClientSettings client{.connection = settings,
                        .offer = {.uri = {.host = "127.0.0.1", .port = 9001, .resource = "/"},
                                  .subprotocols = {"chat", "superchat"}}};
  std::mt19937 random(seed);  // repeatable: these connections never leave the process
  for (std::byte& byte : client.offer.nonce) byte = static_cast<std::byte>(random());
  client.masking_keys = [random]() mutable {
    MaskingKey key{};
    for (std::byte& byte : key) byte = static_cast<std::byte>(random());
    return key;
  };
  return client;
}

class Reference : public Endpoint {
 public:
  explicit Reference(Connection connection) : connection_(std::move(connection)) {}

  void receive(Time /*now*/, std::span<const std::byte> read) override {
    while (!read.empty()) {
      read = connection_.receive(read);
      for (const Event& event : connection_.take_events()) {
        const auto* message = std::get_if<MessageReceived>(&event);
        if (message == nullptr) continue;
        // A message that comes while closing has no echo.
        if (message->type == Opcode::binary) {
          static_cast<void>(connection_.send_binary(message->payload));
        } else {
          static_cast<void>(connection_.send_text(
              {reinterpret_cast<const char*>(message->payload.data()), message->payload.size()}));
        }
      }
    }
  }

  void end() override { connection_.receive_end(); }

  std::string take_output() override {
    const auto output = connection_.take_output();
    return {reinterpret_cast<const char*>(output.data()), output.size()};
  }

  Drop drop() const override {
    return connection_.transport_wish() == TransportWish::end ? Drop::finish : Drop::none;
  }

 private:
  Connection connection_;
};

}  // namespace

std::unique_ptr<Endpoint> make_reference(Role role, const ConnectionSettings& settings,
                                         unsigned seed) {
  return role == Role::server
             ? std::make_unique<Reference>(Connection(ServerSettings{.connection = settings}))
             : std::make_unique<Reference>(Connection(client_settings(settings, seed)));
}

}  // namespace ws::conformance
