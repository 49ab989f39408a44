#include "bench/bufferutil_peer.hpp"

extern "C" {
#include "bench/peers/node_api.h"

// NOLINTNEXTLINE(readability-identifier-naming): its name in bufferutil.c
napi_value Unmask(napi_env env, napi_callback_info info);
}

namespace ws::bench {

void mask_with_bufferutil(std::byte* payload, std::size_t size, const std::byte* key) {
  buffer source{payload, size};
  buffer mask{const_cast<std::byte*>(key), 4};
  napi_value arguments[] = {&source, &mask};
  Unmask(nullptr, arguments);
}

}  // namespace ws::bench
