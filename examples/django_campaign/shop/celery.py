"""The Celery app, with the tasks of campaigns: `celery -A shop worker -B`."""

import os

from celery import Celery
from django.conf import settings

from smsmanager.engines.celery import CeleryCampaigns

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
app = Celery("shop")
app.config_from_object("django.conf:settings", namespace="CELERY")
campaigns = CeleryCampaigns(app, settings.CAMPAIGNS_LEDGER)
