#include "bench/load/echo_load.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <system_error>

#include "bench/load/cpu_time.hpp"
#include "bench/load/sockets.hpp"

namespace ws::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kReadSize = std::size_t{256} * 1024;
constexpr int kPatience = 10'000;  // milliseconds without a single echo

class EchoRun {
 public:
  explicit EchoRun(const EchoLoad& load)
      : load_(load),
        traffic_(make_traffic(load.protocol, load.size, load.depth)),
        poll_(check(epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
        buffer_(kReadSize) {
    std::vector<Descriptor> sockets;
    open_connections(sockets, load.port, load.protocol, load.connections, 0);
    connections_.reserve(sockets.size());
    for (Descriptor& socket : sockets) {
      Connection& connection = connections_.emplace_back(std::move(socket));
      set_non_blocking(connection.socket.get());
      watch(connection, EPOLL_CTL_ADD, EPOLLIN);
    }
    measures_round_trips_ = load.connections == 1 && load.depth == 1;
  }

  EchoResult run() {
    for (Connection& connection : connections_) begin_messages(connection, load_.depth);
    serve_until(Clock::now() + load_.warm_up);
    result_.messages = 0;
    result_.round_trips.clear();
    const double client = own_cpu_seconds();
    const double server = load_.server != 0 ? cpu_seconds_of(load_.server) : 0;
    const auto begin = Clock::now();
    serve_until(begin + load_.time);
    result_.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    result_.client_seconds = own_cpu_seconds() - client;
    if (load_.server != 0) result_.server_seconds = cpu_seconds_of(load_.server) - server;
    std::ranges::sort(result_.round_trips);
    return std::move(result_);
  }

 private:
  struct Connection {
    explicit Connection(Descriptor descriptor) : socket(std::move(descriptor)) {}

    Descriptor socket;
    std::size_t to_send = 0;     // bytes
    std::size_t sent = 0;        // place in the period
    std::size_t received = 0;    // place in the expected period
    std::size_t of_message = 0;  // bytes received of the message that is coming
    bool is_watched_for_room = false;
    Clock::time_point begun{};
  };

  void watch(Connection& connection, int operation, std::uint32_t events) {
    epoll_event event{.events = events, .data = {.ptr = &connection}};
    check(epoll_ctl(poll_.get(), operation, connection.socket.get(), &event), "epoll_ctl");
  }

  void serve_until(Clock::time_point end) {
    std::array<epoll_event, 128> events{};
    while (Clock::now() < end) {
      const int count = epoll_wait(poll_.get(), events.data(), events.size(), kPatience);
      if (count < 0 && errno != EINTR) check(-1, "epoll_wait");
      if (count == 0) throw std::runtime_error("the server has stopped echoing");
      for (int i = 0; i < count; ++i) {
        const epoll_event& event = events[static_cast<std::size_t>(i)];
        auto& connection = *static_cast<Connection*>(event.data.ptr);
        if ((event.events & EPOLLOUT) != 0) send_some(connection);
        if ((event.events & ~EPOLLOUT) != 0) receive_some(connection);
      }
    }
  }

  void begin_messages(Connection& connection, std::size_t count) {
    connection.to_send += count * traffic_.sent_size;
    if (measures_round_trips_) connection.begun = Clock::now();
    send_some(connection);
  }

  void send_some(Connection& connection) {
    const std::size_t period = traffic_.messages * traffic_.sent_size;
    while (connection.to_send > 0) {
      const std::size_t piece = std::min(connection.to_send, period);
      const auto size = send(connection.socket.get(), traffic_.sent.data() + connection.sent, piece,
                             MSG_NOSIGNAL);
      if (size < 0) {
        if (errno != EAGAIN) check(-1, "send");
        break;
      }
      connection.sent = (connection.sent + static_cast<std::size_t>(size)) % period;
      connection.to_send -= static_cast<std::size_t>(size);
    }
    const bool needs_room = connection.to_send > 0;
    if (needs_room == connection.is_watched_for_room) return;
    connection.is_watched_for_room = needs_room;
    watch(connection, EPOLL_CTL_MOD, needs_room ? EPOLLIN | EPOLLOUT : EPOLLIN);
  }

  void receive_some(Connection& connection) {
    const auto size = recv(connection.socket.get(), buffer_.data(), buffer_.size(), 0);
    if (size < 0) {
      if (errno == EAGAIN) return;
      check(-1, "recv");
    }
    if (size == 0) throw std::runtime_error("the server ended a connection");
    compare(connection, std::string_view(buffer_.data(), static_cast<std::size_t>(size)));
    connection.of_message += static_cast<std::size_t>(size);
    const std::size_t done = connection.of_message / traffic_.expected_size;
    if (done == 0) return;
    connection.of_message %= traffic_.expected_size;
    result_.messages += done;
    if (measures_round_trips_) {
      const auto time = std::chrono::nanoseconds(Clock::now() - connection.begun);
      result_.round_trips.push_back(static_cast<std::uint32_t>(time.count()));
    }
    begin_messages(connection, done);
  }

  void compare(Connection& connection, std::string_view bytes) const {
    const std::size_t period = traffic_.messages * traffic_.expected_size;
    while (!bytes.empty()) {
      const std::size_t piece = std::min(bytes.size(), period);
      if (std::memcmp(bytes.data(), traffic_.expected.data() + connection.received, piece) != 0) {
        throw std::runtime_error("an echo is not what was sent");
      }
      connection.received = (connection.received + piece) % period;
      bytes.remove_prefix(piece);
    }
  }

  EchoLoad load_;
  Traffic traffic_;
  Descriptor poll_;
  std::vector<char> buffer_;
  std::vector<Connection> connections_;
  EchoResult result_;
  bool measures_round_trips_ = false;
};

}  // namespace

EchoResult run_echo(const EchoLoad& load) { return EchoRun(load).run(); }

}  // namespace ws::bench
