/* The packing of weights and sequences as operands of products. */
#pragma once
#include "tiles.h"

/* Where column block n = 4 * block of units + gate begins in a matrix (..., 4 * units), and how many columns it has. */
static long gate_column(const Shape *s, long n) { return n % GATES * s->units + n / GATES * SIDE; }
static long gate_width(const Shape *s, long n) { return least(s->units - n / GATES * SIDE, SIDE); }

/* Pack weights (inputs, 4 * units) as the right operand of inputs times weights. */
static void pack_weights(const Shape *s, Tile *tiles, long depth, const float *weights, long inputs) {
    Block block;
    for (long k = 0; k < depth * HALVES; k++)
        for (long gate = 0; gate < GATES; gate++)
            for (long n = gate; n < GATES * s->unit_blocks; n += GATES) {
                const float *from = weights + gate_column(s, n) + least(k * SIDE, inputs) * GATES * s->units;
                read_block(&block, from, GATES * s->units, inputs - k * SIDE, gate_width(s, n));
                put_along_columns(&tiles[n * depth + k / HALVES], k % HALVES, &block);
            }
}

/* Pack weights (inputs, 4 * units) as the right operand of gradients of gates times transposed weights. */
static void pack_transposed_weights(const Shape *s, Tile *tiles, const float *weights, long inputs) {
    Block block;
    for (long n = 0; n < divided(inputs, SIDE); n++)
        for (long gate = 0; gate < GATES; gate += HALVES)
            for (long k = gate; k < GATES * s->unit_blocks; k += GATES) {
                Tile *tile = &tiles[n * s->gate_tiles + k / HALVES];
                for (long half = 0; half < HALVES; half++) {
                    const float *from = weights + gate_column(s, k + half) + n * SIDE * GATES * s->units;
                    read_block(&block, from, GATES * s->units, inputs - n * SIDE, gate_width(s, k));
                    put_along_rows(tile, half, &block);
                }
                transpose(tile);
            }
}

/* Read the block of 16 rows and 16 columns of a sequence (rows, steps, width) at block m of all steps and rows. */
static void read_sequence(const Shape *s, Block *block, const float *from, long width, long m, long column) {
    long step = m / s->row_blocks, row = m % s->row_blocks * SIDE;
    const float *start = from + (row * s->steps + step) * width + column * SIDE;
    read_block(block, start, s->steps * width, s->rows - row, width - column * SIDE);
}

static void write_sequence(const Shape *s, float *to, long width, long m, long column, const Block *block) {
    long step = m / s->row_blocks, row = m % s->row_blocks * SIDE;
    float *start = to + (row * s->steps + step) * width + column * SIDE;
    write_block(start, s->steps * width, s->rows - row, width - column * SIDE, block);
}

/* Read the block of the step before: of `first` (rows, width), before the first step. */
static void read_before(const Shape *s, Block *block, const float *from, const float *first, long width, long m,
                        long column) {
    const float *start = first + m * SIDE * width + column * SIDE;
    if (m >= s->row_blocks) read_sequence(s, block, from, width, m - s->row_blocks, column);
    else read_block(block, start, width, s->rows - m * SIDE, width - column * SIDE);
}

/* Pack a sequence as the left operand of its product with weights. */
static void pack_sequence(const Shape *s, Tile *tiles, long depth, const float *from, long width) {
    Block block = {0};
    for (long m = 0; m < s->batch_blocks; m++)
        for (long k = 0; k < depth * HALVES; k++) {
            if (k * SIDE < width) read_sequence(s, &block, from, width, m, k);
            else memset(&block, 0, sizeof block);
            put_along_rows(&tiles[m * depth + k / HALVES], k % HALVES, &block);
        }
}

/* Pack a sequence as the left operand of the gradient of weights: transposed, a sum over steps and rows. With `first`
 * (rows, width), the sequence is delayed by a step and begins with it. */
static void pack_transposed_sequence(const Shape *s, Tile *tiles, const float *from, const float *first, long width) {
    Block block;
    for (long m = 0; m < s->batch_tiles * HALVES; m++)
        for (long n = 0; n < divided(width, SIDE); n++) {
            Tile *tile = &tiles[n * s->batch_tiles + m / HALVES];
            if (m >= s->batch_blocks) memset(&block, 0, sizeof block);
            else if (!first) read_sequence(s, &block, from, width, m, n);
            else read_before(s, &block, from, first, width, m, n);
            put_along_columns(tile, m % HALVES, &block);
            if (m % HALVES == HALVES - 1) transpose(tile);
        }
}

/* The same for a sequence that is in blocks, (batch blocks, `width` blocks). */
static void pack_transposed_blocks(const Shape *s, Tile *tiles, const Block *from, long width) {
    static const Block none;
    for (long m = 0; m < s->batch_tiles * HALVES; m++)
        for (long n = 0; n < width; n++) {
            Tile *tile = &tiles[n * s->batch_tiles + m / HALVES];
            put_along_columns(tile, m % HALVES, m < s->batch_blocks ? &from[m * width + n] : &none);
            if (m % HALVES == HALVES - 1) transpose(tile);
        }
}

/* Pack a matrix (rows, columns) as the right operand of a product with it, whose sum goes over its rows. */
static void pack_matrix(Tile *tiles, const float *from, long rows, long columns) {
    long depth = divided(divided(rows, SIDE), HALVES);
    Block block;
    for (long n = 0; n < divided(columns, SIDE); n++)
        for (long k = 0; k < depth * HALVES; k++) {
            const float *start = from + least(k * SIDE, rows) * columns + n * SIDE;
            read_block(&block, start, columns, rows - k * SIDE, columns - n * SIDE);
            put_along_columns(&tiles[n * depth + k / HALVES], k % HALVES, &block);
        }
}

/* Pack it as the right operand of a product with its transpose, whose sum goes over its columns. */
static void pack_transposed_matrix(Tile *tiles, const float *from, long rows, long columns) {
    long depth = divided(divided(columns, SIDE), HALVES);
    Block block;
    for (long n = 0; n < divided(rows, SIDE); n++)
        for (long k = 0; k < depth * HALVES; k++) {
            Tile *tile = &tiles[n * depth + k / HALVES];
            const float *start = from + n * SIDE * columns + least(k * SIDE, columns);
            read_block(&block, start, columns, rows - n * SIDE, columns - k * SIDE);
            put_along_rows(tile, k % HALVES, &block);
            if (k % HALVES == HALVES - 1) transpose(tile);
        }
}
