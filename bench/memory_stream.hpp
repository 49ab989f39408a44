// A stream for Boost.Beast's connection that reads from memory and forgets what is written.
#pragma once

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/beast/core/role.hpp>
#include <span>

namespace ws::bench {

/// Meets Beast's SyncStream. Reads are as large as asked for; at the end of the input: eof.
class MemoryStream {
 public:
  using executor_type =  // NOLINT(readability-identifier-naming): Beast asks for it
      boost::asio::io_context::executor_type;
  using ErrorCode = boost::system::error_code;

  explicit MemoryStream(boost::asio::io_context& io) : executor_(io.get_executor()) {}

  executor_type get_executor() { return executor_; }

  /// Reads from `input`, which is borrowed, from now on.
  void set_input(std::span<const std::byte> input) { input_ = input; }

  template <typename Buffers>
  std::size_t read_some(const Buffers& buffers, ErrorCode& error) {
    const std::size_t size =
        boost::asio::buffer_copy(buffers, boost::asio::buffer(input_.data(), input_.size()));
    input_ = input_.subspan(size);
    error = size == 0 ? ErrorCode(boost::asio::error::eof) : ErrorCode();
    return size;
  }

  template <typename Buffers>
  std::size_t read_some(const Buffers& buffers) {
    ErrorCode error;
    const std::size_t size = read_some(buffers, error);
    if (error) throw boost::system::system_error(error);
    return size;
  }

  template <typename Buffers>
  std::size_t write_some(const Buffers& buffers, ErrorCode& error) {
    error = {};
    return boost::asio::buffer_size(buffers);
  }

  template <typename Buffers>
  std::size_t write_some(const Buffers& buffers) {
    return boost::asio::buffer_size(buffers);
  }

 private:
  executor_type executor_;
  std::span<const std::byte> input_;
};

/// Beast asks for these two beside every stream of a user's own; there is nothing to tear down.
inline void teardown(boost::beast::role_type, MemoryStream&, boost::system::error_code& error) {
  error = {};
}

template <typename Handler>
void async_teardown(boost::beast::role_type, MemoryStream&, Handler&& handler) {
  std::forward<Handler>(handler)(boost::system::error_code());
}

}  // namespace ws::bench
