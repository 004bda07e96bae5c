// The gradients of a loss over a ragged batch (an example of length 0 among them), of cells that are
// written in unlike ways. What is expected was computed example by example by complex steps, outside
// of rondo. It holds before and after each pass, and after all of them.
// RUN: rondo-opt %s --rondo-interpret
// RUN: rondo-opt %s --rondo-differentiate --rondo-sink --rondo-interpret
// RUN: rondo-opt %s --rondo-differentiate --rondo-unmap --rondo-interpret
// RUN: rondo-opt %s --rondo-differentiate --canonicalize --rondo-reuse --rondo-interpret
// RUN: rondo-opt %s --rondo-differentiate --rondo-hoist --rondo-interpret
// RUN: rondo-opt %s --rondo-differentiate --rondo-split --rondo-interpret
// RUN: rondo-opt %s --rondo-differentiate --rondo-merge --rondo-interpret
// RUN: rondo-opt %s --rondo-to-normalise --rondo-interpret
// RUN: rondo-opt %s --rondo-to-normalise | rondo-opt --rondo-interpret
//
// The loop of a cell like an LSTM holds one contraction, and so does its reverse, however the cell is
// written; a deep cell written by hand becomes one loop per layer.
// RUN: rondo-opt %s --rondo-to-normalise | FileCheck %s

// Matrices of all gates in one array.
// CHECK-LABEL: func.func @lstm(
// CHECK: rondo.scan over <T>
// CHECK: rondo.contract
// CHECK-NOT: rondo.contract
// CHECK: rondo.yield
// CHECK: rondo.scan over <T> reverse
// CHECK: rondo.contract
// CHECK-NOT: rondo.contract
// CHECK: rondo.yield
func.func @lstm(%W: !rondo.array<[4, 3, 2], f64> {check.value = dense<[[[0.35, -0.4], [-0.61, -0.23], [-0.59, 0.23]], [[-0.31, -1.38], [-0.02, 0.45], [0.38, 0.28]], [[-0.05, -0.71], [-0.76, 0.61], [-0.22, 1.48]], [[-0.79, 0.37], [-0.01, -0.55], [0.34, 0.22]]]> : tensor<4x3x2xf64>}, 
    %U: !rondo.array<[4, 3, 3], f64> {check.value = dense<[[[-0.37, -0.1, 0.38], [-0.04, -0.52, -0.18], [-0.79, 0.39, 0.03]], [[-0.53, -0.93, -1.09], [0.18, 0.22, 0.05], [1.18, -0.75, -0.38]], [[-0.09, 0.2, -0.3], [0.99, 0.14, -1.25], [0.2, 1.09, -0.32]], [[0.2, 0.03, 0.15], [0.12, -0.51, -0.26], [-0.19, -0.13, 0.19]]]> : tensor<4x3x3xf64>}, 
    %b: !rondo.array<[4, 3], f64> {check.value = dense<[[0.02, -0.59, -0.03], [-0.03, 0.13, -0.92], [0.94, -0.31, 0.39], [-0.02, -0.0, 0.3]]> : tensor<4x3xf64>}, 
    %x: !rondo.array<[B, T, 2], f64> {check.value = dense<[[[0.26, -1.47], [0.29, -0.82], [-0.47, -0.83]], [[0x7FF8000000000000, 0x7FF8000000000000], [0x7FF8000000000000, 0x7FF8000000000000], [0x7FF8000000000000, 0x7FF8000000000000]], [[-2.01, 1.12], [0x7FF8000000000000, 0x7FF8000000000000], [0x7FF8000000000000, 0x7FF8000000000000]]]> : tensor<3x3x2xf64>})
    -> (!rondo.array<[4, 3, 2], f64>, !rondo.array<[4, 3, 3], f64>, !rondo.array<[4, 3], f64>)
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>],
    check.bindings = {B = 3, T = [3, 0, 1]},
    check.expect = [{actual = 0 : i64, value = dense<[[[7.889015095481258e-04, -1.064183253817563e-01], [-1.382492666163471e-03, -1.719477627614072e-01], [-4.259356390310588e-02, -8.019345534327695e-02]], [[-2.827641382725376e-03, -2.896090945727688e-02], [3.595434949901442e-03, -3.504135086181784e-02], [-1.740277496075594e-03, -2.386506325252939e-02]], [[-3.862361054143894e-02, -1.332052527576699e-02], [-1.868193381787702e-02, 1.966589873793420e-01], [-4.734383656755572e-04, 6.241098277396843e-02]], [[-5.761114210617344e-02, -2.799955582099014e-01], [-6.556174886100938e-02, -5.382478835268843e-02], [-2.079968043567982e-01, 2.679694918042946e-02]]]> : tensor<4x3x2xf64>, tolerance = 1.0e-12 : f64, floor = 1.0e-15 : f64}, {actual = 1 : i64, value = dense<[[[1.410451060003687e-02, -1.495400565132252e-02, -1.193431933419775e-02], [8.528276666132021e-03, -1.134462205217468e-02, -8.450310688331603e-03], [1.358926375957914e-02, -1.426146135775647e-02, -1.141995358546554e-02]], [[8.090084589072771e-03, -8.299687659896122e-03, -6.696483193619318e-03], [8.847079176186139e-03, -1.003510093478045e-02, -7.836993842845273e-03], [6.587439788414385e-03, -6.838707987285958e-03, -5.495884089718685e-03]], [[5.987400331931587e-03, -6.529751569291740e-03, -5.163559762322299e-03], [-3.439026384688084e-02, 3.668509685240564e-02, 2.921862883606743e-02], [-1.418206630352272e-02, 1.407430472941682e-02, 1.148435243174296e-02]], [[7.137514936525206e-02, -6.758444831219132e-02, -5.605705333413181e-02], [9.670043473740005e-03, -1.184177774312095e-02, -9.034031584086446e-03], [1.632534953320559e-02, -1.610434453838015e-02, -1.316797113185358e-02]]]> : tensor<4x3x3xf64>, tolerance = 1.0e-12 : f64, floor = 1.0e-15 : f64}, {actual = 2 : i64, value = dense<[[1.072668666857878e-01, 1.771738289796770e-01, 1.252740986859384e-01], [3.510943103929592e-02, 4.259284619786068e-02, 2.894113607564541e-02], [5.775416415578837e-02, -1.935375055074852e-01, -6.230895746888519e-02], [3.163358610321784e-01, 1.344890199452820e-01, 1.896538152419011e-01]]> : tensor<4x3xf64>, tolerance = 1.0e-12 : f64, floor = 1.0e-15 : f64}]} {
  %gW, %gU, %gb = rondo.grad(%W, %U, %b) : (!rondo.array<[4, 3, 2], f64>, !rondo.array<[4, 3, 3], f64>, !rondo.array<[4, 3], f64>) -> (!rondo.array<[4, 3, 2], f64>, !rondo.array<[4, 3, 3], f64>, !rondo.array<[4, 3], f64>) {
  ^bb0(%wW: !rondo.array<[4, 3, 2], f64>, %wU: !rondo.array<[4, 3, 3], f64>, %wb: !rondo.array<[4, 3], f64>):
    %v1 = rondo.constant 0.0 : f64 -> !rondo.array<[B, 3], f64>
    %v28, %v29, %v30 = rondo.scan over <T> carry(%v1, %v1) slice(%x axis 1) stack(1) : (!rondo.array<[B, 3], f64>, !rondo.array<[B, 3], f64>, !rondo.array<[B, T, 2], f64>) -> (!rondo.array<[B, 3], f64>, !rondo.array<[B, 3], f64>, !rondo.array<[B, T, 3], f64>) {
    ^bb0(%t5: !rondo.array<[], i64>, %v2: !rondo.array<[B, 3], f64>, %v3: !rondo.array<[B, 3], f64>, %v4: !rondo.array<[B, 2], f64>):
      %v6 = rondo.contract %wW, %v4 "ghn,zn->zgh" : (!rondo.array<[4, 3, 2], f64>, !rondo.array<[B, 2], f64>) -> !rondo.array<[B, 4, 3], f64>
      %v7 = rondo.contract %wU, %v2 "ghk,zk->zgh" : (!rondo.array<[4, 3, 3], f64>, !rondo.array<[B, 3], f64>) -> !rondo.array<[B, 4, 3], f64>
      %v8 = rondo.add %v6, %v7 : !rondo.array<[B, 4, 3], f64>
      %v9 = rondo.broadcast %wb dims [1, 2] : !rondo.array<[4, 3], f64> -> !rondo.array<[B, 4, 3], f64>
      %v10 = rondo.add %v8, %v9 : !rondo.array<[B, 4, 3], f64>
      %v11 = rondo.slice %v10 axis 1 from <0> : !rondo.array<[B, 4, 3], f64> -> !rondo.array<[B, 1, 3], f64>
      %v12 = rondo.reshape %v11 : !rondo.array<[B, 1, 3], f64> -> !rondo.array<[B, 3], f64>
      %v13 = rondo.slice %v10 axis 1 from <1> : !rondo.array<[B, 4, 3], f64> -> !rondo.array<[B, 1, 3], f64>
      %v14 = rondo.reshape %v13 : !rondo.array<[B, 1, 3], f64> -> !rondo.array<[B, 3], f64>
      %v15 = rondo.slice %v10 axis 1 from <2> : !rondo.array<[B, 4, 3], f64> -> !rondo.array<[B, 1, 3], f64>
      %v16 = rondo.reshape %v15 : !rondo.array<[B, 1, 3], f64> -> !rondo.array<[B, 3], f64>
      %v17 = rondo.slice %v10 axis 1 from <3> : !rondo.array<[B, 4, 3], f64> -> !rondo.array<[B, 1, 3], f64>
      %v18 = rondo.reshape %v17 : !rondo.array<[B, 1, 3], f64> -> !rondo.array<[B, 3], f64>
      %v19 = rondo.sigmoid %v12 : !rondo.array<[B, 3], f64>
      %v20 = rondo.sigmoid %v14 : !rondo.array<[B, 3], f64>
      %v21 = rondo.tanh %v16 : !rondo.array<[B, 3], f64>
      %v22 = rondo.sigmoid %v18 : !rondo.array<[B, 3], f64>
      %v23 = rondo.mul %v20, %v3 : !rondo.array<[B, 3], f64>
      %v24 = rondo.mul %v19, %v21 : !rondo.array<[B, 3], f64>
      %v25 = rondo.add %v23, %v24 : !rondo.array<[B, 3], f64>
      %v26 = rondo.tanh %v25 : !rondo.array<[B, 3], f64>
      %v27 = rondo.mul %v22, %v26 : !rondo.array<[B, 3], f64>
      rondo.yield %v27, %v25, %v27 : !rondo.array<[B, 3], f64>, !rondo.array<[B, 3], f64>, !rondo.array<[B, 3], f64>
    }
    %v31 = rondo.contract %v30, %v30 "zth,zth->z" : (!rondo.array<[B, T, 3], f64>, !rondo.array<[B, T, 3], f64>) -> !rondo.array<[B], f64>
    %v32 = rondo.reduce sum %v31 axes [0] : !rondo.array<[B], f64> -> !rondo.array<[], f64>
    rondo.yield %v32 : !rondo.array<[], f64>
  }
  return %gW, %gU, %gb : !rondo.array<[4, 3, 2], f64>, !rondo.array<[4, 3, 3], f64>, !rondo.array<[4, 3], f64>
}

// A matrix per gate, and peepholes.
// CHECK-LABEL: func.func @gates(
// CHECK: rondo.scan over <T>
// CHECK: rondo.contract
// CHECK-NOT: rondo.contract
// CHECK: rondo.yield
// CHECK: rondo.scan over <T> reverse
// CHECK: rondo.contract
// CHECK-NOT: rondo.contract
// CHECK: rondo.yield
func.func @gates(%Wi: !rondo.array<[3, 2], f64> {check.value = dense<[[0.3, 0.23], [0.04, -0.07], [-0.09, 0.53]]> : tensor<3x2xf64>}, 
    %Wf: !rondo.array<[3, 2], f64> {check.value = dense<[[0.22, -0.27], [-0.39, 1.12], [-0.03, 0.02]]> : tensor<3x2xf64>}, 
    %Wg: !rondo.array<[3, 2], f64> {check.value = dense<[[0.04, 0.86], [-0.37, -0.43], [-0.72, -0.05]]> : tensor<3x2xf64>}, 
    %Wo: !rondo.array<[3, 2], f64> {check.value = dense<[[0.45, -0.16], [-1.01, 0.19], [0.37, 0.28]]> : tensor<3x2xf64>}, 
    %Ui: !rondo.array<[3, 3], f64> {check.value = dense<[[0.31, -0.31, 0.79], [0.68, 0.38, -0.62], [0.03, 0.46, -0.92]]> : tensor<3x3xf64>}, 
    %Uf: !rondo.array<[3, 3], f64> {check.value = dense<[[0.09, -0.79, 0.47], [-0.51, -0.47, 1.31], [0.08, 0.06, -1.75]]> : tensor<3x3xf64>}, 
    %Ug: !rondo.array<[3, 3], f64> {check.value = dense<[[0.1, 0.09, -0.92], [-0.33, 0.81, -0.02], [-0.17, -0.09, 0.56]]> : tensor<3x3xf64>}, 
    %Uo: !rondo.array<[3, 3], f64> {check.value = dense<[[-1.01, 0.94, -0.44], [0.1, 0.0, 0.42], [-0.98, 0.62, 0.71]]> : tensor<3x3xf64>}, 
    %bi: !rondo.array<[3], f64> {check.value = dense<[-0.28, -0.28, 0.35]> : tensor<3xf64>}, 
    %bf: !rondo.array<[3], f64> {check.value = dense<[-0.13, 0.38, -0.67]> : tensor<3xf64>}, 
    %bg: !rondo.array<[3], f64> {check.value = dense<[-0.42, -0.41, 0.41]> : tensor<3xf64>}, 
    %bo: !rondo.array<[3], f64> {check.value = dense<[0.34, 0.34, 0.41]> : tensor<3xf64>}, 
    %pi: !rondo.array<[3], f64> {check.value = dense<[-0.26, 0.42, 0.79]> : tensor<3xf64>}, 
    %pf: !rondo.array<[3], f64> {check.value = dense<[0.86, 0.18, 0.55]> : tensor<3xf64>}, 
    %po: !rondo.array<[3], f64> {check.value = dense<[0.26, 0.16, -0.61]> : tensor<3xf64>}, 
    %x: !rondo.array<[B, T, 2], f64> {check.value = dense<[[[0.14, -0.57], [0.84, -0.07], [1.48, 0.44]], [[0x7FF8000000000000, 0x7FF8000000000000], [0x7FF8000000000000, 0x7FF8000000000000], [0x7FF8000000000000, 0x7FF8000000000000]], [[-1.19, -0.32], [0x7FF8000000000000, 0x7FF8000000000000], [0x7FF8000000000000, 0x7FF8000000000000]]]> : tensor<3x3x2xf64>})
    -> (!rondo.array<[3, 2], f64>, !rondo.array<[3, 2], f64>, !rondo.array<[3, 2], f64>, !rondo.array<[3, 2], f64>, !rondo.array<[3, 3], f64>, !rondo.array<[3, 3], f64>, !rondo.array<[3, 3], f64>, !rondo.array<[3, 3], f64>, !rondo.array<[3], f64>, !rondo.array<[3], f64>, !rondo.array<[3], f64>, !rondo.array<[3], f64>, !rondo.array<[3], f64>, !rondo.array<[3], f64>, !rondo.array<[3], f64>)
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>],
    check.bindings = {B = 3, T = [3, 0, 1]},
    check.expect = [{actual = 0 : i64, value = dense<[[1.746994805280852e-02, -3.542946340286900e-02], [1.629227446052933e-02, -8.013158376418709e-04], [1.942545435051827e-02, 2.060628805565848e-03]]> : tensor<3x2xf64>, tolerance = 1.0e-12 : f64, floor = 1.0e-15 : f64}, {actual = 1 : i64, value = dense<[[3.765396547795304e-02, 4.941620910610301e-03], [5.421425884704358e-03, 1.066350833767725e-03], [-7.171098621711657e-03, -1.543271894512117e-03]]> : tensor<3x2xf64>, tolerance = 1.0e-12 : f64, floor = 1.0e-15 : f64}, {actual = 2 : i64, value = dense<[[-2.228442196690379e-01, 5.246959760548602e-03], [-6.967213756703711e-02, 3.962054088652238e-03], [-2.424513130952438e-01, -8.707663111327414e-02]]> : tensor<3x2xf64>, tolerance = 1.0e-12 : f64, floor = 1.0e-15 : f64}, {actual = 3 : i64, value = dense<[[2.515822152756599e-02, -1.520238400148057e-02], [3.399698474687064e-02, 5.680171213221010e-03], [-2.660583340314679e-02, -1.186683972015077e-02]]> : tensor<3x2xf64>, tolerance = 1.0e-12 : f64, floor = 1.0e-15 : f64}, {actual = 4 : i64, value = dense<[[-4.775400605203354e-03, -1.319238248893173e-03, 2.569090535851415e-03], [-3.640712425636019e-03, -1.324287694265677e-03, 1.322451560403181e-03], [-6.430517917568231e-03, -2.909402953753413e-03, 1.196636284911512e-03]]> : tensor<3x3xf64>, tolerance = 1.0e-12 : f64, floor = 1.0e-15 : f64}, {actual = 5 : i64, value = dense<[[-6.717066850958059e-03, -2.465350696967231e-03, 2.395849303953677e-03], [-9.231719200231738e-04, -3.672750430541138e-04, 2.724619474369573e-04], [1.204664305153095e-03, 4.904140201874587e-04, -3.332700492664181e-04]]> : tensor<3x3xf64>, tolerance = 1.0e-12 : f64, floor = 1.0e-15 : f64}, {actual = 6 : i64, value = dense<[[4.118279618047979e-02, 3.746568964858463e-03, 3.775991540969188e-02], [1.533998732457771e-02, 1.208711440511826e-03, 1.620102794032156e-02], [-1.424019832188089e-02, -1.668660522070873e-03, -8.790210626298546e-03]]> : tensor<3x3xf64>, tolerance = 1.0e-12 : f64, floor = 1.0e-15 : f64}, {actual = 7 : i64, value = dense<[[-6.303250557235745e-03, -2.049624675527496e-03, 2.775244564456177e-03], [-5.989562229658860e-03, -2.387860189048703e-03, 1.757811620483030e-03], [-2.982768329508566e-03, -1.336860815644880e-03, 5.803281337440880e-04]]> : tensor<3x3xf64>, tolerance = 1.0e-12 : f64, floor = 1.0e-15 : f64}, {actual = 8 : i64, value = dense<[9.072532026971884e-02, 2.597028456729967e-02, 5.352208033431326e-02]> : tensor<3xf64>, tolerance = 1.0e-12 : f64, floor = 1.0e-15 : f64}, {actual = 9 : i64, value = dense<[3.389874262672329e-02, 4.400808680447756e-03, -5.641517930230748e-03]> : tensor<3xf64>, tolerance = 1.0e-12 : f64, floor = 1.0e-15 : f64}, {actual = 10 : i64, value = dense<[-2.802439045931024e-01, -1.128383015612720e-02, -1.152515185036135e-01]> : tensor<3xf64>, tolerance = 1.0e-12 : f64, floor = 1.0e-15 : f64}, {actual = 11 : i64, value = dense<[6.681797873527109e-02, 3.133151532681342e-02, 6.048460700675454e-02]> : tensor<3xf64>, tolerance = 1.0e-12 : f64, floor = 1.0e-15 : f64}, {actual = 12 : i64, value = dense<[-8.176742462465202e-03, -3.250534545456412e-03, 1.693591570434458e-03]> : tensor<3xf64>, tolerance = 1.0e-12 : f64, floor = 1.0e-15 : f64}, {actual = 13 : i64, value = dense<[-1.093411811081593e-02, -9.591110924438984e-04, -5.425454863580393e-04]> : tensor<3xf64>, tolerance = 1.0e-12 : f64, floor = 1.0e-15 : f64}, {actual = 14 : i64, value = dense<[-1.975446037458540e-02, -1.180135484434570e-02, 1.777114369475022e-02]> : tensor<3xf64>, tolerance = 1.0e-12 : f64, floor = 1.0e-15 : f64}]} {
  %gWi, %gWf, %gWg, %gWo, %gUi, %gUf, %gUg, %gUo, %gbi, %gbf, %gbg, %gbo, %gpi, %gpf, %gpo = rondo.grad(%Wi, %Wf, %Wg, %Wo, %Ui, %Uf, %Ug, %Uo, %bi, %bf, %bg, %bo, %pi, %pf, %po) : (!rondo.array<[3, 2], f64>, !rondo.array<[3, 2], f64>, !rondo.array<[3, 2], f64>, !rondo.array<[3, 2], f64>, !rondo.array<[3, 3], f64>, !rondo.array<[3, 3], f64>, !rondo.array<[3, 3], f64>, !rondo.array<[3, 3], f64>, !rondo.array<[3], f64>, !rondo.array<[3], f64>, !rondo.array<[3], f64>, !rondo.array<[3], f64>, !rondo.array<[3], f64>, !rondo.array<[3], f64>, !rondo.array<[3], f64>) -> (!rondo.array<[3, 2], f64>, !rondo.array<[3, 2], f64>, !rondo.array<[3, 2], f64>, !rondo.array<[3, 2], f64>, !rondo.array<[3, 3], f64>, !rondo.array<[3, 3], f64>, !rondo.array<[3, 3], f64>, !rondo.array<[3, 3], f64>, !rondo.array<[3], f64>, !rondo.array<[3], f64>, !rondo.array<[3], f64>, !rondo.array<[3], f64>, !rondo.array<[3], f64>, !rondo.array<[3], f64>, !rondo.array<[3], f64>) {
  ^bb0(%wWi: !rondo.array<[3, 2], f64>, %wWf: !rondo.array<[3, 2], f64>, %wWg: !rondo.array<[3, 2], f64>, %wWo: !rondo.array<[3, 2], f64>, %wUi: !rondo.array<[3, 3], f64>, %wUf: !rondo.array<[3, 3], f64>, %wUg: !rondo.array<[3, 3], f64>, %wUo: !rondo.array<[3, 3], f64>, %wbi: !rondo.array<[3], f64>, %wbf: !rondo.array<[3], f64>, %wbg: !rondo.array<[3], f64>, %wbo: !rondo.array<[3], f64>, %wpi: !rondo.array<[3], f64>, %wpf: !rondo.array<[3], f64>, %wpo: !rondo.array<[3], f64>):
    %v1 = rondo.constant 0.0 : f64 -> !rondo.array<[B, 3], f64>
    %v44, %v45, %v46 = rondo.scan over <T> carry(%v1, %v1) slice(%x axis 1) stack(1) : (!rondo.array<[B, 3], f64>, !rondo.array<[B, 3], f64>, !rondo.array<[B, T, 2], f64>) -> (!rondo.array<[B, 3], f64>, !rondo.array<[B, 3], f64>, !rondo.array<[B, T, 3], f64>) {
    ^bb0(%t5: !rondo.array<[], i64>, %v2: !rondo.array<[B, 3], f64>, %v3: !rondo.array<[B, 3], f64>, %v4: !rondo.array<[B, 2], f64>):
      %v6 = rondo.contract %wWi, %v4 "hn,zn->zh" : (!rondo.array<[3, 2], f64>, !rondo.array<[B, 2], f64>) -> !rondo.array<[B, 3], f64>
      %v7 = rondo.contract %v2, %wUi "zk,hk->zh" : (!rondo.array<[B, 3], f64>, !rondo.array<[3, 3], f64>) -> !rondo.array<[B, 3], f64>
      %v8 = rondo.add %v6, %v7 : !rondo.array<[B, 3], f64>
      %v9 = rondo.broadcast %wbi dims [1] : !rondo.array<[3], f64> -> !rondo.array<[B, 3], f64>
      %v10 = rondo.add %v8, %v9 : !rondo.array<[B, 3], f64>
      %v11 = rondo.broadcast %wpi dims [1] : !rondo.array<[3], f64> -> !rondo.array<[B, 3], f64>
      %v12 = rondo.mul %v11, %v3 : !rondo.array<[B, 3], f64>
      %v13 = rondo.add %v10, %v12 : !rondo.array<[B, 3], f64>
      %v14 = rondo.sigmoid %v13 : !rondo.array<[B, 3], f64>
      %v15 = rondo.contract %wWf, %v4 "hn,zn->zh" : (!rondo.array<[3, 2], f64>, !rondo.array<[B, 2], f64>) -> !rondo.array<[B, 3], f64>
      %v16 = rondo.contract %v2, %wUf "zk,hk->zh" : (!rondo.array<[B, 3], f64>, !rondo.array<[3, 3], f64>) -> !rondo.array<[B, 3], f64>
      %v17 = rondo.add %v15, %v16 : !rondo.array<[B, 3], f64>
      %v18 = rondo.broadcast %wbf dims [1] : !rondo.array<[3], f64> -> !rondo.array<[B, 3], f64>
      %v19 = rondo.add %v17, %v18 : !rondo.array<[B, 3], f64>
      %v20 = rondo.broadcast %wpf dims [1] : !rondo.array<[3], f64> -> !rondo.array<[B, 3], f64>
      %v21 = rondo.mul %v3, %v20 : !rondo.array<[B, 3], f64>
      %v22 = rondo.add %v19, %v21 : !rondo.array<[B, 3], f64>
      %v23 = rondo.sigmoid %v22 : !rondo.array<[B, 3], f64>
      %v24 = rondo.mul %v23, %v3 : !rondo.array<[B, 3], f64>
      %v25 = rondo.contract %wWg, %v4 "hn,zn->zh" : (!rondo.array<[3, 2], f64>, !rondo.array<[B, 2], f64>) -> !rondo.array<[B, 3], f64>
      %v26 = rondo.contract %v2, %wUg "zk,kh->zh" : (!rondo.array<[B, 3], f64>, !rondo.array<[3, 3], f64>) -> !rondo.array<[B, 3], f64>
      %v27 = rondo.add %v25, %v26 : !rondo.array<[B, 3], f64>
      %v28 = rondo.broadcast %wbg dims [1] : !rondo.array<[3], f64> -> !rondo.array<[B, 3], f64>
      %v29 = rondo.add %v27, %v28 : !rondo.array<[B, 3], f64>
      %v30 = rondo.tanh %v29 : !rondo.array<[B, 3], f64>
      %v31 = rondo.mul %v14, %v30 : !rondo.array<[B, 3], f64>
      %v32 = rondo.add %v24, %v31 : !rondo.array<[B, 3], f64>
      %v33 = rondo.contract %wWo, %v4 "hn,zn->zh" : (!rondo.array<[3, 2], f64>, !rondo.array<[B, 2], f64>) -> !rondo.array<[B, 3], f64>
      %v34 = rondo.contract %v2, %wUo "zk,hk->zh" : (!rondo.array<[B, 3], f64>, !rondo.array<[3, 3], f64>) -> !rondo.array<[B, 3], f64>
      %v35 = rondo.add %v33, %v34 : !rondo.array<[B, 3], f64>
      %v36 = rondo.broadcast %wbo dims [1] : !rondo.array<[3], f64> -> !rondo.array<[B, 3], f64>
      %v37 = rondo.add %v35, %v36 : !rondo.array<[B, 3], f64>
      %v38 = rondo.broadcast %wpo dims [1] : !rondo.array<[3], f64> -> !rondo.array<[B, 3], f64>
      %v39 = rondo.mul %v38, %v32 : !rondo.array<[B, 3], f64>
      %v40 = rondo.add %v37, %v39 : !rondo.array<[B, 3], f64>
      %v41 = rondo.sigmoid %v40 : !rondo.array<[B, 3], f64>
      %v42 = rondo.tanh %v32 : !rondo.array<[B, 3], f64>
      %v43 = rondo.mul %v41, %v42 : !rondo.array<[B, 3], f64>
      rondo.yield %v43, %v32, %v43 : !rondo.array<[B, 3], f64>, !rondo.array<[B, 3], f64>, !rondo.array<[B, 3], f64>
    }
    %v47 = rondo.contract %v46, %v46 "zth,zth->z" : (!rondo.array<[B, T, 3], f64>, !rondo.array<[B, T, 3], f64>) -> !rondo.array<[B], f64>
    %v48 = rondo.reduce sum %v47 axes [0] : !rondo.array<[B], f64> -> !rondo.array<[], f64>
    rondo.yield %v48 : !rondo.array<[], f64>
  }
  return %gWi, %gWf, %gWg, %gWo, %gUi, %gUf, %gUg, %gUo, %gbi, %gbf, %gbg, %gbo, %gpi, %gpf, %gpo : !rondo.array<[3, 2], f64>, !rondo.array<[3, 2], f64>, !rondo.array<[3, 2], f64>, !rondo.array<[3, 2], f64>, !rondo.array<[3, 3], f64>, !rondo.array<[3, 3], f64>, !rondo.array<[3, 3], f64>, !rondo.array<[3, 3], f64>, !rondo.array<[3], f64>, !rondo.array<[3], f64>, !rondo.array<[3], f64>, !rondo.array<[3], f64>, !rondo.array<[3], f64>, !rondo.array<[3], f64>, !rondo.array<[3], f64>
}

// Layer normalisation of each part.
// CHECK-LABEL: func.func @norm(
// CHECK: rondo.scan over <T>
// CHECK: rondo.contract
// CHECK-NOT: rondo.contract
// CHECK: rondo.yield
// CHECK: rondo.scan over <T> reverse
// CHECK: rondo.contract
// CHECK-NOT: rondo.contract
// CHECK: rondo.yield
func.func @norm(%W: !rondo.array<[12, 2], f64> {check.value = dense<[[-0.41, -1.26], [-0.47, 0.56], [0.35, 0.42], [-0.14, 0.07], [-0.25, -0.33], [0.0, -0.3], [-0.09, 0.28], [-0.77, -0.59], [0.08, -0.34], [-0.09, 0.16], [-0.82, 0.41], [-0.14, -0.46]]> : tensor<12x2xf64>}, 
    %U: !rondo.array<[12, 3], f64> {check.value = dense<[[0.45, 0.82, 0.04], [-0.08, 0.14, 1.22], [-0.5, -0.61, -0.07], [0.04, 0.86, -0.19], [0.53, -0.41, 0.48], [-0.29, -0.18, 0.85], [-0.62, 0.06, -0.44], [-0.34, 0.6, 0.28], [-0.58, -0.21, -0.79], [-1.14, 0.06, 0.69], [0.32, 1.16, -0.0], [0.22, 0.71, 0.74]]> : tensor<12x3xf64>}, 
    %b: !rondo.array<[12], f64> {check.value = dense<[-0.52, -0.59, 0.46, -0.0, -0.47, 0.31, -0.26, -0.35, -0.75, -0.18, 0.06, 0.25]> : tensor<12xf64>}, 
    %s: !rondo.array<[12], f64> {check.value = dense<[-0.52, 0.36, 0.47, -0.41, 0.14, -0.5, -0.75, 0.02, 0.4, -0.08, -0.91, -0.56]> : tensor<12xf64>}, 
    %r: !rondo.array<[12], f64> {check.value = dense<[0.5, -0.27, 1.04, -0.56, -0.51, -0.41, -0.05, -0.17, 0.32, 0.67, -0.88, -0.68]> : tensor<12xf64>}, 
    %x: !rondo.array<[B, T, 2], f64> {check.value = dense<[[[-0.32, 0.77], [-1.02, 1.04], [0.42, -1.11]], [[0x7FF8000000000000, 0x7FF8000000000000], [0x7FF8000000000000, 0x7FF8000000000000], [0x7FF8000000000000, 0x7FF8000000000000]], [[0.71, -0.7], [0x7FF8000000000000, 0x7FF8000000000000], [0x7FF8000000000000, 0x7FF8000000000000]]]> : tensor<3x3x2xf64>})
    -> (!rondo.array<[12, 2], f64>, !rondo.array<[12, 3], f64>, !rondo.array<[12], f64>, !rondo.array<[12], f64>, !rondo.array<[12], f64>)
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>],
    check.bindings = {B = 3, T = [3, 0, 1]},
    check.expect = [{actual = 0 : i64, value = dense<[[-4.553031728471243e-02, 2.607659138405531e-02], [-4.995544110137153e-02, 7.267889132146307e-02], [-1.319237546439165e-01, 2.367254329967111e-01], [-4.677324208877626e-02, 4.907498375007423e-02], [-4.331329378048782e-04, -1.082935489099013e-02], [3.363841133828343e-02, 2.982468882156499e-02], [3.267364249280104e-01, -5.236234640362031e-01], [1.010308688199901e-03, -3.337546377464334e-02], [-8.592541410522350e-02, 1.601393429848876e-01], [-2.453832974017996e-02, 1.515618996438118e-02], [-4.383665728501999e-02, 6.742467770380602e-02], [6.753114423251119e-02, -8.927251622510704e-02]]> : tensor<12x2xf64>, tolerance = 1.0e-12 : f64, floor = 1.0e-15 : f64}, {actual = 1 : i64, value = dense<[[5.391945143159996e-03, 3.025905411678057e-04, -4.223714950971343e-02], [-2.875840788612661e-03, 1.019940837439717e-02, -4.739610810544248e-02], [-4.688424097945966e-02, 9.428159271825799e-02, -2.867889484943548e-01], [-1.328171939171695e-02, 3.242718626035276e-02, -1.198363823791006e-01], [-1.664805073392331e-03, 2.144443733939952e-02, -1.323151617740457e-01], [6.753035882839636e-03, -2.903541902939704e-02, 1.456147723157863e-01], [-1.588974902436042e-03, 1.885357727547409e-02, -1.153950750325188e-01], [3.942542270652586e-03, -1.605598337957954e-02, 7.896948668259374e-02], [2.661346998800466e-02, -8.118289961210080e-02, 3.494988787593095e-01], [-1.090272773597154e-03, 1.699297691922703e-02, -1.065557727574595e-01], [-3.748137203424075e-03, 1.397910719853778e-02, -6.640214253954932e-02], [2.843299782798200e-02, -8.220657460573676e-02, 3.428436028344953e-01]]> : tensor<12x3xf64>, tolerance = 1.0e-12 : f64, floor = 1.0e-15 : f64}, {actual = 2 : i64, value = dense<[-1.278648656855709e-01, -1.961564533213372e-01, 4.022805302673630e-01, -7.419274545199768e-03, -1.022150665788295e-01, 2.450372129864893e-01, 3.302722448812353e-01, 8.792826153224919e-01, -1.753295226108947e+00, 1.763116473742593e-01, 2.772369014048370e-02, 6.263603892734168e-01]> : tensor<12xf64>, tolerance = 1.0e-12 : f64, floor = 1.0e-15 : f64}, {actual = 3 : i64, value = dense<[2.127318785116515e-01, 8.682818521984481e-02, 1.192548049136276e-01, -1.743254879151097e-02, -2.899356025237262e-02, 1.363429030408500e-02, 2.141265456246647e-01, 9.987230707075570e-02, -1.901344406396145e-01, -4.132502210294206e-02, -2.416412461447565e-02, -3.798815409879053e-02]> : tensor<12xf64>, tolerance = 1.0e-12 : f64, floor = 1.0e-15 : f64}, {actual = 4 : i64, value = dense<[-3.057383192210833e-02, 1.958745624695943e-01, 8.020046458764439e-03, -1.045993084969209e-02, 5.962097160663375e-02, -2.820613398662039e-01, 1.546988732909988e-01, 3.125070281779252e-02, -1.482868816040180e+00, -5.191255060144019e-02, 1.655940645039208e-02, -2.409783096065898e-01]> : tensor<12xf64>, tolerance = 1.0e-12 : f64, floor = 1.0e-15 : f64}]} {
  %gW, %gU, %gb, %gs, %gr = rondo.grad(%W, %U, %b, %s, %r) : (!rondo.array<[12, 2], f64>, !rondo.array<[12, 3], f64>, !rondo.array<[12], f64>, !rondo.array<[12], f64>, !rondo.array<[12], f64>) -> (!rondo.array<[12, 2], f64>, !rondo.array<[12, 3], f64>, !rondo.array<[12], f64>, !rondo.array<[12], f64>, !rondo.array<[12], f64>) {
  ^bb0(%wW: !rondo.array<[12, 2], f64>, %wU: !rondo.array<[12, 3], f64>, %wb: !rondo.array<[12], f64>, %ws: !rondo.array<[12], f64>, %wr: !rondo.array<[12], f64>):
    %v1 = rondo.constant 0.0 : f64 -> !rondo.array<[B, 3], f64>
    %v67, %v68, %v69 = rondo.scan over <T> carry(%v1, %v1) slice(%x axis 1) stack(1) : (!rondo.array<[B, 3], f64>, !rondo.array<[B, 3], f64>, !rondo.array<[B, T, 2], f64>) -> (!rondo.array<[B, 3], f64>, !rondo.array<[B, 3], f64>, !rondo.array<[B, T, 3], f64>) {
    ^bb0(%t5: !rondo.array<[], i64>, %v2: !rondo.array<[B, 3], f64>, %v3: !rondo.array<[B, 3], f64>, %v4: !rondo.array<[B, 2], f64>):
      %v6 = rondo.contract %wW, %v4 "gn,zn->zg" : (!rondo.array<[12, 2], f64>, !rondo.array<[B, 2], f64>) -> !rondo.array<[B, 12], f64>
      %v7 = rondo.constant 0.08333333333333333 : f64 -> !rondo.array<[B], f64>
      %v8 = rondo.reduce sum %v6 axes [1] : !rondo.array<[B, 12], f64> -> !rondo.array<[B], f64>
      %v9 = rondo.mul %v8, %v7 : !rondo.array<[B], f64>
      %v10 = rondo.broadcast %v9 dims [0] : !rondo.array<[B], f64> -> !rondo.array<[B, 12], f64>
      %v11 = rondo.sub %v6, %v10 : !rondo.array<[B, 12], f64>
      %v12 = rondo.mul %v11, %v11 : !rondo.array<[B, 12], f64>
      %v13 = rondo.reduce sum %v12 axes [1] : !rondo.array<[B, 12], f64> -> !rondo.array<[B], f64>
      %v14 = rondo.mul %v13, %v7 : !rondo.array<[B], f64>
      %v15 = rondo.constant 0.01 : f64 -> !rondo.array<[B], f64>
      %v16 = rondo.add %v14, %v15 : !rondo.array<[B], f64>
      %v17 = rondo.rsqrt %v16 : !rondo.array<[B], f64>
      %v18 = rondo.broadcast %v17 dims [0] : !rondo.array<[B], f64> -> !rondo.array<[B, 12], f64>
      %v19 = rondo.mul %v11, %v18 : !rondo.array<[B, 12], f64>
      %v20 = rondo.contract %wU, %v2 "gk,zk->zg" : (!rondo.array<[12, 3], f64>, !rondo.array<[B, 3], f64>) -> !rondo.array<[B, 12], f64>
      %v21 = rondo.constant 0.08333333333333333 : f64 -> !rondo.array<[B], f64>
      %v22 = rondo.reduce sum %v20 axes [1] : !rondo.array<[B, 12], f64> -> !rondo.array<[B], f64>
      %v23 = rondo.mul %v22, %v21 : !rondo.array<[B], f64>
      %v24 = rondo.broadcast %v23 dims [0] : !rondo.array<[B], f64> -> !rondo.array<[B, 12], f64>
      %v25 = rondo.sub %v20, %v24 : !rondo.array<[B, 12], f64>
      %v26 = rondo.mul %v25, %v25 : !rondo.array<[B, 12], f64>
      %v27 = rondo.reduce sum %v26 axes [1] : !rondo.array<[B, 12], f64> -> !rondo.array<[B], f64>
      %v28 = rondo.mul %v27, %v21 : !rondo.array<[B], f64>
      %v29 = rondo.constant 0.01 : f64 -> !rondo.array<[B], f64>
      %v30 = rondo.add %v28, %v29 : !rondo.array<[B], f64>
      %v31 = rondo.rsqrt %v30 : !rondo.array<[B], f64>
      %v32 = rondo.broadcast %v31 dims [0] : !rondo.array<[B], f64> -> !rondo.array<[B, 12], f64>
      %v33 = rondo.mul %v25, %v32 : !rondo.array<[B, 12], f64>
      %v34 = rondo.broadcast %ws dims [1] : !rondo.array<[12], f64> -> !rondo.array<[B, 12], f64>
      %v35 = rondo.mul %v19, %v34 : !rondo.array<[B, 12], f64>
      %v36 = rondo.broadcast %wr dims [1] : !rondo.array<[12], f64> -> !rondo.array<[B, 12], f64>
      %v37 = rondo.mul %v33, %v36 : !rondo.array<[B, 12], f64>
      %v38 = rondo.add %v35, %v37 : !rondo.array<[B, 12], f64>
      %v39 = rondo.broadcast %wb dims [1] : !rondo.array<[12], f64> -> !rondo.array<[B, 12], f64>
      %v40 = rondo.add %v38, %v39 : !rondo.array<[B, 12], f64>
      %v41 = rondo.slice %v40 axis 1 from <0> : !rondo.array<[B, 12], f64> -> !rondo.array<[B, 3], f64>
      %v42 = rondo.slice %v40 axis 1 from <3> : !rondo.array<[B, 12], f64> -> !rondo.array<[B, 3], f64>
      %v43 = rondo.slice %v40 axis 1 from <6> : !rondo.array<[B, 12], f64> -> !rondo.array<[B, 3], f64>
      %v44 = rondo.slice %v40 axis 1 from <9> : !rondo.array<[B, 12], f64> -> !rondo.array<[B, 3], f64>
      %v45 = rondo.sigmoid %v41 : !rondo.array<[B, 3], f64>
      %v46 = rondo.sigmoid %v42 : !rondo.array<[B, 3], f64>
      %v47 = rondo.tanh %v43 : !rondo.array<[B, 3], f64>
      %v48 = rondo.sigmoid %v44 : !rondo.array<[B, 3], f64>
      %v49 = rondo.mul %v46, %v3 : !rondo.array<[B, 3], f64>
      %v50 = rondo.mul %v45, %v47 : !rondo.array<[B, 3], f64>
      %v51 = rondo.add %v49, %v50 : !rondo.array<[B, 3], f64>
      %v52 = rondo.constant 0.3333333333333333 : f64 -> !rondo.array<[B], f64>
      %v53 = rondo.reduce sum %v51 axes [1] : !rondo.array<[B, 3], f64> -> !rondo.array<[B], f64>
      %v54 = rondo.mul %v53, %v52 : !rondo.array<[B], f64>
      %v55 = rondo.broadcast %v54 dims [0] : !rondo.array<[B], f64> -> !rondo.array<[B, 3], f64>
      %v56 = rondo.sub %v51, %v55 : !rondo.array<[B, 3], f64>
      %v57 = rondo.mul %v56, %v56 : !rondo.array<[B, 3], f64>
      %v58 = rondo.reduce sum %v57 axes [1] : !rondo.array<[B, 3], f64> -> !rondo.array<[B], f64>
      %v59 = rondo.mul %v58, %v52 : !rondo.array<[B], f64>
      %v60 = rondo.constant 0.01 : f64 -> !rondo.array<[B], f64>
      %v61 = rondo.add %v59, %v60 : !rondo.array<[B], f64>
      %v62 = rondo.rsqrt %v61 : !rondo.array<[B], f64>
      %v63 = rondo.broadcast %v62 dims [0] : !rondo.array<[B], f64> -> !rondo.array<[B, 3], f64>
      %v64 = rondo.mul %v56, %v63 : !rondo.array<[B, 3], f64>
      %v65 = rondo.tanh %v64 : !rondo.array<[B, 3], f64>
      %v66 = rondo.mul %v48, %v65 : !rondo.array<[B, 3], f64>
      rondo.yield %v66, %v51, %v66 : !rondo.array<[B, 3], f64>, !rondo.array<[B, 3], f64>, !rondo.array<[B, 3], f64>
    }
    %v70 = rondo.contract %v69, %v69 "zth,zth->z" : (!rondo.array<[B, T, 3], f64>, !rondo.array<[B, T, 3], f64>) -> !rondo.array<[B], f64>
    %v71 = rondo.reduce sum %v70 axes [0] : !rondo.array<[B], f64> -> !rondo.array<[], f64>
    rondo.yield %v71 : !rondo.array<[], f64>
  }
  return %gW, %gU, %gb, %gs, %gr : !rondo.array<[12, 2], f64>, !rondo.array<[12, 3], f64>, !rondo.array<[12], f64>, !rondo.array<[12], f64>, !rondo.array<[12], f64>
}

// Two layers and a readout in one body.
// CHECK-LABEL: func.func @deep(
// CHECK: rondo.scan over <T>
// CHECK: rondo.contract
// CHECK-NOT: rondo.contract
// CHECK: rondo.yield
// CHECK: rondo.scan over <T>
// CHECK: rondo.contract
// CHECK-NOT: rondo.contract
// CHECK: rondo.yield
// CHECK: rondo.scan over <T> reverse
// CHECK: rondo.contract
// CHECK-NOT: rondo.contract
// CHECK: rondo.yield
// CHECK: rondo.scan over <T> reverse
// CHECK: rondo.contract
// CHECK-NOT: rondo.contract
// CHECK: rondo.yield
func.func @deep(%W1: !rondo.array<[3, 2], f64> {check.value = dense<[[-0.83, -0.47], [0.67, -0.03], [0.52, 1.04]]> : tensor<3x2xf64>}, 
    %U1: !rondo.array<[3, 3], f64> {check.value = dense<[[-0.6, -0.66, -0.94], [0.31, -0.43, 0.17], [0.66, 0.03, 0.93]]> : tensor<3x3xf64>}, 
    %W2: !rondo.array<[3, 3], f64> {check.value = dense<[[-0.28, 0.41, 0.02], [0.89, -0.81, 0.29], [-0.05, 0.05, 0.07]]> : tensor<3x3xf64>}, 
    %U2: !rondo.array<[3, 3], f64> {check.value = dense<[[-0.51, 0.25, -0.21], [-0.14, -0.39, -0.04], [0.54, -0.56, 0.41]]> : tensor<3x3xf64>}, 
    %V: !rondo.array<[3, 3], f64> {check.value = dense<[[-0.02, -0.25, -0.5], [0.49, -1.14, -0.33], [0.75, 0.24, -0.17]]> : tensor<3x3xf64>}, 
    %x: !rondo.array<[B, T, 2], f64> {check.value = dense<[[[-1.07, -0.26], [0.88, 1.34], [0.7, -0.59]], [[0x7FF8000000000000, 0x7FF8000000000000], [0x7FF8000000000000, 0x7FF8000000000000], [0x7FF8000000000000, 0x7FF8000000000000]], [[-0.24, 0.4], [0x7FF8000000000000, 0x7FF8000000000000], [0x7FF8000000000000, 0x7FF8000000000000]]]> : tensor<3x3x2xf64>})
    -> (!rondo.array<[3, 2], f64>, !rondo.array<[3, 3], f64>, !rondo.array<[3, 3], f64>, !rondo.array<[3, 3], f64>, !rondo.array<[3, 3], f64>)
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>],
    check.bindings = {B = 3, T = [3, 0, 1]},
    check.expect = [{actual = 0 : i64, value = dense<[[-1.887551058108997e+00, -7.985655422476814e-01], [2.095793456211279e+00, 5.596822633919978e-01], [-8.329472026520690e-01, -4.256286151433153e-02]]> : tensor<3x2xf64>, tolerance = 1.0e-12 : f64, floor = 1.0e-15 : f64}, {actual = 1 : i64, value = dense<[[-4.207664698405449e-01, 3.095110031054304e-01, 3.296708780967379e-01], [1.792562426786823e-01, -6.426283024064532e-02, -2.664509378416743e-02], [7.116652967801573e-02, -9.049897357996189e-02, -1.199865382939037e-01]]> : tensor<3x3xf64>, tolerance = 1.0e-12 : f64, floor = 1.0e-15 : f64}, {actual = 2 : i64, value = dense<[[-1.839311496313163e+00, 1.857986168599562e+00, 2.046700289455262e+00], [2.423853032203638e+00, -1.956063739083344e+00, -2.031305137742223e+00], [8.299421912245344e-01, -9.623978530493716e-01, -1.076520412297772e+00]]> : tensor<3x3xf64>, tolerance = 1.0e-12 : f64, floor = 1.0e-15 : f64}, {actual = 3 : i64, value = dense<[[-6.320541509591413e-01, 9.735551285931112e-01, -7.601995983042778e-03], [6.670880734979261e-02, -3.610248642119228e-01, 4.231401921398869e-01], [5.190817883092664e-01, -8.534617062147192e-01, 9.441244312964533e-02]]> : tensor<3x3xf64>, tolerance = 1.0e-12 : f64, floor = 1.0e-15 : f64}, {actual = 4 : i64, value = dense<[[8.324764634195945e-01, -7.592426344147660e-01, -6.437449416876984e-01], [3.000597606909107e+00, -4.369258930587859e+00, -9.071662411131854e-01], [8.949293692766364e-01, -5.555649904115098e-01, -8.611661903494318e-01]]> : tensor<3x3xf64>, tolerance = 1.0e-12 : f64, floor = 1.0e-15 : f64}]} {
  %gW1, %gU1, %gW2, %gU2, %gV = rondo.grad(%W1, %U1, %W2, %U2, %V) : (!rondo.array<[3, 2], f64>, !rondo.array<[3, 3], f64>, !rondo.array<[3, 3], f64>, !rondo.array<[3, 3], f64>, !rondo.array<[3, 3], f64>) -> (!rondo.array<[3, 2], f64>, !rondo.array<[3, 3], f64>, !rondo.array<[3, 3], f64>, !rondo.array<[3, 3], f64>, !rondo.array<[3, 3], f64>) {
  ^bb0(%wW1: !rondo.array<[3, 2], f64>, %wU1: !rondo.array<[3, 3], f64>, %wW2: !rondo.array<[3, 3], f64>, %wU2: !rondo.array<[3, 3], f64>, %wV: !rondo.array<[3, 3], f64>):
    %v1 = rondo.constant 0.0 : f64 -> !rondo.array<[B, 3], f64>
    %v15, %v16, %v17 = rondo.scan over <T> carry(%v1, %v1) slice(%x axis 1) stack(1) : (!rondo.array<[B, 3], f64>, !rondo.array<[B, 3], f64>, !rondo.array<[B, T, 2], f64>) -> (!rondo.array<[B, 3], f64>, !rondo.array<[B, 3], f64>, !rondo.array<[B, T, 3], f64>) {
    ^bb0(%t5: !rondo.array<[], i64>, %v2: !rondo.array<[B, 3], f64>, %v3: !rondo.array<[B, 3], f64>, %v4: !rondo.array<[B, 2], f64>):
      %v6 = rondo.contract %wW1, %v4 "hn,zn->zh" : (!rondo.array<[3, 2], f64>, !rondo.array<[B, 2], f64>) -> !rondo.array<[B, 3], f64>
      %v7 = rondo.contract %wU1, %v2 "hk,zk->zh" : (!rondo.array<[3, 3], f64>, !rondo.array<[B, 3], f64>) -> !rondo.array<[B, 3], f64>
      %v8 = rondo.add %v6, %v7 : !rondo.array<[B, 3], f64>
      %v9 = rondo.tanh %v8 : !rondo.array<[B, 3], f64>
      %v10 = rondo.contract %wW2, %v9 "hk,zk->zh" : (!rondo.array<[3, 3], f64>, !rondo.array<[B, 3], f64>) -> !rondo.array<[B, 3], f64>
      %v11 = rondo.contract %wU2, %v3 "hk,zk->zh" : (!rondo.array<[3, 3], f64>, !rondo.array<[B, 3], f64>) -> !rondo.array<[B, 3], f64>
      %v12 = rondo.add %v10, %v11 : !rondo.array<[B, 3], f64>
      %v13 = rondo.tanh %v12 : !rondo.array<[B, 3], f64>
      %v14 = rondo.contract %wV, %v13 "hk,zk->zh" : (!rondo.array<[3, 3], f64>, !rondo.array<[B, 3], f64>) -> !rondo.array<[B, 3], f64>
      rondo.yield %v9, %v13, %v14 : !rondo.array<[B, 3], f64>, !rondo.array<[B, 3], f64>, !rondo.array<[B, 3], f64>
    }
    %v18 = rondo.contract %v17, %v17 "zth,zth->z" : (!rondo.array<[B, T, 3], f64>, !rondo.array<[B, T, 3], f64>) -> !rondo.array<[B], f64>
    %v19 = rondo.reduce sum %v18 axes [0] : !rondo.array<[B], f64> -> !rondo.array<[], f64>
    rondo.yield %v19 : !rondo.array<[], f64>
  }
  return %gW1, %gU1, %gW2, %gU2, %gV : !rondo.array<[3, 2], f64>, !rondo.array<[3, 3], f64>, !rondo.array<[3, 3], f64>, !rondo.array<[3, 3], f64>, !rondo.array<[3, 3], f64>
}

// A product of a product.
// CHECK-LABEL: func.func @gru(
// CHECK: rondo.scan over <T>
// CHECK: rondo.contract
// CHECK: rondo.contract
// CHECK-NOT: rondo.contract
// CHECK: rondo.yield
// CHECK: rondo.scan over <T> reverse
// CHECK: rondo.contract
// CHECK: rondo.contract
// CHECK-NOT: rondo.contract
// CHECK: rondo.yield
func.func @gru(%Wz: !rondo.array<[2, 3], f64> {check.value = dense<[[0.34, 0.19, -0.6], [-0.87, -0.79, -0.3]]> : tensor<2x3xf64>}, 
    %Wr: !rondo.array<[2, 3], f64> {check.value = dense<[[-0.75, -0.79, 0.37], [0.14, 0.02, -0.05]]> : tensor<2x3xf64>}, 
    %Wh: !rondo.array<[2, 3], f64> {check.value = dense<[[0.58, -0.31, 0.1], [0.24, -1.19, 0.66]]> : tensor<2x3xf64>}, 
    %Uz: !rondo.array<[3, 3], f64> {check.value = dense<[[-1.32, -0.63, -0.88], [-0.38, 0.72, -0.47], [0.0, 0.88, -0.32]]> : tensor<3x3xf64>}, 
    %Ur: !rondo.array<[3, 3], f64> {check.value = dense<[[-0.91, -0.39, 0.14], [-0.46, -0.51, 0.19], [0.02, 0.32, 0.32]]> : tensor<3x3xf64>}, 
    %Uh: !rondo.array<[3, 3], f64> {check.value = dense<[[0.44, 0.09, -0.76], [0.75, 0.27, 1.17], [-0.53, -0.36, 0.12]]> : tensor<3x3xf64>}, 
    %x: !rondo.array<[B, T, 2], f64> {check.value = dense<[[[-2.61, 0.58], [0.18, -0.11], [-1.85, -0.58]], [[0x7FF8000000000000, 0x7FF8000000000000], [0x7FF8000000000000, 0x7FF8000000000000], [0x7FF8000000000000, 0x7FF8000000000000]], [[-1.32, 0.39], [0x7FF8000000000000, 0x7FF8000000000000], [0x7FF8000000000000, 0x7FF8000000000000]]]> : tensor<3x3x2xf64>})
    -> (!rondo.array<[2, 3], f64>, !rondo.array<[2, 3], f64>, !rondo.array<[2, 3], f64>, !rondo.array<[3, 3], f64>, !rondo.array<[3, 3], f64>, !rondo.array<[3, 3], f64>)
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>],
    check.bindings = {B = 3, T = [3, 0, 1]},
    check.expect = [{actual = 0 : i64, value = dense<[[1.539729331074799e+00, 2.430431261640104e-01, 5.059927191763749e-03], [-2.629292523352199e-01, 6.359105964002160e-02, -6.301276628954218e-03]]> : tensor<2x3xf64>, tolerance = 1.0e-12 : f64, floor = 1.0e-15 : f64}, {actual = 1 : i64, value = dense<[[4.965238616260433e-04, -1.609115551394120e-04, -1.671690098149338e-03], [-7.398466996024529e-03, 5.382659068306129e-04, -7.183259689864905e-04]]> : tensor<2x3xf64>, tolerance = 1.0e-12 : f64, floor = 1.0e-15 : f64}, {actual = 2 : i64, value = dense<[[2.106539418993156e+00, -6.604524718366298e-01, -2.533656455195232e-01], [-3.669073641441830e-01, 6.075689792616289e-02, 2.330849571038470e-02]]> : tensor<2x3xf64>, tolerance = 1.0e-12 : f64, floor = 1.0e-15 : f64}, {actual = 3 : i64, value = dense<[[-9.275523691502456e-02, 6.144861580827853e-02, 1.225224469798292e-02], [1.069909353781932e-02, -8.073429070008905e-03, -1.451266941253661e-03], [-8.947668307728061e-03, -1.587176417881145e-02, 3.413334491628685e-04]]> : tensor<3x3xf64>, tolerance = 1.0e-12 : f64, floor = 1.0e-15 : f64}, {actual = 4 : i64, value = dense<[[-3.423793131481501e-02, 2.632297125705333e-03, -1.375883277669181e-03], [4.173255407148133e-03, -3.205277162635344e-04, 1.721512798509609e-04], [1.652079956271226e-03, -1.198817470391579e-04, 1.647190602533064e-04]]> : tensor<3x3xf64>, tolerance = 1.0e-12 : f64, floor = 1.0e-15 : f64}, {actual = 5 : i64, value = dense<[[2.464886176613192e-01, -1.081136985681350e-01, -6.121411011508519e-02], [-2.682952805521732e-02, 1.204558101307039e-02, 6.686181543989550e-03], [-1.029206580219226e-02, 5.286954814603132e-03, 2.620562329968784e-03]]> : tensor<3x3xf64>, tolerance = 1.0e-12 : f64, floor = 1.0e-15 : f64}]} {
  %gWz, %gWr, %gWh, %gUz, %gUr, %gUh = rondo.grad(%Wz, %Wr, %Wh, %Uz, %Ur, %Uh) : (!rondo.array<[2, 3], f64>, !rondo.array<[2, 3], f64>, !rondo.array<[2, 3], f64>, !rondo.array<[3, 3], f64>, !rondo.array<[3, 3], f64>, !rondo.array<[3, 3], f64>) -> (!rondo.array<[2, 3], f64>, !rondo.array<[2, 3], f64>, !rondo.array<[2, 3], f64>, !rondo.array<[3, 3], f64>, !rondo.array<[3, 3], f64>, !rondo.array<[3, 3], f64>) {
  ^bb0(%wWz: !rondo.array<[2, 3], f64>, %wWr: !rondo.array<[2, 3], f64>, %wWh: !rondo.array<[2, 3], f64>, %wUz: !rondo.array<[3, 3], f64>, %wUr: !rondo.array<[3, 3], f64>, %wUh: !rondo.array<[3, 3], f64>):
    %v1 = rondo.constant 0.0 : f64 -> !rondo.array<[B, 3], f64>
    %v2 = rondo.constant 1.0 : f64 -> !rondo.array<[B, 3], f64>
    %v23, %v24 = rondo.scan over <T> carry(%v1) slice(%x axis 1) stack(1) : (!rondo.array<[B, 3], f64>, !rondo.array<[B, T, 2], f64>) -> (!rondo.array<[B, 3], f64>, !rondo.array<[B, T, 3], f64>) {
    ^bb0(%t5: !rondo.array<[], i64>, %v3: !rondo.array<[B, 3], f64>, %v4: !rondo.array<[B, 2], f64>):
      %v6 = rondo.contract %v4, %wWz "zn,nh->zh" : (!rondo.array<[B, 2], f64>, !rondo.array<[2, 3], f64>) -> !rondo.array<[B, 3], f64>
      %v7 = rondo.contract %v3, %wUz "zk,kh->zh" : (!rondo.array<[B, 3], f64>, !rondo.array<[3, 3], f64>) -> !rondo.array<[B, 3], f64>
      %v8 = rondo.add %v6, %v7 : !rondo.array<[B, 3], f64>
      %v9 = rondo.sigmoid %v8 : !rondo.array<[B, 3], f64>
      %v10 = rondo.contract %v4, %wWr "zn,nh->zh" : (!rondo.array<[B, 2], f64>, !rondo.array<[2, 3], f64>) -> !rondo.array<[B, 3], f64>
      %v11 = rondo.contract %v3, %wUr "zk,kh->zh" : (!rondo.array<[B, 3], f64>, !rondo.array<[3, 3], f64>) -> !rondo.array<[B, 3], f64>
      %v12 = rondo.add %v10, %v11 : !rondo.array<[B, 3], f64>
      %v13 = rondo.sigmoid %v12 : !rondo.array<[B, 3], f64>
      %v14 = rondo.mul %v13, %v3 : !rondo.array<[B, 3], f64>
      %v15 = rondo.contract %v4, %wWh "zn,nh->zh" : (!rondo.array<[B, 2], f64>, !rondo.array<[2, 3], f64>) -> !rondo.array<[B, 3], f64>
      %v16 = rondo.contract %v14, %wUh "zk,kh->zh" : (!rondo.array<[B, 3], f64>, !rondo.array<[3, 3], f64>) -> !rondo.array<[B, 3], f64>
      %v17 = rondo.add %v15, %v16 : !rondo.array<[B, 3], f64>
      %v18 = rondo.tanh %v17 : !rondo.array<[B, 3], f64>
      %v19 = rondo.mul %v9, %v3 : !rondo.array<[B, 3], f64>
      %v20 = rondo.sub %v2, %v9 : !rondo.array<[B, 3], f64>
      %v21 = rondo.mul %v20, %v18 : !rondo.array<[B, 3], f64>
      %v22 = rondo.add %v19, %v21 : !rondo.array<[B, 3], f64>
      rondo.yield %v22, %v22 : !rondo.array<[B, 3], f64>, !rondo.array<[B, 3], f64>
    }
    %v25 = rondo.contract %v24, %v24 "zth,zth->z" : (!rondo.array<[B, T, 3], f64>, !rondo.array<[B, T, 3], f64>) -> !rondo.array<[B], f64>
    %v26 = rondo.reduce sum %v25 axes [0] : !rondo.array<[B], f64> -> !rondo.array<[], f64>
    rondo.yield %v26 : !rondo.array<[], f64>
  }
  return %gWz, %gWr, %gWh, %gUz, %gUr, %gUh : !rondo.array<[2, 3], f64>, !rondo.array<[2, 3], f64>, !rondo.array<[2, 3], f64>, !rondo.array<[3, 3], f64>, !rondo.array<[3, 3], f64>, !rondo.array<[3, 3], f64>
}

// Attention to a memory with a ragged dim of its own, in the loop.
// CHECK-LABEL: func.func @attend(
// CHECK: rondo.scan over <T>
// CHECK: rondo.contract
// CHECK: rondo.contract
// CHECK: rondo.contract
// CHECK: rondo.contract
// CHECK-NOT: rondo.contract
// CHECK: rondo.yield
// CHECK: rondo.scan over <T> reverse
// CHECK: rondo.contract
// CHECK: rondo.contract
// CHECK: rondo.contract
// CHECK: rondo.contract
// CHECK-NOT: rondo.contract
// CHECK: rondo.yield
func.func @attend(%Q: !rondo.array<[2, 3], f64> {check.value = dense<[[0.44, -0.42, -0.32], [-0.09, -0.67, -0.51]]> : tensor<2x3xf64>}, 
    %W: !rondo.array<[3, 2], f64> {check.value = dense<[[-1.21, -1.5], [0.31, 0.41], [0.3, 0.92]]> : tensor<3x2xf64>}, 
    %U: !rondo.array<[3, 3], f64> {check.value = dense<[[1.4, -0.31, 1.35], [0.35, 0.66, 0.4], [-0.45, 0.03, -0.2]]> : tensor<3x3xf64>}, 
    %V: !rondo.array<[3, 2], f64> {check.value = dense<[[-0.62, -0.8], [1.18, 1.41], [0.89, 0.19]]> : tensor<3x2xf64>}, 
    %x: !rondo.array<[B, T, 2], f64> {check.value = dense<[[[-0.01, 0.19], [0.77, 1.99], [-0.34, -0.83]], [[0x7FF8000000000000, 0x7FF8000000000000], [0x7FF8000000000000, 0x7FF8000000000000], [0x7FF8000000000000, 0x7FF8000000000000]], [[0.85, 1.51], [0x7FF8000000000000, 0x7FF8000000000000], [0x7FF8000000000000, 0x7FF8000000000000]]]> : tensor<3x3x2xf64>}, 
    %m: !rondo.array<[B, S, 2], f64> {check.value = dense<[[[2.51, 1.04], [-2.72, -0.53], [0x7FF8000000000000, 0x7FF8000000000000]], [[-1.04, 1.5], [0x7FF8000000000000, 0x7FF8000000000000], [0x7FF8000000000000, 0x7FF8000000000000]], [[0.99, -1.27], [-0.08, -0.74], [-1.79, -1.2]]]> : tensor<3x3x2xf64>})
    -> (!rondo.array<[2, 3], f64>, !rondo.array<[3, 2], f64>, !rondo.array<[3, 3], f64>, !rondo.array<[3, 2], f64>)
    attributes {rondo.symbols = [#rondo.symbol<B, batch>, #rondo.symbol<T, ragged>, #rondo.symbol<S, ragged>],
    check.bindings = {B = 3, T = [3, 0, 1], S = [2, 1, 3]},
    check.expect = [{actual = 0 : i64, value = dense<[[-3.147069103288268e-01, -1.178905774477431e+00, -3.366390232996713e-01], [-9.447224650406476e-02, -3.538971445372020e-01, -1.010560739159625e-01]]> : tensor<2x3xf64>, tolerance = 1.0e-12 : f64, floor = 1.0e-15 : f64}, {actual = 1 : i64, value = dense<[[-1.152834798336884e+00, -8.009550024366775e-01], [6.570568526937066e-01, 3.296549096789820e-01], [-9.919711946362431e-01, 2.501573250482710e-01]]> : tensor<3x2xf64>, tolerance = 1.0e-12 : f64, floor = 1.0e-15 : f64}, {actual = 2 : i64, value = dense<[[-1.816252856624194e-01, 1.518519045077701e-01, 1.081823640996093e-01], [-3.067231024175122e-01, -3.879591237738678e-01, -5.150660481043573e-02], [-3.879603591708440e-01, -3.745126737431190e-02, 9.958486763402884e-02]]> : tensor<3x3xf64>, tolerance = 1.0e-12 : f64, floor = 1.0e-15 : f64}, {actual = 3 : i64, value = dense<[[7.315525501603689e-01, 1.467054412819505e+00], [1.786758413223100e-01, 6.253603618553034e-01], [4.592524422651254e-01, 1.508594531803906e+00]]> : tensor<3x2xf64>, tolerance = 1.0e-12 : f64, floor = 1.0e-15 : f64}]} {
  %gQ, %gW, %gU, %gV = rondo.grad(%Q, %W, %U, %V) : (!rondo.array<[2, 3], f64>, !rondo.array<[3, 2], f64>, !rondo.array<[3, 3], f64>, !rondo.array<[3, 2], f64>) -> (!rondo.array<[2, 3], f64>, !rondo.array<[3, 2], f64>, !rondo.array<[3, 3], f64>, !rondo.array<[3, 2], f64>) {
  ^bb0(%wQ: !rondo.array<[2, 3], f64>, %wW: !rondo.array<[3, 2], f64>, %wU: !rondo.array<[3, 3], f64>, %wV: !rondo.array<[3, 2], f64>):
    %v1 = rondo.constant 0.0 : f64 -> !rondo.array<[B, 3], f64>
    %v18, %v19 = rondo.scan over <T> carry(%v1) slice(%x axis 1) stack(1) : (!rondo.array<[B, 3], f64>, !rondo.array<[B, T, 2], f64>) -> (!rondo.array<[B, 3], f64>, !rondo.array<[B, T, 3], f64>) {
    ^bb0(%t4: !rondo.array<[], i64>, %v2: !rondo.array<[B, 3], f64>, %v3: !rondo.array<[B, 2], f64>):
      %v5 = rondo.contract %wQ, %v2 "nk,zk->zn" : (!rondo.array<[2, 3], f64>, !rondo.array<[B, 3], f64>) -> !rondo.array<[B, 2], f64>
      %v6 = rondo.contract %m, %v5 "zsn,zn->zs" : (!rondo.array<[B, S, 2], f64>, !rondo.array<[B, 2], f64>) -> !rondo.array<[B, S], f64>
      %v7 = rondo.exp %v6 : !rondo.array<[B, S], f64>
      %v8 = rondo.reduce sum %v7 axes [1] : !rondo.array<[B, S], f64> -> !rondo.array<[B], f64>
      %v9 = rondo.broadcast %v8 dims [0] : !rondo.array<[B], f64> -> !rondo.array<[B, S], f64>
      %v10 = rondo.div %v7, %v9 : !rondo.array<[B, S], f64>
      %v11 = rondo.contract %v10, %m "zs,zsn->zn" : (!rondo.array<[B, S], f64>, !rondo.array<[B, S, 2], f64>) -> !rondo.array<[B, 2], f64>
      %v12 = rondo.contract %wW, %v11 "hn,zn->zh" : (!rondo.array<[3, 2], f64>, !rondo.array<[B, 2], f64>) -> !rondo.array<[B, 3], f64>
      %v13 = rondo.contract %wU, %v2 "hk,zk->zh" : (!rondo.array<[3, 3], f64>, !rondo.array<[B, 3], f64>) -> !rondo.array<[B, 3], f64>
      %v14 = rondo.add %v12, %v13 : !rondo.array<[B, 3], f64>
      %v15 = rondo.contract %wV, %v3 "hn,zn->zh" : (!rondo.array<[3, 2], f64>, !rondo.array<[B, 2], f64>) -> !rondo.array<[B, 3], f64>
      %v16 = rondo.add %v14, %v15 : !rondo.array<[B, 3], f64>
      %v17 = rondo.tanh %v16 : !rondo.array<[B, 3], f64>
      rondo.yield %v17, %v17 : !rondo.array<[B, 3], f64>, !rondo.array<[B, 3], f64>
    }
    %v20 = rondo.contract %v19, %v19 "zth,zth->z" : (!rondo.array<[B, T, 3], f64>, !rondo.array<[B, T, 3], f64>) -> !rondo.array<[B], f64>
    %v21 = rondo.reduce sum %v20 axes [0] : !rondo.array<[B], f64> -> !rondo.array<[], f64>
    rondo.yield %v21 : !rondo.array<[], f64>
  }
  return %gQ, %gW, %gU, %gV : !rondo.array<[2, 3], f64>, !rondo.array<[3, 2], f64>, !rondo.array<[3, 3], f64>, !rondo.array<[3, 2], f64>
}
