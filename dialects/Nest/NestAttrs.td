//===- NestAttrs.td - the loops of a contraction or reduction -----*- tablegen -*-===//
#ifndef NEST_ATTRS_TD
#define NEST_ATTRS_TD

include "mlir/IR/AttrTypeBase.td"

def Nest_Dialect : Dialect {
  let name = "nest";
  let cppNamespace = "::rondo";
  let summary = "the loops that compute what is stored";
  let description = [{
    Attributes and no ops: what rondo-tile decides about the loops of contractions and reductions, and
    what Lower executes. README.md has the rationale.
  }];
  let dependentDialects = ["::rondo::RondoDialect"];
  let useDefaultAttributePrinterParser = 1;
  let hasOperationAttrVerify = 1;
}

def Nest_LoopsAttr : AttrDef<Nest_Dialect, "Loops"> {
  let mnemonic = "loops";
  let summary = "the loops of a contraction or a reduction on a CPU";
  let description = [{
    The *space* is what is stored followed by the summed dims: axis `n` is the n-th dim of the group's
    results, and behind these come the summed dims of its head in the order of the head's operands.
    The loops are listed from the outermost to the innermost, the summed ones (`sum`) behind all
    others. Each is `axis : dim` and how its positions are taken:

    | mapping | the loop |
    |---|---|
    | | one position after the other |
    | `lanes 16 x 4` | by 4 vectors of 16 lanes at a time; along a stored axis a tile's columns (the outer-product form), along a summed one its neighbours, folded at the end (the dot form) |
    | `rows 6` | by 6 positions at a time, which share each vector that is loaded; `alone 8`: by 8 where a tile is a single vector |

    Behind the loops may stand: `blocks 512`, the sum is cut along its first axis of run-time length, and
    along the other one if there is one more, into blocks of 512 steps, after each of which the sums are
    added to memory; `by rows`, the epilogue stands in a loop over a tile's rows and not once
    for each; `wide`, a single row is taken by twice as many columns; `panel 1`, each block of the
    columns of operand 1 is copied to consecutive lines first.

    ```mlir
    #nest.loops<[0 : B rows 6 alone 8, 1 : 128 lanes 16 x 4, sum 2 : 64]>
    #nest.loops<[0 : B, sum 1 : T lanes 16]>
    ```
  }];
  let parameters = (ins
    ArrayRefParameter<"::rondo::Loop">:$loops,
    "bool":$byRows,
    "bool":$wide,
    "int64_t":$blocks,
    "int64_t":$panel
  );
  let hasCustomAssemblyFormat = 1;
  let extraClassDeclaration = [{
    /// The loop of this mapping, or null.
    const Loop *find(Loop::Mapping mapping) const;
  }];
}

#endif // NEST_ATTRS_TD
