"""Marks on the freshness board what others changed: imports, other hosts, a process that died before it could say so."""

from recommender.domain.ports import Changes, Freshness, ProfileStore, Standing


class Follower:
    """Looks at what was written since it last looked. For a :class:`~recommender.services.watching.Watch`.

    Parameters
    ----------
    changes : Changes
    board : Freshness
        Remembers for all processes of the host how far anybody has looked.
    profiles : ProfileStore
        Cleared when the stores went back, which only a restore does.
    """

    def __init__(self, changes: Changes, board: Freshness, profiles: ProfileStore) -> None:
        self._changes = changes
        self._board = board
        self._profiles = profiles

    def poll(self) -> None:
        """Mark whom the changes concern; with nothing new it costs one small question."""
        board, before = self._board, self._board.seen
        changed = self._changes.since(before)
        now = changed.standing
        if _went_back(before, now):
            self._profiles.clear()
            board.begin_anew(now)
            return
        if changed.lines is None:
            board.mark_all(now.position)
        elif changed.lines:
            board.mark(changed.lines, now.position)
        if changed.facts is None:
            board.mark_all_facts(now.facts)
        elif changed.facts:
            board.mark_facts(changed.facts, now.facts)
        if now != before:
            board.saw(now)


MOST_STRETCHES = 64


class Trail:
    """Tells the board which lines this process wrote and marked itself, so that no follower reads them again.

    Lines of other processes may lie before them that are not marked yet. Such a stretch waits until they are; a follower
    that comes first makes it needless.
    """

    def __init__(self, board: Freshness) -> None:
        self._board = board
        self._generation = board.generation
        self._waiting: list[tuple[int, int]] = []

    def add(self, first: int, last: int) -> None:
        """The people of these lines are marked. One thread calls this."""
        if self._board.generation != self._generation:
            self._generation, self._waiting = self._board.generation, []
        self._waiting = [*self._waiting, (first, last)][-MOST_STRETCHES:]
        while self._waiting and self._board.advance(*self._waiting[0]):
            del self._waiting[0]


def _went_back(before: Standing, now: Standing) -> bool:
    return now.position < before.position or now.consent < before.consent or now.customers < before.customers
