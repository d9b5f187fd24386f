"""A text, and a repetition where that is safe, after requests: `python from_requests.py`."""

from smsmanager import SmsManager, SmsManagerError

with SmsManager() as client:
    try:
        # What was certainly not taken is repeated here, for 60 seconds at most.
        result = client.send("Your parcel is on its way.", to="+420 777 123 456", deadline_s=60)
    except SmsManagerError as error:
        if not error.request_may_be_taken:
            raise  # Nothing was sent.
        result = client.settle(error)  # asks what became of it, and sends nothing
    print(result[0].status)
