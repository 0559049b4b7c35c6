/* The rounds of a Mogrifier (Melis, Kocisky & Blunsom 2020) before each step of a layer: its inputs x and its last outputs
 * h scale each other.
 *
 *   round 0: x becomes 2 sigmoid(h M) x     round 1: h becomes 2 sigmoid(x M) h     round 2: x again, and so on
 *
 * Each round has weights M of its own, (units, inputs) or (inputs, units). */
#pragma once
#include "operands.h"
#include "products.h"

enum { MOST_ROUNDS = 8 };

/* One of the two arrays: how many numbers a row of it has, and how many blocks and tiles those are. */
typedef struct {
    long width, blocks, tiles, last;
} Side;

/* One round: `from` decides how much `to` is scaled. */
typedef struct {
    Side from, to;
    Block *scales, *scaled; /* of all steps, (batch blocks, blocks of `to`): 2 sigmoid(...), and what `to` became */
    Tile *weights;          /* packed; for the gradient, transposed */
    Tile *down;             /* gradients of the sums within the sigmoid, as a right operand */
} Round;

static Side inputs_of(const Shape *s) { return (Side){s->inputs, s->input_blocks, s->input_tiles, s->input_last}; }

static Side units_of(const Shape *s) { return (Side){s->units, s->unit_blocks, s->unit_tiles, s->unit_last}; }

static int scales_inputs(long round) { return round % 2 == 0; }

/* Return how many blocks all rounds keep for the gradient. */
static long kept_by_rounds(const Shape *s) {
    long blocks = 0;
    for (long r = 0; r < s->rounds; r++) blocks += 2 * (scales_inputs(r) ? s->input_blocks : s->unit_blocks);
    return s->batch_blocks * blocks;
}

/* Begin the rounds. `kept` has room for what they keep. */
static void begin_rounds(const Shape *s, Round *rounds, Block *kept) {
    for (long r = 0; r < s->rounds; r++) {
        Side inputs = inputs_of(s), units = units_of(s), to = scales_inputs(r) ? inputs : units;
        rounds[r].from = scales_inputs(r) ? units : inputs, rounds[r].to = to;
        rounds[r].scales = kept, rounds[r].scaled = kept + s->batch_blocks * to.blocks;
        kept += 2 * s->batch_blocks * to.blocks;
    }
}

/* Return the last round that scales the inputs, or the outputs; -1 if there is none. */
static long last_round(const Shape *s, int of_inputs) {
    long last = s->rounds - 1;
    return last < 0 || scales_inputs(last) == of_inputs ? last : last - 1;
}

/* ---- Forward ---------------------------------------------------------------------------------------------------- */

/* Compute 2 sigmoid(sums) in their place, and what the values become, for up to 16 rows. */
static void scale(Block *sums, const Block *values, Block *scaled, long rows) {
    for (long r = 0; r < rows; r++)
        for (long v = 0; v < SIDE; v += LANES) {
            Vector by = 2.0f * sigmoid(*(const Vector *)&sums->at[r][v]);
            *(Vector *)&sums->at[r][v] = by;
            *(Vector *)&scaled->at[r][v] = by * *(const Vector *)&values->at[r][v];
        }
}

/* Run a round of step t. `values` (row blocks, blocks) are what `to` was; `from` and `to` are left operands, of which
 * `to` gets what it becomes. Return that in blocks. */
static const Block *run_round(const Shape *s, const Round *round, long t, const Block *values, const Tile *from,
                              Tile *to) {
    long width = round->to.blocks, start = t * s->row_blocks * width;
    Product p = {.result = round->scales + start, width, from, round->from.tiles, round->weights, round->from.tiles,
                 round->from.tiles, round->from.last, 0, s->rows};
    multiply(&p, s->row_blocks, width);
    for (long b = 0; b < s->row_blocks; b++)
        for (long n = 0; n < width; n++) {
            long at = b * width + n, rows = least(s->rows - b * SIDE, SIDE);
            Block *scaled = &round->scaled[start + at];
            if (rows < SIDE) memset(scaled, 0, sizeof *scaled);
            scale(&round->scales[start + at], &values[at], scaled, rows);
            put_along_rows(&to[b * round->to.tiles + n / HALVES], n % HALVES, scaled);
        }
    return round->scaled + start;
}

/* ---- Backward --------------------------------------------------------------------------------------------------- */

/* From the gradient of what `to` became, compute that of the sums, and make it that of what `to` was. */
static void scale_back(const Block *scales, const Block *values, Block *d_to, Block *d_sums, long rows) {
    for (long r = 0; r < rows; r++)
        for (long v = 0; v < SIDE; v += LANES) {
            Vector by = *(const Vector *)&scales->at[r][v], *d = (Vector *)&d_to->at[r][v];
            *(Vector *)&d_sums->at[r][v] = *d * *(const Vector *)&values->at[r][v] * by * (1.0f - 0.5f * by);
            *d *= by;
        }
}

/* Go back over a round of step t. `values` are what `to` was; `along` is room for a left operand. */
static void run_round_back(const Shape *s, const Round *round, long t, const Block *values, Block *d_to, Block *d_from,
                           Tile *along) {
    long width = round->to.blocks;
    for (long b = 0; b < s->row_blocks; b++)
        for (long n = 0; n < width; n++) {
            long at = b * width + n, m = t * s->row_blocks + b, rows = least(s->rows - b * SIDE, SIDE);
            Block d_sums;
            if (rows < SIDE) memset(&d_sums, 0, sizeof d_sums);
            scale_back(&round->scales[m * width + n], &values[at], &d_to[at], &d_sums, rows);
            put_along_rows(&along[b * round->to.tiles + n / HALVES], n % HALVES, &d_sums);
            put_along_columns(&round->down[n * s->batch_tiles + m / HALVES], m % HALVES, &d_sums);
        }
    Product p = {.result = d_from, round->from.blocks, along, round->to.tiles, round->weights, round->to.tiles,
                 round->to.tiles, round->to.last, 1, s->rows};
    multiply(&p, s->row_blocks, round->from.blocks);
}
