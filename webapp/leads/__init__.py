"""Leads, and one scoring model for each salesperson."""
