# Kernels of factors: a person folded in, and what candidates are worth to them. The scan is among the tables.

cdef extern from *:
    """
    #if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__linux__)
    #define WIDER __attribute__((target_clones("avx2", "default")))
    #else
    #define WIDER
    #endif

    /* Adds the outer products of n rows with themselves, each times its worth, to the upper half of a matrix; four rows at once.
       Rows and matrix are as wide as a multiple of four; what lies left of the diagonal is of no use. */
    WIDER static void outer(double *__restrict to, int64_t width, const double *__restrict rows, const double *worth, int64_t n) {
        for (; n >= 4; n -= 4, rows += 4 * width, worth += 4) {
            const double *b = rows + width, *c = b + width, *d = c + width;
            for (int64_t i = 0; i < width; i++) {
                const double x = worth[0] * rows[i], y = worth[1] * b[i], z = worth[2] * c[i], w = worth[3] * d[i];
                double *line = to + i * width;
                for (int64_t j = i & ~3; j < width; j += 4)
                    for (int k = 0; k < 4; k++) line[j + k] += (x * rows[j + k] + y * b[j + k]) + (z * c[j + k] + w * d[j + k]);
            }
        }
        for (; n > 0; n--, rows += width, worth++) {
            for (int64_t i = 0; i < width; i++) {
                const double x = *worth * rows[i];
                double *line = to + i * width;
                for (int64_t j = i & ~3; j < width; j += 4)
                    for (int k = 0; k < 4; k++) line[j + k] += x * rows[j + k];
            }
        }
    }

    /* Solves a symmetric system by Cholesky's decomposition of its upper half, in place; 0 if it is not positive definite.
       ``right`` becomes the answer; both are as wide as a multiple of four, n of which count. */
    WIDER static int solved(double *__restrict matrix, int64_t width, int64_t n, double *__restrict right) {
        for (int64_t i = 0; i < n; i++) {
            double *__restrict row = matrix + i * width;
            if (!(row[i] > 0)) return 0;
            const double unit = 1.0 / sqrt(row[i]);
            for (int64_t j = i & ~3; j < width; j += 4)
                for (int k = 0; k < 4; k++) row[j + k] *= unit;
            right[i] *= unit;
            for (int64_t j = i + 1; j < n; j++) {
                const double share = row[j];
                double *__restrict other = matrix + j * width;
                right[j] -= share * right[i];
                for (int64_t t = j & ~3; t < width; t += 4)
                    for (int k = 0; k < 4; k++) other[t + k] -= share * row[t + k];
            }
        }
        for (int64_t i = n - 1; i >= 0; i--) {
            const double *row = matrix + i * width;
            double sum = right[i];
            for (int64_t j = i + 1; j < n; j++) sum -= row[j] * right[j];
            right[i] = sum / row[i];
        }
        return 1;
    }
    """
    void outer(double *to, int64_t width, const double *rows, const double *worth, int64_t n) nogil
    int solved(double *matrix, int64_t width, int64_t n, double *right) nogil


def folded_in(factors, place, gram, item, weight, double alpha, double faint):
    factors = _whole(factors, cnp.NPY_FLOAT32, 2, "factors")
    cdef float *table = <float *>_data(factors)
    place = _whole(place, cnp.NPY_INT32, 1, "place")
    cdef int32_t *places = <int32_t *>_data(place)
    gram = _whole(gram, cnp.NPY_FLOAT64, 2, "gram")
    cdef double *inner = <double *>_data(gram)
    item = _whole(item, cnp.NPY_INT64, 1, "item")
    cdef int64_t *items = <int64_t *>_data(item)
    weight = _whole(weight, cnp.NPY_FLOAT64, 1, "weight")
    cdef double *weights = <double *>_data(weight)
    cdef int64_t n_rows = _length(factors), n_items = _length(place), n = _length(item), f = cnp.PyArray_DIM(<cnp.ndarray>factors, 1)
    cdef int64_t wide = (f + 3) & ~<int64_t>3, i, j, row, heard = 0
    if _length(gram) != f or cnp.PyArray_DIM(<cnp.ndarray>gram, 1) != f or _length(weight) != n:
        raise ValueError("the arrays of a fold-in do not go together")
    cdef double *matrix = <double *>_room(8 * (wide * wide + wide + n * (wide + 2)))
    cdef double *wanted = matrix + wide * wide
    cdef double *told = wanted + wide
    cdef double *worth = told + n * wide
    cdef int64_t *rows = <int64_t *>(worth + n)
    cdef double one
    cdef float *to
    cdef object found = None
    try:
        for i in range(n):
            if items[i] < 0 or items[i] >= n_items:
                raise IndexError(f"no item has row {items[i]}")
            row = places[items[i]]
            if row < 0 or not weights[i] > faint:
                continue
            if row >= n_rows:
                raise IndexError(f"there are no factors in row {row}")
            fetched_bytes(table + row * f, 4 * f)
            rows[heard] = row
            worth[heard] = alpha * weights[i]
            heard += 1
        if not heard:
            return None
        memset(matrix, 0, 8 * (wide * wide + wide))
        for i in range(f):
            memcpy(matrix + i * wide, inner + i * f, 8 * f)
        for i in range(heard):
            one = 1.0 + worth[i]
            for j in range(f):
                told[i * wide + j] = table[rows[i] * f + j]
                wanted[j] += one * told[i * wide + j]
            for j in range(f, wide):
                told[i * wide + j] = 0.0
        outer(matrix, wide, told, worth, heard)
        if not solved(matrix, wide, f, wanted):
            return None
        found = _new(f, cnp.NPY_FLOAT32)
        to = <float *>_data(found)
        for j in range(f):
            to[j] = <float>wanted[j]
            if not -3e38 < to[j] < 3e38:
                return None
    finally:
        _left(matrix)
    return found


def inner_products(factors, place, item, person):
    factors = _whole(factors, cnp.NPY_FLOAT32, 2, "factors")
    cdef float *table = <float *>_data(factors)
    place = _whole(place, cnp.NPY_INT32, 1, "place")
    cdef int32_t *places = <int32_t *>_data(place)
    item = _whole(item, cnp.NPY_INT64, 1, "item")
    cdef int64_t *items = <int64_t *>_data(item)
    person = _whole(person, cnp.NPY_FLOAT32, 1, "person")
    cdef float *asked = <float *>_data(person)
    cdef int64_t n_rows = _length(factors), n_items = _length(place), n = _length(item), f = cnp.PyArray_DIM(<cnp.ndarray>factors, 1)
    cdef int64_t i, row
    cdef float score
    if _length(person) != f:
        raise ValueError(f"{f} factors but {_length(person)} of the person")
    found = _new(n, cnp.NPY_FLOAT64)
    cdef double *to = <double *>_data(found)
    for i in range(n):
        if items[i] < 0 or items[i] >= n_items:
            raise IndexError(f"no item has row {items[i]}")
        row = places[items[i]]
        if row >= n_rows:
            raise IndexError(f"there are no factors in row {row}")
        if row >= 0:
            fetched_bytes(table + row * f, 4 * f)
    for i in range(n):
        row = places[items[i]]
        to[i] = 0.0
        if row >= 0:
            products(table + row * f, 1, f, asked, &score)
            if score > 0:
                to[i] = score
    return found
