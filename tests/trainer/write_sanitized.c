/* A program that writes with the native code at odd sizes, to be compiled with sanitizers. It exits with 0 if all is well.
 *
 * Every array has exactly the size that the functions are told, in memory of its own, so that a step beyond is seen. */
#include SOURCE

enum { COUNT = 40 };

static const long SIZES[][5] = { /* layers, inputs, units, symbols, rows */
    {1, 1, 1, 1, 1}, {2, 5, 17, 37, 3}, {1, 3, 33, 2, 5}, {3, 16, 16, 64, 16}, {1, 4, 9, 1100, 2},
};

static float *numbers(long count, unsigned *seed) {
    void *made_here = NULL;
    if (posix_memalign(&made_here, 64, count * sizeof(float))) abort();
    float *made = made_here;
    for (long i = 0; i < count; i++) made[i] = (float)(rand_r(seed) % 2001 - 1000) / 1000;
    return made;
}

static int32_t *integers(long count, long below) {
    int32_t *made = malloc(count * sizeof *made);
    for (long i = 0; i < count; i++) made[i] = (int32_t)(i % below);
    return made;
}

static int write_all(const Network *n, const Memory *m, long rows, float *uniform, float *barred) {
    static const Sampling SAMPLINGS[] = {
        {0, 1, 1, 100000}, {1, 1, 2, 100000}, {0.01f, 0.9f, 0, 100000}, {2, 1, 0, 3}, {1, 0.05f, 1, 100000},
    };
    int32_t *chosen = integers(COUNT * rows, n->symbols), *read = integers(COUNT, n->symbols);
    float *kept = malloc(COUNT * rows * n->symbols * sizeof(float));
    int bad = write_read(n, m, rows, COUNT, read);
    for (unsigned i = 0; i < sizeof SAMPLINGS / sizeof *SAMPLINGS; i++) {
        Sampling s = SAMPLINGS[i];
        s.top_k = (int32_t)least(s.top_k, n->symbols);
        bad |= write_symbols(n, m, rows, COUNT, uniform, barred, &s, chosen, i % 2 ? kept : NULL);
        for (long j = 0; j < COUNT * rows; j++) bad |= chosen[j] < 0 || chosen[j] >= n->symbols;
    }
    free(chosen), free(read), free(kept);
    return bad;
}

static int run(const long *size) {
    long layers = size[0], inputs = size[1], units = size[2], symbols = size[3], rows = size[4];
    long whole_units = whole(units, LANES), columns = whole(symbols, WIDTH);
    unsigned seed = 1;
    float *weights[3], *biases[3], *rounds[4];
    for (long i = 0; i < layers; i++) {
        weights[i] = numbers(GATES * whole_units * ((i ? units : inputs) + units), &seed);
        biases[i] = numbers(GATES * whole_units, &seed);
    }
    for (long i = 0; i < 4; i++) /* each second one scales the inputs */
        rounds[i] = numbers(i % 2 ? whole(units, WIDTH) * inputs : whole(inputs, WIDTH) * units, &seed);
    float *rest[] = {numbers(symbols * inputs, &seed), numbers(columns * units, &seed), numbers(columns, &seed),
                     numbers(layers * 2 * rows * whole_units, &seed), numbers(COUNT * rows, &seed), numbers(symbols, &seed)};
    for (long i = 0; i < COUNT * rows; i++) rest[4][i] = rest[4][i] < 0 ? -rest[4][i] : rest[4][i] * 0.999f;
    int32_t *lengths = integers(symbols, 7), *last = integers(rows, symbols);
    int32_t *past = integers(rows * PAST, symbols), *repeated = integers(rows * (PAST - 1), 30);
    int32_t held_layers[] = {0, (int32_t)layers - 1}, held_units[] = {(int32_t)units - 1, 0};
    float held_values[] = {-1, 0};
    Network n = {layers,  inputs,  units,   symbols, rest[0], (const float *const *)weights, (const float *const *)biases,
                 rest[1], rest[2], lengths, 2, held_layers, held_units, held_values, 0, 0,
                 (const float *const *)rounds};
    Memory without = {last, rest[3], NULL, NULL}, with = {last, rest[3], past, repeated};
    int bad = 0;
    for (n.skips = 0; n.skips < 2; n.skips++, n.rounds = 4)
        bad |= write_all(&n, &without, rows, rest[4], rest[5]) | write_all(&n, &with, rows, rest[4], rest[5]);
    for (long i = 0; i < layers; i++) free(weights[i]), free(biases[i]);
    for (int i = 0; i < 4; i++) free(rounds[i]);
    for (int i = 0; i < 6; i++) free(rest[i]);
    free(lengths), free(last), free(past), free(repeated);
    return bad;
}

int main(void) {
    int bad = write_lanes() != LANES;
    for (unsigned i = 0; i < sizeof SIZES / sizeof *SIZES; i++) bad |= run(SIZES[i]);
    return bad;
}
