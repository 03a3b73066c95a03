"""The room's routes, which the files beside this one add to, and the form of bodies."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from regulars.web import Api

api = Api(tags=["Connections"])


class Strict(BaseModel):
    """A body that takes no unknown names and leaves out what is not sent."""

    model_config = ConfigDict(extra="forbid")
