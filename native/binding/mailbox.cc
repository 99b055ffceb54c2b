#include "binding/mailbox.h"

#include <algorithm>

namespace qdtls::binding {

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
  if (isEmpty() || !outcome.reason.empty()) return false;
  box_[kResult] = static_cast<std::int32_t>(outcome.status);
  box_[kDatagrams] = static_cast<std::int32_t>(outcome.datagrams.size());
  box_[kParts] = 0;
  used_ = 0;
  const auto add_all = [this](const std::vector<Bytes>& parts) {
    return std::all_of(parts.begin(), parts.end(), [this](const Bytes& part) { return add(part); });
  };
  return add_all(outcome.datagrams) && add_all(outcome.plaintexts);
}

void Mailbox::put(ByteView part) {
  if (isEmpty()) return;
  box_[kParts] = 0;
  used_ = 0;
  static_cast<void>(add(part));
}

bool Mailbox::add(ByteView part) {
  const auto index = static_cast<std::size_t>(box_[kParts]);
  if (index == kMostParts || part.size() > kArenaSize - used_) return false;
  std::copy_n(part.data(), part.size(), arena_ + used_);
  used_ += part.size();
  box_[kLengths + index] = static_cast<std::int32_t>(part.size());
  box_[kParts] += 1;
  return true;
}

}  // namespace qdtls::binding
