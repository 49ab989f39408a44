// As much of Node-API as bufferutil's unmask() needs to run without Node.js: arguments are buffers.
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef enum { napi_ok } napi_status;
typedef void* napi_env;
struct buffer {
  void* data;
  size_t size;
};
typedef struct buffer* napi_value;
typedef napi_value* napi_callback_info;
typedef napi_value (*napi_callback)(napi_env, napi_callback_info);

static inline napi_status napi_get_cb_info(napi_env env, napi_callback_info info, size_t* count,
                                           napi_value* arguments, napi_value* self, void** data) {
  (void)env, (void)self, (void)data;
  for (size_t i = 0; i < *count; ++i) arguments[i] = info[i];
  return napi_ok;
}

static inline napi_status napi_get_buffer_info(napi_env env, napi_value value, void** data,
                                               size_t* size) {
  (void)env;
  *data = value->data;
  if (size != NULL) *size = value->size;
  return napi_ok;
}

// Of mask() and of the module's start, which are compiled and not called.
static inline napi_status napi_get_value_int64(napi_env env, napi_value value, int64_t* number) {
  (void)env, (void)value;
  *number = 0;
  return napi_ok;
}

static inline napi_status napi_create_function(napi_env env, const char* name, size_t size,
                                               napi_callback callback, void* data,
                                               napi_value* result) {
  (void)env, (void)name, (void)size, (void)callback, (void)data;
  *result = NULL;
  return napi_ok;
}

static inline napi_status napi_set_named_property(napi_env env, napi_value object, const char* name,
                                                  napi_value value) {
  (void)env, (void)object, (void)name, (void)value;
  return napi_ok;
}

#define NAPI_MODULE(name, start)
