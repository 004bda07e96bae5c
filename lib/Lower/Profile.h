// `rondoc --profile`: how long each part of a program takes, for the produced program's `profile`.
//
// A part is what the plan stores at once (a group) or a loop. Its code reads the processor's time
// stamp counter before and after, and adds the difference and one call to the part's place in a
// table. That is exact where a timer that interrupts would only sample, counts the calls, which
// gives rates, and needs no table of addresses; two readings and two additions to memory take about
// 40 ns, against microseconds of a group. The command says how much it was. Programs that are
// compiled without the flag hold none of it.
//
// All workers run through all parts and wait for one another in between; the times are those of
// worker 0, its waiting included, so that they add up to the time of the call.
#ifndef RONDO_LOWER_PROFILE_H
#define RONDO_LOWER_PROFILE_H

#include "Lower/Code.h"
#include "Rondo/DimPolynomial.h"

namespace rondo {

namespace names {
/// On the module, after Lower: what is timed, in the order of the table (see RondoPart).
inline constexpr llvm::StringLiteral parts = "rondo.parts";
inline constexpr llvm::StringLiteral partTimes = "rondo.part_times";
} // namespace names

class Profile {
public:
  /// Times nothing.
  Profile() = default;
  /// Numbers the parts of the functions that a program calls, notes them on the module and makes
  /// the table.
  explicit Profile(mlir::ModuleOp module);

  /// Emits the code of an op, and around it what times it if it is a part.
  void time(Code &code, mlir::Operation *op, llvm::function_ref<void()> emit) const;

private:
  void add(mlir::Block &block, int64_t parent, const DimPolynomial &calls);

  llvm::DenseMap<mlir::Operation *, int64_t> numbers;
  mlir::SmallVector<mlir::Attribute> parts;
};

} // namespace rondo

#endif // RONDO_LOWER_PROFILE_H
