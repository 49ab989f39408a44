// The client's side of the protocol by which Autobahn|Testsuite's fuzzing server tests a client:
// each request's path and query say what it is for.
#pragma once

#include <boost/asio/io_context.hpp>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "impl/connection/settings.hpp"
#include "impl/handshake/uri.hpp"
#include "impl/transport/tls_context.hpp"
#include "impl/transport/transport_settings.hpp"

namespace ws::apps {

struct AutobahnOptions {
  Uri server{};                      ///< its path is not used
  std::string agent{};               ///< the name under which the server files the results
  std::vector<std::string> cases{};  ///< "7", "7-12" or "1.1.1"; empty: all
  std::vector<std::string> subprotocols{};
  bool control = false;  ///< obeys requests of conformance/CONTROL.md
  ConnectionSettings connection{};
  TransportSettings transport{};
  std::shared_ptr<const TlsContext> tls{};
};

/// The queries that select what `cases` says, such as "case=7" or "casetuple=1.1.1".
///
/// Errors: the element that is none of the three forms.
std::expected<std::vector<std::string>, std::string> parse_case_selection(
    const std::vector<std::string>& cases);

/// Runs the cases one after the other, echoing every message, then has the reports written.
///
/// Reports progress on standard output.
/// Errors: what could not be done, for a person. What the server thinks of the echoes is no error.
std::expected<void, std::string> run_autobahn_client(boost::asio::io_context& context,
                                                     const AutobahnOptions& options);

}  // namespace ws::apps
