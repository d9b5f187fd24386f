"""Send a text, and repeat it if that is safe, instead of requests: `python from_requests.py`."""

from smsmanager import SmsManager, SmsManagerError

with SmsManager() as client:
    try:
        # A request that was certainly not taken is repeated here, for at most 60 seconds.
        result = client.send("Your parcel is on its way.", to="+420 777 123 456", deadline_s=60)
    except SmsManagerError as error:
        if not error.request_may_be_taken:
            raise  # Nothing was sent.
        result = client.settle(error)  # asks the service about it, and sends nothing
    print(result[0].status)
