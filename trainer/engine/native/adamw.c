/* A step of AdamW (Loshchilov & Hutter 2019) as Keras takes it, and of the running average of the weights, in one pass.
 *
 * A pass is bound by memory. Operations that each read and write all weights take about five times as long.
 * The gradient is the mean of those of the parts of a batch. The same input gives the same bytes.
 */
#include <immintrin.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

enum { PIECE = 1024, LANES = 16 }; /* numbers at a time, which stay in the first-level cache */
enum { WEIGHT, MOMENT, VELOCITY, AVERAGE, KINDS };

/* What is the same for all weights of a step. */
typedef struct {
    float gradient_scale; /* of the sum over parts: their mean, clipped */
    float decay;          /* what a weight is multiplied with */
    float rate;           /* the learning rate, corrected for the step */
    float first, second;  /* shares of the moments that are replaced: 1 - beta_1, 1 - beta_2 */
    float epsilon;
    float average; /* share of the average that is replaced */
} Step;

static long least(long a, long b) { return a < b ? a : b; }

/* Add up `count` numbers of all parts from `start` on. */
static void add_parts(long start, long count, long parts, const float *const *gradients, float *restrict sums) {
    for (long i = 0; i < count; i++) sums[i] = gradients[0][start + i];
    for (long part = 1; part < parts; part++) {
        const float *restrict gradient = gradients[part] + start;
        for (long i = 0; i < count; i++) sums[i] += gradient[i];
    }
}

/* Return the sum of the squares of the parts' summed gradients. */
double adamw_squares(long count, long parts, const float *const *gradients) {
    double all = 0;
    for (long start = 0; start < count; start += PIECE) {
        float sums[PIECE] = {0}, squares[LANES] = {0};
        add_parts(start, least(count - start, PIECE), parts, gradients, sums);
        for (long i = 0; i < PIECE; i += LANES)
            for (long lane = 0; lane < LANES; lane++) squares[lane] += sums[i + lane] * sums[i + lane];
        for (long lane = 0; lane < LANES; lane++) all += squares[lane];
    }
    return all;
}

/* Write numbers past the caches: they are not read before the next step, and a cache would first fetch what they replace.
 */
static void write_past(float *to, const float *from, long count) {
    const long vector = sizeof(__m256) / sizeof(float);
    long i = 0;
    if ((uintptr_t)to % sizeof(__m256) == 0)
        for (; i + vector <= count; i += vector) _mm256_stream_ps(to + i, _mm256_load_ps(from + i));
    memcpy(to + i, from + i, (count - i) * sizeof(float));
}

/* Write the weights, moments, velocities and averages (in this order) after a step. */
void adamw_step(long count, long parts, const float *const *gradients, const float *const *before, float *const *after,
                const float *numbers) {
    const Step s = *(const Step *)numbers;
    for (long start = 0; start < count; start += PIECE) {
        float sums[PIECE], new[KINDS][PIECE] __attribute__((aligned(sizeof(__m256))));
        long length = least(count - start, PIECE);
        add_parts(start, length, parts, gradients, sums);
        const float *restrict weight = before[WEIGHT] + start, *restrict moment = before[MOMENT] + start;
        const float *restrict velocity = before[VELOCITY] + start, *restrict average = before[AVERAGE] + start;
        for (long i = 0; i < length; i++) {
            float gradient = sums[i] * s.gradient_scale;
            float m = moment[i] + (gradient - moment[i]) * s.first;
            float v = velocity[i] + (gradient * gradient - velocity[i]) * s.second;
            float w = weight[i] * s.decay - m * s.rate / (sqrtf(v) + s.epsilon);
            new[WEIGHT][i] = w;
            new[MOMENT][i] = m;
            new[VELOCITY][i] = v;
            new[AVERAGE][i] = average[i] + (w - average[i]) * s.average;
        }
        for (int kind = 0; kind < KINDS; kind++) write_past(after[kind] + start, new[kind], length);
    }
    _mm_sfence();
}
