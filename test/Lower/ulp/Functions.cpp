#include "Functions.h"
#include <cmath>
#include <limits>
#include <random>

using namespace rondo::ulp;

#define EACH(expression)                                                                           \
  [](double x, double y) -> double { return expression; },                                         \
      [](long double x, long double y) -> long double { return expression; }

static double power(double x, double y) { return std::pow(x, y); }
/// glibc's powl(-inf, -2^63) is inf; limits and zeros need no digits.
static long double power(long double x, long double y) {
  return x == 0 || std::isinf(x) ? std::pow(double(x), double(y)) : std::pow(x, y);
}

llvm::ArrayRef<Row> rondo::ulp::functions() {
  static const Row rows[] = {
      {"exp", EACH(std::exp(x)), 1, 1},
      {"log", EACH(std::log(x)), 1, 1},
      {"log1p", EACH(std::log1p(x)), 1.4, 1.4},
      {"expm1", EACH(std::expm1(x)), 2, 2.5},
      {"sqrt", EACH(std::sqrt(x)), 0.501, 0.501},
      {"rsqrt", EACH(1 / std::sqrt(x)), 1.5, 1.5},
      {"tanh", EACH(std::tanh(x)), 5.5, 3},
      {"sigmoid", EACH(1 / (1 + std::exp(-x))), 2.5, 2.5},
      {"erf", EACH(std::erf(x)), 6, 3},
      {"sin", EACH(std::sin(x)), 1.6, 1},
      {"cos", EACH(std::cos(x)), 1.6, 1},
      {"floor", EACH(std::floor(x)), 0, 0},
      {"ceil", EACH(std::ceil(x)), 0, 0},
      {"pow", EACH(power(x, y)), 0.51, 1.25, true},
  };
  return rows;
}

namespace {

/// One body for both formats; Wide has at least eleven digits more than Narrow.
template <typename Narrow, typename Wide> double errorOf(Narrow got, Wide exact) {
  using Limits = std::numeric_limits<Narrow>;
  double infinity = std::numeric_limits<double>::infinity();
  if (std::isnan(got) || std::isnan(exact))
    return std::isnan(got) && std::isnan(exact) ? 0 : infinity;
  Narrow rounded = static_cast<Narrow>(exact);
  if (rounded == got && std::signbit(rounded) == std::signbit(got) && (std::isinf(got) || got == 0))
    return 0;
  if (std::signbit(got) != std::signbit(rounded))
    return infinity;
  // Past the largest number, the next power of two stands for infinity.
  Wide limit = std::ldexp(Wide(1), Limits::max_exponent);
  Wide wide = std::isinf(got) ? std::copysign(limit, Wide(got)) : Wide(got);
  if (std::abs(exact) > limit)
    exact = std::copysign(limit, exact);
  int exponent = exact == 0 ? Limits::min_exponent - 1 : std::ilogb(exact);
  exponent = std::max(exponent, Limits::min_exponent - 1);
  Wide unit = std::ldexp(Wide(1), exponent - (Limits::digits - 1));
  return static_cast<double>(std::abs(wide - exact) / unit);
}

} // namespace

double rondo::ulp::error(float got, double exact) { return errorOf(got, exact); }
double rondo::ulp::error(double got, long double exact) { return errorOf(got, exact); }

std::vector<double> rondo::ulp::samples(int64_t perExponent) {
  std::vector<double> values{0.0, std::numeric_limits<double>::infinity(),
                             std::numeric_limits<double>::quiet_NaN()};
  std::mt19937_64 random(1);
  auto around = [&](double center, int count) {
    double above = center, below = center;
    for (int i = 0; i < count; ++i) {
      values.push_back(above);
      values.push_back(below);
      above = std::nextafter(above, HUGE_VAL);
      below = std::nextafter(below, 0);
    }
  };
  for (int exponent = -1074; exponent <= 1023; ++exponent) {
    double power = std::ldexp(1.0, exponent);
    around(power, 4);
    for (int64_t i = 0; i < perExponent; ++i)
      values.push_back(power * (1 + std::ldexp(static_cast<double>(random() >> 12), -52)));
  }
  // Where results are neither trivial nor limits.
  for (int64_t i = 0; i < 200 * perExponent; ++i) {
    double unit = std::ldexp(static_cast<double>(random() >> 11), -53);
    for (double range : {1.0, 8.0, 50.0, 750.0, 1e6})
      values.push_back(range * unit);
    values.push_back(0.7 + unit * 0.75);
  }
  for (int k = 1; k <= 3000; ++k) {
    around(k * 1.5707963267948966, 3);
    around(k * 0.78539816339744831, 3);
    around(k * 0.34657359027997264, 3);
    around(1 + k * 0x1p-12, 2);
  }
  for (double edge :
       {88.0, 88.72283, 87.33654, 103.97, 709.78271289338397, 708.39641853226408,
        745.13321910194122, 9.0, 20.0, 4.0, 6.0, 0.6931471805599453, 1.0, 0.70710678118654752,
        1.4142135623730951, 1048576.0, 5.3715960979e+307 /* near a multiple of pi/2 */,
        6381956970095103.0 * 0x1p797 /* the nearest of all (Kahan) */})
    around(edge, 200);
  for (size_t i = 0, count = values.size(); i < count; ++i)
    values.push_back(-values[i]);
  return values;
}

static std::vector<double> withSigns(std::vector<double> values) {
  for (size_t i = 0, count = values.size(); i < count; ++i)
    values.push_back(-values[i]);
  return values;
}

std::vector<double> rondo::ulp::bases() {
  double infinity = std::numeric_limits<double>::infinity();
  std::vector<double> values{0,         infinity,  std::nan(""),
                             0x1p-149,  0x1p-126,  0x1.fffffep127,
                             0x1p-1074, 0x1p-1022, 0x1.fffffffffffffp1023};
  for (int i = 1; i <= 20; ++i)
    values.insert(values.end(), {double(i), 1.0 / i, i + 0.5, std::pow(10, i), std::pow(10, -i)});
  for (int i = 1; i <= 52; ++i)
    values.insert(values.end(), {1 + std::ldexp(1, -i), 1 - std::ldexp(1, -i), std::ldexp(1, i),
                                 std::ldexp(1, -i)});
  std::mt19937_64 random(2);
  for (int i = 0; i < 600; ++i) {
    double unit = std::ldexp(static_cast<double>(random() >> 11), -53);
    values.insert(values.end(), {unit, 0.5 + unit, 100 * unit, std::exp(200 * (unit - 0.5)),
                                 std::exp(1400 * (unit - 0.5))});
  }
  return withSigns(values);
}

std::vector<double> rondo::ulp::exponents() {
  double infinity = std::numeric_limits<double>::infinity();
  std::vector<double> values{0,       infinity,   std::nan(""), 0x1p-149,   0x1p-1074,
                             0x1p24,  0x1p24 - 1, 0x1p53,       0x1p53 - 1, 0x1p54,
                             0x1p127, 0x1p1000,   1.0 / 3,      1.5,        2.5};
  for (int i = 1; i <= 70; ++i)
    values.insert(values.end(), {double(i), i + 0.5, std::ldexp(1, i), std::ldexp(1, -i)});
  std::mt19937_64 random(3);
  for (int i = 0; i < 150; ++i) {
    double unit = std::ldexp(static_cast<double>(random() >> 11), -53);
    values.insert(values.end(), {unit, 10 * unit, 100 * unit, 1000 * unit});
  }
  return withSigns(values);
}
