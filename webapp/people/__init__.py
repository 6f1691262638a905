"""Persons: everyone whose experience is personalized, with what they said of themselves."""
