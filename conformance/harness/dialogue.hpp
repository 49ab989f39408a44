// A conversation as data: the opening handshake as it is to stand on the wire, then steps in which
// the harness sends or waits for one of several reactions, each with its grade.
//
// What is sent may break any rule. What is received is judged reaction by reaction; besides, every
// byte of the peer has to keep the rules of the wire.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "conformance/harness/compression.hpp"
#include "conformance/harness/errand.hpp"
#include "conformance/harness/payload.hpp"
#include "conformance/harness/tls_plan.hpp"
#include "conformance/oracle/raw_frame.hpp"
#include "impl/wire/opcode.hpp"

namespace ws::conformance {

using std::chrono::milliseconds;

/// What a reaction deserves, best first.
enum class Grade { pass, informational, non_strict, fail };

/// The head of a request or response, line by line. In all its texts these stand for what is known
/// only when it is sent:
/// `{host}` and `{resource}` of the target; `{key}` a good key, in a response the client's;
/// `{accept}` the right answer to the key received, `{accept-swapped}` with the letters' case
/// swapped, `{accept-first-N}` cut, `{accept-from-N}` the rest of it, `{accept-changed-N}` with
/// another digit; `{accept-of-other}` that to another key; `{extension}` the element that answers
/// the offers as wanted; `{origin}` one that the server takes, and `{missing}` a resource that it
/// does not have; `{protocol}` and `{last-protocol}` subprotocols that the client offered, without
/// which the case is unsupported; `{protocol-swapped}` the first with the letters' case swapped;
/// `{unoffered-extension}`, `{unasked-client-window}` and `{larger-server-window}` elements that
/// its offers do not allow (ForbiddenAnswers), likewise; `{fill-N}`, once, as many letters as make
/// the head N bytes long.
struct Head {
  std::string before{};  ///< in front of the start line
  std::string start{};   ///< without its line end
  std::vector<std::string> lines{};
  std::string line_end = "\r\n";
  std::string end = "\r\n";  ///< the empty line; may be left out
  std::string behind{};      ///< whatever follows the head in the same write

  /// The same with `line` at the end.
  Head with(std::string_view line) const;
  /// The same with the field's line, if it has one, replaced in its place; else at the end.
  Head set(std::string_view name, std::string_view value) const;
  /// The same without the lines of a field.
  Head without(std::string_view name) const;
  /// The same with the fields' names in another letter case.
  Head with_lower_names() const;
  Head with_upper_names() const;
  Head started(std::string_view start_line) const;
  Head followed_by(std::string_view bytes) const;
};

/// A request that every server has to accept.
Head good_request();

/// The response that every client has to accept.
Head good_response();

// Steps that send.

/// A frame in any form.
struct PutFrame {
  enum class Masking {
    by_role,   ///< as the harness's role demands
    reversed,  ///< a client's frame unmasked, a server's masked
    key,       ///< a client's frame with `key`; a server's unmasked
  };
  bool fin = true;
  unsigned rsv = 0;     ///< 4 is RSV1, 2 RSV2, 1 RSV3
  unsigned opcode = 1;  ///< 0 to 15
  Payload payload{};
  oracle::LengthForm form = oracle::LengthForm::shortest;
  std::optional<std::uint64_t> announced{};  ///< length in the header, instead of the payload's
  Masking masking = Masking::by_role;
  std::array<std::uint8_t, 4> key{};
  std::size_t cut = 0;  ///< bytes of the frame in a write of their own; a pause follows
  /// The rest comes in pieces of this many bytes; 0: as a whole.
  std::size_t piece = 0;
  milliseconds piece_pause{};  ///< between them; 0: as between the writes of any cut
};

/// A message as a whole.
struct PutMessage {
  enum class Coding {
    plain,
    compressed,  ///< by the harness's compressor, if permessage-deflate was agreed on
    given,       ///< `deflated` goes out in its place, with RSV1
  };
  Opcode type = Opcode::text;
  Payload payload{};
  std::vector<std::uint64_t> fragments{};  ///< lengths, as sent, of all fragments but the last
  Coding coding = Coding::plain;
  Payload deflated{};
};

/// Messages or Pings without a pause, as long as the peer takes them. Each message is another one.
struct Flood {
  Opcode type = Opcode::binary;
  std::size_t size = 0;     ///< bytes of each payload
  std::uint64_t count = 0;  ///< of them
  /// Without progress, after which the peer has stopped reading. Not a whole second: whoever gives
  /// up a write after one is to have done so, or there are two verdicts by chance.
  milliseconds patience{1500};
  milliseconds longest{8000};  ///< after which no more is sent
};

/// Any bytes.
struct PutBytes {
  Payload bytes{};
};

/// A Close frame; the first starts the closing handshake.
struct PutClose {
  std::optional<std::uint16_t> code{1000};
  Payload reason{};
};

/// One more request on the same connection; only after an answer that was no upgrade.
class PutRequest {
 public:
  explicit PutRequest(Head head) : head_(std::make_shared<const Head>(std::move(head))) {}
  const Head& head() const { return *head_; }

 private:
  std::shared_ptr<const Head> head_;  // large, and rare among the steps
};

/// Asks an endpoint that knows the control convention (conformance/CONTROL.md) to do something.
/// One that echoes the words does not know it; the case is `unsupported` then.
struct Ask {
  std::string words{};  ///< without "x-wsproof "
};

/// Nothing is sent for a while, reactions are collected.
struct Rest {
  milliseconds length{};
};

/// Ends the harness's side of TCP and reads on.
struct HalfClose {};

/// Resets TCP; the dialogue is over.
struct Reset {};

/// From here on nothing is read from the socket; or it is again.
struct Reading {
  bool on = true;
  std::size_t piece = 0;  ///< bytes that are read at a time; 0: whatever is there
  milliseconds pause{};   ///< between two reads
};

// The step that waits.

/// Something that the peer may do.
struct Reaction {
  enum class Kind {
    upgraded,  ///< a 101 that is right in everything; as a server: the request
    refused,   ///< another status, one of `codes` (any of 300 to 599, if there are none)
    message,   ///< `type` and `payload`
    echoes,    ///< of all that a Flood has sent, in order
    pong,      ///< `payload`
    ping,      ///< `payload`, or any
    close,     ///< with one of `codes`; kNoCode: a Close without a code; none listed: any legal one
    end,       ///< TCP ends without a Close
    reset,     ///< likewise, by a reset
    silence,   ///< nothing of all that, until the time is up
  };
  Grade grade = Grade::pass;
  Kind kind = Kind::silence;
  Opcode type = Opcode::text;
  std::optional<Payload> payload{};  ///< any, if not given; of a close: the reason
  std::vector<std::uint16_t> codes{};
  SharedText field{};  ///< that an answer has to have, or "name: one of its elements"
  SharedText why{};    ///< what the reaction means; empty: as it stands
  SharedText source{};
  bool goes_on = false;  ///< of a Pong: it counts, but the wait goes on for another reaction
};

inline constexpr std::uint16_t kNoCode = 0;

/// Waits for one of several reactions. The first that fits decides; none fitting is a failure.
struct Expect {
  std::vector<Reaction> any{};
  milliseconds within{5000};  ///< a machine may be busy, so silence is told from slowness late
  SharedText source{};        ///< of the rule that is broken when nothing fits
  bool prompt = false;        ///< of a Pong: that a message came before it is a SHOULD missed
};

/// Whether such a reaction is among those that are waited for.
bool awaits(const Expect& expect, Reaction::Kind kind);

using DialogueStep = std::variant<PutFrame, PutMessage, Flood, PutBytes, PutClose, PutRequest, Ask,
                                  Rest, HalfClose, Reset, Reading, Measure, Crowd, Visitors, Gather,
                                  Abandon, Standstill, TlsAct, Expect>;

/// From one sample to another, by their names.
struct Span {
  std::string from{};
  std::string to{};
};

/// What a dialogue's samples have to be like.
struct ResourceRule {
  enum class Kind {
    memory,       ///< less is kept than most of what a flood brought
    growth,       ///< of the processor's time: that of `larger` is less than `most` times `spans`'
    idleness,     ///< there is a span in which the endpoint did nothing for most of the time
    descriptors,  ///< no more than `most` are open at the end than at the beginning
  };
  Kind kind = Kind::memory;
  std::vector<Span> spans{};
  std::vector<Span> larger{};
  std::uint64_t most = 0;
  std::string why{};  ///< what it means that the rule is broken
  std::string source{};
};

/// How the URL that a client is started with differs from a plain one.
struct GivenUrl {
  bool upper_scheme = false;    ///< WS or WSS
  bool no_path = false;         ///< the query follows the port
  std::string path{};           ///< in place of the usual one
  std::string more{};           ///< behind its query
  std::string requested{};      ///< what the request has in place of that
  bool may_be_refused = false;  ///< whoever takes URIs alone does not go there
  bool is_invalid = false;      ///< nobody may go there
  std::string host{};           ///< instead of the address; it leads to this machine
  std::string host_field{};     ///< what the request has to name then, without the port
  std::string behind_port{};    ///< of the URL
  unsigned port_offset = 0;     ///< is added to the port
  bool is_closed = false;       ///< nobody listens at its port
};

struct Dialogue {
  /// The harness's head, by its role. Nothing: the good one, with the offers of `deflate`.
  std::optional<Head> request{};
  std::optional<Head> response{};
  /// As a client, what has to come back. A dialogue goes on after an upgrade alone, or, after a
  /// refusal, if its next step is a request, or waits for an upgrade: that is the answer to a
  /// request that came with the first, whose head is then `before` the other.
  Expect answer{.any = {{.kind = Reaction::Kind::upgraded}}, .within = milliseconds(5000)};
  /// Besides, that the peer keeps its window from message to message.
  bool needs_context_takeover = false;
  /// The response is written after a while.
  milliseconds response_after{};
  /// The harness's head is written in pieces of this many bytes, a pause before each but the first;
  /// 0: as a whole.
  std::size_t head_piece = 0;
  milliseconds head_pause{};
  /// What the peer uses is measured before and after each pause of the harness's head, that before
  /// the response included: "pause 1", "pause 1 over", "pause 2" and so on.
  bool measures_pauses = false;
  std::optional<Negotiation> deflate{};  ///< the case needs it to be agreed on
  std::vector<DialogueStep> steps{};
  /// Bytes of a message that the peer is known to take: 1009 for no more than that is a fault, and
  /// for more a limit that the case does not fit into.
  std::uint64_t takes = 1024;
  /// A Close of the peer is left to the steps: it is not answered, and they go on.
  bool keeps_close_open = false;
  /// Pings of the peer are left to the steps: otherwise each is answered.
  bool leaves_pings = false;
  /// The harness sends what it must not send yet, frames before the answer to its request (section
  /// 4.1). No rule says what becomes of them, so whatever the steps find misses a SHOULD at worst.
  bool sends_too_early = false;
  /// False: the response is none that opens, so a client may send its next HTTP request behind it.
  bool opens = true;
  /// The dialogue has cuts of its own, so it is played as it stands alone.
  bool own_cuts = false;
  /// What a client has to choose at random is compared over the plays of the case.
  bool compares_connections = false;
  /// The request has to have the origin that the settings name.
  bool has_origin = false;
  std::vector<ResourceRule> resources{};
  std::optional<GivenUrl> url{};
  std::optional<TlsPlan> tls{};  ///< over TLS, which the case needs then
  /// What a failed TLS handshake deserves, and one that succeeds.
  Grade tls_refused = Grade::fail;
  Grade tls_accepted = Grade::pass;
  std::string tls_source{};
};

/// One line for people.
std::string explain_head(const Head& head);
std::string explain_step(const DialogueStep& step);
std::string explain_reaction(const Reaction& reaction);

// What dialogues are written with.

/// A frame of a kind that is legal, unless changed.
PutFrame frame(Opcode opcode, Payload payload);

/// The code of Close frames that are illegal for another reason: nobody fails a connection with it,
/// so whoever answers it has taken the Close for a legal one.
inline constexpr std::uint16_t kCloseProbe = 4321;

/// The payload of the message of that index in a Flood, the same of each Ping.
Payload flood_payload(const Flood& flood, std::uint64_t index);

Expect expect_message(Opcode type, Payload payload);
Expect expect_pong(Payload payload);

/// The peer has to fail the connection: with one of `codes`; with another legal one, without one or
/// without a Close it misses a SHOULD. To go on, or to answer anything else, is a failure.
Expect expect_failure(std::vector<std::uint16_t> codes = {1002},
                      std::string source = "RFC 6455 7.1.7");

/// The answer to a Close: the same code or 1000; any other or none is less than usual.
Expect expect_close_answer(std::optional<std::uint16_t> code);

/// Nothing comes for a while.
Expect expect_silence(milliseconds length = milliseconds(150));

/// A client that must not go on after a bad response: it ends TCP, and sends no frame.
Expect expect_abandoned(std::string source = "RFC 6455 4.1");

/// Reactions of a server that must refuse the opening handshake.
Expect expect_refusal(const std::vector<std::uint16_t>& statuses = {}, std::string source = {});
/// TCP ends where a Close should have come first.
Reaction end_without_close();
/// The answer to a Close that should fail the connection with 1002; `taken` is the grade of who
/// takes it for a normal one.
Expect expect_objection(std::string source, Grade taken = Grade::non_strict);
/// The answer to a Close with `code` and a reason that is not UTF-8: who sends that code, or 1000,
/// has taken it for a normal one; any other, or none, fails the connection.
Expect expect_reason_refused(std::uint16_t code);

/// Appends the steps of `more`.
std::vector<DialogueStep> operator+(std::vector<DialogueStep> steps,
                                    const std::vector<DialogueStep>& more);
/// Unlike `steps = steps + more`, this copies none of the steps before.
std::vector<DialogueStep>& operator+=(std::vector<DialogueStep>& steps,
                                      const std::vector<DialogueStep>& more);

/// A message and its echo.
std::vector<DialogueStep> echo(Opcode type, const Payload& payload);
std::vector<DialogueStep> echo(std::string_view words);

/// A Ping and its Pong.
std::vector<DialogueStep> ping_answered(const Payload& payload);
/// The same where it is one of many. From the 100th on an endpoint may have had enough of them, and
/// say so: 1008 is for its policy (7.4.1).
std::vector<DialogueStep> ping_of_many(int number, const Payload& payload);

/// A Close of the harness, and the clean end.
std::vector<DialogueStep> closed_cleanly(std::optional<std::uint16_t> code = 1000,
                                         const Payload& reason = {});

/// The same inside a message, which it cuts short. Who objects to that with 1002 or 1007 answers by
/// another code than usual, and no more.
std::vector<DialogueStep> closed_inside_message(std::uint16_t code, const Payload& reason = {});

/// The steps, which are legal: an echo works before and after them, and the connection closes
/// cleanly.
std::vector<DialogueStep> lives_through(const std::vector<DialogueStep>& steps);

/// An echo works, then the steps, which are not legal, with a Ping behind them: the connection has
/// to be failed, and the Ping must not be answered.
std::vector<DialogueStep> fails_after(const std::vector<DialogueStep>& steps,
                                      std::vector<std::uint16_t> codes = {1002},
                                      std::string source = "RFC 6455 7.1.7");

/// Likewise for a message whose frames are legal and whose contents are not. These may be looked at
/// when the message is handed on, after the Ping behind it: that a Pong comes before the connection
/// is failed is less than at once.
std::vector<DialogueStep> fails_after_contents(const std::vector<DialogueStep>& steps,
                                               std::vector<std::uint16_t> codes = {1007},
                                               std::string source = "RFC 6455 8.1");

/// Likewise without the Ping behind them, where it would be taken for payload.
std::vector<DialogueStep> fails_inside(const std::vector<DialogueStep>& steps,
                                       std::vector<std::uint16_t> codes = {1002},
                                       std::string source = "RFC 6455 7.1.7");

}  // namespace ws::conformance
