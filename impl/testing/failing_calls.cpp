#include "impl/testing/failing_calls.hpp"

#include <array>
#include <cassert>
#include <cerrno>
#include <cstdarg>
#include <cstdlib>
#include <limits>
#include <mutex>
#include <new>
#include <string_view>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming)
extern "C" int __real_epoll_ctl(int epoll, int operation, int descriptor, epoll_event* event);

namespace ws::testing {
namespace {

constexpr std::size_t kNever = std::numeric_limits<std::size_t>::max();

// Allocations until the one that fails; that of another thread, such as the resolver's, never does.
thread_local std::size_t allocations_left = kNever;
thread_local bool allocation_failed = false;

bool is_allocation_to_fail() {
  if (allocations_left == kNever) return false;
  if (allocations_left-- > 0) return false;
  allocations_left = kNever;
  allocation_failed = true;
  return true;
}

std::mutex call_mutex;
CallFault call_fault;
std::size_t calls_left = kNever;
bool call_failed = false;

/// The fault of this call; null for nearly all.
const CallFault* fault_of(std::string_view call) {
  const std::lock_guard lock(call_mutex);
  if (calls_left == kNever || call != call_fault.call) return nullptr;
  if (calls_left-- > 0) return nullptr;
  calls_left = kNever;
  call_failed = true;
  return &call_fault;
}

/// What epoll was last told of a descriptor.
struct Registration {
  int epoll = -1;
  epoll_event event{};
};

std::array<Registration, 4096> registrations;

/// The kernel gives or takes less than was asked for only where there is no more, and tells once
/// there is. What a fault has left over is to be told of too.
void tell_again(int descriptor) {
  const std::lock_guard lock(call_mutex);
  Registration& known = registrations.at(static_cast<std::size_t>(descriptor));
  if (known.epoll != -1) {
    __real_epoll_ctl(known.epoll, EPOLL_CTL_MOD, descriptor, &known.event);
  }
}

void note_registration(int epoll, int operation, int descriptor, const epoll_event* event) {
  const std::lock_guard lock(call_mutex);
  Registration& known = registrations.at(static_cast<std::size_t>(descriptor));
  known = operation == EPOLL_CTL_DEL ? Registration{} : Registration{epoll, *event};
}

template <typename Result>
Result failure(const CallFault& fault) {
  errno = fault.error;
  return Result{-1};
}

void* allocate(std::size_t size, std::size_t alignment) {
  if (is_allocation_to_fail()) return nullptr;
  if (size == 0) size = 1;
  if (alignment <= __STDCPP_DEFAULT_NEW_ALIGNMENT__) return std::malloc(size);
  return ::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
}

void* allocate_or_throw(std::size_t size, std::size_t alignment) {
  if (void* memory = allocate(size, alignment)) return memory;
  throw std::bad_alloc();
}

constexpr std::size_t kUsual = __STDCPP_DEFAULT_NEW_ALIGNMENT__;

}  // namespace

FailingAllocation::FailingAllocation(std::size_t number) {
  assert(allocations_left == kNever && number != kNever);
  allocation_failed = false;
  allocations_left = number;
}

FailingAllocation::~FailingAllocation() { allocations_left = kNever; }

bool FailingAllocation::has_failed() const { return allocation_failed; }

FailingCall::FailingCall(CallFault fault) {
  const std::lock_guard lock(call_mutex);
  assert(calls_left == kNever);
  call_fault = std::move(fault);
  calls_left = call_fault.number;
  call_failed = false;
}

FailingCall::~FailingCall() {
  const std::lock_guard lock(call_mutex);
  calls_left = kNever;
}

bool FailingCall::has_failed() const {
  const std::lock_guard lock(call_mutex);
  return call_failed;
}

}  // namespace ws::testing

// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming)

void* operator new(std::size_t size) {
  return ws::testing::allocate_or_throw(size, ws::testing::kUsual);
}
void* operator new[](std::size_t size) {
  return ws::testing::allocate_or_throw(size, ws::testing::kUsual);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return ws::testing::allocate_or_throw(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return ws::testing::allocate_or_throw(size, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  return ws::testing::allocate(size, ws::testing::kUsual);
}
void* operator new[](std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  return ws::testing::allocate(size, ws::testing::kUsual);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*size*/) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t /*size*/) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t /*alignment*/) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t /*alignment*/) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*size*/, std::align_val_t /*a*/) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t /*size*/, std::align_val_t /*a*/) noexcept {
  std::free(memory);
}
void operator delete(void* memory, const std::nothrow_t& /*tag*/) noexcept { std::free(memory); }
void operator delete[](void* memory, const std::nothrow_t& /*tag*/) noexcept { std::free(memory); }

extern "C" {

// Asio's own memory: coroutine frames and operations.
void* __real_aligned_alloc(std::size_t alignment, std::size_t size);
void* __wrap_aligned_alloc(std::size_t alignment, std::size_t size) {
  if (ws::testing::is_allocation_to_fail()) return nullptr;
  return __real_aligned_alloc(alignment, size);
}

ssize_t __real_recv(int socket, void* data, std::size_t size, int flags);
ssize_t __wrap_recv(int socket, void* data, std::size_t size, int flags) {
  const auto* fault = ws::testing::fault_of("recv");
  if (fault == nullptr) return __real_recv(socket, data, size, flags);
  if (fault->error != 0) return ws::testing::failure<ssize_t>(*fault);
  const ssize_t size_taken = __real_recv(socket, data, 1, flags);
  if (size_taken > 0) ws::testing::tell_again(socket);
  return size_taken;
}

ssize_t __real_recvmsg(int socket, msghdr* message, int flags);
ssize_t __wrap_recvmsg(int socket, msghdr* message, int flags) {
  const auto* fault = ws::testing::fault_of("recvmsg");
  if (fault == nullptr) return __real_recvmsg(socket, message, flags);
  if (fault->error != 0) return ws::testing::failure<ssize_t>(*fault);
  iovec first{.iov_base = message->msg_iov->iov_base, .iov_len = 1};
  msghdr shorter = *message;
  shorter.msg_iov = &first;
  shorter.msg_iovlen = 1;
  const ssize_t size_taken = __real_recvmsg(socket, &shorter, flags);
  if (size_taken > 0) ws::testing::tell_again(socket);
  return size_taken;
}

ssize_t __real_send(int socket, const void* data, std::size_t size, int flags);
ssize_t __wrap_send(int socket, const void* data, std::size_t size, int flags) {
  const auto* fault = ws::testing::fault_of("send");
  if (fault == nullptr) return __real_send(socket, data, size, flags);
  if (fault->error != 0) return ws::testing::failure<ssize_t>(*fault);
  const ssize_t size_taken = __real_send(socket, data, 1, flags);
  if (size_taken > 0) ws::testing::tell_again(socket);
  return size_taken;
}

int __real_accept(int socket, sockaddr* address, socklen_t* size);
int __wrap_accept(int socket, sockaddr* address, socklen_t* size) {
  const auto* fault = ws::testing::fault_of("accept");
  return fault != nullptr ? ws::testing::failure<int>(*fault)
                          : __real_accept(socket, address, size);
}

int __real_connect(int socket, const sockaddr* address, socklen_t size);
int __wrap_connect(int socket, const sockaddr* address, socklen_t size) {
  const auto* fault = ws::testing::fault_of("connect");
  return fault != nullptr ? ws::testing::failure<int>(*fault)
                          : __real_connect(socket, address, size);
}

int __real_socket(int domain, int type, int protocol);
int __wrap_socket(int domain, int type, int protocol) {
  const auto* fault = ws::testing::fault_of("socket");
  return fault != nullptr ? ws::testing::failure<int>(*fault)
                          : __real_socket(domain, type, protocol);
}

int __real_setsockopt(int socket, int level, int name, const void* value, socklen_t size);
int __wrap_setsockopt(int socket, int level, int name, const void* value, socklen_t size) {
  const auto* fault = ws::testing::fault_of("setsockopt");
  return fault != nullptr ? ws::testing::failure<int>(*fault)
                          : __real_setsockopt(socket, level, name, value, size);
}

int __real_getsockopt(int socket, int level, int name, void* value, socklen_t* size);
int __wrap_getsockopt(int socket, int level, int name, void* value, socklen_t* size) {
  const auto* fault = ws::testing::fault_of("getsockopt");
  return fault != nullptr ? ws::testing::failure<int>(*fault)
                          : __real_getsockopt(socket, level, name, value, size);
}

int __real_getpeername(int socket, sockaddr* address, socklen_t* size);
int __wrap_getpeername(int socket, sockaddr* address, socklen_t* size) {
  const auto* fault = ws::testing::fault_of("getpeername");
  return fault != nullptr ? ws::testing::failure<int>(*fault)
                          : __real_getpeername(socket, address, size);
}

int __real_shutdown(int socket, int how);
int __wrap_shutdown(int socket, int how) {
  const auto* fault = ws::testing::fault_of("shutdown");
  return fault != nullptr ? ws::testing::failure<int>(*fault) : __real_shutdown(socket, how);
}

int __real_close(int descriptor);
int __wrap_close(int descriptor) {
  const auto* fault = ws::testing::fault_of("close");
  if (fault == nullptr) return __real_close(descriptor);
  __real_close(descriptor);  // Linux has closed it by the time that it tells of an error
  return ws::testing::failure<int>(*fault);
}

int __real_ioctl(int descriptor, unsigned long request, ...);
int __wrap_ioctl(int descriptor, unsigned long request, ...) {
  va_list arguments;
  va_start(arguments, request);
  void* argument = va_arg(arguments, void*);
  va_end(arguments);
  const auto* fault = ws::testing::fault_of("ioctl");
  return fault != nullptr ? ws::testing::failure<int>(*fault)
                          : __real_ioctl(descriptor, request, argument);
}

int __wrap_epoll_ctl(int epoll, int operation, int descriptor, epoll_event* event) {
  const auto* fault = ws::testing::fault_of("epoll_ctl");
  if (fault != nullptr) return ws::testing::failure<int>(*fault);
  const int result = __real_epoll_ctl(epoll, operation, descriptor, event);
  if (result == 0) ws::testing::note_registration(epoll, operation, descriptor, event);
  return result;
}

int __real_epoll_wait(int epoll, epoll_event* events, int size, int timeout);
int __wrap_epoll_wait(int epoll, epoll_event* events, int size, int timeout) {
  const auto* fault = ws::testing::fault_of("epoll_wait");
  return fault != nullptr ? ws::testing::failure<int>(*fault)
                          : __real_epoll_wait(epoll, events, size, timeout);
}

}  // extern "C"

// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)
