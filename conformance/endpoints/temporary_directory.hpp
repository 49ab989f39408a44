// A directory for the files of one run, which nobody else can read.
#pragma once

#include <filesystem>
#include <string>

namespace ws::conformance {

class TemporaryDirectory {
 public:
  /// Throws std::system_error.
  TemporaryDirectory();
  /// Removes it and what is in it.
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  /// Of a file in it.
  std::string path(const std::string& name) const { return directory_ / name; }

 private:
  std::filesystem::path directory_;
};

}  // namespace ws::conformance
