// RUN: rondo-opt %s --split-input-file --verify-diagnostics

func.func @yields(%x: !rondo.array<[B, 4], f32>) attributes {rondo.symbols = [#rondo.symbol<B, batch>]} {
  // expected-error @below {{expected the region to yield the results}}
  %0 = rondo.group : !rondo.array<[B], f32> {
    rondo.yield %x : !rondo.array<[B, 4], f32>
  }
  return
}

// -----

func.func @other_rows(%x: !rondo.array<[B, 4], f32>, %y: !rondo.array<[4], f32>)
    attributes {rondo.symbols = [#rondo.symbol<B, batch>]} {
  %0 = rondo.group rows 1 : !rondo.array<[B, 4], f32> {
    %1 = rondo.group : !rondo.array<[B, 4], f32> {
      %2 = rondo.neg %x : !rondo.array<[B, 4], f32>
      rondo.yield %2 : !rondo.array<[B, 4], f32>
    }
    // expected-error @below {{expected the dims of the rows that the groups before it have}}
    %3 = rondo.group : !rondo.array<[4], f32> {
      %2 = rondo.neg %y : !rondo.array<[4], f32>
      rondo.yield %2 : !rondo.array<[4], f32>
    }
    rondo.yield %1 : !rondo.array<[B, 4], f32>
  }
  return
}

// -----

func.func @too_few(%x: !rondo.array<[], f32>) {
  %0 = rondo.group rows 1 : !rondo.array<[], f32> {
    // expected-error @below {{expected the 1 dims of the rows around it}}
    %1 = rondo.group : !rondo.array<[], f32> {
      %2 = rondo.neg %x : !rondo.array<[], f32>
      rondo.yield %2 : !rondo.array<[], f32>
    }
    rondo.yield %1 : !rondo.array<[], f32>
  }
  return
}

// -----

func.func @no_rows(%x: !rondo.array<[B], f32>) attributes {rondo.symbols = [#rondo.symbol<B, batch>]} {
  // expected-error @below {{expected rows of groups with results}}
  %0 = rondo.group rows 1 : !rondo.array<[B], f32> {
    rondo.yield %x : !rondo.array<[B], f32>
  }
  return
}
