"""What a browser and a phone would do: request a code, read it in the sandbox's inbox, enter it."""

import os
import time

import httpx

shop = httpx.Client(base_url="http://127.0.0.1:8000")
phone = httpx.Client(base_url=os.environ["SMSMANAGER_BASE_URL"].removesuffix("/v2"))

sent = shop.post("/codes", json={"phone": "+420 777 123 456"}).raise_for_status().json()
print("sent:", sent["state"])

found = phone.get("/sandbox/messages/latest/extract", params={"to": "777123456"}).json()
for code in ("wrong", found["code"]):
    print("checked:", shop.post(f"/codes/{sent['id']}/check", json={"code": code}).json())

while (state := shop.get(f"/codes/{sent['id']}").json())["delivery"] != "delivered":
    time.sleep(0.1)
print("reported:", state["delivery"])
