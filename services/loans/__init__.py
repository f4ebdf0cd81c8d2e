"""Loans and works: when a book is due, and why."""
