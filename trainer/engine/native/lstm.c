/* An LSTM layer over all steps of a part of a batch, forward and backward, for x86 processors.
 *
 * The compiler's flags decide which instructions the products use (see `paths.py`):
 *
 *   AMX, bfloat16      tiles: 16 rows x 32 columns times 32 rows x 16 columns in one instruction
 *   AVX-512, bfloat16  dot products of pairs
 *   AVX-512, float32   fused multiply and add
 *   AVX2, float32      fused multiply and add
 *
 * How it is fast:
 *
 * - The weights are packed once a call, in the order in which the products read them. 384 x 1536 recurrent weights are
 *   1.2 MB in bfloat16, and stay in the second-level cache of a core over all steps.
 * - The gates of 16 units of 16 rows are computed as soon as their products are, while they are in the first-level cache.
 * - States, gates and sums are float32. Only the operands of products are bfloat16.
 *
 * Everything is computed in blocks of 16 x 16 numbers. Sizes that are no multiple of 16 are filled up with zeros, which
 * add nothing to any product. The order of the gates of 16 units is Keras's: input, forget, candidate, output.
 *
 * With rounds of a Mogrifier (see `mogrifier.h`), the inputs of a step depend on the step before. Then the product with the
 * inputs is computed step by step, too.
 *
 * The functions keep nothing between calls but memory, and may run in several threads at once. The same input gives the
 * same bytes.
 */
#include "memory.h"
#include "mogrifier.h"
#include "operands.h"
#include "products.h"

/* ---- Forward ---------------------------------------------------------------------------------------------------- */

/* What the gradient needs of every step: gates (batch blocks, unit blocks, gates), cells (batch blocks, unit blocks), and
 * what the rounds keep. */
typedef struct {
    Block *gates, *cells;
    Round rounds[MOST_ROUNDS];
} Kept;

static Kept kept_in(const Shape *s, void *memory) {
    Block *gates = memory, *cells = gates + s->batch_blocks * s->unit_blocks * GATES;
    Kept kept = {.gates = gates, .cells = cells};
    begin_rounds(s, kept.rounds, cells + s->batch_blocks * s->unit_blocks);
    return kept;
}

/* With rounds, `inputs` and `x` are those of the current step, and `outputs` those of the step before. */
typedef struct {
    Tile *inputs, *kernel, *recurrent, *hidden, *next;
    Block *bias, *cells, *x, *outputs;
} Forward;

static void reserve_forward(const Shape *s, Forward *f, Kept *kept, Memory *memory) {
    f->inputs = reserve(memory, s->batch_blocks * s->input_tiles * sizeof(Tile));
    f->kernel = reserve(memory, GATES * s->unit_blocks * s->input_tiles * sizeof(Tile));
    f->recurrent = reserve(memory, GATES * s->unit_blocks * s->unit_tiles * sizeof(Tile));
    f->hidden = reserve(memory, s->row_blocks * s->unit_tiles * sizeof(Tile));
    f->next = reserve(memory, s->row_blocks * s->unit_tiles * sizeof(Tile));
    f->cells = reserve(memory, s->row_blocks * s->unit_blocks * sizeof(Block));
    f->bias = reserve(memory, s->unit_blocks * sizeof(Block));
    f->x = reserve(memory, s->row_blocks * s->input_blocks * sizeof(Block));
    f->outputs = reserve(memory, s->row_blocks * s->unit_blocks * sizeof(Block));
    for (long r = 0; r < s->rounds; r++) {
        Round *round = &kept->rounds[r];
        round->weights = reserve(memory, round->to.blocks * round->from.tiles * sizeof(Tile));
    }
}

/* Compute gates, cells and outputs of 16 units of up to 16 rows from the products. */
static void open_gates(Block *gates, const Block *bias, const Block *before, Block *cells, Block *outputs, long rows) {
    for (long r = 0; r < rows; r++)
        for (long v = 0; v < SIDE; v += LANES) {
#define GATE(gate) (*(Vector *)&gates[gate].at[r][v])
#define BIAS(gate) (*(const Vector *)&bias->at[gate][v])
            Vector i = sigmoid(GATE(INPUT) + BIAS(INPUT));
            Vector f = sigmoid(GATE(FORGET) + BIAS(FORGET));
            Vector g = hyperbolic_tangent(GATE(CANDIDATE) + BIAS(CANDIDATE));
            Vector o = sigmoid(GATE(OUTPUT) + BIAS(OUTPUT));
            Vector c = f * *(const Vector *)&before->at[r][v] + i * g;
            GATE(INPUT) = i, GATE(FORGET) = f, GATE(CANDIDATE) = g, GATE(OUTPUT) = o;
            *(Vector *)&cells->at[r][v] = c;
            *(Vector *)&outputs->at[r][v] = o * hyperbolic_tangent(c);
        }
}

static void begin_forward(const Shape *s, Forward *f, const float *x, const float *h0, const float *c0,
                          const float *kernel, const float *recurrent, const float *bias) {
    if (s->rounds) memset(f->inputs, 0, s->row_blocks * s->input_tiles * sizeof(Tile));
    else pack_sequence(s, f->inputs, s->input_tiles, x, s->inputs);
    pack_weights(s, f->kernel, s->input_tiles, kernel, s->inputs);
    pack_weights(s, f->recurrent, s->unit_tiles, recurrent, s->units);
    memset(f->hidden, 0, s->row_blocks * s->unit_tiles * sizeof(Tile));
    memset(f->next, 0, s->row_blocks * s->unit_tiles * sizeof(Tile));
    for (long u = 0; u < s->unit_blocks; u++) {
        memset(&f->bias[u], 0, sizeof(Block));
        for (long gate = 0; gate < GATES; gate++)
            memcpy(f->bias[u].at[gate], bias + gate * s->units + u * SIDE,
                   least(s->units - u * SIDE, SIDE) * sizeof(float));
        for (long b = 0; b < s->row_blocks; b++) {
            long from = b * SIDE * s->units + u * SIDE, rows = s->rows - b * SIDE, columns = s->units - u * SIDE;
            Block *output = &f->outputs[b * s->unit_blocks + u];
            read_block(&f->cells[b * s->unit_blocks + u], c0 + from, s->units, rows, columns);
            read_block(output, h0 + from, s->units, rows, columns);
            put_along_rows(&f->hidden[b * s->unit_tiles + u / HALVES], u % HALVES, output);
        }
    }
}

/* Let the inputs of step t and the outputs of the step before scale each other. */
static void mogrify(const Shape *s, Forward *f, const Kept *kept, long t, const float *x) {
    for (long b = 0; b < s->row_blocks; b++)
        for (long n = 0; n < s->input_blocks; n++)
            read_sequence(s, &f->x[b * s->input_blocks + n], x, s->inputs, t * s->row_blocks + b, n);
    const Block *inputs = f->x, *outputs = f->outputs;
    for (long r = 0; r < s->rounds; r++) {
        if (scales_inputs(r)) inputs = run_round(s, &kept->rounds[r], t, inputs, f->hidden, f->inputs);
        else outputs = run_round(s, &kept->rounds[r], t, outputs, f->inputs, f->hidden);
    }
}

/* Run step t for 16 units: add the product with the state to that with the inputs, and open the gates. */
static void step_forward(const Shape *s, Forward *f, const Kept *kept, long t, long u, float *outputs) {
    Block *gates = kept->gates + (t * s->row_blocks * s->unit_blocks + u) * GATES;
    const Tile *recurrent = f->recurrent + u * GATES * s->unit_tiles;
    Product inputs = {.result = gates, s->unit_blocks * GATES, f->inputs, s->input_tiles,
                      f->kernel + u * GATES * s->input_tiles, s->input_tiles, s->input_tiles, s->input_last, 0, s->rows};
    if (s->rounds) multiply(&inputs, s->row_blocks, GATES);
    Product p = {gates,         s->unit_blocks * GATES, f->hidden, s->unit_tiles, recurrent, s->unit_tiles,
                 s->unit_tiles, s->unit_last,           1,         s->rows,       0};
    multiply(&p, s->row_blocks, GATES);
    for (long b = 0; b < s->row_blocks; b++) {
        long m = t * s->row_blocks + b, rows = least(s->rows - b * SIDE, SIDE);
        Block *cells = &kept->cells[m * s->unit_blocks + u];
        const Block *before = t ? cells - s->row_blocks * s->unit_blocks : &f->cells[b * s->unit_blocks + u];
        Block *output = s->rounds ? &f->outputs[b * s->unit_blocks + u] : f->outputs; /* one stays in the cache */
        if (rows < SIDE) memset(output, 0, sizeof(Block)), memset(cells, 0, sizeof(Block));
        open_gates(gates + b * s->unit_blocks * GATES, &f->bias[u], before, cells, output, rows);
        write_sequence(s, outputs, s->units, m, u, output);
        put_along_rows(&f->next[b * s->unit_tiles + u / HALVES], u % HALVES, output);
    }
}

static void run_forward(const Shape *s, Forward *f, const Kept *kept, const float *x, float *outputs) {
    Product inputs = {kept->gates,    s->unit_blocks * GATES, f->inputs, s->input_tiles, f->kernel, s->input_tiles,
                      s->input_tiles, s->input_last,          0,         s->rows,        0};
    if (!s->rounds) multiply(&inputs, s->batch_blocks, s->unit_blocks * GATES);
    for (long t = 0; t < s->steps; t++) {
        if (s->rounds) mogrify(s, f, kept, t, x);
        for (long u = 0; u < s->unit_blocks; u++) step_forward(s, f, kept, t, u, outputs);
        Tile *kept_tiles = f->hidden;
        f->hidden = f->next, f->next = kept_tiles;
    }
}

/* ---- Backward --------------------------------------------------------------------------------------------------- */

typedef struct {
    Tile *recurrent, *kernel;            /* transposed weights */
    Tile *sequence;                      /* inputs, then outputs, transposed */
    Tile *along, *down;                  /* gradients of the gates: as a left and as a right operand */
    Block *d_hidden, *d_cells, *d_gates; /* of the current step; (row blocks, unit blocks), and (gates) */
    Block *d_bias, *stripe;
    Block *values, *d_inputs;  /* with rounds, of the current step: what a round scaled; (row blocks, input blocks) */
    Tile *d_x_sums, *d_h_sums; /* gradients of the sums of a round that scales x or h, as a left operand */
} Backward;

enum { STRIPE_ROWS = 16, STRIPE_COLUMNS = 32 }; /* blocks that a large product computes before it writes them */

static void reserve_backward(const Shape *s, Backward *b, Kept *kept, Memory *memory) {
    long gate_blocks = GATES * s->unit_blocks, widest = s->inputs > s->units ? s->input_blocks : s->unit_blocks;
    b->recurrent = reserve(memory, s->unit_blocks * s->gate_tiles * sizeof(Tile));
    b->kernel = reserve(memory, s->input_blocks * s->gate_tiles * sizeof(Tile));
    b->sequence = reserve(memory, widest * s->batch_tiles * sizeof(Tile));
    b->along = reserve(memory, s->batch_blocks * s->gate_tiles * sizeof(Tile));
    b->down = reserve(memory, gate_blocks * s->batch_tiles * sizeof(Tile));
    b->d_hidden = reserve(memory, s->row_blocks * s->unit_blocks * sizeof(Block));
    b->d_cells = reserve(memory, s->row_blocks * s->unit_blocks * sizeof(Block));
    b->d_gates = reserve(memory, GATES * sizeof(Block));
    b->d_bias = reserve(memory, s->unit_blocks * sizeof(Block));
    b->stripe = reserve(memory, STRIPE_ROWS * STRIPE_COLUMNS * sizeof(Block));
    if (!s->rounds) return;
    b->values = reserve(memory, s->row_blocks * (s->input_blocks + s->unit_blocks) * sizeof(Block));
    b->d_inputs = reserve(memory, s->row_blocks * s->input_blocks * sizeof(Block));
    b->d_x_sums = reserve(memory, s->row_blocks * s->input_tiles * sizeof(Tile));
    b->d_h_sums = reserve(memory, s->row_blocks * s->unit_tiles * sizeof(Tile));
    for (long r = 0; r < s->rounds; r++) {
        Round *round = &kept->rounds[r];
        round->weights = reserve(memory, round->from.blocks * round->to.tiles * sizeof(Tile));
        round->down = reserve(memory, round->to.blocks * s->batch_tiles * sizeof(Tile));
    }
}

/* Compute the gradients of the gates' inputs of 16 units of up to 16 rows, and of their cells before the step. */
static void close_gates(const Block *gates, const Block *before, const Block *cells, const Block *d_hidden,
                        const Block *d_outputs, Block *d_cells, Block *d_gates, Block *d_bias, long rows) {
    for (long v = 0; v < SIDE; v += LANES) {
        Vector sums[GATES];
        for (int gate = 0; gate < GATES; gate++) sums[gate] = *(Vector *)&d_bias->at[gate][v];
        for (long r = 0; r < rows; r++) {
#define AT(block) (*(const Vector *)&(block)->at[r][v])
            Vector i = AT(gates + INPUT), f = AT(gates + FORGET), g = AT(gates + CANDIDATE), o = AT(gates + OUTPUT);
            Vector tanh_c = hyperbolic_tangent(AT(cells));
            Vector d_h = AT(d_hidden) + AT(d_outputs);
            Vector d_c = AT(d_cells) + d_h * o * (1.0f - tanh_c * tanh_c);
            Vector d_z[GATES];
            d_z[INPUT] = d_c * g * i * (1.0f - i);
            d_z[FORGET] = d_c * AT(before) * f * (1.0f - f);
            d_z[CANDIDATE] = d_c * i * (1.0f - g * g);
            d_z[OUTPUT] = d_h * tanh_c * o * (1.0f - o);
            for (int gate = 0; gate < GATES; gate++) {
                *(Vector *)&d_gates[gate].at[r][v] = d_z[gate];
                sums[gate] += d_z[gate];
            }
            *(Vector *)&d_cells->at[r][v] = d_c * f;
        }
        for (int gate = 0; gate < GATES; gate++) *(Vector *)&d_bias->at[gate][v] = sums[gate];
    }
}

static void step_backward(const Shape *s, Backward *w, const Kept *kept, long t, const float *c0,
                          const float *d_outputs) {
    Block d_output, first;
    for (long b = 0; b < s->row_blocks; b++) {
        long m = t * s->row_blocks + b, rows = least(s->rows - b * SIDE, SIDE);
        if (rows < SIDE) memset(w->d_gates, 0, GATES * sizeof(Block));
        for (long u = 0; u < s->unit_blocks; u++) {
            const Block *cells = &kept->cells[m * s->unit_blocks + u], *before = &first;
            if (t) before = cells - s->row_blocks * s->unit_blocks;
            else read_block(&first, c0 + b * SIDE * s->units + u * SIDE, s->units, rows, s->units - u * SIDE);
            read_sequence(s, &d_output, d_outputs, s->units, m, u);
            close_gates(kept->gates + (m * s->unit_blocks + u) * GATES, before, cells,
                        &w->d_hidden[b * s->unit_blocks + u], &d_output, &w->d_cells[b * s->unit_blocks + u],
                        w->d_gates, &w->d_bias[u], rows);
            for (long gate = 0; gate < GATES; gate++) {
                long n = u * GATES + gate;
                put_along_rows(&w->along[m * s->gate_tiles + n / HALVES], n % HALVES, &w->d_gates[gate]);
                put_along_columns(&w->down[n * s->batch_tiles + m / HALVES], m % HALVES, &w->d_gates[gate]);
            }
        }
    }
    const Tile *along = w->along + t * s->row_blocks * s->gate_tiles;
    Product p = {w->d_hidden,   s->unit_blocks, along, s->gate_tiles, w->recurrent, s->gate_tiles,
                 s->gate_tiles, SIDE,           0,     s->rows,       0};
    multiply(&p, s->row_blocks, s->unit_blocks);
}

/* What a layer read: x (rows, steps, inputs), and its outputs (rows, steps, units), which begin with h0 (rows, units). */
typedef struct {
    const float *x, *h0, *outputs;
} Sequences;

/* Go back over the rounds of step t, and write the gradient of its inputs. */
static void mogrify_back(const Shape *s, Backward *w, const Kept *kept, long t, const Sequences *of, float *d_x) {
    const Tile *along = w->along + t * s->row_blocks * s->gate_tiles;
    Product p = {.result = w->d_inputs, s->input_blocks, along, s->gate_tiles, w->kernel, s->gate_tiles, s->gate_tiles,
                 SIDE, 0, s->rows};
    multiply(&p, s->row_blocks, s->input_blocks);
    Block *x = w->values, *h = x + s->row_blocks * s->input_blocks;
    for (long b = 0; b < s->row_blocks; b++) {
        long m = t * s->row_blocks + b;
        for (long n = 0; n < s->input_blocks; n++)
            read_sequence(s, &x[b * s->input_blocks + n], of->x, s->inputs, m, n);
        for (long u = 0; u < s->unit_blocks; u++)
            read_before(s, &h[b * s->unit_blocks + u], of->outputs, of->h0, s->units, m, u);
    }
    for (long r = s->rounds - 1; r >= 0; r--) {
        const Round *round = &kept->rounds[r];
        const Block *values = r >= 2 ? round[-2].scaled + t * s->row_blocks * round->to.blocks : r ? h : x;
        if (scales_inputs(r)) run_round_back(s, round, t, values, w->d_inputs, w->d_hidden, w->d_x_sums);
        else run_round_back(s, round, t, values, w->d_hidden, w->d_inputs, w->d_h_sums);
    }
    for (long b = 0; b < s->row_blocks; b++)
        for (long n = 0; n < s->input_blocks; n++)
            write_sequence(s, d_x, s->inputs, t * s->row_blocks + b, n, &w->d_inputs[b * s->input_blocks + n]);
}

typedef void Write(const Shape *s, float *to, long width, long m, long n, const Block *block);

static void write_weights(const Shape *s, float *to, long inputs, long m, long n, const Block *block) {
    write_block(to + m * SIDE * GATES * s->units + gate_column(s, n), GATES * s->units, inputs - m * SIDE,
                gate_width(s, n), block);
}

/* Write a block of the weights of a round, (units, inputs) or (inputs, units), where `columns` is the second of them. */
static void write_round(const Shape *s, float *to, long columns, long m, long n, const Block *block) {
    long rows = columns == s->inputs ? s->units : s->inputs;
    write_block(to + m * SIDE * columns + n * SIDE, columns, rows - m * SIDE, columns - n * SIDE, block);
}

/* Compute a large product, (rows, columns) blocks, in stripes that stay in the cache, and write it where it belongs.
 *
 * Blocks of the same gate are written one after the other, so that what is written lies together: writing each pair of
 * blocks when it was computed took nearly as long as the product. */
static void multiply_all(const Shape *s, Product p, Block *stripe, long rows, long columns, Write *write, float *to,
                         long width) {
    const Tile *left = p.left, *right = p.right;
    p.result = stripe, p.result_row = STRIPE_COLUMNS;
    for (long m = 0; m < rows; m += STRIPE_ROWS)
        for (long n = 0; n < columns; n += STRIPE_COLUMNS) {
            long high = least(rows - m, STRIPE_ROWS), wide = least(columns - n, STRIPE_COLUMNS);
            p.left = left + m * p.left_row, p.right = right + n * p.right_column, p.first = m;
            multiply(&p, high, wide);
            for (long i = 0; i < high; i++)
                for (long gate = 0; gate < GATES; gate++)
                    for (long j = gate; j < wide; j += GATES)
                        write(s, to, width, m + i, n + j, &stripe[i * STRIPE_COLUMNS + j]);
        }
}

/* Pack a sequence for the gradients of the weights that it was multiplied with: x or the outputs of the step before, or
 * what they had become after a round. */
static void pack_for_gradients(const Shape *s, Backward *w, const Kept *kept, long round, int of_inputs,
                               const Sequences *of) {
    if (round >= 0) pack_transposed_blocks(s, w->sequence, kept->rounds[round].scaled, kept->rounds[round].to.blocks);
    else if (of_inputs) pack_transposed_sequence(s, w->sequence, of->x, NULL, s->inputs);
    else pack_transposed_sequence(s, w->sequence, of->outputs, of->h0, s->units);
}

/* Compute the gradient of weights (width, 4 * units) from the packed sequence that they were multiplied with. */
static void weights_gradient(const Shape *s, Backward *w, long width, float *d_weights) {
    Product p = {.left = w->sequence, s->batch_tiles, w->down, s->batch_tiles, s->batch_tiles, s->batch_last, 0, width};
    multiply_all(s, p, w->stripe, divided(width, SIDE), GATES * s->unit_blocks, write_weights, d_weights, width);
}

static void all_weights_gradients(const Shape *s, Backward *w, const Kept *kept, const Sequences *of, float *d_kernel,
                                  float *d_recurrent, float *const *d_rounds) {
    pack_for_gradients(s, w, kept, last_round(s, 1), 1, of);
    weights_gradient(s, w, s->inputs, d_kernel);
    pack_for_gradients(s, w, kept, last_round(s, 0), 0, of);
    weights_gradient(s, w, s->units, d_recurrent);
    for (long r = 0; r < s->rounds; r++) {
        const Round *round = &kept->rounds[r];
        pack_for_gradients(s, w, kept, r - 1, 0, of);
        Product p = {.left = w->sequence, s->batch_tiles, round->down, s->batch_tiles, s->batch_tiles, s->batch_last, 0,
                     round->from.width};
        multiply_all(s, p, w->stripe, round->from.blocks, round->to.blocks, write_round, d_rounds[r], round->to.width);
    }
}

/* Empty the last tile of each column of a right operand if it is half empty. */
static void empty_last(const Shape *s, Tile *down, long columns) {
    for (long n = 0; n < columns && s->batch_blocks % HALVES; n++)
        memset(&down[n * s->batch_tiles + s->batch_tiles - 1], 0, sizeof(Tile));
}

static void begin_backward(const Shape *s, Backward *w, const float *kernel, const float *recurrent, const float *d_h,
                           const float *d_c) {
    pack_transposed_weights(s, w->recurrent, recurrent, s->units);
    pack_transposed_weights(s, w->kernel, kernel, s->inputs);
    memset(w->d_bias, 0, s->unit_blocks * sizeof(Block));
    empty_last(s, w->down, GATES * s->unit_blocks);
    for (long b = 0; b < s->row_blocks; b++)
        for (long u = 0; u < s->unit_blocks; u++) {
            long from = b * SIDE * s->units + u * SIDE, rows = s->rows - b * SIDE, columns = s->units - u * SIDE;
            read_block(&w->d_hidden[b * s->unit_blocks + u], d_h + from, s->units, rows, columns);
            read_block(&w->d_cells[b * s->unit_blocks + u], d_c + from, s->units, rows, columns);
        }
}

static void begin_rounds_back(const Shape *s, Backward *w, const Kept *kept, const float *const *of_rounds) {
    if (!s->rounds) return;
    memset(w->d_x_sums, 0, s->row_blocks * s->input_tiles * sizeof(Tile));
    memset(w->d_h_sums, 0, s->row_blocks * s->unit_tiles * sizeof(Tile));
    for (long r = 0; r < s->rounds; r++) {
        const Round *round = &kept->rounds[r];
        pack_transposed_matrix(round->weights, of_rounds[r], round->from.width, round->to.width);
        empty_last(s, round->down, round->to.blocks);
    }
}

static void end_backward(const Shape *s, const Backward *w, float *d_h0, float *d_c0, float *d_bias) {
    for (long u = 0; u < s->unit_blocks; u++) {
        for (long gate = 0; gate < GATES; gate++)
            memcpy(d_bias + gate * s->units + u * SIDE, w->d_bias[u].at[gate],
                   least(s->units - u * SIDE, SIDE) * sizeof(float));
        for (long b = 0; b < s->row_blocks; b++) {
            long to = b * SIDE * s->units + u * SIDE, rows = s->rows - b * SIDE, columns = s->units - u * SIDE;
            write_block(d_h0 + to, s->units, rows, columns, &w->d_hidden[b * s->unit_blocks + u]);
            write_block(d_c0 + to, s->units, rows, columns, &w->d_cells[b * s->unit_blocks + u]);
        }
    }
}

/* ---- What the trainer calls ------------------------------------------------------------------------------------- */

/* Return whether the operating system lets this process use the instructions. Call it before the other functions. */
int lstm_permitted(void) { return permitted(); }

/* Return how many bytes `lstm_forward` keeps for `lstm_backward`. */
long lstm_kept_bytes(long steps, long rows, long inputs, long units, long rounds) {
    Shape s = shape_of(steps, rows, inputs, units, rounds);
    return (s.batch_blocks * s.unit_blocks * (GATES + 1) + kept_by_rounds(&s)) * (long)sizeof(Block);
}

/* Run the layer. x (rows, steps, inputs); h0, c0 (rows, units); kernel (inputs, 4 * units), recurrent (units, 4 * units),
 * bias (4 * units), of each round (units, inputs) or (inputs, units) -> outputs (rows, steps, units), cells after the last
 * step c (rows, units), and `kept`, which must be aligned to 64 bytes. Return 0, or 1 if there is no memory. */
int lstm_forward(long steps, long rows, long inputs, long units, long rounds, const float *x, const float *h0,
                 const float *c0, const float *kernel, const float *recurrent, const float *bias,
                 const float *const *of_rounds, float *outputs, float *c, void *kept) {
    Shape s = shape_of(steps, rows, inputs, units, rounds);
    Kept k = kept_in(&s, kept);
    Memory memory = {0};
    Forward f;
    reserve_forward(&s, &f, &k, &memory);
    if (!allocate(&memory)) return 1;
    reserve_forward(&s, &f, &k, &memory);
    begin_products();
    begin_forward(&s, &f, x, h0, c0, kernel, recurrent, bias);
    for (long r = 0; r < rounds; r++)
        pack_matrix(k.rounds[r].weights, of_rounds[r], k.rounds[r].from.width, k.rounds[r].to.width);
    run_forward(&s, &f, &k, x, outputs);
    end_products();
    for (long b = 0; b < s.row_blocks; b++)
        for (long u = 0; u < s.unit_blocks; u++)
            write_block(c + b * SIDE * units + u * SIDE, units, rows - b * SIDE, units - u * SIDE,
                        &k.cells[((steps - 1) * s.row_blocks + b) * s.unit_blocks + u]);
    return 0;
}

/* Run backpropagation through time from the gradients of outputs, last output and last cells, with what `lstm_forward`
 * took, returned and kept. Every gradient has the shape of what it belongs to. Return as `lstm_forward`. */
int lstm_backward(long steps, long rows, long inputs, long units, long rounds, const float *x, const float *h0,
                  const float *c0, const float *kernel, const float *recurrent, const float *const *of_rounds,
                  const float *outputs, const void *kept, const float *d_outputs, const float *d_h, const float *d_c,
                  float *d_x, float *d_h0, float *d_c0, float *d_kernel, float *d_recurrent, float *d_bias,
                  float *const *d_rounds) {
    Shape s = shape_of(steps, rows, inputs, units, rounds);
    Sequences of = {x, h0, outputs};
    Kept k = kept_in(&s, (void *)kept);
    Memory memory = {0};
    Backward w;
    reserve_backward(&s, &w, &k, &memory);
    if (!allocate(&memory)) return 1;
    reserve_backward(&s, &w, &k, &memory);
    begin_products();
    begin_backward(&s, &w, kernel, recurrent, d_h, d_c);
    begin_rounds_back(&s, &w, &k, of_rounds);
    for (long t = steps - 1; t >= 0; t--) {
        step_backward(&s, &w, &k, t, c0, d_outputs);
        if (rounds) mogrify_back(&s, &w, &k, t, &of, d_x);
    }
    end_backward(&s, &w, d_h0, d_c0, d_bias);
    Product p = {.left = w.along, s.gate_tiles, w.kernel, s.gate_tiles, s.gate_tiles, SIDE, 0, rows};
    if (!rounds) multiply_all(&s, p, w.stripe, s.batch_blocks, s.input_blocks, write_sequence, d_x, inputs);
    all_weights_gradients(&s, &w, &k, &of, d_kernel, d_recurrent, d_rounds);
    end_products();
    return 0;
}
