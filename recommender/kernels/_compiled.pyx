# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The kernels in C. What each of them gives is said, and done in numpy, in ``plain``; both give the same."""

import sys

cimport numpy as cnp
from cpython.unicode cimport PyUnicode_AsUTF8AndSize
from libc.math cimport sqrt
from libc.stdint cimport int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcmp, memcpy, memset

cnp.import_array()

if sys.byteorder != "little":
    raise ImportError("records are read here as little-endian machines hold numbers")

cdef extern from *:
    """
    #include <stdint.h>

    #include <string.h>

    /* Inner products of rows with one vector. The order of additions is the same wherever it runs (and no product is
       fused with its addition), so that every machine gets the same bits. */
    #if defined(__GNUC__)
    typedef float eight __attribute__((vector_size(32)));
    typedef float four __attribute__((vector_size(16)));
    typedef float loaded __attribute__((vector_size(32), aligned(4)));
    #define EIGHT(from) ((eight)*(const loaded *)(from))
    #endif
    #if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__linux__)
    __attribute__((target_clones("avx2", "default")))
    #endif
    static void products(const float *rows, int64_t n, int64_t width, const float *asked, float *out) {
        for (int64_t row = 0; row < n; row++, rows += width) {
            int64_t i = 0;
            float sum = 0;
    #if defined(__GNUC__)
            eight one = {0}, other = {0};
            for (; i + 16 <= width; i += 16) {
                one += EIGHT(rows + i) * EIGHT(asked + i);
                other += EIGHT(rows + i + 8) * EIGHT(asked + i + 8);
            }
            one += other;
            four half = (four){one[0], one[1], one[2], one[3]} + (four){one[4], one[5], one[6], one[7]};
            sum = (half[0] + half[2]) + (half[1] + half[3]);
    #endif
            for (; i < width; i++) sum += rows[i] * asked[i];
            out[row] = sum;
        }
    }

    /* Rows of a table lie far apart: asked for all at once, their memory comes while the first ones are worked on. */
    static void fetched(const int32_t *items, const float *weights, int64_t width) {
    #if defined(__GNUC__)
        for (int64_t i = 0; i < width; i += 16) {
            __builtin_prefetch(items + i);
            __builtin_prefetch(weights + i);
        }
    #endif
    }

    static int64_t above(const float *scores, int64_t n, float floor) {
        int32_t found = 0;
        for (int64_t i = 0; i < n; i++) found += scores[i] > floor;
        return found;
    }

    static uint32_t crc_table[256];
    static void crc_begin(void) {
        for (uint32_t n = 0; n < 256; n++) {
            uint32_t c = n;
            for (int k = 0; k < 8; k++) c = c & 1 ? 0xEDB88320u ^ (c >> 1) : c >> 1;
            crc_table[n] = c;
        }
    }
    static uint32_t crc32_of(const char *text, int64_t n) {
        uint32_t c = 0xFFFFFFFFu;
        for (int64_t i = 0; i < n; i++) c = crc_table[(c ^ (uint8_t)text[i]) & 0xFF] ^ (c >> 8);
        return c ^ 0xFFFFFFFFu;
    }
    """
    void products(const float *rows, int64_t n, int64_t width, const float *asked, float *out) nogil
    void fetched(const int32_t *items, const float *weights, int64_t width) nogil
    int64_t above(const float *scores, int64_t n, float floor) nogil
    void crc_begin()
    uint32_t crc32_of(const char *text, int64_t n) nogil

crc_begin()

cdef int64_t DAY_US = 86_400_000_000

cdef struct Scored:
    double score
    int64_t place

include "arrays.pxi"
include "lists.pxi"
include "people.pxi"
include "tables.pxi"
