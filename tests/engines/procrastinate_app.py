"""A Procrastinate app whose workers send campaigns, to be killed: `procrastinate --app=... worker`."""

from __future__ import annotations

import os

import sqlalchemy as sa
from procrastinate import App, PsycopgConnector

from smsmanager.engines.procrastinate import ProcrastinateCampaigns

LEDGER = os.environ["TESTS_LEDGER"]
_URL = sa.make_url(LEDGER).set(drivername="postgresql")

app = App(connector=PsycopgConnector(conninfo=_URL.render_as_string(hide_password=False)))
campaigns = ProcrastinateCampaigns(
    app,
    LEDGER,
    moment_s=float(os.environ.get("TESTS_MOMENT_S", "2")),
    most_workers=int(os.environ.get("TESTS_WORKERS", "4")),
    tend_every_s=1,
)


def start() -> None:
    """Start the campaign, as an application does."""
    with app.open():
        app.schema_manager.apply_schema()
        campaigns.start()
