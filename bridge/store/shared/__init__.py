"""The store that a team shares: a bucket or a folder with results, receipts, claims and the books of the days."""
