// RUN: rondo-opt %s --split-input-file --verify-diagnostics
// Plans that were edited to what they cannot be.

func.func @count(%x: !rondo.array<[B, 4], f32>) -> !rondo.array<[B, 4], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  // expected-error@+1 {{'rondo.group' op expected "plan.storage" to have one element of its kind for each of the 1 results}}
  %0 = rondo.group : !rondo.array<[B, 4], f32> {
    %1 = rondo.tanh %x : !rondo.array<[B, 4], f32>
    rondo.yield %1 : !rondo.array<[B, 4], f32>
  } {plan.storage = []}
  return %0 : !rondo.array<[B, 4], f32>
}

// -----

func.func @kind(%x: !rondo.array<[B, 4], f32>) -> !rondo.array<[B, 4], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  // expected-error@+1 {{to have one element of its kind for each of the 1 results}}
  %0 = rondo.group : !rondo.array<[B, 4], f32> {
    %1 = rondo.tanh %x : !rondo.array<[B, 4], f32>
    rondo.yield %1 : !rondo.array<[B, 4], f32>
  } {plan.storage = ["slot 0"]}
  return %0 : !rondo.array<[B, 4], f32>
}

// -----

func.func @no_slot(%x: !rondo.array<[B, 4], f32>) -> !rondo.array<[B, 4], f32>
    attributes {plan.slots = [!rondo.array<[B, 8], f32>], rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  // expected-error@+1 {{cannot be stored in slot 1: there is none of this number}}
  %0 = rondo.group : !rondo.array<[B, 4], f32> {
    %1 = rondo.tanh %x : !rondo.array<[B, 4], f32>
    rondo.yield %1 : !rondo.array<[B, 4], f32>
  } {plan.storage = [#plan.storage<slot 1>]}
  return %0 : !rondo.array<[B, 4], f32>
}

// -----

func.func @other_type(%x: !rondo.array<[B, 4], f32>) -> !rondo.array<[B, 4], f32>
    attributes {plan.slots = [!rondo.array<[B, 8], f32>], rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  // expected-error@+1 {{cannot be stored in slot 0: it holds '!rondo.array<[B, 8], f32>', and the result is '!rondo.array<[B, 4], f32>'}}
  %0 = rondo.group : !rondo.array<[B, 4], f32> {
    %1 = rondo.tanh %x : !rondo.array<[B, 4], f32>
    rondo.yield %1 : !rondo.array<[B, 4], f32>
  } {plan.storage = [#plan.storage<slot 0>]}
  return %0 : !rondo.array<[B, 4], f32>
}

// -----

func.func @rest_of_another_type(%x: !rondo.array<[B, 4], f32>) -> !rondo.array<[B, 4], f32>
    attributes {plan.slots = [!rondo.array<[B, 8], f32>], rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  // expected-error@+1 {{keeps the rest of result 0 in a slot of its own: expected slot 0 to be '!rondo.array<[B, 4], f32>'}}
  %0 = rondo.group : !rondo.array<[B, 4], f32> {
    %1 = rondo.tanh %x : !rondo.array<[B, 4], f32>
    rondo.yield %1 : !rondo.array<[B, 4], f32>
  } {plan.rests = array<i64: 0>, plan.storage = [#plan.storage<result 0>]}
  return %0 : !rondo.array<[B, 4], f32>
}

// -----

func.func @two_rests(%x: !rondo.array<[B, T, 4], f32>, %d: !rondo.array<[B, T, 3], f32>) -> !rondo.array<[4, 3], f32>
    attributes {plan.slots = [!rondo.array<[4, 3], f32>], rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  // expected-error@+1 {{keeps the rest of result 0 in a slot of its own: expected slot 0 to be '!rondo.array<[2, 4, 3], f32>'}}
  %0 = rondo.group : !rondo.array<[4, 3], f32> {
    %1 = rondo.contract %x, %d "btk,btn->kn" : (!rondo.array<[B, T, 4], f32>, !rondo.array<[B, T, 3], f32>) -> !rondo.array<[4, 3], f32>
    rondo.yield %1 : !rondo.array<[4, 3], f32>
  } {plan.rests = array<i64: 0>, plan.storage = [#plan.storage<result 0>]}
  return %0 : !rondo.array<[4, 3], f32>
}

// -----

func.func @rests_of_nothing(%x: !rondo.array<[B, 4], f32>) -> !rondo.array<[B, 4], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  // expected-error@+1 {{expected "plan.rests" to have a slot, or -1, for each result of a group or scan}}
  %0 = rondo.group : !rondo.array<[B, 4], f32> {
    %1 = rondo.tanh %x : !rondo.array<[B, 4], f32>
    rondo.yield %1 : !rondo.array<[B, 4], f32>
  } {plan.rests = array<i64: 0, 1>, plan.storage = [#plan.storage<result 0>]}
  return %0 : !rondo.array<[B, 4], f32>
}

// -----

func.func @no_cache(%x: !rondo.array<[B, 4], f32>) -> !rondo.array<[B, 4], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  // expected-error@+1 {{cannot be stored in cache 0: there is none of this number}}
  %0 = rondo.group : !rondo.array<[B, 4], f32> {
    %1 = rondo.tanh %x : !rondo.array<[B, 4], f32>
    rondo.yield %1 : !rondo.array<[B, 4], f32>
  } {plan.storage = [#plan.storage<cache 0>]}
  return %0 : !rondo.array<[B, 4], f32>
}

// -----

func.func @other_result(%x: !rondo.array<[B, 4], f32>) -> !rondo.array<[B, 4], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  // expected-error@+1 {{cannot be stored in result 0: another value is yielded there}}
  %0 = rondo.group : !rondo.array<[B, 4], f32> {
    %1 = rondo.tanh %x : !rondo.array<[B, 4], f32>
    rondo.yield %1 : !rondo.array<[B, 4], f32>
  } {plan.storage = [#plan.storage<result 0>]}
  return %x : !rondo.array<[B, 4], f32>
}

// -----

func.func @no_result(%x: !rondo.array<[B, 4], f32>) -> !rondo.array<[B, 4], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  // expected-error@+1 {{cannot be stored in result 1: there is none of this number}}
  %0 = rondo.group : !rondo.array<[B, 4], f32> {
    %1 = rondo.tanh %x : !rondo.array<[B, 4], f32>
    rondo.yield %1 : !rondo.array<[B, 4], f32>
  } {plan.storage = [#plan.storage<result 1>]}
  return %0 : !rondo.array<[B, 4], f32>
}

// -----

func.func @no_loop(%x: !rondo.array<[B, 4], f32>) -> !rondo.array<[B, 4], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  // expected-error@+1 {{cannot be stored in next 0: it is in no loop}}
  %0 = rondo.group : !rondo.array<[B, 4], f32> {
    %1 = rondo.tanh %x : !rondo.array<[B, 4], f32>
    rondo.yield %1 : !rondo.array<[B, 4], f32>
  } {plan.storage = [#plan.storage<next 0>]}
  return %0 : !rondo.array<[B, 4], f32>
}

// -----

func.func @no_stack(%x: !rondo.array<[B, 4], f32>) -> !rondo.array<[B, 4], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  // expected-error@+1 {{cannot be stored in before 0: it is no stack of a scan}}
  %0 = rondo.group : !rondo.array<[B, 4], f32> {
    %1 = rondo.tanh %x : !rondo.array<[B, 4], f32>
    rondo.yield %1 : !rondo.array<[B, 4], f32>
  } {plan.storage = [#plan.storage<before 0>]}
  return %0 : !rondo.array<[B, 4], f32>
}

// -----

func.func @is_read(%x: !rondo.array<[B, 4], f32>) -> !rondo.array<[B, 4], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  // expected-error@+1 {{cannot be stored in none: it is read}}
  %0 = rondo.group : !rondo.array<[B, 4], f32> {
    %1 = rondo.tanh %x : !rondo.array<[B, 4], f32>
    rondo.yield %1 : !rondo.array<[B, 4], f32>
  } {plan.storage = [#plan.storage<none>]}
  return %0 : !rondo.array<[B, 4], f32>
}

// -----

func.func @no_rows(%x: !rondo.array<[B, 4], f32>) -> !rondo.array<[B, 4], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  // expected-error@+1 {{cannot be stored in local 0: it is no step of rows}}
  %0 = rondo.group : !rondo.array<[B, 4], f32> {
    %1 = rondo.tanh %x : !rondo.array<[B, 4], f32>
    rondo.yield %1 : !rondo.array<[B, 4], f32>
  } {plan.storage = [#plan.storage<local 0>]}
  return %0 : !rondo.array<[B, 4], f32>
}

// -----

func.func @no_yield(%x: !rondo.array<[B, 4], f32>) -> !rondo.array<[B, 4], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  // expected-error@+1 {{cannot be stored in yield 0: it is no step of rows}}
  %0 = rondo.group : !rondo.array<[B, 4], f32> {
    %1 = rondo.tanh %x : !rondo.array<[B, 4], f32>
    rondo.yield %1 : !rondo.array<[B, 4], f32>
  } {plan.storage = [#plan.storage<yield 0>]}
  return %0 : !rondo.array<[B, 4], f32>
}

// -----

func.func @no_axis(%x: !rondo.array<[B, 4], f32>) -> !rondo.array<[B, 4], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  // expected-error@+1 {{cannot be shared along axis 2: what it stores has no such axis}}
  %0 = rondo.group : !rondo.array<[B, 4], f32> {
    %1 = rondo.tanh %x : !rondo.array<[B, 4], f32>
    rondo.yield %1 : !rondo.array<[B, 4], f32>
  } {plan.share = [#plan.share<axis 2>], plan.storage = [#plan.storage<result 0>]}
  return %0 : !rondo.array<[B, 4], f32>
}

// -----

func.func @shares(%x: !rondo.array<[B, 4], f32>) -> !rondo.array<[B, 4], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  // expected-error@+1 {{to have one element of its kind for each of the 1 statements}}
  %0 = rondo.group : !rondo.array<[B, 4], f32> {
    %1 = rondo.tanh %x : !rondo.array<[B, 4], f32>
    rondo.yield %1 : !rondo.array<[B, 4], f32>
  } {plan.share = [#plan.share<axis 0>, #plan.share<axis 0>]}
  return %0 : !rondo.array<[B, 4], f32>
}

// -----

func.func @carries(%x: !rondo.array<[B, 4], f32>) -> !rondo.array<[B, 4], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  // expected-error@+1 {{'rondo.group' op has no carries}}
  %0 = rondo.group : !rondo.array<[B, 4], f32> {
    %1 = rondo.tanh %x : !rondo.array<[B, 4], f32>
    rondo.yield %1 : !rondo.array<[B, 4], f32>
  } {plan.carries = []}
  return %0 : !rondo.array<[B, 4], f32>
}

// -----

func.func @function_only(%x: !rondo.array<[B, 4], f32>) -> !rondo.array<[B, 4], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  // expected-error@+1 {{has an attribute of a function, plan.slots}}
  %0 = rondo.group : !rondo.array<[B, 4], f32> {
    %1 = rondo.tanh %x : !rondo.array<[B, 4], f32>
    rondo.yield %1 : !rondo.array<[B, 4], f32>
  } {plan.slots = []}
  return %0 : !rondo.array<[B, 4], f32>
}

// -----

func.func @unknown(%x: !rondo.array<[B, 4], f32>) -> !rondo.array<[B, 4], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  // expected-error@+1 {{has an attribute of a function, plan.place}}
  %0 = rondo.group : !rondo.array<[B, 4], f32> {
    %1 = rondo.tanh %x : !rondo.array<[B, 4], f32>
    rondo.yield %1 : !rondo.array<[B, 4], f32>
  } {plan.place = 1 : i64}
  return %0 : !rondo.array<[B, 4], f32>
}

// -----

// expected-error@+1 {{has an attribute that the plan does not know, plan.place}}
func.func @unknown_of_function(%x: !rondo.array<[B, 4], f32>) -> !rondo.array<[B, 4], f32>
    attributes {plan.place = 1 : i64, rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  %0 = rondo.group : !rondo.array<[B, 4], f32> {
    %1 = rondo.tanh %x : !rondo.array<[B, 4], f32>
    rondo.yield %1 : !rondo.array<[B, 4], f32>
  } {}
  return %0 : !rondo.array<[B, 4], f32>
}

// -----

// expected-error@+1 {{expected "plan.slots" to list types of arrays}}
func.func @slot_types(%x: !rondo.array<[B, 4], f32>) -> !rondo.array<[B, 4], f32>
    attributes {plan.slots = [f32], rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  %0 = rondo.group : !rondo.array<[B, 4], f32> {
    %1 = rondo.tanh %x : !rondo.array<[B, 4], f32>
    rondo.yield %1 : !rondo.array<[B, 4], f32>
  } {}
  return %0 : !rondo.array<[B, 4], f32>
}

// -----

// expected-error@+1 {{expected "plan.cached" to list types of arrays of constant dims}}
func.func @cached_dims(%x: !rondo.array<[B, 4], f32>) -> !rondo.array<[B, 4], f32>
    attributes {plan.cached = [!rondo.array<[B], f32>], rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  %0 = rondo.group : !rondo.array<[B, 4], f32> {
    %1 = rondo.tanh %x : !rondo.array<[B, 4], f32>
    rondo.yield %1 : !rondo.array<[B, 4], f32>
  } {}
  return %0 : !rondo.array<[B, 4], f32>
}

// -----

// expected-error@+1 {{expected each slot of "plan.below" to lie above other slots, and not above itself}}
func.func @above_itself(%x: !rondo.array<[B, 4], f32>) -> !rondo.array<[B, 4], f32>
    attributes {plan.below = [array<i64: 1>, array<i64: 0>], plan.slots = [!rondo.array<[B], f32>, !rondo.array<[B], f32>], rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  %0 = rondo.group : !rondo.array<[B, 4], f32> {
    %1 = rondo.tanh %x : !rondo.array<[B, 4], f32>
    rondo.yield %1 : !rondo.array<[B, 4], f32>
  } {}
  return %0 : !rondo.array<[B, 4], f32>
}

// -----

// expected-error@+1 {{expected each slot of "plan.below" to lie above other slots, and not above itself}}
func.func @below_none(%x: !rondo.array<[B, 4], f32>) -> !rondo.array<[B, 4], f32>
    attributes {plan.below = [array<i64: 3>], plan.slots = [!rondo.array<[B], f32>], rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  %0 = rondo.group : !rondo.array<[B, 4], f32> {
    %1 = rondo.tanh %x : !rondo.array<[B, 4], f32>
    rondo.yield %1 : !rondo.array<[B, 4], f32>
  } {}
  return %0 : !rondo.array<[B, 4], f32>
}

// -----

// expected-error@+1 {{expected rows to be sorted by a ragged symbol of the function}}
func.func @sorted(%x: !rondo.array<[B, 4], f32>) -> !rondo.array<[B, 4], f32>
    attributes {plan.sorted_by = "B", rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  %0 = rondo.group : !rondo.array<[B, 4], f32> {
    %1 = rondo.tanh %x : !rondo.array<[B, 4], f32>
    rondo.yield %1 : !rondo.array<[B, 4], f32>
  } {}
  return %0 : !rondo.array<[B, 4], f32>
}

// -----

func.func @next(%h0: !rondo.array<[B, 4], f32>) -> !rondo.array<[B, T, 4], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  %h, %hs = rondo.scan over <T> carry(%h0) stack(1) : (!rondo.array<[B, 4], f32>) -> (!rondo.array<[B, 4], f32>, !rondo.array<[B, T, 4], f32>) {
  ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[B, 4], f32>):
    // expected-error@+1 {{cannot be stored in next 0: another value is yielded there}}
    %n = rondo.group : !rondo.array<[B, 4], f32> {
      %1 = rondo.tanh %c : !rondo.array<[B, 4], f32>
      rondo.yield %1 : !rondo.array<[B, 4], f32>
    } {plan.storage = [#plan.storage<next 0>]}
    rondo.yield %c, %n : !rondo.array<[B, 4], f32>, !rondo.array<[B, 4], f32>
  } {}
  return %hs : !rondo.array<[B, T, 4], f32>
}

// -----

func.func @no_sum(%h0: !rondo.array<[B, 4], f32>) -> !rondo.array<[B, T, 4], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  %h, %hs = rondo.scan over <T> carry(%h0) stack(1) : (!rondo.array<[B, 4], f32>) -> (!rondo.array<[B, 4], f32>, !rondo.array<[B, T, 4], f32>) {
  ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[B, 4], f32>):
    // expected-error@+1 {{cannot be stored in sum 0: there is none of this number}}
    %n = rondo.group : !rondo.array<[B, 4], f32> {
      %1 = rondo.tanh %c : !rondo.array<[B, 4], f32>
      rondo.yield %1 : !rondo.array<[B, 4], f32>
    } {plan.storage = [#plan.storage<sum 0>]}
    rondo.yield %n, %n : !rondo.array<[B, 4], f32>, !rondo.array<[B, 4], f32>
  } {}
  return %hs : !rondo.array<[B, T, 4], f32>
}

// -----

func.func @result(%h0: !rondo.array<[B, 4], f32>) -> !rondo.array<[B, T, 4], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  %h, %hs = rondo.scan over <T> carry(%h0) stack(1) : (!rondo.array<[B, 4], f32>) -> (!rondo.array<[B, 4], f32>, !rondo.array<[B, T, 4], f32>) {
  ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[B, 4], f32>):
    // expected-error@+1 {{cannot be stored in result 0: it is in a loop}}
    %n = rondo.group : !rondo.array<[B, 4], f32> {
      %1 = rondo.tanh %c : !rondo.array<[B, 4], f32>
      rondo.yield %1 : !rondo.array<[B, 4], f32>
    } {plan.storage = [#plan.storage<result 0>]}
    rondo.yield %n, %n : !rondo.array<[B, 4], f32>, !rondo.array<[B, 4], f32>
  } {}
  return %hs : !rondo.array<[B, T, 4], f32>
}

// -----

func.func @cache(%h0: !rondo.array<[B, 4], f32>) -> !rondo.array<[B, T, 4], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  %h, %hs = rondo.scan over <T> carry(%h0) stack(1) : (!rondo.array<[B, 4], f32>) -> (!rondo.array<[B, 4], f32>, !rondo.array<[B, T, 4], f32>) {
  ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[B, 4], f32>):
    // expected-error@+1 {{cannot be stored in cache 0: only groups outside of loops are kept from call to call}}
    %n = rondo.group : !rondo.array<[B, 4], f32> {
      %1 = rondo.tanh %c : !rondo.array<[B, 4], f32>
      rondo.yield %1 : !rondo.array<[B, 4], f32>
    } {plan.storage = [#plan.storage<cache 0>]}
    rondo.yield %n, %n : !rondo.array<[B, 4], f32>, !rondo.array<[B, 4], f32>
  } {}
  return %hs : !rondo.array<[B, T, 4], f32>
}

// -----

func.func @no_history(%h0: !rondo.array<[B, 4], f32>) -> !rondo.array<[B, T, 4], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  // expected-error@+1 {{cannot be stored in after 0: the scan has no carry of this number with a history}}
  %h, %hs = rondo.scan over <T> carry(%h0) stack(1) : (!rondo.array<[B, 4], f32>) -> (!rondo.array<[B, 4], f32>, !rondo.array<[B, T, 4], f32>) {
  ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[B, 4], f32>):
    %n = rondo.group : !rondo.array<[B, 4], f32> {
      %1 = rondo.tanh %c : !rondo.array<[B, 4], f32>
      rondo.yield %1 : !rondo.array<[B, 4], f32>
    } {}
    rondo.yield %n, %n : !rondo.array<[B, 4], f32>, !rondo.array<[B, 4], f32>
  } {plan.carries = [#plan.carry<in_place>], plan.storage = [#plan.storage<none>, #plan.storage<after 0>]}
  return %hs : !rondo.array<[B, T, 4], f32>
}

// -----

func.func @other_history(%h0: !rondo.array<[B, 4], f32>) -> !rondo.array<[B, T, 4], f32>
    attributes {plan.slots = [!rondo.array<[T + 1, B, 4], f32>], rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  // expected-error@+1 {{cannot be stored in before 0: the scan stacks another value}}
  %h, %hs = rondo.scan over <T> carry(%h0) stack(1) : (!rondo.array<[B, 4], f32>) -> (!rondo.array<[B, 4], f32>, !rondo.array<[B, T, 4], f32>) {
  ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[B, 4], f32>):
    %n = rondo.group : !rondo.array<[B, 4], f32> {
      %1 = rondo.tanh %c : !rondo.array<[B, 4], f32>
      rondo.yield %1 : !rondo.array<[B, 4], f32>
    } {}
    rondo.yield %n, %n : !rondo.array<[B, 4], f32>, !rondo.array<[B, 4], f32>
  } {plan.carries = [#plan.carry<history 0>], plan.storage = [#plan.storage<none>, #plan.storage<before 0>]}
  return %hs : !rondo.array<[B, T, 4], f32>
}

// -----

func.func @too_short(%h0: !rondo.array<[B, 4], f32>) -> !rondo.array<[B, T, 4], f32>
    attributes {plan.slots = [!rondo.array<[T, B, 4], f32>], rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  // expected-error@+1 {{keeps carry 0 in a slot of its rows: expected slot 0 to be '!rondo.array<[T + 1, B, 4], f32>'}}
  %h, %hs = rondo.scan over <T> carry(%h0) stack(1) : (!rondo.array<[B, 4], f32>) -> (!rondo.array<[B, 4], f32>, !rondo.array<[B, T, 4], f32>) {
  ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[B, 4], f32>):
    %n = rondo.group : !rondo.array<[B, 4], f32> {
      %1 = rondo.tanh %c : !rondo.array<[B, 4], f32>
      rondo.yield %1 : !rondo.array<[B, 4], f32>
    } {}
    rondo.yield %n, %n : !rondo.array<[B, 4], f32>, !rondo.array<[B, 4], f32>
  } {plan.carries = [#plan.carry<history 0>]}
  return %hs : !rondo.array<[B, T, 4], f32>
}

// -----

func.func @no_pair(%h0: !rondo.array<[B, 4], f32>) -> !rondo.array<[B, T, 4], f32>
    attributes {plan.slots = [!rondo.array<[2, B, 4], f32>], rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  // expected-error@+1 {{keeps carry 0 in a slot of its rows: expected slot 1 to be '!rondo.array<[2, B, 4], f32>'}}
  %h, %hs = rondo.scan over <T> carry(%h0) stack(1) : (!rondo.array<[B, 4], f32>) -> (!rondo.array<[B, 4], f32>, !rondo.array<[B, T, 4], f32>) {
  ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[B, 4], f32>):
    %n = rondo.group : !rondo.array<[B, 4], f32> {
      %1 = rondo.tanh %c : !rondo.array<[B, 4], f32>
      rondo.yield %1 : !rondo.array<[B, 4], f32>
    } {}
    rondo.yield %n, %n : !rondo.array<[B, 4], f32>, !rondo.array<[B, 4], f32>
  } {plan.carries = [#plan.carry<pair 1>]}
  return %hs : !rondo.array<[B, T, 4], f32>
}

// -----

func.func @no_storage(%h0: !rondo.array<[B, 4], f32>) -> !rondo.array<[B, T, 4], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  // expected-error@+1 {{has shares of its copies, and no storage}}
  %h, %hs = rondo.scan over <T> carry(%h0) stack(1) : (!rondo.array<[B, 4], f32>) -> (!rondo.array<[B, 4], f32>, !rondo.array<[B, T, 4], f32>) {
  ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[B, 4], f32>):
    %n = rondo.group : !rondo.array<[B, 4], f32> {
      %1 = rondo.tanh %c : !rondo.array<[B, 4], f32>
      rondo.yield %1 : !rondo.array<[B, 4], f32>
    } {}
    rondo.yield %n, %n : !rondo.array<[B, 4], f32>, !rondo.array<[B, 4], f32>
  } {plan.share = [#plan.share<axis 0>]}
  return %hs : !rondo.array<[B, T, 4], f32>
}

// -----

// expected-error@+1 {{expected a place}}
func.func private @text() attributes {test.text = #plan.storage<>}

// -----

// expected-error@+1 {{expected one of slot, result, cache, stack, sum, next, before, after, none, yield, local, found slots}}
func.func private @text() attributes {test.text = #plan.storage<slots 0>}

// -----

// expected-error@+1 {{expected a number from 0 on}}
func.func private @text() attributes {test.text = #plan.storage<slot -1>}

// -----

// expected-error@+1 {{expected worker 0, which is there in every call}}
func.func private @text() attributes {test.text = #plan.share<worker 1>}
