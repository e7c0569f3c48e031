"""An emulator of Twilio's messaging, with a phone on a web page to write to the service from."""
