#include "binding/record_calls.h"

#include <algorithm>
#include <array>

namespace qdtls::binding {
namespace {

// An empty room for what is no view on memory, or when the environment is ending.
Room roomOf(napi_env env, napi_value value) {
  void* data = nullptr;
  std::size_t size = 0;
  if (napi_get_buffer_info(env, value, &data, &size) != napi_ok) return {};
  return {static_cast<std::uint8_t*>(data), size};
}

// What lies in `room` from an offset on; an empty room when there is nothing.
Room from(Room room, std::int32_t offset, std::size_t size) {
  const auto at = static_cast<std::size_t>(offset);  // a negative one is far outside
  if (at > room.size() || size > room.size() - at) return {};
  return {room.data() + at, size};
}

}  // namespace

RecordCalls::RecordCalls(Napi::Object exports, std::shared_ptr<const ConnectionTable> table)
    : table_(std::move(table)) {
  const Napi::Env env = exports.Env();
  auto box = Napi::Int32Array::New(env, kBoxSize);
  auto arena = Napi::Uint8Array::New(env, kArenaSize);
  if (box.IsEmpty() || arena.IsEmpty()) return;  // a worker that is terminated
  box_ = box.Data();
  arena_ = arena.Data();
  box_owner_ = Napi::Reference<Napi::Value>::New(box, 1);
  arena_owner_ = Napi::Reference<Napi::Value>::New(arena, 1);
  exports.Set("box", box);
  exports.Set("arena", arena);
  define(exports, "setSlab", &RecordCalls::setSlab);
  define(exports, "sealIn", &RecordCalls::call<&RecordCalls::sealIn>);
  define(exports, "openIn", &RecordCalls::call<&RecordCalls::openIn>);
  define(exports, "sealInto", &RecordCalls::call<&RecordCalls::sealInto>);
  define(exports, "openInto", &RecordCalls::call<&RecordCalls::openInto>);
  define(exports, "openInPlace", &RecordCalls::call<&RecordCalls::openInPlace>);
  define(exports, "sealMany", &RecordCalls::call<&RecordCalls::sealMany>);
  define(exports, "openMany", &RecordCalls::call<&RecordCalls::openMany>);
}

void RecordCalls::define(Napi::Object exports, const char* name, napi_callback callback) {
  napi_value function = nullptr;
  napi_create_function(exports.Env(), name, NAPI_AUTO_LENGTH, callback, this, &function);
  if (function != nullptr) exports.Set(name, function);
}

template <RecordCalls::Work work>
napi_value RecordCalls::call(napi_env env, napi_callback_info info) {
  std::size_t count = 2;
  std::array<napi_value, 2> arguments;
  void* self = nullptr;
  if (napi_get_cb_info(env, info, &count, arguments.data(), nullptr, &self) != napi_ok) return nullptr;
  const Room first = count > 0 ? roomOf(env, arguments[0]) : Room();
  const Room second = count > 1 ? roomOf(env, arguments[1]) : Room();
  (static_cast<RecordCalls*>(self)->*work)(first, second);
  return nullptr;
}

napi_value RecordCalls::setSlab(napi_env env, napi_callback_info info) {
  std::size_t count = 1;
  napi_value slab = nullptr;
  void* data = nullptr;
  if (napi_get_cb_info(env, info, &count, &slab, nullptr, &data) != napi_ok) return nullptr;
  auto* self = static_cast<RecordCalls*>(data);
  self->slab_ = roomOf(env, slab);
  self->slab_owner_ = Napi::Reference<Napi::Value>::New(Napi::Value(env, slab), 1);
  return nullptr;
}

Room RecordCalls::slabRoom() const {
  return from(slab_, box_[kOffset], static_cast<std::size_t>(std::max(box_[kCapacity], 0)));
}

void RecordCalls::runInArena(Step step, Room out) {
  const auto length = static_cast<std::size_t>(box_[kLength]);
  if (length <= kArenaSize) return runOnce(step, {arena_, length}, out);
  box_[kResult] = kOutside;
  box_[kHasRest] = 0;
}

void RecordCalls::runOnce(Step step, ByteView input, Room out) { run(step, box_ + kSlot, input, out, box_ + kResult); }

void RecordCalls::run(Step step, const std::int32_t* name, ByteView input, Room out, std::int32_t* result) {
  Connection* connection = table_->find({name[0], name[1]});
  if (connection == nullptr) {
    result[0] = kStale;
    result[1] = 0;
    return;
  }
  const Processed processed = (connection->*step)(input, out);
  result[0] = static_cast<std::int32_t>(processed.size);
  result[1] = processed.has_rest ? 1 : 0;
}

// The datagrams are packed into `out` one behind the other.
void RecordCalls::sealMany(Room messages, Room out) {
  std::int32_t end = box_[kCapacity];
  forEach(messages, [&](std::int32_t* entry, Room message) {
    const auto used = static_cast<std::size_t>(end);
    const Room room = used <= out.size() ? Room(out.data() + used, out.size() - used) : Room();
    run(&Connection::seal, entry, viewOf(message), room, entry + 2);
    end += std::max(entry[2], 0);
  });
  box_[kCapacity] = end;
}

// Each message replaces the beginning of its datagram.
void RecordCalls::openMany(Room datagrams, Room /*unused*/) {
  forEach(datagrams, [&](std::int32_t* entry, Room datagram) {
    run(&Connection::open, entry, viewOf(datagram), datagram, entry + 2);
  });
}

template <typename Each>
void RecordCalls::forEach(Room inputs, Each each) {
  std::int32_t at = box_[kOffset];
  const auto count = std::min(static_cast<std::size_t>(box_[kLength]), kMostAtOnce);
  for (std::int32_t* entry = box_ + kEntries; entry != box_ + kEntries + kEntrySize * count; entry += kEntrySize) {
    const std::int32_t length = entry[2];
    const Room input = from(inputs, at, static_cast<std::size_t>(length));
    entry[2] = kOutside;
    entry[3] = 0;
    if (input.size() != static_cast<std::size_t>(length)) continue;
    at += length;
    each(entry, input);
  }
  box_[kOffset] = at;
}

}  // namespace qdtls::binding
