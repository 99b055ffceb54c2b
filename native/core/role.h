#pragma once

namespace qdtls {

enum class Role : int { kClient = 0, kServer = 1 };

}  // namespace qdtls
