/* A program that runs the native LSTM on odd sizes, to be compiled with sanitizers. It exits with 0 if all is well.
 *
 * Every array has exactly the size that the functions are told, in memory of its own, so that a step beyond is seen. */
#include SOURCE

#include <math.h>
#include <pthread.h>
#include <stdio.h>

enum { ARRAYS = 17 };

static const long SIZES[][5] = { /* steps, rows, inputs, units, rounds of a Mogrifier */
    {3, 1, 1, 17, 0},  {1, 1, 1, 1, 0},  {5, 33, 20, 33, 0}, {1, 16, 16, 16, 0},  {3, 15, 31, 100, 0}, {2, 32, 64, 48, 0},
    {2, 48, 300, 64, 0}, {3, 1, 1, 17, 4}, {1, 1, 1, 1, 1},    {5, 33, 20, 33, 5}, {3, 15, 31, 100, 2}, {2, 32, 64, 48, 8},
};

static float *numbers(long count, unsigned *seed) {
    float *made = malloc(count * sizeof(float));
    for (long i = 0; i < count; i++) made[i] = (float)(rand_r(seed) % 2001 - 1000) / 1000;
    return made;
}

static int check(float *array, long count) {
    int bad = 0;
    for (long n = 0; n < count; n++) bad |= !isfinite(array[n]);
    free(array);
    return bad;
}

static int run(const long *size) {
    long steps = size[0], rows = size[1], inputs = size[2], units = size[3], rounds = size[4], state = rows * units;
    long counts[ARRAYS] = {
        rows * steps * inputs, state, state, inputs * 4 * units, units * 4 * units, 4 * units, /* x h c weights */
        rows * steps * units, state,                                                           /* outputs, cells */
        rows * steps * units, state, state,                                                    /* their gradients */
        rows * steps * inputs, state, state, inputs * 4 * units, units * 4 * units, 4 * units, /* all gradients */
    };
    unsigned seed = 1;
    float *a[ARRAYS], *of_rounds[MOST_ROUNDS], *d_rounds[MOST_ROUNDS];
    for (int i = 0; i < ARRAYS; i++) a[i] = numbers(counts[i], &seed);
    for (long r = 0; r < rounds; r++)
        of_rounds[r] = numbers(inputs * units, &seed), d_rounds[r] = numbers(inputs * units, &seed);
    void *kept = aligned_alloc(64, lstm_kept_bytes(steps, rows, inputs, units, rounds));
    const float *const *weights = (const float *const *)of_rounds;
    int bad = lstm_forward(steps, rows, inputs, units, rounds, a[0], a[1], a[2], a[3], a[4], a[5], weights, a[6], a[7], kept);
    bad |= lstm_backward(steps, rows, inputs, units, rounds, a[0], a[1], a[2], a[3], a[4], weights, a[6], kept, a[8], a[9],
                         a[10], a[11], a[12], a[13], a[14], a[15], a[16], d_rounds);
    for (int i = 0; i < ARRAYS; i++) bad |= check(a[i], counts[i]);
    for (long r = 0; r < rounds; r++) bad |= check(of_rounds[r], inputs * units) | check(d_rounds[r], inputs * units);
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
