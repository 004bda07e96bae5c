// RUN: rondo-both %s --function=mm --sizes=B=2 --blocks=1,3,5
// RUN: rondo-both %s --function=mmt --sizes=B=2 --blocks=1,3,5
// RUN: rondo-both %s --function=tmm --sizes=B=2 --blocks=1,3,5
// RUN: rondo-both %s --function=tmt --sizes=B=2 --blocks=1,3,5
// RUN: rondo-both %s --function=big --sizes=B=2 --blocks=1,3,5
// RUN: rondo-both %s --function=bigb --sizes=B=66 --blocks=1,3,5
// RUN: rondo-both %s --function=mv --sizes=B=2 --blocks=1,3,5
// RUN: rondo-both %s --function=mvt --sizes=B=2 --blocks=1,3,5
// RUN: rondo-both %s --function=mv2 --sizes=B=2 --blocks=1,3,5
// RUN: rondo-both %s --function=batched --sizes=B=5 --blocks=1,3,5
// RUN: rondo-both %s --function=attn --sizes=B=5,T=29 --lengths=T=29:20:5:3:1 --blocks=1,3,5
// RUN: rondo-both %s --function=attn2 --sizes=B=5,T=29 --lengths=T=29:20:5:3:1 --blocks=1,3,5
// RUN: rondo-both %s --function=btk --sizes=B=5,T=29 --lengths=T=29:20:5:3:1 --blocks=1,3,5
// RUN: rondo-both %s --function=dw --sizes=B=5,T=29 --lengths=T=29:20:5:3:1 --blocks=1,3,5
// RUN: rondo-both %s --function=dwi --sizes=B=5,T=29 --lengths=T=29:20:5:3:1 --blocks=1,3,5
// RUN: rondo-both %s --function=db --sizes=B=45 --blocks=1,3,5
// RUN: rondo-both %s --function=dpos --sizes=B=5,T=29 --lengths=T=29:20:5:3:1 --blocks=1,3,5
// RUN: rondo-both %s --function=pos --sizes=B=5,T=29 --lengths=T=29:20:5:3:1 --blocks=1,3,5
// RUN: rondo-both %s --function=kt --sizes=B=5,T=29 --lengths=T=29:20:5:3:1 --blocks=1,3,5
// RUN: rondo-both %s --function=two --sizes=B=33 --blocks=1,3,5
// RUN: rondo-both %s --function=gates --sizes=B=33 --blocks=1,3,5
// RUN: rondo-both %s --function=heads --sizes=B=5,T=29 --lengths=T=29:20:5:3:1 --blocks=1,3,5
// RUN: rondo-both %s --function=mm64 --sizes=B=2 --tolerance=1e-13 --blocks=1,3,5
// RUN: rondo-both %s --function=mmt64 --sizes=B=2 --tolerance=1e-13 --blocks=1,3,5
// RUN: rondo-both %s --function=mv64 --sizes=B=2 --tolerance=1e-13 --blocks=1,3,5
// RUN: rondo-both %s --function=mm --sizes=B=2 --products=tf32 --only-over=1e-5 --tolerance=4e-3
// RUN: rondo-both %s --function=mm --sizes=B=2 --products=bf16 --only-over=4e-4 --tolerance=3e-2
// RUN: rondo-both %s --function=mmt --sizes=B=2 --products=tf32 --only-over=1e-5 --tolerance=4e-3
// RUN: rondo-both %s --function=mmt --sizes=B=2 --products=bf16 --only-over=4e-4 --tolerance=3e-2
// RUN: rondo-both %s --function=tmm --sizes=B=2 --products=tf32 --only-over=1e-5 --tolerance=4e-3
// RUN: rondo-both %s --function=tmm --sizes=B=2 --products=bf16 --only-over=4e-4 --tolerance=3e-2
// RUN: rondo-both %s --function=tmt --sizes=B=2 --products=tf32 --only-over=1e-5 --tolerance=4e-3
// RUN: rondo-both %s --function=tmt --sizes=B=2 --products=bf16 --only-over=4e-4 --tolerance=3e-2
// RUN: rondo-both %s --function=two --sizes=B=33 --products=tf32 --only-over=1e-5 --tolerance=4e-3
// RUN: rondo-both %s --function=two --sizes=B=33 --products=bf16 --only-over=4e-4 --tolerance=3e-2
// RUN: rondo-both %s --function=gates --sizes=B=33 --products=tf32 --only-over=1e-5 --tolerance=4e-3
// RUN: rondo-both %s --function=gates --sizes=B=33 --products=bf16 --only-over=4e-4 --tolerance=3e-2
// RUN: rondo-both %s --function=db --sizes=B=45 --products=tf32 --only-over=1e-5 --tolerance=4e-3
// RUN: rondo-both %s --function=db --sizes=B=45 --products=bf16 --only-over=4e-4 --tolerance=3e-2
// RUN: rondo-both %s --function=mm64 --sizes=B=2 --tolerance=1e-13 --products=bf16
// RUN: rondo-both %s --function=kept --sizes=B=37,T=9 --lengths=T=9:9:9:9:9:9:9:9:9:9:9:9:9:9:9:9:9:9:9:9:7:7:7:7:7:7:7:7:7:7:4:4:4:4:4:4:1 --blocks=1,3,8 --shared=512
// RUN: rondo-both %s --function=kept --sizes=B=37,T=9 --lengths=T=9:9:9:9:9:9:9:9:9:9:9:9:9:9:9:9:9:9:9:9:7:7:7:7:7:7:7:7:7:7:4:4:4:4:4:4:1 --blocks=1,3,8 --shared=98304
// RUN: rondo-both %s --function=kept --sizes=B=37,T=9 --lengths=T=9:9:9:9:9:9:9:9:9:9:9:9:9:9:9:9:9:9:9:9:7:7:7:7:7:7:7:7:7:7:4:4:4:4:4:4:1 --products=tf32 --tolerance=3e-2 --only-over=1e-5
// Tiles of blocks, run on the emulator, against the CPU's code: sizes that fill no tile, every order of
// the operands' dims, sums over several dims, ragged rows, columns and sums, examples that are rows,
// columns or summed, initial values, grids with fewer and more blocks than tiles. Then operands that
// are rounded: the error is what that makes, and no less; doubles stay exact. Last a recurrence, whose
// weights fit into a block's shared memory or do not, while fewer and fewer rows are left.

func.func @mm(%x: !rondo.array<[70, 33], f32>, %w: !rondo.array<[33, 100], f32>) -> !rondo.array<[70, 100], f32> attributes {rondo.kind = "entry", rondo.symbols = [#rondo.symbol<B, batch>]} {
  %a = rondo.contract %x, %w "mk,kn->mn" : (!rondo.array<[70, 33], f32>, !rondo.array<[33, 100], f32>) -> !rondo.array<[70, 100], f32>
  return %a : !rondo.array<[70, 100], f32>
}

func.func @mmt(%x: !rondo.array<[130, 64], f32>, %w: !rondo.array<[100, 64], f32>) -> !rondo.array<[130, 100], f32> attributes {rondo.kind = "entry", rondo.symbols = [#rondo.symbol<B, batch>]} {
  %a = rondo.contract %x, %w "mk,nk->mn" : (!rondo.array<[130, 64], f32>, !rondo.array<[100, 64], f32>) -> !rondo.array<[130, 100], f32>
  %y = rondo.tanh %a : !rondo.array<[130, 100], f32>
  return %y : !rondo.array<[130, 100], f32>
}

func.func @tmm(%x: !rondo.array<[48, 72], f32>, %w: !rondo.array<[48, 100], f32>, %c: !rondo.array<[72, 100], f32>) -> !rondo.array<[72, 100], f32> attributes {rondo.kind = "entry", rondo.symbols = [#rondo.symbol<B, batch>]} {
  %a = rondo.contract %x, %w "km,kn->mn" init %c : (!rondo.array<[48, 72], f32>, !rondo.array<[48, 100], f32>, !rondo.array<[72, 100], f32>) -> !rondo.array<[72, 100], f32>
  return %a : !rondo.array<[72, 100], f32>
}

func.func @tmt(%x: !rondo.array<[49, 71], f32>, %w: !rondo.array<[99, 49], f32>, %c: !rondo.array<[71, 99], f32>) -> !rondo.array<[71, 99], f32> attributes {rondo.kind = "entry", rondo.symbols = [#rondo.symbol<B, batch>]} {
  %a = rondo.contract %x, %w "km,nk->mn" init %c : (!rondo.array<[49, 71], f32>, !rondo.array<[99, 49], f32>, !rondo.array<[71, 99], f32>) -> !rondo.array<[71, 99], f32>
  return %a : !rondo.array<[71, 99], f32>
}

func.func @big(%x: !rondo.array<[700, 40], f32>, %w: !rondo.array<[40, 720], f32>) -> !rondo.array<[700, 720], f32> attributes {rondo.kind = "entry", rondo.symbols = [#rondo.symbol<B, batch>]} {
  %a = rondo.contract %x, %w "mk,kn->mn" : (!rondo.array<[700, 40], f32>, !rondo.array<[40, 720], f32>) -> !rondo.array<[700, 720], f32>
  return %a : !rondo.array<[700, 720], f32>
}

func.func @bigb(%x: !rondo.array<[B, 40], f32>, %w: !rondo.array<[40, 5000], f32>) -> !rondo.array<[B, 5000], f32> attributes {rondo.kind = "entry", rondo.symbols = [#rondo.symbol<B, batch>]} {
  %a = rondo.contract %x, %w "bk,kn->bn" : (!rondo.array<[B, 40], f32>, !rondo.array<[40, 5000], f32>) -> !rondo.array<[B, 5000], f32>
  return %a : !rondo.array<[B, 5000], f32>
}

func.func @mv(%x: !rondo.array<[300], f32>, %w: !rondo.array<[300, 100], f32>, %c: !rondo.array<[100], f32>) -> !rondo.array<[100], f32> attributes {rondo.kind = "entry", rondo.symbols = [#rondo.symbol<B, batch>]} {
  %a = rondo.contract %x, %w "k,kn->n" init %c : (!rondo.array<[300], f32>, !rondo.array<[300, 100], f32>, !rondo.array<[100], f32>) -> !rondo.array<[100], f32>
  return %a : !rondo.array<[100], f32>
}

func.func @mvt(%x: !rondo.array<[100, 300], f32>, %w: !rondo.array<[300], f32>) -> !rondo.array<[100], f32> attributes {rondo.kind = "entry", rondo.symbols = [#rondo.symbol<B, batch>]} {
  %a = rondo.contract %x, %w "nk,k->n" : (!rondo.array<[100, 300], f32>, !rondo.array<[300], f32>) -> !rondo.array<[100], f32>
  return %a : !rondo.array<[100], f32>
}

func.func @mv2(%x: !rondo.array<[3, 300], f32>, %w: !rondo.array<[300, 100], f32>) -> !rondo.array<[3, 100], f32> attributes {rondo.kind = "entry", rondo.symbols = [#rondo.symbol<B, batch>]} {
  %a = rondo.contract %x, %w "mk,kn->mn" : (!rondo.array<[3, 300], f32>, !rondo.array<[300, 100], f32>) -> !rondo.array<[3, 100], f32>
  return %a : !rondo.array<[3, 100], f32>
}

func.func @batched(%x: !rondo.array<[B, 20, 30], f32>, %w: !rondo.array<[B, 30, 40], f32>) -> !rondo.array<[B, 20, 40], f32> attributes {rondo.kind = "entry", rondo.symbols = [#rondo.symbol<B, batch>]} {
  %a = rondo.contract %x, %w "bij,bjk->bik" : (!rondo.array<[B, 20, 30], f32>, !rondo.array<[B, 30, 40], f32>) -> !rondo.array<[B, 20, 40], f32>
  return %a : !rondo.array<[B, 20, 40], f32>
}

func.func @attn(%x: !rondo.array<[B, T, 16], f32>, %w: !rondo.array<[B, T, 16], f32>) -> !rondo.array<[B, T, T], f32> attributes {rondo.kind = "entry", rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  %a = rondo.contract %x, %w "bik,bjk->bij" : (!rondo.array<[B, T, 16], f32>, !rondo.array<[B, T, 16], f32>) -> !rondo.array<[B, T, T], f32>
  return %a : !rondo.array<[B, T, T], f32>
}

func.func @attn2(%x: !rondo.array<[B, T, T], f32>, %w: !rondo.array<[B, T, 16], f32>) -> !rondo.array<[B, T, 16], f32> attributes {rondo.kind = "entry", rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  %a = rondo.contract %x, %w "bij,bjk->bik" : (!rondo.array<[B, T, T], f32>, !rondo.array<[B, T, 16], f32>) -> !rondo.array<[B, T, 16], f32>
  return %a : !rondo.array<[B, T, 16], f32>
}

func.func @btk(%x: !rondo.array<[B, T, 64], f32>, %w: !rondo.array<[48, 64], f32>, %c: !rondo.array<[B, T, 48], f32>) -> !rondo.array<[B, T, 48], f32> attributes {rondo.kind = "entry", rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  %a = rondo.contract %x, %w "btk,nk->btn" init %c : (!rondo.array<[B, T, 64], f32>, !rondo.array<[48, 64], f32>, !rondo.array<[B, T, 48], f32>) -> !rondo.array<[B, T, 48], f32>
  return %a : !rondo.array<[B, T, 48], f32>
}

func.func @dw(%x: !rondo.array<[B, T, 20], f32>, %w: !rondo.array<[B, T, 48], f32>) -> !rondo.array<[20, 48], f32> attributes {rondo.kind = "entry", rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  %a = rondo.contract %x, %w "btk,btn->kn" : (!rondo.array<[B, T, 20], f32>, !rondo.array<[B, T, 48], f32>) -> !rondo.array<[20, 48], f32>
  return %a : !rondo.array<[20, 48], f32>
}

func.func @dwi(%x: !rondo.array<[B, T, 20], f32>, %w: !rondo.array<[B, T, 48], f32>, %c: !rondo.array<[20, 48], f32>) -> !rondo.array<[20, 48], f32> attributes {rondo.kind = "entry", rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  %a = rondo.contract %x, %w "btk,btn->kn" init %c : (!rondo.array<[B, T, 20], f32>, !rondo.array<[B, T, 48], f32>, !rondo.array<[20, 48], f32>) -> !rondo.array<[20, 48], f32>
  return %a : !rondo.array<[20, 48], f32>
}

func.func @db(%x: !rondo.array<[B, 20], f32>, %w: !rondo.array<[B, 48], f32>) -> !rondo.array<[20, 48], f32> attributes {rondo.kind = "entry", rondo.symbols = [#rondo.symbol<B, batch>]} {
  %a = rondo.contract %x, %w "bk,bn->kn" : (!rondo.array<[B, 20], f32>, !rondo.array<[B, 48], f32>) -> !rondo.array<[20, 48], f32>
  return %a : !rondo.array<[20, 48], f32>
}

func.func @dpos(%x: !rondo.array<[B, T, 20], f32>, %w: !rondo.array<[B, 48], f32>) -> !rondo.array<[T, 20, 48], f32> attributes {rondo.kind = "entry", rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  %a = rondo.contract %x, %w "btk,bn->tkn" : (!rondo.array<[B, T, 20], f32>, !rondo.array<[B, 48], f32>) -> !rondo.array<[T, 20, 48], f32>
  return %a : !rondo.array<[T, 20, 48], f32>
}

func.func @pos(%x: !rondo.array<[B, T, 20], f32>, %w: !rondo.array<[T, 48], f32>) -> !rondo.array<[B, 20, 48], f32> attributes {rondo.kind = "entry", rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  %a = rondo.contract %x, %w "btk,tn->bkn" : (!rondo.array<[B, T, 20], f32>, !rondo.array<[T, 48], f32>) -> !rondo.array<[B, 20, 48], f32>
  return %a : !rondo.array<[B, 20, 48], f32>
}

func.func @kt(%x: !rondo.array<[B, 20, T], f32>, %w: !rondo.array<[B, 48, T], f32>) -> !rondo.array<[B, 20, 48], f32> attributes {rondo.kind = "entry", rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  %a = rondo.contract %x, %w "bkt,bnt->bkn" : (!rondo.array<[B, 20, T], f32>, !rondo.array<[B, 48, T], f32>) -> !rondo.array<[B, 20, 48], f32>
  return %a : !rondo.array<[B, 20, 48], f32>
}

func.func @two(%x: !rondo.array<[B, 4, 40], f32>, %w: !rondo.array<[4, 40, 50], f32>) -> !rondo.array<[B, 50], f32> attributes {rondo.kind = "entry", rondo.symbols = [#rondo.symbol<B, batch>]} {
  %a = rondo.contract %x, %w "bij,ijn->bn" : (!rondo.array<[B, 4, 40], f32>, !rondo.array<[4, 40, 50], f32>) -> !rondo.array<[B, 50], f32>
  return %a : !rondo.array<[B, 50], f32>
}

func.func @gates(%x: !rondo.array<[B, 40], f32>, %w: !rondo.array<[40, 4, 50], f32>) -> !rondo.array<[B, 4, 50], f32> attributes {rondo.kind = "entry", rondo.symbols = [#rondo.symbol<B, batch>]} {
  %a = rondo.contract %x, %w "bk,kgn->bgn" : (!rondo.array<[B, 40], f32>, !rondo.array<[40, 4, 50], f32>) -> !rondo.array<[B, 4, 50], f32>
  return %a : !rondo.array<[B, 4, 50], f32>
}

func.func @heads(%x: !rondo.array<[B, T, 3, 8], f32>, %w: !rondo.array<[B, T, 3, 8], f32>) -> !rondo.array<[B, 3, T, T], f32> attributes {rondo.kind = "entry", rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  %a = rondo.contract %x, %w "bthk,bshk->bhts" : (!rondo.array<[B, T, 3, 8], f32>, !rondo.array<[B, T, 3, 8], f32>) -> !rondo.array<[B, 3, T, T], f32>
  return %a : !rondo.array<[B, 3, T, T], f32>
}

func.func @mm64(%x: !rondo.array<[70, 33], f64>, %w: !rondo.array<[33, 100], f64>, %c: !rondo.array<[70, 100], f64>) -> !rondo.array<[70, 100], f64> attributes {rondo.kind = "entry", rondo.symbols = [#rondo.symbol<B, batch>]} {
  %a = rondo.contract %x, %w "mk,kn->mn" init %c : (!rondo.array<[70, 33], f64>, !rondo.array<[33, 100], f64>, !rondo.array<[70, 100], f64>) -> !rondo.array<[70, 100], f64>
  return %a : !rondo.array<[70, 100], f64>
}

func.func @mmt64(%x: !rondo.array<[130, 64], f64>, %w: !rondo.array<[100, 64], f64>, %c: !rondo.array<[130, 100], f64>) -> !rondo.array<[130, 100], f64> attributes {rondo.kind = "entry", rondo.symbols = [#rondo.symbol<B, batch>]} {
  %a = rondo.contract %x, %w "mk,nk->mn" init %c : (!rondo.array<[130, 64], f64>, !rondo.array<[100, 64], f64>, !rondo.array<[130, 100], f64>) -> !rondo.array<[130, 100], f64>
  return %a : !rondo.array<[130, 100], f64>
}

func.func @mv64(%x: !rondo.array<[300], f64>, %w: !rondo.array<[300, 100], f64>, %c: !rondo.array<[100], f64>) -> !rondo.array<[100], f64> attributes {rondo.kind = "entry", rondo.symbols = [#rondo.symbol<B, batch>]} {
  %a = rondo.contract %x, %w "k,kn->n" init %c : (!rondo.array<[300], f64>, !rondo.array<[300, 100], f64>, !rondo.array<[100], f64>) -> !rondo.array<[100], f64>
  return %a : !rondo.array<[100], f64>
}

func.func @kept(%x: !rondo.array<[B, T, 4, 40], f32>, %u: !rondo.array<[4, 40, 40], f32>, %s: !rondo.array<[B, 40], f32>) -> !rondo.array<[B, 40], f32> attributes {rondo.kind = "entry", rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>]} {
  %h = rondo.scan over <T> carry(%s) slice(%x axis 1) : (!rondo.array<[B, 40], f32>, !rondo.array<[B, T, 4, 40], f32>) -> (!rondo.array<[B, 40], f32>) {
  ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[B, 40], f32>, %p: !rondo.array<[B, 4, 40], f32>):
    %a = rondo.contract %u, %c "gnk,bk->bgn" init %p : (!rondo.array<[4, 40, 40], f32>, !rondo.array<[B, 40], f32>, !rondo.array<[B, 4, 40], f32>) -> !rondo.array<[B, 4, 40], f32>
    %i0 = rondo.slice %a axis 1 from <0> : <[B, 4, 40], f32> -> <[B, 1, 40], f32>
    %i = rondo.reshape %i0 : <[B, 1, 40], f32> -> <[B, 40], f32>
    %f0 = rondo.slice %a axis 1 from <3> : <[B, 4, 40], f32> -> <[B, 1, 40], f32>
    %f = rondo.reshape %f0 : <[B, 1, 40], f32> -> <[B, 40], f32>
    %j = rondo.tanh %i : !rondo.array<[B, 40], f32>
    %k = rondo.sigmoid %f : !rondo.array<[B, 40], f32>
    %n = rondo.mul %j, %k : !rondo.array<[B, 40], f32>
    rondo.yield %n : !rondo.array<[B, 40], f32>
  }
  return %h : !rondo.array<[B, 40], f32>
}
