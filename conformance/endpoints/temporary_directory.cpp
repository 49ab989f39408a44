#include "conformance/endpoints/temporary_directory.hpp"

#include <cerrno>
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): mkdtemp
#include <system_error>

namespace ws::conformance {

TemporaryDirectory::TemporaryDirectory() {
  std::string pattern = std::filesystem::temp_directory_path() / "wsproof-XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr) {
    throw std::system_error(errno, std::generic_category(), pattern);
  }
  directory_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

}  // namespace ws::conformance
