// A client in every state of its handshake and after, against whatever an attacker sends.
#include "scene.h"

using namespace qdtls::fuzzing;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input({data, size});
  const Setting setting(input);
  Scene scene(setting, qdtls::Role::kClient, Rules::kAnything);
  scene.begin(input.byte() % 24);
  scene.play(input);
  return 0;
}
