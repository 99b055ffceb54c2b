// An established association, with every kind of cipher and in both roles: whatever an attacker
// sends, it goes on, and genuine records still open.
#include "cast.h"
#include "scene.h"

using namespace qdtls::fuzzing;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input({data, size});
  Setting setting(input);
  setting.cast %= kPskCasts;  // quick handshakes
  setting.with_late_psk = false;
  const qdtls::Role victim = input.flag() ? qdtls::Role::kClient : qdtls::Role::kServer;
  Scene scene(setting, victim, Rules::kNoPlainMessages);
  scene.finish();
  scene.play(input);
  scene.finish();
  return 0;
}
