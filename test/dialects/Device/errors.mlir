// RUN: rondo-opt %s --split-input-file --verify-diagnostics

llvm.func @f(%call: !llvm.ptr) {
  // expected-error@+1 {{expected some bytes from a multiple of 16 on, found 4 at 8}}
  %s = device.shared 4 at 8 : !llvm.ptr
  llvm.return
}

// -----

llvm.func @f(%call: !llvm.ptr) {
  // expected-error@+1 {{copies 4, 8 or 16 bytes, found 2}}
  device.copy_async %call, %call, 2 : !llvm.ptr, !llvm.ptr
  llvm.return
}

// -----

llvm.func @f(%x: i32) {
  // expected-error@+1 {{expected a mask from 1 to 31, found 32}}
  %y = device.shuffle %x xor 32 : i32
  llvm.return
}

// -----

llvm.func @f(%a: i32, %c: f32) {
  // expected-error@+1 {{expected "tf32" or "bf16", found "int8"}}
  %d:4 = device.mma "int8" %a, %a, %a, %a by %a, %a add %c, %c, %c, %c
  llvm.return
}
