// RUN: rondo-opt %s --rondo-interpret

func.func @floats() {
  %x = check.input dense<[-1.5, 0.0, 2.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %p = check.input dense<[0.25, 1.0, 4.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %neg = rondo.neg %x : !rondo.array<[3], f64>
  check.expect_equal_const %neg, dense<[1.5, 0.0, -2.0]> : tensor<3xf64> : !rondo.array<[3], f64>
  %abs = rondo.abs %x : !rondo.array<[3], f64>
  check.expect_equal_const %abs, dense<[1.5, 0.0, 2.0]> : tensor<3xf64> : !rondo.array<[3], f64>
  %sign = rondo.sign %x : !rondo.array<[3], f64>
  check.expect_equal_const %sign, dense<[-1.0, 0.0, 1.0]> : tensor<3xf64> : !rondo.array<[3], f64>
  %exp = rondo.exp %x : !rondo.array<[3], f64>
  check.expect_close_const %exp, dense<[0.22313016014842982, 1.0, 7.38905609893065]> : tensor<3xf64> : !rondo.array<[3], f64>
  %log = rondo.log %p : !rondo.array<[3], f64>
  check.expect_close_const %log, dense<[-1.3862943611198906, 0.0, 1.3862943611198906]> : tensor<3xf64> : !rondo.array<[3], f64>
  %expm1 = rondo.expm1 %p : !rondo.array<[3], f64>
  check.expect_close_const %expm1, dense<[0.2840254166877414, 1.7182818284590451, 53.598150033144236]> : tensor<3xf64> : !rondo.array<[3], f64>
  %log1p = rondo.log1p %p : !rondo.array<[3], f64>
  check.expect_close_const %log1p, dense<[0.22314355131420976, 0.6931471805599453, 1.6094379124341003]> : tensor<3xf64> : !rondo.array<[3], f64>
  %sqrt = rondo.sqrt %p : !rondo.array<[3], f64>
  check.expect_equal_const %sqrt, dense<[0.5, 1.0, 2.0]> : tensor<3xf64> : !rondo.array<[3], f64>
  %rsqrt = rondo.rsqrt %p : !rondo.array<[3], f64>
  check.expect_equal_const %rsqrt, dense<[2.0, 1.0, 0.5]> : tensor<3xf64> : !rondo.array<[3], f64>
  %tanh = rondo.tanh %x : !rondo.array<[3], f64>
  check.expect_close_const %tanh, dense<[-0.9051482536448664, 0.0, 0.9640275800758169]> : tensor<3xf64> : !rondo.array<[3], f64>
  %sigmoid = rondo.sigmoid %x : !rondo.array<[3], f64>
  check.expect_close_const %sigmoid, dense<[0.18242552380635635, 0.5, 0.8807970779778823]> : tensor<3xf64> : !rondo.array<[3], f64>
  %erf = rondo.erf %x : !rondo.array<[3], f64>
  check.expect_close_const %erf, dense<[-0.9661051464753108, 0.0, 0.9953222650189527]> : tensor<3xf64> : !rondo.array<[3], f64>
  %sin = rondo.sin %x : !rondo.array<[3], f64>
  check.expect_close_const %sin, dense<[-0.9974949866040544, 0.0, 0.9092974268256817]> : tensor<3xf64> : !rondo.array<[3], f64>
  %cos = rondo.cos %x : !rondo.array<[3], f64>
  check.expect_close_const %cos, dense<[0.0707372016677029, 1.0, -0.4161468365471424]> : tensor<3xf64> : !rondo.array<[3], f64>
  %floor = rondo.floor %x : !rondo.array<[3], f64>
  check.expect_equal_const %floor, dense<[-2.0, 0.0, 2.0]> : tensor<3xf64> : !rondo.array<[3], f64>
  %ceil = rondo.ceil %x : !rondo.array<[3], f64>
  check.expect_equal_const %ceil, dense<[-1.0, 0.0, 2.0]> : tensor<3xf64> : !rondo.array<[3], f64>
  %stop = rondo.stop_gradient %x : !rondo.array<[3], f64>
  check.expect_equal %stop, %x : !rondo.array<[3], f64>
  %pow = rondo.pow %p, %x : !rondo.array<[3], f64>
  check.expect_close_const %pow, dense<[8.0, 1.0, 16.0]> : tensor<3xf64> : !rondo.array<[3], f64>
  return
}

func.func @pairs() {
  %x = check.input dense<[7.5, -7.5, 1.0]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %y = check.input dense<[2.0, 2.0, 0x7FF8000000000000]> : tensor<3xf64> -> !rondo.array<[3], f64>
  %add = rondo.add %x, %y : !rondo.array<[3], f64>
  check.expect_equal_const %add, dense<[9.5, -5.5, 0x7FF8000000000000]> : tensor<3xf64> : !rondo.array<[3], f64>
  %sub = rondo.sub %x, %y : !rondo.array<[3], f64>
  check.expect_equal_const %sub, dense<[5.5, -9.5, 0x7FF8000000000000]> : tensor<3xf64> : !rondo.array<[3], f64>
  %mul = rondo.mul %x, %y : !rondo.array<[3], f64>
  check.expect_equal_const %mul, dense<[15.0, -15.0, 0x7FF8000000000000]> : tensor<3xf64> : !rondo.array<[3], f64>
  %div = rondo.div %x, %y : !rondo.array<[3], f64>
  check.expect_equal_const %div, dense<[3.75, -3.75, 0x7FF8000000000000]> : tensor<3xf64> : !rondo.array<[3], f64>
  // The remainder has the sign of the divisor.
  %rem = rondo.rem %x, %y : !rondo.array<[3], f64>
  check.expect_equal_const %rem, dense<[1.5, 0.5, 0x7FF8000000000000]> : tensor<3xf64> : !rondo.array<[3], f64>
  // NaN if either is.
  %min = rondo.min %x, %y : !rondo.array<[3], f64>
  check.expect_equal_const %min, dense<[2.0, -7.5, 0x7FF8000000000000]> : tensor<3xf64> : !rondo.array<[3], f64>
  %max = rondo.max %x, %y : !rondo.array<[3], f64>
  check.expect_equal_const %max, dense<[7.5, 2.0, 0x7FF8000000000000]> : tensor<3xf64> : !rondo.array<[3], f64>
  // Every comparison with NaN is false but ne.
  %lt = rondo.compare lt %x, %y : !rondo.array<[3], f64>
  check.expect_equal_const %lt, dense<[false, true, false]> : tensor<3xi1> : !rondo.array<[3], i1>
  %ge = rondo.compare ge %x, %y : !rondo.array<[3], f64>
  check.expect_equal_const %ge, dense<[true, false, false]> : tensor<3xi1> : !rondo.array<[3], i1>
  %eq = rondo.compare eq %y, %y : !rondo.array<[3], f64>
  check.expect_equal_const %eq, dense<[true, true, false]> : tensor<3xi1> : !rondo.array<[3], i1>
  %ne = rondo.compare ne %y, %y : !rondo.array<[3], f64>
  check.expect_equal_const %ne, dense<[false, false, true]> : tensor<3xi1> : !rondo.array<[3], i1>
  %not = rondo.not %ne : !rondo.array<[3], i1>
  check.expect_equal %not, %eq : !rondo.array<[3], i1>
  %and = rondo.and %lt, %eq : !rondo.array<[3], i1>
  check.expect_equal_const %and, dense<[false, true, false]> : tensor<3xi1> : !rondo.array<[3], i1>
  %or = rondo.or %lt, %ne : !rondo.array<[3], i1>
  check.expect_equal_const %or, dense<[false, true, true]> : tensor<3xi1> : !rondo.array<[3], i1>
  %sel = rondo.select %or, %x, %y : !rondo.array<[3], f64>
  check.expect_equal_const %sel, dense<[2.0, -7.5, 1.0]> : tensor<3xf64> : !rondo.array<[3], f64>
  return
}

// Quotient and remainder of integers round down and are 0 where the divisor is; i32 wraps.
func.func @integers() {
  %x = check.input dense<[7, -7, 7, 7]> : tensor<4xi64> -> !rondo.array<[4], i64>
  %y = check.input dense<[2, 2, -2, 0]> : tensor<4xi64> -> !rondo.array<[4], i64>
  %div = rondo.div %x, %y : !rondo.array<[4], i64>
  check.expect_equal_const %div, dense<[3, -4, -4, 0]> : tensor<4xi64> : !rondo.array<[4], i64>
  %rem = rondo.rem %x, %y : !rondo.array<[4], i64>
  check.expect_equal_const %rem, dense<[1, 1, -1, 0]> : tensor<4xi64> : !rondo.array<[4], i64>
  %big = rondo.constant 2147483647 : i32 -> !rondo.array<[], i32>
  %one = rondo.constant 1 : i32 -> !rondo.array<[], i32>
  %wrapped = rondo.add %big, %one : !rondo.array<[], i32>
  check.expect_equal_const %wrapped, dense<-2147483648> : tensor<i32> : !rondo.array<[], i32>
  return
}

// Towards zero, saturating.
func.func @convert() {
  %x = check.input dense<[-1.75, 1.75, 1.0e30, -1.0e30]> : tensor<4xf64> -> !rondo.array<[4], f64>
  %i = rondo.convert %x : !rondo.array<[4], f64> -> !rondo.array<[4], i32>
  check.expect_equal_const %i, dense<[-1, 1, 2147483647, -2147483648]> : tensor<4xi32> : !rondo.array<[4], i32>
  %b = rondo.convert %i : !rondo.array<[4], i32> -> !rondo.array<[4], i1>
  check.expect_equal_const %b, dense<true> : tensor<4xi1> : !rondo.array<[4], i1>
  %f = rondo.convert %b : !rondo.array<[4], i1> -> !rondo.array<[4], f64>
  check.expect_equal_const %f, dense<1.0> : tensor<4xf64> : !rondo.array<[4], f64>
  return
}
