"""The customer personalization service: preferences, behaviour, recommendations, offers, prices."""
