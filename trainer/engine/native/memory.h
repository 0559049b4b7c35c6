/* The memory of a call. */
#pragma once
#include <pthread.h>
#include <stdlib.h>

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
