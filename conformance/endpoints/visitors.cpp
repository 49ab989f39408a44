#include "conformance/endpoints/visitors.hpp"

#include <chrono>
#include <utility>

#include "conformance/oracle/accept_key.hpp"

namespace ws::conformance {
namespace {

// A client that does what it is told does it at once.
constexpr std::chrono::milliseconds kFirst(1000);
constexpr std::chrono::milliseconds kNext(3000);

}  // namespace

Reception::Reception(const boost::asio::any_io_executor& executor, const Visitors& wanted,
                     std::string target, OnDone on_done)
    : timer_(executor),
      wanted_(wanted),
      target_(std::move(target) + std::string(kVisit)),
      on_done_(std::move(on_done)) {}

void Reception::start() { wait_for_next(); }

bool Reception::awaits(std::string_view target) const { return target.starts_with(target_); }

void Reception::receive(std::shared_ptr<Stream> stream, const std::string& key) {
  if (is_over()) return stream->abort();
  waiting_.push_back({std::move(stream), key});
  if (waiting_.size() == 1) return hold();
  overlapped_ = true;
}

void Reception::abandon() {
  on_done_ = nullptr;
  timer_.cancel();
  for (const Visitor& visitor : std::exchange(waiting_, {})) visitor.stream->abort();
}

void Reception::wait_for_next() {
  timer_.expires_after(served_ == 0 ? kFirst : kNext);
  timer_.async_wait([self = shared_from_this()](boost::system::error_code error) {
    if (!error && self->waiting_.empty()) self->finish();
  });
}

void Reception::hold() {
  timer_.expires_after(wanted_.hold);
  timer_.async_wait([self = shared_from_this()](boost::system::error_code error) {
    if (!error) self->answer();
  });
}

void Reception::answer() {
  const Visitor visitor = waiting_.front();
  waiting_.pop_front();
  // With the answer comes a Close, code 1000.
  const auto words = std::make_shared<const std::string>(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: " +
      oracle::compute_accept(visitor.key) + "\r\n\r\n\x88\x02\x03\xe8");
  visitor.stream->write(
      *words, [words, stream = visitor.stream](boost::system::error_code) { stream->finish(); });
  if (++served_ == wanted_.count) return finish();
  waiting_.empty() ? wait_for_next() : hold();
}

void Reception::finish() {
  const OnDone on_done = std::exchange(on_done_, nullptr);
  abandon();
  if (on_done == nullptr) return;
  ErrandReport report{.served = served_};
  if (served_ == 0) report.lacking = "a client that connects when it is asked to";
  if (overlapped_) report.trouble = "one came while another had no answer yet";
  on_done(report);
}

}  // namespace ws::conformance
