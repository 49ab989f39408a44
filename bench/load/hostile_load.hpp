// Peers that cost a server what they can: slow ones and greedy ones, many at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>

namespace ws::bench {

enum class Hostility {
  trickles_head,  ///< sends a byte of its opening request each second, and comes back when refused
  byte_per_second,  ///< sends a message of 64 KiB, a byte each second
  never_reads,      ///< sends messages as fast as they are taken, and reads no echo
};

struct HostileLoad {
  std::uint16_t port = 0;
  Hostility hostility = Hostility::never_reads;
  std::size_t peers = 1000;
};

/// Says "ready" on `answers` once each peer has sent a byte or, if they never read, no more is
/// taken from any of them; goes on until standard input ends, and then says how many bytes they
/// sent.
void be_hostile(const HostileLoad& load, std::ostream& answers);

}  // namespace ws::bench
