// RUN: rondo-opt %s --split-input-file --rondo-lower-emulated --verify-diagnostics | FileCheck %s

// A load has a check with the bytes, 0 for a read, and its line; a store 1 for a write.
// CHECK-DAG: llvm.mlir.global internal constant @[[FILE:rondo.file.*]]("model.rondo\00")
// CHECK-DAG: llvm.mlir.global internal constant @[[SOURCE:rondo.source]]() {{.*}} : !llvm.struct<"RondoSource", (ptr, i64, i64)> {
// CHECK: %[[NAME:.*]] = llvm.mlir.addressof @[[FILE]]
// CHECK: %[[LINE:.*]] = llvm.mlir.constant(3 : i64)
// CHECK: %[[COLUMN:.*]] = llvm.mlir.constant(5 : i64)
// CHECK: llvm.insertvalue %[[NAME]], %{{.*}}[0]
// CHECK: llvm.insertvalue %[[LINE]], %{{.*}}[1]
// CHECK: llvm.insertvalue %[[COLUMN]], %{{.*}}[2]
// CHECK-LABEL: llvm.func @memory(
// CHECK-SAME: %[[SELF:.*]]: !llvm.ptr, %[[CALL:.*]]: !llvm.ptr, %[[NUMBERS:.*]]: !llvm.ptr)
// CHECK-SAME: device.kernel
// CHECK: %[[N0:.*]] = llvm.getelementptr %[[NUMBERS]][0]
// CHECK: llvm.load %[[N0]]
// CHECK: %[[N1:.*]] = llvm.getelementptr %[[NUMBERS]][8]
// CHECK: %[[M:.*]] = llvm.load %[[N1]]
// CHECK: %[[PLACE:.*]] = llvm.mlir.addressof @[[SOURCE]]
// CHECK: %[[READ:.*]] = arith.constant 0
// CHECK: %[[FOUR:.*]] = arith.constant 4
// CHECK: llvm.call %[[ACCESS:.*]](%[[SELF]], %[[CALL]], %[[FOUR]], %[[READ]], %[[PLACE]])
// CHECK-NEXT: llvm.load %[[CALL]] : !llvm.ptr -> f32
// CHECK: %[[WRITE:.*]] = arith.constant 1
// CHECK: %[[EIGHT:.*]] = arith.constant 8
// CHECK: llvm.call %[[ACCESS]](%[[SELF]], %[[CALL]], %[[EIGHT]], %[[WRITE]], %{{.*}})
// CHECK-NEXT: llvm.store %[[M]], %[[CALL]]
llvm.func @memory(%call: !llvm.ptr, %n: i64, %m: i64) attributes {device.kernel = 256 : i64} {
  %x = llvm.load %call : !llvm.ptr -> f32 loc(fused["x", "model.rondo":3:5])
  llvm.store %m, %call : i64, !llvm.ptr
  llvm.return
}

// -----

// The stack and constants are the thread's own.
llvm.mlir.global internal constant @numbers(dense<[1, 2]> : tensor<2xi64>) : !llvm.array<2 x i64>
// CHECK-LABEL: llvm.func @own
// CHECK-NOT: llvm.call
// CHECK: llvm.return
llvm.func @own(%call: !llvm.ptr) attributes {device.kernel = 256 : i64} {
  %one = arith.constant 1 : i64
  %stack = llvm.alloca %one x i64 : (i64) -> !llvm.ptr
  %at = llvm.getelementptr %stack[0] : (!llvm.ptr) -> !llvm.ptr, i64
  %constants = llvm.mlir.addressof @numbers : !llvm.ptr
  %x = llvm.load %constants : !llvm.ptr -> i64
  llvm.store %x, %at : i64, !llvm.ptr
  llvm.return
}

// -----

// One check for each lane, of no bytes where the mask is off.
// CHECK-LABEL: llvm.func @lanes
// CHECK: llvm.extractelement
// CHECK: %[[SECOND:.*]] = arith.constant 1
// CHECK: %[[ON:.*]] = llvm.extractelement %[[MASK:.*]][%[[SECOND]] : i64] : vector<2xi1>
// CHECK: %[[AT:.*]] = llvm.getelementptr %[[FROM:.*]][4]
// CHECK: %[[BYTES:.*]] = arith.select %[[ON]]
// CHECK: llvm.call %{{.*}}(%{{.*}}, %[[AT]], %[[BYTES]],
// CHECK: llvm.intr.masked.load %[[FROM]], %[[MASK]]
// CHECK: %[[LANE:.*]] = llvm.extractelement %{{.*}} : vector<2x!llvm.ptr>
// CHECK: llvm.call %{{.*}}(%{{.*}}, %[[LANE]],
// CHECK: llvm.intr.masked.scatter
// CHECK: llvm.call %{{.*}}(%{{.*}}, %[[FROM]], %[[LENGTH:.*]], %{{.*}}, %{{.*}})
// CHECK: "llvm.intr.memset"(%[[FROM]], %{{.*}}, %[[LENGTH]])
llvm.func @lanes(%call: !llvm.ptr, %n: i64) attributes {device.kernel = 256 : i64} {
  %mask = arith.constant dense<[true, false]> : vector<2xi1>
  %zero = arith.constant dense<0.0> : vector<2xf32>
  %x = llvm.intr.masked.load %call, %mask, %zero {alignment = 4 : i32}
      : (!llvm.ptr, vector<2xi1>, vector<2xf32>) -> vector<2xf32>
  %lanes = arith.constant dense<[0, 1]> : vector<2xi64>
  %all = llvm.getelementptr %call[%lanes] : (!llvm.ptr, vector<2xi64>) -> vector<2x!llvm.ptr>, f32
  llvm.intr.masked.scatter %x, %all, %mask {alignment = 4 : i32}
      : vector<2xf32>, vector<2xi1> into vector<2x!llvm.ptr>
  %byte = arith.constant 0 : i8
  "llvm.intr.memset"(%call, %byte, %n) <{isVolatile = false}> : (!llvm.ptr, i8, i64) -> ()
  llvm.return
}

// -----

// CHECK-LABEL: llvm.func @device(
// CHECK-SAME: %[[SELF:.*]]: !llvm.ptr, %{{.*}}: !llvm.ptr, %{{.*}}: !llvm.ptr)
// CHECK: arith.select %{{.*}} : !llvm.ptr
// CHECK: llvm.call %{{.*}}(%[[SELF]], %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}) : {{.*}} i64, !llvm.ptr)
// CHECK: llvm.call %{{.*}}(%[[SELF]]) : !llvm.ptr, (!llvm.ptr) -> ()
// CHECK: %[[PENDING:.*]] = arith.constant 1
// CHECK: llvm.call %{{.*}}(%[[SELF]], %[[PENDING]]) : !llvm.ptr, (!llvm.ptr, i64) -> ()
// Two barriers, two sources.
// CHECK: %[[FIRST:.*]] = llvm.mlir.addressof @[[ONE:rondo.source[_0-9]*]] :
// CHECK: llvm.call %{{.*}}(%[[SELF]], %[[FIRST]]) : !llvm.ptr, (!llvm.ptr, !llvm.ptr) -> ()
// CHECK-NOT: llvm.mlir.addressof @[[ONE]] :
// CHECK: %[[SECOND:.*]] = llvm.mlir.addressof
// CHECK: llvm.call %{{.*}}(%[[SELF]], %[[SECOND]]) : !llvm.ptr, (!llvm.ptr, !llvm.ptr) -> ()
// The bits of a number, as 64.
// CHECK: %[[BITS:.*]] = arith.bitcast %{{.*}} : f32 to i32
// CHECK: %[[WIDE:.*]] = arith.extui %[[BITS]] : i32 to i64
// CHECK: %[[MASK:.*]] = arith.constant 16
// CHECK: %[[OTHER:.*]] = llvm.call %{{.*}}(%[[SELF]], %[[WIDE]], %[[MASK]], %{{.*}}) : {{.*}} -> i64
// CHECK: %[[HALF:.*]] = arith.trunci %[[OTHER]] : i64 to i32
// CHECK: arith.bitcast %[[HALF]] : i32 to f32
// CHECK-COUNT-10: llvm.store
// CHECK: llvm.call %{{.*}}(%[[SELF]], %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}})
// CHECK-COUNT-4: llvm.load
llvm.func @device(%call: !llvm.ptr, %n: i64) attributes {device.kernel = 256 : i64} {
  %c = llvm.mlir.constant(0.0 : f32) : f32
  %a = llvm.mlir.constant(0 : i32) : i32
  %s = device.shared 64 at 16 : !llvm.ptr
  %rest, %bytes = device.shared_rest : !llvm.ptr
  %isFirst = llvm.icmp "eq" %bytes, %n : i64
  device.copy_async %s, %rest, 16 if %isFirst : !llvm.ptr, !llvm.ptr
  device.commit
  device.wait 1
  device.barrier
  device.grid_barrier %call : !llvm.ptr
  %other = device.shuffle %c xor 16 : f32
  %d:4 = device.mma "tf32" %a, %a, %a, %a by %a, %a add %c, %c, %c, %other
  llvm.return
}

// -----

llvm.func @atomic(%call: !llvm.ptr, %n: i64) attributes {device.kernel = 256 : i64} {
  // expected-error@+1 {{is atomic, which kernels on the emulator cannot be}}
  %old = llvm.atomicrmw add %call, %n acq_rel : !llvm.ptr, i64
  llvm.return
}

// -----

llvm.func @helper(%at: !llvm.ptr) -> f32 {
  // expected-error@+1 {{touches memory in a function that a kernel calls, where the emulator cannot see it}}
  %x = llvm.load %at : !llvm.ptr -> f32
  llvm.return %x : f32
}
llvm.func @calls(%call: !llvm.ptr) attributes {device.kernel = 256 : i64} {
  %x = llvm.call @helper(%call) : (!llvm.ptr) -> f32
  llvm.return
}
