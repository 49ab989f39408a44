#include "bench/load/idle_load.hpp"

#include <istream>
#include <ostream>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <vector>

#include "bench/load/sockets.hpp"

namespace ws::bench {
namespace {

constexpr std::size_t kMessageSize = 20;
constexpr std::size_t kAtOnce = 100;

void await_echo(int socket, std::string_view expected) {
  std::string echo(expected.size(), '\0');
  const auto size = recv(socket, echo.data(), echo.size(), MSG_WAITALL);
  if (size < 0) check(-1, "recv");
  if (std::string_view(echo).substr(0, static_cast<std::size_t>(size)) != expected) {
    throw std::runtime_error("a connection that was idle does not echo");
  }
}

void echo_on_each(const std::vector<Descriptor>& connections, Protocol protocol) {
  const Traffic traffic = make_traffic(protocol, kMessageSize, 1);
  for (std::size_t done = 0; done < connections.size(); done += kAtOnce) {
    const std::size_t end = std::min(done + kAtOnce, connections.size());
    for (std::size_t i = done; i < end; ++i) {
      send_all(connections[i].get(), std::string_view(traffic.sent).substr(0, traffic.sent_size));
    }
    for (std::size_t i = done; i < end; ++i) {
      await_echo(connections[i].get(),
                 std::string_view(traffic.expected).substr(0, traffic.expected_size));
    }
  }
}

}  // namespace

void hold_idle(const IdleLoad& load, std::istream& commands, std::ostream& answers) {
  std::vector<Descriptor> connections;
  for (std::string command; std::getline(commands, command);) {
    if (command == "echo") {
      echo_on_each(connections, load.protocol);
    } else {
      const std::size_t wanted = std::stoul(command);
      if (wanted > connections.size()) {
        open_connections(connections, load.port, load.protocol, wanted - connections.size(),
                         load.first + connections.size());
      }
    }
    answers << "holding " << connections.size() << std::endl;
  }
}

}  // namespace ws::bench
