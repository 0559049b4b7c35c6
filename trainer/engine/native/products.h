/* Products of matrices in tiles, with the instructions that the compiler's flags allow. */
#pragma once
#include <sys/syscall.h>
#include <unistd.h>

#include "tiles.h"

/* One product of matrices in tiles: block (m, n) of the result is the sum over k of left (m, k) times right (n, k). */
typedef struct {
    Block *result;
    long result_row; /* blocks from one row of blocks to the next */
    const Tile *left;
    long left_row;
    const Tile *right;
    long right_column;
    long depth; /* tiles in the sum */
    int add;    /* whether to add to what the result holds */
} Product;

#ifdef __AMX_BF16__

/* The compiler doesn't know that tile instructions read memory: what was stored before must be stored by then. */
#define STORED() __asm__ volatile("" ::: "memory")
#define LOAD(tile, from) _tile_loadd(tile, from, sizeof((from)->at[0]))
#define START(tile, from)               \
    do {                                \
        if (add) LOAD(tile, from);      \
        else _tile_zero(tile);          \
    } while (0)
#define STORE(tile, to) _tile_stored(tile, to, sizeof((to)->at[0]))

static int permitted(void) {
    enum { REQUEST_PERMISSION = 0x1023, TILE_DATA = 18 };
    return syscall(SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA) == 0;
}

static void begin_products(void) {
    struct {
        uint8_t palette, start, zero[14];
        uint16_t bytes[16];
        uint8_t rows[16];
    } __attribute__((aligned(64))) layout = {.palette = 1};
    for (int tile = 0; tile < 8; tile++) layout.bytes[tile] = 64, layout.rows[tile] = SIDE;
    STORED();
    _tile_loadconfig(&layout);
}

static void end_products(void) { _tile_release(); }

static inline void one_by_one(Block *c, const Tile *a, const Tile *b, long depth, int add) {
    START(0, c);
    for (long k = 0; k < depth; k++) {
        LOAD(4, a + k);
        LOAD(6, b + k);
        _tile_dpbf16ps(0, 4, 6);
    }
    STORE(0, c);
}

static inline void one_by_four(Block *c, const Tile *a, const Tile *b, long column, long depth, int add) {
    START(0, c);
    START(1, c + 1);
    START(2, c + 2);
    START(3, c + 3);
    for (long k = 0; k < depth; k++) {
        LOAD(4, a + k);
        LOAD(5, b + k);
        _tile_dpbf16ps(0, 4, 5);
        LOAD(6, b + column + k);
        _tile_dpbf16ps(1, 4, 6);
        LOAD(7, b + 2 * column + k);
        _tile_dpbf16ps(2, 4, 7);
        LOAD(5, b + 3 * column + k);
        _tile_dpbf16ps(3, 4, 5);
    }
    STORE(0, c);
    STORE(1, c + 1);
    STORE(2, c + 2);
    STORE(3, c + 3);
}

static inline void two_by_two(Block *c, long c_row, const Tile *a, long a_row, const Tile *b, long column, long depth,
                              int add) {
    START(0, c);
    START(1, c + 1);
    START(2, c + c_row);
    START(3, c + c_row + 1);
    for (long k = 0; k < depth; k++) {
        LOAD(4, a + k);
        LOAD(6, b + k);
        _tile_dpbf16ps(0, 4, 6);
        LOAD(7, b + column + k);
        _tile_dpbf16ps(1, 4, 7);
        LOAD(5, a + a_row + k);
        _tile_dpbf16ps(2, 5, 6);
        _tile_dpbf16ps(3, 5, 7);
    }
    STORE(0, c);
    STORE(1, c + 1);
    STORE(2, c + c_row);
    STORE(3, c + c_row + 1);
}

static void multiply(const Product *p, long rows, long columns) {
    STORED();
    for (long n = 0; n < columns;) {
        const Tile *b = p->right + n * p->right_column;
        long wide = rows == 1 && columns - n >= 4 ? 4 : least(columns - n, 2);
        for (long m = 0; m < rows;) {
            const Tile *a = p->left + m * p->left_row;
            Block *c = p->result + m * p->result_row + n;
            if (wide == 4) {
                one_by_four(c, a, b, p->right_column, p->depth, p->add);
                m += 1;
            } else if (wide == 2 && rows - m >= 2) {
                two_by_two(c, p->result_row, a, p->left_row, b, p->right_column, p->depth, p->add);
                m += 2;
            } else {
                for (long i = 0; i < wide; i++) one_by_one(c + i, a, b + i * p->right_column, p->depth, p->add);
                m += 1;
            }
        }
        n += wide;
    }
    STORED();
}

#else

static int permitted(void) { return 1; }
static void begin_products(void) {}
static void end_products(void) {}

/* The sums of a few rows and two vectors of columns stay in registers: 8 x 32 numbers of 32 registers, 6 x 16 of 16 (and
 * then 5 x 16 twice). With AVX2, a sum is divided into pieces of PIECE tiles: those of a band of columns stay in the
 * second-level cache while all rows are multiplied with them, and those of the next row are fetched ahead. With AVX-512
 * this was not measured, so there a sum is one piece. */
#ifdef __AVX512F__
enum { COLUMNS = 2, FIRST_ROWS = 8, MORE_ROWS = 8, BAND = COLUMNS, PIECE = 1 << 30, IS_AHEAD = 0 };
#define ENTRY(blocks, row, v) (blocks)[v]->at[row]
#else
enum { COLUMNS = 1, FIRST_ROWS = 6, MORE_ROWS = 5, BAND = 8, PIECE = 24, IS_AHEAD = 1 };
#define ENTRY(blocks, row, v) &(blocks)[0]->at[row][(v) * LANES]
#endif

static inline Vector multiplied(Vector sum, const uint32_t *left, Vector right) {
#ifdef __AVX512BF16__
    return _mm512_dpbf16_ps(sum, (__m512bh)_mm512_set1_epi32((int)*left), (__m512bh)right);
#elif defined(__AVX512F__)
    return _mm512_fmadd_ps(_mm512_set1_ps(*(const float *)left), right, sum);
#else
    return _mm256_fmadd_ps(_mm256_broadcast_ss((const float *)left), right, sum);
#endif
}

/* Add to the sums of some rows. `ahead` has the rows that come next, or is null. */
__attribute__((always_inline)) static inline void add_products(const int rows, Block *const *c, long row, const Tile *a,
                                                               const Tile *const *b, long depth, int add,
                                                               const Tile *ahead) {
    Vector sums[FIRST_ROWS][2];
#define EACH(r, v)                                      \
    _Pragma("GCC unroll 8") for (int r = 0; r < rows; r++) \
        _Pragma("GCC unroll 2") for (int v = 0; v < 2; v++)
    EACH(r, v) sums[r][v] = VECTOR(0.0f);
    if (add) EACH(r, v) sums[r][v] = *(const Vector *)ENTRY(c, row + r, v);
    for (long k = 0; k < depth; k++) {
        const Tile *right[] = {b[0] + k, b[COLUMNS - 1] + k};
        for (int r = 0; ahead && r < rows; r++) _mm_prefetch((const char *)ahead[k].at[row + r], _MM_HINT_T0);
        for (int i = 0; i < SIDE; i++) {
            Vector both[] = {*(const Vector *)ENTRY(right, i, 0), *(const Vector *)ENTRY(right, i, 1)};
            EACH(r, v) sums[r][v] = multiplied(sums[r][v], &a[k].at[row + r][i], both[v]);
        }
    }
    EACH(r, v) *(Vector *)ENTRY(c, row + r, v) = sums[r][v];
}

/* Add the piece from tile k on to block m of rows and column n, and with AVX-512 the next column, if it is there. */
static void multiply_piece(const Product *p, long m, long n, long k, int is_last_column, int is_ahead) {
    Block unused; /* where the sums of a column go that is not there */
    Block *first = p->result + m * p->result_row + n, *c[] = {first, is_last_column ? &unused : first + 1};
    const Tile *a = p->left + m * p->left_row + k, *column = p->right + n * p->right_column + k;
    const Tile *b[] = {column, is_last_column ? column : column + p->right_column};
    const Tile *ahead = is_ahead ? a + p->left_row : NULL;
    long depth = least(p->depth - k, PIECE);
    int add = p->add || k > 0;
    add_products(FIRST_ROWS, c, 0, a, b, depth, add, ahead);
    for (long row = FIRST_ROWS; row < SIDE; row += MORE_ROWS) add_products(MORE_ROWS, c, row, a, b, depth, add, ahead);
}

static void multiply(const Product *p, long rows, long columns) {
    for (long band = 0; band < columns; band += BAND)
        for (long k = 0; k < p->depth; k += PIECE)
            for (long m = 0; m < rows; m++)
                for (long n = band; n < least(band + BAND, columns); n += COLUMNS)
                    multiply_piece(p, m, n, k, n + 1 == columns, IS_AHEAD && n == band && m + 1 < rows);
}

#endif
