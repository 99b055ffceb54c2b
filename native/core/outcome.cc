#include "outcome.h"

#include <iterator>
#include <utility>

namespace qdtls {

void append(Outcome& first, Outcome next) {
  first.status = next.status;
  first.reason = std::move(next.reason);
  std::move(next.datagrams.begin(), next.datagrams.end(), std::back_inserter(first.datagrams));
  std::move(next.plaintexts.begin(), next.plaintexts.end(), std::back_inserter(first.plaintexts));
}

}  // namespace qdtls
