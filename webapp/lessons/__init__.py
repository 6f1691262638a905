"""Lessons: courses, templates, and each lesson rewritten for one learner."""
