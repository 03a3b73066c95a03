"""Offer: what do we give?"""
