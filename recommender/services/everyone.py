"""All people a shop knows, each once."""

from collections.abc import Iterator
from heapq import merge
from itertools import groupby, takewhile

from recommender.domain.people import Person
from recommender.domain.ports import Customers, EventLog


def everyone(log: EventLog, customers: Customers) -> Iterator[Person]:
    """Customers of the log and of the customer store by id, then visitors of the log who are no customer yet."""
    people = log.people()
    visitors: list[Person] = []

    def of_log() -> Iterator[str]:
        for person in people:
            if person.customer_id is None:
                visitors.append(person)
                return
            yield person.customer_id

    for customer_id, _ in groupby(merge(of_log(), customers.ids())):
        yield Person(customer_id=customer_id)
    yield from visitors
    yield from takewhile(lambda person: person.customer_id is None, people)
