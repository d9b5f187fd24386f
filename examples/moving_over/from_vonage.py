"""Send a text with your reference, and another channel first, instead of vonage: `python from_vonage.py`."""

from smsmanager import OutcomeUnknownError, Sms, SmsManager, Viber, message_parts

TEXT = "Vaše zásilka je na cestě."  # outside GSM-7: two parts would begin at 71 characters

with SmsManager(sender="Shop", retries=0) as client:
    try:
        result = client.send(
            TEXT, to="420777123456", flow=[Viber(ttl=5), Sms()], reference="order-17"
        )
    except OutcomeUnknownError as error:
        result = client.settle(error)  # asks the service about it, and sends nothing
    print(result[0].status, result[0].reference, message_parts(TEXT).encoding)
