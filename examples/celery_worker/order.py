"""What a shop does when someone places an order: `python order.py`."""

from tasks import app

for number in range(1, 4):
    # Twice, as if the customer clicked twice, or the queue repeated a task.
    for _ in range(2):
        app.send_task(
            "tasks.send_text",
            kwargs={
                "text": f"Your order {number} is on its way.",
                "to": f"+42077712345{number}",
                "key": f"order-{number}-sent",
            },
        )
print("6 tasks wait in the queue")
