// The faulty endpoint in this process behind what stands between it and a socket: a queue, and a
// buffer of bytes that it has not read yet.
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "conformance/harness/endpoint.hpp"
#include "conformance/mutants/faulty_endpoint.hpp"
#include "conformance/mutants/output_queue.hpp"
#include "conformance/mutants/switches.hpp"

namespace ws::conformance::mutants {

class PipedEndpoint : public Endpoint {
 public:
  explicit PipedEndpoint(const FaultySettings& settings);
  PipedEndpoint(const PipedEndpoint&) = delete;
  PipedEndpoint& operator=(const PipedEndpoint&) = delete;
  ~PipedEndpoint() override {
    if (endpoint_->is_opened() && !queue_.empty()) endpoint_->leave_unsent(queue_.front());
  }

  void start() override;
  void receive(Time now, std::span<const std::byte> read) override;
  void end() override;
  std::optional<Time> next_deadline() const override { return endpoint_->next_deadline(); }
  void pass_time(Time now) override;

  /// As much as a socket would take at a time.
  std::string take_output() override;

  Drop drop() const override;

  /// What `Switches::consulted` says, of all parts.
  FaultSet consulted() const { return endpoint_->consulted() | switches_.consulted(); }

 private:
  void fetch_output();
  void read_on();

  mutable Switches switches_;
  std::unique_ptr<FaultyEndpoint> endpoint_;
  OutputQueue queue_;
  std::deque<std::string> unread_;  // a read each
  bool ended_ = false;              // by the peer
  Time now_{};
};

/// Tells in the end which faults it was asked about.
class WatchedEndpoint : public PipedEndpoint {
 public:
  WatchedEndpoint(const FaultySettings& settings, FaultSet& consulted)
      : PipedEndpoint(settings), all_consulted_(consulted) {}
  WatchedEndpoint(const WatchedEndpoint&) = delete;
  WatchedEndpoint& operator=(const WatchedEndpoint&) = delete;
  ~WatchedEndpoint() override { all_consulted_ |= consulted(); }

 private:
  FaultSet& all_consulted_;
};

}  // namespace ws::conformance::mutants
