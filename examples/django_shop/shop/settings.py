"""Settings: the minimum for this shop; your project already has its own."""

import os
import secrets
import sys

SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY", "only for trying it out")
DEBUG = True
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "shop.urls"
INSTALLED_APPS = ["smsmanager.outbox.django_app", "shop"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": "shop.sqlite3",
        "TEST": {"NAME": "test.sqlite3"},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True

# SMSMANAGER_API_KEY and SMSMANAGER_BASE_URL are read by the client itself.
SMS_SENDER = "Shop"
if "test" in sys.argv:
    # Tests need no settings of yours, and do not report to a server that runs: nobody listens here.
    SMS_CALLBACK_URL = "http://127.0.0.1:9/sms"
    SMS_CALLBACK_SECRET = secrets.token_hex()
else:
    SMS_CALLBACK_URL = os.environ["CALLBACK_URL"]
    SMS_CALLBACK_SECRET = os.environ["CALLBACK_SECRET"]
