# Kernels of slates: which candidates come into a list, and what is written of its items.

cdef int64_t AHEAD = 24  # candidates whose columns are fetched together


cdef bint _in(int32_t *some, int64_t n, int32_t wanted) noexcept nogil:
    """Whether a number is among others, which are ascending."""
    cdef int64_t low = 0, high = n, middle
    while low < high:
        middle = (low + high) >> 1
        if some[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low < n and some[low] == wanted


def chosen(rows, scores, int64_t wanted, int64_t cap, set taken, set groups, own, dict counts, tuple columns, int64_t now_us):
    rows = _whole(rows, cnp.NPY_INT32, 1, "rows")
    cdef int32_t *row_of = <int32_t *>_data(rows)
    cdef int64_t n = _length(rows), place, n_rows, count
    cdef float *score = NULL
    if scores is not None:
        scores = _whole(scores, cnp.NPY_FLOAT32, 1, "scores")
        if _length(scores) != n:
            raise ValueError(f"{n} candidates but {_length(scores)} scores")
        score = <float *>_data(scores)
    own = _whole(own, cnp.NPY_INT32, 1, "own")
    cdef int32_t *mine = <int32_t *>_data(own)
    cdef int64_t n_mine = _length(own)
    offered, starts, ends, group, category = columns
    offered = _whole(offered, cnp.NPY_BOOL, 1, "offered")
    group, category = _whole(group, cnp.NPY_INT32, 1, "group"), _whole(category, cnp.NPY_INT32, 1, "category")
    n_rows = _length(offered)
    if _length(group) != n_rows or _length(category) != n_rows:
        raise ValueError("columns must be as long as each other")
    cdef uint8_t *is_offered = <uint8_t *>_data(offered)
    cdef int32_t *group_of = <int32_t *>_data(group)
    cdef int32_t *category_of = <int32_t *>_data(category)
    cdef int64_t *start = NULL
    cdef int64_t *end = NULL
    if starts is not None:
        starts, ends = _whole(starts, cnp.NPY_INT64, 1, "starts"), _whole(ends, cnp.NPY_INT64, 1, "ends")
        if _length(starts) != n_rows or _length(ends) != n_rows:
            raise ValueError("columns must be as long as each other")
        start, end = <int64_t *>_data(starts), <int64_t *>_data(ends)
    cdef list found = []
    cdef list shown_rows = []
    cdef list late = []
    cdef int32_t row, its_group, its_category
    cdef int64_t ahead = 0, near
    for place in range(n):
        if len(found) >= wanted:
            return found, shown_rows
        if place == ahead:  # most lists are full after a few: what the next ones need is fetched together
            ahead = min(n, place + AHEAD)
            for near in range(place, ahead):
                row = row_of[near]
                if 0 <= row < n_rows:
                    fetched_bytes(is_offered + row, 1)
                    fetched_bytes(group_of + row, 1)
                    fetched_bytes(category_of + row, 1)
        row = row_of[place]
        if row < 0 or row >= n_rows:
            raise IndexError(f"no item has row {row}")
        if not is_offered[row] or (start != NULL and not start[row] <= now_us < end[row]):
            continue
        if score != NULL and not (score[place] - score[place] == 0):  # not finite
            continue
        its_group, its_category = group_of[row], category_of[row]
        if row in taken or (its_group >= 0 and its_group in groups):
            continue
        if its_category >= 0 and not _in(mine, n_mine, row):
            known = counts.get(its_category)
            count = 0 if known is None else known
            if count >= cap:
                late.append(place)
                continue
            counts[its_category] = count + 1
        taken.add(row)
        if its_group >= 0:
            groups.add(its_group)
        found.append(place)
        shown_rows.append(row)
    for at in late:
        if len(found) >= wanted:
            break
        row = row_of[<int64_t>at]
        its_group = group_of[row]
        if row in taken or (its_group >= 0 and its_group in groups):
            continue
        known = counts.get(category_of[row])
        count = 0 if known is None else known
        counts[category_of[row]] = count + 1
        taken.add(row)
        if its_group >= 0:
            groups.add(its_group)
        found.append(at)
        shown_rows.append(row)
    return found, shown_rows


cdef double _rounded(double score) except? -1.0:
    """Six significant digits."""
    cdef double scale
    cdef char *text
    if 0.1 <= score < 10:
        scale = 1e5 if score >= 1 else 1e6
        return rint(score * scale) / scale
    text = PyOS_double_to_string(score, c'g', 6, 0, NULL)
    try:
        return PyOS_string_to_double(text, NULL, None)
    finally:
        PyMem_Free(text)


def shown(scores, list places, double most):
    scores = _whole(scores, cnp.NPY_FLOAT32, 1, "scores")
    cdef float *score = <float *>_data(scores)
    cdef int64_t n = _length(scores), place
    cdef double last = most
    cdef list found = []
    for at in places:
        place = at
        if place < 0 or place >= n:
            raise IndexError(f"no candidate has place {place}")
        last = score[place] if score[place] < most else most
        most = _rounded(last)
        found.append(most)
    return found, last


cdef struct Packed:  # texts one after the other, and where each ends
    char *data
    int64_t *end
    int64_t n
    int64_t n_bytes


cdef Packed _packed(data, ends):
    """The arrays must outlive it."""
    cdef Packed told
    told.data, told.end = <char *>_read(data, cnp.NPY_UINT8, 1, "data"), <int64_t *>_read(ends, cnp.NPY_INT64, 1, "ends")
    told.n, told.n_bytes = _length(ends), _length(data)
    return told


cdef const char *_text(Packed *of, int64_t row, int64_t *size) except NULL:
    """Where a text begins, and how long it is."""
    if row < 0 or row >= of.n:
        raise IndexError(f"there is no text {row}")
    cdef int64_t start = of.end[row - 1] if row else 0
    size[0] = of.end[row] - start
    if start < 0 or size[0] < 0 or of.end[row] > of.n_bytes:
        raise ValueError(f"text {row} lies outside of the texts")
    return of.data + start


cdef bint _plain(const char *text, int64_t n) noexcept nogil:
    """Whether a text stands in JSON as it is."""
    cdef int64_t i
    cdef uint8_t one
    for i in range(n):
        one = <uint8_t>text[i]
        if one < 0x20 or one == 0x22 or one == 0x5C:
            return False
    return True


def pieces(list rows, place, id_data, id_ends, card_data, card_ends):
    place = _whole(place, cnp.NPY_INT32, 1, "place")
    cdef int32_t *place_of = <int32_t *>_data(place)
    cdef int64_t n_rows = _length(place), row, size, card_size
    cdef Packed ids = _packed(id_data, id_ends), cards = _packed(card_data, card_ends)
    cdef const char *text
    cdef const char *card
    cdef char *to
    cdef bytes quoted
    cdef list quoted_ids = []
    cdef list its_cards = []
    for one in rows:
        row = one
        if row < 0:
            raise IndexError(f"no item has row {row}")
        if row >= n_rows or place_of[row] < 0:  # it came after the listing was written
            quoted_ids.append(None)
            its_cards.append(None)
            continue
        text = _text(&ids, place_of[row], &size)
        if not _plain(text, size):
            quoted_ids.append(None)
            its_cards.append(None)
            continue
        card = _text(&cards, place_of[row], &card_size)
        quoted = PyBytes_FromStringAndSize(NULL, size + 2)
        to = PyBytes_AS_STRING(quoted)
        to[0] = to[size + 1] = 0x22
        memcpy(to + 1, text, size)
        quoted_ids.append(quoted)
        its_cards.append(PyBytes_FromStringAndSize(card, card_size))
    return quoted_ids, its_cards


def interleaved(tuple parts, int64_t n, bytes between):
    cdef int64_t size = 0, i
    cdef char *to
    cdef bytes made, one
    for part in parts:
        if type(part) is list:
            if len(part) != n:
                raise ValueError(f"{n} rows but {len(part)} of one of the columns")
            for one in <list>part:
                size += len(one)
        else:
            size += n * len(<bytes>part)
    made = PyBytes_FromStringAndSize(NULL, size + max(n - 1, 0) * len(between))
    to = PyBytes_AS_STRING(made)
    for i in range(n):
        if i:
            memcpy(to, PyBytes_AS_STRING(between), len(between))
            to += len(between)
        for part in parts:
            one = (<list>part)[i] if type(part) is list else part
            memcpy(to, PyBytes_AS_STRING(one), len(one))
            to += len(one)
    return made
