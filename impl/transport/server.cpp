#include "impl/transport/server.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/intrusive/list.hpp>
#include <cassert>
#include <mutex>
#include <new>
#include <stdexcept>
#include <utility>

#include "impl/transport/awaitable.hpp"

namespace ws {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::size_t kMaxRefusing = 64;  // connections that are being told to come back later
constexpr auto kAcceptPause = std::chrono::milliseconds(100);
constexpr int kPortAttempts = 16;

using Acceptors = std::vector<tcp::acceptor>;

tcp::acceptor listen_on(const asio::any_io_executor& executor, const tcp::endpoint& endpoint) {
  tcp::acceptor acceptor(executor);
  acceptor.open(endpoint.protocol());
  acceptor.set_option(tcp::acceptor::reuse_address(true));
  if (endpoint.address().is_v6()) {
    acceptor.set_option(asio::ip::v6_only(!endpoint.address().is_unspecified()));
  }
  acceptor.bind(endpoint);
  acceptor.listen();
  return acceptor;
}

Acceptors listen_on_all(const asio::any_io_executor& executor, const ServerOptions& options) {
  tcp::resolver resolver(executor);
  const auto addresses = resolver.resolve(options.host, std::to_string(options.port),
                                          tcp::resolver::passive | tcp::resolver::numeric_service);
  for (int attempt = 1;; ++attempt) {
    Acceptors acceptors;
    try {
      for (tcp::endpoint endpoint : addresses) {
        if (!acceptors.empty()) endpoint.port(acceptors.front().local_endpoint().port());
        acceptors.push_back(listen_on(executor, endpoint));
      }
      return acceptors;
    } catch (const boost::system::system_error& error) {
      // The port that the system chose for one address may be taken at the next.
      const bool another_may_do =
          options.port == 0 && !acceptors.empty() && error.code() == asio::error::address_in_use;
      if (!another_may_do || attempt == kPortAttempts) throw;
    }
  }
}

}  // namespace

struct Server::Impl : std::enable_shared_from_this<Impl> {
  Impl(std::vector<asio::any_io_executor> executors_given, ServerOptions options_given,
       EventHandler handler_given)
      : executors(std::move(executors_given)),
        options(std::move(options_given)),
        handler(std::move(handler_given)),
        stop_deadline(executors.front()) {
    if (options.tls) tls = std::make_shared<const TlsContext>(*options.tls);
    try {
      acceptors = listen_on_all(executors.front(), options);
    } catch (const boost::system::system_error& error) {
      throw std::runtime_error("cannot listen on " + options.host + " port " +
                               std::to_string(options.port) + ": " + error.code().message());
    }
    port = acceptors.front().local_endpoint().port();
    for (std::size_t i = 0; i < acceptors.size(); ++i) revivals.emplace_back(executors.front());
  }

  /// Accepts on an acceptor, and starts again if that ends before the acceptor is closed: where
  /// Asio has no memory for an operation it destroys the coroutine. What is needed to begin anew
  /// was taken before.
  void accept(std::size_t index) {
    asio::steady_timer& revival = revivals[index];
    revival.expires_at(asio::steady_timer::time_point::max());
    revival.async_wait([self = shared_from_this(), index](const error_code&) {
      if (self->acceptors[index].is_open()) self->accept(index);
    });
    asio::co_spawn(executors.front(), accept_loop(index), AcceptEnd(shared_from_this(), index));
  }

  class AcceptEnd {
   public:
    AcceptEnd(std::shared_ptr<Impl> impl, std::size_t index)
        : impl_(std::move(impl)), index_(index) {}
    AcceptEnd(AcceptEnd&&) = default;
    AcceptEnd& operator=(AcceptEnd&&) = delete;
    ~AcceptEnd() {
      if (impl_) impl_->revivals[index_].cancel();
    }

    void operator()(const std::exception_ptr& failure) {
      const auto impl = std::move(impl_);
      impl->revivals[index_].cancel();
      if (failure) std::rethrow_exception(failure);
    }

   private:
    std::shared_ptr<Impl> impl_;
    std::size_t index_;
  };

  asio::awaitable<void> accept_loop(std::size_t index) {
    tcp::acceptor& acceptor = acceptors[index];
    asio::steady_timer pause(executors.front());
    while (acceptor.is_open()) {
      const asio::any_io_executor executor = executors[next_executor++ % executors.size()];
      error_code error;
      try {
        auto [failure, socket] = co_await acceptor.async_accept(executor, kAwaitable);
        if (!acceptor.is_open()) co_return;
        error = failure;
        if (!error) add(std::move(socket));
      } catch (const std::bad_alloc&) {
        error = asio::error::no_memory;  // which ends that connection alone
      }
      // Out of descriptors or memory: at once, the same would happen again.
      while (acceptor.is_open() && (error || is_overcrowded())) {
        error.clear();
        pause.expires_after(kAcceptPause);
        co_await pause.async_wait(kAwaitable);
      }
    }
  }

  bool is_overcrowded() const {
    const std::lock_guard lock(mutex);
    return options.max_connections != 0 &&
           sessions.size() >= options.max_connections + kMaxRefusing;
  }

  void add(tcp::socket socket) {
    const std::lock_guard lock(mutex);
    const bool is_too_many =
        options.max_connections != 0 && sessions.size() >= options.max_connections;
    sessions.push_back(*Session::accept(std::move(socket), common(is_too_many)));
  }

  /// What sessions have in common; those that are too many are refused.
  std::shared_ptr<const Session::Common> common(bool is_too_many) {
    std::weak_ptr<const Session::Common>& kept = is_too_many ? common_of_refused : common_of_served;
    if (auto shared = kept.lock()) return shared;
    ServerSettings settings = options.websocket;
    if (is_too_many) {
      settings.refuse = [](const OpeningRequest&) {
        return Refusal{.status = 503,
                       .fields = {{.name = "Retry-After", .value = "1"}},
                       .body = "There are too many connections.\n"};
      };
    }
    auto made = std::make_shared<const Session::Common>(
        Session::Common{.server = std::make_shared<const ServerSettings>(std::move(settings)),
                        .transport = options.transport,
                        .tls = tls,
                        .handler =
                            [self = shared_from_this()](Session& session, Event& event) {
                              const AtEnd removal(*self, session, event);
                              if (self->handler) self->handler(session, event);
                            },
                        .forget = [this](Session& session) { forget(session); }});
    kept = made;
    return made;
  }

  /// Removes a session once its last event was handled, whether that went well or not.
  class AtEnd {
   public:
    AtEnd(Impl& impl, Session& session, const Event& event)
        : impl_(impl), session_(std::holds_alternative<Closed>(event) ? &session : nullptr) {}
    ~AtEnd() {
      if (session_ != nullptr) impl_.remove(*session_);
    }
    AtEnd(const AtEnd&) = delete;
    AtEnd& operator=(const AtEnd&) = delete;

   private:
    Impl& impl_;
    Session* session_;
  };

  void remove(Session& session) {
    const std::lock_guard lock(mutex);
    sessions.erase(sessions.iterator_to(session));
    if (stopping && sessions.empty()) report_stopped();
  }

  /// Of a session that never came to its end, or did not even come to be listed.
  void forget(Session& session) {
    const std::lock_guard lock(mutex);
    if (session.is_linked()) sessions.erase(sessions.iterator_to(session));
  }

  /// On the first executor.
  void begin_stop(std::chrono::milliseconds limit, std::function<void()> on_stopped_given) {
    if (on_stopped) return;
    on_stopped = std::move(on_stopped_given);
    for (tcp::acceptor& acceptor : acceptors) {
      error_code ignored;
      acceptor.close(ignored);
    }
    const std::lock_guard lock(mutex);
    stopping = true;
    if (sessions.empty()) {
      report_stopped();
      return;
    }
    for (Session& listed : sessions) {
      const auto session = listed.weak_from_this().lock();
      if (!session) continue;
      asio::post(session->executor(), [session] {
        // A session that is closing already needs no telling.
        static_cast<void>(session->close(CloseCode::going_away, "The server stops."));
      });
    }
    stop_deadline.expires_after(limit);
    stop_deadline.async_wait([self = shared_from_this()](const error_code& error) {
      if (error) return;
      const std::lock_guard lock_for_cut(self->mutex);
      for (Session& listed : self->sessions) {
        if (const auto session = listed.weak_from_this().lock()) session->cut();
      }
    });
  }

  /// With the mutex held.
  void report_stopped() {
    asio::post(executors.front(), [self = shared_from_this()] {
      self->stop_deadline.cancel();
      self->on_stopped();
    });
  }

  std::vector<asio::any_io_executor> executors;
  ServerOptions options;
  EventHandler handler;
  std::shared_ptr<const TlsContext> tls;
  Acceptors acceptors;
  std::vector<asio::steady_timer> revivals;  // one for each acceptor
  std::uint16_t port = 0;
  std::size_t next_executor = 0;
  asio::steady_timer stop_deadline;
  std::function<void()> on_stopped;

  // Of what follows: sessions end on executors of their own. Where there is no memory, one is
  // forgotten while it is being added.
  mutable std::recursive_mutex mutex;
  // They leave it before they are gone: the handler of each holds this.
  boost::intrusive::list<Session> sessions;
  bool stopping = false;
  // Weak too, as its handler holds this.
  std::weak_ptr<const Session::Common> common_of_served;
  std::weak_ptr<const Session::Common> common_of_refused;
};

Server::Server(std::vector<asio::any_io_executor> executors, ServerOptions options,
               EventHandler handler)
    : impl_(std::make_shared<Impl>(std::move(executors), std::move(options), std::move(handler))) {}

Server::~Server() {
  asio::post(impl_->executors.front(), [impl = impl_] {
    for (tcp::acceptor& acceptor : impl->acceptors) {
      error_code ignored;
      acceptor.close(ignored);
    }
  });
}

std::uint16_t Server::port() const { return impl_->port; }

std::string Server::url() const {
  return format_uri({.secure = impl_->tls != nullptr,
                     .host = impl_->options.host,
                     .port = impl_->port,
                     .resource = "/"});
}

std::size_t Server::connections() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->sessions.size();
}

void Server::start() {
  for (std::size_t index = 0; index < impl_->acceptors.size(); ++index) impl_->accept(index);
}

void Server::stop(std::chrono::milliseconds limit, std::function<void()> on_stopped) {
  asio::post(impl_->executors.front(),
             [impl = impl_, limit, on_stopped = std::move(on_stopped)]() mutable {
               impl->begin_stop(limit, std::move(on_stopped));
             });
}

}  // namespace ws
