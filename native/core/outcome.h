#pragma once

#include <string>
#include <vector>

#include "bytes.h"

namespace qdtls {

// What became of the association in one step.
enum class Status : int {
  kInProgress = 0,  // the handshake wants more datagrams
  kEstablished = 1, // the handshake is complete; application data may flow
  kClosed = 2,      // the peer sent close_notify
  kFailed = 3,      // the association is dead; `reason` says why
  kRefused = 4,     // the call was refused and nothing changed; `reason` says why
  kWantsPsk = 5,    // the handshake waits for Connection::providePsk()
  kWantsContext = 6,  // it waits for Connection::provideContext() or refuseServerName()
};

// Everything a step of a Connection tells its caller. The core never sends: `datagrams` wait for the caller's socket.
struct [[nodiscard]] Outcome final {
  Status status = Status::kInProgress;
  std::vector<Bytes> datagrams;   // to be sent, in this order
  std::vector<Bytes> plaintexts;  // application data received, in this order
  std::string reason;             // for kFailed and kRefused
};

// What a step did after another one.
void append(Outcome& first, Outcome next);

// What became of one record on the hot path, where nothing is allocated.
struct [[nodiscard]] Processed final {
  std::size_t size = 0;   // bytes written to the caller's room
  bool has_rest = false;  // there is more to tell: Connection::takeRest()
};

}  // namespace qdtls
