#pragma once

#include <cstddef>

namespace qdtls {

// What a peer that has proved nothing but its address may cost.
struct HandshakeLimits final {
  // Bytes held for one unfinished handshake: a half for messages that are being put together, a quarter for records
  // that came before their keys, a quarter for datagrams that wait for a pre-shared key.
  std::size_t maximum_bytes = 64 * 1024;
  // How often one flight is repeated before the handshake fails. OpenSSL goes up to 12.
  unsigned maximum_retransmissions = 12;
  // Whether an alert that nobody signed may end the handshake.
  bool obey_unauthenticated_alerts = false;

  [[nodiscard]] std::size_t messageBytes() const { return maximum_bytes / 2; }
  [[nodiscard]] std::size_t earlyBytes() const { return maximum_bytes / 4; }
  [[nodiscard]] std::size_t waitingBytes() const { return maximum_bytes / 4; }
};

}  // namespace qdtls
