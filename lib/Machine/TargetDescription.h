// What the scheduler, the planner and the emitter must know about the processor they make code for:
// a small analytical model. Nothing measures the machine; sizes of tiles and blocks follow from
// these numbers alone, so that the same model for the same `--mcpu` gives the same program
// everywhere.
//
// The driver resolves `--mcpu` (Processor.h, Caches.h) and rondo-describe-target, the first pass of
// the stage Schedule, notes the result on the module as `rondo.target`. Every later pass reads it
// there, so a printed stage carries the target that it was scheduled for:
//
//   TargetDescription machine = TargetDescription::of(module);
#ifndef RONDO_MACHINE_TARGETDESCRIPTION_H
#define RONDO_MACHINE_TARGETDESCRIPTION_H

#include "mlir/IR/BuiltinOps.h"

namespace rondo {

namespace names {
/// On the module, on the modules of devices within it, and on clones whose elements are larger: the
/// target description as a dictionary.
inline constexpr llvm::StringLiteral target = "rondo.target";
} // namespace names

/// The defaults are x86-64-v3.
struct TargetDescription {
  int64_t vectorBits = 256;
  int64_t vectorRegisters = 16;
  // Which vectors are instructions; without one of these, what needs it is written in others.
  bool masks = true;   // loads and stores of some lanes; without, the rest of a loop is scalar
  bool rounds = true;  // to whole numbers
  bool scales = false; // by a power of two, with subnormal results
  // What one core can count on: of a cache that several cores share, its part of it.
  int64_t l1Bytes = 32 << 10; // data
  int64_t l2Bytes = 256 << 10;
  int64_t l3Bytes = 2 << 20; // 0: there is none
  /// Cores of the machine. Programs run with any number of workers; this is what to expect.
  int64_t cores = 8;

  /// Threads of a block of a device; 0: a CPU. A device's code is that of one of its many threads,
  /// which has no vectors.
  int64_t threadsPerBlock = 0;
  /// Shared memory of a block that kernels may count on.
  int64_t sharedBytes = 0;
  bool isDevice() const { return threadsPerBlock > 0; }
  /// Rows that are computed one after another stay near who computes them if one takes no more than
  /// so many bytes: of the first-level cache, or of a block's shared memory.
  int64_t mostRowBytes() const { return isDevice() ? sharedBytes : l1Bytes; }
  /// And its largest array has at least so many: a block's threads must have something to do.
  int64_t leastRowBytes() const { return isDevice() ? 64 * 4 : 0; }
  /// Whether who computes a group adds to memory again and again, so that its sums have rests
  /// (Plan/Rests.h); a device's threads have their sums to themselves.
  bool groupsHaveRests() const { return !isDevice(); }
  /// By how many times floats are larger than in the program that a function is the twin of. Every
  /// decision by size is that of that program: a vector has as many lanes, a row or a tile is as
  /// long and what fits a cache is the same, so that `gradcheck` checks the loops that run.
  int64_t elementScale = 1;
  /// What a device's contractions of f32 may round operands to, so that its units for small
  /// matrices can multiply them. Sums stay f32.
  enum Products : int64_t { F32 = 0, TF32 = 1, BF16 = 2 };
  int64_t products = F32;

  /// Bits that an element counts as.
  int64_t bitsOf(mlir::Type element) const {
    int64_t bits = element.getIntOrFloatBitWidth();
    return mlir::isa<mlir::FloatType>(element) ? bits / elementScale : bits;
  }
  int64_t bytesOf(mlir::Type element) const { return (bitsOf(element) + 7) / 8; }
  /// Bytes of memory that a vector takes.
  int64_t vectorBytes() const { return elementScale * vectorBits / 8; }
  /// Lanes of a vector of elements that count as `bits`.
  int64_t lanes(int64_t bits) const { return isDevice() ? 1 : vectorBits / bits; }

  /// An x86-64 processor whose vectors have this width, with what goes with it.
  static TargetDescription forVectorBits(int64_t bits);
  /// An NVIDIA GPU of compute capability 8.0 or later.
  static TargetDescription forCuda();
  /// What the function around `op` says, or else the module; the defaults where neither says
  /// anything.
  static TargetDescription of(mlir::Operation *op);
  mlir::DictionaryAttr attribute(mlir::MLIRContext *context) const;
};

} // namespace rondo

#endif // RONDO_MACHINE_TARGETDESCRIPTION_H
