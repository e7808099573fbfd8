"""The yardstick: the least a Flask view can do."""

from flask import Flask

app = Flask(__name__)


@app.get("/")
def ok() -> str:
    """Two letters."""
    return "ok"
