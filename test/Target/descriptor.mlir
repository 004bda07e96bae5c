// RUN: rondo-opt --rondo-descriptor="features=avx2" --split-input-file --verify-diagnostics %s | FileCheck %s
// RUN: rondo-opt --rondo-descriptor --convert-func-to-llvm --convert-arith-to-llvm --reconcile-unrealized-casts --split-input-file --verify-diagnostics %s | FileCheck %s --check-prefix=LLVM

// The descriptor holds the module's configuration, the parameters, each entry's symbols, arguments,
// results, checks and code, and the train block; what it was made from is gone.

// CHECK: llvm.mlir.global internal constant @rondo.sizes.{{.*}} : !llvm.array<1 x i64>
// CHECK: llvm.mlir.global internal unnamed_addr constant @{{.*}}("scaled\00")
// CHECK: llvm.mlir.global external constant @rondo_program() {{.*}} : !llvm.struct<"RondoProgram", (i64, ptr, ptr, i32, i64, ptr, i64, ptr, i64, ptr, ptr, ptr, ptr, i64, ptr)>
// CHECK-NOT: rondo.param "
// CHECK-NOT: func.func private @f(
// LLVM: constant @{{.*}}("slope\00")
// LLVM: llvm.mlir.addressof @f.code : !llvm.ptr
// LLVM: llvm.mlir.addressof @f.arena : !llvm.ptr
// LLVM: llvm.mlir.addressof @f.f64.code : !llvm.ptr
// LLVM: llvm.func @f.code(
// LLVM-NOT: unrealized
module attributes {rondo.model = "Tiny", rondo.configuration = {width = 4 : i64, name = "a"}} {
  rondo.param "scale" : !rondo.array<[4], f32> = #rondo.init<"constant", [1.0]>
  rondo.train loss "f" update "u" source "text" {window = 8 : i64} batch 2 steps 10
  func.func private @f(!rondo.array<[4], f32> {rondo.role = "parameter", rondo.name = "scale"},
                       !rondo.array<[B, T], i32> {rondo.role = "input", rondo.name = "x", rondo.index = #rondo.dim<256>},
                       !rondo.array<[], i64> {rondo.role = "seed"})
      -> (!rondo.array<[B, (T + 1) floordiv 2 + 1], f32> {rondo.name = "scaled"})
      attributes {rondo.kind = "entry", rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>, #rondo.symbol<n, uniform>],
                  rondo.symbol_defaults = {n = 3 : i64}, plan.sorted_by = "T", rondo.checks = ["mean of nothing"],
                  rondo.code = @f.code, rondo.arena = @f.arena}
  llvm.func @f.code(%call: !llvm.ptr, %worker: i64) {
    llvm.return
  }
  func.func @f.arena(%a: !llvm.ptr) -> i64 {
    %zero = arith.constant 0 : i64
    return %zero : i64
  }
  func.func private @f.f64(!rondo.array<[4], f64>) attributes {rondo.kind = "entry", rondo.twin_of = "f", rondo.code = @f.f64.code, rondo.arena = @f.f64.arena}
  func.func private @slope(!rondo.array<[4], f32>) attributes {rondo.kind = "entry", rondo.gradient_of = "f", rondo.code = @f.code, rondo.arena = @f.arena}
  func.func @f.f64.code(%call: !llvm.ptr, %worker: i64) {
    return
  }
  func.func @f.f64.arena(%a: !llvm.ptr) -> i64 {
    %zero = arith.constant 0 : i64
    return %zero : i64
  }
}

// -----

// expected-error @below {{'func.func' op has no rondo.code}}
func.func private @g(!rondo.array<[4], f32>) attributes {rondo.kind = "entry"}

// -----

// expected-error @below {{'func.func' op has an argument or result of unknown role "thing"}}
func.func private @g(!rondo.array<[4], f32> {rondo.role = "thing"}) attributes {rondo.kind = "entry"}

// -----

// expected-error @below {{'func.func' op has an argument or result that the program cannot hold: 'tensor<4xf32>'}}
func.func private @g(tensor<4xf32>) attributes {rondo.kind = "entry"}

// -----

// What is for a device: entries without code for the CPU, checks and order of either, kernels in
// their order. Without PTX the kernels are emulated.

// CHECK: llvm.mlir.addressof @cuda.g.kernel.0
// CHECK: llvm.struct<"RondoKernel", (ptr, i64, i64, i32, i32, i64, ptr)>
// CHECK: llvm.struct<"RondoDeviceCode", (i64, ptr, i64, ptr, i64, ptr)>
// CHECK-NOT: rondo.device_of
// LLVM: constant @{{.*}}("too short\00")
// LLVM: llvm.mlir.addressof @cuda.g.code : !llvm.ptr
// LLVM: llvm.mlir.addressof @cuda.g.arena : !llvm.ptr
// LLVM: llvm.mlir.addressof @cuda.g.f64.code : !llvm.ptr
// LLVM: llvm.mlir.addressof @cuda.g.f64.arena : !llvm.ptr
// LLVM: llvm.mlir.addressof @cuda.g.kernel.0
module attributes {rondo.kernels = [{symbol = "cuda.g.kernel.0", name = "cuda$g$kernel$0", threads = 256 : i64, shared_bytes = 64 : i64, takes_rest = true, cooperative = true, numbers = 1 : i64}]} {
  func.func private @g(!rondo.array<[B], f32>) attributes {rondo.kind = "entry", rondo.symbols = [#rondo.symbol<B, batch>]}
  func.func private @g.f64(!rondo.array<[B], f64>) attributes {rondo.kind = "entry", rondo.twin_of = "g", rondo.symbols = [#rondo.symbol<B, batch>]}
  func.func private @cuda.g(!rondo.array<[B], f32>) attributes {rondo.kind = "entry", rondo.device_of = "g", rondo.code = @cuda.g.code, rondo.arena = @cuda.g.arena, rondo.checks = ["too short"], rondo.cache_bytes = 12345 : i64, rondo.symbols = [#rondo.symbol<B, batch>]}
  func.func private @cuda.g.f64(!rondo.array<[B], f64>) attributes {rondo.kind = "entry", rondo.twin_of = "g", rondo.device_of = "g.f64", rondo.code = @cuda.g.f64.code, rondo.arena = @cuda.g.f64.arena, rondo.symbols = [#rondo.symbol<B, batch>]}
  llvm.func @cuda.g.code(%call: !llvm.ptr, %worker: i64) {
    llvm.return
  }
  llvm.func @cuda.g.arena(%dims: !llvm.ptr) -> i64 {
    %zero = llvm.mlir.constant(0 : i64) : i64
    llvm.return %zero : i64
  }
  llvm.func @cuda.g.f64.code(%call: !llvm.ptr, %worker: i64) {
    llvm.return
  }
  llvm.func @cuda.g.f64.arena(%dims: !llvm.ptr) -> i64 {
    %zero = llvm.mlir.constant(0 : i64) : i64
    llvm.return %zero : i64
  }
  llvm.func @cuda.g.kernel.0(%thread: !llvm.ptr, %call: !llvm.ptr, %numbers: !llvm.ptr) {
    llvm.return
  }
}

// -----

// expected-error @below {{'func.func' op has another rondo.checks on the device}}
func.func private @g(!rondo.array<[4], f32>) attributes {rondo.kind = "entry", rondo.checks = ["one"], rondo.code = @code, rondo.arena = @code}
func.func private @cuda.g(!rondo.array<[4], f32>) attributes {rondo.kind = "entry", rondo.device_of = "g", rondo.checks = ["two"], rondo.code = @code, rondo.arena = @code}
llvm.func @code()

// -----

// expected-error @below {{'rondo.train' op has a loss without a gradient}}
rondo.train loss "f" update "u" source "text" {window = 8 : i64} batch 2 steps 10
func.func private @f.grad()
