# Kernels of lists: votes, few of many, blends.

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
        fetched(items + who[i] * stride, weights + who[i] * stride, width)
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
        _left(room)


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
        _left(room)


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
    try:
        if n_out:
            for i in range(n):
                while j < n_out and out[j] < items[i]:
                    j += 1
                values[heard] = scores[i]
                places[heard] = items[i]
                heard += scores[i] > 0 and not (j < n_out and out[j] == items[i])
        else:
            for i in range(n):
                values[heard] = scores[i]
                places[heard] = items[i]
                heard += scores[i] > 0
        if heard > k:
            level = k
            floor = _kth(values, heard, k, spare)
            for i in range(heard):
                level -= values[i] > floor  # what is left for those that are as good as the last one
            for i in range(heard):
                places[chosen] = places[i]
                chosen += values[i] > floor
                if values[i] == floor:
                    chosen += level > 0
                    level -= 1
            heard = chosen
        found = _new(heard, cnp.NPY_INT64)
        memcpy(_data(found), places, heard * sizeof(int64_t))
    finally:
        _left(room)
    return found


cdef enum:
    SPARSE = 8  # times as many items as are asked for are read one by one, more are searched


def scores_at(item, score, wanted):
    item = _whole(item, cnp.NPY_INT64, 1, "item")
    cdef int64_t *items = <int64_t *>_data(item)
    score = _whole(score, cnp.NPY_FLOAT64, 1, "score")
    cdef double *scores = <double *>_data(score)
    wanted = _whole(wanted, cnp.NPY_INT64, 1, "wanted")
    cdef int64_t *asked = <int64_t *>_data(wanted)
    cdef int64_t n = _length(item), n_asked = _length(wanted)
    if _length(score) != n:
        raise ValueError(f"{n} items but {_length(score)} scores")
    cdef object found = _new(n_asked, cnp.NPY_FLOAT64)
    cdef double *to = <double *>_data(found)
    _at(items, scores, n, asked, n_asked, to)
    return found


cdef void _at(int64_t *items, double *scores, int64_t n, int64_t *asked, int64_t n_asked, double *to) noexcept nogil:
    """The score of each item that is asked for, 0 of those that are not there. The items ascend; what is asked does so as a rule."""
    cdef int64_t i, place = 0, step, end, middle, one, turned = 0
    for i in range(1, n_asked):
        turned += asked[i] < asked[i - 1]
    if not turned and n < SPARSE * n_asked:
        met(items, scores, n, asked, n_asked, to)
        return
    for i in range(n_asked):
        one = asked[i]
        if i and one < asked[i - 1]:
            place = 0
        if place < n and items[place] < one:  # gallop
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


def below(item, values, double bound):
    item = _whole(item, cnp.NPY_INT64, 1, "item")
    cdef int64_t *items = <int64_t *>_data(item)
    values = _whole(values, cnp.NPY_FLOAT32, 1, "values")
    cdef float *value_of = <float *>_data(values)
    cdef int64_t n = _length(item), n_values = _length(values), i, found = 0
    cdef float edge = <float>bound
    cdef int64_t *room = <int64_t *>_room(8 * n)
    try:
        for i in range(n):
            if items[i] < 0 or items[i] >= n_values:
                raise IndexError(f"no item has row {items[i]}")
            room[found] = items[i]
            found += value_of[items[i]] < edge
        out = _new(found, cnp.NPY_INT64)
        memcpy(_data(out), room, 8 * found)
    finally:
        _left(room)
    return out


def union(parts):
    cdef int64_t total = 0, i, n, cell = 0, most = 0, words
    cdef int64_t *one
    parts = [_whole(part, cnp.NPY_INT64, 1, "a part") for part in parts]
    for part in parts:
        one = <int64_t *>_data(part)
        n = _length(part)
        total += n
        for i in range(n):
            if one[i] < 0:
                raise IndexError(f"no item has row {one[i]}")
            most = max(most, one[i])
    words = (most >> 6) + 1
    if words < 8 * total:
        return _marked(parts, words, total)
    cdef uint64_t *room = <uint64_t *>_room(16 * total)
    cdef uint64_t *keys
    cdef object found
    cdef int64_t *to
    try:
        for part in parts:
            n = _length(part)
            memcpy(room + cell, _data(part), n * sizeof(int64_t))
            cell += n
        keys = _sorted(room, room + total, total, 0, _bits(most))
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
        _left(room)
    return found


def leading(ranked, int64_t k, banned):
    ranked = _whole(ranked, cnp.NPY_INT32, 1, "ranked")
    cdef int32_t *items = <int32_t *>_data(ranked)
    banned = _whole(banned, cnp.NPY_INT64, 1, "banned")
    cdef int64_t *out = <int64_t *>_data(banned)
    cdef int64_t n = _length(ranked), n_out = _length(banned), i, place, found = 0
    cdef object first = _new(max(min(n, k), 0), cnp.NPY_INT64)
    cdef int64_t *to = <int64_t *>_data(first)
    for i in range(n):
        if found >= k:
            break
        place = _first_of(out, n_out, items[i])
        if place == n_out or out[place] != items[i]:
            to[found] = items[i]
            found += 1
    return first if found == _length(first) else first[:found]


cdef object _marked(list parts, int64_t words, int64_t total):
    """The union where the catalogue is small enough for a bit an item: they come out in order."""
    cdef uint64_t *bits = <uint64_t *>_room(8 * (words + total))
    cdef int64_t *items = <int64_t *>(bits + words)
    cdef int64_t *one
    cdef int64_t i, n = 0
    cdef uint64_t word
    try:
        memset(bits, 0, 8 * words)
        for part in parts:
            one = <int64_t *>_data(part)
            for i in range(_length(part)):
                bits[one[i] >> 6] |= <uint64_t>1 << (one[i] & 63)
        for i in range(words):
            word = bits[i]
            while word:
                items[n] = (i << 6) + lowest_open(~word)
                n += 1
                word &= word - 1
        found = _new(n, cnp.NPY_INT64)
        memcpy(_data(found), items, n * sizeof(int64_t))
    finally:
        _left(bits)
    return found


# --------------------------------------------------------------------------------------------------------------- blend

cdef enum:
    FAR = 64  # bytes of bits an item at most: beyond, candidates are so few that generators' items are searched for them


cdef struct Standing:  # candidates by item, and where each stands
    int64_t *item
    int64_t n
    int64_t n_known
    uint16_t *at
    uint8_t *bits  # NULL where they are searched
    uint16_t *before


def stood(item, told, rank):
    item = _whole(item, cnp.NPY_INT64, 1, "item")
    rank = _whole(rank, cnp.NPY_INT32, 1, "rank")
    cdef int32_t *ranks = <int32_t *>_data(rank)
    cdef int64_t rows = len(told), i, bytes_of_bits
    cdef Standing by
    by.item, by.n, by.n_known = <int64_t *>_data(item), _length(item), _length(rank)
    if by.n >> 16:
        raise ValueError(f"{by.n} candidates are too many")
    for i in range(by.n):
        if by.item[i] < 0:
            raise IndexError(f"no item has row {by.item[i]}")
        if i and by.item[i] <= by.item[i - 1]:
            raise ValueError("candidates must ascend")
    cdef int64_t last = by.item[by.n - 1] if by.n else 0
    cdef object out_item = _new(by.n, cnp.NPY_INT64), out_score = _new_table(rows, by.n, cnp.NPY_FLOAT64)
    cdef int64_t *to_item = <int64_t *>_data(out_item)
    cdef double *to = <double *>_data(out_score)
    bytes_of_bits = (last >> 3) + 1 if last >> 3 < FAR * by.n else 0
    cdef char *room = <char *>_room(26 * by.n + 8 + 3 * bytes_of_bits + 2)
    cdef double *line = <double *>room
    cdef uint64_t *keys = <uint64_t *>(line + by.n + 1)
    cdef uint64_t stands
    by.at = <uint16_t *>(keys + 2 * by.n)
    by.before = by.at + by.n
    by.bits = <uint8_t *>(by.before + bytes_of_bits) if bytes_of_bits else NULL
    try:
        for i in range(by.n):
            stands = <uint64_t>ranks[by.item[i]] if by.item[i] < by.n_known else <uint64_t>by.item[i]
            keys[i] = (stands << 16) | <uint64_t>i
        for one in told:  # on their way while the candidates are sorted
            if type(one) is tuple and (<tuple>one)[0] is None:
                _called(one, &by)
        keys = _sorted(keys, keys + by.n, by.n, 16, 16 + _bits(max(by.n_known, last)))
        for i in range(by.n):
            by.at[keys[i] & 0xFFFF] = <uint16_t>i
            to_item[i] = by.item[keys[i] & 0xFFFF]
        if by.bits != NULL:
            memset(by.bits, 0, bytes_of_bits)
            marked(by.item, by.n, by.bits, by.before)
        for one in told:
            _line(one, &by, to_item, line)
            rooted(line, by.n)
            memcpy(to, line, by.n * sizeof(double))
            to += by.n
    finally:
        _left(room)
    return out_item, out_score


cdef int _called(tuple one, Standing *by) except -1:
    """Ask for the scores of the candidates in a table by item."""
    score = _whole(one[1], cnp.NPY_FLOAT64, 1, "score")
    cdef double *scores = <double *>_data(score)
    cdef int64_t length = min(_length(score), by.n_known), i
    for i in range(by.n):
        if by.item[i] < length:
            fetched_bytes(scores + by.item[i], 1)
    return 0


cdef int _line(one, Standing *by, int64_t *standing, double *line) except -1:
    """What a generator says of the candidates: a score each, a pair of its own items and scores, or no items and a table by item."""
    cdef int64_t length, i, row
    cdef double *scores
    if type(one) is not tuple:
        score = _whole(one, cnp.NPY_FLOAT64, 1, "a line of scores")
        scores, length = <double *>_data(score), _length(score)
        if length > by.n:
            raise ValueError("there are more scores than items")
        for i in range(by.n):
            line[by.at[i]] = scores[i] if i < length else 0.0
        return 0
    own, score = one
    score = _whole(score, cnp.NPY_FLOAT64, 1, "score")
    scores, length = <double *>_data(score), _length(score)
    if own is None:
        length = min(length, by.n_known)
        for i in range(by.n):
            row = standing[i]
            line[i] = scores[row] if row < length else 0.0
        return 0
    own = _whole(own, cnp.NPY_INT64, 1, "item")
    if _length(own) != length:
        raise ValueError(f"{_length(own)} items but {length} scores")
    if by.bits != NULL:
        memset(line, 0, by.n * sizeof(double))
        if length:
            placed(<int64_t *>_data(own), scores, length, by.bits, by.before, by.item[by.n - 1], by.at, <uint16_t>by.n, line)
        return 0
    cdef double *found = <double *>_room(8 * by.n)
    try:
        _at(<int64_t *>_data(own), scores, length, by.item, by.n, found)
        for i in range(by.n):
            line[by.at[i]] = found[i]
    finally:
        _left(found)
    return 0


def weighed(score, weights, int64_t limit, *, bint apart):
    score = _whole(score, cnp.NPY_FLOAT64, 2, "score")
    cdef double *scores = <double *>_data(score)
    weights = _whole(weights, cnp.NPY_FLOAT64, 1, "weights")
    cdef double *loud = <double *>_data(weights)
    cdef int64_t rows = _length(score), n = cnp.PyArray_DIM(<cnp.ndarray>score, 1), i, row, place, heard = 0, width
    if _length(weights) != rows:
        raise ValueError(f"{rows} lines of scores but {_length(weights)} weights")
    cdef char *room = <char *>_room((8 + 2 * 16) * n)
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
        _best_first(sums, sums + n, heard, limit)
        heard = min(heard, max(limit, 0))
        order, source = _new(heard, cnp.NPY_INT64), _new(heard if rows else 0, cnp.NPY_INT64)
        out_total = _new(heard, cnp.NPY_FLOAT32)
        width = heard if apart else 0
        parts, told = _new_table(rows, width, cnp.NPY_FLOAT64), _new_table(rows, width, cnp.NPY_FLOAT64)
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
                one = scores[row * n + place] * loud[row]
                if apart:
                    to_told[row * heard + i] = scores[row * n + place]
                    to_parts[row * heard + i] = one
                if one > most:
                    most = one
                    to_source[i] = row
    finally:
        _left(room)
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
    _left(best)
    return found
