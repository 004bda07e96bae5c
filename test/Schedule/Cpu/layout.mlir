// RUN: rondo-opt %s --rondo-describe-target=vector-bits=512 --rondo-layout | FileCheck %s
// A weight that is the same at every step is transposed before the loop.

// CHECK-LABEL: func.func @loop
// CHECK: %[[G:.*]] = rondo.group
// CHECK-NEXT: rondo.transpose %arg1 [1, 0]
// CHECK: rondo.scan
// CHECK: rondo.contract %{{.*}}, %[[G]] "bk,kn->bn"
func.func @loop(%h0: !rondo.array<[B, 8], f32>, %u: !rondo.array<[8, 8], f32>) -> !rondo.array<[B, 8], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>]} {
  %h = rondo.scan over <5> carry(%h0) : (!rondo.array<[B, 8], f32>) -> (!rondo.array<[B, 8], f32>) {
  ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[B, 8], f32>):
    %z = rondo.contract %c, %u "bk,nk->bn" : (!rondo.array<[B, 8], f32>, !rondo.array<[8, 8], f32>) -> !rondo.array<[B, 8], f32>
    rondo.yield %z : !rondo.array<[B, 8], f32>
  }
  return %h : !rondo.array<[B, 8], f32>
}

// Without rows to use it again, a matrix stays as it is.
// CHECK-LABEL: func.func @once
// CHECK-NOT: rondo.group
func.func @once(%x: !rondo.array<[8], f32>, %u: !rondo.array<[8, 8], f32>) -> !rondo.array<[8], f32> {
  %z = rondo.contract %x, %u "k,nk->n" : (!rondo.array<[8], f32>, !rondo.array<[8, 8], f32>) -> !rondo.array<[8], f32>
  return %z : !rondo.array<[8], f32>
}

// A larger weight is packed, padded to whole vectors.
// CHECK-LABEL: func.func @packed
// CHECK: %[[P:.*]] = rondo.group : !rondo.array<[7, 64, 16], f32>
// CHECK-NEXT: rondo.pad %arg1 axis 0
// CHECK: rondo.transpose {{.*}} [0, 2, 1]
// CHECK: rondo.scan
// CHECK: rondo.contract %{{.*}}, %{{.*}} "bk,kn->bn"
func.func @packed(%h0: !rondo.array<[B, 64], f32>, %u: !rondo.array<[100, 64], f32>) -> !rondo.array<[B, 5, 100], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>]} {
  %h, %ys = rondo.scan over <5> carry(%h0) stack(1) : (!rondo.array<[B, 64], f32>) -> (!rondo.array<[B, 64], f32>, !rondo.array<[B, 5, 100], f32>) {
  ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[B, 64], f32>):
    %z = rondo.contract %c, %u "bk,nk->bn" : (!rondo.array<[B, 64], f32>, !rondo.array<[100, 64], f32>) -> !rondo.array<[B, 100], f32>
    rondo.yield %c, %z : !rondo.array<[B, 64], f32>, !rondo.array<[B, 100], f32>
  }
  return %ys : !rondo.array<[B, 5, 100], f32>
}

// The slices of all layers are packed before the loop over layers.
// CHECK-LABEL: func.func @layers
// CHECK: %[[P:.*]] = rondo.group : !rondo.array<[3, 4, 64, 16], f32>
// CHECK: rondo.scan over <3> {{.*}}%[[P]] axis 0
// CHECK-NOT: rondo.group
// CHECK: rondo.contract
func.func @layers(%h0: !rondo.array<[B, 64], f32>, %u: !rondo.array<[3, 64, 64], f32>) -> !rondo.array<[B, 64], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>]} {
  %h = rondo.scan over <3> carry(%h0) slice(%u axis 0) : (!rondo.array<[B, 64], f32>, !rondo.array<[3, 64, 64], f32>) -> (!rondo.array<[B, 64], f32>) {
  ^bb0(%t: !rondo.array<[], i64>, %c: !rondo.array<[B, 64], f32>, %w: !rondo.array<[64, 64], f32>):
    %z = rondo.contract %c, %w "bk,nk->bn" : (!rondo.array<[B, 64], f32>, !rondo.array<[64, 64], f32>) -> !rondo.array<[B, 64], f32>
    rondo.yield %z : !rondo.array<[B, 64], f32>
  }
  return %h : !rondo.array<[B, 64], f32>
}

// Gates that are taken apart stand side by side in a panel.
// CHECK-LABEL: func.func @gates
// CHECK: rondo.group : !rondo.array<[4, 64, 2, 16], f32>
// CHECK: rondo.contract %{{.*}}, %{{.*}} "bk,kgn->bgn"
func.func @gates(%h: !rondo.array<[B, 64], f32>, %u: !rondo.array<[2, 64, 64], f32>) -> !rondo.array<[B, 64], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>]} {
  %z = rondo.contract %h, %u "bk,gnk->bgn" : (!rondo.array<[B, 64], f32>, !rondo.array<[2, 64, 64], f32>) -> !rondo.array<[B, 2, 64], f32>
  %a = rondo.slice %z axis 1 from <0> : <[B, 2, 64], f32> -> <[B, 1, 64], f32>
  %b = rondo.slice %z axis 1 from <1> : <[B, 2, 64], f32> -> <[B, 1, 64], f32>
  %p = rondo.mul %a, %b : <[B, 1, 64], f32>
  %r = rondo.reshape %p : <[B, 1, 64], f32> -> <[B, 64], f32>
  return %r : !rondo.array<[B, 64], f32>
}

// A gradient has new parameters in every call: it reads a weight as it is where the lanes are last,
// the second-level cache (256 KiB here) holds it, and its rows are not whole pages apart.
// CHECK-LABEL: func.func @gradient
// CHECK: rondo.group : !rondo.array<[13, 512, 16], f32>
// CHECK: rondo.group : !rondo.array<[64, 64, 16], f32>
// CHECK-NOT: rondo.group
// CHECK: rondo.contract %arg0, %arg1 "bk,kn->bn"
func.func @gradient(%x: !rondo.array<[B, 64], f32>, %w: !rondo.array<[64, 100], f32>,
                    %pages: !rondo.array<[64, 1024], f32>, %y: !rondo.array<[B, 512], f32>,
                    %large: !rondo.array<[512, 200], f32>)
    -> (!rondo.array<[B, 100], f32> {rondo.role = "gradient"}, !rondo.array<[B, 1024], f32>, !rondo.array<[B, 200], f32>)
    attributes {rondo.symbols = [#rondo.symbol<B, batch>]} {
  %0 = rondo.contract %x, %w "bk,kn->bn" : (!rondo.array<[B, 64], f32>, !rondo.array<[64, 100], f32>) -> !rondo.array<[B, 100], f32>
  %1 = rondo.contract %x, %pages "bk,kn->bn" : (!rondo.array<[B, 64], f32>, !rondo.array<[64, 1024], f32>) -> !rondo.array<[B, 1024], f32>
  %2 = rondo.contract %y, %large "bk,kn->bn" : (!rondo.array<[B, 512], f32>, !rondo.array<[512, 200], f32>) -> !rondo.array<[B, 200], f32>
  return %0, %1, %2 : !rondo.array<[B, 100], f32>, !rondo.array<[B, 1024], f32>, !rondo.array<[B, 200], f32>
}

// Without gradients the panels are kept from call to call.
// CHECK-LABEL: func.func @kept
// CHECK: rondo.group : !rondo.array<[7, 64, 16], f32>
func.func @kept(%x: !rondo.array<[B, 64], f32>, %w: !rondo.array<[64, 100], f32>) -> !rondo.array<[B, 100], f32>
    attributes {rondo.symbols = [#rondo.symbol<B, batch>]} {
  %0 = rondo.contract %x, %w "bk,kn->bn" : (!rondo.array<[B, 64], f32>, !rondo.array<[64, 100], f32>) -> !rondo.array<[B, 100], f32>
  return %0 : !rondo.array<[B, 100], f32>
}
