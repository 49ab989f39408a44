// Lets one allocation, or one system call, of a test fail. A test program that links
// failing_calls.cpp has operator new replaced, and those functions of the C library that the linker
// wraps for it (ws_test_with_failing_calls in impl/cmake/build_settings.cmake).
#pragma once

#include <cstddef>
#include <string>

namespace ws::testing {

/// While it lives, the allocation `number` (from 0) of this thread throws std::bad_alloc.
class FailingAllocation {
 public:
  explicit FailingAllocation(std::size_t number);
  ~FailingAllocation();
  FailingAllocation(const FailingAllocation&) = delete;
  FailingAllocation& operator=(const FailingAllocation&) = delete;

  /// False as long as there were not that many.
  bool has_failed() const;
};

/// What happens to a system call.
struct CallFault {
  std::string call{};      ///< such as "recv"
  std::size_t number = 0;  ///< which call of that name, from 0
  int error = 0;           ///< errno of the failure; 0: it takes or gives one byte alone
};

/// While it lives, one call has a fault, on whatever thread it is made.
class FailingCall {
 public:
  explicit FailingCall(CallFault fault);
  ~FailingCall();
  FailingCall(const FailingCall&) = delete;
  FailingCall& operator=(const FailingCall&) = delete;

  bool has_failed() const;
};

}  // namespace ws::testing
