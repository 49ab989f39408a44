// Runs the benchmarks. Their names are SUBJECT/KIND/IMPLEMENTATION/BYTES, which run.py takes apart.
#include <benchmark/benchmark.h>

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::AddCustomContext("compiler", WSPROOF_COMPILER);
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
