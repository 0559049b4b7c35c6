/* Vectors of float32, and the functions of gates on them, with AVX-512 or with AVX2 and FMA. */
#pragma once
#include <immintrin.h>

#ifdef __AVX512F__
enum { LANES = 16 };
typedef __m512 Vector;
#define LEAST _mm512_min_ps
#else
enum { LANES = 8 };
typedef __m256 Vector;
#define LEAST _mm256_min_ps
#define MOST _mm256_max_ps
#endif

#define VECTOR(value) ((Vector){0} + (value))

static inline Vector reciprocal(Vector x) {
#ifdef __AVX512F__
    Vector about = _mm512_rcp14_ps(x);
    return about + about * (1.0f - x * about); /* one step of Newton's method: a division takes twice as long */
#else
    return 1.0f / x;
#endif
}

/* 2^x, with a relative error of 3e-7: 2^n * p(x - n), p fitted for the least greatest error. NaN stays NaN. */
static inline Vector power_of_two(Vector x) {
    x = LEAST(VECTOR(126.0f), x);
#ifdef __AVX512F__
    Vector n = _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
#else
    x = MOST(VECTOR(-126.0f), x);
    Vector n = _mm256_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
#endif
    Vector f = x - n;
    Vector p = VECTOR(1.327635654e-3f);
    p = p * f + 9.675541295e-3f;
    p = p * f + 5.550713638e-2f;
    p = p * f + 2.402211973e-1f;
    p = p * f + 6.931469668e-1f;
    p = p * f + 1.000000072f;
#ifdef __AVX512F__
    return _mm512_scalef_ps(p, n);
#else
    __m256i exponent = _mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127));
    return p * (Vector)_mm256_slli_epi32(exponent, 23);
#endif
}

#define LOG2_E 1.44269504f

static inline Vector sigmoid(Vector x) { return reciprocal(1.0f + power_of_two(-LOG2_E * x)); }

static inline Vector hyperbolic_tangent(Vector x) {
    return 1.0f - 2.0f * reciprocal(1.0f + power_of_two(2.0f * LOG2_E * x));
}
