#include "conformance/endpoints/resource_watch.hpp"

#include <chrono>
#include <gtest/gtest.h>
#include <thread>

#include "conformance/endpoints/process.hpp"

namespace ws::conformance {
namespace {

using std::chrono::milliseconds;

/// Waits until the program has said that it is there.
void wait_for_output(const Process& process) {
  while (process.output_size() == 0) std::this_thread::sleep_for(milliseconds(1));
}

TEST(SampleProcesses, AddsUpATree) {
  // The shell stays, since there are two commands; what it starts is the other process.
  Process process(
      "python3 -c 'x = b\"x\" * (64 << 20); f = [open(\"/dev/null\") for _ in range(20)]; "
      "print(1, flush=True); import time; time.sleep(600)'; true");
  wait_for_output(process);
  const auto sample = sample_processes(process.id());
  ASSERT_TRUE(sample);
  EXPECT_GT(sample->memory, 64U << 20U);
  EXPECT_LT(sample->memory, 128U << 20U);
  EXPECT_GE(sample->descriptors, 26) << "20, and the standard ones of two processes";
  EXPECT_GT(sample->processor.count(), 0);
}

TEST(SampleProcesses, SeesABusyLoop) {
  Process process("python3 -c 'print(1, flush=True)\nwhile True: pass'");
  wait_for_output(process);
  const auto before = sample_processes(process.id());
  std::this_thread::sleep_for(milliseconds(300));
  const auto after = sample_processes(process.id());
  ASSERT_TRUE(before && after);
  const auto ready = after->processor - before->processor + after->waited - before->waited;
  EXPECT_GT(ready, milliseconds(250));
}

TEST(SampleProcesses, HasNothingOfAProcessThatEnded) {
  Process process("true");
  process.wait(milliseconds(10'000));
  EXPECT_FALSE(sample_processes(process.id()));
}

TEST(ResourceWatch, TellsTheMostThatWasUsedSinceAMark) {
  Process process(
      "python3 -c 'import time; print(1, flush=True); x = b\"x\" * (64 << 20); time.sleep(0.2); "
      "del x; print(2, flush=True); time.sleep(600)'");
  ResourceWatch watch;
  EXPECT_FALSE(watch.sample());
  watch.attach(process.id());
  const ResourceWatch::Mark mark = watch.mark();
  while (process.output_size() < 4) std::this_thread::sleep_for(milliseconds(1));
  const auto use = watch.since(mark);
  ASSERT_TRUE(use);
  EXPECT_GT(use->memory, 64U << 20U);
  // Where a shell stays there is another look to be waited for.
  const ResourceWatch::Mark later = watch.mark();
  while (watch.since(later).value_or(ResourceUse{}).memory >= 64U << 20U) {
    std::this_thread::sleep_for(milliseconds(1));
  }
  watch.detach();
  EXPECT_FALSE(watch.since(mark));
}

TEST(ResourceWatch, KeepsTheLastLookAtSeveralProcesses) {
  // The shell stays, since there are two commands.
  Process process(
      "python3 -c 'import time; x = b\"x\" * (64 << 20); print(1, flush=True); "
      "time.sleep(600)'; true");
  wait_for_output(process);
  ResourceWatch watch;
  watch.attach(process.id());
  const ResourceWatch::Mark mark = watch.mark();
  const auto memory_since = [&](const ResourceWatch::Mark& begin) {
    const auto use = watch.since(begin);
    return use ? use->memory : 0;
  };
  while (memory_since(mark) < 64U << 20U) std::this_thread::sleep_for(milliseconds(1));
  EXPECT_GT(memory_since(watch.mark()), 64U << 20U) << "without another look";
}

}  // namespace
}  // namespace ws::conformance
