// Runs files through a fuzz target without libFuzzer: TARGET FILE_OR_DIRECTORY..
#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

std::string current_file;  // for the message when a target aborts

extern "C" void name_current_file(int) {
  std::fprintf(stderr, "in %s\n", current_file.c_str());
  std::_Exit(1);
}

std::vector<std::filesystem::path> find_files(const std::filesystem::path& path) {
  if (!std::filesystem::is_directory(path)) return {path};
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGABRT, name_current_file);
  std::size_t count = 0;
  for (int i = 1; i < argc; ++i) {
    for (const auto& path : find_files(argv[i])) {
      std::ifstream file(path, std::ios::binary);
      if (!file) {
        std::fprintf(stderr, "cannot read %s\n", path.c_str());
        return 2;
      }
      const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
      // A copy of its own, so that a sanitizer sees a read beyond it.
      const std::vector<std::uint8_t> data(bytes.begin(), bytes.end());
      current_file = path.string();
      LLVMFuzzerTestOneInput(data.data(), data.size());
      ++count;
    }
  }
  std::printf("%zu inputs\n", count);
  return count == 0 ? 2 : 0;
}
