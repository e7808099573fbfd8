# Kernels of what a person touched: events grouped by item.

cdef tuple _by_item(object item):
    """Distinct numbers among sorted ones, and where each begins."""
    cdef int64_t *items = <int64_t *>_data(item)
    cdef int64_t n = _length(item), i, cell = 0
    for i in range(n):
        cell += i == 0 or items[i] != items[i - 1]
    name, start = _new(cell, cnp.NPY_INT64), _new(cell, cnp.NPY_INT64)
    cdef int64_t *to_name = <int64_t *>_data(name)
    cdef int64_t *to_start = <int64_t *>_data(start)
    cell = 0
    for i in range(n):
        if i == 0 or items[i] != items[i - 1]:
            to_name[cell] = items[i]
            to_start[cell] = i
            cell += 1
    return name, start


cdef object _latest(object last, object start):
    """The largest number of each group."""
    cdef int64_t *times = <int64_t *>_data(last)
    cdef int64_t *begins = <int64_t *>_data(start)
    cdef int64_t n = _length(last), groups = _length(start), i, cell = -1
    found = _new(groups, cnp.NPY_INT64)
    cdef int64_t *to = <int64_t *>_data(found)
    for i in range(n):
        if cell + 1 < groups and begins[cell + 1] == i:
            cell += 1
            to[cell] = times[i]
        else:
            to[cell] = max(to[cell], times[i])
    return found


def occurrences(item, kind, time_us, int64_t now_us, int low, int high):
    item = _whole(item, cnp.NPY_INT32, 1, "item")
    cdef int32_t *items = <int32_t *>_data(item)
    kind = _whole(kind, cnp.NPY_INT8, 1, "kind")
    cdef int8_t *kinds = <int8_t *>_data(kind)
    time_us = _whole(time_us, cnp.NPY_INT64, 1, "time_us")
    cdef int64_t *times = <int64_t *>_data(time_us)
    cdef int64_t n = _length(item), i, heard = 0
    cdef int32_t most = 0
    if _length(kind) != n or _length(time_us) != n:
        raise ValueError("items, kinds and times must be as many")
    cdef uint64_t *keys = <uint64_t *>_room(16 * n)
    cdef uint64_t *room = keys
    cdef int64_t *to_item
    cdef double *to_age
    try:
        for i in range(n):
            if low <= kinds[i] <= high:
                if items[i] < 0:
                    raise IndexError(f"no item has row {items[i]}")
                most = max(most, items[i])
                keys[heard] = (<uint64_t>items[i] << 32) | <uint64_t>i
                heard += 1
        keys = _sorted(keys, keys + n, heard, 32, 32 + _bits(most))
        once, age = _new(heard, cnp.NPY_INT64), _new(heard, cnp.NPY_FLOAT64)
        to_item = <int64_t *>_data(once)
        to_age = <double *>_data(age)
        for i in range(heard):
            to_item[i] = <int64_t>(keys[i] >> 32)
            to_age[i] = <double>max(now_us - times[keys[i] & 0xFFFFFFFF], <int64_t>0) / <double>DAY_US
    finally:
        _left(room)
    name, start = _by_item(once)
    return name, start, age


cdef int64_t *_starts(object start, object age) except NULL:
    """Where groups begin among that many ages; they must ascend from 0."""
    _read(age, cnp.NPY_FLOAT64, 1, "age")
    cdef int64_t *begins = <int64_t *>_read(start, cnp.NPY_INT64, 1, "start")
    cdef int64_t n = _length(age), groups = _length(start), i
    for i in range(groups):
        if begins[i] >= n or (begins[i] <= begins[i - 1] if i else begins[i] != 0):
            raise IndexError("a group begins where none can")
    if n and not groups:
        raise IndexError("a group begins where none can")
    return begins


def totals(start, age, weight, double half_life):
    if not half_life > 0:
        raise ValueError(f"a half-life of {half_life} days is none")
    start, age = _whole(start, cnp.NPY_INT64, 1, "start"), _whole(age, cnp.NPY_FLOAT64, 1, "age")
    cdef int64_t *begins = _starts(start, age)
    cdef double *ages = <double *>_data(age)
    cdef double *weights = NULL
    if weight is not None:
        weight = _whole(weight, cnp.NPY_FLOAT64, 1, "weight")
        weights = <double *>_data(weight)
        if _length(weight) != _length(age):
            raise ValueError("ages and weights must be as many")
    cdef int64_t n = _length(age), groups = _length(start), i, j, end
    cdef double falling = -1.0 / half_life, one, before = 0.0, kept = 1.0
    found = _new(groups, cnp.NPY_FLOAT64)
    cdef double *to = <double *>_data(found)
    for i in range(groups):
        end = begins[i + 1] if i + 1 < groups else n
        to[i] = 0.0
        for j in range(begins[i], end):
            if ages[j] != before:  # what was ordered together is as old
                before = ages[j]
                kept = exp2(before * falling)
            one = kept if weights == NULL else kept * weights[j]
            to[i] += one
    return found


def faded(start, age, double power):
    start, age = _whole(start, cnp.NPY_INT64, 1, "start"), _whole(age, cnp.NPY_FLOAT64, 1, "age")
    cdef int64_t *begins = _starts(start, age)
    cdef double *ages = <double *>_data(age)
    cdef int64_t n = _length(age), groups = _length(start), i, j, end
    cdef double last, first, waited
    found = _new(groups, cnp.NPY_FLOAT64)
    cdef double *to = <double *>_data(found)
    for i in range(groups):
        end = begins[i + 1] if i + 1 < groups else n
        last = first = ages[begins[i]]
        for j in range(begins[i] + 1, end):
            last = min(last, ages[j])
            first = max(first, ages[j])
        waited = 1.0
        if first - last >= 1.0:
            waited = last * <double>(end - begins[i] - 1) / (first - last)
        to[i] = waited ** -power if waited > 1.0 else 1.0
    return found


def weightiest(item, weight, int64_t most):
    item = _whole(item, cnp.NPY_INT64, 1, "item")
    cdef int64_t *items = <int64_t *>_data(item)
    weight = _whole(weight, cnp.NPY_FLOAT64, 1, "weight")
    cdef double *weights = <double *>_data(weight)
    cdef int64_t n = _length(item), i, heard = 0, level = most, cell = 0
    cdef double floor = 0.0
    if _length(weight) != n:
        raise ValueError(f"{n} items but {_length(weight)} weights")
    for i in range(n):
        heard += weights[i] > 0
    if heard == n <= most:
        return item, weight
    cdef double *room = <double *>_room(16 * n)
    try:
        if heard > most > 0:
            cell = 0
            for i in range(n):
                room[cell] = weights[i]
                cell += weights[i] > 0
            floor = _kth(room, heard, most, room + n)
            for i in range(n):
                level -= weights[i] > floor
    finally:
        _left(room)
    heard = max(min(heard, most), <int64_t>0)
    some, loud = _new(heard, cnp.NPY_INT64), _new(heard, cnp.NPY_FLOAT64)
    cdef int64_t *to = <int64_t *>_data(some)
    cdef double *to_loud = <double *>_data(loud)
    cell = 0
    for i in range(n):
        if cell < heard and (weights[i] > floor or (floor > 0 and weights[i] == floor and level > 0)):
            level -= weights[i] == floor
            to[cell] = items[i]
            to_loud[cell] = weights[i]
            cell += 1
    return some, loud
