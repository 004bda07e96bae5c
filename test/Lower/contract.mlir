// RUN: rondo-opt %s --rondo-run=precision=f64 -o /dev/null
// RUN: rondo-opt %s --rondo-run=precision=f32 -o /dev/null
// RUN: rondo-opt %s --rondo-run="precision=f64 mcpu=x86-64-v3" -o /dev/null
// RUN: rondo-opt %s --rondo-run="precision=f32 mcpu=x86-64-v2" -o /dev/null
// Contractions of all forms at sizes that fill no tile: the run compares them with the interpreter.

func.func @contract0() {
  %seed = rondo.constant 7 : i64 -> !rondo.array<[], i64>
  %a = rondo.random uniform "a" elements "bk" (%seed : %seed) spec "->bk"
      : (!rondo.array<[], i64>, !rondo.array<[], i64>) -> !rondo.array<[7, 5], f32>
  %b = rondo.random uniform "b" elements "kn" (%seed : %seed) spec "->kn"
      : (!rondo.array<[], i64>, !rondo.array<[], i64>) -> !rondo.array<[5, 1], f32>
  %c = rondo.random uniform "c" elements "bn" (%seed : %seed) spec "->bn"
      : (!rondo.array<[], i64>, !rondo.array<[], i64>) -> !rondo.array<[7, 1], f32>
  %z = rondo.contract %a, %b "bk,kn->bn" init %c
      : (!rondo.array<[7, 5], f32>, !rondo.array<[5, 1], f32>, !rondo.array<[7, 1], f32>) -> !rondo.array<[7, 1], f32>
  %y = rondo.tanh %z : !rondo.array<[7, 1], f32>
  check.expect_close %z, %z : !rondo.array<[7, 1], f32>
  check.expect_close %y, %y : !rondo.array<[7, 1], f32>
  return
}

func.func @contract1() {
  %seed = rondo.constant 7 : i64 -> !rondo.array<[], i64>
  %a = rondo.random uniform "a" elements "bk" (%seed : %seed) spec "->bk"
      : (!rondo.array<[], i64>, !rondo.array<[], i64>) -> !rondo.array<[7, 5], f32>
  %b = rondo.random uniform "b" elements "kn" (%seed : %seed) spec "->kn"
      : (!rondo.array<[], i64>, !rondo.array<[], i64>) -> !rondo.array<[5, 17], f32>
  %c = rondo.random uniform "c" elements "bn" (%seed : %seed) spec "->bn"
      : (!rondo.array<[], i64>, !rondo.array<[], i64>) -> !rondo.array<[7, 17], f32>
  %z = rondo.contract %a, %b "bk,kn->bn" init %c
      : (!rondo.array<[7, 5], f32>, !rondo.array<[5, 17], f32>, !rondo.array<[7, 17], f32>) -> !rondo.array<[7, 17], f32>
  %y = rondo.tanh %z : !rondo.array<[7, 17], f32>
  check.expect_close %z, %z : !rondo.array<[7, 17], f32>
  check.expect_close %y, %y : !rondo.array<[7, 17], f32>
  return
}

func.func @contract2() {
  %seed = rondo.constant 7 : i64 -> !rondo.array<[], i64>
  %a = rondo.random uniform "a" elements "bk" (%seed : %seed) spec "->bk"
      : (!rondo.array<[], i64>, !rondo.array<[], i64>) -> !rondo.array<[7, 5], f32>
  %b = rondo.random uniform "b" elements "kn" (%seed : %seed) spec "->kn"
      : (!rondo.array<[], i64>, !rondo.array<[], i64>) -> !rondo.array<[5, 65], f32>
  %c = rondo.random uniform "c" elements "bn" (%seed : %seed) spec "->bn"
      : (!rondo.array<[], i64>, !rondo.array<[], i64>) -> !rondo.array<[7, 65], f32>
  %z = rondo.contract %a, %b "bk,kn->bn" init %c
      : (!rondo.array<[7, 5], f32>, !rondo.array<[5, 65], f32>, !rondo.array<[7, 65], f32>) -> !rondo.array<[7, 65], f32>
  %y = rondo.tanh %z : !rondo.array<[7, 65], f32>
  check.expect_close %z, %z : !rondo.array<[7, 65], f32>
  check.expect_close %y, %y : !rondo.array<[7, 65], f32>
  return
}

func.func @contract3() {
  %seed = rondo.constant 7 : i64 -> !rondo.array<[], i64>
  %a = rondo.random uniform "a" elements "bk" (%seed : %seed) spec "->bk"
      : (!rondo.array<[], i64>, !rondo.array<[], i64>) -> !rondo.array<[7, 5], f32>
  %b = rondo.random uniform "b" elements "kn" (%seed : %seed) spec "->kn"
      : (!rondo.array<[], i64>, !rondo.array<[], i64>) -> !rondo.array<[5, 100], f32>
  %c = rondo.random uniform "c" elements "bn" (%seed : %seed) spec "->bn"
      : (!rondo.array<[], i64>, !rondo.array<[], i64>) -> !rondo.array<[7, 100], f32>
  %z = rondo.contract %a, %b "bk,kn->bn" init %c
      : (!rondo.array<[7, 5], f32>, !rondo.array<[5, 100], f32>, !rondo.array<[7, 100], f32>) -> !rondo.array<[7, 100], f32>
  %y = rondo.tanh %z : !rondo.array<[7, 100], f32>
  check.expect_close %z, %z : !rondo.array<[7, 100], f32>
  check.expect_close %y, %y : !rondo.array<[7, 100], f32>
  return
}

func.func @contract4() {
  %seed = rondo.constant 7 : i64 -> !rondo.array<[], i64>
  %a = rondo.random uniform "a" elements "bk" (%seed : %seed) spec "->bk"
      : (!rondo.array<[], i64>, !rondo.array<[], i64>) -> !rondo.array<[13, 33], f32>
  %b = rondo.random uniform "b" elements "nk" (%seed : %seed) spec "->nk"
      : (!rondo.array<[], i64>, !rondo.array<[], i64>) -> !rondo.array<[9, 33], f32>
  %c = rondo.random uniform "c" elements "bn" (%seed : %seed) spec "->bn"
      : (!rondo.array<[], i64>, !rondo.array<[], i64>) -> !rondo.array<[13, 9], f32>
  %z = rondo.contract %a, %b "bk,nk->bn" init %c
      : (!rondo.array<[13, 33], f32>, !rondo.array<[9, 33], f32>, !rondo.array<[13, 9], f32>) -> !rondo.array<[13, 9], f32>
  %y = rondo.tanh %z : !rondo.array<[13, 9], f32>
  check.expect_close %z, %z : !rondo.array<[13, 9], f32>
  check.expect_close %y, %y : !rondo.array<[13, 9], f32>
  return
}

func.func @contract5() {
  %seed = rondo.constant 7 : i64 -> !rondo.array<[], i64>
  %a = rondo.random uniform "a" elements "k" (%seed : %seed) spec "->k"
      : (!rondo.array<[], i64>, !rondo.array<[], i64>) -> !rondo.array<[37], f32>
  %b = rondo.random uniform "b" elements "nk" (%seed : %seed) spec "->nk"
      : (!rondo.array<[], i64>, !rondo.array<[], i64>) -> !rondo.array<[6, 37], f32>
  %c = rondo.random uniform "c" elements "n" (%seed : %seed) spec "->n"
      : (!rondo.array<[], i64>, !rondo.array<[], i64>) -> !rondo.array<[6], f32>
  %z = rondo.contract %a, %b "k,nk->n" init %c
      : (!rondo.array<[37], f32>, !rondo.array<[6, 37], f32>, !rondo.array<[6], f32>) -> !rondo.array<[6], f32>
  %y = rondo.tanh %z : !rondo.array<[6], f32>
  check.expect_close %z, %z : !rondo.array<[6], f32>
  check.expect_close %y, %y : !rondo.array<[6], f32>
  return
}

func.func @contract6() {
  %seed = rondo.constant 7 : i64 -> !rondo.array<[], i64>
  %a = rondo.random uniform "a" elements "k" (%seed : %seed) spec "->k"
      : (!rondo.array<[], i64>, !rondo.array<[], i64>) -> !rondo.array<[100], f32>
  %b = rondo.random uniform "b" elements "k" (%seed : %seed) spec "->k"
      : (!rondo.array<[], i64>, !rondo.array<[], i64>) -> !rondo.array<[100], f32>
  %c = rondo.random uniform "c" elements "" (%seed : %seed) spec "->"
      : (!rondo.array<[], i64>, !rondo.array<[], i64>) -> !rondo.array<[], f32>
  %z = rondo.contract %a, %b "k,k->" init %c
      : (!rondo.array<[100], f32>, !rondo.array<[100], f32>, !rondo.array<[], f32>) -> !rondo.array<[], f32>
  %y = rondo.tanh %z : !rondo.array<[], f32>
  check.expect_close %z, %z : !rondo.array<[], f32>
  check.expect_close %y, %y : !rondo.array<[], f32>
  return
}

func.func @contract7() {
  %seed = rondo.constant 7 : i64 -> !rondo.array<[], i64>
  %a = rondo.random uniform "a" elements "kb" (%seed : %seed) spec "->kb"
      : (!rondo.array<[], i64>, !rondo.array<[], i64>) -> !rondo.array<[3, 9], f32>
  %b = rondo.random uniform "b" elements "kn" (%seed : %seed) spec "->kn"
      : (!rondo.array<[], i64>, !rondo.array<[], i64>) -> !rondo.array<[3, 20], f32>
  %c = rondo.random uniform "c" elements "bn" (%seed : %seed) spec "->bn"
      : (!rondo.array<[], i64>, !rondo.array<[], i64>) -> !rondo.array<[9, 20], f32>
  %z = rondo.contract %a, %b "kb,kn->bn" init %c
      : (!rondo.array<[3, 9], f32>, !rondo.array<[3, 20], f32>, !rondo.array<[9, 20], f32>) -> !rondo.array<[9, 20], f32>
  %y = rondo.tanh %z : !rondo.array<[9, 20], f32>
  check.expect_close %z, %z : !rondo.array<[9, 20], f32>
  check.expect_close %y, %y : !rondo.array<[9, 20], f32>
  return
}

func.func @contract8() {
  %seed = rondo.constant 7 : i64 -> !rondo.array<[], i64>
  %a = rondo.random uniform "a" elements "bkh" (%seed : %seed) spec "->bkh"
      : (!rondo.array<[], i64>, !rondo.array<[], i64>) -> !rondo.array<[3, 4, 19], f32>
  %b = rondo.random uniform "b" elements "bh" (%seed : %seed) spec "->bh"
      : (!rondo.array<[], i64>, !rondo.array<[], i64>) -> !rondo.array<[3, 19], f32>
  %c = rondo.random uniform "c" elements "bk" (%seed : %seed) spec "->bk"
      : (!rondo.array<[], i64>, !rondo.array<[], i64>) -> !rondo.array<[3, 4], f32>
  %z = rondo.contract %a, %b "bkh,bh->bk" init %c
      : (!rondo.array<[3, 4, 19], f32>, !rondo.array<[3, 19], f32>, !rondo.array<[3, 4], f32>) -> !rondo.array<[3, 4], f32>
  %y = rondo.tanh %z : !rondo.array<[3, 4], f32>
  check.expect_close %z, %z : !rondo.array<[3, 4], f32>
  check.expect_close %y, %y : !rondo.array<[3, 4], f32>
  return
}

func.func @contract9() {
  %seed = rondo.constant 7 : i64 -> !rondo.array<[], i64>
  %a = rondo.random uniform "a" elements "bth" (%seed : %seed) spec "->bth"
      : (!rondo.array<[], i64>, !rondo.array<[], i64>) -> !rondo.array<[3, 5, 21], f32>
  %b = rondo.random uniform "b" elements "bt" (%seed : %seed) spec "->bt"
      : (!rondo.array<[], i64>, !rondo.array<[], i64>) -> !rondo.array<[3, 5], f32>
  %c = rondo.random uniform "c" elements "bh" (%seed : %seed) spec "->bh"
      : (!rondo.array<[], i64>, !rondo.array<[], i64>) -> !rondo.array<[3, 21], f32>
  %z = rondo.contract %a, %b "bth,bt->bh" init %c
      : (!rondo.array<[3, 5, 21], f32>, !rondo.array<[3, 5], f32>, !rondo.array<[3, 21], f32>) -> !rondo.array<[3, 21], f32>
  %y = rondo.tanh %z : !rondo.array<[3, 21], f32>
  check.expect_close %z, %z : !rondo.array<[3, 21], f32>
  check.expect_close %y, %y : !rondo.array<[3, 21], f32>
  return
}

func.func @contract10() {
  %seed = rondo.constant 7 : i64 -> !rondo.array<[], i64>
  %a = rondo.random uniform "a" elements "bk" (%seed : %seed) spec "->bk"
      : (!rondo.array<[], i64>, !rondo.array<[], i64>) -> !rondo.array<[6, 4], f32>
  %b = rondo.random uniform "b" elements "kgh" (%seed : %seed) spec "->kgh"
      : (!rondo.array<[], i64>, !rondo.array<[], i64>) -> !rondo.array<[4, 3, 18], f32>
  %c = rondo.random uniform "c" elements "bgh" (%seed : %seed) spec "->bgh"
      : (!rondo.array<[], i64>, !rondo.array<[], i64>) -> !rondo.array<[6, 3, 18], f32>
  %z = rondo.contract %a, %b "bk,kgh->bgh" init %c
      : (!rondo.array<[6, 4], f32>, !rondo.array<[4, 3, 18], f32>, !rondo.array<[6, 3, 18], f32>) -> !rondo.array<[6, 3, 18], f32>
  %y = rondo.tanh %z : !rondo.array<[6, 3, 18], f32>
  check.expect_close %z, %z : !rondo.array<[6, 3, 18], f32>
  check.expect_close %y, %y : !rondo.array<[6, 3, 18], f32>
  return
}

func.func @contract11() {
  %seed = rondo.constant 7 : i64 -> !rondo.array<[], i64>
  %a = rondo.random uniform "a" elements "tbd" (%seed : %seed) spec "->tbd"
      : (!rondo.array<[], i64>, !rondo.array<[], i64>) -> !rondo.array<[5, 2, 7], f32>
  %b = rondo.random uniform "b" elements "sbd" (%seed : %seed) spec "->sbd"
      : (!rondo.array<[], i64>, !rondo.array<[], i64>) -> !rondo.array<[18, 2, 7], f32>
  %c = rondo.random uniform "c" elements "bts" (%seed : %seed) spec "->bts"
      : (!rondo.array<[], i64>, !rondo.array<[], i64>) -> !rondo.array<[2, 5, 18], f32>
  %z = rondo.contract %a, %b "tbd,sbd->bts" init %c
      : (!rondo.array<[5, 2, 7], f32>, !rondo.array<[18, 2, 7], f32>, !rondo.array<[2, 5, 18], f32>) -> !rondo.array<[2, 5, 18], f32>
  %y = rondo.tanh %z : !rondo.array<[2, 5, 18], f32>
  check.expect_close %z, %z : !rondo.array<[2, 5, 18], f32>
  check.expect_close %y, %y : !rondo.array<[2, 5, 18], f32>
  return
}

func.func @ragged0() attributes {check.bindings = {B = 4, T = [3, 0, 19, 8], S = [2, 18, 1, 0]},
    rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>, #rondo.symbol<S, ragged>]} {
  %seed = rondo.constant 7 : i64 -> !rondo.array<[], i64>
  %an = check.input dense<[5, 6, 7, 8]> : tensor<4xi64> -> !rondo.array<[B], i64>
  %a = rondo.random uniform "a" elements "tk" (%seed : %an) spec "b->btk"
      : (!rondo.array<[], i64>, !rondo.array<[B], i64>) -> !rondo.array<[B, T, 5], f32>
  %bn = check.input dense<[5, 6, 7, 8]> : tensor<4xi64> -> !rondo.array<[B], i64>
  %b = rondo.random uniform "b" elements "kn" (%seed : %seed) spec "->kn"
      : (!rondo.array<[], i64>, !rondo.array<[], i64>) -> !rondo.array<[5, 19], f32>
  %z = rondo.contract %a, %b "btk,kn->btn"
      : (!rondo.array<[B, T, 5], f32>, !rondo.array<[5, 19], f32>) -> !rondo.array<[B, T, 19], f32>
  check.expect_close %z, %z : !rondo.array<[B, T, 19], f32>
  return
}

func.func @ragged1() attributes {check.bindings = {B = 4, T = [3, 0, 19, 8], S = [2, 18, 1, 0]},
    rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>, #rondo.symbol<S, ragged>]} {
  %seed = rondo.constant 7 : i64 -> !rondo.array<[], i64>
  %an = check.input dense<[5, 6, 7, 8]> : tensor<4xi64> -> !rondo.array<[B], i64>
  %a = rondo.random uniform "a" elements "ti" (%seed : %an) spec "b->bti"
      : (!rondo.array<[], i64>, !rondo.array<[B], i64>) -> !rondo.array<[B, T, 7], f32>
  %bn = check.input dense<[5, 6, 7, 8]> : tensor<4xi64> -> !rondo.array<[B], i64>
  %b = rondo.random uniform "b" elements "tj" (%seed : %bn) spec "b->btj"
      : (!rondo.array<[], i64>, !rondo.array<[B], i64>) -> !rondo.array<[B, T, 18], f32>
  %z = rondo.contract %a, %b "bti,btj->ij"
      : (!rondo.array<[B, T, 7], f32>, !rondo.array<[B, T, 18], f32>) -> !rondo.array<[7, 18], f32>
  check.expect_close %z, %z : !rondo.array<[7, 18], f32>
  return
}

func.func @ragged2() attributes {check.bindings = {B = 4, T = [3, 0, 19, 8], S = [2, 18, 1, 0]},
    rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>, #rondo.symbol<S, ragged>]} {
  %seed = rondo.constant 7 : i64 -> !rondo.array<[], i64>
  %an = check.input dense<[5, 6, 7, 8]> : tensor<4xi64> -> !rondo.array<[B], i64>
  %a = rondo.random uniform "a" elements "td" (%seed : %an) spec "b->btd"
      : (!rondo.array<[], i64>, !rondo.array<[B], i64>) -> !rondo.array<[B, T, 3], f32>
  %bn = check.input dense<[5, 6, 7, 8]> : tensor<4xi64> -> !rondo.array<[B], i64>
  %b = rondo.random uniform "b" elements "sd" (%seed : %bn) spec "b->bsd"
      : (!rondo.array<[], i64>, !rondo.array<[B], i64>) -> !rondo.array<[B, S, 3], f32>
  %z = rondo.contract %a, %b "btd,bsd->bts"
      : (!rondo.array<[B, T, 3], f32>, !rondo.array<[B, S, 3], f32>) -> !rondo.array<[B, T, S], f32>
  check.expect_close %z, %z : !rondo.array<[B, T, S], f32>
  return
}

func.func @ragged3() attributes {check.bindings = {B = 4, T = [3, 0, 19, 8], S = [2, 18, 1, 0]},
    rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>, #rondo.symbol<S, ragged>]} {
  %seed = rondo.constant 7 : i64 -> !rondo.array<[], i64>
  %an = check.input dense<[5, 6, 7, 8]> : tensor<4xi64> -> !rondo.array<[B], i64>
  %a = rondo.random uniform "a" elements "ts" (%seed : %an) spec "b->bts"
      : (!rondo.array<[], i64>, !rondo.array<[B], i64>) -> !rondo.array<[B, T, S], f32>
  %bn = check.input dense<[5, 6, 7, 8]> : tensor<4xi64> -> !rondo.array<[B], i64>
  %b = rondo.random uniform "b" elements "sd" (%seed : %bn) spec "b->bsd"
      : (!rondo.array<[], i64>, !rondo.array<[B], i64>) -> !rondo.array<[B, S, 17], f32>
  %z = rondo.contract %a, %b "bts,bsd->btd"
      : (!rondo.array<[B, T, S], f32>, !rondo.array<[B, S, 17], f32>) -> !rondo.array<[B, T, 17], f32>
  check.expect_close %z, %z : !rondo.array<[B, T, 17], f32>
  return
}

func.func @ragged4() attributes {check.bindings = {B = 4, T = [3, 0, 19, 8], S = [2, 18, 1, 0]},
    rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>, #rondo.symbol<S, ragged>]} {
  %seed = rondo.constant 7 : i64 -> !rondo.array<[], i64>
  %an = check.input dense<[5, 6, 7, 8]> : tensor<4xi64> -> !rondo.array<[B], i64>
  %a = rondo.random uniform "a" elements "ti" (%seed : %an) spec "b->bti"
      : (!rondo.array<[], i64>, !rondo.array<[B], i64>) -> !rondo.array<[B, T, 3], f32>
  %bn = check.input dense<[5, 6, 7, 8]> : tensor<4xi64> -> !rondo.array<[B], i64>
  %b = rondo.random uniform "b" elements "tj" (%seed : %bn) spec "b->btj"
      : (!rondo.array<[], i64>, !rondo.array<[B], i64>) -> !rondo.array<[B, T, 5], f32>
  %z = rondo.contract %a, %b "bti,btj->bij"
      : (!rondo.array<[B, T, 3], f32>, !rondo.array<[B, T, 5], f32>) -> !rondo.array<[B, 3, 5], f32>
  check.expect_close %z, %z : !rondo.array<[B, 3, 5], f32>
  return
}

func.func @ragged5() attributes {check.bindings = {B = 4, T = [3, 0, 19, 8], S = [2, 18, 1, 0]},
    rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>, #rondo.symbol<S, ragged>]} {
  %seed = rondo.constant 7 : i64 -> !rondo.array<[], i64>
  %an = check.input dense<[5, 6, 7, 8]> : tensor<4xi64> -> !rondo.array<[B], i64>
  %a = rondo.random uniform "a" elements "t" (%seed : %an) spec "b->bt"
      : (!rondo.array<[], i64>, !rondo.array<[B], i64>) -> !rondo.array<[B, T], f32>
  %bn = check.input dense<[5, 6, 7, 8]> : tensor<4xi64> -> !rondo.array<[B], i64>
  %b = rondo.random uniform "b" elements "t" (%seed : %bn) spec "b->bt"
      : (!rondo.array<[], i64>, !rondo.array<[B], i64>) -> !rondo.array<[B, T], f32>
  %z = rondo.contract %a, %b "bt,bt->b"
      : (!rondo.array<[B, T], f32>, !rondo.array<[B, T], f32>) -> !rondo.array<[B], f32>
  check.expect_close %z, %z : !rondo.array<[B], f32>
  return
}
