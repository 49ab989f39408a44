// The fields of the opening handshake's heads, taken apart and put together.
#pragma once

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/oracle/http_head.hpp"

namespace ws::conformance {

/// By their values (RFC 4648 section 4).
inline constexpr std::string_view kBase64Digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// ASCII letters alone.
std::string to_lower(std::string_view text);

/// Without white space at its ends, and without CR at its end.
std::string trim(std::string_view text);

/// The values of all fields named `name`, which is in lower case.
std::vector<std::string> values_of(const oracle::FieldLines& fields, std::string_view name);

/// The elements of all `values`, which are lists.
std::vector<std::string> split_list(const std::vector<std::string>& values);

/// The elements of all fields named `name`, which are lists, in lower case.
std::vector<std::string> elements_of(const oracle::FieldLines& fields, std::string_view name);

/// One list of several elements or lists.
std::string join_list(const std::vector<std::string>& values);

/// The fields of a head that may be malformed: whatever has a colon.
oracle::FieldLines fields_of(std::string_view head);

/// The other name that this machine has where `authority` is an address or name of the loopback,
/// with its port: what `{other}` of a response's head stands for. Any other authority is its own.
std::string other_name_of(std::string_view authority);

/// A Sec-WebSocket-Key: the base64 encoding of 16 random bytes.
std::string random_key(std::mt19937_64& random);

/// The bytes that a key stands for, up to its first character that is no digit of base64.
std::string decode_key(std::string_view key);

}  // namespace ws::conformance
