#include "binding/connection_table.h"

namespace qdtls::binding {
namespace {

// Connections. Told one by one, a storm of some hundred newcomers would bring a collection that finds nothing. Of so many, some
// 50 MB, the collector may not have heard.
constexpr std::int64_t kLeastChange = 1024;

}  // namespace

ConnectionTable::Handle ConnectionTable::add(Connection* connection) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::int32_t>(entries_.size()));
    entries_.emplace_back();
  }
  const std::int32_t slot = free_.back();
  free_.pop_back();
  Entry& entry = entries_[static_cast<std::size_t>(slot)];
  entry.connection = connection;
  return {slot, entry.generation};
}

void ConnectionTable::remove(Handle handle) {
  if (find(handle) == nullptr) return;
  Entry& entry = entries_[static_cast<std::size_t>(handle.slot)];
  entry.connection = nullptr;
  entry.generation = static_cast<std::int32_t>(static_cast<std::uint32_t>(entry.generation) + 1);
  free_.push_back(handle.slot);
}

std::int64_t ConnectionTable::takeChange() {
  const auto live = static_cast<std::int64_t>(entries_.size() - free_.size());
  const std::int64_t change = live - told_;
  if (change < kLeastChange && change > -kLeastChange) return 0;
  told_ = live;
  return change;
}

}  // namespace qdtls::binding
