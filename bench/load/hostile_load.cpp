#include "bench/load/hostile_load.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <ostream>
#include <string>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <vector>

#include "bench/load/sockets.hpp"
#include "bench/load/traffic.hpp"

namespace ws::bench {
namespace {

constexpr long kTick = 10'000'000;  // nanoseconds
constexpr std::size_t kTicksPerSecond = 100;
constexpr std::size_t kQuietTicks = 30;                       // in which nothing was taken
constexpr std::size_t kSlowMessage = 64 * std::size_t{1024};  // bytes
constexpr std::size_t kGreedyMessage = 1024;                  // bytes
constexpr std::size_t kGreed = 4 * std::size_t{1024} * 1024;  // bytes that a peer sends at most
constexpr int kSocketBuffer = 16 * 1024;  // so that what waits is the server's, not the kernel's
constexpr std::size_t kInput = ~std::size_t{0};
constexpr std::size_t kTimer = kInput - 1;

class Peers {
 public:
  explicit Peers(const HostileLoad& load)
      : load_(load),
        poll_(check(epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
        timer_(
            check(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC), "timerfd_create")),
        is_slow_(load.hostility != Hostility::never_reads) {
    if (load.hostility == Hostility::trickles_head) {
      stream_ = opening_request();
    } else {
      const bool is_greedy = load.hostility == Hostility::never_reads;
      const auto traffic =
          make_traffic(Protocol::websocket, is_greedy ? kGreedyMessage : kSlowMessage, 64);
      stream_ = traffic.sent.substr(0, traffic.messages * traffic.sent_size);
    }
    for (std::size_t i = 0; i < load.peers; ++i) {
      peers_.push_back({connect_to(load.port, i, kSocketBuffer)});
      begin(i);
    }
    const itimerspec every{.it_interval = {.tv_sec = 0, .tv_nsec = kTick},
                           .it_value = {.tv_sec = 0, .tv_nsec = kTick}};
    check(timerfd_settime(timer_.get(), 0, &every, nullptr), "timerfd_settime");
    watch(timer_.get(), EPOLL_CTL_ADD, EPOLLIN, kTimer);
    watch(STDIN_FILENO, EPOLL_CTL_ADD, EPOLLIN, kInput);
  }

  void run(std::ostream& answers) {
    bool is_ready = false;
    while (serve()) {
      if (is_ready || quiet_ticks_ < (is_slow_ ? kTicksPerSecond : kQuietTicks)) continue;
      is_ready = true;
      answers << "ready" << std::endl;
    }
    answers << "sent " << sent_ << std::endl;
  }

 private:
  struct Peer {
    Descriptor socket;
    std::size_t sent = 0;  // bytes
  };

  void watch(int file, int operation, std::uint32_t events, std::size_t what) {
    epoll_event event{.events = events, .data = {.u64 = what}};
    check(epoll_ctl(poll_.get(), operation, file, &event), "epoll_ctl");
  }

  /// The opening handshake, except of a peer that trickles it.
  void begin(std::size_t index) {
    const int socket = peers_[index].socket.get();
    if (load_.hostility != Hostility::trickles_head) {
      send_all(socket, opening_request());
      std::string head;
      for (char each = 0; !head.ends_with("\r\n\r\n"); head += each) {
        if (recv(socket, &each, 1, 0) != 1) check(-1, "recv");
      }
      check_opening_response(head);
    }
    set_non_blocking(socket);
    // One that never reads does not even look whether there is something.
    watch(socket, EPOLL_CTL_ADD, is_slow_ ? EPOLLIN | EPOLLRDHUP : EPOLLOUT | EPOLLET, index);
  }

  /// Returns: false at the end of standard input.
  bool serve() {
    std::array<epoll_event, 128> events{};
    const int count = epoll_wait(poll_.get(), events.data(), events.size(), -1);
    if (count < 0 && errno != EINTR) check(-1, "epoll_wait");
    for (int i = 0; i < count; ++i) {
      const std::size_t what = events[static_cast<std::size_t>(i)].data.u64;
      if (what == kInput) return false;
      if (what == kTimer) {
        tick();
      } else if (is_slow_) {
        come_back(what);
      } else {
        flood(peers_[what]);
      }
    }
    return true;
  }

  /// The server has said something to a slow peer, so it ends this connection.
  void come_back(std::size_t index) {
    peers_[index] = {connect_to(load_.port, index, kSocketBuffer)};
    begin(index);
  }

  void tick() {
    std::uint64_t ticks = 0;
    if (read(timer_.get(), &ticks, sizeof ticks) != sizeof ticks) return;
    ++quiet_ticks_;
    if (!is_slow_) return;
    for (std::size_t i = next_; i < peers_.size(); i += kTicksPerSecond) {
      Peer& peer = peers_[i];
      const auto size =
          send(peer.socket.get(), &stream_[peer.sent % stream_.size()], 1, MSG_NOSIGNAL);
      if (size != 1) continue;
      ++peer.sent;
      ++sent_;
    }
    next_ = (next_ + 1) % kTicksPerSecond;
  }

  void flood(Peer& peer) {
    while (peer.sent < kGreed) {
      const std::size_t place = peer.sent % stream_.size();
      const auto size =
          send(peer.socket.get(), &stream_[place], stream_.size() - place, MSG_NOSIGNAL);
      if (size <= 0) return;
      peer.sent += static_cast<std::size_t>(size);
      sent_ += static_cast<std::size_t>(size);
      quiet_ticks_ = 0;
    }
  }

  HostileLoad load_;
  Descriptor poll_;
  Descriptor timer_;
  bool is_slow_;
  std::string stream_;  // repeated
  std::vector<Peer> peers_;
  std::size_t next_ = 0;  // of the peers whose second is over, the first
  std::size_t quiet_ticks_ = 0;
  std::uint64_t sent_ = 0;
};

}  // namespace

void be_hostile(const HostileLoad& load, std::ostream& answers) { Peers(load).run(answers); }

}  // namespace ws::bench
