#include "conformance/mutants/piped_endpoint.hpp"

#include <utility>

namespace ws::conformance::mutants {

PipedEndpoint::PipedEndpoint(const FaultySettings& settings)
    : switches_(settings.fault), endpoint_(make_faulty_endpoint(settings)), queue_(switches_) {}

void PipedEndpoint::start() {
  endpoint_->start();
  fetch_output();
}

void PipedEndpoint::receive(Time now, std::span<const std::byte> read) {
  now_ = now;
  unread_.emplace_back(reinterpret_cast<const char*>(read.data()), read.size());
  read_on();
}

void PipedEndpoint::end() {
  ended_ = true;
  read_on();
}

void PipedEndpoint::pass_time(Time now) {
  now_ = now;
  endpoint_->pass_time(now);
  fetch_output();
}

std::string PipedEndpoint::take_output() {
  fetch_output();
  std::string output(queue_.front());
  queue_.pop(output.size());
  read_on();
  return output;
}

Drop PipedEndpoint::drop() const {
  const Drop drop = queue_.empty() || endpoint_->has_crashed() ? endpoint_->drop() : Drop::none;
  if (drop == Drop::finish && endpoint_->has_unread() && switches_.has("cl-rst-unread")) {
    return Drop::abort;
  }
  return drop;
}

void PipedEndpoint::fetch_output() { queue_.put_output(endpoint_->take_output()); }

/// Reads what has come, while there is room for answers.
void PipedEndpoint::read_on() {
  while (!unread_.empty() && queue_.has_room()) {
    const std::string read = std::move(unread_.front());
    unread_.pop_front();
    endpoint_->receive(now_, std::as_bytes(std::span(read)));
    fetch_output();
  }
  if (!unread_.empty() || !std::exchange(ended_, false)) return;
  if (endpoint_->is_inside_header() && switches_.has("tr-eof-busy-loop")) return;
  endpoint_->end();
  fetch_output();
}

}  // namespace ws::conformance::mutants
