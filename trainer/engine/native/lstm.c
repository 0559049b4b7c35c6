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
 * The functions keep nothing between calls but memory, and may run in several threads at once. The same input gives the
 * same bytes.
 */
#include "memory.h"
#include "operands.h"
#include "products.h"

/* ---- Forward ---------------------------------------------------------------------------------------------------- */

/* What the gradient needs of every step: gates (batch blocks, unit blocks, gates), cells (batch blocks, unit blocks). */
typedef struct {
    Block *gates, *cells;
} Kept;

static Kept kept_in(const Shape *s, void *memory) {
    Block *gates = memory;
    return (Kept){gates, gates + s->batch_blocks * s->unit_blocks * GATES};
}

typedef struct {
    Tile *inputs, *kernel, *recurrent, *hidden, *next;
    Block *bias, *cells, *output;
} Forward;

static void reserve_forward(const Shape *s, Forward *f, Memory *memory) {
    f->inputs = reserve(memory, s->batch_blocks * s->input_tiles * sizeof(Tile));
    f->kernel = reserve(memory, GATES * s->unit_blocks * s->input_tiles * sizeof(Tile));
    f->recurrent = reserve(memory, GATES * s->unit_blocks * s->unit_tiles * sizeof(Tile));
    f->hidden = reserve(memory, s->row_blocks * s->unit_tiles * sizeof(Tile));
    f->next = reserve(memory, s->row_blocks * s->unit_tiles * sizeof(Tile));
    f->cells = reserve(memory, s->row_blocks * s->unit_blocks * sizeof(Block));
    f->bias = reserve(memory, s->unit_blocks * sizeof(Block));
    f->output = reserve(memory, sizeof(Block));
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
    pack_sequence(s, f->inputs, s->input_tiles, x, s->inputs);
    pack_weights(s, f->kernel, s->input_tiles, kernel, s->inputs);
    pack_weights(s, f->recurrent, s->unit_tiles, recurrent, s->units);
    memset(f->hidden, 0, s->row_blocks * s->unit_tiles * sizeof(Tile));
    memset(f->next, 0, s->row_blocks * s->unit_tiles * sizeof(Tile));
    memset(f->output, 0, sizeof(Block));
    for (long u = 0; u < s->unit_blocks; u++) {
        memset(&f->bias[u], 0, sizeof(Block));
        for (long gate = 0; gate < GATES; gate++)
            memcpy(f->bias[u].at[gate], bias + gate * s->units + u * SIDE,
                   least(s->units - u * SIDE, SIDE) * sizeof(float));
        for (long b = 0; b < s->row_blocks; b++) {
            long from = b * SIDE * s->units + u * SIDE, rows = s->rows - b * SIDE, columns = s->units - u * SIDE;
            Block block;
            read_block(&f->cells[b * s->unit_blocks + u], c0 + from, s->units, rows, columns);
            read_block(&block, h0 + from, s->units, rows, columns);
            put_along_rows(&f->hidden[b * s->unit_tiles + u / HALVES], u % HALVES, &block);
        }
    }
}

/* Run step t for 16 units: add the product with the state to that with the inputs, and open the gates. */
static void step_forward(const Shape *s, Forward *f, const Kept *kept, long t, long u, float *outputs) {
    Block *gates = kept->gates + (t * s->row_blocks * s->unit_blocks + u) * GATES;
    const Tile *recurrent = f->recurrent + u * GATES * s->unit_tiles;
    Product p = {gates,         s->unit_blocks * GATES, f->hidden, s->unit_tiles, recurrent, s->unit_tiles,
                 s->unit_tiles, s->unit_last,           1,         s->rows,       0};
    multiply(&p, s->row_blocks, GATES);
    for (long b = 0; b < s->row_blocks; b++) {
        long m = t * s->row_blocks + b, rows = least(s->rows - b * SIDE, SIDE);
        Block *cells = &kept->cells[m * s->unit_blocks + u];
        const Block *before = t ? cells - s->row_blocks * s->unit_blocks : &f->cells[b * s->unit_blocks + u];
        if (rows < SIDE) memset(f->output, 0, sizeof(Block)), memset(cells, 0, sizeof(Block));
        open_gates(gates + b * s->unit_blocks * GATES, &f->bias[u], before, cells, f->output, rows);
        write_sequence(s, outputs, s->units, m, u, f->output);
        put_along_rows(&f->next[b * s->unit_tiles + u / HALVES], u % HALVES, f->output);
    }
}

static void run_forward(const Shape *s, Forward *f, const Kept *kept, float *outputs) {
    Product inputs = {kept->gates,    s->unit_blocks * GATES, f->inputs, s->input_tiles, f->kernel, s->input_tiles,
                      s->input_tiles, s->input_last,          0,         s->rows,        0};
    multiply(&inputs, s->batch_blocks, s->unit_blocks * GATES);
    for (long t = 0; t < s->steps; t++) {
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
} Backward;

enum { STRIPE_ROWS = 16, STRIPE_COLUMNS = 32 }; /* blocks that a large product computes before it writes them */

static void reserve_backward(const Shape *s, Backward *b, Memory *memory) {
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

typedef void Write(const Shape *s, float *to, long width, long m, long n, const Block *block);

static void write_weights(const Shape *s, float *to, long inputs, long m, long n, const Block *block) {
    write_block(to + m * SIDE * GATES * s->units + gate_column(s, n), GATES * s->units, inputs - m * SIDE,
                gate_width(s, n), block);
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

/* Compute the gradient of weights (width, 4 * units) from the sequence that they were multiplied with. */
static void weights_gradient(const Shape *s, Backward *w, const float *sequence, const float *first, long width,
                             float *d_weights) {
    pack_transposed_sequence(s, w->sequence, sequence, first, width);
    Product p = {.left = w->sequence, s->batch_tiles, w->down, s->batch_tiles, s->batch_tiles, s->batch_last, 0, width};
    multiply_all(s, p, w->stripe, divided(width, SIDE), GATES * s->unit_blocks, write_weights, d_weights, width);
}

static void begin_backward(const Shape *s, Backward *w, const float *kernel, const float *recurrent, const float *d_h,
                           const float *d_c) {
    pack_transposed_weights(s, w->recurrent, recurrent, s->units);
    pack_transposed_weights(s, w->kernel, kernel, s->inputs);
    memset(w->d_bias, 0, s->unit_blocks * sizeof(Block));
    if (s->batch_blocks % HALVES) /* the last tile of each column is half empty */
        for (long n = 0; n < GATES * s->unit_blocks; n++)
            memset(&w->down[n * s->batch_tiles + s->batch_tiles - 1], 0, sizeof(Tile));
    for (long b = 0; b < s->row_blocks; b++)
        for (long u = 0; u < s->unit_blocks; u++) {
            long from = b * SIDE * s->units + u * SIDE, rows = s->rows - b * SIDE, columns = s->units - u * SIDE;
            read_block(&w->d_hidden[b * s->unit_blocks + u], d_h + from, s->units, rows, columns);
            read_block(&w->d_cells[b * s->unit_blocks + u], d_c + from, s->units, rows, columns);
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
long lstm_kept_bytes(long steps, long rows, long inputs, long units) {
    Shape s = shape_of(steps, rows, inputs, units);
    return s.batch_blocks * s.unit_blocks * (GATES + 1) * (long)sizeof(Block);
}

/* Run the layer. x (rows, steps, inputs); h0, c0 (rows, units); kernel (inputs, 4 * units), recurrent (units, 4 * units),
 * bias (4 * units) -> outputs (rows, steps, units), cells after the last step c (rows, units), and `kept`, which must be
 * aligned to 64 bytes. Return 0, or 1 if there is no memory. */
int lstm_forward(long steps, long rows, long inputs, long units, const float *x, const float *h0, const float *c0,
                 const float *kernel, const float *recurrent, const float *bias, float *outputs, float *c, void *kept) {
    Shape s = shape_of(steps, rows, inputs, units);
    Kept k = kept_in(&s, kept);
    Memory memory = {0};
    Forward f;
    reserve_forward(&s, &f, &memory);
    if (!allocate(&memory)) return 1;
    reserve_forward(&s, &f, &memory);
    begin_products();
    begin_forward(&s, &f, x, h0, c0, kernel, recurrent, bias);
    run_forward(&s, &f, &k, outputs);
    end_products();
    for (long b = 0; b < s.row_blocks; b++)
        for (long u = 0; u < s.unit_blocks; u++)
            write_block(c + b * SIDE * units + u * SIDE, units, rows - b * SIDE, units - u * SIDE,
                        &k.cells[((steps - 1) * s.row_blocks + b) * s.unit_blocks + u]);
    return 0;
}

/* Run backpropagation through time from the gradients of outputs, last output and last cells, with what `lstm_forward`
 * took, returned and kept. Every gradient has the shape of what it belongs to. Return as `lstm_forward`. */
int lstm_backward(long steps, long rows, long inputs, long units, const float *x, const float *h0, const float *c0,
                  const float *kernel, const float *recurrent, const float *outputs, const void *kept,
                  const float *d_outputs, const float *d_h, const float *d_c, float *d_x, float *d_h0, float *d_c0,
                  float *d_kernel, float *d_recurrent, float *d_bias) {
    Shape s = shape_of(steps, rows, inputs, units);
    Kept k = kept_in(&s, (void *)kept);
    Memory memory = {0};
    Backward w;
    reserve_backward(&s, &w, &memory);
    if (!allocate(&memory)) return 1;
    reserve_backward(&s, &w, &memory);
    begin_products();
    begin_backward(&s, &w, kernel, recurrent, d_h, d_c);
    for (long t = steps - 1; t >= 0; t--) step_backward(&s, &w, &k, t, c0, d_outputs);
    end_backward(&s, &w, d_h0, d_c0, d_bias);
    Product p = {.left = w.along, s.gate_tiles, w.kernel, s.gate_tiles, s.gate_tiles, SIDE, 0, rows};
    multiply_all(&s, p, w.stripe, s.batch_blocks, s.input_blocks, write_sequence, d_x, inputs);
    weights_gradient(&s, &w, x, NULL, inputs, d_kernel);
    weights_gradient(&s, &w, outputs, h0, units, d_recurrent);
    end_products();
    return 0;
}
