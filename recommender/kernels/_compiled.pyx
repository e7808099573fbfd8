# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The kernels in C. What each of them gives is said, and done in numpy, in ``plain``; both give the same."""

import sys

cimport numpy as cnp
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from cpython.mem cimport PyMem_Free
from cpython.unicode cimport PyUnicode_AsUTF8AndSize
from libc.math cimport exp2, rint, sqrt
from libc.stdint cimport int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc, qsort
from libc.string cimport memcmp, memcpy, memset

cnp.import_array()

if sys.byteorder != "little":
    raise ImportError("records are read here as little-endian machines hold numbers")

cdef extern from "Python.h":
    char *PyOS_double_to_string(double value, char code, int precision, int flags, int *kind) except NULL
    double PyOS_string_to_double(const char *text, char **end, object overflow) except? -1.0

cdef extern from *:
    """
    #include <math.h>
    #include <stdint.h>
    #include <string.h>

    #if defined(__SSE2__)
    #include <emmintrin.h>
    #endif

    /* Inner products of rows with one vector. The order of additions is the same wherever it runs (and no product is
       fused with its addition), so that every machine gets the same bits. */
    #if defined(__GNUC__)
    typedef float eight __attribute__((vector_size(32)));
    typedef float four __attribute__((vector_size(16)));
    typedef float loaded __attribute__((vector_size(32), aligned(4)));
    typedef float loose __attribute__((vector_size(16), aligned(4)));
    #define EIGHT(from) ((eight)*(const loaded *)(from))
    #endif
    #if defined(__clang__)
    #define PICK(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
    #elif defined(__GNUC__)
    typedef int32_t places __attribute__((vector_size(16)));
    #define PICK(a, b, ...) __builtin_shuffle(a, b, (places){__VA_ARGS__})
    #endif

    #if defined(__GNUC__)
    /* Of eight sums, four. */
    #define HALVED(all) ((four){all[0], all[1], all[2], all[3]} + (four){all[4], all[5], all[6], all[7]})
    #endif

    #if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__linux__)
    __attribute__((target_clones("avx2", "default")))
    #endif
    static void products(const float *rows, int64_t n, int64_t width, const float *asked, float *out) {
        int64_t row = 0, i;
    #if defined(__GNUC__)
        for (; row + 4 <= n && width % 16 == 0; row += 4, rows += 4 * width) { /* four at once: sums within one wait for each other */
            const float *second = rows + width, *third = second + width, *fourth = third + width;
            eight a = {0}, a_2 = {0}, b = {0}, b_2 = {0}, c = {0}, c_2 = {0}, d = {0}, d_2 = {0};
            for (i = 0; i < width; i += 16) {
                const eight x = EIGHT(asked + i), y = EIGHT(asked + i + 8);
                a += EIGHT(rows + i) * x;
                a_2 += EIGHT(rows + i + 8) * y;
                b += EIGHT(second + i) * x;
                b_2 += EIGHT(second + i + 8) * y;
                c += EIGHT(third + i) * x;
                c_2 += EIGHT(third + i + 8) * y;
                d += EIGHT(fourth + i) * x;
                d_2 += EIGHT(fourth + i + 8) * y;
            }
            a += a_2;
            b += b_2;
            c += c_2;
            d += d_2;
            four e = HALVED(a), f = HALVED(b), g = HALVED(c), h = HALVED(d);
            four ef = PICK(e, f, 0, 4, 1, 5), gh = PICK(g, h, 0, 4, 1, 5);
            four ef_2 = PICK(e, f, 2, 6, 3, 7), gh_2 = PICK(g, h, 2, 6, 3, 7);
            *(loose *)(out + row) = (PICK(ef, gh, 0, 1, 4, 5) + PICK(ef_2, gh_2, 0, 1, 4, 5))
                                  + (PICK(ef, gh, 2, 3, 6, 7) + PICK(ef_2, gh_2, 2, 3, 6, 7));
        }
    #endif
        for (; row < n; row++, rows += width) {
            float sum = 0;
            i = 0;
    #if defined(__GNUC__)
            eight one = {0}, other = {0};
            for (; i + 16 <= width; i += 16) {
                one += EIGHT(rows + i) * EIGHT(asked + i);
                other += EIGHT(rows + i + 8) * EIGHT(asked + i + 8);
            }
            one += other;
            four half = HALVED(one);
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

    /* Close leaves of the candidates whose value is above the edge: sixteen compared at once become sixteen bytes. */
    static void close_bytes(const float *values, float edge, uint8_t bits, int64_t n, uint8_t *closed) {
        int64_t i = 0;
    #if defined(__SSE2__)
        const __m128 edges = _mm_set1_ps(edge);
        const __m128i all = _mm_set1_epi8((char)bits);
        for (; i + 16 <= n; i += 16) {
            __m128i a = _mm_castps_si128(_mm_cmpgt_ps(_mm_loadu_ps(values + i), edges));
            __m128i b = _mm_castps_si128(_mm_cmpgt_ps(_mm_loadu_ps(values + i + 4), edges));
            __m128i c = _mm_castps_si128(_mm_cmpgt_ps(_mm_loadu_ps(values + i + 8), edges));
            __m128i d = _mm_castps_si128(_mm_cmpgt_ps(_mm_loadu_ps(values + i + 12), edges));
            __m128i found = _mm_packs_epi16(_mm_packs_epi32(a, b), _mm_packs_epi32(c, d));
            __m128i *to = (__m128i *)(closed + i);
            _mm_storeu_si128(to, _mm_or_si128(_mm_loadu_si128(to), _mm_and_si128(found, all)));
        }
    #endif
        for (; i < n; i++) closed[i] |= values[i] > edge ? bits : 0;
    }

    static void fetched_bytes(const void *from, int64_t n) {
    #if defined(__GNUC__)
        for (int64_t i = 0; i < n; i += 64) __builtin_prefetch((const char *)from + i);
    #endif
    }

    /* Place of the lowest bit that is not set; one of them is not. */
    static inline int64_t lowest_open(uint64_t closed) {
    #if defined(__GNUC__)
        return __builtin_ctzll(~closed);
    #else
        int64_t place = 0;
        for (; closed & 1; closed >>= 1) place++;
        return place;
    #endif
    }

    /* Which of up to 64 rows may score above the floor by their sketches: a bit each, those past the last four rows set.
       A row's product is its sketch's, worth step times unit, and at most stray times length more. */
    #if defined(__GNUC__) && defined(__x86_64__)
    #include <immintrin.h>
    static int sketches_help(void) { return __builtin_cpu_supports("avx2"); }
    #define SKETCHED(from) _mm256_madd_epi16(_mm256_maddubs_epi16(_mm256_loadu_si256((const __m256i *)(from)), x), ones)
    __attribute__((target("avx2")))
    static uint64_t promising(const uint8_t *rows, const float *step, const float *stray, int64_t n, int64_t width,
                              const int8_t *asked, int32_t zero, float unit, float length, float floor) {
        uint64_t found = 0;
        int64_t row = 0, i;
        const __m256i ones = _mm256_set1_epi16(1);
        const __m128i zeros = _mm_set1_epi32(zero);
        const __m128 units = _mm_set1_ps(unit), lengths = _mm_set1_ps(length), low = _mm_set1_ps(floor);
        for (; row + 4 <= n; row += 4, rows += 4 * width) {
            __m256i a = _mm256_setzero_si256(), b = a, c = a, d = a;
            for (i = 0; i < width; i += 32) {
                const __m256i x = _mm256_loadu_si256((const __m256i *)(asked + i));
                a = _mm256_add_epi32(a, SKETCHED(rows + i));
                b = _mm256_add_epi32(b, SKETCHED(rows + width + i));
                c = _mm256_add_epi32(c, SKETCHED(rows + 2 * width + i));
                d = _mm256_add_epi32(d, SKETCHED(rows + 3 * width + i));
            }
            const __m256i all = _mm256_hadd_epi32(_mm256_hadd_epi32(a, b), _mm256_hadd_epi32(c, d));
            const __m128i sums = _mm_add_epi32(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1));
            __m128 most = _mm_mul_ps(_mm_cvtepi32_ps(_mm_sub_epi32(sums, zeros)), _mm_mul_ps(_mm_loadu_ps(step + row), units));
            most = _mm_add_ps(most, _mm_mul_ps(_mm_loadu_ps(stray + row), lengths));
            found |= (uint64_t)(uint32_t)_mm_movemask_ps(_mm_cmpgt_ps(most, low)) << row;
        }
        for (; row < n; row++) found |= (uint64_t)1 << row;
        return found;
    }
    #else
    static int sketches_help(void) { return 0; }
    static uint64_t promising(const uint8_t *rows, const float *step, const float *stray, int64_t n, int64_t width,
                              const int8_t *asked, int32_t zero, float unit, float length, float floor) {
        return ~(uint64_t)0;
    }
    #endif

    /* Which of up to 64 scores are above the floor: a bit each. */
    static uint64_t above(const float *scores, int64_t n, float floor) {
        uint64_t found = 0;
        int64_t i = 0;
    #if defined(__SSE2__)
        const __m128 low = _mm_set1_ps(floor);
        for (; i + 16 <= n; i += 16) {
            __m128i a = _mm_castps_si128(_mm_cmpgt_ps(_mm_loadu_ps(scores + i), low));
            __m128i b = _mm_castps_si128(_mm_cmpgt_ps(_mm_loadu_ps(scores + i + 4), low));
            __m128i c = _mm_castps_si128(_mm_cmpgt_ps(_mm_loadu_ps(scores + i + 8), low));
            __m128i d = _mm_castps_si128(_mm_cmpgt_ps(_mm_loadu_ps(scores + i + 12), low));
            __m128i all = _mm_packs_epi16(_mm_packs_epi32(a, b), _mm_packs_epi32(c, d));
            found |= (uint64_t)(uint32_t)_mm_movemask_epi8(all) << i;
        }
    #endif
        for (; i < n; i++) found |= (uint64_t)(scores[i] > floor) << i;
        return found;
    }

    /* The square root of each value over the largest of them: two at a time, the bits are the same. Most values are 0,
       and neither a division nor a root is spent on two of them. */
    static void rooted(double *line, int64_t n) {
        double most = 0;
        int64_t i = 0;
        for (; i < n; i++) most = line[i] > most ? line[i] : most;
        if (most <= 0) most = 1;
        i = 0;
    #if defined(__SSE2__)
        const __m128d all = _mm_set1_pd(most);
        for (; i + 2 <= n; i += 2) {
            const __m128d two = _mm_loadu_pd(line + i);
            if (_mm_movemask_pd(_mm_cmpneq_pd(two, _mm_setzero_pd())))
                _mm_storeu_pd(line + i, _mm_sqrt_pd(_mm_div_pd(two, all)));
        }
    #endif
        for (; i < n; i++) line[i] = sqrt(line[i] / most);
    }

    /* The score of each item that is asked for, 0 of those that are not there; both ascend. Read side by side without a
       branch that could be guessed wrong: what does not meet is masked out. */
    static void met(const int64_t *items, const double *scores, int64_t n, const int64_t *asked, int64_t n_asked, double *to) {
        int64_t i = 0, place = 0;
        while (i < n_asked && place < n) {
            const int64_t one = items[place], other = asked[i];
            uint64_t bits;
            memcpy(&bits, scores + place, 8);
            bits &= 0 - (uint64_t)(one == other);
            memcpy(to + i, &bits, 8);
            place += one < other;
            i += one >= other;
        }
        memset(to + i, 0, (n_asked - i) * sizeof(double));
    }

    /* Where ascending items stand: a bit for each, and how many come before the eight it is one of. What asks for an item
       counts the bits before its own among the eight. */
    static uint8_t ones_of[256];
    static void ones_begin(void) {
        for (int i = 1; i < 256; i++) ones_of[i] = (uint8_t)(ones_of[i >> 1] + (i & 1));
    }
    static void marked(const int64_t *items, int64_t n, uint8_t *bits, uint16_t *before) {
        for (int64_t i = 0; i < n; i++) {
            const int64_t eight = items[i] >> 3;
            if (!bits[eight]) before[eight] = (uint16_t)i;
            bits[eight] |= (uint8_t)(1 << (items[i] & 7));
        }
    }

    /* Scores of a generator's own items, each where its item stands; those of items that are not among the marked ones go to
       ``nowhere``. No branch depends on which they are: it would be guessed wrong. */
    static void placed(const int64_t *items, const double *scores, int64_t n, const uint8_t *bits, const uint16_t *before,
                       uint64_t last, const uint16_t *at, uint16_t nowhere, double *line) {
        for (int64_t i = 0; i < n; i++) {
            const uint64_t item = (uint64_t)items[i] <= last ? (uint64_t)items[i] : last;
            const uint32_t eight = bits[item >> 3], own = 1u << (item & 7);
            const uint32_t there = 0 - (((eight >> (item & 7)) & 1) & (uint32_t)(item == (uint64_t)items[i]));
            const uint32_t to = at[(before[item >> 3] + ones_of[eight & (own - 1)]) & there];
            line[(to & there) | (nowhere & ~there)] = scores[i];
        }
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
    int sketches_help() nogil
    uint64_t promising(
        const uint8_t *rows, const float *step, const float *stray, int64_t n, int64_t width,
        const int8_t *asked, int32_t zero, float unit, float length, float floor
    ) nogil
    void fetched(const int32_t *items, const float *weights, int64_t width) nogil
    void close_bytes(const float *values, float edge, uint8_t bits, int64_t n, uint8_t *closed) nogil
    void fetched_bytes(const void *start, int64_t n) nogil
    int64_t lowest_open(uint64_t closed) nogil
    uint64_t above(const float *scores, int64_t n, float floor) nogil
    void rooted(double *line, int64_t n) nogil
    void met(const int64_t *items, const double *scores, int64_t n, const int64_t *asked, int64_t n_asked, double *to) nogil
    void ones_begin()
    void marked(const int64_t *items, int64_t n, uint8_t *bits, uint16_t *before) nogil
    void placed(
        const int64_t *items, const double *scores, int64_t n, const uint8_t *bits, const uint16_t *before,
        uint64_t last, const uint16_t *at, uint16_t nowhere, double *line
    ) nogil
    void crc_begin()
    uint32_t crc32_of(const char *text, int64_t n) nogil

crc_begin()
ones_begin()

cdef int64_t DAY_US = 86_400_000_000

cdef struct Scored:
    double score
    int64_t place

include "arrays.pxi"
include "lists.pxi"
include "touched.pxi"
include "people.pxi"
include "forests.pxi"
include "tables.pxi"
include "factors.pxi"
include "texts.pxi"
include "slates.pxi"
