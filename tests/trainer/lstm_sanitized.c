/* A program that runs the native LSTM on odd sizes, to be compiled with sanitizers. It exits with 0 if all is well.
 *
 * Every array has exactly the size that the functions are told, in memory of its own, so that a step beyond is seen. */
#include SOURCE

#include <math.h>
#include <pthread.h>
#include <stdio.h>

enum { ARRAYS = 18 };

static const long SIZES[][4] = { /* steps, rows, inputs, units */
    {3, 1, 1, 17}, {1, 1, 1, 1}, {5, 33, 20, 33}, {1, 16, 16, 16}, {3, 15, 31, 100}, {2, 32, 64, 48}, {2, 48, 300, 64},
};

static float *numbers(long count, unsigned *seed) {
    float *made = malloc(count * sizeof(float));
    for (long i = 0; i < count; i++) made[i] = (float)(rand_r(seed) % 2001 - 1000) / 1000;
    return made;
}

static int run(const long *size) {
    long steps = size[0], rows = size[1], inputs = size[2], units = size[3], state = rows * units;
    long counts[ARRAYS] = {
        rows * steps * inputs, state, state, inputs * 4 * units, units * 4 * units, 4 * units,  /* x h c weights */
        rows * steps * units, state,                                                           /* outputs, cells */
        rows * steps * units, state, state,                                                    /* their gradients */
        rows * steps * inputs, state, state, inputs * 4 * units, units * 4 * units, 4 * units, /* all gradients */
    };
    unsigned seed = 1;
    float *a[ARRAYS];
    for (int i = 0; i < ARRAYS - 1; i++) a[i] = numbers(counts[i], &seed);
    void *kept = aligned_alloc(64, lstm_kept_bytes(steps, rows, inputs, units));
    int bad = lstm_forward(steps, rows, inputs, units, a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], kept);
    bad |= lstm_backward(steps, rows, inputs, units, a[0], a[1], a[2], a[3], a[4], a[6], kept, a[8], a[9], a[10], a[11],
                         a[12], a[13], a[14], a[15], a[16]);
    for (int i = 0; i < ARRAYS - 1; i++) {
        for (long n = 0; n < counts[i]; n++) bad |= !isfinite(a[i][n]);
        free(a[i]);
    }
    free(kept);
    return bad;
}

static void *run_all(void *unused) {
    int bad = 0;
    for (unsigned i = 0; i < sizeof SIZES / sizeof *SIZES; i++) bad |= run(SIZES[i]);
    return bad ? "bad" : unused;
}

int main(void) {
    pthread_t threads[2];
    void *bad[2];
    if (!lstm_permitted()) return 1;
    for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, run_all, NULL);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], &bad[i]);
    return bad[0] || bad[1];
}
