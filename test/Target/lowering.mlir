// RUN: rondoc %s --emit=target | FileCheck %s
// RUN: rondoc %s --emit=obj -o %t.o
// RUN: rondoc %s --mcpu=x86-64 --emit=obj -o %t.o

// What Lower emits (scf, vector, arith, math within llvm.func) becomes the LLVM dialect, nothing else.
// CHECK-NOT: scf.
// CHECK-NOT: vector.
// CHECK-NOT: arith.
// CHECK-NOT: math.
// CHECK-NOT: cf.
// CHECK: llvm.func @f.code
module attributes {rondo.stage = "lower"} {
  func.func private @f(!rondo.array<[B], f32> {rondo.role = "input", rondo.name = "x"})
      attributes {rondo.kind = "entry", rondo.symbols = [#rondo.symbol<B, batch>],
                  rondo.code = @f.code, rondo.arena = @f.arena}
  llvm.func @f.arena(%dims: !llvm.ptr) -> i64 {
    %zero = arith.constant 0 : i64
    llvm.return %zero : i64
  }
  llvm.func @f.code(%call: !llvm.ptr, %worker: i64) {
    %arena = llvm.load %call : !llvm.ptr -> !llvm.ptr
    %dimsField = llvm.getelementptr %call[24] : (!llvm.ptr) -> !llvm.ptr, i8
    %dims = llvm.load %dimsField : !llvm.ptr -> !llvm.ptr
    %c0 = arith.constant 0 : i64
    %c1 = arith.constant 1 : i64
    %n = llvm.load %dims : !llvm.ptr -> i64
    %start = arith.constant dense<0.0> : vector<16xf32>
    %sum = scf.for %i = %c0 to %n step %c1 iter_args(%acc = %start) -> vector<16xf32> : i64 {
      %p = llvm.getelementptr %arena[%i] : (!llvm.ptr, i64) -> !llvm.ptr, f32
      %v = llvm.load %p {alignment = 4 : i64} : !llvm.ptr -> vector<16xf32>
      %s = math.sqrt %v : vector<16xf32>
      %f = math.floor %s : vector<16xf32>
      %m = arith.maximumf %f, %acc : vector<16xf32>
      %c = arith.cmpf olt, %m, %v : vector<16xf32>
      %r = arith.select %c, %m, %v : vector<16xi1>, vector<16xf32>
      scf.yield %r : vector<16xf32>
    }
    %h = vector.shuffle %sum, %sum [0, 1, 2, 3, 4, 5, 6, 7] : vector<16xf32>, vector<16xf32>
    %e = vector.extract %h[0] : f32 from vector<8xf32>
    %b = vector.broadcast %e : f32 to vector<16xf32>
    %t = arith.cmpi sgt, %n, %c1 : i64
    %w = scf.while (%x = %n) : (i64) -> i64 {
      %more = arith.cmpi sgt, %x, %c1 : i64
      scf.condition(%more) %x : i64
    } do {
    ^bb0(%x: i64):
      %half = arith.shrsi %x, %c1 : i64
      scf.yield %half : i64
    }
    scf.if %t {
      llvm.store %b, %arena : vector<16xf32>, !llvm.ptr
      llvm.store %w, %arena : i64, !llvm.ptr
    }
    llvm.return
  }
}
