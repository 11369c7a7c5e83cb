"""PixelDojo: many image and video models behind one asynchronous API; pictures go there as web addresses.

```
compile (schema, catalogue, routes) spec → steps, checked against the model's schema where it is known
orders → responses, errors          the paid request, and what is answered to it
status                              free requests: states, files, lost orders
decode (pictures, video)            what stored files are: edits laid over their source, frames of a clip
```
Everything that needs numpy is imported when it is used: plans do without (but for edits, whose masks are checked).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from bridge.http.api import Api
from bridge.providers.api import CompileContext, Step
from bridge.providers.lazy import LazyProvider
from bridge.providers.paid import Capabilities, FreeCalls, Models, RateLimits
from bridge.providers.pixeldojo import routes
from bridge.providers.pixeldojo.uses import USES

if TYPE_CHECKING:
    from bridge.spec.model import Spec


class PixelDojoProvider(LazyProvider):
    """Pictures, edits and clips of many models; results are kept there for a day and cannot be adopted.

    catalogue_file: where the models are kept between runs; None is the user's cache folder.
    """

    name = routes.NAME
    MODULES: ClassVar = {
        "interpret": "decode",
        "order": "orders",
        "accepted": "responses",
        "refusal": "errors",
        "check": "status",
        "fetch": "status",
        "search": "status",
    }
    FAMILIES: ClassVar = {"video": frozenset({"image", "video"})}
    kinds = frozenset(routes.OPERATIONS)
    uses = USES
    # No idempotency key; a running job cannot be cancelled. Credits are taken with the order (its answer says how many
    # are left), and no document says whether any ending gives them back.
    abilities = Capabilities(can_search=True)
    # 60 requests a minute are shared by everything; videos take minutes.
    limits = RateLimits(concurrent=4, per_minute=60, poll_first=3.0, poll=3.0, poll_most=10.0, patience=1800.0)
    api = Api(
        "https://pixeldojo.ai/api/v1", "PIXELDOJO_API_KEY", hosts=(".pixeldojo.ai",), account_url=routes.ACCOUNT_URL
    )

    def __init__(self, catalogue_file: Path | None = None) -> None:
        self._file = catalogue_file

    @property
    def _catalogue_file(self) -> Path:
        return self._file or Path(self.load("catalogue").default_file())

    def compile(self, spec: Spec, context: CompileContext) -> Sequence[Step]:
        """The steps of a spec, checked against what is known of its model.

        Raises:
            UserError: `provider_kind`, `spec_invalid`, `spec_not_applicable`, `provider_limit`.
        """
        models = self.load("catalogue").read(self._catalogue_file)
        steps: Sequence[Step] = self.load("compile").compile_spec(spec, context, models)
        return steps

    def addressed(self, step: Step, part: str) -> bool:
        """Whether others can fetch a part: pictures, where nothing is laid over them here."""
        return step.operation == "image.create" and part in step.gives

    def require_decoder(self, step: Step) -> None:
        """Videos are decoded by PyAV.

        Raises:
            UserError: `missing_extra`.
        """
        if step.operation == "video.create":
            self.load("video").require_decoder()

    async def models(self, calls: FreeCalls, about: Sequence[str] = ()) -> Models:
        """As the service lists them now, else the list that was kept. Later plans are checked against it.

        Raises:
            TransportError: as `FreeCalls.get`, and nothing was kept. OSError: the list cannot be kept.
        """
        models: Models = await self.load("catalogue").listed(calls, self._catalogue_file, about)
        return models
