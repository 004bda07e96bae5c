// Every stage is printed with locations and read back, with the same result as without the stop.

// RUN: rm -rf %t && mkdir %t && cd %t
// RUN: rondoc %s --emit=schedule --dump-stages=%t/all -o all.mlir
// RUN: rondoc %s --emit=batch -o batch.mlir && diff batch.mlir all/03-batch.mlir
// RUN: rondoc batch.mlir --emit=batch | diff batch.mlir -
// RUN: rondoc batch.mlir --emit=differentiate | diff all/04-differentiate.mlir -
// RUN: rondoc --from=batch - --emit=differentiate < batch.mlir | diff all/04-differentiate.mlir -
// RUN: rondoc all/04-differentiate.mlir --emit=normalise | diff all/05-normalise.mlir -
// RUN: rondoc all/05-normalise.mlir --emit=schedule | diff all/06-schedule.mlir -
// RUN: diff all.mlir all/06-schedule.mlir

// RUN: FileCheck %s --check-prefix=BATCH < batch.mlir
// RUN: FileCheck %s --check-prefix=GRAD < all/04-differentiate.mlir
// RUN: FileCheck %s --check-prefix=TWIN < all/06-schedule.mlir
// RUN: rondoc %s --precision=f64 --emit=schedule | FileCheck %s --check-prefix=DOUBLE
// RUN: rondo-opt --rondo-to-differentiate %s | FileCheck %s --check-prefix=GRAD-OPT

// BATCH: module attributes {rondo.model = "Square", rondo.stage = "batch"}
// BATCH: func.func @loss({{.*}}!rondo.array<[B, 4], f32>
// BATCH: loc("{{.*}}stages.mlir":
// GRAD: rondo.stage = "differentiate"
// GRAD: func.func @loss.grad
// TWIN: func.func @loss.grad.f64
// DOUBLE-NOT: f32
// DOUBLE-NOT: twin_of
// GRAD-OPT: func.func @loss.grad
module attributes {rondo.stage = "frontend", rondo.model = "Square"} {
  rondo.param "w" : !rondo.array<[4], f32> = #rondo.init<"normal", [2.0e-2]>
  func.func @loss(%w: !rondo.array<[4], f32> {rondo.role = "parameter", rondo.name = "w"},
                  %x: !rondo.array<[4], f32> {rondo.role = "input", rondo.name = "x"})
      -> (!rondo.array<[], f32> {rondo.role = "result", rondo.name = "result"})
      attributes {rondo.kind = "entry", rondo.symbols = []} {
    %y = rondo.contract %x, %w "i,i->" : (!rondo.array<[4], f32>, !rondo.array<[4], f32>) -> !rondo.array<[], f32>
    %z = rondo.mul %y, %y : !rondo.array<[], f32>
    return %z : !rondo.array<[], f32>
  }
}
