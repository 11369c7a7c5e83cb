"""What this machine remembers between two commands; losing it costs time. No third-party package is imported here."""
