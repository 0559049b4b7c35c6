/* The writing of symbols with an LSTM, one after the other in several rows: reading a symbol, logits, the choice of the
 * next symbol, and the penalty against repetitions.
 *
 * A step multiplies a few rows with all weights, so it is bound by how fast the weights arrive. They are packed once, in
 * panels that are read from their first number to the last: the columns of all four gates of LANES units, or 4 * LANES
 * columns of the output layer. The gates of a panel are computed as soon as its sums are complete.
 *
 * Every sum is added up in the same order, and every function of it is the same compiled code, however many rows there
 * are. So a row is the same, bit for bit, alone and among others.
 *
 * The functions keep nothing between calls, and may run in several threads at once.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vectors.h"

enum { GATES = 4, INPUT = 0, FORGET = 1, CANDIDATE = 2, OUTPUT = 3 };
enum { WIDTH = GATES * LANES }; /* columns of a panel */
#ifdef __AVX512F__
enum { ROWS = 4 }; /* whose sums stay in the registers */
#else
enum { ROWS = 3 };
#endif

enum { PAST = 256, NATURAL = 12, MOST_FILTERED = 1000 }; /* as in repetitions.py and writing.py */
#define NATS 0.25f
#define NEVER -1e9f
#define LEAST_EXPONENT -87.0f /* e^x is 0 below it */

typedef struct {
    Vector at[GATES];
} Sums;

/* The network. Weights are in panels: (panels, depth, 4, LANES); biases (panels, 4, LANES). The depth of a layer is its
 * inputs, and then its units. */
typedef struct {
    long layers, inputs, units, symbols; /* symbols that can be written */
    const float *embedding;              /* (symbols, inputs) */
    const float *const *weights, *const *biases;
    const float *output_weights, *output_bias;
    const int32_t *lengths; /* code points of each symbol */
    long held;              /* units whose outputs are held at a value after each step, and which these are: */
    const int32_t *held_layers, *held_units;
    const float *held_values;
    long skips;  /* whether the output layer reads the sum of all layers */
    long rounds; /* of a Mogrifier in the first layer; their weights are in panels of 4 * LANES columns: */
    const float *const *round_weights;
} Network;

/* The memory of some rows. `units` are filled up to whole panels. */
typedef struct {
    int32_t *last;      /* (rows), the symbol to read next */
    float *states;      /* (layers, outputs and cells, rows, units) */
    int32_t *past;      /* (rows, PAST), the last symbols; null if there is no penalty */
    int32_t *repeated;  /* (rows, PAST - 1), see `note` */
} Memory;

typedef struct {
    float temperature, top_p, penalty;
    int32_t top_k; /* at most the number of symbols */
} Sampling;

/* What a call needs beside its arguments. Scores are filled up to whole panels of symbols. */
typedef struct {
    Sums *sums;     /* (rows), of a panel */
    float *inputs;  /* (rows, inputs), filled up to whole vectors */
    float *outputs; /* (rows, units), of a layer after the step */
    float *logits;  /* (rows, symbols) */
    float *scores;  /* (symbols) */
    float *heap;    /* (symbols), and twice the scores that top_k and top_p may leave */
} Scratch;

static long divided(long count, long by) { return (count + by - 1) / by; }
static long least(long a, long b) { return a < b ? a : b; }
static long whole(long count, long by) { return divided(count, by) * by; }

/* ---- Products --------------------------------------------------------------------------------------------------- */

#ifdef __AVX512F__
#define SAME _mm512_set1_ps
#define MULTIPLIED(sum, left, right) _mm512_fmadd_ps(left, right, sum)
#else
#define SAME _mm256_set1_ps
#define MULTIPLIED(sum, left, right) _mm256_fmadd_ps(left, right, sum)
#endif

#define IN_REGISTER(vector) __asm__("" : "+v"(vector)) /* else it would be loaded once for each row */

/* Add to the sums of a panel the products of some rows of `left` (rows, depth) with its weights. */
__attribute__((always_inline)) static inline void add_rows(const int rows, Sums *sums, const float *left, long stride,
                                                           long depth, const float *weights) {
    Vector s[ROWS][GATES];
#define EACH(r, gate)                                      \
    _Pragma("GCC unroll 4") for (int r = 0; r < rows; r++) \
        _Pragma("GCC unroll 4") for (int gate = 0; gate < GATES; gate++)
    EACH(r, gate) s[r][gate] = sums[r].at[gate];
    for (long k = 0; k < depth; k++, weights += WIDTH) {
        Vector from[ROWS];
        _Pragma("GCC unroll 4") for (int r = 0; r < rows; r++) from[r] = SAME(left[r * stride + k]);
        _Pragma("GCC unroll 4") for (int gate = 0; gate < GATES; gate++) {
            Vector right = *(const Vector *)&weights[gate * LANES];
            IN_REGISTER(right);
            _Pragma("GCC unroll 4") for (int r = 0; r < rows; r++) s[r][gate] = MULTIPLIED(s[r][gate], from[r], right);
        }
    }
    EACH(r, gate) sums[r].at[gate] = s[r][gate];
}

/* Do so for all rows, and return the weights that follow. */
static const float *add(long rows, Sums *sums, const float *left, long stride, long depth, const float *weights) {
    for (long r = 0; r < rows; r += ROWS) {
        const float *from = left + r * stride;
        switch (least(rows - r, ROWS)) {
        case 1: add_rows(1, sums + r, from, stride, depth, weights); break;
        case 2: add_rows(2, sums + r, from, stride, depth, weights); break;
        case 3: add_rows(3, sums + r, from, stride, depth, weights); break;
        default: add_rows(ROWS, sums + r, from, stride, depth, weights);
        }
    }
    return weights + depth * WIDTH;
}

/* ---- The network ------------------------------------------------------------------------------------------------ */

/* Compute outputs and cells of LANES units of one row. It is not inlined: a copy of it could round in another way. */
__attribute__((noinline)) static void open_gates(const Sums *sums, float *cells, float *outputs) {
    Vector i = sigmoid(sums->at[INPUT]), f = sigmoid(sums->at[FORGET]), o = sigmoid(sums->at[OUTPUT]);
    Vector c = f * *(const Vector *)cells + i * hyperbolic_tangent(sums->at[CANDIDATE]);
    *(Vector *)cells = c;
    *(Vector *)outputs = o * hyperbolic_tangent(c);
}

/* Multiply up to 4 * LANES values of a row with 2 sigmoid(sums). It is not inlined either. */
__attribute__((noinline)) static void scale(const Sums *sums, float *values, long count) {
    for (long gate = 0; gate < GATES && gate * LANES < count; gate++)
        *(Vector *)&values[gate * LANES] *= 2.0f * sigmoid(sums->at[gate]);
}

/* Let x (rows, inputs) and the outputs of the step before (rows, units) scale each other: see mogrifier.py. */
static void mogrify(const Network *n, long rows, float *x, float *outputs, Sums *sums) {
    const long widths[] = {n->inputs, n->units}, strides[] = {whole(n->inputs, LANES), whole(n->units, LANES)};
    float *const values[] = {x, outputs};
    for (long round = 0; round < n->rounds; round++) {
        long to = round % 2, from = 1 - to;
        for (long s = 0; s < widths[to]; s += WIDTH) {
            memset(sums, 0, rows * sizeof(Sums));
            add(rows, sums, values[from], strides[from], widths[from], n->round_weights[round] + s * widths[from]);
            for (long r = 0; r < rows; r++) scale(&sums[r], values[to] + r * strides[to] + s, widths[to] - s);
        }
    }
}

/* Run a step of a layer, with x (rows, inputs), outputs and cells (rows, units). */
static void step_layer(const Network *n, long layer, long rows, const float *x, long stride, float *outputs,
                       float *cells, float *next, Sums *sums) {
    long units = whole(n->units, LANES), inputs = layer ? n->units : n->inputs, depth = inputs + n->units;
    for (long u = 0; u < units; u += LANES) {
        const float *weights = n->weights[layer] + u * GATES * depth;
        const Sums *bias = (const Sums *)(n->biases[layer] + u * GATES);
        for (long r = 0; r < rows; r++) sums[r] = *bias;
        add(rows, sums, outputs, units, n->units, add(rows, sums, x, stride, inputs, weights));
        for (long r = 0; r < rows; r++) open_gates(&sums[r], cells + r * units + u, next + r * units + u);
    }
    memcpy(outputs, next, rows * units * sizeof(float));
}

/* Give the held units of a layer their values, in its outputs (rows, units). */
static void hold(const Network *n, long layer, long rows, float *outputs) {
    long units = whole(n->units, LANES);
    for (long i = 0; i < n->held; i++)
        for (long r = 0; r < rows && n->held_layers[i] == layer; r++)
            outputs[r * units + n->held_units[i]] = n->held_values[i];
}

static void compute_logits(const Network *n, long rows, const float *outputs, float *logits, Sums *sums) {
    long units = whole(n->units, LANES), symbols = whole(n->symbols, WIDTH);
    for (long s = 0; s < symbols; s += WIDTH) {
        for (long r = 0; r < rows; r++) sums[r] = *(const Sums *)(n->output_bias + s);
        add(rows, sums, outputs, units, n->units, n->output_weights + s * n->units);
        for (long r = 0; r < rows; r++) *(Sums *)(logits + r * symbols + s) = sums[r];
    }
}

/* Read the last symbol of each row. Return what the output layer reads: the outputs of the last layer, or of all. */
static const float *read_last(const Network *n, long rows, const Memory *m, Scratch *scratch) {
    long units = whole(n->units, LANES), stride = whole(n->inputs, LANES);
    float *x = scratch->inputs;
    for (long r = 0; r < rows; r++)
        memcpy(x + r * stride, n->embedding + m->last[r] * n->inputs, n->inputs * sizeof(float));
    mogrify(n, rows, x, m->states, scratch->sums);
    for (long layer = 0; layer < n->layers; layer++) {
        float *outputs = m->states + layer * 2 * rows * units;
        step_layer(n, layer, rows, x, stride, outputs, outputs + rows * units, scratch->outputs,
                   scratch->sums);
        hold(n, layer, rows, outputs);
        x = outputs, stride = units;
    }
    if (!n->skips) return x;
    float *sum = memcpy(scratch->outputs, m->states, rows * units * sizeof(float));
    for (long layer = 1; layer < n->layers; layer++) {
        const float *outputs = m->states + layer * 2 * rows * units;
        for (long i = 0; i < rows * units; i++) sum[i] += outputs[i];
    }
    return sum;
}

/* ---- The choice of a symbol ------------------------------------------------------------------------------------- */

/* Replace `count` scores by e^(score - most). The array is filled up to whole vectors. */
static void exponentials(float *scores, long count, float most) {
    for (long i = 0; i < count; i += LANES) {
        Vector x = *(Vector *)&scores[i] - most;
        *(Vector *)&scores[i] = (Vector)((x > LEAST_EXPONENT) & (__typeof__(x > x))power_of_two(LOG2_E * x));
    }
}

/* Let the value at `place` of a heap, whose greatest value comes first, sink to where it belongs. */
static void sink(float *heap, long count, long place) {
    float value = heap[place];
    for (long child; (child = 2 * place + 1) < count; place = child) {
        if (child + 1 < count && heap[child + 1] > heap[child]) child++;
        if (!(heap[child] > value)) break;
        heap[place] = heap[child];
    }
    heap[place] = value;
}

/* Return the least score that top_k and top_p leave. */
static float least_allowed(const float *scores, long symbols, const Sampling *s, float *heap) {
    long count = least(least(s->top_k, MOST_FILTERED), symbols), left = symbols;
    memcpy(heap, scores, symbols * sizeof(float));
    for (long i = symbols / 2; i-- > 0;) sink(heap, symbols, i);
    float *ordered = heap + whole(symbols, LANES), *shares = ordered + whole(count, LANES);
    for (long i = 0; i < count; i++) {
        ordered[i] = heap[0];
        heap[0] = heap[--left];
        sink(heap, left, 0);
    }
    memcpy(shares, ordered, count * sizeof(float));
    exponentials(shares, count, ordered[0]);
    double total = 0, before = 0;
    for (long i = 0; i < count; i++) total += shares[i];
    long kept = 0;
    while (kept < count && before < s->top_p * total) before += shares[kept++];
    return ordered[kept ? kept - 1 : 0];
}

static long likeliest(const float *scores, long symbols) {
    long best = 0;
    for (long i = 1; i < symbols; i++)
        if (scores[i] > scores[best]) best = i;
    return best;
}

/* Choose a symbol by a random number in [0, 1). The scores are used up. */
static long choose(float *scores, long symbols, const Sampling *s, float uniform, float *heap) {
    long best = likeliest(scores, symbols);
    if (!(s->temperature > 0)) return best;
    for (long i = 0; i < symbols; i++) scores[i] /= s->temperature;
    float most = scores[best];
    if (s->top_k < symbols || s->top_p < 1) {
        float bound = least_allowed(scores, symbols, s, heap);
        for (long i = 0; i < symbols; i++) scores[i] = scores[i] >= bound ? scores[i] : NEVER;
    }
    exponentials(scores, symbols, most);
    double total = 0, sum = 0;
    for (long i = 0; i < symbols; i++) total += scores[i];
    for (long i = 0; i < symbols; i++)
        if ((sum += scores[i]) > uniform * total) return i;
    return best; /* where the scores are no numbers */
}

/* ---- The penalty against repetitions: see repetitions.py -------------------------------------------------------- */

/* Lower the scores of the symbols that would continue a repetition. */
static void lower(float *scores, const float *logits, const int32_t *past, const int32_t *repeated, float penalty) {
    for (long i = 0; i < PAST - 1; i++) {
        long excess = repeated[i] - least(NATURAL, 2 * (PAST - 1 - i) + 1);
        if (excess <= 0) continue;
        float lowered = logits[past[i + 1]] - excess * (NATS * penalty);
        if (lowered < scores[past[i + 1]]) scores[past[i + 1]] = lowered;
    }
}

/* Note a symbol. For each of the last symbols except the newest, `repeated` says how many code points before and
 * including it equal the last code points of the row. */
static void note(int32_t *past, int32_t *repeated, int32_t chosen, int32_t length) {
    memmove(past, past + 1, (PAST - 1) * sizeof *past);
    past[PAST - 1] = chosen;
    for (long i = 0; i < PAST - 1; i++) repeated[i] = past[i] == chosen ? repeated[i] + length : 0;
}

/* Make a symbol the last one of a row. */
static void push(const Network *n, const Memory *m, long row, int32_t symbol) {
    m->last[row] = symbol;
    if (m->past) note(m->past + row * PAST, m->repeated + row * (PAST - 1), symbol, n->lengths[symbol]);
}

/* Choose the next symbol of a row by its logits. */
static long next_symbol(const Network *n, const Memory *m, long row, const float *logits, const Sampling *s,
                        float uniform, Scratch *scratch) {
    memcpy(scratch->scores, logits, n->symbols * sizeof(float));
    if (m->past) lower(scratch->scores, logits, m->past + row * PAST, m->repeated + row * (PAST - 1), s->penalty);
    return choose(scratch->scores, n->symbols, s, uniform, scratch->heap);
}

/* ---- What the trainer calls ------------------------------------------------------------------------------------- */

static float *reserve(float **memory, long count) {
    float *at = *memory;
    *memory += whole(count, 16);
    return at;
}

/* Return the memory of a call, to be freed, or null if there is none. */
static float *begin(const Network *n, long rows, Scratch *scratch) {
    long units = whole(n->units, LANES), symbols = whole(n->symbols, WIDTH);
    long inputs = whole(n->inputs, LANES), filtered = 2 * MOST_FILTERED + 64;
    long all = rows * WIDTH + whole(rows * inputs, 16) + whole(rows * units, 16) + (rows + 2) * symbols + filtered;
    float *memory = aligned_alloc(64, whole(all, 16) * sizeof(float)), *next = memory;
    if (!memory) return NULL;
    scratch->sums = (Sums *)reserve(&next, rows * WIDTH);
    scratch->inputs = memset(reserve(&next, rows * inputs), 0, rows * inputs * sizeof(float));
    scratch->outputs = reserve(&next, rows * units);
    scratch->logits = reserve(&next, rows * symbols);
    scratch->scores = reserve(&next, symbols);
    scratch->heap = next;
    return memory;
}

/* Return how many numbers a vector has, to which units are filled up. */
long write_lanes(void) { return LANES; }

/* Read `count` symbols in all rows. Return 0, or 1 if there is no memory. */
int write_read(const Network *n, const Memory *m, long rows, long count, const int32_t *symbols) {
    Scratch scratch;
    float *memory = begin(n, rows, &scratch);
    if (!memory) return 1;
    for (long t = 0; t < count; t++) {
        read_last(n, rows, m, &scratch);
        for (long row = 0; row < rows; row++) push(n, m, row, symbols[t]);
    }
    free(memory);
    return 0;
}

/* Write `count` symbols in each row: `uniform` and `chosen` (count, rows). `barred` (symbols) is added to the first
 * logits. Logits are kept in `kept` (count, rows, symbols), unless it is null. Return as `write_read`. */
int write_symbols(const Network *n, const Memory *m, long rows, long count, const float *uniform, const float *barred,
                  const Sampling *s, int32_t *chosen, float *kept) {
    long symbols = whole(n->symbols, WIDTH);
    Scratch scratch;
    float *memory = begin(n, rows, &scratch);
    if (!memory) return 1;
    for (long t = 0; t < count; t++) {
        compute_logits(n, rows, read_last(n, rows, m, &scratch), scratch.logits, scratch.sums);
        for (long row = 0, place = t * rows; row < rows; row++, place++) {
            float *logits = scratch.logits + row * symbols;
            for (long i = 0; t == 0 && i < n->symbols; i++) logits[i] += barred[i];
            if (kept) memcpy(kept + place * n->symbols, logits, n->symbols * sizeof(float));
            chosen[place] = (int32_t)next_symbol(n, m, row, logits, s, uniform[place], &scratch);
            push(n, m, row, chosen[place]);
        }
    }
    free(memory);
    return 0;
}
