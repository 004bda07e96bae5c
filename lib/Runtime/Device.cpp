// Copies that do not wait, through a ring of memory that the device reads by itself.
#include "Runtime/Device.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <unistd.h>

using namespace rondo;

// Some training steps' data, so that the host seldom waits for the device; what is longer goes in
// pieces, which keeps both busy.
static constexpr size_t ringBytes = size_t(8) << 20, pieceBytes = ringBytes / 4, mostPieces = 256;

Status Device::copyToDevice(void *to, const void *from, size_t bytes) {
  if (!ring) {
    void *memory = nullptr;
    RONDO_TRY(allocateHost(ringBytes, memory));
    ring = static_cast<char *>(memory);
    pieces.resize(mostPieces);
    for (Piece &piece : pieces)
      RONDO_TRY(makeEvent(piece.event));
  }
  for (size_t done = 0; done < bytes; done += pieceBytes)
    RONDO_TRY(stage(static_cast<char *>(to) + done, static_cast<const char *>(from) + done,
                    std::min(pieceBytes, bytes - done)));
  return {};
}

Status Device::stage(void *to, const void *from, size_t bytes) {
  size_t rounded = (bytes + 63) / 64 * 64;
  RONDO_TRY(makeRoom(rounded));
  std::memcpy(ring + head, from, bytes);
  RONDO_TRY(queueToDevice(to, ring + head, bytes));
  Piece &piece = pieces[(firstPiece + numPieces) % mostPieces];
  piece.start = head;
  RONDO_TRY(record(piece.event));
  ++numPieces;
  head += rounded;
  return {};
}

/// Moves `head` to where `bytes` are free, waiting for the oldest copies if need be.
Status Device::makeRoom(size_t bytes) {
  while (numPieces > 0) {
    size_t oldest = pieces[firstPiece].start;
    bool fits = oldest < head ? head + bytes <= ringBytes : head + bytes <= oldest;
    if (!fits && oldest < head && bytes <= oldest) {
      head = 0;
      fits = true;
    }
    if (fits && numPieces < mostPieces)
      return {};
    RONDO_TRY(retirePiece());
  }
  if (head + bytes > ringBytes)
    head = 0;
  return {};
}

Status Device::retirePiece() {
  Event event = pieces[firstPiece].event;
  bool done = false;
  RONDO_TRY(isDone(event, done));
  if (!done)
    RONDO_TRY(waitFor(event));
  firstPiece = (firstPiece + 1) % mostPieces;
  --numPieces;
  return {};
}

void Device::freeStaging() {
  for (Piece &piece : pieces)
    if (piece.event)
      freeEvent(piece.event);
  pieces.clear();
  if (ring)
    freeHost(ring);
  ring = nullptr;
  numPieces = 0;
}

Status DeviceBuffer::reserve(Device &on, size_t bytes) {
  if (address && owner == &on && bytes <= size)
    return {};
  release();
  RONDO_TRY(on.allocate(std::max<size_t>(bytes, 1), address));
  owner = &on;
  size = address ? bytes : 0;
  return {};
}

void DeviceBuffer::release() {
  if (address)
    owner->free(address);
  address = nullptr;
  size = 0;
}

Landing::~Landing() {
  if (event) {
    (void)device->waitFor(event).failed(); // what is under way must not land elsewhere
    device->freeEvent(event);
  }
  if (memory)
    device->freeHost(memory);
}

Status Landing::make(Device &on) {
  if (memory)
    return {};
  device = &on;
  RONDO_TRY(on.allocateHost(most, memory));
  return on.makeEvent(event);
}

Status Landing::add(const void *from, size_t bytes, size_t offset) {
  return device->queueToHost(static_cast<char *>(memory) + offset, from, bytes);
}

Status Landing::start() { return device->record(event); }
Status Landing::hasArrived(bool &arrived) { return device->isDone(event, arrived); }
Status Landing::wait() { return device->waitFor(event); }

std::string rondo::bytesText(int64_t bytes) {
  if (bytes < 10000)
    return format("%lld bytes", static_cast<long long>(bytes));
  auto value = static_cast<double>(bytes);
  return bytes < 1000 * 1000 * 1000 ? format("%.4g MB", value * 1e-6)
                                    : format("%.4g GB", value * 1e-9);
}

Status rondo::noRoom(Device &device, const std::string &what, int64_t bytes) {
  DeviceMemory memory;
  RONDO_TRY(device.memory(memory));
  return error("%s takes %s, but %s has %s free", what.c_str(), bytesText(bytes).c_str(),
               device.name().c_str(), bytesText(memory.free).c_str());
}

void rondo::stopProgram(const Status &status) {
  std::fflush(stdout);
  std::fprintf(stderr, "error: %s\n", status.message().c_str());
  ::_exit(1);
}
