"""What a browser is shown: the chat, or the pages of the live lab, which find their stage on another port.

The stage says what was counted, and takes the controls (`lab live`). A page may talk to nobody else.
"""

from collections.abc import Mapping
from functools import partial

from flask import Flask, Response, make_response, render_template, request

from servers.origins import name_in
from servers.settings import Settings

PAGES = {
    "chat": {"/": "index"},
    "live": {"/": "live/live"},
    "class": {"/": "live/member", "/projector": "live/projector"},
}
OWN = "script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'"


def init_app(app: Flask, settings: Settings, mounts: Mapping[str, str]) -> None:
    """Show the pages that were asked for."""
    for path, name in PAGES[settings.page].items():
        app.add_url_rule(path, name, partial(show, f"{name}.html", settings, mounts))


def show(template: str, settings: Settings, mounts: Mapping[str, str]) -> Response:
    """A page. `mounts` has the path of each transport; `code` is whether a join code is asked for."""
    stage = stage_for(request.environ.get("HTTP_HOST", ""), settings.stage) if settings.stage else ""
    policy = policy_with(stage)
    page = render_template(
        template, mounts=mounts, auth=settings.auth, code=bool(settings.join_code), stage=stage, policy=policy
    )
    response = make_response(page)
    response.headers["Content-Security-Policy"] = f"{policy}; frame-ancestors 'none'"
    return response


def stage_for(host: str, port: int) -> str:
    """Where a browser that knows the server as `host` finds the stage.

    The guard has let in an address, localhost or a name that is listed. Of an address the zone is left out, in which
    anything may stand (RFC 4007 section 11).
    """
    name = name_in(host).partition("%")[0] or "localhost"
    return f"ws://{f'[{name}]' if ':' in name else name}:{port}"


def policy_with(stage: str) -> str:
    """What a page may load, and whom it may talk to."""
    allowed = f"'self' {stage}".strip()
    return f"default-src 'none'; connect-src {allowed}; {OWN}"
