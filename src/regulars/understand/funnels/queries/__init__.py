"""Funnels as Ibis expressions that run on any engine."""
