#include "conformance/endpoints/dial.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <exception>
#include <utility>

#include "conformance/endpoints/known_endpoints.hpp"
#include "conformance/endpoints/segments.hpp"

namespace ws::conformance {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

class Dialing : public std::enable_shared_from_this<Dialing> {
 public:
  Dialing(asio::io_context& context, Target target, const TlsContext* tls, OnDialed on_dialed,
          std::shared_ptr<const WireTap> tap)
      : target_(std::move(target)),
        tls_(tls),
        on_dialed_(std::move(on_dialed)),
        tap_(std::move(tap)),
        resolver_(context),
        socket_(context),
        local_(context),
        timer_(context) {}

  void start(Time limit) {
    timer_.expires_after(limit);
    timer_.async_wait([self = shared_from_this()](error_code error) {
      if (!error) self->end(nullptr, "timed out");
    });
    if (target_.path.empty()) return resolve();
    asio::local::stream_protocol::endpoint endpoint;
    try {
      endpoint = asio::local::stream_protocol::endpoint(target_.path);
    } catch (const std::exception& error) {  // the path is too long
      return asio::post(timer_.get_executor(),
                        [self = shared_from_this(), what = std::string(error.what())] {
                          self->end(nullptr, what);
                        });
    }
    local_.async_connect(endpoint, [self = shared_from_this()](error_code error) {
      self->on_connected(error, self->local_);
    });
  }

 private:
  void resolve() {
    if (const auto known = known_endpoints(target_.host, target_.port); !known.empty()) {
      return connect(
          tcp::resolver::results_type::create(known.begin(), known.end(), target_.host, ""));
    }
    resolver_.async_resolve(
        target_.host, std::to_string(target_.port),
        [self = shared_from_this()](error_code error, const tcp::resolver::results_type& found) {
          if (error) return self->end(nullptr, error.message());
          self->connect(found);
        });
  }

  void connect(const tcp::resolver::results_type& found) {
    found_ = found;
    next_ = found_.begin();
    connect_to_next(asio::error::host_not_found);
  }

  /// Tries one address after the other. `last` is why the one before did not do.
  void connect_to_next(error_code last) {
    if (is_over_) return;
    if (next_ == found_.end()) return on_connected(last, socket_);
    const tcp::endpoint endpoint = (next_++)->endpoint();
    error_code error;
    socket_.close(error);
    socket_.open(endpoint.protocol(), error);
    if (error) return connect_to_next(error);
    ask_for_usual_segments(socket_.native_handle());
    socket_.async_connect(endpoint, [self = shared_from_this()](error_code failure) {
      if (failure) return self->connect_to_next(failure);
      self->on_connected(failure, self->socket_);
    });
  }

  template <typename Socket>
  void on_connected(error_code error, Socket& socket) {
    if (is_over_) return;
    if (error) return end(nullptr, error.message());
    try {
      stream_ = std::make_shared<Stream>(Stream::Socket(std::move(socket)), tls_,
                                         target_.tls_name.empty() ? target_.host : target_.tls_name,
                                         tap_);
    } catch (const std::exception& problem) {
      return end(nullptr, problem.what());
    }
    stream_->open([self = shared_from_this()](const std::string& problem) {
      if (problem.empty()) return self->end(self->stream_, {});
      self->stream_->finish();
      self->end(nullptr, "TLS: " + problem);
    });
  }

  void end(std::shared_ptr<Stream> stream, const std::string& error) {
    if (std::exchange(is_over_, true)) return;
    timer_.cancel();
    resolver_.cancel();
    error_code ignored;
    socket_.close(ignored);
    local_.close(ignored);
    if (!stream && stream_) stream_->abort();
    stream_.reset();
    std::exchange(on_dialed_, nullptr)(std::move(stream), error);
  }

  Target target_;
  const TlsContext* tls_;
  OnDialed on_dialed_;
  std::shared_ptr<const WireTap> tap_;
  tcp::resolver resolver_;
  tcp::resolver::results_type found_;
  tcp::resolver::results_type::const_iterator next_{};
  tcp::socket socket_;
  asio::local::stream_protocol::socket local_;
  asio::steady_timer timer_;
  std::shared_ptr<Stream> stream_;  // while TLS opens it
  bool is_over_ = false;
};

}  // namespace

void dial(asio::io_context& context, const Target& target, const TlsContext* tls, Time limit,
          OnDialed on_dialed, std::shared_ptr<const WireTap> tap) {
  std::make_shared<Dialing>(context, target, tls, std::move(on_dialed), std::move(tap))
      ->start(limit);
}

}  // namespace ws::conformance
