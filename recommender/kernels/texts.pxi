# Kernels of texts: rows of ids among packed ones.

cdef struct Texts:
    char *data
    int64_t *end
    int64_t n
    int64_t n_bytes
    int32_t *first
    int32_t *who
    int64_t n_members
    uint32_t last


cdef Texts _texts(data, ends, buckets, members):
    """Packed texts as they are looked up; the arrays must outlive them."""
    cdef Texts told
    told.data = <char *>_read(data, cnp.NPY_UINT8, 1, "data")
    told.end = <int64_t *>_read(ends, cnp.NPY_INT64, 1, "ends")
    told.first = <int32_t *>_read(buckets, cnp.NPY_INT32, 1, "buckets")
    told.who = <int32_t *>_read(members, cnp.NPY_INT32, 1, "members")
    told.n, told.n_bytes, told.n_members = _length(ends), _length(data), _length(members)
    told.last = <uint32_t>(_length(buckets) - 2)
    return told


cdef int32_t _row_of(Texts *of, const char *text, int64_t size) noexcept nogil:
    """The number of a text; -1 if it is none of them."""
    if not of.n:
        return -1
    return _row_in(of, crc32_of(text, size) & of.last, text, size)


cdef int32_t _row_in(Texts *of, uint32_t bucket, const char *text, int64_t size) noexcept nogil:
    """The same, if its bucket is known."""
    cdef int64_t start
    cdef int32_t place, row
    for place in range(max(of.first[bucket], 0), min(<int64_t>of.first[bucket + 1], of.n_members)):
        row = of.who[place]
        if row < 0 or row >= of.n:
            continue
        start = of.end[row - 1] if row else 0
        if of.end[row] - start == size and start >= 0 and of.end[row] <= of.n_bytes and memcmp(of.data + start, text, size) == 0:
            return row
    return -1


def rows_of(texts, data, ends, buckets, members):
    data, ends = _whole(data, cnp.NPY_UINT8, 1, "data"), _whole(ends, cnp.NPY_INT64, 1, "ends")
    buckets, members = _whole(buckets, cnp.NPY_INT32, 1, "buckets"), _whole(members, cnp.NPY_INT32, 1, "members")
    cdef Texts of = _texts(data, ends, buckets, members)
    cdef int64_t i = 0
    cdef Py_ssize_t size
    cdef const char *text
    cdef object found = _new(len(texts), cnp.NPY_INT32)
    cdef int32_t *to = <int32_t *>_data(found)
    for one in texts:
        try:
            text = PyUnicode_AsUTF8AndSize(one, &size)
            to[i] = _row_of(&of, text, size)
        except UnicodeEncodeError:  # lone surrogates: nobody's
            to[i] = -1
        i += 1
    return found


cdef int64_t _head(const uint8_t *raw, int64_t n, int64_t *at, bint array) noexcept nogil:
    """Length of the array or the text that begins here (MessagePack), what comes after its head next; -1 if none does."""
    cdef int64_t i = at[0], width, size = 0, j
    if i >= n:
        return -1
    cdef uint8_t mark = raw[i]
    if array and mark & 0xF0 == 0x90:
        at[0] = i + 1
        return mark & 0x0F
    if not array and mark & 0xE0 == 0xA0:
        at[0] = i + 1
        return mark & 0x1F
    if array:
        width = 2 if mark == 0xDC else 4 if mark == 0xDD else 0
    else:
        width = 1 if mark == 0xD9 else 2 if mark == 0xDA else 4 if mark == 0xDB else 0
    if not width or i + 1 + width > n:
        return -1
    for j in range(width):
        size = (size << 8) | raw[i + 1 + j]
    at[0] = i + 1 + width
    return size


def texts_in(bytes packed):
    cdef const uint8_t *raw = packed
    cdef int64_t n = len(packed), at = 0, many, i, j, size
    cdef uint8_t bits = 0
    many = _head(raw, n, &at, True)
    for i in range(many):
        size = _head(raw, n, &at, False)
        if size < 0 or at + size > n:
            return -1
        for j in range(at, at + size):
            bits |= raw[j]
        at += size
    return many if many >= 0 and at == n and not bits & 0x80 else -1


def rows_of_packed(bytes packed, data, ends, buckets, members):
    data, ends = _whole(data, cnp.NPY_UINT8, 1, "data"), _whole(ends, cnp.NPY_INT64, 1, "ends")
    buckets, members = _whole(buckets, cnp.NPY_INT32, 1, "buckets"), _whole(members, cnp.NPY_INT32, 1, "members")
    cdef Texts of = _texts(data, ends, buckets, members)
    cdef const uint8_t *raw = packed
    cdef int64_t n = len(packed), at = 0, many, i, size
    many = _head(raw, n, &at, True)
    if many < 0 or many > n:
        raise ValueError("these bytes hold no texts")
    cdef object found = _new(many, cnp.NPY_INT32)
    cdef int32_t *to = <int32_t *>_data(found)
    cdef Wanted *wanted = <Wanted *>_room(many * sizeof(Wanted))
    try:
        for i in range(many):
            size = _head(raw, n, &at, False)
            if size < 0 or at + size > n:
                raise ValueError("these bytes hold no texts")
            wanted[i].text, wanted[i].size = <const char *>raw + at, size
            at += size
        if at != n:
            raise ValueError("these bytes hold no texts")
        _looked_up(&of, wanted, many, to)
    finally:
        _left(wanted)
    return found


cdef struct Wanted:
    const char *text
    int64_t size
    uint32_t bucket
    int32_t member


cdef void _looked_up(Texts *of, Wanted *wanted, int64_t many, int32_t *to) noexcept nogil:
    """The number of each text. What they are compared with lies far apart in memory: step by step it is asked for all at once."""
    cdef int64_t i
    cdef Wanted *one
    if not of.n:
        for i in range(many):
            to[i] = -1
        return
    for i in range(many):
        wanted[i].bucket = crc32_of(wanted[i].text, wanted[i].size) & of.last
        fetched_bytes(of.first + wanted[i].bucket, 8)
    for i in range(many):
        one = &wanted[i]
        one.member = min(max(of.first[one.bucket], 0), <int32_t>max(of.n_members - 1, 0))
        fetched_bytes(of.who + one.member, 4)
    for i in range(many):
        one = &wanted[i]
        one.member = min(max(of.who[one.member], 0), <int32_t>max(of.n - 1, 0)) if of.n_members else 0
        fetched_bytes(of.end + max(one.member - 1, 0), 16)
    for i in range(many):
        one = &wanted[i]
        if one.member and one.member < of.n and 0 <= of.end[one.member - 1] < of.n_bytes:
            fetched_bytes(of.data + of.end[one.member - 1], 1)
    for i in range(many):
        to[i] = _row_in(of, wanted[i].bucket, wanted[i].text, wanted[i].size)
