#include "conformance/endpoints/resource_watch.hpp"

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <string>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace ws::conformance {
namespace {

namespace fs = std::filesystem;
using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr milliseconds kInterval(25);

/// A look at a browser's ten processes takes a tenth of a second: the next waits so many times as
/// long as the last took.
constexpr int kRestAfterLook = 9;

std::string folder_of(pid_t process) { return "/proc/" + std::to_string(process); }

/// The names in a folder of /proc; none if the process has ended.
std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    names.push_back(entry->path().filename());
  }
  return names;
}

std::vector<pid_t> tree_of(pid_t root) {
  std::vector<pid_t> tree{root};
  for (std::size_t i = 0; i < tree.size(); ++i) {
    const std::string tasks = folder_of(tree[i]) + "/task/";
    for (const std::string& task : names_in(tasks)) {
      std::ifstream children(tasks + task + "/children");
      std::copy(std::istream_iterator<pid_t>(children), {}, std::back_inserter(tree));
    }
  }
  return tree;
}

std::uint64_t resident(pid_t process) {
  std::ifstream file(folder_of(process) + "/statm");
  std::uint64_t all = 0;
  std::uint64_t pages = 0;
  file >> all >> pages;
  return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

/// What is resident, divided by the number of processes that share it.
std::uint64_t proportional(pid_t process) {
  std::ifstream file(folder_of(process) + "/smaps_rollup");
  for (std::string word; file >> word;) {
    std::uint64_t kibibytes = 0;
    if (word == "Pss:" && file >> kibibytes) return kibibytes * 1024;
  }
  return resident(process);
}

microseconds processor_time(pid_t process) {
  clockid_t clock{};
  timespec time{};
  if (::clock_getcpuclockid(process, &clock) != 0 || ::clock_gettime(clock, &time) != 0) return {};
  return std::chrono::duration_cast<microseconds>(std::chrono::seconds(time.tv_sec) +
                                                  std::chrono::nanoseconds(time.tv_nsec));
}

/// How long the threads were ready to run, but others had the processor.
microseconds waiting_time(pid_t process) {
  const std::string tasks = folder_of(process) + "/task/";
  std::chrono::nanoseconds sum{};
  for (const std::string& task : names_in(tasks)) {
    std::ifstream file(tasks + task + "/schedstat");
    std::int64_t ran = 0;
    std::int64_t waited = 0;
    if (file >> ran >> waited) sum += std::chrono::nanoseconds(waited);
  }
  return std::chrono::duration_cast<microseconds>(sum);
}

/// What can be read often. Of several processes the memory is not told: that takes the system a
/// walk through all their pages.
std::optional<ResourceUse> glance(const std::vector<pid_t>& tree) {
  ResourceUse use;
  std::uint64_t pages = 0;
  for (const pid_t process : tree) {
    pages += resident(process);
    use.processor += processor_time(process);
    use.descriptors += static_cast<int>(names_in(folder_of(process) + "/fd").size());
  }
  if (pages == 0) return std::nullopt;
  if (tree.size() == 1) use.memory = pages;
  return use;
}

std::optional<ResourceUse> look(const std::vector<pid_t>& tree) {
  auto use = glance(tree);
  if (!use || tree.size() == 1) return use;
  for (const pid_t process : tree) use->memory += proportional(process);
  return use;
}

}  // namespace

std::optional<ResourceSample> sample_processes(pid_t root) {
  const std::vector<pid_t> tree = tree_of(root);
  const auto use = look(tree);
  if (!use) return std::nullopt;
  ResourceSample sample{
      .memory = use->memory, .processor = use->processor, .descriptors = use->descriptors};
  for (const pid_t process : tree) sample.waited += waiting_time(process);
  return sample;
}

/// What a look found, and when it began: what it tells may be older than when it is kept.
struct Look {
  std::chrono::steady_clock::time_point begin{};
  ResourceUse use{};
};

struct ResourceWatch::State {
  mutable std::mutex mutex{};
  std::condition_variable changed{};
  pid_t root = 0;             // 0: none; guarded by mutex, as the rest
  std::vector<pid_t> tree{};  // as it was last seen
  std::vector<Look> seen{};   // since it was attached
  bool is_over = false;
  std::thread thread{};

  void watch() {
    std::unique_lock lock(mutex);
    while (!is_over) {
      if (root == 0) {
        changed.wait(lock);
        continue;
      }
      const pid_t watched = root;
      lock.unlock();
      const auto begin = std::chrono::steady_clock::now();
      std::vector<pid_t> found = tree_of(watched);
      const auto use = look(found);
      const std::chrono::nanoseconds took = std::chrono::steady_clock::now() - begin;
      lock.lock();
      if (use && watched == root) {
        seen.push_back({begin, *use});
        tree = std::move(found);
      }
      const auto rest = std::max<std::chrono::nanoseconds>(kInterval, kRestAfterLook * took);
      changed.wait_for(lock, rest, [&] { return is_over || root != watched; });
    }
  }
};

ResourceWatch::ResourceWatch() : state_(std::make_unique<State>()) {
  // Signals are for those who wait for them.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, &before);
  state_->thread = std::thread([state = state_.get()] { state->watch(); });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

ResourceWatch::~ResourceWatch() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->is_over = true;
  }
  state_->changed.notify_all();
  state_->thread.join();
}

void ResourceWatch::attach(pid_t root) {
  const std::lock_guard lock(state_->mutex);
  state_->root = root;
  state_->tree.assign(root == 0 ? 0 : 1, root);
  state_->seen.clear();
  state_->changed.notify_all();
}

void ResourceWatch::detach() { attach(0); }

std::optional<ResourceSample> ResourceWatch::sample() const {
  pid_t root = 0;
  {
    const std::lock_guard lock(state_->mutex);
    root = state_->root;
  }
  return root == 0 ? std::nullopt : sample_processes(root);
}

std::optional<std::uint64_t> ResourceWatch::descriptor_limit() const {
  const std::lock_guard lock(state_->mutex);
  rlimit limit{};
  if (state_->root == 0 || ::prlimit(state_->root, RLIMIT_NOFILE, nullptr, &limit) != 0) {
    return std::nullopt;
  }
  return limit.rlim_cur;
}

ResourceWatch::Mark ResourceWatch::mark() const {
  const std::lock_guard lock(state_->mutex);
  Mark mark{
      .begin = std::chrono::steady_clock::now(), .at = state_->seen.size(), .root = state_->root};
  for (const pid_t process : state_->tree) mark.processor += processor_time(process);
  return mark;
}

std::optional<ResourceUse> ResourceWatch::since(const Mark& mark) const {
  const std::lock_guard lock(state_->mutex);
  if (mark.root == 0 || mark.root != state_->root || mark.at > state_->seen.size()) {
    return std::nullopt;
  }
  // A case that ended between two looks has what it left; or, where that takes too long to find
  // out, what there was at the look before it.
  const auto last = glance(state_->tree);
  if (!last) return std::nullopt;
  ResourceUse use = *last;
  // A process that has ended meanwhile takes its time with it.
  use.processor = std::max(last->processor - mark.processor, microseconds{});
  for (std::size_t i = mark.at; i < state_->seen.size(); ++i) {
    const Look& kept = state_->seen[i];
    if (kept.begin < mark.begin) continue;
    use.memory = std::max(use.memory, kept.use.memory);
    use.descriptors = std::max(use.descriptors, kept.use.descriptors);
  }
  if (use.memory == 0 && !state_->seen.empty()) {
    use.memory = state_->seen[mark.at > 0 ? mark.at - 1 : 0].use.memory;
  }
  return use;
}

}  // namespace ws::conformance
