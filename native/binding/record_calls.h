#pragma once

#include <napi.h>

#include <memory>

#include "binding/connection_table.h"

namespace qdtls::binding {

// The hot path from JavaScript: plain functions without objects. What a call needs beside bytes, and what comes of it,
// stands in a mailbox of 32-bit numbers; messages and datagrams go through an arena that nobody else sees, or are memory
// of the caller, looked up for the call and forgotten. Nothing is allocated and no JavaScript runs inside.
//
//   setSlab(slab)                  a buffer that JavaScript cuts results from
//   sealIn(), openIn()             from the arena to the slab
//   sealInto(out), openInto(out)   from the arena to the caller's memory
//   openInPlace(datagram)          the message replaces the beginning of its datagram
//   sealMany(messages, out), openMany(datagrams)   several, packed, of any associations
//
// lib/internal/record-calls.ts is the other side, and has the layout of the mailbox too.
class RecordCalls final {
 public:
  static constexpr std::size_t kArenaSize = 64 * 1024;
  static constexpr std::size_t kMostAtOnce = 64;

  // Indices of the mailbox.
  enum Box : std::size_t {
    kSlot = 0,
    kGeneration = 1,
    kResult = 2,    // bytes written; kStale or kOutside
    kHasRest = 3,   // 1: Connection.takeRest() has more to tell
    kLength = 4,    // of what is in the arena; the number of entries for several
    kOffset = 5,    // into the slab; where the first input of several begins
    kCapacity = 6,  // from there; where the first output of several begins
    kEntries = 8,   // slot, generation, length (then the result), has rest
    kEntrySize = 4,
    kBoxSize = kEntries + kEntrySize * kMostAtOnce,
  };
  static constexpr std::int32_t kStale = -1;    // there is no such connection
  static constexpr std::int32_t kOutside = -2;  // a length or offset that points outside of the memory

  // Adds its functions, `box` and `arena` to the exports.
  RecordCalls(Napi::Object exports, std::shared_ptr<const ConnectionTable> table);
  RecordCalls(const RecordCalls&) = delete;
  RecordCalls& operator=(const RecordCalls&) = delete;

 private:
  using Step = Processed (Connection::*)(ByteView, Room);
  // What a function does with the memory of its arguments.
  using Work = void (RecordCalls::*)(Room, Room);

  void define(Napi::Object exports, const char* name, napi_callback callback);
  template <Work work>
  static napi_value call(napi_env env, napi_callback_info info);
  static napi_value setSlab(napi_env env, napi_callback_info info);

  void sealIn(Room /*unused*/, Room /*unused*/) { runInArena(&Connection::seal, slabRoom()); }
  void openIn(Room /*unused*/, Room /*unused*/) { runInArena(&Connection::open, slabRoom()); }
  void sealInto(Room out, Room /*unused*/) { runInArena(&Connection::seal, out); }
  void openInto(Room out, Room /*unused*/) { runInArena(&Connection::open, out); }
  void openInPlace(Room datagram, Room /*unused*/) { runOnce(&Connection::open, viewOf(datagram), datagram); }
  void sealMany(Room messages, Room out);
  void openMany(Room datagrams, Room /*unused*/);
  template <typename Each>
  void forEach(Room inputs, Each each);

  static ByteView viewOf(Room room) { return {room.data(), room.size()}; }
  [[nodiscard]] Room slabRoom() const;
  void runInArena(Step step, Room out);
  void runOnce(Step step, ByteView input, Room out);
  // Runs one step for the connection that is named at `name`, and leaves what came of it at `result`.
  void run(Step step, const std::int32_t* name, ByteView input, Room out, std::int32_t* result);

  std::shared_ptr<const ConnectionTable> table_;
  // Who keeps the memory that is pointed to.
  Napi::Reference<Napi::Value> box_owner_;
  Napi::Reference<Napi::Value> arena_owner_;
  Napi::Reference<Napi::Value> slab_owner_;
  std::int32_t* box_ = nullptr;
  std::uint8_t* arena_ = nullptr;
  Room slab_;
};

}  // namespace qdtls::binding
