#include "bench/load/cpu_time.hpp"

#include <ctime>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace ws::bench {

double own_cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

double cpu_seconds_of(int id) {
  double nanoseconds = 0;
  const auto tasks = std::filesystem::path("/proc") / std::to_string(id) / "task";
  for (const auto& task : std::filesystem::directory_iterator(tasks)) {
    double of_task = 0;  // the first number of the file
    if (!(std::ifstream(task.path() / "schedstat") >> of_task)) {
      throw std::runtime_error("the kernel does not count the CPU time of process " +
                               std::to_string(id));
    }
    nanoseconds += of_task;
  }
  return nanoseconds / 1e9;
}

}  // namespace ws::bench
