# Arrays in and out, and sorting: what every kernel rests on.

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


cdef enum:
    HEAD = 64  # bytes before a room, which hold its size
    LEAST_ROOM = 1 << 16
    MOST_KEPT = 1 << 20

cdef void *_kept_room = NULL


cdef void *_room(int64_t n_bytes) except NULL:
    """Memory to work in, to be given back by :func:`_left`. The room left last is taken again: it lies in the caches, and a kernel
    is called every few microseconds. Only who holds the interpreter's lock may ask, as everything here does."""
    global _kept_room
    cdef char *found = <char *>_kept_room
    if found != NULL and (<int64_t *>found)[0] >= n_bytes:
        _kept_room = NULL
        return found + HEAD
    n_bytes = max(n_bytes, <int64_t>LEAST_ROOM)
    found = <char *>malloc(n_bytes + HEAD)
    if found == NULL:
        raise MemoryError
    (<int64_t *>found)[0] = n_bytes
    return found + HEAD


cdef void _left(void *room) noexcept:
    """Give a room back; one is kept, the largest there was below a megabyte."""
    global _kept_room
    cdef char *own = <char *>room - HEAD
    if _kept_room != NULL and (<int64_t *>_kept_room)[0] >= (<int64_t *>own)[0] or (<int64_t *>own)[0] > MOST_KEPT:
        free(own)
        return
    free(_kept_room)
    _kept_room = own


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
    if not 0 < scale < 1e30:  # all alike, too close to tell apart, or one of them infinite
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


cdef enum:
    PLACES = 512  # by size, into which what is put in order is laid first
    FEW = 16  # that are put in order by inserting one after the other


cdef void _best_first(Scored *some, Scored *spare, int64_t n, int64_t k) noexcept nogil:
    """Bring the k best of n to the front, in order; no two are equal. ``spare`` has room for as many.

    Laid out by size first, so that only those of about the same size are compared.
    """
    cdef int64_t i, j, begin, end, place
    cdef double low, high, scale
    cdef int32_t count[PLACES + 1]
    cdef Scored one
    k = min(k, n)
    if k <= 0:
        return
    low = high = some[0].score
    for i in range(1, n):
        low = min(low, some[i].score)
        high = max(high, some[i].score)
    scale = (PLACES - 1) / (high - low) if high > low else 0.0
    if n <= FEW or not 0 < scale < 1e300:
        _in_order(some, n)
        return
    memset(count, 0, sizeof(count))
    for i in range(n):
        count[<int32_t>((high - some[i].score) * scale) + 1] += 1
    for i in range(PLACES):
        count[i + 1] += count[i]
    for i in range(n):
        place = <int32_t>((high - some[i].score) * scale)
        spare[count[place]] = some[i]
        count[place] += 1
    begin = 0
    for i in range(PLACES):
        end = count[i]
        if begin >= k:
            break
        if end - begin > 1:
            _in_order(spare + begin, end - begin)
        begin = end
    memcpy(some, spare, k * sizeof(Scored))


cdef void _in_order(Scored *some, int64_t n) noexcept nogil:
    """Best first, and nothing else needed: few by insertion, many by a heap."""
    cdef int64_t i, j, end, start
    cdef Scored swap
    if n <= FEW:
        for i in range(1, n):
            swap = some[i]
            j = i
            while j > 0 and _before(swap, some[j - 1]):
                some[j] = some[j - 1]
                j -= 1
            some[j] = swap
        return
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
