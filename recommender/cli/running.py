"""``recommender serve`` and ``demo``."""

from dataclasses import replace

import typer

from recommender.cli.context import State
from recommender.domain.errors import UsageError
from recommender.settings import PORTS, WORKERS, checked


def register(app: typer.Typer) -> None:
    """Add the commands."""

    @app.command("serve")
    def serve(
        context: typer.Context,
        host: str | None = typer.Option(None, "--host", help="Address to listen on (default 127.0.0.1)."),
        port: int | None = typer.Option(None, "--port", min=1, max=PORTS, help="Port to listen on (default 8000)."),
        workers: int | None = typer.Option(
            None, "--workers", min=1, max=WORKERS, help="Processes that answer (default 1)."
        ),
        insecure_loopback: bool = typer.Option(
            False, "--insecure-loopback", help="Answer without keys, on this machine only."
        ),
    ) -> int:
        """Answer storefronts until stopped. Takes up new models and new stock by itself."""
        from recommender.serve import serve as run

        state: State = context.obj
        if host == "":
            raise UsageError("--host is empty; it takes an address, such as 127.0.0.1.")
        settings = state.settings
        settings = checked(
            replace(
                settings,
                host=settings.host if host is None else host,
                port=settings.port if port is None else port,
                workers=settings.workers if workers is None else workers,
            )
        )
        return run(settings, insecure_loopback=insecure_loopback)

    @app.command("demo")
    def demo(
        context: typer.Context,
        port: int = typer.Option(8000, "--port", min=1, max=PORTS, help="Port to listen on."),
    ) -> int:
        """Load the bundled shop, train, publish and serve it on this machine, without keys."""
        from recommender.demo.run import run_demo

        state: State = context.obj
        return run_demo(checked(replace(state.settings, host="127.0.0.1", port=port)), quiet=state.quiet)
