#pragma once

#include <napi.h>

#include <memory>

#include "binding/connection_table.h"
#include "binding/mailbox.h"

namespace qdtls::binding {

// The hot path from JavaScript: plain functions without objects. What a call needs beside bytes, and what comes of it,
// stands in the mailbox; messages and datagrams go through its arena, or are memory of the caller, looked up for the call and
// forgotten, except that of the last Into call and the last batch. Nothing is allocated and no JavaScript runs inside.
//
//   setSlab(slab)                  a buffer that JavaScript cuts results from
//   sealIn(), openIn()             from the arena to the slab
//   sealInto(out), openInto(out)   from the arena to the caller's memory
//   sealAgain(), openAgain()       the same, to the memory of the last sealInto() or openInto(): whoever calls it holds that
//                                  memory, and has seen that its length is what it was
//   openInPlace(datagram)          the message replaces the beginning of its datagram
//   sealMany(messages, lengths, sizes, names, out), openMany(datagrams, lengths, sizes, names)
//                                  several, packed, of the connection in the mailbox, or of those in `names`
//   sealManyAgain(), openManyAgain()
//                                  the same with the memory of the last sealMany() or openMany(), on the same terms
//
// lib/internal/record-calls.ts and batch-calls.ts are the other side.
class RecordCalls final {
 public:
  // Of each entry of `names`: slot, generation, and whether that connection has more to tell.
  static constexpr std::size_t kNameSize = 3;
  static constexpr std::int32_t kStale = -1;    // there is no such connection
  static constexpr std::int32_t kOutside = -2;  // a length or offset that points outside of the memory

  // Adds its functions to the exports. The mailbox lives as long as the environment.
  RecordCalls(Napi::Object exports, Mailbox& mailbox, std::shared_ptr<const ConnectionTable> table);
  RecordCalls(const RecordCalls&) = delete;
  RecordCalls& operator=(const RecordCalls&) = delete;

 private:
  using Step = Processed (Connection::*)(ByteView, Room);

  // 32-bit numbers of the caller.
  struct Numbers final {
    std::int32_t* data = nullptr;
    std::size_t size = 0;
  };
  struct Batch final {
    Room input;
    Numbers lengths;
    Numbers sizes;
    Numbers names;  // empty: the mailbox has the only one
    Room out;
  };

  // What a function does with the memory of its argument, or without one, or with many.
  using Work = void (RecordCalls::*)(Room);
  using WorkAlone = void (RecordCalls::*)();
  using WorkOnMany = void (RecordCalls::*)(const Batch&);

  void define(Napi::Object exports, const char* name, napi_callback callback);
  template <Work work>
  static napi_value call(napi_env env, napi_callback_info info);
  template <WorkAlone work>
  static napi_value callAlone(napi_env env, napi_callback_info info);
  template <WorkOnMany work>
  static napi_value callOnMany(napi_env env, napi_callback_info info);
  static Numbers numbersOf(napi_env env, napi_value value);
  static napi_value setSlab(napi_env env, napi_callback_info info);

  void sealIn() { runInArena<&Connection::seal>(warmSlabRoom()); }
  void openIn() { runInArena<&Connection::open>(warmSlabRoom()); }
  void sealInto(Room out);
  void openInto(Room out);
  void sealAgain() { runInArena<&Connection::seal>(sealed_to_); }
  void openAgain() { runInArena<&Connection::open>(opened_to_); }
  void openInPlace(Room datagram) { runOnce<&Connection::open>(viewOf(datagram), datagram); }
  void sealMany(const Batch& batch);
  void openMany(const Batch& batch);
  void sealManyAgain();
  void openManyAgain();
  template <typename Each>
  void forEach(const Batch& batch, std::size_t longest, Each each);

  static ByteView viewOf(Room room) { return {room.data(), room.size()}; }
  template <Step step>
  void runInArena(Room out);
  template <Step step>
  void runOnce(ByteView input, Room out);

  // What is left of the slab, with the place of the result on its way to the cache: nobody has written there for long.
  [[nodiscard]] Room warmSlabRoom() const;
  // Of the slot and generation that stand there; null when there is none.
  [[nodiscard]] Connection* find(const std::int32_t* name) const { return table_->find({name[0], name[1]}); }

  std::shared_ptr<const ConnectionTable> table_;
  Mailbox& mailbox_;
  std::int32_t* box_;
  std::uint8_t* arena_;
  Room sealed_to_;  // memory of the caller: see sealAgain()
  Room opened_to_;
  Batch sealed_many_;  // see sealManyAgain()
  Batch opened_many_;
};

}  // namespace qdtls::binding
