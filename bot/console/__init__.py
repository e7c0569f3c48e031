"""The console: pages for staff, in a browser. It stands on the services of the staff API and decides nothing itself."""
