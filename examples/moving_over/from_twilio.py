"""Send a text at a set time, instead of twilio: `python from_twilio.py`."""

from datetime import UTC, datetime, timedelta

from smsmanager import SmsManager, SmsManagerError

numbers = ["+420777123456", "+421905123456"]
tomorrow = datetime.now(UTC) + timedelta(days=1)

with SmsManager(sender="Shop") as client:  # SMSMANAGER_API_KEY
    try:
        result = client.send("Our sale starts today.", to=numbers, at=tomorrow)
    except SmsManagerError as error:
        # It says what happened, and whether the same call can be repeated without anyone getting two.
        raise SystemExit(f"{error} Safe to repeat: {error.safe_to_retry}") from error
    for recipient in result:
        print(recipient.status)
        if recipient.message_id:
            client.service.cancel(recipient.message_id)
