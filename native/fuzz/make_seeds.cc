// Writes the seed corpora: make_seeds <folder> makes <folder>/<target>/<number>. They come from our
// own handshakes, and are the same in every run.
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "cast.h"
#include "side.h"
#include "tests/hello.h"
#include "tests/records.h"
#include "world.h"

namespace qdtls::fuzzing {
namespace {

class Folder final {
 public:
  explicit Folder(std::filesystem::path path) : path_(std::move(path)) {
    std::filesystem::create_directories(path_);
  }

  void add(const Bytes& seed) {
    std::ofstream file(path_ / std::to_string(count_++), std::ios::binary);
    file.write(reinterpret_cast<const char*>(seed.data()),
               static_cast<std::streamsize>(seed.size()));
  }

 private:
  std::filesystem::path path_;
  std::size_t count_ = 0;
};

void append(Bytes& out, const Bytes& more) { out.insert(out.end(), more.begin(), more.end()); }

// As Input::piece() reads it.
void appendPiece(Bytes& out, const Bytes& piece) {
  out.push_back(static_cast<std::uint8_t>(piece.size() >> 8));
  out.push_back(static_cast<std::uint8_t>(piece.size()));
  append(out, piece);
}

struct Recording final {
  std::vector<Bytes> of_client;
  std::vector<Bytes> of_server;
};

// The datagrams of a handshake and of a message in each direction.
Recording recordHandshake(std::size_t cast, bool with_cookie) {
  static_cast<void>(castOf(cast));
  resetWorld();
  SideOptions client_options;
  client_options.context = castOf(cast).client;
  SideOptions server_options;
  server_options.context = castOf(cast).server;
  server_options.asks_for_cookie = with_cookie;
  Side client(client_options);
  Side server(server_options);
  Recording recording;
  const auto carry = [](Side& from, Side& to, std::vector<Bytes>& log) {
    for (Bytes datagram = from.takeDatagram(); !datagram.empty(); datagram = from.takeDatagram()) {
      to.deliver(datagram);
      log.push_back(std::move(datagram));
    }
  };
  const auto carryAll = [&] {
    for (int round = 0; round < 8; ++round) {
      carry(client, server, recording.of_client);
      carry(server, client, recording.of_server);
    }
  };
  client.start();
  carryAll();
  expect(client.isEstablished() && server.isEstablished(), "the handshake completes");
  client.send("hello");
  server.send("hello yourself");
  carryAll();
  return recording;
}

// Acts of Scene::act(), by their number there.
constexpr std::uint8_t kDeliver = 0;
constexpr std::uint8_t kAnswer = 4;
constexpr std::uint8_t kWait = 6;
constexpr std::uint8_t kPsk = 7;
constexpr std::uint8_t kAttack = 12;

// Seeds for what begins with a Setting: `kinds` are the bytes between it and the acts.
void addScenes(Folder& folder, const std::vector<Bytes>& kinds) {
  for (std::size_t cast = 0; cast < kCasts; ++cast) {
    for (const std::uint8_t bits : {0, 1, 2, 9}) {
      const Recording recording = recordHandshake(cast, (bits & 1) != 0);
      for (const Bytes& kind : kinds) {
        Bytes head = {static_cast<std::uint8_t>(cast), bits};
        append(head, kind);
        // The honest course, with an attack of every kind in between.
        for (std::uint8_t forgery = 0; forgery < 9; ++forgery) {
          Bytes seed = head;
          for (int i = 0; i < 6; ++i)
            append(seed,
                   {kDeliver, kAnswer, 7, kPsk, kAttack, forgery, 1, 0, 40, 2, 3, 0, 9, 5, 0});
          append(seed, {kWait, 4, 0, kDeliver});
          folder.add(seed);
        }
        // What was recorded, as bytes.
        for (const auto* datagrams : {&recording.of_client, &recording.of_server}) {
          Bytes seed = head;
          for (const Bytes& datagram : *datagrams) {
            append(seed, {kAttack, 0});
            appendPiece(seed, datagram);
          }
          folder.add(seed);
        }
      }
    }
  }
}

// Many records of the next epoch, and many messages that are never completed: what costs memory.
void addHoarders(Folder& folder, const Bytes& head) {
  for (const std::size_t size : {30, 400}) {
    Bytes seed = head;
    for (std::size_t i = 0; i < 40; ++i) {
      append(seed, {kAttack, 0});
      appendPiece(seed, testing::Record{testing::kApplicationData, 1, i, Bytes(size, 1)}.encode());
    }
    folder.add(seed);
  }
  Bytes seed = head;
  for (std::uint8_t number = 0; number < 20; ++number) {
    const Bytes fragment = {16, 0, 8, 0, 0, number, 0, 0, 0, 0, 0, 1, 0};
    append(seed, {kAttack, 0});
    appendPiece(seed, testing::Record{testing::kHandshake, 0, number, fragment}.encode());
  }
  folder.add(seed);
}

void addRecords(Folder& guard, Folder& gate) {
  constexpr std::uint8_t kPosts = 80;
  for (std::size_t cast = 0; cast < kCasts; ++cast) {
    const Recording recording = recordHandshake(cast, false);
    for (const auto* datagrams : {&recording.of_client, &recording.of_server}) {
      for (std::uint8_t post = 0; post < kPosts; post = static_cast<std::uint8_t>(post + 7)) {
        Bytes seed = {post, 0};
        for (const Bytes& datagram : *datagrams) {
          seed.push_back(1);
          appendPiece(seed, datagram);
        }
        guard.add(seed);
      }
      for (std::uint8_t way = 0; way < 3; ++way) {
        Bytes seed = {way};
        for (const Bytes& datagram : *datagrams)
          appendPiece(seed, Bytes(datagram.begin() + 13, datagram.end()));
        gate.add(seed);
      }
    }
  }
}

void addHellos(Folder& folder) {
  for (std::size_t cast = 0; cast < kCasts; ++cast) {
    const Recording recording = recordHandshake(cast, true);
    folder.add(recording.of_client[0]);
    folder.add(recording.of_client[1]);
    folder.add(recording.of_server[0]);
  }
  testing::HelloDraft draft;
  for (const std::size_t size : {0, 1, 32, 255}) {
    draft.cookie = Bytes(size, 5);
    draft.session_id = Bytes(size % 33, 6);
    draft.message_sequence = static_cast<std::uint16_t>(size);
    folder.add(draft.encode());
  }
}

// What a peer with keys may say: messages of a handshake, alerts, data, and nothing.
void addSealed(Folder& folder) {
  const Recording recording = recordHandshake(0, false);
  std::vector<std::pair<std::uint8_t, Bytes>> contents = {
      {0, {1}}, {1, {2, 40}}, {1, {1, 0}}, {1, {1, 100}}, {3, {}}, {3, Bytes(100, 'x')}};
  contents.push_back({2, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}});  // HelloRequest
  for (const auto* datagrams : {&recording.of_client, &recording.of_server}) {
    const Bytes& flight = datagrams->front();
    contents.push_back({2, Bytes(flight.begin() + testing::kRecordHeader, flight.end())});
  }
  for (std::uint8_t role = 0; role < 2; ++role) {
    for (const auto& [type, content] : contents) {
      Bytes seed = {role};
      for (int i = 0; i < 3; ++i) {
        append(seed, {type, 1});
        appendPiece(seed, content);
        append(seed, {1, 1, 0});  // one record in its datagram, an answer, no look at the clock
      }
      folder.add(seed);
    }
  }
}

void addAll(const std::filesystem::path& folder) {
  Folder client(folder / "client");
  Folder server(folder / "server");
  for (std::uint8_t stage = 0; stage < 12; stage = static_cast<std::uint8_t>(stage + 3)) {
    addScenes(client, {{stage}});
    addScenes(server, {{stage}});
    addHoarders(client, {0, 0, stage});
    addHoarders(server, {8, 0, stage});
  }
  Folder handshake(folder / "handshake");
  addScenes(handshake, {{0, 0}, {1, 0}, {0, 5}, {1, 5}});
  Folder association(folder / "association");
  addScenes(association, {{0}, {1}});
  Folder guard(folder / "record_guard");
  Folder gate(folder / "psk_gate");
  addRecords(guard, gate);
  Folder sealed(folder / "authenticated_peer");
  addSealed(sealed);
  Folder verifier(folder / "client_verifier");
  addHellos(verifier);
}

}  // namespace
}  // namespace qdtls::fuzzing

int main(int count, char** arguments) {
  if (count != 2) {
    std::fprintf(stderr, "usage: make_seeds <folder>\n");
    return 2;
  }
  qdtls::fuzzing::addAll(arguments[1]);
  return 0;
}
