// Connects to a server.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>

#include "conformance/endpoints/stream.hpp"
#include "conformance/endpoints/target.hpp"
#include "conformance/harness/transcript.hpp"
#include "impl/transport/tls_context.hpp"

namespace ws::conformance {

/// Called with an open stream, or with none and why there is none.
using OnDialed = std::function<void(std::shared_ptr<Stream> stream, const std::string& error)>;

/// Connects to `target`, trying each address that its host has, with TLS if `tls` is there, which
/// has to stay as long as the stream. Calls `on_dialed` once, within `limit`. `tap`
/// may be null.
void dial(boost::asio::io_context& context, const Target& target, const TlsContext* tls, Time limit,
          OnDialed on_dialed, std::shared_ptr<const WireTap> tap = nullptr);

}  // namespace ws::conformance
