#include "conformance/endpoints/crowd.hpp"

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <string>
#include <utility>
#include <vector>

#include "conformance/endpoints/dial.hpp"
#include "conformance/endpoints/play.hpp"
#include "conformance/harness/judge.hpp"
#include "impl/transport/tls_layer.hpp"

namespace ws::conformance {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

/// Connections that are being opened at a time: more would not fit into the queues of listeners.
constexpr int kOpeningAtATime = 32;

Dialogue dialogue_of(const Crowd& crowd) {
  Dialogue dialogue{.own_cuts = true};
  // The Pong tells that the endpoint is inside the message.
  const std::vector<DialogueStep> unfinished{
      PutFrame{.fin = false, .payload = repeat("never ends ", crowd.size)},
      PutFrame{.opcode = 9, .payload = text("p")}, expect_pong(text("p"))};
  switch (crowd.act) {
    case Crowd::Act::hold:
      dialogue.steps = std::vector<DialogueStep>{Gather{}} + echo("all at once") + closed_cleanly();
      break;
    case Crowd::Act::close:
      dialogue.steps = echo("one of many") + closed_cleanly();
      break;
    case Crowd::Act::vanish:
      dialogue.steps = echo("gone after this");
      if (crowd.size > 0) dialogue.steps = dialogue.steps + unfinished;
      break;
    case Crowd::Act::reset:
      if (crowd.size > 0) {
        dialogue.steps = unfinished;
        dialogue.steps.emplace_back(Reset{});
        break;
      }
      // More than sockets hold, so that the endpoint is writing.
      dialogue.steps = {Reading{false},
                        Flood{.size = 65'536,
                              .count = 96,
                              .patience = milliseconds(300),
                              .longest = milliseconds(3000)},
                        Reset{}};
      break;
    case Crowd::Act::head: {
      Head head = good_request();
      for (std::size_t size = 0; size < crowd.size; size += 1024) {
        head = head.with("X-Padding: " + std::string(1024 - 13, 'x'));
      }
      dialogue.request = std::move(head);
      // So little that a server which looks at all of it again is done before the next comes: else
      // it would read several at once, and its work would not grow as it does.
      dialogue.head_piece = 256;
      dialogue.head_pause = milliseconds(1);
      dialogue.steps = closed_cleanly();
      break;
    }
    case Crowd::Act::leave:
    case Crowd::Act::cut_tls:
      break;
  }
  return dialogue;
}

/// The first half of a request, which is all that there will be.
constexpr std::string_view kHalfARequest = "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: webso";

/// One TLS handshake that is cut.
class CutHandshake : public std::enable_shared_from_this<CutHandshake> {
 public:
  /// Writes `size` bytes of the handshake at most.
  CutHandshake(asio::io_context& context, const TlsContext& tls, const std::string& host,
               std::size_t size, std::function<void(bool)> over)
      : socket_(context), tls_(tls, host), left_(size), over_(std::move(over)) {}

  void start(const asio::ip::tcp::resolver::results_type& found) {
    asio::async_connect(socket_, found, [self = shared_from_this()](error_code error, const auto&) {
      if (error) return self->over_(false);
      self->write();
    });
  }

 private:
  void write() {
    records_ = tls_.take_output();
    const std::size_t size = std::min(left_, records_.size());
    left_ -= size;
    const bool is_last = size < records_.size() || left_ == 0 || tls_.is_open();
    records_.resize(size);
    asio::async_write(socket_, asio::buffer(records_),
                      [self = shared_from_this(), is_last](error_code error, std::size_t) {
                        if (error || is_last) return self->end();
                        self->read();
                      });
  }

  void read() {
    socket_.async_read_some(asio::buffer(buffer_),
                            [self = shared_from_this()](error_code error, std::size_t size) {
                              if (error) return self->end();
                              std::vector<std::byte> plaintext;
                              const auto read = std::span(self->buffer_).first(size);
                              if (!self->tls_.receive(read, plaintext)) return self->end();
                              self->tls_.output_size() > 0 ? self->write() : self->read();
                            });
  }

  void end() {
    error_code ignored;
    socket_.close(ignored);
    over_(true);
  }

  asio::ip::tcp::socket socket_;
  TlsLayer tls_;
  std::size_t left_;
  std::function<void(bool)> over_;
  std::vector<std::byte> records_{};
  std::array<std::byte, 16'384> buffer_{};
};

class Gathering : public std::enable_shared_from_this<Gathering> {
 public:
  Gathering(asio::io_context& context, const Crowd& crowd, CrowdSettings settings,
            std::function<void(const ErrandReport&)> done)
      : context_(context),
        crowd_(crowd),
        settings_(std::move(settings)),
        done_(std::move(done)),
        test_{.id = "crowd", .dialogue = dialogue_of(crowd)} {}

  void start() {
    if (crowd_.act != Crowd::Act::cut_tls) return go_on();
    asio::ip::tcp::resolver resolver(context_);
    error_code error;
    resolved_ =
        resolver.resolve(settings_.target.host, std::to_string(settings_.target.port), error);
    go_on();
  }

 private:
  using Done = std::function<void(const ErrandReport&)>;

  /// Makes connections, as many as there may be, or ends.
  void go_on() {
    while (begun_ < crowd_.count && opening_ < kOpeningAtATime && report_.trouble.empty()) {
      ++begun_;
      ++opening_;
      ++playing_;
      begin(begun_);
    }
    if (opening_ == 0) {
      for (const Done& release : std::exchange(waiting_, {})) release({});
    }
    if (playing_ == 0 && done_) std::exchange(done_, nullptr)(report_);
  }

  void begin(int number) {
    if (crowd_.act == Crowd::Act::cut_tls) {
      // A ClientHello has some 300 bytes; what is behind it comes after the server's answer.
      const auto size = static_cast<std::size_t>(number - 1) * 24;
      std::make_shared<CutHandshake>(
          context_, *settings_.tls, settings_.target.host, size,
          [self = shared_from_this()](bool connected) { self->end(connected, "no connection"); })
          ->start(resolved_);
      return;
    }
    dial(context_, settings_.target, settings_.tls, settings_.limit,
         [self = shared_from_this()](std::shared_ptr<Stream> stream, const std::string& error) {
           if (!stream) return self->end(false, "no connection: " + error);
           self->play(std::move(stream));
         });
  }

  void play(std::shared_ptr<Stream> stream) {
    if (crowd_.act == Crowd::Act::leave) {
      return stream->write(kHalfARequest, [self = shared_from_this(), stream](error_code) {
        stream->finish();
        self->end(true, {});
      });
    }
    auto opened = std::make_shared<bool>(false);
    std::make_shared<Play>(
        std::move(stream), test_, settings_.player, longest(test_) + settings_.limit,
        [self = shared_from_this(), opened](const Transcript& transcript) {
          if (*opened) ++self->opening_;  // end() takes it away again
          const GradedVerdict verdict = judge(self->test_, transcript, Role::client);
          self->end(verdict.verdict != Verdict::fail, verdict.reason);
        },
        [self = shared_from_this(), opened](const Errand&, Done done) {
          *opened = true;
          --self->opening_;
          self->waiting_.push_back(std::move(done));
          self->go_on();
        })
        ->start();
  }

  void end(bool served, const std::string& why) {
    --opening_;
    --playing_;
    if (served) {
      ++report_.served;
    } else if (report_.trouble.empty()) {
      report_.trouble = why;
    }
    go_on();
  }

  asio::io_context& context_;
  Crowd crowd_;
  CrowdSettings settings_;
  Done done_;
  Case test_;
  asio::ip::tcp::resolver::results_type resolved_{};
  int begun_ = 0;
  int opening_ = 0;  // connections that are not in `waiting_` yet
  int playing_ = 0;
  std::vector<Done> waiting_{};  // of connections that are open and wait for the others
  ErrandReport report_{};
};

}  // namespace

void gather_crowd(asio::io_context& context, const Crowd& crowd, const CrowdSettings& settings,
                  std::function<void(const ErrandReport&)> done) {
  std::make_shared<Gathering>(context, crowd, settings, std::move(done))->start();
}

}  // namespace ws::conformance
