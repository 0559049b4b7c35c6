/* A program that runs the native AdamW on odd sizes, to be compiled with sanitizers. It exits with 0 if all is well.
 *
 * Every array has exactly the size that the functions are told, in memory of its own, so that a step beyond is seen. */
#include SOURCE

#include <stdlib.h>

enum { PARTS = 3 };

static int run(long count) {
    float *gradients[PARTS], *before[KINDS], *after[KINDS], numbers[] = {0.1f, 0.9f, 0.1f, 0.1f, 0.01f, 1e-7f, 0.5f};
    float **all[] = {gradients, before, after};
    const int lengths[] = {PARTS, KINDS, KINDS};
    for (int kind = 0; kind < 3; kind++)
        for (int i = 0; i < lengths[kind]; i++) {
            all[kind][i] = malloc(count * sizeof(float));
            for (long n = 0; n < count; n++) all[kind][i][n] = (float)(n % 7 + i) / 7;
        }
    int bad = 0;
    for (long parts = 1; parts <= PARTS; parts++) {
        adamw_step(count, parts, (const float *const *)gradients, (const float *const *)before, after, numbers);
        bad |= !isfinite(adamw_squares(count, parts, (const float *const *)gradients));
        for (long n = 0; n < count; n++) bad |= !isfinite(after[0][n]);
    }
    for (int kind = 0; kind < 3; kind++)
        for (int i = 0; i < lengths[kind]; i++) free(all[kind][i]);
    return bad;
}

int main(void) { return run(1) || run(17) || run(1024) || run(1025) || run(5000); }
