"""Prepared messages, as Twilio's Content API keeps them: texts, files, buttons, lists, links, and their approval."""
