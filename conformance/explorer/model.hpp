// What must come of a script, by RFC 6455 and RFC 7692 alone: a model of the endpoint that reads
// it, which shares no code with an implementation. Messages come back, Pings are answered, a Close
// is answered, and what is illegal is failed at once.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/explorer/script.hpp"
#include "conformance/harness/dialogue.hpp"
#include "impl/wire/role.hpp"

namespace ws::conformance::explorer {

/// How a script ends.
enum class Fate {
  closes,     ///< the harness closes; legal to the end
  fails,      ///< the endpoint has to fail the connection
  objects,    ///< an illegal Close, which may be taken for a legal one where that misses a SHOULD
  ambiguous,  ///< no sentence says what to do: to take it misses a SHOULD at most
  breaks,     ///< TCP ends first
};

/// Where a connection is before an act.
struct State {
  enum class Phase { open, closing, doomed };
  Phase phase = Phase::open;
  unsigned begun = 0;  ///< the type of the message that has begun and not ended; 0: none
  bool is_compressed = false;
  bool with_deflate = false;
  std::size_t fragments = 0;     ///< of that message
  std::size_t messages = 0;      ///< that are whole
  std::size_t pending = 0;       ///< answers that have not been waited for
  bool pinged = false;           ///< since the last message
  std::string payload{};         ///< of that message so far, as sent
  bool is_inside_frame = false;  ///< the rest of a frame was announced and has not come
};

struct Prediction {
  Dialogue dialogue{};
  Fate fate = Fate::closes;
  std::string cause{};                ///< of a failure: the rule that was broken; or "legal"
  std::vector<std::string> checks{};  ///< ids of requirements.json
};

/// Follows a script act by act.
class Model {
 public:
  /// `harness` sends the script.
  Model(const std::optional<Deflate>& deflate, Role harness);

  /// The next act. Returns: false if nobody could say what it means: behind a frame whose rest is
  /// missing, or compressed data that has neither an end nor an error.
  bool feed(const Act& act);

  const State& state() const { return state_; }
  const std::string& cause() const { return cause_; }

  /// Ends the script, with an echo and a closing handshake if it has neither failed nor closed.
  Prediction finish();

 private:
  struct Violation {
    std::string name{};
    std::string check{};
    std::string source{};
    std::vector<std::uint16_t> codes{1002};
    bool is_content = false;  ///< may show only when the message is looked at
    bool loses_sync = false;  ///< what follows would not be read as frames
  };
  struct Pending {
    Expect expect{};
    bool is_pong = false;
  };

  bool feed_frame(const PutFrame& frame);
  bool feed_data(const PutFrame& frame, const std::string& payload);
  bool is_impossible_so_far(const PutFrame& frame, const std::string& payload) const;
  std::optional<oracle::Inflated> inflate_beginning(const std::string& payload) const;
  void fail_for_data();
  void fail_for_text();
  bool end_message();
  void feed_close(const PutFrame& frame, const std::string& payload);
  std::optional<Violation> find_broken_rule(const PutFrame& frame) const;
  void fail(Violation violation);
  void await();
  void check(std::string_view id);
  Expect failure() const;

  Role harness_;
  std::optional<Deflate> deflate_;
  /// An endpoint may know as little of the messages before as the script relies on, or all that
  /// there was: what a message is has to be the same for both.
  std::optional<oracle::Inflater> forgetful_;
  std::optional<oracle::Inflater> mindful_;
  State state_;
  std::vector<Pending> pending_;
  std::vector<DialogueStep> steps_;
  std::vector<std::string> checks_;
  std::string cause_ = "legal";
  Fate fate_ = Fate::closes;
  std::optional<Violation> violation_;
  std::optional<Expect> last_;  // of a Close, or of an ambiguous frame
  bool is_over_ = false;        // TCP has ended
  bool behind_close_ = false;
};

/// Returns: nothing if the script makes no sense (Model::feed).
std::optional<Prediction> predict(const Script& script, Role harness);

}  // namespace ws::conformance::explorer
