#pragma once

#include <memory>

#include "core/client_verifier.h"
#include "core/context.h"

namespace qdtls::fuzzing {

// Who plays: a client's and a server's context, made once for the process.
struct Cast final {
  const char* name;
  std::shared_ptr<const Context> client;
  std::shared_ptr<const Context> server;
  Bytes session;  // of an earlier handshake of theirs; empty where there are no tickets
};

// Pre-shared keys in every key exchange that is quick, certificates of one side and of both; every
// kind of cipher; and one pair that continues sessions and chooses by the server's name.
constexpr std::size_t kCasts = 10;
// Of these the first few have no asymmetric cryptography: their handshakes are cheap.
constexpr std::size_t kPskCasts = 7;

[[nodiscard]] const Cast& castOf(std::size_t index);

// Whose cookie a server asks for, and the one client address there is.
[[nodiscard]] const ClientVerifier& cookieVerifier();
[[nodiscard]] Peer clientAddress();

constexpr const char* kIdentity = "device";
constexpr const char* kServerName = "device.example";
constexpr const char* kSharedKey = "0123456789abcdef";

}  // namespace qdtls::fuzzing
