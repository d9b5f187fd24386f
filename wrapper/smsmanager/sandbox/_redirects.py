"""Lead short links to where they go, as the recipient's browser would be."""

from collections.abc import Sequence

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from smsmanager.sandbox._service import Service
from smsmanager.sandbox.engine.links import LINKS_PATH


def link_routes(service: Service) -> Sequence[Route]:
    """Return the route of the short links of a service."""

    async def follow(request: Request) -> Response:
        link = service.engine.open_link(request.path_params["code"])
        if link is None:
            raise HTTPException(404, "There is no such short link, or it has expired.")
        headers = {"referrer-policy": "no-referrer", "cache-control": "no-store"}
        # It encodes what a header cannot hold: a text may have a link with any letter.
        return RedirectResponse(link.target, 302, headers)

    return [Route(f"{LINKS_PATH}{{code}}", follow, methods=["GET"])]
