"""Fill the sandbox with sample data: two accounts, ten phones, every channel, and what can go wrong.

Everything goes the way it always does: requests are answered, time passes, recipients reply. With a
seed and a manual clock it is the same each time.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from smsmanager.sandbox._operations.answers import Call
from smsmanager.sandbox._operations.service import Service, fingerprint
from smsmanager.sandbox.engine.delivery_window import DAYS
from smsmanager.sandbox.engine.records.message_outcome import MagicNumber
from smsmanager.sandbox.engine.records.unix_time import moment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from smsmanager.sandbox._server.driver import Driver

SHOP_KEY = "demo-shop"
CLINIC_KEY = "demo-clinic"

_MINUTE_S = 60
_HOUR_S = 3600
# How far the clock moves: a sandbox that starts as much earlier ends at the present.
SPAN_S = 4 * _HOUR_S

JANA = "420777123456"
PETR = "420777123457"
EVA = "420602334455"
OMAR = "420731908172"
ZUZANA = "421905123456"
_IMAGES = "https://cdn.example.com/"


async def fill(service: Service, driver: Driver) -> None:
    """Send the sample messages, and let about four hours pass.

    Args:
        service: The service that takes them.
        driver: Lets time pass.
    """
    demo = _Demo(service, driver)
    end = service.engine.clock.now() + SPAN_S
    for scene in (_parcels, _restaurant, _clinic, _mistakes, _tonight):
        await scene(demo)
    await driver.advance(end - 2 * _MINUTE_S)
    await _right_now(demo)
    await driver.advance(end)


class _Demo:
    """A sender and recipient of sample messages."""

    def __init__(self, service: Service, driver: Driver) -> None:
        self._service = service
        self._engine = service.engine
        self._driver = driver
        self._operations = {
            (operation.method, operation.path): operation for operation in service.operations
        }

    async def send(
        self,
        to: Sequence[str],
        body: str | None = None,
        *,
        key: str = SHOP_KEY,
        path: str = "/message",
        wait_s: float = 20,
        **fields: Any,
    ) -> None:
        """Send a message, and let some time pass."""
        message = {"to": [{"phone_number": number} for number in to], **fields}
        if body is not None:
            message["body"] = body
        call = Call(
            path=f"/v2{path}",
            header_key=key,
            origin="http://127.0.0.1",
            content_type="application/json",
            query=b"",
            body=json.dumps(message).encode(),
        )
        self._service.answer(self._operations["POST", path], call)
        await self.wait(wait_s)

    async def reply(self, number: str, text: str, *, wait_s: float = 20) -> None:
        """Answer the newest message to a number."""
        self._engine.reply(text, to=next(self._engine.inbox.newest(to=number)))
        await self.wait(wait_s)

    def write(self, number: str, text: str, *, key: str) -> None:
        """Write from a number that answers nothing."""
        self._engine.receive(text, key=fingerprint(key), sender=number)

    def open_links(self) -> None:
        """Open the short links of the newest message, as its recipient would."""
        for link in next(self._engine.inbox.newest()).journey.links:
            self._engine.open_link(link.code)

    async def wait(self, seconds: float) -> None:
        """Let time pass."""
        await self._driver.advance(self._engine.clock.now() + seconds)

    def next_monday(self) -> str:
        """Return next Monday at seven, in UTC."""
        today = moment(self._engine.clock.now())
        monday = today + timedelta(days=7 - today.weekday())
        return monday.strftime("%Y-%m-%dT07:00:00Z")


def _viber(**fields: Any) -> Mapping[str, Any]:
    return {"viber": {"ttl": 5, "ttl_condition": "seen", **fields}}


async def _parcels(demo: _Demo) -> None:
    await demo.send(
        [JANA],
        "Your order A-17 is packed. Follow it at https://shop.example.com/orders/A-17 any time.",
        sender="Shop",
        tag="transactional",
        params={"_url": {"type": "full", "domain": "s.example.com"}},
        payload={"order": "A-17"},
    )
    demo.open_links()
    await demo.send(
        [PETR],
        "Dobrý den, vaše zásilka dnes dorazí mezi 14:00 a 16:00. Kurýr vám zavolá půl hodiny předem. "
        "Pokud nebudete doma, odpovězte POZDĚJI a domluvíme jiný čas.",
        sender="Shop",
        tag="transactional",
        payload={"order": "A-18"},
    )
    await demo.reply(PETR, "POZDĚJI")
    await demo.send(
        [JANA],
        sender="Shop",
        tag="transactional",
        flow=[
            {
                "whatsapp_template": {
                    "sender": "104512345678901",
                    "template_name": "order_shipped",
                    "language": "en",
                    "params": ["Jana", {"order_number": "A-17"}],
                    "params_header": [{"image": f"{_IMAGES}box.png"}],
                    "params_buttons": ["track/A-17", {"payload": "call-me"}],
                }
            }
        ],
        wait_s=4 * _MINUTE_S,
    )
    await demo.reply(JANA, "Great, thank you!", wait_s=_MINUTE_S)
    await demo.send(
        [JANA],
        flow=[
            {
                "whatsapp_text": {
                    "sender": "104512345678901",
                    "header": "Delivery",
                    "body": "Shall we leave the parcel with a neighbour if you are out?",
                    "footer": "Parcels Ltd.",
                    "buttons": [{"title": "Yes, please", "id": "neighbour"}, {"title": "No"}],
                }
            }
        ],
        tag="transactional",
        wait_s=_MINUTE_S,
    )
    await demo.reply(JANA, "Yes, please", wait_s=10 * _MINUTE_S)


async def _restaurant(demo: _Demo) -> None:
    await demo.send(
        [EVA],
        "Your table for two is ready at eight. See you soon!",
        sender="Bistro",
        tag="transactional",
        flow=[
            _viber(buttons=[{"title": "Directions", "url": "https://bistro.example.com/map"}]),
            {"sms": {"body": "Your table for two is ready at eight. bistro.example.com/map"}},
        ],
        payload={"booking": 2041},
        wait_s=7 * _MINUTE_S,
    )
    await demo.reply(EVA, "We are on our way \N{SMILING FACE WITH SMILING EYES}")
    await demo.send(
        [ZUZANA],
        "Lunch and dinner this week",
        sender="Bistro",
        tag="newsletter",
        flow=[
            {
                "rcs": {
                    "ttl": 15,
                    "carousel": [
                        {
                            "type": "medium",
                            "title": "Lunch",
                            "description": "Soup and a main course, 11:00 to 14:00.",
                            "file": f"{_IMAGES}lunch.jpg",
                            "buttons": [{"type": "reply", "text": "Book", "postback": "lunch"}],
                        },
                        {
                            "type": "medium",
                            "title": "Dinner",
                            "description": "Three courses from 18:00.",
                            "file": f"{_IMAGES}dinner.jpg",
                            "buttons": [{"type": "reply", "text": "Book", "postback": "dinner"}],
                        },
                    ],
                }
            },
            {"sms": {"body": "Lunch and dinner this week: bistro.example.com"}},
        ],
        wait_s=2 * _MINUTE_S,
    )
    await demo.reply(ZUZANA, "STOP", wait_s=_MINUTE_S)
    await demo.send(
        [ZUZANA, EVA],
        "Half price on desserts today. Reply STOP to opt out.",
        sender="Bistro",
        tag="promotional,newsletter",
        wait_s=5 * _MINUTE_S,
    )


async def _clinic(demo: _Demo) -> None:
    await demo.send(
        [OMAR],
        "مرحبا، موعدك غدا الساعة التاسعة صباحا. للإلغاء أرسل 1.",
        key=CLINIC_KEY,
        sender="Clinic",
        tag="transactional",
    )
    await demo.send(
        [EVA],
        "Your code is 481516. It is valid for five minutes.",
        key=CLINIC_KEY,
        path="/message/priority",
        sender="Clinic",
    )
    await demo.send(
        [OMAR],
        "Book a check-up?",
        key=CLINIC_KEY,
        sender="Clinic",
        tag="transactional",
        flow=[
            {
                "rcs": {
                    "card": {
                        "title": "Dr. Novotná",
                        "description": "Free on Thursday at 9:30.",
                        "file": f"{_IMAGES}clinic.jpg",
                        "buttons": [
                            {"type": "reply", "text": "Book", "postback": "book"},
                            {
                                "type": "url",
                                "text": "All times",
                                "postback": "times",
                                "url": "https://clinic.example.com/times",
                            },
                        ],
                    }
                }
            }
        ],
        wait_s=_MINUTE_S,
    )
    demo.write("420608111222", "Are you open on Saturday?", key=CLINIC_KEY)
    await demo.wait(10 * _MINUTE_S)


async def _mistakes(demo: _Demo) -> None:
    await demo.send([MagicNumber.UNDELIVERED], "Your parcel waits for you.", sender="Shop")
    await demo.send(["12345"], "This number is too short.", sender="Shop")
    await demo.send([MagicNumber.REJECTED], "This one is not even taken.", sender="Shop")
    await demo.send([JANA], "Hello", flow=[{"viber": {"ttl": 0.1}}])
    await demo.send([MagicNumber.DELIVERED], "Hello", sender="Shop", urgent=True)
    await demo.send([f"42077712{n:04}" for n in range(11)], "Eleven is one too many.")
    await demo.send(
        [PETR],
        "<b>Sale</b> starts & ends today; \"quotes\" and <script>alert('hi')</script> are just text.",
        sender="Shop",
        tag="transactional",
        wait_s=_MINUTE_S,
    )


async def _tonight(demo: _Demo) -> None:
    await demo.send(
        [JANA, PETR, EVA],
        "Naše zimní akce začíná v pondělí ráno. Těšíme se na vás!",
        sender="Shop",
        tag="winter-sale",
        datetime=demo.next_monday(),
        delivery_time={
            "days": list(DAYS[:5]),
            "start": "08:00",
            "end": "20:00",
            "tz": "Europe/Prague",
        },
        payload={"campaign": "winter-sale"},
    )


async def _right_now(demo: _Demo) -> None:
    await demo.send(
        [JANA],
        "This is your receipt.",
        flow=[
            {
                "whatsapp_text": {
                    "sender": "104512345678901",
                    "body": "This is your receipt.",
                    "image": {"link": f"{_IMAGES}receipt-17.png", "caption": "Receipt A-17"},
                }
            }
        ],
        tag="transactional",
        wait_s=30,
    )
    await demo.send(
        [EVA],
        "A table by the window is free tonight. Shall we keep it for you?",
        sender="Bistro",
        tag="transactional",
        flow=[
            _viber(buttons=[{"title": "Keep it", "url": "https://bistro.example.com/keep"}]),
            {"sms": {}},
        ],
        wait_s=30,
    )
