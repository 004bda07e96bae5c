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

// -----

// A step may move elements along the rows of what is there for all of them (%x), but not of what
// another step gives: that has the row at hand alone.
func.func @another_row(%x: !rondo.array<[B, 4, 8], f32>, %y: !rondo.array<[B, 2, 8], f32>)
    attributes {rondo.symbols = [#rondo.symbol<B, batch>]} {
  %0 = rondo.group rows 2 : !rondo.array<[B, 4, 8], f32> {
    %1 = rondo.group : !rondo.array<[B, 4, 8], f32> {
      %2 = rondo.pad %y axis 1 at <1> : <[B, 2, 8], f32> -> <[B, 4, 8], f32>
      rondo.yield %2 : !rondo.array<[B, 4, 8], f32>
    }
    %3 = rondo.slice %1 axis 1 from <1> : <[B, 4, 8], f32> -> <[B, 2, 8], f32>
    // expected-error @below {{expected to read the rows at hand of the groups before it}}
    %4 = rondo.group : !rondo.array<[B, 4, 8], f32> {
      %2 = rondo.pad %3 axis 1 at <0> : <[B, 2, 8], f32> -> <[B, 4, 8], f32>
      rondo.yield %2 : !rondo.array<[B, 4, 8], f32>
    }
    rondo.yield %4 : !rondo.array<[B, 4, 8], f32>
  }
  return
}
