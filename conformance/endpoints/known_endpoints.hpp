// Addresses that no resolver is needed for.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <string>
#include <vector>

namespace ws::conformance {

/// Those of a host in numbers, and of localhost, which has the same ones everywhere (RFC 6761
/// section 6.3), also where there is nothing that a name could be looked up in.
///
/// Returns: none for any other name.
std::vector<boost::asio::ip::tcp::endpoint> known_endpoints(const std::string& host,
                                                            std::uint16_t port);

/// A program that is linked statically cannot load what the machine has for looking names up: it
/// asks /etc/hosts and DNS alone. Does nothing where the C library is loaded with the program.
void look_names_up_without_modules();

}  // namespace ws::conformance
