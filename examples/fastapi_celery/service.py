"""A shop's service: an order is placed, and a task informs the customer: `uvicorn service:service`."""

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel
from tasks import app, outbox

from smsmanager.phone import InvalidNumberError, normalise_number

service = FastAPI()


class Order(BaseModel):
    """What a customer sends."""

    phone: str


@service.post("/orders/{number}", status_code=202)
def place(number: int, order: Order) -> dict[str, int]:
    """Place an order. A browser that repeats the request does not cause a second notice."""
    try:
        phone = normalise_number(order.phone)
    except InvalidNumberError as error:
        raise HTTPException(422, f"The number {error}.") from None
    app.send_task("tasks.notify", (number, f"Your order {number} is on its way.", phone))
    return {"order": number}


@service.get("/orders/{number}")
def show(number: int) -> dict[str, str | None]:
    """Show the state of the notice."""
    entry = outbox().find(f"order-{number}")
    return {"notice": None if entry is None else entry.state.value}
