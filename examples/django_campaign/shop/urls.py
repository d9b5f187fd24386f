"""Start a campaign, and show its progress. Protect both with a login."""

from collections.abc import Iterator

from django.conf import settings
from django.http import Http404, HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from shop.celery import campaigns
from smsmanager.campaigns import Campaign, CampaignExistsError, CampaignNotFoundError, Row


def customers() -> Iterator[Row]:
    """Yield a row for each customer; yours come from a table."""
    for number in range(1, 251):
        yield Row(
            number, f"+42077712{number:04}", f"Dear customer {number}, our sale starts today."
        )


@csrf_exempt
def campaign(request: HttpRequest, name: str) -> JsonResponse:
    """Start a campaign, once; or show its progress."""
    if request.method == "POST":
        try:
            Campaign.create(settings.CAMPAIGNS_LEDGER, customers(), name=name).close()
        except CampaignExistsError:
            return JsonResponse({"error": "there is such a campaign"}, status=409)
        campaigns.start(name)
        return JsonResponse({"started": name}, status=202)
    try:
        with Campaign.open(settings.CAMPAIGNS_LEDGER, name=name) as opened:
            counts = opened.status().counts
    except CampaignNotFoundError:
        raise Http404 from None
    return JsonResponse({state.value: count for state, count in counts.items() if count})


urlpatterns = [path("campaigns/<str:name>", campaign)]
