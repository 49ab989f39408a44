// Cases that ran out of time beside others: they are played again, alone, before they count.
#pragma once

#include <string>
#include <vector>

#include "conformance/endpoints/runner.hpp"

namespace ws::conformance {

/// An endpoint that was busy with the cases beside one, or a machine that was, is told from an
/// endpoint that is late.
class SecondLooks {
 public:
  /// Keeps `result` for a play alone, if it failed by time alone and there is room for one more.
  ///
  /// Returns: whether it did; if not, the result counts as it is.
  bool keep(CaseResult& result);

  /// What was kept. Nothing is kept any more, and the counts begin anew.
  std::vector<CaseResult> take();

  /// Whether enough have failed again, and none has not: the others would as well.
  bool is_clear() const;

  /// What counts of a case: the first play, but not as a failure if `again` passes, since the
  /// endpoint may mix up connections as well as be busy. Of Autobahn's cases, which wait for a
  /// second, the play alone counts.
  CaseResult settle(CaseResult late, CaseResult again);

  /// For people, if a play alone came out well; else empty.
  std::string note() const;

 private:
  std::vector<CaseResult> late_{};
  int confirmed_ = 0;
  int refuted_ = 0;
};

}  // namespace ws::conformance
