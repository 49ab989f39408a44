#include "conformance/cli/memory.hpp"

#include <cstdlib>  // tells whose C library it is
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "conformance/harness/prepared_messages.hpp"

namespace ws::conformance {

void give_back_memory() {
  PreparedMessages::forget();
#ifdef __GLIBC__
  ::malloc_trim(0);
#endif
}

}  // namespace ws::conformance
