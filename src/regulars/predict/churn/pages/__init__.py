"""The screens of the churn warning: the list with the book's course, the four views, how good it is, and a customer's own risk."""

from regulars.predict.churn.pages import customer, listing, quality, views

__all__ = ["customer", "listing", "quality", "views"]
