// The configuration of both endpoints: the library's own, with permessage-deflate, which is off in
// it.
#pragma once

#include <websocketpp/config/asio_no_tls.hpp>
#include <websocketpp/config/asio_no_tls_client.hpp>
#include <websocketpp/extensions/permessage_deflate/enabled.hpp>

struct DeflateConfig {};

template <typename Base>
struct WithDeflate : Base {
  using type = WithDeflate;
  using base = Base;
  using concurrency_type = typename Base::concurrency_type;
  using request_type = typename Base::request_type;
  using response_type = typename Base::response_type;
  using message_type = typename Base::message_type;
  using con_msg_manager_type = typename Base::con_msg_manager_type;
  using endpoint_msg_manager_type = typename Base::endpoint_msg_manager_type;
  using alog_type = typename Base::alog_type;
  using elog_type = typename Base::elog_type;
  using rng_type = typename Base::rng_type;
  using endpoint_base = typename Base::endpoint_base;
  using transport_type = typename Base::transport_type;
  using permessage_deflate_type =
      websocketpp::extensions::permessage_deflate::enabled<DeflateConfig>;
};
