// A server: listens, makes a session of each connection, and stops gracefully.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "impl/connection/settings.hpp"
#include "impl/transport/session.hpp"
#include "impl/transport/tls_context.hpp"
#include "impl/transport/transport_settings.hpp"

namespace ws {

struct ServerOptions {
  /// An IP address, or a name, of which every address is listened on. "::" takes IPv4 too.
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;           ///< 0: one that the system chooses, the same for all addresses
  std::size_t max_connections = 0;  ///< those beyond it are answered with 503; 0: no limit
  std::optional<TlsServerSettings> tls{};
  ServerSettings websocket{};
  TransportSettings transport{};
};

class Server {
 public:
  /// Listens at once: connections wait in the kernel until `start`. They are shared out among
  /// `executors`, each of which must run one handler at a time; the first one also accepts.
  ///
  /// `handler` is called on the executor of its session. Throws std::runtime_error if the
  /// certificate, the key, the host or the port cannot be used.
  Server(std::vector<boost::asio::any_io_executor> executors, ServerOptions options,
         EventHandler handler);

  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Stops accepting. Sessions go on.
  ~Server();

  std::uint16_t port() const;

  /// Such as "ws://127.0.0.1:9001/".
  std::string url() const;

  /// Connections that have not ended.
  std::size_t connections() const;

  void start();

  /// Stops accepting, closes every session with 1001, and cuts those that are left after `limit`.
  /// `on_stopped` is called on the first executor once none is left. Only the first call counts.
  void stop(std::chrono::milliseconds limit, std::function<void()> on_stopped);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace ws
