#pragma once

#include <deque>
#include <memory>
#include <string>

#include "core/connection.h"

namespace qdtls::fuzzing {

struct SideOptions final {
  std::shared_ptr<const Context> context;
  std::size_t mtu = 1400;
  HandshakeLimits limits;
  bool asks_for_cookie = false;  // servers
  bool answers_psk = true;       // at once; else when it is told to
  std::string server_name = {};  // clients: whom to ask for, and what to continue
  ByteView session = {};
};

// One end of an association, driven as lib/dtls-association.ts drives it, with expectations about
// all it does.
class Side final {
 public:
  explicit Side(const SideOptions& options);

  void start() { take(connection_->start()); }
  void deliver(ByteView datagram);
  void handleTimeout();
  // Answers what it is waiting for, a key or a context, if it is.
  void answerPsk(const std::string& key);
  void send(const std::string& text);
  void shutdown();
  void setMtu(std::size_t bytes);

  [[nodiscard]] bool isOpen() const { return status_ == Status::kInProgress || isEstablished(); }
  [[nodiscard]] bool isEstablished() const { return status_ == Status::kEstablished; }
  [[nodiscard]] bool wantsPsk() const { return wants_psk_; }
  [[nodiscard]] Connection& connection() { return *connection_; }

  [[nodiscard]] bool hasDatagram() const { return !outbox_.empty(); }
  // The oldest datagram that was not taken yet; empty when there is none.
  [[nodiscard]] Bytes takeDatagram();
  [[nodiscard]] std::deque<std::string> takeTexts() { return std::exchange(texts_, {}); }

 private:
  void begin(ByteView datagram);
  void take(Outcome outcome);

  SideOptions options_;
  std::unique_ptr<Connection> connection_;
  Status status_ = Status::kInProgress;
  bool has_begun_ = false;
  bool wants_psk_ = false;
  bool wants_context_ = false;
  std::deque<Bytes> outbox_;
  std::deque<std::string> texts_;
};

}  // namespace qdtls::fuzzing
