// A handshake that must complete: loss, repetition, disorder, and everything an attacker can forge
// but unencrypted handshake messages.
#include "scene.h"

using namespace qdtls::fuzzing;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input({data, size});
  const Setting setting(input);
  const qdtls::Role victim = input.flag() ? qdtls::Role::kClient : qdtls::Role::kServer;
  Scene scene(setting, victim, Rules::kNoPlainMessages);
  scene.begin(input.byte() % 24);
  scene.play(input);
  scene.finish();
  return 0;
}
