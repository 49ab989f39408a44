// Runs an io_context of sessions, and goes on where memory was short.
#pragma once

#include <boost/asio/io_context.hpp>
#include <new>

namespace ws {

/// Runs `context` until it has no work left or is stopped. If Asio has no memory for an operation,
/// std::bad_alloc comes out of it; the session concerned has ended then, and the others go on.
inline void run(boost::asio::io_context& context) {
  while (true) {
    try {
      context.run();
      return;
    } catch (const std::bad_alloc&) {
      continue;
    }
  }
}

}  // namespace ws
