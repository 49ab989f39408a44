// Cuts what another player writes, as a segmentation asks for it.
#pragma once

#include <memory>
#include <random>

#include "conformance/harness/player.hpp"

namespace ws::conformance {

/// A player that gives out the writes of another in pieces, with a pause after each but the last.
class Recutter : public Player {
 public:
  Recutter(std::unique_ptr<Player> player, const PlayerSettings& settings);

  void start(Time now) override;
  void receive(Time now, std::span<const std::byte> read) override;
  void end(Time now, EndCause cause) override;
  void pass_time(Time now) override;
  std::optional<Time> next_deadline() const override;
  std::deque<std::string> take_writes() override;
  void written(Time now, std::size_t size) override;
  bool reads() const override { return player_->reads(); }
  std::pair<std::size_t, Time> read_pace() const override { return player_->read_pace(); }
  const Errand* errand() const override { return pieces_.empty() ? player_->errand() : nullptr; }
  void report(Time now, const ErrandReport& report) override;
  bool wants_half_close() const override { return pieces_.empty() && player_->wants_half_close(); }
  Drop drop() const override { return is_over() ? player_->drop() : Drop::none; }
  bool is_over() const override {
    return player_->is_over() && (pieces_.empty() || player_->drop() == Drop::abort);
  }
  Transcript take_transcript() override { return player_->take_transcript(); }

 private:
  void fetch();
  void cut(std::string_view bytes);

  std::unique_ptr<Player> player_;
  Segmentation segmentation_;
  Time pause_;
  std::mt19937_64 random_;
  Time now_{};
  Time next_{};                     // when the next piece may go
  std::deque<std::string> pieces_;  // the peer is to read each by itself
};

}  // namespace ws::conformance
