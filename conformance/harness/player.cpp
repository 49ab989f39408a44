#include "conformance/harness/player.hpp"

#include "conformance/harness/autobahn_player.hpp"
#include "conformance/harness/dialogue_player.hpp"
#include "conformance/harness/recutter.hpp"
#include "conformance/harness/socket_io.hpp"

namespace ws::conformance {

std::string_view to_string(Segmentation segmentation) {
  switch (segmentation) {
    case Segmentation::whole:
      return "whole";
    case Segmentation::bytes:
      return "bytes";
    case Segmentation::random:
      return "random";
  }
  return {};
}

std::unique_ptr<Player> make_player(const Case& test, const PlayerSettings& settings) {
  if (test.inside_socket_io) {
    return std::make_unique<SocketIoPlayer>(std::make_unique<AutobahnPlayer>(test, settings),
                                            settings);
  }
  if (!test.dialogue) return std::make_unique<AutobahnPlayer>(test, settings);
  require_complete(test);
  return std::make_unique<Recutter>(std::make_unique<DialoguePlayer>(test, settings), settings);
}

}  // namespace ws::conformance
