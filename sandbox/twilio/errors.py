"""Twilio's error codes, and the JSON that carries one."""

from typing import Any

_TEXTS: dict[int, tuple[int, str]] = {
    20001: (400, "Invalid parameter"),
    20003: (401, "Authenticate"),
    20004: (405, "Method not allowed"),
    20009: (409, "Cannot delete this resource before it is complete"),
    20404: (404, "The requested resource was not found"),
    20429: (429, "Too Many Requests"),
    20500: (500, "An internal server error has occurred"),
    20503: (503, "Service unavailable"),
    21211: (400, "Invalid 'To' Phone Number"),
    21212: (400, "Invalid From Number"),
    21408: (400, "Permission to send an SMS has not been enabled for the region indicated by the 'To' number"),
    21602: (400, "Message body is required."),
    21603: (400, "A 'From' phone number is required."),
    21604: (400, "A 'To' phone number is required."),
    21606: (400, "The 'From' phone number provided is not a valid message-capable Twilio phone number"),
    21609: (400, "The 'StatusCallback' URL is not a valid URL."),
    21610: (400, "Attempt to send to unsubscribed recipient"),
    21611: (400, "This 'From' number has exceeded the maximum number of queued messages"),
    21612: (400, "Message cannot be sent with the current combination of 'To' and/or 'From' parameters"),
    21614: (400, "'To' number is not a valid mobile number"),
    21617: (400, "The concatenated message body exceeds the 1600 character limit"),
    21620: (400, "Invalid media URL(s)"),
    21623: (400, "Number of media files exceeds allowed limit"),
    21624: (400, "The 'ValidityPeriod' value is invalid"),
    21654: (400, "ContentSid Required"),
    21655: (400, "The ContentSid is Invalid"),
    21656: (400, "The ContentVariables Parameter is invalid"),
    21701: (404, "The Messaging Service does not exist"),
    21703: (400, "The Messaging Service does not have a phone number available to send a message"),
    21910: (400, "Invalid 'From' and 'To' pair. 'From' and 'To' should be of the same channel"),
    30001: (400, "Queue overflow"),
    30003: (400, "Unreachable destination handset"),
    30004: (400, "Message blocked"),
    30005: (400, "Unknown destination handset"),
    30006: (400, "Landline or unreachable carrier"),
    30007: (400, "Message filtered"),
    30008: (400, "Unknown error"),
    30018: (400, "Destination carrier requires sender ID pre-registration"),
    30409: (409, "Message cannot be canceled"),
    35111: (400, "SendAt timestamp is missing or ScheduleType is invalid"),
    35114: (400, "SendAt time must be between 15 minutes and 35 days in advance"),
    35118: (400, "MessagingServiceSid is required to schedule a message"),
    63003: (400, "Channel could not find To address"),
    63005: (400, "Channel did not accept given content"),
    63007: (400, "Could not find a Channel with the specified From address"),
    63013: (400, "Message violates the channel provider's policy"),
    63016: (400, "Failed to send freeform message because you are outside the allowed window"),
    63018: (400, "Rate limit exceeded for Channel"),
    63019: (400, "Media failed to download"),
    63021: (400, "Channel invalid content error"),
    63024: (400, "Invalid message recipient"),
    63026: (400, "Message undelivered because the sender was flagged"),
    63031: (400, "Channels message cannot have same From and To"),
    63032: (400, "User cannot receive this message due to WhatsApp limitation"),
    63033: (400, "Recipient blocked from receiving message"),
    63040: (400, "Template rejected"),
    63041: (400, "Template paused"),
    63042: (400, "Template disabled"),
    63049: (400, "Meta chose not to deliver this WhatsApp marketing message"),
    92001: (400, "'types' Parameter Required"),
    92002: (400, "Invalid content type"),
    92003: (400, "Invalid language. Language is required"),
    92004: (400, "Invalid language code"),
    92007: (400, "The Content Variables Parameter is invalid"),
    216602: (400, "Content Type is not supported on this channel"),
}

# What the network says after it took the message; every other late code means that it was never handed over.
_UNDELIVERED = frozenset({30003, 30004, 30005, 30006, 30007, 30008, 63024, 63026, 63032, 63033, 63049})


def text_of(code: int) -> str:
    return _TEXTS[code][1] if code in _TEXTS else f"Error {code}"


def final_status_for(code: int) -> str:
    """How a message ends that was accepted and then met this error."""
    return "undelivered" if code in _UNDELIVERED else "failed"


class ApiError(Exception):
    """Ends a REST call with Twilio's error document."""

    def __init__(self, code: int, detail: str | None = None, http_status: int | None = None) -> None:
        super().__init__(detail or text_of(code))
        self.code = code
        self.http_status = http_status or _TEXTS.get(code, (400, ""))[0]

    def document(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "message": str(self),
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.http_status,
        }


class BadRequestError(Exception):
    """A call to the control interface that can't be carried out; the text says why."""
