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

// Has the processor fetch the first `size` bytes while there is something else to do.
void expectWrite(Room room, std::size_t size) {
#if defined(__GNUC__)
  constexpr std::size_t kCacheLine = 64;
  const std::size_t end = std::min(room.size(), size);
  for (std::size_t i = 0; i < end; i += kCacheLine) __builtin_prefetch(room.data() + i, 1);
#else
  static_cast<void>(room);
  static_cast<void>(size);
#endif
}

// Goes round in the end.
void countUp(std::int32_t* count) { *count = static_cast<std::int32_t>(static_cast<std::uint32_t>(*count) + 1); }

// Whether what is packed one behind the other fits, each part up to `longest` bytes.
bool isWithin(const std::int32_t* lengths, std::size_t count, std::size_t longest, std::size_t room) {
  std::size_t total = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto length = static_cast<std::size_t>(lengths[i]);  // a negative one is far too long
    if (length > longest) return false;
    total += length;
  }
  return total <= room;
}

}  // namespace

RecordCalls::RecordCalls(Napi::Object exports, Mailbox& mailbox, std::shared_ptr<const ConnectionTable> table)
    : table_(std::move(table)), mailbox_(mailbox), box_(mailbox.box()), arena_(mailbox.arena()) {
  if (mailbox.isEmpty()) return;
  define(exports, "setSlab", &RecordCalls::setSlab);
  define(exports, "sealIn", &RecordCalls::callAlone<&RecordCalls::sealIn>);
  define(exports, "openIn", &RecordCalls::callAlone<&RecordCalls::openIn>);
  define(exports, "sealInto", &RecordCalls::call<&RecordCalls::sealInto>);
  define(exports, "openInto", &RecordCalls::call<&RecordCalls::openInto>);
  define(exports, "sealAgain", &RecordCalls::callAlone<&RecordCalls::sealAgain>);
  define(exports, "openAgain", &RecordCalls::callAlone<&RecordCalls::openAgain>);
  define(exports, "openInPlace", &RecordCalls::call<&RecordCalls::openInPlace>);
  define(exports, "sealMany", &RecordCalls::callOnMany<&RecordCalls::sealMany>);
  define(exports, "openMany", &RecordCalls::callOnMany<&RecordCalls::openMany>);
  define(exports, "sealManyAgain", &RecordCalls::callAlone<&RecordCalls::sealManyAgain>);
  define(exports, "openManyAgain", &RecordCalls::callAlone<&RecordCalls::openManyAgain>);
}

void RecordCalls::define(Napi::Object exports, const char* name, napi_callback callback) {
  napi_value function = nullptr;
  napi_create_function(exports.Env(), name, NAPI_AUTO_LENGTH, callback, this, &function);
  if (function != nullptr) exports.Set(name, function);
}

template <RecordCalls::Work work>
napi_value RecordCalls::call(napi_env env, napi_callback_info info) {
  std::size_t count = 1;
  napi_value argument = nullptr;
  void* self = nullptr;
  if (napi_get_cb_info(env, info, &count, &argument, nullptr, &self) != napi_ok) return nullptr;
  (static_cast<RecordCalls*>(self)->*work)(roomOf(env, argument));
  return nullptr;
}

template <RecordCalls::WorkAlone work>
napi_value RecordCalls::callAlone(napi_env env, napi_callback_info info) {
  void* self = nullptr;
  if (napi_get_cb_info(env, info, nullptr, nullptr, nullptr, &self) != napi_ok) return nullptr;
  (static_cast<RecordCalls*>(self)->*work)();
  return nullptr;
}

template <RecordCalls::WorkOnMany work>
napi_value RecordCalls::callOnMany(napi_env env, napi_callback_info info) {
  std::size_t count = 5;
  std::array<napi_value, 5> arguments;
  void* self = nullptr;
  if (napi_get_cb_info(env, info, &count, arguments.data(), nullptr, &self) != napi_ok) return nullptr;
  Batch batch;
  batch.input = roomOf(env, arguments[0]);
  batch.lengths = numbersOf(env, arguments[1]);
  batch.sizes = numbersOf(env, arguments[2]);
  batch.names = numbersOf(env, arguments[3]);
  if (count > 4) batch.out = roomOf(env, arguments[4]);
  (static_cast<RecordCalls*>(self)->*work)(batch);
  return nullptr;
}

// None for what is no Int32Array.
RecordCalls::Numbers RecordCalls::numbersOf(napi_env env, napi_value value) {
  napi_typedarray_type type = napi_int8_array;
  std::size_t size = 0;
  void* data = nullptr;
  const napi_status status = napi_get_typedarray_info(env, value, &type, &size, &data, nullptr, nullptr);
  if (status != napi_ok || type != napi_int32_array) return {};
  return {static_cast<std::int32_t*>(data), size};
}

napi_value RecordCalls::setSlab(napi_env env, napi_callback_info info) {
  std::size_t count = 1;
  napi_value slab = nullptr;
  void* data = nullptr;
  if (napi_get_cb_info(env, info, &count, &slab, nullptr, &data) != napi_ok) return nullptr;
  auto* self = static_cast<RecordCalls*>(data);
  self->mailbox_.setSlab(roomOf(env, slab), Napi::Reference<Napi::Value>::New(Napi::Value(env, slab), 1));
  return nullptr;
}

Room RecordCalls::warmSlabRoom() const {
  const Room room = mailbox_.slabRoom();
  const auto length = static_cast<std::size_t>(box_[Mailbox::kLength]);
  if (length <= Mailbox::kArenaSize) expectWrite(room, length + Connection::kMaximumOverhead);
  return room;
}

template <RecordCalls::Step step>
void RecordCalls::runInArena(Room out) {
  const auto length = static_cast<std::size_t>(box_[Mailbox::kLength]);
  if (length <= Mailbox::kArenaSize) return runOnce<step>({arena_, length}, out);
  box_[Mailbox::kResult] = kOutside;
  box_[Mailbox::kHasRest] = 0;
}

template <RecordCalls::Step step>
void RecordCalls::runOnce(ByteView input, Room out) {
  Connection* connection = find(box_ + Mailbox::kSlot);
  const Processed processed = connection != nullptr ? (connection->*step)(input, out) : Processed();
  box_[Mailbox::kResult] = connection != nullptr ? static_cast<std::int32_t>(processed.size) : kStale;
  box_[Mailbox::kHasRest] = processed.has_rest ? 1 : 0;
}

void RecordCalls::sealInto(Room out) {
  sealed_to_ = out;
  countUp(box_ + Mailbox::kSealedTo);
  sealAgain();
}

void RecordCalls::openInto(Room out) {
  opened_to_ = out;
  countUp(box_ + Mailbox::kOpenedTo);
  openAgain();
}

void RecordCalls::sealMany(const Batch& batch) {
  sealed_many_ = batch;
  countUp(box_ + Mailbox::kSealedMany);
  sealManyAgain();
}

void RecordCalls::openMany(const Batch& batch) {
  opened_many_ = batch;
  countUp(box_ + Mailbox::kOpenedMany);
  openManyAgain();
}

// The datagrams are packed into `out` one behind the other.
void RecordCalls::sealManyAgain() {
  Room room = sealed_many_.out;
  forEach(sealed_many_, Connection::kMaximumPlaintext, [&room](Connection& connection, Room message) {
    const Processed sealed = connection.seal(viewOf(message), room);
    room = {room.data() + sealed.size, room.size() - sealed.size};
    return sealed;
  });
}

// Each message replaces the beginning of its datagram.
void RecordCalls::openManyAgain() {
  forEach(opened_many_, Mailbox::kArenaSize,
          [](Connection& connection, Room datagram) { return connection.open(viewOf(datagram), datagram); });
}

template <typename Each>
void RecordCalls::forEach(const Batch& batch, std::size_t longest, Each each) {
  const bool are_named = batch.names.data != nullptr;
  std::size_t count = std::min(batch.lengths.size, batch.sizes.size);
  if (are_named) count = std::min(count, batch.names.size / kNameSize);
  box_[Mailbox::kResult] = kOutside;
  box_[Mailbox::kHasRest] = 0;
  if (!isWithin(batch.lengths.data, count, longest, batch.input.size())) return;
  Connection* connection = find(box_ + Mailbox::kSlot);
  Room rest = batch.input;
  std::int32_t made = 0;
  bool has_rest = false;
  for (std::size_t i = 0; i < count; ++i) {
    std::int32_t* name = are_named ? batch.names.data + kNameSize * i : nullptr;
    if (are_named) connection = find(name);
    const auto length = static_cast<std::size_t>(batch.lengths.data[i]);
    Processed processed;
    if (length <= rest.size()) {  // another thread may have changed it since
      if (connection != nullptr) processed = each(*connection, Room(rest.data(), length));
      rest = {rest.data() + length, rest.size() - length};
    }
    batch.sizes.data[i] = static_cast<std::int32_t>(processed.size);
    if (are_named) name[2] = processed.has_rest ? 1 : 0;
    made += processed.size > 0 ? 1 : 0;
    has_rest |= processed.has_rest;
  }
  box_[Mailbox::kResult] = made;
  box_[Mailbox::kHasRest] = has_rest ? 1 : 0;
}

}  // namespace qdtls::binding
