// Connections besides the one of a dialogue, as it asks for them.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>

#include "conformance/endpoints/target.hpp"
#include "conformance/harness/errand.hpp"
#include "conformance/harness/player.hpp"
#include "impl/transport/tls_context.hpp"

namespace ws::conformance {

struct CrowdSettings {
  Target target{};
  const TlsContext* tls = nullptr;  ///< has to stay; null: none
  PlayerSettings player{};          ///< of each connection
  Time limit{};                     ///< of each
};

/// Makes the connections of `crowd`, and calls `done` when the last of them is over. After one that
/// is not served no more are made.
void gather_crowd(boost::asio::io_context& context, const Crowd& crowd,
                  const CrowdSettings& settings, std::function<void(const ErrandReport&)> done);

}  // namespace ws::conformance
