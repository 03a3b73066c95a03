"""A server process of the offers for tests: `python -m tests.offer.server RECORDS_URL HOME PORT`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, cast

import uvicorn

from regulars.access import Keyring
from regulars.offer.flash_sales.api import api as flash_sales
from regulars.offer.group_buys.api import api as group_buys
from regulars.offer.loyalty.api import api as loyalty
from regulars.offer.promotions.api import api as promotions
from regulars.records import Records
from regulars.web import Stores, WebOptions, build


def main(url: str, home: str, port: str) -> None:
    """Serve until killed. These routes use no warehouse, which two processes could not open together."""
    stores = Stores(records=Records.open(url), warehouse=cast(Any, None), home=Path(home), keyring=Keyring.open(Path(home)))
    app = build(stores, WebOptions(), [flash_sales, group_buys, loyalty, promotions])
    uvicorn.run(app, port=int(port), log_level="warning", proxy_headers=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
