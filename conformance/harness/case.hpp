// A conformance case as data: what one side sends, and which reactions deserve which verdict.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "conformance/harness/compression.hpp"
#include "conformance/harness/data_set.hpp"
#include "conformance/harness/dialogue.hpp"
#include "conformance/harness/payload.hpp"
#include "impl/wire/opcode.hpp"
#include "impl/wire/role.hpp"

namespace ws::conformance {

/// A frame, legal or not. Its length is written in the shortest form; whether it is masked follows
/// from the harness's role.
struct Frame {
  bool fin = true;
  unsigned rsv = 0;  ///< the three bits as a number: 4 is RSV1, 2 RSV2, 1 RSV3
  Opcode opcode = Opcode::text;
  Payload payload{};
};

// Steps of a script.

/// Sends one frame.
struct SendFrame {
  Frame frame{};
  std::size_t chop = 0;    ///< bytes for each write; 0: in one piece
  bool own_write = false;  ///< in a write of its own, not together with its neighbours
};

/// Sends one message, cut into fragments of `fragment_size` bytes. The last fragment is empty if
/// the length is a multiple of it.
struct SendMessage {
  Opcode type = Opcode::text;
  Payload payload{};
  std::size_t fragment_size = 0;  ///< 0: in one frame
};

/// Starts the closing handshake.
struct SendClose {
  std::optional<std::uint16_t> code{};
  Payload reason{};  ///< without a code, the whole payload
};

/// Waits; with a tag, the end of the pause shows among the events of the case.
struct Pause {
  milliseconds length{};
  std::string tag{};
};

/// Sends the header of a text frame, not final, of `length` bytes, and the first of its payload.
struct BeginFrame {
  std::uint64_t length = 0;
  Payload payload{};
};

/// Sends more payload of the frame that BeginFrame began.
struct ContinueFrame {
  Payload payload{};
};

using Step = std::variant<SendFrame, SendMessage, SendClose, Pause, BeginFrame, ContinueFrame>;

/// What the harness does when nothing has ended the case in time. It is armed after the last step.
struct Timer {
  enum class Action { fail, close };
  Action action = Action::fail;
  milliseconds after{};
};

// Expectations.

/// Something that the harness received, or the end of a tagged pause.
struct LogEntry {
  enum class Kind { text, binary, pong, pause };
  Kind kind = Kind::text;
  Payload payload{};  ///< of a pause: its tag

  bool operator==(const LogEntry&) const = default;
};

struct Outcome {
  Grade grade = Grade::pass;
  std::vector<LogEntry> log{};  ///< everything received, in this order, and nothing else
};

/// Who is to close first.
enum class Closer { harness, peer };

struct Closing {
  Closer closer = Closer::harness;
  std::vector<std::uint16_t> codes{1000};  ///< accepted from the peer; no code is always accepted
  bool clean_required = true;
  bool wrong_closer_is_fatal = false;  ///< the behaviour verdict depends on it too
  bool wrong_code_is_fatal = false;    ///< likewise
  /// Close as soon as everything expected has come.
  bool closes_when_complete = true;
};

/// How the reply to a big message is judged by the compatible verdict: by type and length alone.
struct ReplyCheck {
  Opcode type = Opcode::text;
  std::uint64_t length = 0;
};

/// Sends a message, waits for the reply, and so on.
struct EchoLoop {
  int count = 0;
  Opcode type = Opcode::text;
  Payload payload{};              ///< of each message; or
  std::optional<DataSet> data{};  ///< slices of this, one after the other, of
  std::size_t units = 0;          ///< code points or bytes, see Data::slice
  std::size_t fragment_size = 0;  ///< bytes of the payload as sent; 0: in one frame
};

/// Cases whose verdict does not follow from the outcomes.
enum class Special {
  none,
  informational,  ///< nothing is judged (7.1.6, 7.13)
};

/// How much an endpoint is bound by what a case is about (RFC 2119).
enum class Level { must, should, may };

/// What an endpoint may lack; without it the case is `unsupported`. Most are found out by the case
/// itself: an offer that is declined, words that are echoed instead of understood.
enum class Need {
  deflate,
  control,
  subprotocol,
  origin_policy,
  message_limit,
  tls,
  sockets,  ///< real ones: what is seen is how an endpoint uses them
  process,  ///< it was started by the harness, which sees what it uses
  missing_resource,
  given_url,  ///< a client that is started with a URL of the harness's choice
};

/// The largest message that an endpoint takes, in bytes of its application.
struct MessageLimits {
  std::uint64_t frame = 0;     ///< in one frame
  std::uint64_t too_long = 0;  ///< a frame that is refused; mostly one byte more
  std::uint64_t message = 0;   ///< in many; beyond it every message is refused
  bool is_exact = true;        ///< or `message` is a guess on the safe side
  bool by_header = true;       ///< it is known that a header alone is refused
};

/// What the catalogue shows of cases that depend on limits.
inline constexpr MessageLimits kShownLimits{.frame = 65'536, .too_long = 65'537, .message = 65'536};

struct Case {
  std::string id{};  ///< never changes
  int number = 0;    ///< position in the catalogue, from 1; as Autobahn's for its cases
  std::string title{};
  std::string purpose{};
  std::vector<std::string> checks{};  ///< ids of conformance/requirements.json
  std::vector<Step> script{};
  std::optional<Timer> timer{};
  std::vector<Outcome> outcomes{};  ///< best first
  Closing closing{};
  std::optional<ReplyCheck> reply{};
  std::optional<EchoLoop> loop{};
  std::optional<Negotiation> negotiation{};  ///< permessage-deflate; the case needs it
  Special special = Special::none;

  std::optional<Role> only_for{};  ///< role of the endpoint; nothing: both
  Level level = Level::must;
  std::vector<Need> needs{};
  std::vector<std::string> tags{};
  bool inside_socket_io = false;  ///< played inside its framing (socket_io.hpp)
  bool alone = false;             ///< nothing else is played meanwhile
  /// A case beyond Autobahn's: this is what is played, and nothing of the above from `script` to
  /// `special` counts.
  std::optional<Dialogue> dialogue{};
  /// Connections before that of `dialogue`, one after the other, each left as its last step leaves
  /// it. They are not judged: nothing that is left of them may show later.
  std::vector<Dialogue> earlier{};
  /// Connections to a server that are open beside that of `dialogue`, and judged like it. At each
  /// Gather all of them wait for one another.
  std::vector<Dialogue> beside{};
  /// Makes the steps of `dialogue`, if they are too many to be kept for as long as the program
  /// runs; it has none then. See `complete`.
  std::function<std::vector<DialogueStep>()> late_steps{};
  /// Cases that offer a server the same in its plainest form, or each part of it: who takes it in
  /// all of them should take it here (same_offers.hpp).
  std::vector<std::string> same_offers{};
  /// The dialogue for an endpoint with these limits; nothing: `dialogue` is for all.
  std::function<Dialogue(const MessageLimits&)> for_limits{};
};

/// The tag of cases that are only played if their id or this tag is asked for.
inline constexpr const char* kOnRequest = "on-request";

inline bool needs(const Case& test, Need need) {
  return std::ranges::find(test.needs, need) != test.needs.end();
}

/// Whether `test` is for programs alone: an endpoint in this process has no sockets, and there is
/// nobody to tell what it was set up with.
inline bool is_for_programs(const Case& test) {
  return std::ranges::any_of(test.needs, [](Need need) {
    return need == Need::sockets || need == Need::process || need == Need::tls ||
           need == Need::origin_policy || need == Need::missing_resource || need == Need::given_url;
  });
}

/// Whether `test` is meant for an endpoint of this role.
inline bool is_for(const Case& test, Role endpoint) {
  return !test.only_for || *test.only_for == endpoint;
}

/// `test` with all its steps, as whoever plays, judges or reads it needs it. One that has them is
/// not copied, and has to outlive what is returned.
std::shared_ptr<const Case> complete(const Case& test);

/// Throws std::logic_error if the steps of `test` were not made: without them it would pass
/// everybody.
void require_complete(const Case& test);

}  // namespace ws::conformance
