// An entry written by hand as Lower leaves it: twice(x)[b] = 2 * scale[0] * x[b].
module attributes {rondo.stage = "lower", rondo.model = "Twice", rondo.configuration = {width = 1 : i64}} {
  rondo.param "scale" : !rondo.array<[1], f32> = #rondo.init<"constant", [2.0]>
  func.func private @twice(!rondo.array<[1], f32> {rondo.role = "parameter", rondo.name = "scale"},
                           !rondo.array<[B], f32> {rondo.role = "input", rondo.name = "x"})
      -> (!rondo.array<[B], f32> {rondo.role = "result", rondo.name = "result"})
      attributes {rondo.kind = "entry", rondo.symbols = [#rondo.symbol<B, batch>],
                  rondo.code = @twice.code, rondo.arena = @twice.arena}
  func.func @twice.arena(%dims: !llvm.ptr) -> i64 {
    %zero = arith.constant 0 : i64
    return %zero : i64
  }
  func.func @twice.code(%call: !llvm.ptr, %worker: i64) {
    %argumentsField = llvm.getelementptr %call[8] : (!llvm.ptr) -> !llvm.ptr, i8
    %arguments = llvm.load %argumentsField : !llvm.ptr -> !llvm.ptr
    %resultsField = llvm.getelementptr %call[16] : (!llvm.ptr) -> !llvm.ptr, i8
    %results = llvm.load %resultsField : !llvm.ptr -> !llvm.ptr
    %dimsField = llvm.getelementptr %call[24] : (!llvm.ptr) -> !llvm.ptr, i8
    %dims = llvm.load %dimsField : !llvm.ptr -> !llvm.ptr
    %c0 = arith.constant 0 : i64
    %c1 = arith.constant 1 : i64
    %two = arith.constant 2.0 : f32
    %scalePtr = llvm.load %arguments : !llvm.ptr -> !llvm.ptr
    %scale = llvm.load %scalePtr : !llvm.ptr -> f32
    %xSlot = llvm.getelementptr %arguments[1] : (!llvm.ptr) -> !llvm.ptr, !llvm.ptr
    %x = llvm.load %xSlot : !llvm.ptr -> !llvm.ptr
    %y = llvm.load %results : !llvm.ptr -> !llvm.ptr
    %rows = llvm.load %dims : !llvm.ptr -> i64
    %factor = arith.mulf %scale, %two : f32
    cf.br ^head(%c0 : i64)
  ^head(%b: i64):
    %more = arith.cmpi slt, %b, %rows : i64
    cf.cond_br %more, ^body, ^end
  ^body:
    %from = llvm.getelementptr %x[%b] : (!llvm.ptr, i64) -> !llvm.ptr, f32
    %to = llvm.getelementptr %y[%b] : (!llvm.ptr, i64) -> !llvm.ptr, f32
    %value = llvm.load %from : !llvm.ptr -> f32
    %scaled = arith.mulf %value, %factor : f32
    llvm.store %scaled, %to : f32, !llvm.ptr
    %next = arith.addi %b, %c1 : i64
    cf.br ^head(%next : i64)
  ^end:
    return
  }
}
