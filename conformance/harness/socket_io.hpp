// Cases inside the framing of Socket.IO (protocol 5 over Engine.IO 4), whose WebSocket cannot be
// had without it: messages become events named "echo", and its handshakes come before the case.
#pragma once

#include <deque>
#include <expected>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/harness/case.hpp"
#include "conformance/harness/player.hpp"

namespace ws::conformance {

/// The case with its messages, sent and expected, as events: a text as `42["echo","..."]`, a binary
/// message as a packet that announces it and the message behind. Only what is part of a message's
/// text is escaped, byte by byte, so what is wrong with a frame or with its UTF-8 stays wrong.
///
/// Errors: why the case cannot be played like that, in a sentence.
std::expected<Case, std::string> wrap_in_socket_io(const Case& test);

/// Does what Socket.IO wants before a case, and answers its pings; else it is another player.
///
/// As a client it shows the server's response to that player once Socket.IO has connected. As a
/// server it holds back what follows the response until then.
class SocketIoPlayer : public Player {
 public:
  SocketIoPlayer(std::unique_ptr<Player> player, const PlayerSettings& settings);

  void start(Time now) override { player_->start(now); }
  void receive(Time now, std::span<const std::byte> read) override;
  void end(Time now, EndCause cause) override;
  void pass_time(Time now) override { player_->pass_time(now); }
  std::optional<Time> next_deadline() const override { return player_->next_deadline(); }
  std::deque<std::string> take_writes() override;
  bool reads() const override { return player_->reads(); }
  bool wants_half_close() const override { return player_->wants_half_close(); }
  Drop drop() const override { return player_->drop(); }
  bool is_over() const override { return player_->is_over(); }
  Transcript take_transcript() override;

 private:
  enum class State {
    opening,   ///< the WebSocket's own handshake
    greeting,  ///< Engine.IO's and Socket.IO's
    open,
  };

  void receive_response();
  void fetch();
  void greet();
  bool greet_with(std::string_view packet);
  void give_up(std::string_view packet);
  void connect();
  void pass_on(std::string_view bytes);
  void take_frames();
  void put_packet(std::string_view packet);

  std::unique_ptr<Player> player_;
  Role role_;
  std::mt19937_64 random_;  // of masking keys
  State state_ = State::opening;
  Time now_{};
  std::string head_;   // the server's response, as a client
  std::string input_;  // not yet understood
  std::uint64_t rest_of_frame_ = 0;
  bool has_greeted_ = false;
  std::deque<std::string> writes_;
  std::deque<std::string> withheld_;
  std::vector<Record> records_;
  std::string failure_;
};

}  // namespace ws::conformance
