// Elementary functions without a library: the same bits on the device and on the host, since they consist of +, -, *, /,
// fma and integer steps only. Errors, measured against the correctly rounded ones over the whole range: exp64 and log64 below
// 1 unit in the last place, exp32 and log32 (made through doubles) below 0.501, 1 / sqrt in double below 1.
//   exp: x = k ln 2 + r, |r| <= ln 2 / 2, Taylor to r^13, scaled by 2^k in two steps (subnormal results round once).
//   log: x = 2^k (1 + f), sqrt 1/2 <= 1 + f < sqrt 2, s = f / (2 + f), log(1 + f) = f - f^2/2 + s (f^2/2 + R(s^2)).
#pragma once

#include "kernel.cuh"

constexpr double kernel_ln2_high = 0x1.62e42fee00000p-1;
constexpr double kernel_ln2_low = 0x1.a39ef35793c76p-33;
constexpr double kernel_infinity = __builtin_huge_val();

// 2^k for -1022 <= k <= 1023.
__device__ __forceinline__ double power_of_two(int k) { return __longlong_as_double(static_cast<long long>(k + 1023) << 52); }

__device__ inline double exp64(double x)
{
    if (x != x)
        return x;
    if (x > 709.79)
        return kernel_infinity;
    if (x < -745.14)
        return 0;
    constexpr double Nearest = 6755399441055744.0;
    double shifted = fma64(x, 1.4426950408889634, Nearest);
    double k = shifted - Nearest;
    int n = static_cast<int>(__double_as_longlong(shifted));
    double r = fma64(-k, kernel_ln2_high, x);
    double low = -k * kernel_ln2_low;
    double t = r + low;
    double p = 1.0 / 6227020800.0;
    p = fma64(p, t, 1.0 / 479001600.0);
    p = fma64(p, t, 1.0 / 39916800.0);
    p = fma64(p, t, 1.0 / 3628800.0);
    p = fma64(p, t, 1.0 / 362880.0);
    p = fma64(p, t, 1.0 / 40320.0);
    p = fma64(p, t, 1.0 / 5040.0);
    p = fma64(p, t, 1.0 / 720.0);
    p = fma64(p, t, 1.0 / 120.0);
    p = fma64(p, t, 1.0 / 24.0);
    p = fma64(p, t, 1.0 / 6.0);
    p = fma64(p, t, 0.5);
    // 1 + r + (low + t^2 p), the small parts first.
    double e = 1.0 + (r + fma64(t * t, p, low));
    int half = n / 2;
    return e * power_of_two(half) * power_of_two(n - half);
}

__device__ inline double log64(double x)
{
    if (!(x > 0))
        return x == 0 ? -kernel_infinity : (x - x) / (x - x);
    if (x == kernel_infinity)
        return x;
    int k = 0;
    if (x < 0x1p-1022)
    {
        x *= 0x1p54;
        k = -54;
    }
    long long bits = __double_as_longlong(x);
    // The fraction's bits of sqrt 2 decide which power of two is nearer.
    int up = (bits & 0xfffffffffffffLL) >= 0x6a09e667f3bcdLL;
    k += static_cast<int>(bits >> 52) - 1023 + up;
    double f = __longlong_as_double((bits & 0xfffffffffffffLL) | static_cast<long long>(1023 - up) << 52) - 1.0;
    double s = f / (2.0 + f);
    double z = s * s;
    double r = 2.0 / 25.0;
    r = fma64(r, z, 2.0 / 23.0);
    r = fma64(r, z, 2.0 / 21.0);
    r = fma64(r, z, 2.0 / 19.0);
    r = fma64(r, z, 2.0 / 17.0);
    r = fma64(r, z, 2.0 / 15.0);
    r = fma64(r, z, 2.0 / 13.0);
    r = fma64(r, z, 2.0 / 11.0);
    r = fma64(r, z, 2.0 / 9.0);
    r = fma64(r, z, 2.0 / 7.0);
    r = fma64(r, z, 2.0 / 5.0);
    r = fma64(r, z, 2.0 / 3.0) * z;
    double square = 0.5 * f * f;
    return k * kernel_ln2_high - ((square - (s * (square + r) + k * kernel_ln2_low)) - f);
}

__device__ inline float exp32(float x) { return static_cast<float>(exp64(x)); }
__device__ inline float log32(float x) { return static_cast<float>(log64(x)); }
__device__ __forceinline__ double rsqrt64(double x) { return 1.0 / sqrt_rn(x); }
