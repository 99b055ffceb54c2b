#pragma once

#include <cstdint>
#include <vector>

#include "core/connection.h"

namespace qdtls::binding {

// The connections of one environment by number, for calls that name one without an object. A number is used again, with
// another generation, so that a name that is too old finds nothing.
class ConnectionTable final {
 public:
  struct Handle final {
    std::int32_t slot = -1;
    std::int32_t generation = 0;
  };

  [[nodiscard]] Handle add(Connection* connection);
  void remove(Handle handle);

  // How many connections have come (or gone, below zero) since this said so; 0 until it is worth saying.
  [[nodiscard]] std::int64_t takeChange();

  [[nodiscard]] Connection* find(Handle handle) const {
    const auto slot = static_cast<std::size_t>(handle.slot);  // a negative one is far beyond the end
    if (slot >= entries_.size() || entries_[slot].generation != handle.generation) return nullptr;
    return entries_[slot].connection;
  }

 private:
  struct Entry final {
    Connection* connection = nullptr;
    std::int32_t generation = 0;
  };

  std::vector<Entry> entries_;
  std::vector<std::int32_t> free_;
  std::int64_t told_ = 0;
};

}  // namespace qdtls::binding
