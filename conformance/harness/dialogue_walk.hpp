// Follows a dialogue through what happened, and grades it. The player uses it to know when to go
// on, the judge to come to a verdict from the transcript alone.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "conformance/harness/dialogue.hpp"
#include "conformance/harness/finding.hpp"
#include "conformance/harness/taken_sizes.hpp"
#include "conformance/harness/transcript.hpp"

namespace ws::conformance {

class DialogueWalk {
 public:
  explicit DialogueWalk(const Dialogue& dialogue) : dialogue_(dialogue) {}

  /// The next thing that happened.
  void feed(const DialogueEvent& event);

  /// The step that is waited for; nothing if none is.
  std::optional<int> waiting() const { return waiting_; }

  /// Nothing that may still come is looked at: a step failed, or the connection is closing.
  bool is_over() const { return over_; }

  /// The worst of what was found so far. Requires: the dialogue has been played to its end.
  Finding result() const;

  const TakenSizes& sizes() const { return sizes_; }

 private:
  const Expect& expectation() const;
  void look();
  bool look_at_pongs();
  bool look_at_pings();
  bool was_sent_plainly(const Reaction& message) const;
  std::uint64_t longest_sent() const;
  void see_too_big(const Reaction& message);
  void settle(const Reaction& reaction, const DialogueEvent& event);
  void fail(const std::string& what, const DialogueEvent* event);
  void give_up(const std::string& need);
  bool awaits_echoes() const;
  bool take_echo(const DialogueEvent& event);
  void see_crowd(const DialogueEvent& event);
  void see_visitors(const DialogueEvent& event);
  const Flood& last_flood() const;
  Finding worst_finding() const;

  const Dialogue& dialogue_;
  std::optional<int> waiting_;
  bool over_ = false;
  bool answered_ = false;            // the connection was opened as it may be
  std::deque<DialogueEvent> queue_;  // what no step has waited for yet
  std::vector<DialogueEvent> pongs_;
  std::vector<DialogueEvent> all_pongs_;
  std::vector<DialogueEvent> pings_;
  std::vector<DialogueEvent> passed_pings_;  // of the endpoint, before they were waited for
  std::vector<Finding> findings_;
  std::uint64_t echoed_ = 0;  // bytes of the longest message that was taken
  TakenSizes sizes_;
  std::vector<std::string> asked_;
  std::optional<DialogueEvent> flooded_;  // the last flood
  std::uint64_t echoed_of_flood_ = 0;     // messages
  std::vector<DialogueEvent> samples_;
};

}  // namespace ws::conformance
