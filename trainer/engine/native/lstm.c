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
#include <immintrin.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

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
    long row_blocks, unit_blocks, input_blocks; /* blocks of 16, rounded up */
    long input_tiles, unit_tiles, gate_tiles;   /* tiles that a sum over inputs, units, gates goes through */
    long batch_blocks, batch_tiles;             /* blocks of all steps and rows: t * row_blocks + block of rows */
} Shape;

static long divided(long count, long by) { return (count + by - 1) / by; }

static long least(long a, long b) { return a < b ? a : b; }

static Shape shape_of(long steps, long rows, long inputs, long units) {
    Shape s = {.steps = steps, .rows = rows, .inputs = inputs, .units = units};
    s.row_blocks = divided(rows, SIDE);
    s.unit_blocks = divided(units, SIDE);
    s.input_blocks = divided(inputs, SIDE);
    s.input_tiles = divided(s.input_blocks, HALVES);
    s.unit_tiles = divided(s.unit_blocks, HALVES);
    s.gate_tiles = GATES * s.unit_blocks / HALVES;
    s.batch_blocks = steps * s.row_blocks;
    s.batch_tiles = divided(s.batch_blocks, HALVES);
    return s;
}

/* ---- Vectors ---------------------------------------------------------------------------------------------------- */

#ifdef __AVX512F__
enum { LANES = 16 };
typedef __m512 Vector;
#define LEAST _mm512_min_ps
#else
enum { LANES = 8 };
typedef __m256 Vector;
#define LEAST _mm256_min_ps
#define MOST _mm256_max_ps
#endif

#define VECTOR(value) ((Vector){0} + (value))

static inline Vector reciprocal(Vector x) {
#ifdef __AVX512F__
    Vector about = _mm512_rcp14_ps(x);
    return about + about * (1.0f - x * about); /* one step of Newton's method: a division takes twice as long */
#else
    return 1.0f / x;
#endif
}

/* 2^x, with a relative error of 3e-7: 2^n * p(x - n), p fitted for the least greatest error. NaN stays NaN. */
static inline Vector power_of_two(Vector x) {
    x = LEAST(VECTOR(126.0f), x);
#ifdef __AVX512F__
    Vector n = _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
#else
    x = MOST(VECTOR(-126.0f), x);
    Vector n = _mm256_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
#endif
    Vector f = x - n;
    Vector p = VECTOR(1.327635654e-3f);
    p = p * f + 9.675541295e-3f;
    p = p * f + 5.550713638e-2f;
    p = p * f + 2.402211973e-1f;
    p = p * f + 6.931469668e-1f;
    p = p * f + 1.000000072f;
#ifdef __AVX512F__
    return _mm512_scalef_ps(p, n);
#else
    __m256i exponent = _mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127));
    return p * (Vector)_mm256_slli_epi32(exponent, 23);
#endif
}

#define LOG2_E 1.44269504f

static inline Vector sigmoid(Vector x) { return reciprocal(1.0f + power_of_two(-LOG2_E * x)); }

static inline Vector hyperbolic_tangent(Vector x) {
    return 1.0f - 2.0f * reciprocal(1.0f + power_of_two(2.0f * LOG2_E * x));
}

/* ---- Blocks and tiles ------------------------------------------------------------------------------------------- */

/* Read rows x columns numbers, and fill the block up with zeros. */
static void read_block(Block *block, const float *from, long stride, long rows, long columns) {
    rows = least(rows, SIDE), columns = least(columns, SIDE);
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

/* ---- Products --------------------------------------------------------------------------------------------------- */

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

/* ---- Packing of the operands ------------------------------------------------------------------------------------ */

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
            else if (m >= s->row_blocks) read_sequence(s, &block, from, width, m - s->row_blocks, n);
            else read_block(&block, first + m * SIDE * width + n * SIDE, width, s->rows - m * SIDE, width - n * SIDE);
            put_along_columns(tile, m % HALVES, &block);
            if (m % HALVES == HALVES - 1) transpose(tile);
        }
}

/* ---- Memory of a call ------------------------------------------------------------------------------------------- */

/* A thread keeps its memory for the next call: pages that are given back cost a quarter of the time of a call. */
typedef struct {
    size_t bytes;
    char start[] __attribute__((aligned(64)));
} Store;

typedef struct {
    char *start;
    size_t used;
} Memory;

static pthread_key_t store_of_thread;
static pthread_once_t stores_begun = PTHREAD_ONCE_INIT;
static void begin_stores(void) { pthread_key_create(&store_of_thread, free); }

/* Reserve memory. In the first of two rounds, `start` is null and only the size is added up. */
static void *reserve(Memory *memory, size_t bytes) {
    char *at = memory->start ? memory->start + memory->used : NULL;
    memory->used += (bytes + 63) / 64 * 64;
    return at;
}

static int allocate(Memory *memory) {
    pthread_once(&stores_begun, begin_stores);
    Store *store = pthread_getspecific(store_of_thread);
    if (!store || store->bytes < memory->used) {
        free(store);
        store = aligned_alloc(4096, (sizeof(Store) + memory->used + 4095) / 4096 * 4096);
        if (store) store->bytes = memory->used;
        pthread_setspecific(store_of_thread, store);
    }
    memory->start = store ? store->start : NULL;
    memory->used = 0;
    return store != NULL;
}

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
    Product p = {gates, s->unit_blocks * GATES, f->hidden,     s->unit_tiles, f->recurrent + u * GATES * s->unit_tiles,
                 s->unit_tiles, s->unit_tiles, 1};
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
    Product inputs = {kept->gates,    s->unit_blocks * GATES, f->inputs, s->input_tiles, f->kernel,
                      s->input_tiles, s->input_tiles,         0};
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
    Product p = {w->d_hidden,  s->unit_blocks, w->along + t * s->row_blocks * s->gate_tiles, s->gate_tiles, w->recurrent,
                 s->gate_tiles, s->gate_tiles, 0};
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
            p.left = left + m * p.left_row, p.right = right + n * p.right_column;
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
    Product p = {.left = w->sequence, s->batch_tiles, w->down, s->batch_tiles, s->batch_tiles, 0};
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
    Product p = {.left = w.along, s.gate_tiles, w.kernel, s.gate_tiles, s.gate_tiles, 0};
    multiply_all(&s, p, w.stripe, s.batch_blocks, s.input_blocks, write_sequence, d_x, inputs);
    weights_gradient(&s, &w, x, NULL, inputs, d_kernel);
    weights_gradient(&s, &w, outputs, h0, units, d_recurrent);
    end_products();
    return 0;
}
