"""Settings: the minimum for this service; your project already has its own."""

import os
from pathlib import Path

SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY", "only for trying it out")
DEBUG = True
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "shop.urls"
INSTALLED_APPS = ["shop"]

# Workers on several machines need PostgreSQL: postgresql+psycopg://user@host/name
CAMPAIGNS_LEDGER = os.environ.get("CAMPAIGNS_LEDGER", "sqlite:///campaigns.sqlite3")
# Without a broker, tasks are files in the folder `queue`; this is enough to try it out.
CELERY_BROKER_URL = os.environ.get("CELERY_BROKER_URL", "filesystem://")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
if CELERY_BROKER_URL == "filesystem://":
    for name in ("messages", "control"):
        Path("queue", name).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": "queue/messages",
        "data_folder_out": "queue/messages",
        "control_folder": "queue/control",
    }
