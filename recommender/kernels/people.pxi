# Kernels of people: their records, purchases and trails.

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
        _left(room)
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
    name, start = _by_item(once)
    latest = _latest(last, start)
    if not n_back or not cells:
        return name, start, age, None, latest
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
    _left(got)
    return name, start, age, share, latest


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
    cdef int64_t i, n = _length(item), n_found = 0, n_different = 0
    if _length(kind) != n:
        raise ValueError("items and kinds must be as many")
    cdef uint64_t *keys = <uint64_t *>_room(16 * n)
    cdef uint64_t *sorted_keys
    cdef int32_t *to
    try:
        for i in range(n):
            if kinds[i] == wanted:
                keys[n_found] = <uint32_t>(items[i] ^ <int32_t>0x80000000)
                n_found += 1
        sorted_keys = _sorted(keys, keys + n, n_found, 0, 32)
        for i in range(n_found):
            n_different += i == 0 or sorted_keys[i] != sorted_keys[i - 1]
        found = _new(n_different, cnp.NPY_INT32)
        to = <int32_t *>_data(found)
        for i in range(n_found):
            if i == 0 or sorted_keys[i] != sorted_keys[i - 1]:
                to[0] = <int32_t>(<uint32_t>sorted_keys[i] ^ <uint32_t>0x80000000)
                to += 1
    finally:
        _left(keys)
    return found


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
    cdef list found = []
    for asked in wanted:
        one = asked
        place = _first_of(items, n, one)
        if place < n and items[place] == one:
            found.append(((starts_at[place + 1] if place + 1 < n else n_events) - starts_at[place], ends_us[place]))
        else:
            found.append(None)
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
        _left(place)
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


def spread(
    bytes second, int64_t start, bytes kind, bytes order, bytes fraction, bytes length, bytes item, bytes quantity,
    int64_t n_items, int64_t n_orders
):
    cdef int64_t runs = len(kind), size = 0, i, j, k, moment
    if len(second) != 4 * runs or len(order) not in (0, 2 * runs) or len(fraction) not in (0, 4 * runs) or len(length) not in (0, 2 * runs):
        raise ValueError("its columns differ in length")
    cdef const char *seconds = second
    cdef const char *kinds = kind
    cdef const char *orders = order
    cdef const char *fractions = fraction
    cdef const char *lengths = length
    cdef bint ordered = len(order) > 0, split = len(fraction) > 0, long_runs = len(length) > 0
    cdef uint16_t many = 1, most = 0
    cdef uint32_t wide = 0
    cdef int16_t narrow = -1
    if long_runs:
        for i in range(runs):
            memcpy(&many, lengths + 2 * i, 2)
            size += many
    else:
        size = runs
    if len(item) != 2 * size or len(quantity) not in (0, size):
        raise ValueError("its columns differ in length")
    time_us, kind_of, order_of = _new(size, cnp.NPY_INT64), _new(size, cnp.NPY_INT8), _new(size, cnp.NPY_INT64)
    item_of, units = _new(size, cnp.NPY_UINT16), _new(size, cnp.NPY_UINT8)
    cdef int64_t *to_time = <int64_t *>_data(time_us)
    cdef int8_t *to_kind = <int8_t *>_data(kind_of)
    cdef int64_t *to_order = <int64_t *>_data(order_of)
    cdef uint16_t *to_item = <uint16_t *>_data(item_of)
    j = 0
    for i in range(runs):
        memcpy(&wide, seconds + 4 * i, 4)
        moment = (start + wide) * 1_000_000
        if split:
            memcpy(&wide, fractions + 4 * i, 4)
            moment += wide
        if ordered:
            memcpy(&narrow, orders + 2 * i, 2)
        if narrow >= n_orders:
            raise ValueError("it speaks of items or orders it does not name")
        if long_runs:
            memcpy(&many, lengths + 2 * i, 2)
        for k in range(many):
            to_time[j] = moment
            to_kind[j] = kinds[i]
            to_order[j] = narrow
            j += 1
    memcpy(to_item, <const char *>item, 2 * size)
    for i in range(size):
        most = max(most, to_item[i])
    if size and most >= n_items:
        raise ValueError("it speaks of items or orders it does not name")
    if len(quantity):
        memcpy(_data(units), <const char *>quantity, size)
    else:
        memset(_data(units), 1, size)
    return time_us, kind_of, order_of, item_of, units


cdef void _by_code(uint64_t *keys, int64_t *code, int64_t n) noexcept nogil:
    """Places by code where codes are too far apart for one number: hardly ever, so a simple way."""
    cdef int64_t i, j
    for i in range(n):
        j = i - 1
        while j >= 0 and code[keys[j]] > code[i]:
            keys[j + 1] = keys[j]
            j -= 1
        keys[j + 1] = <uint64_t>i
