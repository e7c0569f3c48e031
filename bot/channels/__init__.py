"""How we speak: WhatsApp, SMS; rendering a reply as numbered text and segments."""
