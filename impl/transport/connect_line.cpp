#include "impl/transport/connect_line.hpp"

namespace ws {

namespace {

using boost::asio::ip::tcp;

/// The form in which addresses are compared.
tcp::endpoint plain_form(const tcp::endpoint& address) {
  if (!address.address().is_v6() || !address.address().to_v6().is_v4_mapped()) return address;
  return {boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.address().to_v6()),
          address.port()};
}

}  // namespace

ConnectLines::ConnectLines(boost::asio::execution_context& context) : service(context) {}

bool ConnectLines::empty() const {
  const std::lock_guard lock(mutex_);
  return lines_.empty();
}

PlaceInLine::PlaceInLine(const boost::asio::any_io_executor& executor)
    : lines_(&boost::asio::use_service<ConnectLines>(
          boost::asio::query(executor, boost::asio::execution::context))),
      timer_(executor) {}

PlaceInLine::~PlaceInLine() {
  const std::lock_guard lock(lines_->mutex_);
  leave();
}

bool PlaceInLine::take(const tcp::endpoint& address) {
  const std::lock_guard lock(lines_->mutex_);
  leave();
  timer_.expires_at(boost::asio::steady_timer::time_point::max());
  line_ = lines_->lines_.try_emplace(plain_form(address)).first;
  line_->second.push_back(*this);
  return &line_->second.front() == this;
}

void PlaceInLine::leave() noexcept {
  if (!is_linked()) return;
  ConnectLines::Line& line = line_->second;
  const bool was_first = &line.front() == this;
  line.erase(line.iterator_to(*this));
  if (line.empty()) {
    lines_->lines_.erase(line_);
  } else if (was_first) {
    line.front().let_go();
  }
}

/// Ends the wait that has begun, or that is about to.
void PlaceInLine::let_go() { timer_.expires_at(boost::asio::steady_timer::time_point::min()); }

}  // namespace ws
