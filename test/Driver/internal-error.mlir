// What goes wrong inside of the compiler is said in one line, never in the compiler's own terms, and
// leaves a dump: the errors as comments and the module as it was before the stage.

// RUN: rm -rf %t && mkdir %t
// RUN: not rondoc %s --dump-stages=%t -o %t/program 2>&1 | FileCheck %s
// RUN: FileCheck %s --check-prefix=DUMP < %t/internal-error.mlir
// RUN: not ls %t/program
// RUN: not rondoc --from=lower %t/internal-error.mlir -o %t/program 2>&1 | FileCheck %s --check-prefix=AGAIN

// CHECK: {{^}}rondoc: internal error in stage target; please report it, with the dump {{.*}}internal-error.mlir{{$}}
// CHECK-NOT: {{.}}
// DUMP: // rondoc {{.*}}, internal error in stage target
// DUMP-NEXT: // {{.*}}'func.func' op has no rondo.code
// DUMP: func.func private @lost
// AGAIN: rondoc: internal error in stage target; please report it, with the dump {{.*}}.mlir
module attributes {rondo.stage = "lower"} {
  func.func private @lost(!rondo.array<[B], f32>) attributes {rondo.kind = "entry", rondo.symbols = [#rondo.symbol<B, batch>]}
}
