// How the coroutines of this layer wait: an error is a value, first in a tuple.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace ws {

inline constexpr auto kAwaitable = boost::asio::as_tuple(boost::asio::use_awaitable);

}  // namespace ws
