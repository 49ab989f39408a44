// What a run holds and does not need any more.
#pragma once

namespace ws::conformance {

/// Gives back to the system what loops over data have prepared for one another, and what plays have
/// freed between the pieces that are kept.
///
/// Requires: no such loop is about to begin that others follow; else all is prepared anew.
void give_back_memory();

}  // namespace ws::conformance
