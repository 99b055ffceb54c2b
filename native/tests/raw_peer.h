#pragma once

#include "association.h"
#include "records.h"

namespace qdtls::testing {

// An SSL on OpenSSL's own memory BIOs, so that nothing of ours stands between a test and OpenSSL.
void attachMemoryBios(SSL* ssl);
void putDatagram(SSL* ssl, ByteView datagram);  // instead of any that was not read
[[nodiscard]] Datagrams takeRecords(SSL* ssl);  // what was written, a record each

// OpenSSL without our core, for the ends of an association that do not behave. It knows OnePsk's
// key of End.
class RawPeer final {
 public:
  explicit RawPeer(Role role, const char* ciphers = "PSK-AES128-GCM-SHA256");

  // Runs the handshake with an End. True when both are done.
  bool connect(End& other);

  // Lets seal() work before the handshake is complete: a client can as soon as its last flight is
  // made.
  void deriveKeys();

  void deliver(ByteView datagram);
  void carry(End& other);
  [[nodiscard]] Datagrams takeOutbox() { return takeRecords(ssl_.get()); }
  [[nodiscard]] SSL* ssl() { return ssl_.get(); }
  [[nodiscard]] std::vector<std::string> takeTexts() { return std::exchange(texts_, {}); }

  // A record of this peer's epoch 1, sealed by hand (AES-128-GCM only): of any type, sequence
  // number and content.
  [[nodiscard]] Bytes seal(std::uint8_t type, std::uint64_t sequence, ByteView plaintext) const;

 private:
  UniqueSslCtx context_;
  UniqueSsl ssl_;
  Bytes key_block_;  // of the first handshake: a refused renegotiation leaves new randoms behind,
                     // but not new keys
  std::vector<std::string> texts_;
};

}  // namespace qdtls::testing
