// Nonces and masking keys from OpenSSL's cryptographic generator (RFC 6455 sections 4.1, 5.3 and
// 10.3).
#pragma once

#include "impl/handshake/accept_key.hpp"
#include "impl/wire/masking.hpp"

namespace ws {

/// A fresh, unpredictable masking key. Keys are drawn from the generator many at a time, for each
/// thread. Throws std::runtime_error if the generator cannot be seeded.
MaskingKey random_masking_key();

/// A fresh, unpredictable nonce. Throws like random_masking_key.
Nonce random_nonce();

}  // namespace ws
