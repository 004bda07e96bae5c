//===- TeamOps.td - all workers run the same program -------------*- tablegen -*-===//
#ifndef TEAM_OPS_TD
#define TEAM_OPS_TD

include "mlir/IR/OpBase.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Team_Dialect : Dialect {
  let name = "team";
  let cppNamespace = "::rondo::team";
  let summary = "all workers run the same program";
  let description = [{
    The code of an entry (`RondoCode` in include/rondo/Abi.h) is run by all workers of a team at once,
    from its first statement to its last. These ops say who a worker is, which part of a range is its
    own, and where all wait for one another. They stand in an `llvm.func` with the signature of
    RondoCode: the call, and the worker's number. README.md has the rationale.
  }];
}

class Team_Op<string mnemonic, list<Trait> traits = []> : Op<Team_Dialect, mnemonic, traits> {
  let hasVerifier = 1;
}

def Team_IdOp : Team_Op<"id", [Pure]> {
  let summary = "this worker's number, from 0";
  let description = [{
    ```mlir
    %worker = team.id
    ```
  }];
  let results = (outs I64:$id);
  let assemblyFormat = "attr-dict";
}

def Team_SizeOp : Team_Op<"size", [Pure]> {
  let summary = "the number of workers of this call, at least 1";
  let description = [{
    ```mlir
    %workers = team.size
    ```
  }];
  let results = (outs I64:$size);
  let assemblyFormat = "attr-dict";
}

def Team_ShareOp : Team_Op<"share", [Pure]> {
  let summary = "this worker's part of a range";
  let description = [{
    The range [low, high) falls into blocks of `quantum` positions, of which the last may be smaller;
    worker w of n gets the blocks from floor(blocks * w / n) to floor(blocks * (w + 1) / n). The parts
    of all workers are disjoint, in order, and together the range; a part may be empty. It depends on
    nothing but the range, the quantum and the team, so two loops over equal ranges give a worker the
    same positions. low <= high is assumed.

    ```mlir
    %from, %to = team.share %low, %high by 16
    ```
  }];
  let arguments = (ins I64:$low, I64:$high, I64Attr:$quantum);
  let results = (outs I64:$from, I64:$to);
  let assemblyFormat = "$low `,` $high `by` $quantum attr-dict";
}

def Team_BarrierOp : Team_Op<"barrier"> {
  let summary = "waits until all workers are here";
  let description = [{
    What any worker has written before is seen by all workers after it. All workers must come to the
    same barriers in the same order. A worker spins a bounded number of times, then sleeps; a team of
    one worker goes on at once.

    ```mlir
    team.barrier
    ```
  }];
  let assemblyFormat = "attr-dict";
}

#endif // TEAM_OPS_TD
