"""The yardstick of ``POST /v1/events``: the same reading and checking of every event, the same answer, and no store."""

from datetime import timedelta

from flask import Flask, Response, request

from recommender.api.event_verdicts import answer, nothing_stored
from recommender.api.events import EventDesk, read_call
from recommender.api.identity import Identities
from recommender.api.visitors import Callers, VisitorIds
from recommender.domain.clock import ShopClock
from recommender.domain.incoming import Intake
from recommender.domain.keys import KeyClass
from recommender.services.ingest import Ingest


def _no_intake() -> Intake:
    raise RuntimeError("the yardstick stores nothing")


DESK = EventDesk(
    ingest=Ingest(_no_intake),
    callers=Callers(identities=Identities({}), visitors=VisitorIds(b"yardstick")),
    clock=ShopClock(timedelta(0)),
    name_key=b"yardstick",
    legal_basis="contract",
)

app = Flask(__name__)


@app.get("/")
def ok() -> str:
    """Two letters."""
    return "ok"


@app.post("/v1/events")
def receive() -> Response:
    """Check the events as a server's key would have them checked, and say they are stored."""
    call = read_call(
        DESK,
        request.get_data(),
        content_type=request.headers.get("Content-Type", ""),
        encoding=request.headers.get("Content-Encoding", ""),
        identity=None,
        key_class=KeyClass.SK,
        key_id="",
    )
    return answer(call, nothing_stored([call.delivery])[0])
