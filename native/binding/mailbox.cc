#include "binding/mailbox.h"

#include <algorithm>
#include <utility>

namespace qdtls::binding {
namespace {

std::size_t packedSize(std::size_t size) { return (size + 7) & ~std::size_t{7}; }

std::size_t packedSize(const std::vector<Bytes>& parts) {
  std::size_t sum = 0;
  for (const Bytes& part : parts) sum += packedSize(part.size());
  return sum;
}

}  // namespace

Mailbox::Mailbox(Napi::Object exports) {
  const Napi::Env env = exports.Env();
  auto box = Napi::Int32Array::New(env, kBoxSize);
  auto arena = Napi::Uint8Array::New(env, kArenaSize);
  if (box.IsEmpty() || arena.IsEmpty()) return;
  box_ = box.Data();
  arena_ = arena.Data();
  box_owner_ = Napi::Reference<Napi::Value>::New(box, 1);
  arena_owner_ = Napi::Reference<Napi::Value>::New(arena, 1);
  exports.Set("box", box);
  exports.Set("arena", arena);
}

void Mailbox::putHandle(ConnectionTable::Handle handle) {
  if (isEmpty()) return;
  box_[kSlot] = handle.slot;
  box_[kGeneration] = handle.generation;
}

void Mailbox::putStanding(Connection& connection, Status status) {
  if (isEmpty()) return;
  const auto timeout = connection.timeout();
  box_[kTimeout] = timeout ? static_cast<std::int32_t>(*timeout) : -1;
  box_[kVersion] = connection.version();
  box_[kCipher] = connection.cipherNumber();
  box_[kHasPeer] = connection.hasPeerCertificate() ? 1 : 0;
  box_[kComplaints] = static_cast<std::int32_t>(connection.verification().size());
  const bool is_judged = status == Status::kEstablished || status == Status::kClosed;
  box_[kWatched] = is_judged && connection.peerIsAmong(watched_) ? 1 : 0;
}

bool Mailbox::put(const Outcome& outcome) {
  if (isEmpty()) return false;
  const Room lent = lentRoom();
  const std::size_t count = outcome.datagrams.size() + outcome.plaintexts.size();
  const std::size_t size = packedSize(outcome.datagrams) + packedSize(outcome.plaintexts);
  const bool in_slab = size <= lent.size();
  if (!outcome.reason.empty() || count > kMostParts || (!in_slab && size > kArenaSize)) return false;
  box_[kResult] = static_cast<std::int32_t>(outcome.status);
  box_[kDatagrams] = static_cast<std::int32_t>(outcome.datagrams.size());
  box_[kParts] = static_cast<std::int32_t>(count);
  box_[kInSlab] = in_slab ? 1 : 0;
  std::uint8_t* at = in_slab ? lent.data() : arena_;
  std::int32_t* length = box_ + kLengths;
  for (const auto* parts : {&outcome.datagrams, &outcome.plaintexts}) {
    for (const Bytes& part : *parts) {
      std::copy_n(part.data(), part.size(), at);
      at += packedSize(part.size());
      *length++ = static_cast<std::int32_t>(part.size());
    }
  }
  return true;
}

void Mailbox::put(ByteView part) {
  if (isEmpty()) return;
  const std::size_t size = std::min(part.size(), kArenaSize);
  std::copy_n(part.data(), size, arena_);
  box_[kLengths] = static_cast<std::int32_t>(size);
}

void Mailbox::setSlab(Room slab, Napi::Reference<Napi::Value> owner) {
  slab_ = slab;
  slab_owner_ = std::move(owner);
}

Room Mailbox::lentRoom() {
  const auto lent = static_cast<std::size_t>(std::max(std::exchange(box_[kRoom], 0), 0));
  const Room room = slabRoom();
  return {room.data(), std::min(lent, room.size())};
}

}  // namespace qdtls::binding
