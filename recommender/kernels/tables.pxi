# Kernels of tables, and the scan of factors.

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
    cdef Scored *room = <Scored *>_room(2 * most * sizeof(Scored))
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
            _best_first(room, room + most, kept, width)
            kept = min(kept, width)
            widest = max(widest, kept)
            for cell in range(kept):
                to_items[(first + row) * stride + cell] = <int32_t>room[cell].place
                to_weights[(first + row) * stride + cell] = <float>room[cell].score
    finally:
        _left(room)
    return widest


cdef struct Heads:
    int64_t last
    int64_t n


def shared(
    indptr, indices, int64_t first, lead_ends, lead_groups, group_ends, group_items, person, int64_t n_items, int64_t least
):
    indptr = _whole(indptr, cnp.NPY_INT64, 1, "indptr")
    cdef int64_t *cells = <int64_t *>_data(indptr)
    indices = _whole(indices, cnp.NPY_INT32, 1, "indices")
    cdef int32_t *columns = <int32_t *>_data(indices)
    lead_ends = _whole(lead_ends, cnp.NPY_INT64, 1, "lead_ends")
    cdef int64_t *leads = <int64_t *>_data(lead_ends)
    lead_groups = _whole(lead_groups, cnp.NPY_INT32, 1, "lead_groups")
    cdef int32_t *leaders = <int32_t *>_data(lead_groups)
    group_ends = _whole(group_ends, cnp.NPY_INT64, 1, "group_ends")
    cdef int64_t *bounds = <int64_t *>_data(group_ends)
    group_items = _whole(group_items, cnp.NPY_INT32, 1, "group_items")
    cdef int32_t *had = <int32_t *>_data(group_items)
    person = _whole(person, cnp.NPY_INT64, 1, "person")
    cdef int64_t *whose = <int64_t *>_data(person)
    cdef int64_t n_rows = _length(indptr) - 1, n_lead = _length(lead_ends) - 1, n_groups = _length(group_ends) - 1
    cdef int64_t row, cell, place, who
    cdef int32_t group
    if _length(person) != n_groups:
        raise ValueError("somebody must stand behind each group")
    if n_rows < 0 or first < 0 or first + n_rows > n_lead:
        raise IndexError(f"rows {first} to {first + n_rows} of {n_lead} were given")
    found = _new(_length(indices), cnp.NPY_BOOL)
    cdef uint8_t *to = <uint8_t *>_data(found)
    memset(to, 0, _length(indices))
    cdef Heads *count = <Heads *>calloc(n_items + 1, sizeof(Heads))
    if count == NULL:
        raise MemoryError
    try:
        for row in range(n_rows):
            _leads_in(cells, row, _length(indices), "indptr")
            _leads_in(leads, first + row, _length(lead_groups), "lead_ends")
            if cells[row] == cells[row + 1]:
                continue
            for place in range(leads[first + row], leads[first + row + 1]):
                group = leaders[place]
                _names(group, n_groups, "group")
                _leads_in(bounds, group, _length(group_items), "group_ends")
                who = whose[group] + 1
                for cell in range(bounds[group], bounds[group + 1]):
                    _names(had[cell], n_items, "item")
                    count[had[cell]].n += count[had[cell]].last != who
                    count[had[cell]].last = who
            for cell in range(cells[row], cells[row + 1]):
                _names(columns[cell], n_items, "item")
                to[cell] = count[columns[cell]].n >= least
            for place in range(leads[first + row], leads[first + row + 1]):
                group = leaders[place]
                for cell in range(bounds[group], bounds[group + 1]):
                    count[had[cell]].n = 0
                    count[had[cell]].last = 0
    finally:
        free(count)
    return found


cdef inline int _leads_in(int64_t *ends, int64_t i, int64_t length, str name) except -1:
    """Refuses bounds that lead out of what they are bounds of."""
    if ends[i] < 0 or ends[i + 1] < ends[i] or ends[i + 1] > length:
        raise IndexError(f"{name} leads out of the cells")
    return 0


cdef inline int _names(int32_t number, int64_t n, str name) except -1:
    """Refuses a number that names nothing."""
    if number < 0 or number >= n:
        raise IndexError(f"{name} {number} of {n}")
    return 0


# ------------------------------------------------------------------------------------------------------------- factors

cdef enum:
    WIDEST = 1024  # factors that are told by sketches at most
    LEVELS = 1023  # between 0 and the most a row may score, by which the floor of a scan rises


def scanned(factors, shortness, sketched, person, int64_t k, skip):
    factors = _whole(factors, cnp.NPY_FLOAT32, 2, "factors")
    cdef float *rows = <float *>_data(factors)
    shortness = _whole(shortness, cnp.NPY_FLOAT32, 1, "shortness")
    cdef float *bound = <float *>_data(shortness)
    sketch, steps, strays = sketched
    sketch = _whole(sketch, cnp.NPY_UINT8, 2, "sketch")
    cdef uint8_t *rough = <uint8_t *>_data(sketch)
    steps = _whole(steps, cnp.NPY_FLOAT32, 1, "steps")
    cdef float *step_of = <float *>_data(steps)
    strays = _whole(strays, cnp.NPY_FLOAT32, 1, "strays")
    cdef float *stray_of = <float *>_data(strays)
    person = _whole(person, cnp.NPY_FLOAT32, 1, "person")
    cdef float *asked = <float *>_data(person)
    skip = _whole(skip, cnp.NPY_INT64, 1, "skip")
    cdef int64_t *out = <int64_t *>_data(skip)
    cdef int64_t n = _length(factors), n_out = _length(skip), row = 0, step, j = 0, heard = 0, i
    cdef int64_t width = cnp.PyArray_DIM(<cnp.ndarray>factors, 1)
    if _length(shortness) != n or _length(person) != width or k < 1:
        raise ValueError("the arrays of a scan do not go together")
    if _length(sketch) != n or cnp.PyArray_DIM(<cnp.ndarray>sketch, 1) != width or _length(steps) != n or _length(strays) != n:
        raise ValueError("the sketches are not those of the rows")
    cdef int64_t size = 8 * k + 64
    cdef int64_t *places = <int64_t *>_room(size * 16)
    cdef float *found = <float *>(places + size)
    cdef float *spare = found + size
    cdef float scores[64]
    cdef int8_t told[WIDEST]
    cdef int32_t zero = 0
    cdef float floor = 0.0
    cdef double length, unit = 0.0, lost = 0.0
    cdef uint64_t better
    cdef int32_t count[LEVELS + 1]
    cdef int64_t level = 0, upon = 0, first
    cdef float scale = 0.0, rise = 0.0
    try:
        memset(count, 0, sizeof(count))
        products(asked, 1, width, asked, scores)
        length = sqrt(<double>scores[0]) * (1.0 + 1e-5)
        if n and 0 < -<double>bound[0] * length < 1e30:
            scale = LEVELS / (-<double>bound[0] * length)
            rise = (1.0 - 1e-6) / scale
        if width % 32 == 0 and width <= WIDEST and 0 < length < 1e30 and sketches_help():
            unit = _told(asked, width, told, &zero, &lost)
        while row < n and length > 0 and -<double>bound[row] * length > floor:
            step = min(n - row, 64)
            first = heard
            if floor > 0 and unit > 0:  # what rounding may hide is taken off the floor
                better = promising(
                    rough + row * width, step_of + row, stray_of + row, step, width, told, zero,
                    <float>unit, <float>length, <float>(floor + <double>bound[row] * (lost + 2e-5 * length)),
                )
                better = _without(better, row, step, out, n_out, &j)
                while better:
                    i = lowest_open(~better)
                    better &= better - 1
                    products(rows + (row + i) * width, 1, width, asked, scores)
                    found[heard] = scores[0]
                    places[heard] = row + i
                    heard += scores[0] > floor
            else:
                products(rows + row * width, step, width, asked, scores)
                better = _without(above(scores, step, floor), row, step, out, n_out, &j)
                while better:
                    i = lowest_open(~better)
                    better &= better - 1
                    found[heard] = scores[i]
                    places[heard] = row + i
                    heard += 1
            row += step
            upon += _counted(found + first, heard - first, level, scale, count)
            while upon - count[level] >= k:  # as many stand above the next level
                upon -= count[level]
                level += 1
            if level:
                floor = level * rise
            if heard > size - 64:
                _kept(found, places, heard, k, spare)
                heard = k
        if heard > k:
            _kept(found, places, heard, k, spare)
            heard = k
        out_rows, out_scores = _new(heard, cnp.NPY_INT64), _new(heard, cnp.NPY_FLOAT32)
        memcpy(_data(out_rows), places, heard * sizeof(int64_t))
        memcpy(_data(out_scores), found, heard * sizeof(float))
    finally:
        _left(places)
    return out_rows, out_scores


cdef double _told(float *asked, int64_t width, int8_t *told, int32_t *zero, double *lost) noexcept nogil:
    """A person's factors in whole steps; gives what a step is worth, and how much of their length rounding takes at most."""
    cdef int64_t i
    cdef double most = 0.0, unit
    for i in range(width):
        most = max(most, asked[i], -asked[i])
    unit = most / 127.0
    for i in range(width):
        told[i] = <int8_t>rint(asked[i] / unit)
        zero[0] += 64 * told[i]
        lost[0] += (asked[i] - told[i] * unit) ** 2
    lost[0] = sqrt(lost[0]) * (1.0 + 1e-5)
    return unit


cdef inline int64_t _counted(float *scores, int64_t n, int64_t level, float scale, int32_t *count) noexcept nogil:
    """Count scores by their level; gives how many stand at ``level`` or above."""
    cdef int64_t i, upon = 0
    cdef int32_t its
    for i in range(n):
        its = <int32_t>min(scores[i] * scale, <float>LEVELS)
        count[its] += 1
        upon += its >= level
    return upon


cdef inline uint64_t _without(
    uint64_t some, int64_t first, int64_t n, int64_t *out, int64_t n_out, int64_t *next_out
) noexcept nogil:
    """Of up to 64 rows from ``first`` on those that are not among the sorted ones to leave out."""
    while next_out[0] < n_out and out[next_out[0]] < first + n:
        if out[next_out[0]] >= first:
            some &= ~(<uint64_t>1 << (out[next_out[0]] - first))
        next_out[0] += 1
    return some


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
