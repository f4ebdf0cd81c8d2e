"""Readers, guardians and staff: who someone is and what they may do."""
