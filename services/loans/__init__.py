"""Loans: when a book is due, and why."""
