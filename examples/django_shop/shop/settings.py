"""Settings: the least that this shop needs; yours are there already."""

import os
import sys

SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY", "only for trying it out")
DEBUG = True
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "shop.urls"
INSTALLED_APPS = ["shop"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "shop.sqlite3"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True

# SMSMANAGER_API_KEY and SMSMANAGER_BASE_URL are read by the client itself.
SMS_SENDER = "Shop"
SMS_CALLBACK_URL = os.environ["CALLBACK_URL"]
SMS_CALLBACK_SECRET = os.environ["CALLBACK_SECRET"]
SMS_TRACKER_URL = os.environ.get("TRACKER_URL", "sqlite:///reports.db")
if "test" in sys.argv:
    SMS_TRACKER_URL = ""  # in memory, apart from the real reports
