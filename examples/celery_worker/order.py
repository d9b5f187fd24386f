"""What a shop does when somebody places an order: `python order.py`."""

from tasks import app

for number in range(1, 4):
    app.send_task(
        "tasks.send_text",
        kwargs={
            "text": f"Your order {number} is on its way.",
            "to": f"+42077712345{number}",
            "reference": f"order-{number}",
        },
    )
print("3 tasks wait in the queue")
