// In which order cases are played that are played side by side: waits overlap with all the rest.
#pragma once

#include <vector>

#include "conformance/harness/case.hpp"
#include "conformance/harness/transcript.hpp"

namespace ws::conformance {

/// How long a case rests by itself, once: what it takes of a peer that does all at once.
Time resting_time(const Case& test);

/// Loops first, which have the most to do, then what rests longest; otherwise as it was.
///
/// Of loops over the same messages the first of each come before all others: those then know the
/// echoes (known_echoes.hpp), which they would not side by side.
std::vector<const Case*> longest_first(std::vector<const Case*> cases);

/// How many loops of messages may be played side by side, of `jobs` cases.
///
/// A loop of a thousand messages has to end in a minute, and would not on a slow peer that had as
/// many of them to serve as there may be waits side by side: a few more than cores keep it
/// busy.
int max_loops(int jobs);

/// Whether a case sends messages of megabytes, of which both sides keep several copies.
bool is_large(const Case& test);

/// How many large cases may be played side by side. Two keep two cores busy, and sixteen would take
/// hundreds of megabytes.
inline constexpr int kMaxLarge = 2;

/// Shares cases out to clients that play side by side, each one case after the other.
///
/// Where there are other cases too, loops are left to a few of the clients, which play nothing
/// else. A case that goes on when its connection is gone has the one behind it in the same part.
/// Returns: at least one part, at most `count`; none empty unless there are no cases. Each
/// part is in the order of the catalogue.
std::vector<std::vector<const Case*>> share_out(const std::vector<const Case*>& cases, int count);

}  // namespace ws::conformance
