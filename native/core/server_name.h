#pragma once

#include <memory>
#include <string>

#include "bytes.h"
#include "context.h"

namespace qdtls {

// A server's view of the name that a client asks for (RFC 6066 section 3), taken from the whole
// hello before OpenSSL does anything with it. Where somebody wants to choose an identity by it, the
// handshake stands still until goOn() or refuse(); where there are tickets, sessions are bound to
// the name they were made under.
class ServerNameGate final {
 public:
  explicit ServerNameGate(std::shared_ptr<const Context> context) : context_(std::move(context)) {}
  ServerNameGate(const ServerNameGate&) = delete;
  ServerNameGate& operator=(const ServerNameGate&) = delete;

  // Tells the client that its name was used.
  static int acknowledge(SSL* ssl, int* alert, void* unused);

  // For OpenSSL's client hello callback: SSL_CLIENT_HELLO_*.
  [[nodiscard]] int onHello(SSL* ssl, int* alert);

  [[nodiscard]] bool asking() const { return state_ == State::kAsking; }
  // '' when the client sent none.
  [[nodiscard]] const std::string& name() const { return name_; }

  // Answers, with the context the gate was made with or another one. Returns why that one cannot be
  // used, or ''.
  [[nodiscard]] std::string goOn(SSL* ssl, std::shared_ptr<const Context> chosen);
  void refuse(int alert);

 private:
  enum class State { kUnread, kAsking, kAnswered, kRefused };

  [[nodiscard]] bool bindSession(SSL* ssl) const;

  std::shared_ptr<const Context>
      context_;  // the first one: its BIO_METHOD is in use as long as the SSL is
  std::shared_ptr<const Context> chosen_;
  State state_ = State::kUnread;
  std::string name_;
  int alert_ = 0;
};

}  // namespace qdtls
