#pragma once

#include <set>
#include <string>
#include <vector>

#include "input.h"
#include "side.h"

namespace qdtls::fuzzing {

enum class Rules {
  kAnything,         // the attacker forges what he likes; no handshake has to complete
  kNoPlainMessages,  // he forges no unencrypted handshake message: the handshake completes
};

// Who plays and how, as an input chooses.
struct Setting final {
  explicit Setting(Input& input);

  [[nodiscard]] SideOptions side(Role role, bool is_victim) const;

  std::size_t cast;
  bool with_cookie;
  bool with_small_mtu;
  bool with_small_limits;
  bool with_late_psk;
  bool obeys_alerts;
  bool continues;  // an earlier session, where there is one
};

// A victim and its honest peer, with an attacker between them who sees everything and adds, loses,
// delays and repeats what he likes. Whatever he does, nothing is delivered that the peer did not
// send, nothing twice, and what is established stays so.
class Scene final {
 public:
  Scene(const Setting& setting, Role victim, Rules rules);

  // Begins with `count` datagrams of the honest handshake, if there are as many.
  void begin(std::size_t count);
  // Plays the rest of the input, act by act.
  void play(Input& input);
  // Loses nothing more: the handshake completes, and both ends hear each other.
  void finish();

 private:
  [[nodiscard]] Side& victim() { return role_ == Role::kClient ? client_ : server_; }
  [[nodiscard]] Side& peer() { return role_ == Role::kClient ? server_ : client_; }

  void act(Input& input);
  void attack(const Bytes& datagram);
  void hand(const Bytes& datagram);
  void deliver(std::size_t index);
  void lose(std::size_t index);
  void answer(std::size_t most);
  void carryAll();
  void waitFor(unsigned milliseconds);
  void converse();
  void say(Side& from, std::set<std::string>& unheard);
  void look();
  void listen();

  Role role_;
  Rules rules_;
  Side client_;
  Side server_;
  std::vector<Bytes> seen_;                    // by the attacker: genuine datagrams of both sides
  std::set<Bytes> of_peer_;                    // genuine datagrams of the peer, for ever
  std::vector<Bytes> on_way_;                  // to the victim
  std::set<std::string> to_victim_, to_peer_;  // said and not yet heard
  std::ptrdiff_t held_ = 0;                    // bytes that datagrams made the victim keep
  std::ptrdiff_t most_held_;
  std::size_t messages_ = 0;
  std::size_t losses_ = 0;
  std::size_t waits_ = 0;
  bool is_closing_ = false;
};

}  // namespace qdtls::fuzzing
