# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The kernels in C. What each of them gives is said, and done in numpy, in ``plain.py``; both give the same."""

import sys

cimport numpy as cnp
from cpython.unicode cimport PyUnicode_AsUTF8AndSize
from libc.math cimport sqrt
from libc.stdint cimport int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc
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
    int64_t above(const float *scores, int64_t n, float floor) nogil
    void crc_begin()
    uint32_t crc32_of(const char *text, int64_t n) nogil

crc_begin()

cdef int64_t DAY_US = 86_400_000_000

cdef struct Scored:
    double score
    int64_t place


# ---------------------------------------------------------------------------------------------------- arrays in and out

cdef void *_read(object array, int kind, int n_dims, str name) except NULL:
    """The numbers of an array that must be of this type, in one piece."""
    if not cnp.PyArray_Check(array):
        raise TypeError(f"{name} is no array")
    cdef cnp.ndarray one = <cnp.ndarray>array
    if cnp.PyArray_TYPE(one) != kind or cnp.PyArray_NDIM(one) != n_dims or not cnp.PyArray_ISCARRAY_RO(one):
        raise TypeError(f"{name} is {one.dtype} of {cnp.PyArray_NDIM(one)} dimensions, which no kernel reads")
    return cnp.PyArray_DATA(one)


cdef object _whole(object array, int kind, int n_dims, str name):
    """The array itself, or a copy in one piece of an array of this type that is not."""
    if cnp.PyArray_Check(array) and not cnp.PyArray_ISCARRAY_RO(<cnp.ndarray>array):
        array = cnp.PyArray_ContiguousFromAny(array, cnp.PyArray_TYPE(<cnp.ndarray>array), 0, 0)
    _read(array, kind, n_dims, name)
    return array


cdef inline void *_data(object array):
    return cnp.PyArray_DATA(<cnp.ndarray>array)


cdef inline int64_t _length(object array):
    return cnp.PyArray_DIM(<cnp.ndarray>array, 0)


cdef inline object _new(int64_t n, int kind):
    cdef cnp.npy_intp shape = n
    return cnp.PyArray_EMPTY(1, &shape, kind, 0)


cdef inline object _new_table(int64_t rows, int64_t columns, int kind):
    cdef cnp.npy_intp shape[2]
    shape[0] = rows
    shape[1] = columns
    return cnp.PyArray_EMPTY(2, shape, kind, 0)


cdef void *_room(int64_t n_bytes) except NULL:
    cdef void *found = malloc(n_bytes + 64)
    if found == NULL:
        raise MemoryError
    return found


# ------------------------------------------------------------------------------------------------------------- sorting

cdef uint64_t *_sorted(uint64_t *keys, uint64_t *spare, int64_t n, int low, int high) noexcept nogil:
    """Keys by their bits ``low`` to ``high``, equal ones in their order; the result is in one of the two."""
    cdef int width = high - low
    cdef int64_t i, j
    cdef uint64_t key
    if width <= 0 or n < 2:
        return keys
    if n <= 24:
        for i in range(1, n):
            key = keys[i]
            j = i - 1
            while j >= 0 and (keys[j] >> low) > (key >> low):
                keys[j + 1] = keys[j]
                j -= 1
            keys[j + 1] = key
        return keys
    cdef int most = 8 if n < 600 else 11
    cdef int passes = (width + most - 1) // most
    cdef int digit = (width + passes - 1) // passes
    cdef uint32_t count[2048]
    cdef uint32_t total, here
    cdef int one
    cdef uint64_t mask = (1 << digit) - 1
    cdef uint64_t *other
    for one in range(passes):
        memset(count, 0, sizeof(uint32_t) << digit)
        for i in range(n):
            count[(keys[i] >> low) & mask] += 1
        if count[(keys[0] >> low) & mask] != n:
            total = 0
            for i in range(1 << digit):
                here = count[i]
                count[i] = total
                total += here
            for i in range(n):
                key = keys[i]
                spare[count[(key >> low) & mask]] = key
                count[(key >> low) & mask] += 1
            other = keys
            keys = spare
            spare = other
        low += digit
    return keys


cdef inline int _bits(uint64_t most) noexcept nogil:
    """How many bits numbers up to this one have."""
    cdef int bits = 0
    while most:
        bits += 1
        most >>= 1
    return bits


ctypedef fused Real:
    float
    double


cdef Real _highest(Real *values, int64_t n, int64_t k) noexcept nogil:
    """The k-th highest of n values, which are put into another order."""
    cdef int64_t low = 0, high = n - 1, i, j, wanted = k - 1
    cdef Real pivot, swap, a, b, c
    while low < high:
        a = values[low]
        b = values[(low + high) >> 1]
        c = values[high]
        pivot = max(min(a, b), min(max(a, b), c))
        i = low
        j = high
        while i <= j:
            while values[i] > pivot:
                i += 1
            while values[j] < pivot:
                j -= 1
            if i <= j:
                swap = values[i]
                values[i] = values[j]
                values[j] = swap
                i += 1
                j -= 1
        if wanted <= j:
            high = j
        elif wanted >= i:
            low = i
        else:
            break
    return values[wanted]


cdef Real _kth(Real *scores, int64_t n, int64_t k, Real *spare) noexcept nogil:
    """The k-th highest of n: counted by size first, so that only those of about its size are compared."""
    cdef int64_t i, heard = 0
    cdef Real low = scores[0], high = scores[0], scale
    cdef int32_t count[257]
    cdef int32_t bucket
    cdef int64_t above_it = 0
    for i in range(n):
        low = min(low, scores[i])
        high = max(high, scores[i])
    scale = 255.0 / (high - low) if high > low else 0.0
    if not scale < 1e30:
        memcpy(spare, scores, n * sizeof(Real))
        return _highest(spare, n, k)
    memset(count, 0, sizeof(count))
    for i in range(n):
        count[<int32_t>((scores[i] - low) * scale)] += 1
    bucket = 256
    while above_it + count[bucket] < k:
        above_it += count[bucket]
        bucket -= 1
    for i in range(n):
        spare[heard] = scores[i]
        heard += <int32_t>((scores[i] - low) * scale) == bucket
    return _highest(spare, heard, k - above_it)


cdef inline bint _before(Scored a, Scored b) noexcept nogil:
    return a.score > b.score or (a.score == b.score and a.place < b.place)


cdef void _best_first(Scored *some, int64_t n, int64_t k) noexcept nogil:
    """Bring the k best of n to the front (in any order); no two are equal."""
    cdef int64_t low = 0, high = n - 1, i, j, wanted = k - 1
    cdef Scored pivot, swap
    while low < high:
        pivot = some[(low + high) >> 1]
        i = low
        j = high
        while i <= j:
            while _before(some[i], pivot):
                i += 1
            while _before(pivot, some[j]):
                j -= 1
            if i <= j:
                swap = some[i]
                some[i] = some[j]
                some[j] = swap
                i += 1
                j -= 1
        if wanted <= j:
            high = j
        elif wanted >= i:
            low = i
        else:
            break


cdef void _in_order(Scored *some, int64_t n) noexcept nogil:
    """Best first: a heap sort, for it needs no room."""
    cdef int64_t end, root, child, start
    cdef Scored swap
    for start in range(n // 2 - 1, -1, -1):
        _sink(some, start, n)
    for end in range(n - 1, 0, -1):
        swap = some[0]
        some[0] = some[end]
        some[end] = swap
        _sink(some, 0, end)


cdef inline void _sink(Scored *some, int64_t root, int64_t n) noexcept nogil:
    cdef int64_t child
    cdef Scored one = some[root]
    while True:
        child = 2 * root + 1
        if child >= n:
            break
        if child + 1 < n and _before(some[child], some[child + 1]):
            child += 1
        if not _before(one, some[child]):
            break
        some[root] = some[child]
        root = child
    some[root] = one


# --------------------------------------------------------------------------------------------------------------- votes

cdef tuple _added(uint64_t *keys, int64_t n, int bits, double *values):
    """Distinct names, sums and first places of entries: sorted keys hold a name above ``bits`` bits of the entry's place."""
    cdef uint64_t last = <uint64_t>-1, mask = (<uint64_t>1 << bits) - 1
    cdef int64_t i, distinct = 0, cell = -1
    for i in range(n):
        distinct += keys[i] >> bits != last
        last = keys[i] >> bits
    name, total, first = _new(distinct, cnp.NPY_INT64), _new(distinct, cnp.NPY_FLOAT64), _new(distinct, cnp.NPY_INT64)
    cdef int64_t *to_name = <int64_t *>_data(name)
    cdef double *to_total = <double *>_data(total)
    cdef int64_t *to_first = <int64_t *>_data(first)
    last = <uint64_t>-1
    for i in range(n):
        if keys[i] >> bits != last:
            last = keys[i] >> bits
            cell += 1
            to_name[cell] = <int64_t>last
            to_first[cell] = <int64_t>(keys[i] & mask)
            to_total[cell] = 0.0
        to_total[cell] += values[keys[i] & mask]
    return name, total, first


def votes(item, weight, anchors, loud, int64_t width):
    item = _whole(item, cnp.NPY_INT32, 2, "item")
    cdef int32_t *items = <int32_t *>_data(item)
    weight = _whole(weight, cnp.NPY_FLOAT32, 2, "weight")
    cdef float *weights = <float *>_data(weight)
    anchors = _whole(anchors, cnp.NPY_INT64, 1, "anchors")
    cdef int64_t *who = <int64_t *>_data(anchors)
    loud = _whole(loud, cnp.NPY_FLOAT64, 1, "loud")
    cdef double *says = <double *>_data(loud)
    cdef int64_t n_items = _length(item), n = _length(anchors)
    cdef int64_t stride = cnp.PyArray_DIM(<cnp.ndarray>item, 1)
    if cnp.PyArray_DIM(<cnp.ndarray>weight, 1) != stride or _length(weight) != n_items or _length(loud) != n:
        raise ValueError("the arrays of votes do not go together")
    if width > stride:
        raise ValueError(f"{width} neighbours are asked for, {stride} are kept")
    cdef int64_t i, j, row, found = 0
    for i in range(n):
        if who[i] < 0 or who[i] >= n_items:
            raise IndexError(f"no item has row {who[i]}")
    cdef char *room = <char *>_room(24 * n * width)
    cdef double *vote = <double *>room
    cdef uint64_t *keys = <uint64_t *>(room + 8 * n * width)
    cdef uint64_t *spare = keys + n * width
    cdef double said
    try:
        for i in range(n):
            row = who[i] * stride
            for j in range(row, row + width):
                said = weights[j] * says[i]
                if said > 0:
                    vote[found] = said
                    keys[found] = (<uint64_t><uint32_t>items[j] << 32) | <uint64_t>found
                    found += 1
        keys = _sorted(keys, spare, found, 32, 32 + _bits(n_items - 1 if n_items else 0))
        return _added(keys, found, 32, vote)[:2]
    finally:
        free(room)


def loudest(item, weight, anchors, loud, int64_t width, int64_t wanted):
    item = _whole(item, cnp.NPY_INT32, 2, "item")
    cdef int32_t *items = <int32_t *>_data(item)
    weight = _whole(weight, cnp.NPY_FLOAT32, 2, "weight")
    cdef float *weights = <float *>_data(weight)
    anchors = _whole(anchors, cnp.NPY_INT64, 1, "anchors")
    cdef int64_t *who = <int64_t *>_data(anchors)
    loud = _whole(loud, cnp.NPY_FLOAT64, 1, "loud")
    cdef double *says = <double *>_data(loud)
    cdef int64_t n_items = _length(item), n = _length(anchors)
    cdef int64_t stride = cnp.PyArray_DIM(<cnp.ndarray>item, 1)
    cdef int64_t i, j, row, best = -1
    cdef double most = 0.0
    if width > stride or _length(loud) != n:
        raise ValueError("the arrays of votes do not go together")
    for i in range(n):
        if who[i] < 0 or who[i] >= n_items:
            raise IndexError(f"no item has row {who[i]}")
        row = who[i] * stride
        for j in range(row, row + width):
            if items[j] == wanted and weights[j] * says[i] > most:
                most = weights[j] * says[i]
                best = i
    return best


def summed(key, value):
    key = _whole(key, cnp.NPY_INT64, 1, "key")
    cdef int64_t *names = <int64_t *>_data(key)
    value = _whole(value, cnp.NPY_FLOAT64, 1, "value")
    cdef double *values = <double *>_data(value)
    cdef int64_t n = _length(key), i, most = 0
    cdef int bits = _bits(n)
    if _length(value) != n:
        raise ValueError(f"{n} keys but {_length(value)} values")
    cdef uint64_t *keys = <uint64_t *>_room(16 * n)
    cdef uint64_t *room = keys
    try:
        for i in range(n):
            if names[i] < 0 or names[i] >> (62 - bits):
                raise IndexError(f"no item has row {names[i]}")
            most = max(most, names[i])
            keys[i] = (<uint64_t>names[i] << bits) | <uint64_t>i
        keys = _sorted(keys, keys + n, n, bits, bits + _bits(most))
        return _added(keys, n, bits, values)
    finally:
        free(room)


# --------------------------------------------------------------------------------------------------------- few of many

def best(item, score, int64_t k, banned):
    item = _whole(item, cnp.NPY_INT64, 1, "item")
    cdef int64_t *items = <int64_t *>_data(item)
    score = _whole(score, cnp.NPY_FLOAT64, 1, "score")
    cdef double *scores = <double *>_data(score)
    banned = _whole(banned, cnp.NPY_INT64, 1, "banned")
    cdef int64_t *out = <int64_t *>_data(banned)
    cdef int64_t n = _length(item), n_out = _length(banned), i, j = 0, heard = 0, level, chosen = 0
    if _length(score) != n:
        raise ValueError(f"{n} items but {_length(score)} scores")
    if k <= 0 or n == 0:
        return _new(0, cnp.NPY_INT64)
    cdef char *room = <char *>_room(24 * n)
    cdef double *values = <double *>room
    cdef double *spare = values + n
    cdef int64_t *places = <int64_t *>(spare + n)
    cdef double floor = 0.0
    cdef object found
    cdef int64_t *to
    try:
        for i in range(n):
            while j < n_out and out[j] < items[i]:
                j += 1
            values[heard] = scores[i]
            places[heard] = items[i]
            heard += scores[i] > 0 and not (j < n_out and out[j] == items[i])
        level = k
        if heard > k:
            floor = _kth(values, heard, k, spare)
            for i in range(heard):
                level -= values[i] > floor  # what is left for those that are as good as the last one
        found = _new(min(heard, k), cnp.NPY_INT64)
        to = <int64_t *>_data(found)
        for i in range(heard):
            if values[i] > floor:
                to[chosen] = places[i]
                chosen += 1
            elif values[i] == floor and level > 0:
                to[chosen] = places[i]
                chosen += 1
                level -= 1
    finally:
        free(room)
    return found


def scores_at(item, score, wanted):
    item = _whole(item, cnp.NPY_INT64, 1, "item")
    cdef int64_t *items = <int64_t *>_data(item)
    score = _whole(score, cnp.NPY_FLOAT64, 1, "score")
    cdef double *scores = <double *>_data(score)
    wanted = _whole(wanted, cnp.NPY_INT64, 1, "wanted")
    cdef int64_t *asked = <int64_t *>_data(wanted)
    cdef int64_t n = _length(item), n_asked = _length(wanted), i, place = 0, step, end, middle, one
    if _length(score) != n:
        raise ValueError(f"{n} items but {_length(score)} scores")
    cdef object found = _new(n_asked, cnp.NPY_FLOAT64)
    cdef double *to = <double *>_data(found)
    for i in range(n_asked):
        one = asked[i]
        if i and one < asked[i - 1]:
            place = 0
        if place < n and items[place] < one:  # gallop: what is asked comes in order, as a rule
            step = 1
            while place + step < n and items[place + step] < one:
                place += step
                step <<= 1
            end = min(place + step, n)
            while place < end:
                middle = (place + end) >> 1
                if items[middle] < one:
                    place = middle + 1
                else:
                    end = middle
        to[i] = scores[place] if place < n and items[place] == one else 0.0
    return found


def union(parts):
    cdef int64_t total = 0, i, n, cell = 0, most = 0
    cdef int64_t *one
    parts = [_whole(part, cnp.NPY_INT64, 1, "a part") for part in parts]
    for part in parts:
        total += _length(part)
    cdef char *room = <char *>_room(16 * total)
    cdef uint64_t *keys = <uint64_t *>room
    cdef object found
    cdef int64_t *to
    try:
        for part in parts:
            one = <int64_t *>_data(part)
            n = _length(part)
            for i in range(n):
                if one[i] < 0:
                    raise IndexError(f"no item has row {one[i]}")
                keys[cell] = <uint64_t>one[i]
                most = max(most, one[i])
                cell += 1
        keys = _sorted(keys, keys + total, total, 0, _bits(most))
        n = 0
        for i in range(total):
            if i == 0 or keys[i] != keys[i - 1]:
                n += 1
        found = _new(n, cnp.NPY_INT64)
        to = <int64_t *>_data(found)
        cell = 0
        for i in range(total):
            if i == 0 or keys[i] != keys[i - 1]:
                to[cell] = <int64_t>keys[i]
                cell += 1
    finally:
        free(room)
    return found


# --------------------------------------------------------------------------------------------------------------- blend

def stood(item, told, rank):
    item = _whole(item, cnp.NPY_INT64, 1, "item")
    cdef int64_t *items = <int64_t *>_data(item)
    cdef list lines = [
        scores_at(one[0], one[1], item) if type(one) is tuple else _whole(one, cnp.NPY_FLOAT64, 1, "a line of scores") for one in told
    ]
    rank = _whole(rank, cnp.NPY_INT32, 1, "rank")
    cdef int32_t *ranks = <int32_t *>_data(rank)
    cdef int64_t n = _length(item), n_known = _length(rank), rows = len(lines), i, row, told_of, place
    for one in lines:
        if _length(one) > n:
            raise ValueError("there are more scores than items")
    cdef object out_item = _new(n, cnp.NPY_INT64), out_score = _new_table(rows, n, cnp.NPY_FLOAT64)
    cdef int64_t *to_item = <int64_t *>_data(out_item)
    cdef double *to = <double *>_data(out_score)
    cdef double *line
    cdef double most
    cdef char *room = <char *>_room(16 * n)
    cdef uint64_t *keys = <uint64_t *>room
    cdef uint64_t stands
    try:
        for i in range(n):
            if items[i] < 0:
                raise IndexError(f"no item has row {items[i]}")
            stands = <uint64_t>ranks[items[i]] if items[i] < n_known else <uint64_t>items[i]
            keys[i] = (stands << 24) | <uint64_t>i
        if n >> 24:
            raise ValueError(f"{n} candidates are too many")
        keys = _sorted(keys, keys + n, n, 24, 24 + _bits(max(n_known, items[n - 1] if n else 0)))
        for i in range(n):
            to_item[i] = items[keys[i] & 0xFFFFFF]
        for row in range(rows):
            line = <double *>_data(lines[row])
            told_of = _length(lines[row])
            most = 0.0
            for i in range(told_of):
                most = max(most, line[i])
            if most <= 0:
                most = 1.0
            for i in range(n):
                place = keys[i] & 0xFFFFFF
                to[i] = sqrt(line[place] / most) if place < told_of else 0.0
            to += n
    finally:
        free(room)
    return out_item, out_score


def weighed(score, weights, int64_t limit):
    score = _whole(score, cnp.NPY_FLOAT64, 2, "score")
    cdef double *scores = <double *>_data(score)
    weights = _whole(weights, cnp.NPY_FLOAT64, 1, "weights")
    cdef double *loud = <double *>_data(weights)
    cdef int64_t rows = _length(score), n = cnp.PyArray_DIM(<cnp.ndarray>score, 1), i, row, place, heard = 0
    if _length(weights) != rows:
        raise ValueError(f"{rows} lines of scores but {_length(weights)} weights")
    cdef char *room = <char *>_room((8 + 16) * n)
    cdef double *total = <double *>room
    cdef Scored *sums = <Scored *>(room + 8 * n)
    cdef object order, out_total, source, parts, told
    cdef int64_t *to_order
    cdef int64_t *to_source
    cdef float *to_total
    cdef double *to_parts
    cdef double *to_told
    cdef double one, most
    try:
        for i in range(n):
            total[i] = 0.0
        for row in range(rows):
            for i in range(n):
                total[i] += scores[row * n + i] * loud[row]
        for i in range(n):
            if total[i] > 0:
                sums[heard].score = total[i]
                sums[heard].place = i
                heard += 1
        if heard > limit:
            if limit > 0:
                _best_first(sums, heard, limit)
            heard = max(limit, 0)
        _in_order(sums, heard)
        order, source = _new(heard, cnp.NPY_INT64), _new(heard if rows else 0, cnp.NPY_INT64)
        out_total = _new(heard, cnp.NPY_FLOAT32)
        parts, told = _new_table(rows, heard, cnp.NPY_FLOAT64), _new_table(rows, heard, cnp.NPY_FLOAT64)
        to_order = <int64_t *>_data(order)
        to_source = <int64_t *>_data(source)
        to_total = <float *>_data(out_total)
        to_parts = <double *>_data(parts)
        to_told = <double *>_data(told)
        for i in range(heard):
            place = sums[i].place
            to_order[i] = place
            to_total[i] = <float>sums[i].score
            most = -1.0
            for row in range(rows):
                to_told[row * heard + i] = scores[row * n + place]
                one = scores[row * n + place] * loud[row]
                to_parts[row * heard + i] = one
                if one > most:
                    most = one
                    to_source[i] = row
    finally:
        free(room)
    return order, out_total, source, parts, told


def gained(total, hit, discount):
    total = _whole(total, cnp.NPY_FLOAT32, 2, "total")
    cdef float *totals = <float *>_data(total)
    hit = _whole(hit, cnp.NPY_BOOL, 2, "hit")
    cdef uint8_t *hits = <uint8_t *>_data(hit)
    discount = _whole(discount, cnp.NPY_FLOAT64, 1, "discount")
    cdef double *worth = <double *>_data(discount)
    cdef int64_t n = _length(total), k = _length(discount), width = cnp.PyArray_DIM(<cnp.ndarray>total, 1)
    cdef int64_t row, i, j, held
    if _length(hit) != n or cnp.PyArray_DIM(<cnp.ndarray>hit, 1) != width or k < 1:
        raise ValueError("totals and hits do not go together")
    cdef float *best = <float *>_room(k * 16)
    cdef int64_t *place = <int64_t *>(best + k + (k & 1))
    cdef object found = _new(n, cnp.NPY_FLOAT64)
    cdef double *to = <double *>_data(found)
    cdef float one
    for row in range(n):
        held = 0
        for i in range(width):
            one = totals[i]
            if held == k and not one > best[k - 1]:
                continue
            j = held if held < k else k - 1
            while j > 0 and one > best[j - 1]:
                best[j] = best[j - 1]
                place[j] = place[j - 1]
                j -= 1
            best[j] = one
            place[j] = i
            held += held < k
        to[row] = 0.0
        for j in range(held):
            if hits[place[j]]:
                to[row] += worth[j]
        totals += width
        hits += width
    free(best)
    return found


# -------------------------------------------------------------------------------------------------------------- people

cdef tuple _occasions(object item, object time_us, object order, object rows, int64_t n_items):
    """Item of each occasion, ascending, and when its first and its last event was; ``rows`` are those that count."""
    item = _whole(item, cnp.NPY_INT32, 1, "item")
    cdef int32_t *items = <int32_t *>_data(item)
    time_us = _whole(time_us, cnp.NPY_INT64, 1, "time_us")
    cdef int64_t *times = <int64_t *>_data(time_us)
    order = _whole(order, cnp.NPY_INT64, 1, "order")
    cdef int64_t *orders = <int64_t *>_data(order)
    rows = _whole(rows, cnp.NPY_INT64, 1, "rows")
    cdef int64_t *those = <int64_t *>_data(rows)
    cdef int64_t n = _length(rows), n_all = _length(item), i, row, day, cells = 0, most_code
    if _length(time_us) != n_all or _length(order) != n_all:
        raise ValueError("items, times and orders must be as many")
    if n >> 24:
        raise ValueError(f"{n} purchases of one person are too many")
    cdef char *room = <char *>_room(24 * n)
    cdef int64_t *code = <int64_t *>room
    cdef uint64_t *keys = <uint64_t *>(room + 8 * n)
    cdef uint64_t *spare = keys + n
    cdef int64_t low = 0, high = 0
    cdef object out_item, out_first, out_last
    cdef int64_t *to_item
    cdef int64_t *to_first
    cdef int64_t *to_last
    cdef bint new
    try:
        for i in range(n):
            row = those[i]
            if row < 0 or row >= n_all:
                raise IndexError(f"there is no line {row}")
            if items[row] < 0 or items[row] >= n_items:
                raise IndexError(f"no item has row {items[row]}")
            if orders[row] >= 0:
                code[i] = orders[row]
            else:
                day = times[row] // DAY_US
                if times[row] < 0 and day * DAY_US != times[row]:
                    day -= 1
                code[i] = -2 - day
            if i == 0 or code[i] < low:
                low = code[i]
            if i == 0 or code[i] > high:
                high = code[i]
        if high - low < (<int64_t>1 << 40):  # by order, then by item: both sorts keep what is equal in its order
            for i in range(n):
                keys[i] = (<uint64_t>(code[i] - low) << 24) | <uint64_t>i
            keys = _sorted(keys, spare, n, 24, 24 + _bits(high - low))
            spare = <uint64_t *>(room + 8 * n) if keys != <uint64_t *>(room + 8 * n) else keys + n
        else:
            _by_code(keys, code, n)
        for i in range(n):
            keys[i] = (<uint64_t><uint32_t>items[those[keys[i] & 0xFFFFFF]] << 24) | (keys[i] & 0xFFFFFF)
        keys = _sorted(keys, spare, n, 24, 24 + _bits(n_items))
        for i in range(n):
            if i == 0 or keys[i] >> 24 != keys[i - 1] >> 24 or code[keys[i] & 0xFFFFFF] != code[keys[i - 1] & 0xFFFFFF]:
                cells += 1
        out_item, out_first, out_last = _new(cells, cnp.NPY_INT64), _new(cells, cnp.NPY_INT64), _new(cells, cnp.NPY_INT64)
        to_item = <int64_t *>_data(out_item)
        to_first = <int64_t *>_data(out_first)
        to_last = <int64_t *>_data(out_last)
        cells = -1
        for i in range(n):
            row = keys[i] & 0xFFFFFF
            new = i == 0 or keys[i] >> 24 != keys[i - 1] >> 24 or code[row] != code[keys[i - 1] & 0xFFFFFF]
            row = those[row]
            if new:
                cells += 1
                to_item[cells] = items[row]
                to_first[cells] = times[row]
                to_last[cells] = times[row]
            else:
                to_first[cells] = min(to_first[cells], times[row])
                to_last[cells] = max(to_last[cells], times[row])
    finally:
        free(room)
    return out_item, out_first, out_last


def purchases(item, kind, time_us, order, quantity, int64_t n_items, int64_t now_us, int bought, int back):
    item = _whole(item, cnp.NPY_INT32, 1, "item")
    cdef int32_t *items = <int32_t *>_data(item)
    kind = _whole(kind, cnp.NPY_INT8, 1, "kind")
    cdef int8_t *kinds = <int8_t *>_data(kind)
    quantity = _whole(quantity, cnp.NPY_FLOAT32, 1, "quantity")
    cdef float *units = <float *>_data(quantity)
    cdef int64_t n = _length(item), i, j, n_bought = 0, n_back = 0, cells
    if _length(kind) != n or _length(quantity) != n:
        raise ValueError("items, kinds and quantities must be as many")
    for i in range(n):
        n_bought += kinds[i] == bought
        n_back += kinds[i] == back
    rows = _new(n_bought, cnp.NPY_INT64)
    cdef int64_t *those = <int64_t *>_data(rows)
    j = 0
    for i in range(n):
        if kinds[i] == bought:
            those[j] = i
            j += 1
    once, first, last = _occasions(item, time_us, order, rows, n_items)
    cells = _length(once)
    age = _new(cells, cnp.NPY_FLOAT64)
    cdef double *to_age = <double *>_data(age)
    cdef int64_t *began = <int64_t *>_data(first)
    for i in range(cells):
        to_age[i] = <double>max(now_us - began[i], <int64_t>0) / <double>DAY_US
    if not n_back or not cells:
        return once, age, None, last
    share = _new(cells, cnp.NPY_FLOAT64)
    cdef double *kept = <double *>_data(share)
    cdef int64_t *names = <int64_t *>_data(once)
    cdef double *got = <double *>_room(16 * cells)
    cdef double *gone = got + cells
    memset(got, 0, 16 * cells)
    for i in range(n):
        if kinds[i] == bought or kinds[i] == back:
            j = _first_of(names, cells, items[i])
            if j < cells and names[j] == items[i]:
                if kinds[i] == bought:
                    got[j] += units[i]
                else:
                    gone[j] += units[i]
    j = 0
    for i in range(cells):
        if names[i] != names[j]:
            j = i
        kept[i] = min(max(1.0 - gone[j] / max(got[j], 1.0), 0.0), 1.0)
    free(got)
    return once, age, share, last


cdef inline int64_t _first_of(int64_t *names, int64_t n, int64_t wanted) noexcept nogil:
    """Where a number stands, or would stand, among ascending ones."""
    cdef int64_t low = 0, high = n, middle
    while low < high:
        middle = (low + high) >> 1
        if names[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low


def those_of(item, kind, int wanted):
    item = _whole(item, cnp.NPY_INT32, 1, "item")
    cdef int32_t *items = <int32_t *>_data(item)
    kind = _whole(kind, cnp.NPY_INT8, 1, "kind")
    cdef int8_t *kinds = <int8_t *>_data(kind)
    cdef int64_t i
    if _length(kind) != _length(item):
        raise ValueError("items and kinds must be as many")
    cdef set found = set()
    for i in range(_length(item)):
        if kinds[i] == wanted:
            found.add(items[i])
    return frozenset(found)


def again(item, start, last, int64_t n_events, wanted):
    item = _whole(item, cnp.NPY_INT64, 1, "item")
    cdef int64_t *items = <int64_t *>_data(item)
    start = _whole(start, cnp.NPY_INT64, 1, "start")
    cdef int64_t *starts_at = <int64_t *>_data(start)
    last = _whole(last, cnp.NPY_INT64, 1, "last")
    cdef int64_t *ends_us = <int64_t *>_data(last)
    cdef int64_t n = _length(item), one, place
    if _length(start) != n or _length(last) != n:
        raise ValueError("items, starts and last moments must be as many")
    cdef dict found = {}
    for asked in wanted:
        one = asked
        place = _first_of(items, n, one)
        if place < n and items[place] == one:
            found[asked] = ((starts_at[place + 1] if place + 1 < n else n_events) - starts_at[place], ends_us[place])
    return found


def trail(item, time_us, order):
    item = _whole(item, cnp.NPY_INT32, 1, "item")
    cdef int32_t *items = <int32_t *>_data(item)
    time_us = _whole(time_us, cnp.NPY_INT64, 1, "time_us")
    cdef int64_t *times = <int64_t *>_data(time_us)
    cdef int64_t *orders = NULL
    cdef int64_t n = _length(item), i, j, found = 0, moment = 0
    if order is not None:
        order = _whole(order, cnp.NPY_INT64, 1, "order")
        orders = <int64_t *>_data(order)
    if _length(time_us) != n or (order is not None and _length(order) != n):
        raise ValueError("items, times and orders must be as many")
    cdef int64_t *place = <int64_t *>_room(16 * n)
    cdef int64_t *step = place + n
    try:
        for i in range(n - 1, -1, -1):
            if i < n - 1 and times[i] != times[i + 1] and (orders == NULL or orders[i] != orders[i + 1] or orders[i + 1] < 0):
                moment += 1
            for j in range(found):
                if items[place[j]] == items[i]:
                    break
            else:
                place[found] = i
                step[found] = moment
                found += 1
        out_item, out_step, out_age = _new(found, cnp.NPY_INT64), _new(found, cnp.NPY_FLOAT64), _new(found, cnp.NPY_FLOAT64)
        for i in range(found):
            (<int64_t *>_data(out_item))[i] = items[place[i]]
            (<double *>_data(out_step))[i] = <double>step[i]
            (<double *>_data(out_age))[i] = <double>(times[n - 1] - times[place[i]]) / <double>DAY_US
    finally:
        free(place)
    return out_item, out_step, out_age


def spans(starts, lengths):
    starts = _whole(starts, cnp.NPY_INT64, 1, "starts")
    lengths = _whole(lengths, cnp.NPY_INT64, 1, "lengths")
    cdef int64_t *begin = <int64_t *>_data(starts)
    cdef int64_t *many = <int64_t *>_data(lengths)
    cdef int64_t n = _length(starts), total = 0, i, j, cell = 0
    if _length(lengths) != n:
        raise ValueError(f"{n} starts but {_length(lengths)} lengths")
    for i in range(n):
        if many[i] < 0:
            raise ValueError("a span is shorter than nothing")
        total += many[i]
    found = _new(total, cnp.NPY_INT64)
    cdef int64_t *to = <int64_t *>_data(found)
    for i in range(n):
        for j in range(many[i]):
            to[cell] = begin[i] + j
            cell += 1
    return found


def spread(bytes second, int64_t start, bytes kind, bytes order, bytes fraction, bytes length):
    cdef int64_t runs = len(kind), size = 0, i, j, k
    if len(second) != 4 * runs or len(order) not in (0, 2 * runs) or len(fraction) not in (0, 4 * runs) or len(length) not in (0, 2 * runs):
        raise ValueError("its columns differ in length")
    cdef char *seconds = second
    cdef char *kinds = kind
    cdef char *orders = order
    cdef char *fractions = fraction
    cdef char *lengths = length
    cdef bint ordered = len(order) > 0, split = len(fraction) > 0, long_runs = len(length) > 0
    cdef uint16_t many = 1
    cdef uint32_t wide = 0
    cdef int16_t narrow = -1
    if long_runs:
        for i in range(runs):
            memcpy(&many, lengths + 2 * i, 2)
            size += many
    else:
        size = runs
    time_s, fraction_us, kind_of, order_of = (
        _new(size, cnp.NPY_INT64), _new(size, cnp.NPY_UINT32), _new(size, cnp.NPY_INT8), _new(size, cnp.NPY_INT64)
    )
    cdef int64_t *to_time = <int64_t *>_data(time_s)
    cdef uint32_t *to_fraction = <uint32_t *>_data(fraction_us)
    cdef int8_t *to_kind = <int8_t *>_data(kind_of)
    cdef int64_t *to_order = <int64_t *>_data(order_of)
    cdef int64_t moment
    j = 0
    for i in range(runs):
        memcpy(&wide, seconds + 4 * i, 4)
        moment = start + wide
        wide = 0
        if split:
            memcpy(&wide, fractions + 4 * i, 4)
        if ordered:
            memcpy(&narrow, orders + 2 * i, 2)
        if long_runs:
            memcpy(&many, lengths + 2 * i, 2)
        for k in range(many):
            to_time[j] = moment
            to_fraction[j] = wide
            to_kind[j] = kinds[i]
            to_order[j] = narrow
            j += 1
    return time_s, fraction_us, kind_of, order_of


cdef void _by_code(uint64_t *keys, int64_t *code, int64_t n) noexcept nogil:
    """Places by code where codes are too far apart for one number: hardly ever, so a simple way."""
    cdef int64_t i, j
    for i in range(n):
        j = i - 1
        while j >= 0 and code[keys[j]] > code[i]:
            keys[j + 1] = keys[j]
            j -= 1
        keys[j + 1] = <uint64_t>i


def starts(item):
    item = _whole(item, cnp.NPY_INT64, 1, "item")
    cdef int64_t *items = <int64_t *>_data(item)
    cdef int64_t n = _length(item), i, cell = 0
    for i in range(n):
        if i == 0 or items[i] != items[i - 1]:
            cell += 1
    cdef object found = _new(cell, cnp.NPY_INT64)
    cdef int64_t *to = <int64_t *>_data(found)
    cell = 0
    for i in range(n):
        if i == 0 or items[i] != items[i - 1]:
            to[cell] = i
            cell += 1
    return found


# -------------------------------------------------------------------------------------------------------------- tables

def nearest(indptr, indices, data, int64_t first, int64_t width, items, weights):
    cdef bint wide = cnp.PyArray_TYPE(<cnp.ndarray>indptr) == cnp.NPY_INT64
    cdef int64_t *ends = <int64_t *>_read(indptr, cnp.NPY_INT64, 1, "indptr") if wide else NULL
    cdef int32_t *short_ends = NULL if wide else <int32_t *>_read(indptr, cnp.NPY_INT32, 1, "indptr")
    cdef bint wide_columns = cnp.PyArray_TYPE(<cnp.ndarray>indices) == cnp.NPY_INT64
    cdef int64_t *columns = <int64_t *>_read(indices, cnp.NPY_INT64, 1, "indices") if wide_columns else NULL
    cdef int32_t *short_columns = NULL if wide_columns else <int32_t *>_read(indices, cnp.NPY_INT32, 1, "indices")
    cdef bint double_data = cnp.PyArray_TYPE(<cnp.ndarray>data) == cnp.NPY_FLOAT64
    cdef double *values = <double *>_read(data, cnp.NPY_FLOAT64, 1, "data") if double_data else NULL
    cdef float *short_values = NULL if double_data else <float *>_read(data, cnp.NPY_FLOAT32, 1, "data")
    cdef int32_t *to_items = <int32_t *>_read(items, cnp.NPY_INT32, 2, "items")
    cdef float *to_weights = <float *>_read(weights, cnp.NPY_FLOAT32, 2, "weights")
    cdef int64_t stride = cnp.PyArray_DIM(<cnp.ndarray>items, 1), n_rows = _length(indptr) - 1, n_items = _length(items)
    cdef int64_t row, cell, begin, end, kept, most = 0, widest = 0, column
    cdef double value
    if width > stride or cnp.PyArray_DIM(<cnp.ndarray>weights, 1) != stride or _length(weights) != n_items:
        raise ValueError("the arrays of a table do not go together")
    if first < 0 or first + n_rows > n_items:
        raise IndexError(f"rows {first} to {first + n_rows} of {n_items} were given")
    for row in range(n_rows):
        begin = ends[row] if wide else short_ends[row]
        end = ends[row + 1] if wide else short_ends[row + 1]
        if begin < 0 or end < begin or end > _length(indices) or end > _length(data):
            raise IndexError("indptr leads out of the cells")
        most = max(most, end - begin)
    cdef Scored *room = <Scored *>_room(most * sizeof(Scored))
    try:
        for row in range(n_rows):
            begin = ends[row] if wide else short_ends[row]
            end = ends[row + 1] if wide else short_ends[row + 1]
            kept = 0
            for cell in range(begin, end):
                value = values[cell] if double_data else <double>short_values[cell]
                column = columns[cell] if wide_columns else <int64_t>short_columns[cell]
                if value > 0 and column != first + row:
                    room[kept].score = value
                    room[kept].place = column
                    kept += 1
            if kept > width:
                _best_first(room, kept, width)
                kept = width
            _in_order(room, kept)
            widest = max(widest, kept)
            for cell in range(kept):
                to_items[(first + row) * stride + cell] = <int32_t>room[cell].place
                to_weights[(first + row) * stride + cell] = <float>room[cell].score
    finally:
        free(room)
    return widest


# ------------------------------------------------------------------------------------------------------------- factors

def scanned(factors, shortness, person, int64_t k, skip):
    factors = _whole(factors, cnp.NPY_FLOAT32, 2, "factors")
    cdef float *rows = <float *>_data(factors)
    shortness = _whole(shortness, cnp.NPY_FLOAT32, 1, "shortness")
    cdef float *bound = <float *>_data(shortness)
    person = _whole(person, cnp.NPY_FLOAT32, 1, "person")
    cdef float *asked = <float *>_data(person)
    skip = _whole(skip, cnp.NPY_INT64, 1, "skip")
    cdef int64_t *out = <int64_t *>_data(skip)
    cdef int64_t n = _length(factors), n_out = _length(skip), row = 0, step, j = 0, heard = 0, i
    cdef int64_t width = cnp.PyArray_DIM(<cnp.ndarray>factors, 1)
    if _length(shortness) != n or _length(person) != width or k < 1:
        raise ValueError("the arrays of a scan do not go together")
    cdef int64_t size = 4 * k + 64, judged = 2 * k
    cdef int64_t *places = <int64_t *>_room(size * 16)
    cdef float *found = <float *>(places + size)
    cdef float *spare = found + size
    cdef float scores[64]
    cdef float floor = 0.0
    cdef double length
    try:
        products(asked, 1, width, asked, scores)
        length = sqrt(<double>scores[0]) * (1.0 + 1e-5)
        while row < n and length > 0 and -<double>bound[row] * length > floor:
            step = min(n - row, 64)
            products(rows + row * width, step, width, asked, scores)
            while j < n_out and out[j] < row + step:
                if out[j] >= row:
                    scores[out[j] - row] = 0.0
                j += 1
            if above(scores, step, floor):
                for i in range(step):
                    found[heard] = scores[i]
                    places[heard] = row + i
                    heard += scores[i] > floor
            row += step
            if heard > size - 64 or (heard > k and row >= judged):  # now and then: each time costs what 64 rows cost
                judged = 2 * row
                floor = _kept(found, places, heard, k, spare)
                heard = k
        if heard > k:
            _kept(found, places, heard, k, spare)
            heard = k
        out_rows, out_scores = _new(heard, cnp.NPY_INT64), _new(heard, cnp.NPY_FLOAT32)
        memcpy(_data(out_rows), places, heard * sizeof(int64_t))
        memcpy(_data(out_scores), found, heard * sizeof(float))
    finally:
        free(places)
    return out_rows, out_scores


cdef float _kept(float *scores, int64_t *places, int64_t n, int64_t k, float *spare) noexcept nogil:
    """Keep the k best of n, in their order, of equal ones the earlier; gives the lowest that is kept."""
    cdef int64_t i, to = 0, level = k
    cdef float floor = _kth(scores, n, k, spare)
    for i in range(n):
        level -= scores[i] > floor
    for i in range(n):
        scores[to] = scores[i]
        places[to] = places[i]
        if scores[i] == floor:
            to += level > 0
            level -= 1
        else:
            to += scores[i] > floor
    return floor


# --------------------------------------------------------------------------------------------------------------- texts

def rows_of(texts, data, ends, buckets, members):
    data = _whole(data, cnp.NPY_UINT8, 1, "data")
    cdef char *bytes_of = <char *>_data(data)
    ends = _whole(ends, cnp.NPY_INT64, 1, "ends")
    cdef int64_t *end = <int64_t *>_data(ends)
    buckets = _whole(buckets, cnp.NPY_INT32, 1, "buckets")
    cdef int32_t *first = <int32_t *>_data(buckets)
    members = _whole(members, cnp.NPY_INT32, 1, "members")
    cdef int32_t *who = <int32_t *>_data(members)
    cdef int64_t n_texts = _length(ends), n_bytes = _length(data), n_members = _length(members)
    cdef uint32_t last = <uint32_t>(_length(buckets) - 2), bucket
    cdef int64_t n = len(texts), i = 0, start, length
    cdef int32_t place, row, answer
    cdef Py_ssize_t size
    cdef const char *text
    cdef object found = _new(n, cnp.NPY_INT32)
    cdef int32_t *to = <int32_t *>_data(found)
    for one in texts:
        answer = -1
        try:
            text = PyUnicode_AsUTF8AndSize(one, &size)
        except UnicodeEncodeError:  # lone surrogates: nobody's
            text = NULL
        if text != NULL and n_texts:
            bucket = crc32_of(text, size) & last
            for place in range(max(first[bucket], 0), min(<int64_t>first[bucket + 1], n_members)):
                row = who[place]
                if row < 0 or row >= n_texts:
                    continue
                start = end[row - 1] if row else 0
                length = end[row] - start
                if length == size and start >= 0 and end[row] <= n_bytes and memcmp(bytes_of + start, text, size) == 0:
                    answer = row
                    break
        to[i] = answer
        i += 1
    return found
