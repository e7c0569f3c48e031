"""What the tests agree on: our account at Twilio, and the address that it calls."""

ACCOUNT_SID = "AC" + "0123456789abcdef" * 2
AUTH_TOKEN = "the-token-of-the-tests"
BASE_URL = "http://127.0.0.1:8000"
