// RUN: rondo-opt %s --rondo-stream --split-input-file --verify-diagnostics
// What looks ahead along the streamed dim is refused at its own line.

// A loop in reverse.
func.func @reversed(%xs: !rondo.array<[T, 2], f32>) -> !rondo.array<[T, 2], f32>
    attributes {rondo.symbols = [#rondo.symbol<T, ragged>, #rondo.symbol<S, uniform>]} {
  %zero = rondo.constant 0.0 : f32 -> !rondo.array<[2], f32>
  %ys = rondo.scan over <T> slice(%xs axis 0) stack(0) : (!rondo.array<[T, 2], f32>) -> !rondo.array<[T, 2], f32> {
  ^bb0(%t: !rondo.array<[], i64>, %x: !rondo.array<[2], f32>):
    // expected-note @below {{in the function that is streamed here}}
    %r = rondo.stream over <S> (%x) : (!rondo.array<[2], f32>) -> !rondo.array<[2], f32> {
    ^bb0(%s: !rondo.array<[S, 2], f32>):
      // expected-error @below {{'rondo.scan' op looks ahead along S: it runs in reverse}}
      %h, %y = rondo.scan over <S> reverse carry(%zero) slice(%s axis 0) stack(0) : (!rondo.array<[2], f32>, !rondo.array<[S, 2], f32>) -> (!rondo.array<[2], f32>, !rondo.array<[S, 2], f32>) {
      ^bb0(%p: !rondo.array<[], i64>, %c: !rondo.array<[2], f32>, %v: !rondo.array<[2], f32>):
        %n = rondo.add %c, %v : !rondo.array<[2], f32>
        rondo.yield %n, %n : !rondo.array<[2], f32>, !rondo.array<[2], f32>
      }
      rondo.yield %y : !rondo.array<[S, 2], f32>
    }
    rondo.yield %r : !rondo.array<[2], f32>
  }
  return %ys : !rondo.array<[T, 2], f32>
}

// -----

// A sum over the sequence.
func.func @summed(%xs: !rondo.array<[T, 2], f32>) -> !rondo.array<[T, 2], f32>
    attributes {rondo.symbols = [#rondo.symbol<T, ragged>, #rondo.symbol<S, uniform>]} {
  %zero = rondo.constant 0.0 : f32 -> !rondo.array<[2], f32>
  %ys = rondo.scan over <T> slice(%xs axis 0) stack(0) : (!rondo.array<[T, 2], f32>) -> !rondo.array<[T, 2], f32> {
  ^bb0(%t: !rondo.array<[], i64>, %x: !rondo.array<[2], f32>):
    // expected-note @below {{in the function that is streamed here}}
    %r = rondo.stream over <S> (%x) : (!rondo.array<[2], f32>) -> !rondo.array<[2], f32> {
    ^bb0(%s: !rondo.array<[S, 2], f32>):
      // expected-error @below {{'rondo.reduce' op looks ahead along S: it reduces that dim}}
      %m = rondo.reduce sum %s axes [0] : !rondo.array<[S, 2], f32> -> !rondo.array<[2], f32>
      %y = rondo.broadcast %m dims [1] : !rondo.array<[2], f32> -> !rondo.array<[S, 2], f32>
      rondo.yield %y : !rondo.array<[S, 2], f32>
    }
    rondo.yield %r : !rondo.array<[2], f32>
  }
  return %ys : !rondo.array<[T, 2], f32>
}

// -----

// A contraction over it.
func.func @contracted(%xs: !rondo.array<[T, 2], f32>) -> !rondo.array<[T, 2], f32>
    attributes {rondo.symbols = [#rondo.symbol<T, ragged>, #rondo.symbol<S, uniform>]} {
  %zero = rondo.constant 0.0 : f32 -> !rondo.array<[2], f32>
  %ys = rondo.scan over <T> slice(%xs axis 0) stack(0) : (!rondo.array<[T, 2], f32>) -> !rondo.array<[T, 2], f32> {
  ^bb0(%t: !rondo.array<[], i64>, %x: !rondo.array<[2], f32>):
    // expected-note @below {{in the function that is streamed here}}
    %r = rondo.stream over <S> (%x) : (!rondo.array<[2], f32>) -> !rondo.array<[2], f32> {
    ^bb0(%s: !rondo.array<[S, 2], f32>):
      // expected-error @below {{'rondo.contract' op looks ahead along S: it sums over that dim}}
      %m = rondo.contract %s, %s "ta,tb->ab" : (!rondo.array<[S, 2], f32>, !rondo.array<[S, 2], f32>) -> !rondo.array<[2, 2], f32>
      %y = rondo.contract %s, %m "ta,ab->tb" : (!rondo.array<[S, 2], f32>, !rondo.array<[2, 2], f32>) -> !rondo.array<[S, 2], f32>
      rondo.yield %y : !rondo.array<[S, 2], f32>
    }
    rondo.yield %r : !rondo.array<[2], f32>
  }
  return %ys : !rondo.array<[T, 2], f32>
}

// -----

// The last state of a loop.
func.func @last_state(%xs: !rondo.array<[T, 2], f32>) -> !rondo.array<[T, 2], f32>
    attributes {rondo.symbols = [#rondo.symbol<T, ragged>, #rondo.symbol<S, uniform>]} {
  %zero = rondo.constant 0.0 : f32 -> !rondo.array<[2], f32>
  %ys = rondo.scan over <T> slice(%xs axis 0) stack(0) : (!rondo.array<[T, 2], f32>) -> !rondo.array<[T, 2], f32> {
  ^bb0(%t: !rondo.array<[], i64>, %x: !rondo.array<[2], f32>):
    // expected-note @below {{in the function that is streamed here}}
    %r = rondo.stream over <S> (%x) : (!rondo.array<[2], f32>) -> !rondo.array<[2], f32> {
    ^bb0(%s: !rondo.array<[S, 2], f32>):
      // expected-error @below {{'rondo.scan' op looks ahead along S: what it has at the end of the sequence is read}}
      %h, %z = rondo.scan over <S> carry(%zero) slice(%s axis 0) stack(0) : (!rondo.array<[2], f32>, !rondo.array<[S, 2], f32>) -> (!rondo.array<[2], f32>, !rondo.array<[S, 2], f32>) {
      ^bb0(%p: !rondo.array<[], i64>, %c: !rondo.array<[2], f32>, %v: !rondo.array<[2], f32>):
        %n = rondo.add %c, %v : !rondo.array<[2], f32>
        rondo.yield %n, %n : !rondo.array<[2], f32>, !rondo.array<[2], f32>
      }
      %y = rondo.broadcast %h dims [1] : !rondo.array<[2], f32> -> !rondo.array<[S, 2], f32>
      rondo.yield %y : !rondo.array<[S, 2], f32>
    }
    rondo.yield %r : !rondo.array<[2], f32>
  }
  return %ys : !rondo.array<[T, 2], f32>
}

// -----

// A start that depends on the sequence.
func.func @start(%xs: !rondo.array<[T, 2], f32>) -> !rondo.array<[T, 2], f32>
    attributes {rondo.symbols = [#rondo.symbol<T, ragged>, #rondo.symbol<S, uniform>]} {
  %zero = rondo.constant 0.0 : f32 -> !rondo.array<[2], f32>
  %ys = rondo.scan over <T> slice(%xs axis 0) stack(0) : (!rondo.array<[T, 2], f32>) -> !rondo.array<[T, 2], f32> {
  ^bb0(%t: !rondo.array<[], i64>, %x: !rondo.array<[2], f32>):
    // expected-note @below {{in the function that is streamed here}}
    %r = rondo.stream over <S> (%x) : (!rondo.array<[2], f32>) -> !rondo.array<[2], f32> {
    ^bb0(%s: !rondo.array<[S, 2], f32>):
      // expected-error @below {{'rondo.reduce' op looks ahead along S: it reduces that dim}}
      %m = rondo.reduce max %s axes [0] : !rondo.array<[S, 2], f32> -> !rondo.array<[2], f32>
      %h, %y = rondo.scan over <S> carry(%m) slice(%s axis 0) stack(0) : (!rondo.array<[2], f32>, !rondo.array<[S, 2], f32>) -> (!rondo.array<[2], f32>, !rondo.array<[S, 2], f32>) {
      ^bb0(%p: !rondo.array<[], i64>, %c: !rondo.array<[2], f32>, %v: !rondo.array<[2], f32>):
        %n = rondo.add %c, %v : !rondo.array<[2], f32>
        rondo.yield %n, %n : !rondo.array<[2], f32>, !rondo.array<[2], f32>
      }
      rondo.yield %y : !rondo.array<[S, 2], f32>
    }
    rondo.yield %r : !rondo.array<[2], f32>
  }
  return %ys : !rondo.array<[T, 2], f32>
}

// -----

// The length of the sequence.
func.func @length(%xs: !rondo.array<[T, 2], f32>) -> !rondo.array<[T, 2], f32>
    attributes {rondo.symbols = [#rondo.symbol<T, ragged>, #rondo.symbol<S, uniform>]} {
  %zero = rondo.constant 0.0 : f32 -> !rondo.array<[2], f32>
  %ys = rondo.scan over <T> slice(%xs axis 0) stack(0) : (!rondo.array<[T, 2], f32>) -> !rondo.array<[T, 2], f32> {
  ^bb0(%t: !rondo.array<[], i64>, %x: !rondo.array<[2], f32>):
    // expected-note @below {{in the function that is streamed here}}
    %r = rondo.stream over <S> (%x) : (!rondo.array<[2], f32>) -> !rondo.array<[2], f32> {
    ^bb0(%s: !rondo.array<[S, 2], f32>):
      // expected-error @below {{'rondo.length' op looks ahead along S: it reads that dim's length}}
      %n = rondo.length <S> : !rondo.array<[], i64>
      %f = rondo.convert %n : !rondo.array<[], i64> -> !rondo.array<[], f32>
      %b = rondo.broadcast %f dims [] : !rondo.array<[], f32> -> !rondo.array<[S, 2], f32>
      %y = rondo.mul %s, %b : !rondo.array<[S, 2], f32>
      rondo.yield %y : !rondo.array<[S, 2], f32>
    }
    rondo.yield %r : !rondo.array<[2], f32>
  }
  return %ys : !rondo.array<[T, 2], f32>
}

// -----

// Neighbours: a slice has another dim.
func.func @shifted(%xs: !rondo.array<[T, 2], f32>) -> !rondo.array<[T, 2], f32>
    attributes {rondo.symbols = [#rondo.symbol<T, ragged>, #rondo.symbol<S, uniform>]} {
  %zero = rondo.constant 0.0 : f32 -> !rondo.array<[2], f32>
  %ys = rondo.scan over <T> slice(%xs axis 0) stack(0) : (!rondo.array<[T, 2], f32>) -> !rondo.array<[T, 2], f32> {
  ^bb0(%t: !rondo.array<[], i64>, %x: !rondo.array<[2], f32>):
    // expected-note @below {{in the function that is streamed here}}
    %r = rondo.stream over <S> (%x) : (!rondo.array<[2], f32>) -> !rondo.array<[2], f32> {
    ^bb0(%s: !rondo.array<[S, 2], f32>):
      // expected-error @below {{'rondo.slice' op looks ahead along S: it has the dim S - 1}}
      %b = rondo.slice %s axis 0 from <1> : !rondo.array<[S, 2], f32> -> !rondo.array<[S - 1, 2], f32>
      %y = rondo.pad %b axis 0 at <0> : !rondo.array<[S - 1, 2], f32> -> !rondo.array<[S, 2], f32>
      rondo.yield %y : !rondo.array<[S, 2], f32>
    }
    rondo.yield %r : !rondo.array<[2], f32>
  }
  return %ys : !rondo.array<[T, 2], f32>
}

// -----

// As many positions of an array as there are steps.
func.func @places(%xs: !rondo.array<[T, 2], f32>, %places: !rondo.array<[9, 2], f32>)
    -> !rondo.array<[T, 2], f32>
    attributes {rondo.symbols = [#rondo.symbol<T, ragged>, #rondo.symbol<S, uniform>]} {
  %ys = rondo.scan over <T> slice(%xs axis 0) stack(0) : (!rondo.array<[T, 2], f32>) -> !rondo.array<[T, 2], f32> {
  ^bb0(%t: !rondo.array<[], i64>, %x: !rondo.array<[2], f32>):
    // expected-note @below {{in the function that is streamed here}}
    %r = rondo.stream over <S> (%x) : (!rondo.array<[2], f32>) -> !rondo.array<[2], f32> {
    ^bb0(%s: !rondo.array<[S, 2], f32>):
      // expected-error @below {{'rondo.slice' op looks ahead along S: it takes as many positions as there are steps}}
      %p = rondo.slice %places axis 0 from <0> : !rondo.array<[9, 2], f32> -> !rondo.array<[S, 2], f32>
      %y = rondo.add %s, %p : !rondo.array<[S, 2], f32>
      rondo.yield %y : !rondo.array<[S, 2], f32>
    }
    rondo.yield %r : !rondo.array<[2], f32>
  }
  return %ys : !rondo.array<[T, 2], f32>
}

// -----

// The sequence twice.
func.func @doubled(%xs: !rondo.array<[T, 2], f32>) -> !rondo.array<[T, 2], f32>
    attributes {rondo.symbols = [#rondo.symbol<T, ragged>, #rondo.symbol<S, uniform>]} {
  %zero = rondo.constant 0.0 : f32 -> !rondo.array<[2], f32>
  %ys = rondo.scan over <T> slice(%xs axis 0) stack(0) : (!rondo.array<[T, 2], f32>) -> !rondo.array<[T, 2], f32> {
  ^bb0(%t: !rondo.array<[], i64>, %x: !rondo.array<[2], f32>):
    // expected-note @below {{in the function that is streamed here}}
    %r = rondo.stream over <S> (%x) : (!rondo.array<[2], f32>) -> !rondo.array<[2], f32> {
    ^bb0(%s: !rondo.array<[S, 2], f32>):
      // expected-error @below {{'rondo.concat' op looks ahead along S: it has the dim 2 * S}}
      %b = rondo.concat %s, %s axis 0 : (!rondo.array<[S, 2], f32>, !rondo.array<[S, 2], f32>) -> !rondo.array<[2 * S, 2], f32>
      %y = rondo.slice %b axis 0 from <0> : !rondo.array<[2 * S, 2], f32> -> !rondo.array<[S, 2], f32>
      rondo.yield %y : !rondo.array<[S, 2], f32>
    }
    rondo.yield %r : !rondo.array<[2], f32>
  }
  return %ys : !rondo.array<[T, 2], f32>
}

// -----

// All pairs of positions.
func.func @pairs(%xs: !rondo.array<[T, 2], f32>) -> !rondo.array<[T, 2], f32>
    attributes {rondo.symbols = [#rondo.symbol<T, ragged>, #rondo.symbol<S, uniform>]} {
  %zero = rondo.constant 0.0 : f32 -> !rondo.array<[2], f32>
  %ys = rondo.scan over <T> slice(%xs axis 0) stack(0) : (!rondo.array<[T, 2], f32>) -> !rondo.array<[T, 2], f32> {
  ^bb0(%t: !rondo.array<[], i64>, %x: !rondo.array<[2], f32>):
    // expected-note @below {{in the function that is streamed here}}
    %r = rondo.stream over <S> (%x) : (!rondo.array<[2], f32>) -> !rondo.array<[2], f32> {
    ^bb0(%s: !rondo.array<[S, 2], f32>):
      %st = rondo.transpose %s [1, 0] : !rondo.array<[S, 2], f32> -> !rondo.array<[2, S], f32>
      // expected-error @below {{'rondo.contract' op attention over the steps so far (an array that has S twice) is not supported in a stream yet}}
      %q = rondo.contract %s, %st "ta,as->ts" : (!rondo.array<[S, 2], f32>, !rondo.array<[2, S], f32>) -> !rondo.array<[S, S], f32>
      %y = rondo.contract %q, %s "ts,sa->ta" : (!rondo.array<[S, S], f32>, !rondo.array<[S, 2], f32>) -> !rondo.array<[S, 2], f32>
      rondo.yield %y : !rondo.array<[S, 2], f32>
    }
    rondo.yield %r : !rondo.array<[2], f32>
  }
  return %ys : !rondo.array<[T, 2], f32>
}

// -----

// A whole sequence in the body of a loop over it.
func.func @whole(%xs: !rondo.array<[T, 2], f32>) -> !rondo.array<[T, 2], f32>
    attributes {rondo.symbols = [#rondo.symbol<T, ragged>, #rondo.symbol<S, uniform>]} {
  %zero = rondo.constant 0.0 : f32 -> !rondo.array<[2], f32>
  %ys = rondo.scan over <T> slice(%xs axis 0) stack(0) : (!rondo.array<[T, 2], f32>) -> !rondo.array<[T, 2], f32> {
  ^bb0(%t: !rondo.array<[], i64>, %x: !rondo.array<[2], f32>):
    // expected-note @below {{in the function that is streamed here}}
    %r = rondo.stream over <S> (%x) : (!rondo.array<[2], f32>) -> !rondo.array<[2], f32> {
    ^bb0(%s: !rondo.array<[S, 2], f32>):
      %y = rondo.scan over <S> slice(%s axis 0) stack(0) : (!rondo.array<[S, 2], f32>) -> !rondo.array<[S, 2], f32> {
      ^bb0(%p: !rondo.array<[], i64>, %v: !rondo.array<[2], f32>):
        // expected-error @below {{'rondo.reduce' op looks ahead along S: it handles a whole sequence in the body of a loop over that dim}}
        %m = rondo.reduce max %s axes [0] : !rondo.array<[S, 2], f32> -> !rondo.array<[2], f32>
        %n = rondo.add %m, %v : !rondo.array<[2], f32>
        rondo.yield %n : !rondo.array<[2], f32>
      }
      rondo.yield %y : !rondo.array<[S, 2], f32>
    }
    rondo.yield %r : !rondo.array<[2], f32>
  }
  return %ys : !rondo.array<[T, 2], f32>
}

// -----

// A random draw numbered along it.
func.func @drawn(%xs: !rondo.array<[T, 2], f32>, %seed: !rondo.array<[], i64>) -> !rondo.array<[T, 2], f32>
    attributes {rondo.symbols = [#rondo.symbol<T, ragged>, #rondo.symbol<S, uniform>]} {
  %zero = rondo.constant 0.0 : f32 -> !rondo.array<[2], f32>
  %ys = rondo.scan over <T> slice(%xs axis 0) stack(0) : (!rondo.array<[T, 2], f32>) -> !rondo.array<[T, 2], f32> {
  ^bb0(%t: !rondo.array<[], i64>, %x: !rondo.array<[2], f32>):
    // expected-note @below {{in the function that is streamed here}}
    %r = rondo.stream over <S> (%x) : (!rondo.array<[2], f32>) -> !rondo.array<[2], f32> {
    ^bb0(%s: !rondo.array<[S, 2], f32>):
      // expected-error @below {{'rondo.random' op looks ahead along S: it draws an array along that dim; draw one element per position}}
      %u = rondo.random uniform "d" elements "sa" (%seed : %seed) spec "->sa" : (!rondo.array<[], i64>, !rondo.array<[], i64>) -> !rondo.array<[S, 2], f32>
      %y = rondo.mul %s, %u : !rondo.array<[S, 2], f32>
      rondo.yield %y : !rondo.array<[S, 2], f32>
    }
    rondo.yield %r : !rondo.array<[2], f32>
  }
  return %ys : !rondo.array<[T, 2], f32>
}

// -----

// A value that changes from step to step but is not given as a sequence.
func.func @captured(%xs: !rondo.array<[T, 2], f32>) -> !rondo.array<[T, 2], f32>
    attributes {rondo.symbols = [#rondo.symbol<T, ragged>, #rondo.symbol<S, uniform>]} {
  %zero = rondo.constant 0.0 : f32 -> !rondo.array<[2], f32>
  %ys = rondo.scan over <T> slice(%xs axis 0) stack(0) : (!rondo.array<[T, 2], f32>) -> !rondo.array<[T, 2], f32> {
  ^bb0(%t: !rondo.array<[], i64>, %x: !rondo.array<[2], f32>):
    // expected-note @below {{in the function that is streamed here}}
    %r = rondo.stream over <S> (%x) : (!rondo.array<[2], f32>) -> !rondo.array<[2], f32> {
    ^bb0(%s: !rondo.array<[S, 2], f32>):
      // expected-error @below {{'rondo.broadcast' op reads a value of the loop around that changes from step to step; pass it as a sequence}}
      %b = rondo.broadcast %x dims [1] : !rondo.array<[2], f32> -> !rondo.array<[S, 2], f32>
      %y = rondo.add %s, %b : !rondo.array<[S, 2], f32>
      rondo.yield %y : !rondo.array<[S, 2], f32>
    }
    rondo.yield %r : !rondo.array<[2], f32>
  }
  return %ys : !rondo.array<[T, 2], f32>
}

// -----

// A stream stands in a loop that runs forward.
func.func @placed(%xs: !rondo.array<[T, 2], f32>) -> !rondo.array<[T, 2], f32>
    attributes {rondo.symbols = [#rondo.symbol<T, ragged>, #rondo.symbol<S, uniform>]} {
  %ys = rondo.scan over <T> reverse slice(%xs axis 0) stack(0) : (!rondo.array<[T, 2], f32>) -> !rondo.array<[T, 2], f32> {
  ^bb0(%t: !rondo.array<[], i64>, %x: !rondo.array<[2], f32>):
    // expected-error @below {{'rondo.stream' op expected to stand directly in the body of a scan that runs forward}}
    %r = rondo.stream over <S> (%x) : (!rondo.array<[2], f32>) -> !rondo.array<[2], f32> {
    ^bb0(%s: !rondo.array<[S, 2], f32>):
      rondo.yield %s : !rondo.array<[S, 2], f32>
    }
    rondo.yield %r : !rondo.array<[2], f32>
  }
  return %ys : !rondo.array<[T, 2], f32>
}
