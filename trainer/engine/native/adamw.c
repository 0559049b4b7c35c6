/* A step of AdamW (Loshchilov & Hutter 2019) as Keras takes it, and of the running average of the weights, in one pass.
 *
 * A pass is bound by memory. Operations that each read and write all weights take about five times as long.
 * The gradient is the mean of those of the parts of a batch. The same input gives the same bytes.
 */
#include <math.h>

enum { PIECE = 1024, LANES = 16 }; /* numbers at a time, which stay in the first-level cache */

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

/* Write the weights, moments, velocities and averages (in this order) after a step. */
void adamw_step(long count, long parts, const float *const *gradients, const float *const *before, float *const *after,
                const float *numbers) {
    const Step s = *(const Step *)numbers;
    for (long start = 0; start < count; start += PIECE) {
        float sums[PIECE];
        long length = least(count - start, PIECE);
        add_parts(start, length, parts, gradients, sums);
        const float *restrict weight = before[0] + start, *restrict moment = before[1] + start;
        const float *restrict velocity = before[2] + start, *restrict average = before[3] + start;
        float *restrict new_weight = after[0] + start, *restrict new_moment = after[1] + start;
        float *restrict new_velocity = after[2] + start, *restrict new_average = after[3] + start;
        for (long i = 0; i < length; i++) {
            float gradient = sums[i] * s.gradient_scale;
            float m = moment[i] + (gradient - moment[i]) * s.first;
            float v = velocity[i] + (gradient * gradient - velocity[i]) * s.second;
            float w = weight[i] * s.decay - m * s.rate / (sqrtf(v) + s.epsilon);
            new_weight[i] = w;
            new_moment[i] = m;
            new_velocity[i] = v;
            new_average[i] = average[i] + (w - average[i]) * s.average;
        }
    }
}
