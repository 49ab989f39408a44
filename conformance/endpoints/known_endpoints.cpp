#include "conformance/endpoints/known_endpoints.hpp"

#include <boost/asio/ip/address.hpp>

#ifdef WSPROOF_STATIC
#include <nss.h>
#endif

namespace ws::conformance {

using boost::asio::ip::tcp;

std::vector<tcp::endpoint> known_endpoints(const std::string& host, std::uint16_t port) {
  if (host == "localhost") {
    return {{boost::asio::ip::address_v4::loopback(), port},
            {boost::asio::ip::address_v6::loopback(), port}};
  }
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host, error);
  if (error) return {};
  return {{address, port}};
}

void look_names_up_without_modules() {
#ifdef WSPROOF_STATIC
  __nss_configure_lookup("hosts", "files dns");
#endif
}

}  // namespace ws::conformance
