// CPU time of processes, to the nanosecond where the kernel counts it so.
#pragma once

namespace ws::bench {

/// Of this process so far.
double own_cpu_seconds();

/// Of all threads that process `id` has. Throws std::runtime_error if the kernel does not say.
double cpu_seconds_of(int id);

}  // namespace ws::bench
