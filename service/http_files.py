"""Scripts, styles and the widget: files that every site may load."""

import os
from pathlib import Path

from fastapi import APIRouter
from fastapi.requests import Request
from fastapi.responses import Response
from fastapi.staticfiles import StaticFiles
from starlette.types import Scope

_HEADERS = {
    "Access-Control-Allow-Origin": "*",  # modules are always asked for across origins
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Cache-Control": "no-cache",  # kept, and asked after by ETag before each use
}
# The system's own table of types differs from machine to machine.
_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
WIDGET = "widget/widget.js"


class SharedFiles(StaticFiles):
    """Files of a folder with the headers above, on answers without a body (304) as well."""

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """Return the response for a file that is there."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers.update(_HEADERS)
        media_type = _MEDIA_TYPES.get(Path(full_path).suffix)
        if media_type is not None and response.status_code == status_code:
            response.headers["Content-Type"] = media_type
        return response


def widget_router(files: SharedFiles) -> APIRouter:
    """Return the route of the one script that another site's page includes."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("/widget.js", methods=["GET", "HEAD"])
    async def widget(request: Request) -> Response:
        """Give the widget's script."""
        return await files.get_response(WIDGET, request.scope)

    return router
