#pragma once

#include <cstddef>

#include "core/openssl_ptr.h"

namespace qdtls::fuzzing {

// An SSL at some point of a handshake, for what stands before an SSL and looks at it. Nothing is
// read through it.
struct Post final {
  SSL* ssl;
  std::size_t shortest;  // what an encrypted record of its suite has at least, in bytes
};

// Client and server with each kind of cipher, new, half way and done; made once for the process.
[[nodiscard]] const Post& postOf(std::size_t index);

// A server that expects a ClientKeyExchange with an identity, and a client that expects a
// ServerHello.
[[nodiscard]] SSL* serverAwaitingIdentity();
[[nodiscard]] SSL* clientAwaitingHello();

}  // namespace qdtls::fuzzing
