// RUN: rondo-opt %s --rondo-outline='limit=8 loop-limit=8 smallest=5' | FileCheck %s
// RUN: rondo-opt %s --rondo-outline='limit=8 loop-limit=20 smallest=5' | FileCheck %s --check-prefix=LOOPS
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

// The name of a random draw is an argument: what differs in nothing else is one function.
// CHECK: llvm.func internal @draws.code.0(
// CHECK-SAME: %{{.*}}: !llvm.ptr, %{{.*}}: i64, %[[NAME:.*]]: i64)
// CHECK: arith.xori %{{.*}}, %[[NAME]]
// CHECK-NOT: @draws.code.1
// CHECK-LABEL: llvm.func @draws.code
// CHECK-DAG: %[[FIRST:.*]] = arith.constant 81985529216486895 : i64
// CHECK-DAG: %[[SECOND:.*]] = arith.constant -81985529216486896 : i64
// CHECK: llvm.call @draws.code.0(%{{.*}}, %{{.*}}, %[[FIRST]])
// CHECK: llvm.call @draws.code.0(%{{.*}}, %{{.*}}, %[[SECOND]])
// CHECK: llvm.return
llvm.func @draws.code(%call: !llvm.ptr, %worker: i64) {
  %zero = arith.constant 0 : i64
  %one = arith.constant 1 : i64
  %first = arith.constant 81985529216486895 : i64
  %second = arith.constant -81985529216486896 : i64
  scf.for %i = %zero to %worker step %one : i64 {
    %0 = arith.xori %i, %first : i64
    %1 = arith.muli %0, %0 : i64
    llvm.store %1, %call : i64, !llvm.ptr
  }
  scf.for %i = %zero to %worker step %one : i64 {
    %0 = arith.xori %i, %second : i64
    %1 = arith.muli %0, %0 : i64
    llvm.store %1, %call : i64, !llvm.ptr
  }
  llvm.return
}

// What counts gives its numbers back.
// CHECK-LABEL: llvm.func internal @count.code.0(
// CHECK-SAME: -> !llvm.struct<(i64, i64)>
// CHECK: %[[NUMBERS:.*]]:2 = scf.for
// CHECK: llvm.insertvalue %[[NUMBERS]]#0, %{{.*}}[0]
// CHECK: %[[ALL:.*]] = llvm.insertvalue %[[NUMBERS]]#1, %{{.*}}[1]
// CHECK: llvm.return %[[ALL]]
// CHECK-LABEL: llvm.func @count.code
// CHECK: %[[GIVEN:.*]] = llvm.call @count.code.0
// CHECK-DAG: %[[A:.*]] = llvm.extractvalue %[[GIVEN]][0]
// CHECK-DAG: %[[B:.*]] = llvm.extractvalue %[[GIVEN]][1]
// CHECK: arith.addi %[[A]], %[[B]]
llvm.func @count.code(%call: !llvm.ptr, %worker: i64) {
  %zero = arith.constant 0 : i64
  %one = arith.constant 1 : i64
  %counts:2 = scf.for %i = %zero to %worker step %one iter_args(%a = %zero, %b = %one) -> (i64, i64) : i64 {
    %0 = arith.maxsi %i, %a : i64
    llvm.store %0, %call : i64, !llvm.ptr
    %1 = arith.addi %a, %one : i64
    %2 = arith.addi %b, %i : i64
    scf.yield %1, %2 : i64, i64
  }
  %sum = arith.addi %counts#0, %counts#1 : i64
  %more = arith.muli %sum, %sum : i64
  llvm.store %more, %call : i64, !llvm.ptr
  llvm.store %sum, %call : i64, !llvm.ptr
  llvm.return
}

// A loop that is short enough is not cut, but in a function that is not optimised.
// LOOPS-LABEL: llvm.func internal @inner.code.0
// LOOPS: scf.for
// LOOPS-NEXT: arith.addi
// LOOPS-NEXT: scf.for
// LOOPS-LABEL: llvm.func internal @unoptimised.code.0
// LOOPS-SAME: optimize_none
// LOOPS-LABEL: llvm.func @unoptimised.code
// LOOPS: scf.for
// LOOPS-NEXT: llvm.call @unoptimised.code.0
llvm.func @inner.code(%call: !llvm.ptr, %worker: i64) {
  %zero = arith.constant 0 : i64
  %one = arith.constant 1 : i64
  %last = scf.for %i = %zero to %worker step %one iter_args(%so = %zero) -> (i64) : i64 {
    %next = arith.addi %so, %one : i64
    scf.for %j = %zero to %so step %one : i64 {
      %0 = arith.minsi %i, %j : i64
      llvm.store %0, %call : i64, !llvm.ptr
      llvm.store %0, %call : i64, !llvm.ptr
      llvm.store %0, %call : i64, !llvm.ptr
    }
    scf.yield %next : i64
  }
  llvm.store %last, %call : i64, !llvm.ptr
  llvm.return
}
llvm.func @unoptimised.code(%call: !llvm.ptr, %worker: i64) attributes {no_inline, optimize_none} {
  %zero = arith.constant 0 : i64
  %one = arith.constant 1 : i64
  %last = scf.for %i = %zero to %worker step %one iter_args(%so = %zero) -> (i64) : i64 {
    scf.for %j = %zero to %so step %one : i64 {
      %0 = arith.minsi %i, %j : i64
      llvm.store %0, %call : i64, !llvm.ptr
      llvm.store %0, %call : i64, !llvm.ptr
      llvm.store %0, %call : i64, !llvm.ptr
    }
    %next = arith.addi %so, %one : i64
    scf.yield %next : i64
  }
  llvm.store %last, %call : i64, !llvm.ptr
  llvm.return
}
