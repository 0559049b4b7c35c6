/* Blocks of 16 x 16 numbers, the tiles that products take, and the shape of a layer in them. */
#pragma once
#include <stdint.h>
#include <string.h>

#include "vectors.h"

enum { SIDE = 16, GATES = 4, INPUT = 0, FORGET = 1, CANDIDATE = 2, OUTPUT = 3 };

typedef struct {
    float at[SIDE][SIDE];
} __attribute__((aligned(64))) Block;

/* An operand of a product. One number is a float, or a pair of bfloat16 that follow each other in the direction in which
 * the product adds up. The left operand has a row of the matrix in each row, the right one a column in each column. */
typedef struct {
    uint32_t at[SIDE][SIDE];
} __attribute__((aligned(64))) Tile;

#ifdef __AVX512BF16__
enum { HALVES = 2 }; /* blocks that one tile holds */
#else
enum { HALVES = 1 };
#endif

typedef struct {
    long steps, rows, inputs, units;
    long rounds;                                /* of a Mogrifier before each step */
    long row_blocks, unit_blocks, input_blocks; /* blocks of 16, rounded up */
    long input_tiles, unit_tiles, gate_tiles;   /* tiles that a sum over inputs, units, gates goes through */
    long batch_blocks, batch_tiles;             /* blocks of all steps and rows: t * row_blocks + block of rows */
    long input_last, unit_last, batch_last;     /* numbers along the sum in the last of these tiles */
} Shape;

static long divided(long count, long by) { return (count + by - 1) / by; }

static long least(long a, long b) { return a < b ? a : b; }

/* Return how many numbers of a sum over `count` numbers, or pairs of them, are in its last tile. */
static long in_last_tile(long count) { return (divided(count, HALVES) - 1) % SIDE + 1; }

static Shape shape_of(long steps, long rows, long inputs, long units, long rounds) {
    Shape s = {.steps = steps, .rows = rows, .inputs = inputs, .units = units, .rounds = rounds};
    s.row_blocks = divided(rows, SIDE);
    s.unit_blocks = divided(units, SIDE);
    s.input_blocks = divided(inputs, SIDE);
    s.input_tiles = divided(s.input_blocks, HALVES);
    s.unit_tiles = divided(s.unit_blocks, HALVES);
    s.gate_tiles = GATES * s.unit_blocks / HALVES;
    s.batch_blocks = steps * s.row_blocks;
    s.batch_tiles = divided(s.batch_blocks, HALVES);
    s.input_last = in_last_tile(inputs), s.unit_last = in_last_tile(units);
    s.batch_last = in_last_tile(s.batch_blocks * SIDE);
    return s;
}

/* Read rows x columns numbers, if there are any, and fill the block up with zeros. */
static void read_block(Block *block, const float *from, long stride, long rows, long columns) {
    rows = least(rows, SIDE), columns = columns < 0 ? 0 : least(columns, SIDE);
    if (rows < SIDE || columns < SIDE) memset(block, 0, sizeof *block);
    if (columns == SIDE)
        for (long r = 0; r < rows; r++) memcpy(block->at[r], from + r * stride, sizeof block->at[r]);
    else
        for (long r = 0; r < rows; r++) memcpy(block->at[r], from + r * stride, columns * sizeof(float));
}

static void write_block(float *to, long stride, long rows, long columns, const Block *block) {
    rows = least(rows, SIDE), columns = least(columns, SIDE);
    if (columns == SIDE)
        for (long r = 0; r < rows; r++) memcpy(to + r * stride, block->at[r], sizeof block->at[r]);
    else
        for (long r = 0; r < rows; r++) memcpy(to + r * stride, block->at[r], columns * sizeof(float));
}

/* Make a block a half of a tile; with float32, the whole. The tile's pairs lie along the rows of the block. */
static inline void put_along_rows(Tile *tile, long half, const Block *block) {
#ifdef __AVX512BF16__
    for (long r = 0; r < SIDE; r++)
        *(__m256i *)&tile->at[r][8 * half] = (__m256i)_mm512_cvtneps_pbh(*(const __m512 *)block->at[r]);
#else
    (void)half;
    memcpy(tile, block, sizeof *tile);
#endif
}

/* The same, with pairs that lie along the columns of the block. */
static inline void put_along_columns(Tile *tile, long half, const Block *block) {
#ifdef __AVX512BF16__
    for (long r = 0; r < SIDE; r += 2) {
        __m512i first = _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh(*(const __m512 *)block->at[r]));
        __m512i second = _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh(*(const __m512 *)block->at[r + 1]));
        *(__m512i *)tile->at[8 * half + r / 2] = _mm512_or_si512(first, _mm512_slli_epi32(second, 16));
    }
#else
    (void)half;
    memcpy(tile, block, sizeof *tile);
#endif
}

/* Swap rows and columns. Each of four rounds mixes row i with row i + 8, number by number. */
static inline void transpose(Tile *tile) {
#ifdef __AVX512F__
    const __m512i low = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    const __m512i high = _mm512_add_epi32(low, _mm512_set1_epi32(8));
    __m512i rows[SIDE], mixed[SIDE];
    memcpy(rows, tile, sizeof rows);
    for (int round = 0; round < 4; round++) {
#pragma GCC unroll 8
        for (int i = 0; i < 8; i++) {
            mixed[2 * i] = _mm512_permutex2var_epi32(rows[i], low, rows[i + 8]);
            mixed[2 * i + 1] = _mm512_permutex2var_epi32(rows[i], high, rows[i + 8]);
        }
        memcpy(rows, mixed, sizeof rows);
    }
    memcpy(tile, rows, sizeof rows);
#else
    for (int r = 0; r < SIDE; r++)
        for (int c = 0; c < r; c++) {
            uint32_t kept = tile->at[r][c];
            tile->at[r][c] = tile->at[c][r];
            tile->at[c][r] = kept;
        }
#endif
}
