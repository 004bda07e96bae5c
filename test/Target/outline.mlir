// RUN: rondo-opt %s --rondo-outline='limit=8 smallest=5' | FileCheck %s
// Statements become functions with what they read; constants are made again there.

// CHECK-LABEL: llvm.func internal @long.code.0(
// CHECK-SAME: %[[CALL:.*]]: !llvm.ptr, %[[WORKER:.*]]: i64, %[[HIGH:.*]]: i64, %[[OUT:.*]]: !llvm.ptr)
// CHECK-SAME: no_inline
// CHECK: %[[ONE:.*]] = arith.constant 1 : i64
// CHECK: scf.for %{{.*}} = %{{.*}} to %[[HIGH]] step %[[ONE]]
// CHECK: llvm.store %{{.*}}, %[[OUT]]
// CHECK: llvm.return
// CHECK-LABEL: llvm.func internal @long.code.1(
// CHECK: team.barrier
// CHECK-NEXT: scf.if
// CHECK-NOT: scf.if
// CHECK-LABEL: llvm.func @long.code(
// CHECK-SAME: %[[CALL:.*]]: !llvm.ptr, %[[WORKER:.*]]: i64)
// CHECK: %[[HIGH:.*]] = llvm.load
// CHECK: llvm.call @long.code.0(%[[CALL]], %[[WORKER]], %[[HIGH]], %{{.*}})
// CHECK: %[[MORE:.*]] = arith.addi
// CHECK: llvm.call @long.code.1(%[[CALL]], %[[WORKER]], %{{.*}}, %[[MORE]], %{{.*}})
// A statement that gives a value stays, and so does what is read after it.
// CHECK: scf.for
// CHECK: llvm.store
// CHECK: llvm.return
llvm.func @long.code(%call: !llvm.ptr, %worker: i64) {
  %zero = arith.constant 0 : i64
  %one = arith.constant 1 : i64
  %high = llvm.load %call : !llvm.ptr -> i64
  %out = llvm.getelementptr %call[1] : (!llvm.ptr) -> !llvm.ptr, i64
  scf.for %i = %zero to %high step %one : i64 {
    %0 = arith.muli %i, %i : i64
    %1 = arith.addi %0, %one : i64
    llvm.store %1, %out : i64, !llvm.ptr
  }
  team.barrier
  %more = arith.addi %high, %one : i64
  %is = arith.cmpi slt, %more, %worker : i64
  scf.if %is {
    %0 = arith.muli %more, %more : i64
    %1 = arith.addi %0, %one : i64
    llvm.store %1, %out : i64, !llvm.ptr
  }
  %sum = scf.for %i = %zero to %high step %one iter_args(%so = %zero) -> (i64) : i64 {
    %0 = arith.addi %so, %i : i64
    scf.yield %0 : i64
  }
  llvm.store %sum, %out : i64, !llvm.ptr
  llvm.return
}

// CHECK-LABEL: llvm.func @short.code
// CHECK-NEXT: llvm.store
// CHECK-NEXT: llvm.return
llvm.func @short.code(%call: !llvm.ptr, %worker: i64) {
  llvm.store %worker, %call : i64, !llvm.ptr
  llvm.return
}

// In a loop that is too long, its parts, small ones together.
// CHECK-LABEL: llvm.func internal @loop.code.0(
// CHECK-SAME: %{{.*}}: !llvm.ptr, %{{.*}}: i64, %{{.*}}: i64, %[[I:.*]]: i64)
// CHECK: llvm.func @loop.code
// CHECK: scf.for %[[I:.*]] = %{{.*}} to
// CHECK-NEXT: llvm.call @loop.code.0(%{{.*}}, %{{.*}}, %{{.*}}, %[[I]])
// CHECK: scf.yield
llvm.func @loop.code(%call: !llvm.ptr, %worker: i64) {
  %zero = arith.constant 0 : i64
  %one = arith.constant 1 : i64
  %last = scf.for %i = %zero to %worker step %one iter_args(%so = %zero) -> (i64) : i64 {
    scf.for %j = %zero to %so step %one : i64 {
      %0 = arith.muli %i, %j : i64
      llvm.store %0, %call : i64, !llvm.ptr
    }
    scf.for %j = %zero to %so step %one : i64 {
      %0 = arith.addi %i, %j : i64
      llvm.store %0, %call : i64, !llvm.ptr
    }
    %next = arith.addi %so, %one : i64
    scf.yield %next : i64
  }
  llvm.store %last, %call : i64, !llvm.ptr
  llvm.return
}

// What is the same in two places is one function.
// CHECK-NOT: @twice.code.1
// CHECK-LABEL: llvm.func @twice.code
// CHECK: llvm.call @twice.code.0(%{{.*}}, %{{.*}}, %[[FIRST:.*]])
// CHECK: llvm.call @twice.code.0(%{{.*}}, %{{.*}}, %[[SECOND:.*]])
// CHECK: llvm.return
llvm.func @twice.code(%call: !llvm.ptr, %worker: i64) {
  %zero = arith.constant 0 : i64
  %one = arith.constant 1 : i64
  %first = llvm.getelementptr %call[8] : (!llvm.ptr) -> !llvm.ptr, i8
  scf.for %i = %zero to %worker step %one : i64 {
    %0 = arith.xori %i, %one : i64
    %1 = arith.subi %0, %one : i64
    llvm.store %1, %first : i64, !llvm.ptr
  }
  %second = llvm.getelementptr %call[16] : (!llvm.ptr) -> !llvm.ptr, i8
  scf.for %i = %zero to %worker step %one : i64 {
    %0 = arith.xori %i, %one : i64
    %1 = arith.subi %0, %one : i64
    llvm.store %1, %second : i64, !llvm.ptr
  }
  llvm.return
}

// Of a condition outside of loops, its parts.
// CHECK-LABEL: llvm.func @once.code
// CHECK: scf.if
// CHECK-NEXT: llvm.call @once.code.0
// CHECK-NEXT: llvm.call @once.code.1
// CHECK: llvm.return
llvm.func @once.code(%call: !llvm.ptr, %worker: i64) {
  %zero = arith.constant 0 : i64
  %one = arith.constant 1 : i64
  %is = arith.cmpi eq, %worker, %zero : i64
  scf.if %is {
    scf.for %i = %zero to %worker step %one : i64 {
      %0 = arith.shli %i, %one : i64
      %1 = arith.muli %0, %0 : i64
      llvm.store %1, %call : i64, !llvm.ptr
    }
    scf.for %i = %zero to %worker step %one : i64 {
      %0 = arith.shrui %i, %one : i64
      %1 = arith.muli %0, %0 : i64
      llvm.store %1, %call : i64, !llvm.ptr
    }
  }
  llvm.return
}
