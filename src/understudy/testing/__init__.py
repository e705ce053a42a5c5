"""Understudy inside tests."""
