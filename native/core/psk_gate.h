#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bytes.h"
#include "openssl_ptr.h"
#include "record.h"

namespace qdtls {

struct PskAnswer final {
  std::string identity;  // client only
  SecretBytes key;       // empty: no key for this peer
};

// The first bytes of a message that may come in fragments, in any order.
template <std::size_t kCapacity>
class MessagePrefix final {
 public:
  void add(std::size_t offset, ByteView body);
  [[nodiscard]] bool isEmpty() const { return present_.none(); }

  // The first `count` bytes; nothing before all of them are there.
  [[nodiscard]] std::optional<ByteView> first(std::size_t count) const;
  // The field with a 16-bit length that the message begins with.
  [[nodiscard]] std::optional<std::string> leadingField() const;

 private:
  std::array<std::uint8_t, kCapacity> bytes_{};
  std::bitset<kCapacity> present_;
  std::size_t leading_ = 0;  // how many are present from the first one on
};

// Knows, before OpenSSL does, that a key will be asked for. In DTLS 1.2 the messages that lead to the question are
// unencrypted: the server needs the key for the ClientKeyExchange, which begins with the identity; the client for its
// answer to the ServerHelloDone, after the hint in the ServerKeyExchange. So the record that would make OpenSSL ask is
// held back, the key is fetched (at once, or from a database), and the record goes on. OpenSSL's callback finds it here.
class PskGate final {
 public:
  PskGate() = default;
  PskGate(const PskGate&) = delete;
  PskGate& operator=(const PskGate&) = delete;

  void attach(SSL* ssl) { ssl_ = ssl; }

  // Whether an unencrypted handshake record has to wait for answer().
  [[nodiscard]] bool mustHold(ByteView record);

  [[nodiscard]] bool asking() const { return state_ == State::kAsking; }
  // A server: the identity the client sent. A client: the hint the server sent.
  [[nodiscard]] const std::string& subject() const { return subject_; }

  void answer(PskAnswer answer);

  // The handshake is complete: nothing will be asked any more, and the key is wiped.
  void forget();

  // What OpenSSL gets. A server's answer is good for the identity that was asked about and for no other: fragments
  // that overlap could show two to two readers.
  [[nodiscard]] const PskAnswer* answerForClient() const { return state_ == State::kAnswered ? &answer_ : nullptr; }
  [[nodiscard]] const PskAnswer* answerForServer(std::string_view identity) const;

 private:
  enum class State { kWatching, kAsking, kAnswered, kOver };

  using HelloPrefix = MessagePrefix<2 + 32 + 1 + 32 + 2>;  // version, random, session id, suite
  using FieldPrefix = MessagePrefix<2 + 256>;  // a length, and the longest identity or hint that OpenSSL takes

  // What was seen of the messages that lead to the question. Only messages with the numbers that are due count, as for
  // OpenSSL: anybody can send others.
  struct Messages final {
    std::optional<std::uint16_t> client_hello_sequence;
    std::uint16_t server_hello_sequence = 0;  // 1 after a HelloVerifyRequest
    std::optional<std::uint16_t> server_done_sequence;
    HelloPrefix server_hello;
    // Most handshakes need neither. Of the server: without a certificate before it, and with one.
    std::array<std::unique_ptr<FieldPrefix>, 2> key_exchanges;
    std::unique_ptr<FieldPrefix> client_key_exchange;
  };

  // The suite that the server chose, once it is known.
  [[nodiscard]] const SSL_CIPHER* chosenCipher() const;
  void watchClient(const HandshakeFragment& fragment);
  void watchServer(const HandshakeFragment& fragment);
  void ask(std::string subject);

  SSL* ssl_ = nullptr;
  State state_ = State::kWatching;
  std::unique_ptr<Messages> seen_ = std::make_unique<Messages>();  // while watching and asking
  std::string subject_;
  PskAnswer answer_;
};

}  // namespace qdtls
