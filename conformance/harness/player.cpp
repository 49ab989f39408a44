#include "conformance/harness/player.hpp"

#include "conformance/harness/autobahn_player.hpp"

namespace ws::conformance {

std::unique_ptr<Player> make_player(const Case& test, const PlayerSettings& settings) {
  return std::make_unique<AutobahnPlayer>(test, settings);
}

}  // namespace ws::conformance
