// A case is played once for each way to cut its bytes; its result is the worst of them.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "conformance/harness/case.hpp"
#include "conformance/harness/endpoint.hpp"
#include "conformance/harness/judge.hpp"
#include "conformance/harness/player.hpp"

namespace ws::conformance {

/// How `test` is to be cut, a play for each.
std::vector<Segmentation> segmentations_of(const Case& test);

/// `test` as it is played on one of its other connections, whose dialogue is `dialogue`.
Case with_dialogue(const Case& test, const Dialogue& dialogue);

/// One play of a case.
struct PlayResult {
  Segmentation segmentation = Segmentation::whole;
  Transcript transcript{};
  GradedVerdict graded{};
};

/// A play over a socket or in this process, judged. `harness` is the harness's role.
PlayResult judge_play(const Case& test, Segmentation segmentation, Transcript transcript,
                      Role harness);

/// The worst of what was seen on connections that were open at the same time. Requires: there is
/// one.
PlayResult worst_play(std::vector<PlayResult> plays);

using MakeEndpoint = std::function<std::unique_ptr<Endpoint>()>;

/// Plays `test` once in this process, in the segmentation of `settings`, each of its connections
/// against an endpoint of its own.
PlayResult play_once(const Case& test, const PlayerSettings& settings, const MakeEndpoint& make);

/// Plays `test` in all its segmentations in this process.
std::vector<PlayResult> play_in_process(const Case& test, const PlayerSettings& settings,
                                        const MakeEndpoint& make);

/// True if `verdict` says worse of an endpoint than `other`.
bool is_worse(Verdict verdict, Verdict other);

/// Index of the play that decides. Requires: there is one.
std::size_t worst_of(const std::vector<PlayResult>& plays);

/// The verdict over all plays of `test`. Where they differ, the reason names the cut.
GradedVerdict combine(const Case& test, const std::vector<PlayResult>& plays);

}  // namespace ws::conformance
