// RUN: rondo-opt %s -split-input-file -verify-diagnostics

func.func @outside() {
  // expected-error @+1 {{'team.barrier' op expected to be in an 'llvm.func'}}
  team.barrier
  return
}

// -----

llvm.func @arguments(%call: !llvm.ptr) {
  // expected-error @+1 {{'team.id' op expected a function of a call and a worker's number, (!llvm.ptr, i64, ...), found '!llvm.func<void (ptr)>'}}
  %id = team.id
  llvm.return
}

// -----

llvm.func @quantum(%call: !llvm.ptr, %worker: i64) {
  // expected-error @+1 {{'team.share' op expected a quantum of at least 1, found 0}}
  %from, %to = team.share %worker, %worker by 0
  llvm.return
}
