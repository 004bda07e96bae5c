// RUN: rondo-opt %s --rondo-differentiate --split-input-file --verify-diagnostics
// An op without a rule between a parameter and a loss is refused at its own place.

func.func @between(%x: !rondo.array<[], f32>) -> !rondo.array<[], f32> {
  %g = rondo.grad(%x) : (!rondo.array<[], f32>) -> (!rondo.array<[], f32>) {
  ^bb0(%v: !rondo.array<[], f32>):
    // expected-error @below {{'rondo.group' op has no reverse rule}}
    %y = rondo.group : !rondo.array<[], f32> {
      %e = rondo.exp %v : !rondo.array<[], f32>
      rondo.yield %e : !rondo.array<[], f32>
    }
    rondo.yield %y : !rondo.array<[], f32>
  }
  return %g : !rondo.array<[], f32>
}

// -----

// In the body of a loop too.
func.func @inside(%x: !rondo.array<[], f32>) -> !rondo.array<[], f32> {
  %g = rondo.grad(%x) : (!rondo.array<[], f32>) -> (!rondo.array<[], f32>) {
  ^bb0(%v: !rondo.array<[], f32>):
    %r = rondo.scan over <3> carry(%v) : (!rondo.array<[], f32>) -> (!rondo.array<[], f32>) {
    ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[], f32>):
      // expected-error @below {{'rondo.group' op has no reverse rule}}
      %y = rondo.group : !rondo.array<[], f32> {
        %e = rondo.exp %c : !rondo.array<[], f32>
        rondo.yield %e : !rondo.array<[], f32>
      }
      rondo.yield %y : !rondo.array<[], f32>
    }
    rondo.yield %r : !rondo.array<[], f32>
  }
  return %g : !rondo.array<[], f32>
}

// -----

// Where no derivative passes, none is asked for.
func.func @beside(%x: !rondo.array<[], f32>) -> !rondo.array<[], f32> {
  %g = rondo.grad(%x) : (!rondo.array<[], f32>) -> (!rondo.array<[], f32>) {
  ^bb0(%v: !rondo.array<[], f32>):
    %s = rondo.stop_gradient %v : !rondo.array<[], f32>
    %y = rondo.group : !rondo.array<[], f32> {
      %e = rondo.exp %s : !rondo.array<[], f32>
      rondo.yield %e : !rondo.array<[], f32>
    }
    %z = rondo.mul %v, %y : !rondo.array<[], f32>
    rondo.yield %z : !rondo.array<[], f32>
  }
  return %g : !rondo.array<[], f32>
}
