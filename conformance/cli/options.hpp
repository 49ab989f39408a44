// What the command line says, for all commands of wsproof.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/endpoints/client_runner.hpp"
#include "conformance/harness/case.hpp"
#include "conformance/harness/judge.hpp"
#include "conformance/harness/transcript.hpp"
#include "impl/wire/role.hpp"

namespace ws::conformance {

// Exit statuses.
inline constexpr int kPassed = 0;
inline constexpr int kFailed = 1;
inline constexpr int kUsage = 2;
inline constexpr int kEndpointDead = 3;
inline constexpr int kHarnessError = 4;

/// One of several parts that a run is split into.
struct Shard {
  std::size_t index = 1;  ///< from 1
  std::size_t count = 1;
};

/// How much a run prints.
enum class Verbosity { quiet, normal, verbose };

struct Options {
  // Which cases.
  std::string case_file{};  ///< whose cases are meant, in place of the catalogue's
  std::vector<std::string> cases{};
  std::vector<std::string> excluded{};
  std::string shard{};  ///< I/N
  std::vector<std::string> tags{};
  std::vector<Level> levels{};
  bool quick = false;  ///< what takes long is left out, and each case is played in one way

  // What is printed and written.
  std::string name{};
  std::string version{};
  std::string language{};
  std::string json{};
  std::string junit{};
  std::string tap{};
  std::string markdown{};
  std::string html{};
  std::string badge{};
  std::string autobahn{};  ///< a directory
  bool github = false;
  Verbosity verbosity = Verbosity::normal;
  std::string color = "auto";

  // What counts as failed.
  FailOn fail_on = FailOn::must;
  std::string baseline{};
  std::string new_baseline{};  ///< of --update-baseline

  std::uint64_t seed = 0;
  int jobs = 0;
  double case_timeout = 60;   ///< seconds
  double ready_timeout = 10;  ///< seconds
  std::string url{};
  std::string listen{};   ///< [HOST:]PORT or unix:FILE
  std::string spawn{};    ///< the command of the endpoint
  std::string profile{};  ///< what is spoken above WebSocket: "socket.io", or nothing
  std::string id{};

  // TLS.
  bool tls = false;           ///< with clients; with servers the URL says so
  std::string ca{};           ///< of a server: what its certificate is verified against
  std::string certificate{};  ///< for clients; made if it is not given, as are
  std::string key{};
  std::string tls_name{};  ///< for which a server's certificate has to be, and is verified

  // Seconds; Autobahn's, if they are not given.
  std::optional<double> open_timeout{};
  std::optional<double> close_timeout{};
  std::optional<double> drop_timeout{};

  // Of a replay.
  std::optional<Segmentation> segmentation{};
  std::shared_ptr<const WireTap> wire_tap{};
  bool checks_liveness = true;

  // When a run ends, and how often it is played.
  bool fail_fast = false;
  int repeat = 1;
  std::string origin{};           ///< that the server takes, and no other; empty: not known
  std::string missing{};          ///< a resource that it does not have
  std::uint64_t max_message = 0;  ///< bytes that the endpoint takes; 0: not known
  bool until_fail =
      false;               ///< play again until a case fails, at most `repeat` times if that is set
  double run_timeout = 0;  ///< seconds; 0: none
  double idle_timeout = 60;  ///< seconds without any client; 0: none
};

/// An option's seconds as a time.
Time time_of(double seconds);

/// Seconds for people, such as "0.5 s".
std::string format_seconds(double seconds);

/// Reads "9001", "localhost:9001", "[::1]:9001" or "unix:FILE". Returns: nothing if it is none of
/// them.
std::optional<ListenAddress> parse_listen(std::string_view text);

/// Reads "I/N". Throws CLI::ValidationError.
Shard parse_shard(const std::string& text);

/// All that can be selected: the catalogue, or what the case file has. Errors: InputError.
const std::vector<Case>& known_cases(const Options& options);

/// The one of them with `id`; null if there is none. Errors: InputError.
const Case* find_known_case(const Options& options, std::string_view id);

/// The cases that the options mean. Throws CLI::ValidationError for a pattern that means none.
std::vector<const Case*> selected(const Options& options, std::optional<Role> endpoint = {});

}  // namespace ws::conformance
