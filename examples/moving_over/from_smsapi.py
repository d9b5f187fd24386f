"""Send a text to many, with one outcome each, instead of smsapi: `python from_smsapi.py`."""

from smsmanager import SmsManager

with SmsManager(sender="Shop", default_region="CZ") as client:
    result = client.send(
        "The office is closed today.", to=["777 123 456", "777 123 457"], tag="notices"
    )
    for recipient in result:
        print(recipient.given, recipient.status)
    credit = client.service.credit()
    print("currency of the credit:", credit.currency)
