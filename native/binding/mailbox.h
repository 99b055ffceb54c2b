#pragma once

#include <napi.h>

#include "binding/connection_table.h"
#include "core/bytes.h"
#include "core/outcome.h"

namespace qdtls::binding {

// What JavaScript and the native side share in one environment, so that a call needs neither objects nor arguments: `box`,
// 32-bit numbers, and `arena`, bytes. Nobody else sees them. lib/internal/mailbox.ts has the layout too.
class Mailbox final {
 public:
  static constexpr std::size_t kArenaSize = 64 * 1024;
  static constexpr std::size_t kMostParts = 32;

  // Indices of the box.
  enum Box : std::size_t {
    kSlot = 0,
    kGeneration = 1,
    kResult = 2,     // bytes written, or how many of several gave something, or kStale or kOutside; of a step its status
    kHasRest = 3,    // 1: Connection.takeRest() has more to tell
    kLength = 4,     // of what is in the arena
    kOffset = 5,     // into the slab
    kDatagrams = 6,  // of an outcome: how many of its parts are datagrams, the others are messages
    kParts = 7,      // of an outcome: how many; each begins at a multiple of 8
    // Of the connection after a step.
    kTimeout = 8,     // milliseconds until handleTimeout() is due, or -1
    kVersion = 9,     // SSL_version()
    kCipher = 10,     // the number that the suite goes by in messages; 0 before there is one
    kHasPeer = 11,    // 1: the peer has sent a certificate
    kComplaints = 12, // how many there are about it
    kWatched = 13,    // 1: a certificate of an established peer has a serial number that is watched
    kSealedTo = 14,   // how often RecordCalls was given memory to remember
    kOpenedTo = 15,
    kSealedMany = 16, // the same of the regions of a batch
    kOpenedMany = 17,
    kRoom = 18,       // bytes of the slab that the parts of the next step may go to
    kInSlab = 19,     // 1: they did, and else they lie in the arena
    kLengths = 20,    // of each part
    kBoxSize = kLengths + kMostParts,
  };

  // Adds `box` and `arena` to the exports. Empty when a worker is terminated meanwhile: nothing else may be called.
  explicit Mailbox(Napi::Object exports);
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  [[nodiscard]] bool isEmpty() const { return box_ == nullptr; }
  [[nodiscard]] std::int32_t* box() const { return box_; }
  [[nodiscard]] std::uint8_t* arena() const { return arena_; }

  void putHandle(ConnectionTable::Handle handle);
  void putStanding(Connection& connection, Status status);
  // The serial numbers of certificates that JavaScript wants to hear of: the bytes of ASN1_INTEGER.
  void watch(std::vector<Bytes> serial_numbers) { watched_ = std::move(serial_numbers); }
  // False, with nothing that counts left behind, for an outcome that does not fit or has something to say.
  [[nodiscard]] bool put(const Outcome& outcome);
  // One part, of up to kArenaSize bytes, into the arena.
  void put(ByteView part);

  void setSlab(Room slab, Napi::Reference<Napi::Value> owner);
  // What is left of the slab.
  [[nodiscard]] Room slabRoom() const {
    const auto at = static_cast<std::size_t>(box_[kOffset]);  // a negative one is far outside
    return at <= slab_.size() ? Room(slab_.data() + at, slab_.size() - at) : Room();
  }

 private:
  // The same as far as it was lent for this step.
  [[nodiscard]] Room lentRoom();

  // Who keeps the memory that is pointed to.
  Napi::Reference<Napi::Value> box_owner_;
  Napi::Reference<Napi::Value> arena_owner_;
  std::int32_t* box_ = nullptr;
  std::uint8_t* arena_ = nullptr;
  Napi::Reference<Napi::Value> slab_owner_;
  Room slab_;  // JavaScript cuts results from it, and says before each call that it still has it
  std::vector<Bytes> watched_;
};

}  // namespace qdtls::binding
