"""One send by each SDK: run by `bench.peers` in the environment of that SDK, so it imports nothing else.

`python peer_sends.py NAME URL WHAT COUNT` prints JSON. An SDK whose address cannot be set has a constant
or an attribute patched; vonage and infobip insist on https, so the scheme is changed below them.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import inspect
import json
import logging
import re
import socket
import sys
import time
from importlib import import_module as load
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = "Kq7vZ2mXw9PdTfR4"
NUMBER = "420777123456"
TEXT = "Zilch parcel waits"
_CAP_S = 0.5


def httpx(url: str) -> Callable[[], object]:
    client = load("httpx").Client(base_url=url, headers={"x-api-key": KEY})

    def send() -> object:
        answer = client.post("/message", json={"body": TEXT, "to": [{"phone_number": NUMBER}]})
        answer.raise_for_status()
        return answer.json()

    return send


def aiohttp_async(url: str) -> Callable[[], object]:
    session = load("aiohttp").ClientSession(headers={"x-api-key": KEY})

    async def send() -> object:
        body = {"body": TEXT, "to": [{"phone_number": NUMBER}]}
        async with session.post(f"{url}/message", json=body, raise_for_status=True) as answer:
            return await answer.json()

    return send


def smsmanager(url: str) -> Callable[[], object]:
    client = load("smsmanager").SmsManager(KEY, base_url=url)
    return lambda: client.send(TEXT, to=NUMBER)


def smsmanager_async(url: str) -> Callable[[], object]:
    client = load("smsmanager").AsyncSmsManager(KEY, base_url=url)

    async def send() -> object:
        return await client.send(TEXT, to=NUMBER)

    return send


def twilio(url: str) -> Callable[[], object]:
    client = load("twilio.rest").Client("AC1", KEY)
    client.api.base_url = url
    return lambda: client.messages.create(to=f"+{NUMBER}", from_="+420777000000", body=TEXT)


def twilio_async(url: str) -> Callable[[], object]:
    http = load("twilio.http.async_http_client").AsyncTwilioHttpClient()
    client = load("twilio.rest").Client("AC1", KEY, http_client=http)
    client.api.base_url = url

    async def send() -> object:
        return await client.messages.create_async(to=f"+{NUMBER}", from_="+420777000000", body=TEXT)

    return send


def vonage(url: str) -> Callable[[], object]:
    package, messages = load("vonage"), load("vonage_messages")
    host = url.removeprefix("http://")
    options = package.HttpClientOptions(api_host=host)
    client = package.Vonage(package.Auth(api_key="a1b2c3d4", api_secret=KEY), options)
    adapter = client.http_client._adapter  # noqa: SLF001
    below = adapter.send

    def plain(request: Any, **options: Any) -> Any:
        request.url = request.url.replace("https://", "http://", 1)
        return below(request, **options)

    adapter.send = plain
    return lambda: client.messages.send(messages.Sms(to=NUMBER, from_="Shop", text=TEXT))


def messagebird(url: str) -> Callable[[], object]:
    vars(load("messagebird.client"))["ENDPOINT"] = f"{url}/"
    client = load("messagebird").Client(KEY)
    return lambda: client.message_create("Shop", [NUMBER], TEXT)


def plivo(url: str) -> Callable[[], object]:
    vars(load("plivo.rest.client"))["PLIVO_API_BASE_URI"] = f"{url}/v1/Account"
    client = load("plivo").RestClient("MA" + "X" * 18, KEY)
    return lambda: client.messages.create(src="420777000000", dst=NUMBER, text=TEXT)


def telnyx(url: str) -> Callable[[], object]:
    client = load("telnyx").Telnyx(api_key=KEY, base_url=url)
    return lambda: client.messages.send(to=f"+{NUMBER}", from_="+420777000000", text=TEXT)


def sinch(url: str) -> Callable[[], object]:
    client = load("sinch").SinchClient(service_plan_id="plan", sms_api_token=KEY, sms_region="eu")
    client.configuration.sms_origin_with_service_plan_id = url
    return lambda: client.sms.batches.send_sms(to=[NUMBER], from_="Shop", body=TEXT)


def smsapi(url: str) -> Callable[[], object]:
    client = load("smsapi.client").Client(f"{url}/", access_token=KEY)
    return lambda: client.sms.send(to=NUMBER, message=TEXT)


def infobip(url: str) -> Callable[[], object]:
    package = load("infobip_api_client")
    configuration = package.Configuration(host=url.replace("http://", "https://"), api_key=KEY)
    configuration._base_path = url  # noqa: SLF001
    api = load("infobip_api_client.api.sms_api").SmsApi(package.ApiClient(configuration))
    models = load("infobip_api_client.models")

    def send() -> object:
        content = models.SmsMessageContent(models.SmsTextContent(text=TEXT))
        message = models.SmsMessage(
            sender="Shop", destinations=[models.SmsDestination(to=NUMBER)], content=content
        )
        return api.send_sms_messages(models.SmsRequest(messages=[message]))

    return send


def clicksend(url: str) -> Callable[[], object]:
    package = load("clicksend")
    configuration = package.Configuration(host=url, username="shop", password=KEY)
    api = package.SmsApi(package.ApiClient(configuration))

    def send() -> object:
        one = package.SendSmsRequestMessagesInner(body=TEXT, to=f"+{NUMBER}")
        return api.send_sms(send_sms_request=package.SendSmsRequest(messages=[one]))

    return send


def svix(url: str) -> Callable[[], object]:
    api = load("svix.api")
    client = api.Svix(KEY, api.SvixOptions(server_url=url))

    def send() -> object:
        payload = {"to": NUMBER, "text": TEXT}
        return client.message.create("app", api.MessageIn(event_type="sms", payload=payload))

    return send


def cost(send: Callable[[], Any], count: int) -> float:
    """Return microseconds of CPU time of a send, after a tenth of them to warm up."""
    for _ in range(count // 10):
        send()
    began = time.process_time()
    for _ in range(count):
        send()
    return (time.process_time() - began) / count * 1e6


async def cost_async(make: Callable[[str], Any], url: str, count: int) -> float:
    """Return the same of an asynchronous client."""
    send = make(url)
    for _ in range(count // 10):
        await send()
    began = time.process_time()
    for _ in range(count):
        await send()
    return (time.process_time() - began) / count * 1e6


def timeouts() -> list[float | None]:
    """Shorten the timeout of every socket from here on; return a list of those that are asked for."""
    asked: list[float | None] = []
    below = socket.socket.settimeout

    def capped(self: socket.socket, value: float | None) -> None:
        if value != 0 and value not in asked:
            asked.append(value)
        below(self, value if value is None else min(value, _CAP_S))

    socket.socket.settimeout = capped  # type: ignore[method-assign, assignment]
    return asked


def leaks(make: Callable[[str], Any], url: str) -> list[str]:
    """Send three times, the last of which fails; return what the log at DEBUG and a repr show."""
    shown: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            shown.append(record.getMessage())

    logging.basicConfig(level=logging.DEBUG, handlers=[Kept()])
    for name in tuple(logging.root.manager.loggerDict):
        logging.getLogger(name).setLevel(logging.DEBUG)
    send = make(url)
    for _ in range(3):
        with contextlib.suppress(Exception):
            send()
    log = _decoded("\n".join(shown))
    objects = list(inspect.getclosurevars(send).nonlocals.values())
    for _ in range(2):
        objects += [
            one for each in objects for one in vars(each).values() if hasattr(one, "__dict__")
        ]
    reprs = _decoded("\n".join(map(repr, objects)))
    places = {"log": log, "repr": reprs}
    secrets = {"key": KEY, "number": NUMBER, "text": TEXT}
    return [
        f"{what} in {place}"
        for place, said in places.items()
        for what, secret in secrets.items()
        if secret in said
    ]


def _decoded(said: str) -> str:
    """Return a text followed by whatever in it may be Base64, decoded, such as an Authorization header."""
    for word in re.findall(r"[A-Za-z0-9+/]{16,}={0,2}", said):
        with contextlib.suppress(ValueError):
            said += "\n" + base64.b64decode(word + "=" * (-len(word) % 4)).decode("latin-1")
    return said


def main(name: str, url: str, what: str, count: int) -> object:
    """Do what `bench.peers` asks for."""
    make = globals()[name]
    if what == "cost" and name.endswith("_async"):
        return asyncio.run(cost_async(make, url, count))
    if what == "cost":
        return cost(make(url), count)
    if what == "leaks":
        return leaks(make, url)
    asked = timeouts() if what == "silent" else []
    send = make(url)
    try:
        said = type(send()).__name__
    except Exception as error:  # noqa: BLE001 - whatever the SDK raises is what is asked for
        said = type(error).__name__
    return {"said": said, "timeouts_s": asked}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))))
