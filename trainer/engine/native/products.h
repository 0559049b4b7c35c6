/* Products of matrices in tiles, with the instructions that the compiler's flags allow. */
#pragma once
#include <sys/syscall.h>
#include <unistd.h>

#include "tiles.h"

/* One product of matrices in tiles: block (m, n) of the result is the sum over k of left (m, k) times right (n, k).
 *
 * The rows of the left operand and the sum need not fill their last block and tile. With AMX what fills them up is computed
 * too, since it takes no longer; without AMX such rows of the result are left as they were. */
typedef struct {
    Block *result;
    long result_row; /* blocks from one row of blocks to the next */
    const Tile *left;
    long left_row;
    const Tile *right;
    long right_column;
    long depth, last; /* tiles in the sum; numbers along the sum in the last of them */
    int add;          /* whether to add to what the result holds */
    long rows;        /* of the left operand, or of each step if it is a sequence */
    long first;       /* the number of its first block of rows: a large product is computed in stripes */
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
 * neither pays, so there a sum is one piece. */
#ifdef __AVX512F__
enum { COLUMNS = 2, FIRST_ROWS = 8, MORE_ROWS = 8, BAND = COLUMNS, PIECE = 1 << 30, IS_AHEAD = 0 };
#define ENTRY(blocks, row, v) (blocks)[v]->at[row]
#else
enum { COLUMNS = 1, FIRST_ROWS = 6, MORE_ROWS = 5, BAND = 8, PIECE = 24, IS_AHEAD = 1 };
#define ENTRY(blocks, row, v) &(blocks)[0]->at[row][(v) * LANES]
#endif

/* Two tiles' columns, or one's, that some rows are multiplied with, and the blocks to which the products are added. */
typedef struct {
    Block *c[COLUMNS];
    const Tile *a, *b[COLUMNS], *ahead; /* `ahead` has the rows that come next, or is null */
    long full, more; /* tiles of the sum, and numbers along the sum in one that is not full */
    int add;
} Piece;

static inline Vector multiplied(Vector sum, const uint32_t *left, Vector right) {
#ifdef __AVX512BF16__
    return _mm512_dpbf16_ps(sum, (__m512bh)_mm512_set1_epi32((int)*left), (__m512bh)right);
#elif defined(__AVX512F__)
    return _mm512_fmadd_ps(_mm512_set1_ps(*(const float *)left), right, sum);
#else
    return _mm256_fmadd_ps(_mm256_broadcast_ss((const float *)left), right, sum);
#endif
}

/* Add to the sums of some rows. Their number, and that of the vectors, must be constants. */
__attribute__((always_inline)) static inline void add_products(const Piece *p, long row, const int rows,
                                                               const int vectors) {
    Block *const c[] = {p->c[0], p->c[COLUMNS - 1]};
    const Tile *b[] = {p->b[0], p->b[COLUMNS - 1]}, *ahead = IS_AHEAD ? p->ahead : NULL;
    const uint32_t *a = p->a->at[row];
    Vector sums[FIRST_ROWS][2];
#define EACH(r, v)                                      \
    _Pragma("GCC unroll 8") for (int r = 0; r < rows; r++) \
        _Pragma("GCC unroll 2") for (int v = 0; v < vectors; v++)
#define ADD_TILE(count)                                                                      \
    for (long i = 0; i < (count); i++) {                                                     \
        Vector both[2];                                                                      \
        for (int v = 0; v < vectors; v++) both[v] = *(const Vector *)ENTRY(b, i, v);         \
        EACH(r, v) sums[r][v] = multiplied(sums[r][v], a + r * SIDE + i, both[v]);           \
    }
    EACH(r, v) sums[r][v] = VECTOR(0.0f);
    if (p->add) EACH(r, v) sums[r][v] = *(const Vector *)ENTRY(c, row + r, v);
    for (long k = p->full; k; k--, a += SIDE * SIDE, b[0]++, b[COLUMNS - 1] += COLUMNS - 1) {
        for (int r = 0; ahead && r < rows; r++) _mm_prefetch((const char *)ahead->at[row + r], _MM_HINT_T0);
        ADD_TILE(SIDE)
        ahead += ahead != NULL;
    }
    ADD_TILE(p->more)
    EACH(r, v) *(Vector *)ENTRY(c, row + r, v) = sums[r][v];
}

/* Add to the sums of up to FIRST_ROWS rows. There are four sizes, and not all: with a jump by a table of them, products
 * took a few percent longer. */
__attribute__((always_inline)) static inline void add_some_products(const Piece *p, long row, long rows,
                                                                    const int vectors) {
    if (rows == 1) add_products(p, row, 1, vectors);
    else if (rows <= 4) add_products(p, row, 4, vectors);
    else if (rows < FIRST_ROWS) add_products(p, row, FIRST_ROWS - 1, vectors);
    else add_products(p, row, FIRST_ROWS, vectors);
}

/* Add the piece from tile k on to block m of rows and column n, and with AVX-512 the next column, if it is there. */
static void multiply_piece(const Product *p, long m, long n, long k, long height, int is_last_column, int is_ahead) {
    int is_narrow = COLUMNS == 2 && is_last_column;
    long depth = least(p->depth - k, PIECE), more = k + depth == p->depth ? p->last % SIDE : 0;
    Block *c = p->result + m * p->result_row + n;
    const Tile *a = p->left + m * p->left_row + k, *b = p->right + n * p->right_column + k;
    Piece piece = {{c}, a, {b}, is_ahead ? a + p->left_row : NULL, depth - (more > 0), more, p->add || k > 0};
    if (COLUMNS == 2 && !is_narrow) piece.c[COLUMNS - 1] = c + 1, piece.b[COLUMNS - 1] = b + p->right_column;
    for (long row = 0; row < height; row += row ? MORE_ROWS : FIRST_ROWS) {
        long rows = least(height - row, row ? MORE_ROWS : FIRST_ROWS);
        if (is_narrow) add_some_products(&piece, row, rows, 1);
        else add_some_products(&piece, row, rows, 2);
    }
}

/* Return how many rows block m has. */
static long rows_of_block(const Product *p, long m) {
    uint32_t blocks = divided(p->rows, SIDE);
    return least(p->rows - (uint32_t)(p->first + m) % blocks * SIDE, SIDE);
}

static void multiply(const Product *p, long rows, long columns) {
    for (long band = 0; band < columns; band += BAND)
        for (long k = 0; k < p->depth; k += PIECE)
            for (long m = 0; m < rows; m++) {
                long height = rows_of_block(p, m);
                for (long n = band; n < least(band + BAND, columns); n += COLUMNS)
                    multiply_piece(p, m, n, k, height, n + 1 == columns, IS_AHEAD && n == band && m + 1 < rows);
            }
}

#endif
