# Kernels of the learned order: what a forest is told of a person and of candidates, and what it says.

# ---------------------------------------------------------------------------------------------------------- what is told

cdef double[3] _BOUGHT_HALF_LIVES = [14.0, 60.0, 240.0]
cdef double[2] _LOOKED_HALF_LIVES = [1.0, 7.0]
cdef double _SHELF_HALF_LIFE = 60.0

cdef struct Grouped:  # events of one sort, by item
    int64_t n_items
    int64_t n_events
    int64_t *item
    int64_t *start
    double *age
    double *weight  # NULL: all count 1


cdef Grouped _grouped(tuple told):
    cdef Grouped found
    item, start, age, weight = told
    found.item = <int64_t *>_read(item, cnp.NPY_INT64, 1, "item")
    found.start = <int64_t *>_read(start, cnp.NPY_INT64, 1, "start")
    found.age = <double *>_read(age, cnp.NPY_FLOAT64, 1, "age")
    found.weight = NULL if weight is None else <double *>_read(weight, cnp.NPY_FLOAT64, 1, "weight")
    found.n_items, found.n_events = _length(item), _length(age)
    if _length(start) != found.n_items or (weight is not None and _length(weight) != found.n_events):
        raise ValueError("items and starts, and ages and weights, must be as many")
    _ascend(found.start, found.n_items, found.n_events)
    return found


cdef int _ascend(int64_t *start, int64_t n, int64_t last) except -1:
    """Refuse starts that do not lead through the entries from the first on."""
    cdef int64_t i
    if n == 0 and last == 0:
        return 0
    if n == 0 or start[0] != 0:
        raise IndexError("events begin before the first item")
    for i in range(1, n):
        if start[i] <= start[i - 1]:
            raise IndexError("an item has no event")
    if start[n - 1] >= last:
        raise IndexError("an item begins past the last event")
    return 0


cdef inline double _faded(Grouped *some, int64_t first, int64_t last, double half_life) noexcept nogil:
    """What the events weigh together, each half as much after every half-life."""
    cdef double total = 0, per_day = -1.0 / half_life
    cdef int64_t i
    if some.weight == NULL:
        for i in range(first, last):
            total += exp2(some.age[i] * per_day)
    else:
        for i in range(first, last):
            total += exp2(some.age[i] * per_day) * some.weight[i]
    return total


cdef struct Shelf:  # what of a person's purchases stands on one shelf
    int64_t code
    int64_t many
    double youngest
    double faded


cdef int64_t _stocked(Grouped *own, int32_t *shelves, int64_t n_shelves, int64_t which, double *told, uint64_t *room, Shelf *out) noexcept nogil:
    """The shelves of one sort that a person bought from, ascending; ``told`` holds each item's youngest age and weight."""
    cdef int64_t i, place, n = 0, found = -1
    cdef uint64_t *keys
    cdef int32_t code, highest = 0
    for i in range(own.n_items):
        code = shelves[own.item[i] * n_shelves + which]
        if code >= 0:
            highest = max(highest, code)
            room[n] = <uint64_t>code << 32 | <uint64_t>i
            n += 1
    keys = _sorted(room, room + own.n_items, n, 32, 32 + _bits(highest))
    for i in range(n):
        code = <int32_t>(keys[i] >> 32)
        place = <int64_t><uint32_t>keys[i]
        if found < 0 or out[found].code != code:
            found += 1
            out[found].code = code
            out[found].many = 0
            out[found].youngest = told[2 * place]
            out[found].faded = 0.0
        out[found].many += 1
        out[found].youngest = min(out[found].youngest, told[2 * place])
        out[found].faded += told[2 * place + 1]
    return found + 1


cdef inline Shelf *_shelf_of(Shelf *some, int64_t n, int64_t code) noexcept nogil:
    """The shelf of this code among ascending ones; NULL if it is none of them."""
    cdef int64_t low = 0, high = n, middle
    while low < high:
        middle = (low + high) >> 1
        if some[middle].code < code:
            low = middle + 1
        else:
            high = middle
    return some + low if low < n and some[low].code == code else NULL


def paired(item, bought, looked, double orders, traits, int64_t price_column, float no_price, float level, shelves):
    cdef Grouped own = _grouped(bought)
    cdef Grouped seen = _grouped(looked)
    cdef int64_t *items = <int64_t *>_read(item, cnp.NPY_INT64, 1, "item")
    cdef float *of_items = <float *>_read(traits, cnp.NPY_FLOAT32, 2, "traits")
    cdef int32_t *codes = <int32_t *>_read(shelves, cnp.NPY_INT32, 2, "shelves")
    cdef int64_t n = _length(item), n_items = _length(shelves), i, k, place, first, last, stocked
    cdef int64_t width = cnp.PyArray_DIM(<cnp.ndarray>traits, 1), n_shelves = cnp.PyArray_DIM(<cnp.ndarray>shelves, 1)
    cdef double times, youngest, oldest, interval, whole = 0.0
    cdef float price
    cdef Shelf *shelf
    if _length(traits) != n_items or not 0 <= price_column < width:
        raise ValueError("traits and shelves must be of the same items, and a price among the traits")
    for i in range(n):
        if items[i] < 0 or items[i] >= n_items:
            raise IndexError(f"no item has row {items[i]}")
        fetched_bytes(of_items + items[i] * width + price_column, 1)
        fetched_bytes(codes + items[i] * n_shelves, 1)
    for i in range(own.n_items):
        if own.item[i] < 0 or own.item[i] >= n_items:
            raise IndexError(f"no item has row {own.item[i]}")
        fetched_bytes(codes + own.item[i] * n_shelves, 1)
    out = _new_table(11 + 3 * n_shelves, n, cnp.NPY_FLOAT32)
    cdef float *to = <float *>_data(out)
    memset(to, 0, 4 * (11 + 3 * n_shelves) * n)
    cdef Shelf *stock = <Shelf *>_room((32 + sizeof(Shelf)) * own.n_items)
    cdef double *told = <double *>(stock + own.n_items)
    cdef uint64_t *room = <uint64_t *>(told + 2 * own.n_items)
    for i in range(own.n_items):
        first = own.start[i]
        last = own.start[i + 1] if i + 1 < own.n_items else own.n_events
        youngest = own.age[first]
        for k in range(first + 1, last):
            youngest = min(youngest, own.age[k])
        told[2 * i] = youngest
        told[2 * i + 1] = _faded(&own, first, last, _SHELF_HALF_LIFE)
        whole += told[2 * i + 1]
    for i in range(n):
        to[n + i] = 999.0
        to[6 * n + i] = -1.0
        place = _first_of(own.item, own.n_items, items[i])
        if place < own.n_items and own.item[place] == items[i]:
            first = own.start[place]
            last = own.start[place + 1] if place + 1 < own.n_items else own.n_events
            youngest = told[2 * place]
            oldest = own.age[first]
            for k in range(first + 1, last):
                oldest = max(oldest, own.age[k])
            times = <double>(last - first)
            interval = (oldest - youngest) / max(times - 1.0, 1.0)
            to[i] = <float>times
            to[n + i] = <float>youngest
            for k in range(3):
                to[(2 + k) * n + i] = <float>_faded(&own, first, last, _BOUGHT_HALF_LIVES[k])
            to[5 * n + i] = <float>interval
            if times > 1:
                to[6 * n + i] = <float>(youngest / max(interval, 1.0))
            to[7 * n + i] = <float>(times / max(orders, 1.0))
        price = of_items[items[i] * width + price_column]
        if price > no_price:
            to[8 * n + i] = price - level
        place = _first_of(seen.item, seen.n_items, items[i])
        if place < seen.n_items and seen.item[place] == items[i]:
            first = seen.start[place]
            last = seen.start[place + 1] if place + 1 < seen.n_items else seen.n_events
            for k in range(2):
                to[(9 + k) * n + i] = <float>_faded(&seen, first, last, _LOOKED_HALF_LIVES[k])
    for k in range(n_shelves):
        stocked = _stocked(&own, codes, n_shelves, k, told, room, stock)
        for i in range(n):
            to[(12 + 3 * k) * n + i] = 999.0
            shelf = _shelf_of(stock, stocked, codes[items[i] * n_shelves + k])
            if shelf != NULL:
                to[(11 + 3 * k) * n + i] = <float>(<double>shelf.many / <double>own.n_items)
                to[(12 + 3 * k) * n + i] = <float>shelf.youngest
                to[(13 + 3 * k) * n + i] = <float>(shelf.faded / max(whole, 1e-12))
    _left(stock)
    return out


def habits(kind, time_us, order, int bought, int64_t most, item, start, int64_t n_events, traits, int64_t price_column, float no_price):
    kind = _whole(kind, cnp.NPY_INT8, 1, "kind")
    cdef int8_t *kinds = <int8_t *>_data(kind)
    time_us = _whole(time_us, cnp.NPY_INT64, 1, "time_us")
    cdef int64_t *times = <int64_t *>_data(time_us)
    order = _whole(order, cnp.NPY_INT64, 1, "order")
    cdef int64_t *numbers = <int64_t *>_data(order)
    cdef int64_t *items = <int64_t *>_read(item, cnp.NPY_INT64, 1, "item")
    cdef int64_t *begin = <int64_t *>_read(start, cnp.NPY_INT64, 1, "start")
    cdef float *of_items = <float *>_read(traits, cnp.NPY_FLOAT32, 2, "traits")
    cdef int64_t n = _length(kind), n_own = _length(item), width = cnp.PyArray_DIM(<cnp.ndarray>traits, 1)
    cdef int64_t i, day, days = 0, gaps = 0, orders = 0, heard = 0, low = 0, last_us = 0, first_us = 0, again = 0, priced = 0
    cdef double middle = 0, sum_of_prices = 0
    cdef float price
    if _length(time_us) != n or _length(order) != n or _length(start) != n_own or not 0 <= price_column < width:
        raise ValueError("kinds, times and orders must be as many, items and starts, and a price among the traits")
    cdef int64_t *room = <int64_t *>_room(24 * min(n, max(most, <int64_t>0)))
    cdef int64_t *told = room + min(n, max(most, <int64_t>0))
    cdef int64_t *gap = told + min(n, max(most, <int64_t>0))
    try:
        for i in range(n - 1, -1, -1):  # the newest first
            if kinds[i] != bought:
                continue
            if heard == most:
                break
            day = times[i] // DAY_US
            if times[i] < 0 and day * DAY_US != times[i]:
                day -= 1
            if heard == 0:
                last_us = times[i]
                low = numbers[i]
            first_us = times[i]
            low = min(low, numbers[i])
            room[heard] = day
            told[heard] = numbers[i]
            heard += 1
        if not heard:
            raise ValueError("who has bought nothing has no habits")
        days = _different(room, heard)
        for i in range(1, days):
            gap[i - 1] = room[i] - room[i - 1]
        gaps = days - 1
        if gaps > 0:
            _ascending(gap, gaps)
            middle = <double>gap[gaps >> 1] if gaps & 1 else <double>(gap[(gaps >> 1) - 1] + gap[gaps >> 1]) / 2.0
        orders = _different(told, heard) if low >= 0 else -1
        for i in range(n_own):
            if items[i] < 0 or items[i] >= _length(traits):
                raise IndexError(f"no item has row {items[i]}")
            again += (begin[i + 1] if i + 1 < n_own else n_events) - begin[i] > 1
            price = of_items[items[i] * width + price_column]
            if price > no_price:
                sum_of_prices += price
                priced += 1
    finally:
        _left(room)
    return days, orders, middle, first_us, last_us, sum_of_prices / priced if priced else 0.0, again


cdef int64_t _different(int64_t *values, int64_t n) noexcept nogil:
    """Put values in order, each once; how many there are."""
    cdef int64_t i, kept = 1
    _ascending(values, n)
    for i in range(1, n):
        if values[i] != values[kept - 1]:
            values[kept] = values[i]
            kept += 1
    return kept


cdef void _ascending(int64_t *values, int64_t n) noexcept nogil:
    """Smallest first: by insertion from behind, for a history comes nearly in order; else as a heap."""
    cdef int64_t i, j, one, moves = 0
    for i in range(n >> 1):  # what comes newest first
        if values[i] > values[n - 1 - i]:
            values[i], values[n - 1 - i] = values[n - 1 - i], values[i]
    for i in range(1, n):
        one = values[i]
        j = i - 1
        while j >= 0 and values[j] > one:
            values[j + 1] = values[j]
            j -= 1
            moves += 1
        values[j + 1] = one
        if moves > 16 * n:
            qsort(values, n, sizeof(int64_t), _which_first)
            return


cdef int _which_first(const void *one, const void *other) noexcept nogil:
    cdef int64_t a = (<const int64_t *>one)[0], b = (<const int64_t *>other)[0]
    return (a > b) - (a < b)


# ---------------------------------------------------------------------------------------------------------- what it says

ctypedef fused Mask:
    uint8_t
    uint16_t
    uint32_t
    uint64_t

cdef int64_t _BLOCK = 256  # candidates walked together, so that what is closed of them stays at hand

cdef struct Nodes:
    int64_t n_trees
    int64_t *end
    int64_t *column
    float *threshold
    void *closes


cdef Nodes _nodes(int64_t n_columns, object ends, object column, object threshold, object closes):
    cdef Nodes found
    cdef int64_t i, n_nodes, before = 0
    found.end = <int64_t *>_read(ends, cnp.NPY_INT64, 1, "ends")
    found.column = <int64_t *>_read(column, cnp.NPY_INT64, 1, "column")
    found.threshold = <float *>_read(threshold, cnp.NPY_FLOAT32, 1, "threshold")
    found.closes = _read(closes, _mask_of(closes), 1, "closes")
    found.n_trees, n_nodes = _length(ends), _length(column)
    if _length(threshold) != n_nodes or _length(closes) != n_nodes:
        raise ValueError("columns, thresholds and masks of nodes must be as many")
    for i in range(found.n_trees):
        if found.end[i] < before or found.end[i] > n_nodes:
            raise IndexError("a tree ends past the nodes")
        before = found.end[i]
    for i in range(n_nodes):
        if found.column[i] < 0 or found.column[i] >= n_columns:
            raise IndexError(f"there is no column {found.column[i]}")
    return found


cdef int _mask_of(object closes) except -1:
    """The type of masks, an unsigned one."""
    cdef int kind = cnp.PyArray_TYPE(<cnp.ndarray>closes) if cnp.PyArray_Check(closes) else cnp.NPY_UINT64
    return kind if kind == cnp.NPY_UINT8 or kind == cnp.NPY_UINT16 or kind == cnp.NPY_UINT32 else cnp.NPY_UINT64


cdef void _close(Nodes *nodes, int64_t tree, float *columns, int64_t stride, int64_t n, Mask *closed) noexcept nogil:
    """Close leaves of one tree for the n candidates whose columns begin here."""
    cdef int64_t node, j
    cdef float *values
    cdef float edge
    cdef Mask bits
    for node in range(nodes.end[tree - 1] if tree else 0, nodes.end[tree]):
        values = columns + nodes.column[node] * stride
        edge = nodes.threshold[node]
        bits = (<Mask *>nodes.closes)[node]
        if Mask is uint8_t:
            close_bytes(values, edge, bits, n, closed)
        else:
            for j in range(n):
                closed[j] |= bits & <Mask>(0 - <Mask>(values[j] > edge))


cdef void _closed(Nodes *nodes, float *columns, int64_t n, Mask *to) noexcept nogil:
    cdef Mask[256] closed
    cdef int64_t tree, first = 0, some, j
    while first < n:
        some = min(_BLOCK, n - first)
        for tree in range(nodes.n_trees):
            memset(closed, 0, sizeof(closed))
            _close(nodes, tree, columns + first, n, some, closed)
            for j in range(some):
                to[(first + j) * nodes.n_trees + tree] = closed[j]
        first += _BLOCK


def closed(columns, ends, column, threshold, closes):
    cdef float *values = <float *>_read(columns, cnp.NPY_FLOAT32, 2, "columns")
    cdef Nodes nodes = _nodes(_length(columns), ends, column, threshold, closes)
    cdef int64_t n = cnp.PyArray_DIM(<cnp.ndarray>columns, 1)
    cdef int kind = _mask_of(closes)
    out = _new_table(n, nodes.n_trees, kind)
    if kind == cnp.NPY_UINT8:
        _closed(&nodes, values, n, <uint8_t *>_data(out))
    elif kind == cnp.NPY_UINT16:
        _closed(&nodes, values, n, <uint16_t *>_data(out))
    elif kind == cnp.NPY_UINT32:
        _closed(&nodes, values, n, <uint32_t *>_data(out))
    else:
        _closed(&nodes, values, n, <uint64_t *>_data(out))
    return out


cdef struct Known:  # what items and the person closed before
    void *person  # NULL: nothing
    void *masks  # NULL: nothing
    int32_t *rows
    int64_t n_masks


cdef void _walked(
    Nodes *nodes, Known *known, float *columns, int64_t n, double *leaf, int64_t n_leaves, double *to, Mask *_
) noexcept nogil:
    cdef Mask[256] closed
    cdef Mask *mine[256]
    cdef Mask before, last = ~(<Mask>1 << (n_leaves - 1))
    cdef double *gives
    cdef int64_t tree, first = 0, some, j, place
    memset(to, 0, n * sizeof(double))
    while first < n:
        some = min(_BLOCK, n - first)
        if known.masks != NULL:
            for j in range(some):
                place = min(max(<int64_t>known.rows[first + j], <int64_t>0), known.n_masks - 1)
                mine[j] = <Mask *>known.masks + place * nodes.n_trees
                fetched_bytes(mine[j], nodes.n_trees * sizeof(Mask))
        for tree in range(nodes.n_trees):
            before = (<Mask *>known.person)[tree] if known.person != NULL else 0
            for j in range(some):
                closed[j] = before
            if known.masks != NULL:
                for j in range(some):
                    closed[j] |= mine[j][tree]
            _close(nodes, tree, columns + first, n, some, closed)
            gives = leaf + tree * n_leaves
            for j in range(some):
                to[first + j] += gives[lowest_open(closed[j] & last)]
        first += _BLOCK


def walked(masks, rows, person, columns, ends, column, threshold, closes, leaf):
    cdef float *values = <float *>_read(columns, cnp.NPY_FLOAT32, 2, "columns")
    cdef Nodes nodes = _nodes(_length(columns), ends, column, threshold, closes)
    cdef int64_t n = cnp.PyArray_DIM(<cnp.ndarray>columns, 1)
    cdef int kind = _mask_of(closes)
    cdef double *leaves = <double *>_read(leaf, cnp.NPY_FLOAT64, 2, "leaf")
    cdef int64_t n_leaves = cnp.PyArray_DIM(<cnp.ndarray>leaf, 1)
    cdef Known known
    known.person = known.masks = known.rows = NULL
    if _length(leaf) != nodes.n_trees or not 1 <= n_leaves <= 64:
        raise ValueError("trees and their leaves must be as many")
    if person is not None:
        known.person = _read(person, kind, 1, "person")
        if _length(person) != nodes.n_trees:
            raise ValueError("what a person closes must be told of every tree")
    if masks is not None:
        known.masks = _read(masks, kind, 2, "masks")
        known.rows = <int32_t *>_read(rows, cnp.NPY_INT32, 1, "rows")
        known.n_masks = _length(masks)
        if cnp.PyArray_DIM(<cnp.ndarray>masks, 1) != nodes.n_trees or _length(rows) != n or known.n_masks < 1:
            raise ValueError("masks must be told of every tree, and a row of every candidate")
    out = _new(n, cnp.NPY_FLOAT64)
    cdef double *to = <double *>_data(out)
    if kind == cnp.NPY_UINT8:
        _walked(&nodes, &known, values, n, leaves, n_leaves, to, <uint8_t *>NULL)
    elif kind == cnp.NPY_UINT16:
        _walked(&nodes, &known, values, n, leaves, n_leaves, to, <uint16_t *>NULL)
    elif kind == cnp.NPY_UINT32:
        _walked(&nodes, &known, values, n, leaves, n_leaves, to, <uint32_t *>NULL)
    else:
        _walked(&nodes, &known, values, n, leaves, n_leaves, to, <uint64_t *>NULL)
    return out
