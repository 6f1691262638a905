"""Personas: hypothetical buyers drafted from a company, a product and a source, then edited and saved."""
