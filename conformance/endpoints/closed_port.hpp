// A port that nobody listens at.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>

namespace ws::conformance {

/// A port of this machine that refuses connections as long as this lives: it is taken, so that
/// nobody else listens there, and nobody listens.
class ClosedPort {
 public:
  /// Throws std::system_error if no port is left.
  ClosedPort() : socket_(context_, {boost::asio::ip::address_v4::loopback(), 0}) {}

  std::uint16_t number() const { return socket_.local_endpoint().port(); }

 private:
  boost::asio::io_context context_{1};
  boost::asio::ip::tcp::socket socket_;  // bound, and no more
};

}  // namespace ws::conformance
