// The functions of Boost.Asio that are not templates, compiled here and nowhere else.
#include <boost/asio/impl/src.hpp>
