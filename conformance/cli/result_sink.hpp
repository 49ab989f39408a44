// Where the results of a run go.
#pragma once

#include <cstddef>
#include <string>

#include "conformance/endpoints/runner.hpp"

namespace ws::conformance {

/// All but `missing` may be called from any thread.
class ResultSink {
 public:
  ResultSink() = default;
  ResultSink(const ResultSink&) = delete;
  ResultSink& operator=(const ResultSink&) = delete;
  virtual ~ResultSink() = default;

  virtual void add(CaseResult result) = 0;

  /// Says something about the whole run that its reader has to know.
  virtual void note(const std::string& text) = 0;

  /// A client's name for itself.
  virtual void take_name(const std::string& agent) = 0;

  /// All that an endpoint which was started here has written so far.
  virtual void keep_output(std::string output) = 0;

  /// The cases that have no result yet, of those that are played.
  virtual std::size_t missing() const = 0;
};

/// Fails a case for what became of the endpoint, whatever was seen on the wire.
void blame(CaseResult& result, std::string reason);

}  // namespace ws::conformance
