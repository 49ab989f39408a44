#include "bench/bufferutil_peer.hpp"

extern "C" {
#include "bench/peers/node_api.h"

napi_value Unmask(napi_env env, napi_callback_info info);  // in bufferutil.c
}

namespace ws::bench {

void mask_with_bufferutil(std::byte* payload, std::size_t size, const std::byte* key) {
  buffer source{payload, size};
  buffer mask{const_cast<std::byte*>(key), 4};
  napi_value arguments[] = {&source, &mask};
  Unmask(nullptr, arguments);
}

}  // namespace ws::bench
